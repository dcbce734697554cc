//! `explain` says what happens.

use serde_json::{Value, json};

use super::{learned, refused_field};
use crate::support::double::Double;

#[test]
fn an_explanation_has_the_shape_of_the_contract() {
    let double = learned();
    let id = double.endpoint_id("GET /users/{id}");
    let explained = double.admin("GET", "/explain?method=GET&path=/users/7").json();
    let members: Vec<&str> =
        explained.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected = [
        "chaos",
        "chaos_rules",
        "endpoint_id",
        "method",
        "mode",
        "override",
        "overrides",
        "path",
        "reason",
        "segments",
        "template",
    ];
    let mut sorted = members.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(explained["template"], "/users/{id}");
    assert_eq!(explained["endpoint_id"], id);
    assert_eq!(explained["mode"], json!({"effective": "proxy", "from": "global"}));
    assert_eq!(explained["chaos"], json!([]));
    let segments = explained["segments"].as_array().expect("segments");
    let kinds: Vec<(&str, &str)> = segments
        .iter()
        .map(|s| (s["text"].as_str().expect("text"), s["kind"].as_str().expect("kind")))
        .collect();
    assert_eq!(kinds, [("users", "literal"), ("7", "integer")]);
    assert!(segments.iter().all(|s| s["why"].as_str().is_some_and(|why| !why.is_empty())));
}

#[test]
fn what_is_explained_is_what_happens() {
    let double = learned();
    let id = double.endpoint_id("GET /users");
    double.admin_json("PATCH", &format!("/endpoints/{id}"), &json!({"mode": "mock"}));
    for (path, mock, from) in [
        ("/users/7", None, "global"),
        ("/users", None, "endpoint"),
        ("/users", Some("false"), "header"),
        ("/users/7", Some("true"), "header"),
        ("/nothing/here", None, "global"),
    ] {
        let query = mock.map(|mock| format!("&mock={mock}")).unwrap_or_default();
        let explained = double.admin("GET", &format!("/explain?path={path}{query}")).json();
        let headers: Vec<_> = mock.into_iter().map(|mock| ("x-mock-enabled", mock)).collect();
        let answer = double.request("GET", path, &headers, b"");
        let by = if explained["mode"]["effective"] == "mock" { "mock" } else { "upstream" };
        assert_eq!(answer.get("x-mock-source"), Some(by), "{path} {mock:?}");
        assert_eq!(explained["mode"]["from"], from, "{path} {mock:?}");
        let label = format!("GET {}", explained["template"].as_str().expect("a template"));
        assert_eq!(answer.get("x-mock-endpoint"), Some(label.as_str()));
    }
}

#[test]
fn unknown_places_are_guessed_and_have_no_endpoint() {
    let double = learned();
    let explained = double.admin("GET", "/explain?path=/nothing/4711").json();
    assert_eq!(explained["endpoint_id"], Value::Null);
    assert_eq!(explained["template"], "/nothing/{id}");
    let other = double.admin("GET", "/explain?method=purge&path=/users/7").json();
    assert_eq!((&other["method"], &other["endpoint_id"]), (&json!("PURGE"), &Value::Null));
}

#[test]
fn a_path_is_taken_as_a_request_would_spell_it() {
    let double = Double::in_front_of_demo();
    for (given, path) in [
        ("/a%20b", "/a%20b"),
        ("/a%2520b", "/a%20b"),
        ("/caf%C3%A9", "/caf%C3%A9"),
        ("/users/7%3Fpage=2", "/users/7"),
        ("/x%2Fy", "/x/y"),
    ] {
        let explained = double.admin("GET", &format!("/explain?path={given}")).json();
        assert_eq!(explained["path"], path, "{given}");
    }
}

#[test]
fn an_explanation_needs_a_usable_path() {
    let double = Double::in_front_of_demo();
    refused_field(&double.admin("GET", "/explain"), 400, "path");
    refused_field(&double.admin("GET", "/explain?path=users"), 422, "path");
    refused_field(&double.admin("GET", "/explain?path=/a&path=/b"), 400, "path");
    refused_field(&double.admin("GET", "/explain?path=/a&mock=perhaps"), 422, "mock");
    refused_field(&double.admin("GET", "/explain?path=/a&method=G%20T"), 422, "method");
    let problem = refused_field(&double.admin("GET", "/explain?path=/a&verb=GET"), 400, "verb");
    assert!(problem.contains("method, path, mock"), "{problem}");
}
