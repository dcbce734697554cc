//! Models and documents over real ports: out, in again, compared.

mod confidence;
mod drift_webhook;
mod mcp;
mod progress;
mod readers;
mod typescript;

use serde_json::{Value, json};
use stunt_double::domain::portable::PortableModel;

use crate::support::client::RawAnswer;
use crate::support::double::Double;

/// A double that has learned the sample backend.
fn learned() -> Double {
    let double = Double::in_front_of_demo();
    double.learn_demo(400);
    double.flush();
    double
}

fn export(double: &Double, format: &str) -> RawAnswer {
    let answer = double.admin("GET", &format!("/export?format={format}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

fn import(double: &Double, document: &[u8]) -> Value {
    let answer = double.admin_with("POST", "/import", document);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// An answer that depends on the seed, the model and the path alone.
fn sampled(double: &Double, label: &str) -> Value {
    let id = double.endpoint_id(label);
    double.admin("GET", &format!("/endpoints/{id}/sample?seed=s&path=/users/7")).json()
}

#[test]
fn a_model_answers_elsewhere_as_it_does_here() {
    let double = learned();
    let file = export(&double, "model").body;
    let other = Double::without_target();
    let report = import(&other, &file);
    assert_eq!(report["format"], "model");
    assert!(report["taken"]["observations"].as_u64().expect("a number") > 200, "{report}");
    let label = "GET /users/{id}";
    assert_eq!(sampled(&double, label), sampled(&other, label));
    assert_eq!(double.observations(label), other.observations(label));
    // The same again takes nothing.
    assert_eq!(import(&other, &file)["repeated"], true);
    assert_eq!(double.observations(label), other.observations(label));
    // And what it writes is what it read.
    let again = PortableModel::read(&export(&other, "model").body).expect("a model");
    assert_eq!(again.observations(), PortableModel::read(&file).expect("a model").observations());
}

#[test]
fn an_exported_description_can_be_mocked_at_once() {
    let double = learned();
    let document = export(&double, "openapi").body;
    let other = Double::without_target();
    let report = import(&other, &document);
    assert!(report["taken"]["operations"].as_u64().expect("a number") > 10, "{report}");
    let answer = other.mock("/users/7");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json()["email"].is_string(), "{}", answer.text());
    assert_eq!(other.observations("GET /users/{id}"), 0, "a document is no observation");
    let missing = other.mock_with("/users/7", &[("x-mock-status", "404")]);
    assert_eq!(missing.status, 404);
}

#[test]
fn traffic_overrules_a_document() {
    let double = Double::in_front_of_demo();
    let document = json!({
        "openapi": "3.1.0",
        "paths": {"/users/{id}": {"get": {"responses": {"200": {"content": {
            "application/json": {"example": {"told": true}}}}}}}},
    });
    import(&double, document.to_string().as_bytes());
    assert_eq!(double.mock("/users/7").json()["told"], true);
    (1..=20).for_each(|n| drop(double.get(&format!("/users/{n}"))));
    double.flush();
    let answer = double.mock("/users/7").json();
    assert!(answer["told"].is_null() && answer["id"].is_number(), "{answer}");
}

#[test]
fn an_archive_is_learned_like_traffic() {
    let double = learned();
    let archive = export(&double, "har").body;
    let other = Double::without_target();
    let report = import(&other, &archive);
    assert_eq!(report["taken"]["exchanges"], 100, "{report}");
    let log =
        "::1 - - [10/Oct/2025:13:55:36 +0000] \"GET /logged/7 HTTP/1.1\" 200 5 \"\" \"\" 0.5\n";
    assert_eq!(import(&other, log.as_bytes())["taken"]["exchanges"], 1);
    other.flush();
    let learned: u64 = other.admin("GET", "/endpoints?per_page=200").json()["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|endpoint| endpoint["observations"].as_u64())
        .sum();
    let unplaced = other.learning().counters().unplaced.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(learned + unplaced, 101);
}

#[test]
fn what_has_no_format_or_no_end_is_refused() {
    let double = Double::without_target();
    let refused = double.admin_with("POST", "/import", b"hello");
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("har"), "{}", refused.text());
    let broken = double.admin_with("POST", "/import?format=har", b"{\"log\": 7}");
    assert_eq!(broken.status, 422, "{}", broken.text());
    assert_eq!(double.admin("GET", "/export?format=odt").status, 422);
    assert_eq!(double.admin("GET", "/export").status, 400);
}

#[test]
fn a_baseline_shows_what_has_changed_since_and_nothing_else() {
    let double = learned();
    let kept = double.admin_with("POST", "/baselines/release-7", b"");
    assert_eq!(kept.status, 201, "{}", kept.text());
    (1..=60).for_each(|n| drop(double.get(&format!("/users/{n}"))));
    double.flush();
    let drift = double.admin("GET", "/drift?against=release-7").json();
    let breaking = drift["findings"].as_array().expect("a list").iter();
    assert_eq!(breaking.filter(|finding| finding["severity"] == "breaking").count(), 0, "{drift}");
    assert_eq!(double.admin("GET", "/drift?against=none").status, 404);
    assert_eq!(double.admin("GET", "/baselines").json()["total"], 1);
    assert_eq!(double.admin("DELETE", "/baselines/release-7").status, 204);
    assert_eq!(double.admin("GET", "/baselines/release-7").status, 404);
}

#[test]
fn fidelity_is_measured_and_says_when_it_is_not() {
    let double = learned();
    let whole = double.admin("GET", "/fidelity").json();
    let score = whole["score"].as_f64().expect("a score");
    assert!((0.5..=1.0).contains(&score), "{whole}");
    drop(double.get("/reports/2026-01-01"));
    let id = double.endpoint_id("GET /users/{id}");
    let one = double.admin("GET", &format!("/endpoints/{id}/fidelity")).json();
    assert_eq!(one["verdict"], "measured", "{one}");
    assert!(one["fidelity"]["low"].as_f64() <= one["fidelity"]["high"].as_f64());
    let quiet = Double::without_target();
    assert_eq!(quiet.admin("GET", "/fidelity").json()["score"], Value::Null);
}
