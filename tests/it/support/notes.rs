//! A backend of notes behind a token, and a double that has learned it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::backend::Backend;
use super::client::RawAnswer;
use super::double::Double;

/// The credential that the backend hands out and asks for.
pub const TOKEN: &str = "Bearer 3f9a7c51d2e84b06a1c9e7f35d20b864";

/// A backend of notes behind a token that it hands out itself.
pub fn notes() -> Backend {
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

/// One request with a JSON body.
pub fn send(
    double: &Double,
    line: (&str, &str),
    body: &Value,
    headers: &[(&str, &str)],
) -> RawAnswer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let headers: Vec<(&str, &str)> =
        headers.iter().copied().chain([("content-type", "application/json")]).collect();
    double.request(line.0, line.1, &headers, body.as_bytes())
}

/// A double that has seen all kinds of requests, some twenty times each.
pub fn learned(backend: &Backend) -> Double {
    let double = Double::in_front_of(backend.url());
    teach(&double);
    double
}

/// Sends all kinds of requests, some twenty times each, and flushes.
pub fn teach(double: &Double) {
    let token = [("authorization", TOKEN)];
    for n in 0..20 {
        double.get("/token");
        double.get("/notes");
        let title = format!("note {n}");
        let made =
            send(double, ("POST", "/notes"), &json!({"title": title, "done": n % 2 == 0}), &token);
        send(double, ("POST", "/notes"), &json!({"done": true}), &token);
        send(double, ("GET", "/notes"), &Value::Null, &[("authorization", "Bearer forged")]);
        let path = format!("/notes/{}", made.json()["id"]);
        send(double, ("GET", &path), &Value::Null, &token);
        send(double, ("PUT", &path), &json!({"title": "again", "done": false}), &token);
        send(double, ("GET", &format!("/notes/{}", 5_000 + n)), &Value::Null, &token);
        send(double, ("GET", "/notes"), &Value::Null, &token);
        if n % 2 == 0 {
            send(double, ("DELETE", &path), &Value::Null, &token);
            send(double, ("GET", &path), &Value::Null, &token);
        }
    }
    double.flush();
}
