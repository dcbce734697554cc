//! What a request decides is not left to dice, and what a consumer writes is its own.

use serde_json::{Value, json};

use crate::support::client::RawClient;
use crate::support::notes::{TOKEN, learned, notes, send};

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

/// Consumers that live their lives at once, the life cycles of each, and the connections they share.
const CONSUMERS: usize = 200;
const ROUNDS: usize = 50;
const CONNECTIONS: usize = 20;

/// What one consumer asks on its connection, and what comes back.
fn ask(
    client: &mut RawClient,
    consumer: usize,
    (method, path): (&str, &str),
    body: &str,
) -> (u16, Value) {
    client.send(
        format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nx-mock-enabled: true\r\n\
             x-mock-session: life-{consumer}\r\n\
             authorization: {TOKEN}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
    let answer = client.answer().expect("an answer");
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

/// Creates, reads, changes, finds and deletes; what it made last time is to be gone.
fn live(client: &mut RawClient, consumer: usize, round: usize) {
    let title = format!("of {consumer} in {round}");
    let sent = json!({"title": title, "done": false}).to_string();
    let (status, made) = ask(client, consumer, ("POST", "/notes"), &sent);
    assert_eq!(status, 201, "{made}");
    let path = format!("/notes/{}", made["id"]);
    let (status, read) = ask(client, consumer, ("GET", &path), "");
    assert_eq!((status, &read["title"]), (200, &json!(title)));
    let sent = json!({"title": title, "done": true}).to_string();
    assert_eq!(ask(client, consumer, ("PUT", &path), &sent).0, 200);
    let (_, list) = ask(client, consumer, ("GET", "/notes"), "");
    let titles = list.as_array().expect("a list").iter().map(|note| note["title"].to_string());
    let own: Vec<String> = titles.filter(|title| title.starts_with("\"of ")).collect();
    assert_eq!(own, [json!(title).to_string()], "nothing of others, nothing lost, nothing old");
    assert_eq!(ask(client, consumer, ("DELETE", &path), "").0, 204);
    assert_eq!(ask(client, consumer, ("GET", &path), "").0, 404);
}

#[test]
fn two_hundred_consumers_at_once_lose_nothing_and_see_nothing_of_each_other() {
    let double = learned(&notes());
    let at_once = json!({ "latency_scale": 0 });
    assert_eq!(double.admin_json("PATCH", "/settings", &at_once).status, 200);
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let double = &double;
            scope.spawn(move || {
                let mut client = RawClient::connect(double.addr);
                for round in 0..ROUNDS {
                    for consumer in (connection..CONSUMERS).step_by(CONNECTIONS) {
                        live(&mut client, consumer, round);
                    }
                }
            });
        }
    });
}
