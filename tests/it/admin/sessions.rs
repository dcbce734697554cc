//! Sessions are shown, loaded, based on one another, and reset.

use serde_json::{Value, json};

use super::{problem, refused_field};
use crate::support::client::RawAnswer;
use crate::support::double::Double;
use crate::support::notes::{TOKEN, learned, notes, send, teach};

fn mocked(double: &Double, session: &str, line: (&str, &str), body: &Value) -> RawAnswer {
    let headers =
        [("x-mock-enabled", "true"), ("x-mock-session", session), ("authorization", TOKEN)];
    send(double, line, body, &headers)
}

fn state(answer: &RawAnswer) -> &str {
    answer.get("x-mock-session-state").unwrap_or_default()
}

#[test]
fn what_a_session_wrote_is_shown_and_gone_after_its_reset() {
    let double = learned(&notes());
    let none = Value::Null;
    let made = mocked(&double, "ana", ("POST", "/notes"), &json!({"title": "milk", "done": false}));
    assert_eq!((made.status, state(&made)), (201, "new"), "{}", made.text());
    let id = made.json()["id"].clone();
    let path = format!("/notes/{id}");
    let read = mocked(&double, "ana", ("GET", &path), &none);
    assert_eq!((read.status, state(&read)), (200, "kept"));
    let listed = double.admin("GET", "/sessions?search=ana").json();
    assert_eq!(listed["items"][0]["name"], "ana", "{listed}");
    assert!(listed["items"][0]["entities"].as_u64() >= Some(1), "{listed}");
    assert!(listed["items"][0]["bytes"].as_u64() >= Some(100), "{listed}");
    let held = double.admin("GET", "/sessions/ana/entities").json();
    let notes = held["entities"]["/notes"].as_array().expect("notes");
    assert!(notes.iter().any(|note| note["id"] == id && note["title"] == "milk"), "{held}");
    let metrics = double.admin("GET", "/metrics").text();
    assert!(metrics.contains("stunt_double_sessions "), "{metrics}");
    let reset = double.admin("DELETE", "/sessions/ana");
    assert_eq!(reset.json(), json!({"name": "ana", "reset": true}));
    problem(&double.admin("GET", "/sessions/ana"), 404, "not-found");
    problem(&double.admin("DELETE", "/sessions/ana"), 404, "not-found");
    let read = mocked(&double, "ana", ("GET", &path), &none);
    assert_eq!((read.status, state(&read)), (404, "new"));
}

#[test]
fn a_fixture_is_loaded_and_others_begin_as_it() {
    let double = learned(&notes());
    let none = Value::Null;
    let fixture = json!({
        "entities": {"/notes": [{"id": 901, "title": "of the fixture", "done": true}]},
        "deleted": {"/notes": [1]}
    });
    let loaded = double.admin_json("PUT", "/sessions/shop", &fixture);
    assert_eq!(loaded.status, 200, "{}", loaded.text());
    assert_eq!(mocked(&double, "shop", ("GET", "/notes/901"), &none).status, 200);
    let first = mocked(&double, "ci; from=shop", ("GET", "/notes/901"), &none);
    assert_eq!((first.status, state(&first)), (200, "new"), "{}", first.text());
    assert_eq!(first.json()["title"], "of the fixture");
    assert_eq!(mocked(&double, "ci", ("GET", "/notes/1"), &none).status, 404);
    assert_eq!(mocked(&double, "ci", ("DELETE", "/notes/901"), &none).status, 204);
    assert_eq!(mocked(&double, "ci", ("GET", "/notes/901"), &none).status, 404);
    assert_eq!(mocked(&double, "shop", ("GET", "/notes/901"), &none).status, 200, "its own copy");
    let held = double.admin("GET", "/sessions/shop/entities").json();
    let again = double.admin_json("PUT", "/sessions/copy", &held);
    assert_eq!(again.status, 200, "what is shown can be loaded: {}", again.text());
    assert_eq!(double.admin("GET", "/sessions/copy/entities").json(), held);
    let odd = json!({"entities": {"/nothing": [{"id": 1}]}});
    let refused = double.admin_json("PUT", "/sessions/odd", &odd);
    refused_field(&refused, 422, "entities./nothing");
    let odd = double.admin_json("PUT", "/sessions/odd", &json!({"from": "nobody"}));
    refused_field(&odd, 422, "from");
    let unknown = mocked(&double, "new; from=nobody", ("GET", "/notes"), &none);
    problem(&unknown, 400, "steering-invalid");
}

#[test]
fn consumers_are_told_apart_by_what_the_settings_name() {
    let backend = notes();
    let flags = ["--consumer-from", "header:x-user"];
    let double = Double::with(&flags).target(backend.url()).start();
    teach(&double);
    let ask = |user: &str, line: (&str, &str), body: &Value| {
        let headers = [("x-mock-enabled", "true"), ("authorization", TOKEN), ("x-user", user)];
        send(&double, line, body, &headers)
    };
    let made = ask("ana@example.org", ("POST", "/notes"), &json!({"title": "a", "done": true}));
    assert_eq!(made.status, 201);
    let path = format!("/notes/{}", made.json()["id"]);
    assert_eq!(ask("ana@example.org", ("GET", &path), &Value::Null).status, 200);
    assert_eq!(ask("ben@example.org", ("GET", &path), &Value::Null).status, 404);
    let listed = double.admin("GET", "/sessions").text();
    assert!(!listed.contains("ana@"), "what tells consumers apart is not shown: {listed}");
}

#[test]
fn what_consumers_wrote_outlives_a_restart_where_sessions_are_stored_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let backend = notes();
    let start = |kept: &'static str| {
        Double::with(&["--sessions", kept]).database(&database).target(backend.url()).start()
    };
    let double = start("stored");
    teach(&double);
    let made = mocked(&double, "ana", ("POST", "/notes"), &json!({"title": "milk", "done": true}));
    let path = format!("/notes/{}", made.json()["id"]);
    let gone = mocked(&double, "ana", ("POST", "/notes"), &json!({"title": "tea", "done": true}));
    let gone = format!("/notes/{}", gone.json()["id"]);
    mocked(&double, "ana", ("DELETE", &gone), &Value::Null);
    double.flush();
    double.stop().expect("it ends well");

    let double = start("stored");
    let read = mocked(&double, "ana", ("GET", &path), &Value::Null);
    assert_eq!((read.status, state(&read)), (200, "kept"), "{}", read.text());
    assert_eq!(read.json()["title"], "milk");
    assert_eq!(mocked(&double, "ana", ("GET", &gone), &Value::Null).status, 404);
    let made = mocked(&double, "ana", ("POST", "/notes"), &json!({"title": "new", "done": true}));
    assert_ne!(format!("/notes/{}", made.json()["id"]), path, "a new id is new");
    assert_eq!(mocked(&double, "ben", ("GET", &path), &Value::Null).status, 404);
    double.flush();
    double.stop().expect("it ends well");

    let double = start("memory");
    assert_eq!(state(&mocked(&double, "ana", ("GET", &path), &Value::Null)), "new");
    double.flush();
    double.stop().expect("it ends well");
    let double = start("stored");
    assert_eq!(state(&mocked(&double, "ana", ("GET", &path), &Value::Null)), "new", "forgotten");
}
