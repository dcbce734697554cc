//! Malformed input of every kind gets the right problem, and harms nothing.

use serde_json::json;

use super::{learned, problem, refused_field};
use crate::support::client::RawClient;
use crate::support::double::Double;

#[test]
fn page_numbers_are_whole_and_in_range() {
    let double = Double::in_front_of_demo();
    for (query, status, field) in [
        ("page=0", 422, "page"),
        ("page=-1", 422, "page"),
        ("page=99999999999999999999999", 422, "page"),
        ("page=two", 400, "page"),
        ("page=1.5", 400, "page"),
        ("page=1&page=2", 400, "page"),
        ("per_page=501", 422, "per_page"),
        ("per_page=0", 422, "per_page"),
        ("per-page=5", 400, "per-page"),
    ] {
        let answer = double.admin("GET", &format!("/endpoints?{query}"));
        refused_field(&answer, status, field);
    }
    let far = double.admin("GET", "/endpoints?page=4294967295&per_page=500").json();
    assert_eq!(far["items"], json!([]));
    assert_eq!(double.admin("GET", "/endpoints?page=&per_page=").json()["per_page"], 50);
}

#[test]
fn bodies_that_are_no_json_are_malformed() {
    let double = Double::in_front_of_demo();
    for body in [&b""[..], b"{", b"mode=mock", b"\xff\xfe", b"{} {}", b"[]", b"7", b"null"] {
        let answer = double.admin_with("PATCH", "/settings", body);
        problem(&answer, 400, "malformed");
    }
    refused_field(&double.admin_with("PATCH", "/settings", b"{\"x\": {\"y\": 1}}"), 400, "x");
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_read() {
    let double = Double::in_front_of_demo();
    let body = format!("{{\"mode\": \"{}\"}}", "x".repeat(300 << 10));
    problem(&double.admin_with("PATCH", "/settings", body.as_bytes()), 413, "too-large");
    let mut client = RawClient::connect(double.addr);
    client.send(b"PATCH /admin/settings HTTP/1.1\r\nhost: localhost\r\n");
    client.send(b"content-type: application/json\r\n");
    client.send(b"content-length: 99999999999\r\n\r\n{");
    problem(&client.answer().expect("an answer"), 413, "too-large");
}

#[test]
fn endpoint_changes_are_checked() {
    let double = learned();
    let id = double.endpoint_id("GET /users/{id}");
    let patch =
        |body: &str| double.admin_with("PATCH", &format!("/endpoints/{id}"), body.as_bytes());
    refused_field(&patch(r#"{"mode": "off"}"#), 422, "mode");
    refused_field(&patch(r#"{"learn": 1}"#), 400, "learn");
    refused_field(&patch(r#"{"chaos": true}"#), 400, "chaos");
    assert_eq!(patch("{}").json()["mode"], "inherit");
}

#[test]
fn ids_that_name_nothing_are_not_found() {
    let double = learned();
    let long = "x".repeat(5_000);
    for id in ["00000000000000000000", "%00", "%F0%9F%A6%86", "..", "*", long.as_str()] {
        for (method, rest) in
            [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/stats"), ("GET", "/sample")]
        {
            let path = format!("/endpoints/{id}{rest}");
            let answer = double.admin_with(method, &path, b"{}");
            problem(&answer, 404, "not-found");
            assert!(answer.body.len() < 1_000, "{}", answer.text());
        }
    }
}
