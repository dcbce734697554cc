//! What a request decides is not left to dice, and what a consumer writes is its own.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::client::RawAnswer;
use crate::support::double::Double;

const TOKEN: &str = "Bearer 3f9a7c51d2e84b06a1c9e7f35d20b864";

/// A backend of notes behind a token that it hands out itself.
fn notes() -> Backend {
    let held: Mutex<(u64, BTreeMap<u64, Value>)> = Mutex::default();
    Backend::start(move |connection| {
        while let Some((head, body)) = connection.read_request() {
            let method = head.line.split(' ').next().unwrap_or_default().to_owned();
            let mut notes = held.lock().expect("no panic");
            let authorised = head.get("authorization") == Some(TOKEN);
            let (status, answer) = match head.path() {
                "/token" => (200, json!({"token": TOKEN.trim_start_matches("Bearer ")})),
                _ if !authorised => (401, json!({"error": "no valid token"})),
                path => note(&method, path, &body, &mut notes),
            };
            drop(notes);
            let text = if status == 204 { String::new() } else { answer.to_string() };
            connection.write(
                format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\n\r\n{text}",
                    text.len()
                )
                .as_bytes(),
            );
        }
    })
}

fn note(
    method: &str,
    path: &str,
    body: &[u8],
    (last, notes): &mut (u64, BTreeMap<u64, Value>),
) -> (u16, Value) {
    let sent: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let id = path.strip_prefix("/notes/").and_then(|id| id.parse::<u64>().ok());
    let missing = || (404, json!({"error": "no such note"}));
    match (method, id) {
        ("GET", None) => (200, notes.values().cloned().collect()),
        ("POST", None) if sent["title"].is_null() => (422, json!({"error": "title is missing"})),
        ("POST", None) => {
            *last += 1;
            let mut made = sent;
            made["id"] = json!(*last);
            notes.insert(*last, made.clone());
            (201, made)
        }
        ("GET", Some(id)) => notes.get(&id).map_or_else(missing, |note| (200, note.clone())),
        ("PUT", Some(id)) if notes.contains_key(&id) => {
            let mut made = sent;
            made["id"] = json!(id);
            notes.insert(id, made.clone());
            (200, made)
        }
        ("DELETE", Some(id)) => notes.remove(&id).map_or_else(missing, |_| (204, Value::Null)),
        _ => missing(),
    }
}

fn send(double: &Double, line: (&str, &str), body: &Value, headers: &[(&str, &str)]) -> RawAnswer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let headers: Vec<(&str, &str)> =
        headers.iter().copied().chain([("content-type", "application/json")]).collect();
    double.request(line.0, line.1, &headers, body.as_bytes())
}

/// A double that has seen all kinds of requests, some twenty times each.
fn learned(backend: &Backend) -> Double {
    let double = Double::in_front_of(backend.url());
    let token = [("authorization", TOKEN)];
    for n in 0..20 {
        double.get("/token");
        double.get("/notes");
        let title = format!("note {n}");
        let made =
            send(&double, ("POST", "/notes"), &json!({"title": title, "done": n % 2 == 0}), &token);
        send(&double, ("POST", "/notes"), &json!({"done": true}), &token);
        send(&double, ("GET", "/notes"), &Value::Null, &[("authorization", "Bearer forged")]);
        let path = format!("/notes/{}", made.json()["id"]);
        send(&double, ("GET", &path), &Value::Null, &token);
        send(&double, ("PUT", &path), &json!({"title": "again", "done": false}), &token);
        send(&double, ("GET", &format!("/notes/{}", 5_000 + n)), &Value::Null, &token);
        send(&double, ("GET", "/notes"), &Value::Null, &token);
        if n % 2 == 0 {
            send(&double, ("DELETE", &path), &Value::Null, &token);
            send(&double, ("GET", &path), &Value::Null, &token);
        }
    }
    double.flush();
    double
}

#[test]
fn invariant_12_an_outcome_has_a_reason_or_is_chance_and_says_which() {
    let double = learned(&notes());
    let mocked = |line: (&str, &str), body: &Value, token: Option<&str>| {
        let mut headers = vec![("x-mock-enabled", "true"), ("x-mock-session", "reasons")];
        headers.extend(token.map(|token| ("authorization", token)));
        let answer = send(&double, line, body, &headers);
        (answer.status, answer.get("x-mock-reason").unwrap_or_default().to_owned())
    };
    let issued = double.mock_with("/token", &[("x-mock-session", "reasons")]).json();
    let issued = format!("Bearer {}", issued["token"].as_str().expect("a token"));
    for _ in 0..10 {
        let list = ("GET", "/notes");
        assert_eq!(mocked(list, &Value::Null, Some(TOKEN)).0, 200, "learned");
        assert_eq!(mocked(list, &Value::Null, Some(&issued)).0, 200, "issued by the double");
        let (status, reason) = mocked(list, &Value::Null, Some("Bearer altered"));
        assert_eq!(status, 401);
        assert!(reason.contains("credential"), "{reason}");
        assert_eq!(mocked(list, &Value::Null, None).0, 401);
        let (status, reason) = mocked(("GET", "/notes/9000"), &Value::Null, Some(TOKEN));
        assert_eq!((status, reason.as_str()), (404, "entity-unknown"));
        let (status, reason) = mocked(("POST", "/notes"), &json!({"done": true}), Some(TOKEN));
        assert_eq!(status, 422);
        assert!(reason.contains("body"), "{reason}");
    }
}

#[test]
fn invariant_13_consumers_never_see_each_others_writes() {
    let double = learned(&notes());
    let as_consumer = |name: &'static str| {
        let double = &double;
        move |method: &str, path: &str, body: Value| {
            let headers =
                [("x-mock-enabled", "true"), ("x-mock-session", name), ("authorization", TOKEN)];
            send(double, (method, path), &body, &headers)
        }
    };
    let (ana, ben) = (as_consumer("ana"), as_consumer("ben"));
    let before = ana("GET", "/notes", Value::Null).json().as_array().expect("a list").len();
    let mut ids = Vec::new();
    for n in 0..5 {
        let made = ana("POST", "/notes", json!({"title": format!("of ana {n}"), "done": true}));
        assert_eq!(made.status, 201);
        ids.push(made.json()["id"].as_u64().expect("an id"));
    }
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "new ids are new: {ids:?}");
    let path = format!("/notes/{}", ids[0]);
    assert_eq!(ana("GET", &path, Value::Null).json()["title"], "of ana 0");
    assert_eq!(ben("GET", &path, Value::Null).status, 404);
    assert_eq!(
        ana("GET", "/notes", Value::Null).json().as_array().expect("a list").len(),
        before + 5
    );
    assert!(!ben("GET", "/notes", Value::Null).text().contains("of ana"));
    ana("PUT", &path, json!({"title": "changed", "done": false}));
    assert_eq!(ana("GET", &path, Value::Null).json()["title"], "changed");
    assert_eq!(ana("DELETE", &path, Value::Null).status, 204);
    assert_eq!(ana("GET", &path, Value::Null).status, 404);
    assert_eq!(
        ana("GET", "/notes", Value::Null).json().as_array().expect("a list").len(),
        before + 4
    );
}
