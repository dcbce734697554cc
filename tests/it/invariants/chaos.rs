//! Invariant 8, and the disturbed part of invariant 1: chaos is drawn once and never teaches.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::client::RawAnswer;
use crate::support::double::Double;

fn answering() -> Backend {
    Backend::start(|connection| {
        while connection.read_request().is_some() {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8";
            connection.write(format!("{head}\r\n\r\n{{\"id\":1}}").as_bytes());
        }
    })
}

/// A double that has learned `/users/{id}` and `/orders/{id}`, and the id of the former.
fn learned(backend: &Backend, more: &[&str]) -> (Double, String) {
    let options: Vec<&str> = ["--latency-scale", "0"].iter().chain(more).copied().collect();
    let double = Double::with(&options).target(backend.url()).start();
    for id in 1..=10 {
        double.get(&format!("/users/{id}"));
        double.get(&format!("/orders/{id}"));
    }
    double.flush();
    let explained = json(&double.get("/admin/explain?path=/users/7"));
    (double, explained["endpoint_id"].as_str().expect("learned").to_owned())
}

fn json(answer: &RawAnswer) -> Value {
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn set_chaos(double: &Double, id: &str, level: u8, active: bool) -> RawAnswer {
    let body = json!({"level": level, "active": active});
    double.admin_json("POST", &format!("/endpoints/{id}/chaos"), &body)
}

#[test]
fn invariant_1_disturbed_answers_do_not_teach_and_others_are_untouched() {
    let backend = answering();
    let (double, id) = learned(&backend, &[]);
    let set = set_chaos(&double, &id, 100, true);
    assert_eq!(set.status, 200, "{}", set.text());
    assert_eq!(json(&double.get(&format!("/admin/endpoints/{id}")))["chaos_active"], true);
    let asked = backend.heads().len();
    let began = Instant::now();
    let disturbed = double.get("/users/7");
    assert!(began.elapsed() >= Duration::from_millis(1_000), "ten times the level, in ms");
    assert!(disturbed.status >= 500, "{}", disturbed.head);
    assert_eq!(disturbed.get("x-mock-source"), Some("chaos"));
    assert!(disturbed.get("x-mock-chaos").is_some_and(|chaos| chaos.contains("latency")));
    assert_eq!(backend.heads().len(), asked, "the backend is not bothered");
    let other = double.get("/orders/7");
    assert_eq!((other.status, other.get("x-mock-chaos")), (200, None));
    double.flush();
    assert_eq!(double.observations("GET /users/{id}"), 10);
    assert_eq!(double.observations("GET /orders/{id}"), 11);
    assert_eq!(set_chaos(&double, &id, 100, false).status, 200);
    assert_eq!(double.get("/users/7").status, 200, "switched off");
    double.flush();
    assert_eq!(double.observations("GET /users/{id}"), 11);
}

#[test]
fn invariant_8_effects_are_drawn_once_and_at_the_rate_asked_for() {
    let backend = answering();
    let (double, id) = learned(&backend, &[]);
    set_chaos(&double, &id, 10, true);
    let statuses: Vec<u16> = (0..10).map(|_| double.mock("/users/7").status).collect();
    let failed = statuses.iter().filter(|status| **status >= 500).count();
    assert!((0..=2).contains(&failed), "10 % of 10 is 1, give or take one: {statuses:?}");
    let explained = json(&double.get("/admin/explain?path=/users/7"));
    assert_eq!(explained["chaos"].as_array().map(Vec::len), Some(2), "{explained}");
    assert_eq!(json(&double.get("/admin/explain?path=/orders/7"))["chaos"], json!([]));
}

#[test]
fn chaos_survives_a_restart_and_malformed_levels_change_nothing() {
    let backend = answering();
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let options = ["--database-url", database.as_str()];
    let (double, id) = learned(&backend, &options);
    let path = format!("/endpoints/{id}/chaos");
    let post = |body: &str| double.admin_with("POST", &path, body.as_bytes()).status;
    assert_eq!(post(r#"{"level": 101, "active": true}"#), 422);
    assert_eq!(post(r#"{"level": "high", "active": true}"#), 400);
    assert_eq!(post(r#"{"level": 5, "active": true, "extra": 1}"#), 400);
    assert_eq!(double.get("/users/7").status, 200);
    set_chaos(&double, &id, 1, true);
    double.stop().expect("stops in good order");
    let again = Double::with(&options).target(backend.url()).start();
    let delayed = again.get("/users/7");
    assert!(delayed.get("x-mock-chaos").is_some(), "{}", delayed.head);
}

#[test]
fn a_client_may_ask_for_chaos_only_when_allowed() {
    let backend = answering();
    let (double, _id) = learned(&backend, &[]);
    let level = &[("x-chaos-level", "100")];
    assert_eq!(double.request("GET", "/orders/7", level, b"").status, 200);
    let (double, _id) = learned(&backend, &["--allow-chaos-headers"]);
    let answer = double.request("GET", "/orders/7", level, b"");
    assert!(answer.status >= 500, "{}", answer.head);
    let malformed = double.request("GET", "/orders/7", &[("x-chaos-level", "101")], b"");
    assert_eq!(malformed.status, 400);
}
