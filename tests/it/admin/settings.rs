//! Settings: applied at once, kept over restarts, honest when the database is away.

use serde_json::json;
use stunt_double::store::{FailOn, FailingStore};
use tempfile::TempDir;

use super::{learned, refused_field};
use crate::support::double::{DemoBackend, Double};

#[test]
fn settings_apply_at_once() {
    let double = learned();
    let shown = double.admin("GET", "/settings").json();
    let expected =
        json!({"mode": "proxy", "learn": true, "latency_scale": 0.0, "privacy": "strict"});
    assert_eq!(shown, expected);
    let changed = double.admin_json("PATCH", "/settings", &json!({"mode": "mock"})).json();
    assert_eq!(
        changed,
        json!({
            "mode": "mock",
            "learn": true,
            "latency_scale": 0.0,
            "privacy": "strict",
            "stored": true
        })
    );
    assert_eq!(double.get("/users/7").get("x-mock-source"), Some("mock"));
    let nothing = double.admin_json("PATCH", "/settings", &json!({})).json();
    assert_eq!(nothing["mode"], "mock");
}

#[test]
fn learning_can_be_switched_off_for_all() {
    let double = Double::in_front_of_demo();
    double.admin_json("PATCH", "/settings", &json!({"learn": false}));
    double.get("/users/7");
    double.flush();
    assert_eq!(double.admin("GET", "/endpoints").json()["total"], 0);
}

#[test]
fn changes_survive_a_restart_and_what_the_start_says_beats_them() {
    let dir = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", dir.path().join("double.db").display());
    let backend = DemoBackend::start();
    // --latency-scale is given by every test, so it is not asked back here.
    let start = |flags: &[&str]| Double::with(flags).target(backend.url()).database(&url).start();
    let double = start(&[]);
    double.get("/users/7");
    double.flush();
    let id = double.endpoint_id("GET /users/{id}");
    let change = json!({"mode": "failover", "learn": false});
    assert_eq!(double.admin_json("PATCH", "/settings", &change).json()["stored"], true);
    double.admin_json("PATCH", &format!("/endpoints/{id}"), &json!({"mode": "mock"}));
    double.stop().expect("saved");
    let double = start(&[]);
    let kept = double.admin("GET", "/settings").json();
    assert_eq!((&kept["mode"], &kept["learn"]), (&json!("failover"), &json!(false)));
    let endpoint = double.admin("GET", &format!("/endpoints/{id}")).json();
    assert_eq!(endpoint["mode"], "mock");
    double.stop().expect("saved");
    let double = start(&["--mode", "proxy"]);
    let kept = double.admin("GET", "/settings").json();
    assert_eq!((&kept["mode"], &kept["learn"]), (&json!("proxy"), &json!(false)));
}

#[test]
fn a_change_applies_while_the_database_is_down_and_says_so() {
    let store = FailingStore::new([FailOn::WritesFrom(1)]);
    let recording = store.recording();
    let double = Double::with(&[]).store(store).start();
    let changed = double.admin_json("PATCH", "/settings", &json!({"mode": "mock"})).json();
    assert_eq!((&changed["mode"], &changed["stored"]), (&json!("mock"), &json!(false)));
    assert_eq!(double.get("/x").get("x-mock-source"), Some("double"));
    recording.heal();
    double.flush();
    let stored = recording.stored().settings;
    assert!(stored.contains(&("mode".to_owned(), "mock".to_owned())), "{stored:?}");
}

#[test]
fn unusable_settings_are_refused_and_change_nothing() {
    let double = Double::in_front_of_demo();
    let patch = |body: &str| double.admin_with("PATCH", "/settings", body.as_bytes());
    for (body, status, field) in [
        (r#"{"mode": "dream"}"#, 422, "mode"),
        (r#"{"mode": 3}"#, 400, "mode"),
        (r#"{"mode": null}"#, 400, "mode"),
        (r#"{"learn": "yes"}"#, 400, "learn"),
        (r#"{"latency_scale": -0.1}"#, 422, "latency_scale"),
        (r#"{"latency_scale": 1000.1}"#, 422, "latency_scale"),
        (r#"{"latency_scale": "1"}"#, 400, "latency_scale"),
        (r#"{"mode": "mock", "seed": "7"}"#, 400, "seed"),
    ] {
        refused_field(&patch(body), status, field);
    }
    assert_eq!(double.admin("GET", "/settings").json()["mode"], "proxy");
}

#[test]
fn the_audit_trail_says_who_set_what_since_when() {
    let double = Double::in_front_of_demo();
    let change = json!({"mode": "mock", "learn": true, "latency_scale": 0.5});
    assert_eq!(double.admin_json("PATCH", "/settings", &change).status, 200);
    let trail = double.admin("GET", "/audit?search=settings/").json();
    let items = trail["items"].as_array().expect("entries");
    let subjects: Vec<&str> =
        items.iter().map(|entry| entry["subject"].as_str().expect("a text")).collect();
    assert_eq!(subjects, ["settings/latency_scale", "settings/mode"], "what stays is no change");
    let mode = &items[1];
    assert_eq!(mode["change"], json!({"before": "proxy", "after": "mock"}));
    assert_eq!((&mode["actor"], &mode["action"]), (&json!("127.0.0.1"), &json!("amend")));
    assert!(mode["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{mode}");
}
