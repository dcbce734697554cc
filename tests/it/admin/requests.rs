//! The journal of recent exchanges.

use serde_json::{Value, json};

use super::{problem, refused_field};
use crate::support::double::Double;

fn list(double: &Double, query: &str) -> Vec<Value> {
    let list = double.admin("GET", &format!("/requests{query}")).json();
    list["items"].as_array().expect("items").clone()
}

#[test]
fn the_journal_tells_who_answered_and_why() {
    let double = Double::in_front_of_demo();
    for n in 1..=10 {
        double.get(&format!("/users/{n}"));
    }
    double.flush();
    let headers = [("x-mock-enabled", "true"), ("x-mock-session", "ci-42")];
    let answer = double.request("GET", "/users/7?token=geheim", &headers, b"");
    let id = answer.get("x-mock-request-id").expect("an id");
    let shown = double.admin("GET", &format!("/requests/{id}")).json();
    assert_eq!((&shown["request_id"], &shown["session"]), (&json!(id), &json!("ci-42")));
    assert_eq!(shown["endpoint"], "GET /users/{id}");
    assert_eq!(shown["endpoint_id"], double.endpoint_id("GET /users/{id}"));
    assert_eq!((&shown["path"], &shown["status"]), (&json!("/users/7"), &json!(answer.status)));
    assert_eq!(shown["mode"], json!({"effective": "mock", "from": "header"}));
    assert_eq!((&shown["source"], &shown["error"]), (&json!("mock"), &Value::Null));
    assert!(shown["draw"]["latency_ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{shown}");
    assert!(shown["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{shown}");
    assert_eq!(shown["chaos"], Value::Null);
    assert!(!shown.to_string().contains("geheim"), "queries are not kept: {shown}");
    problem(&double.admin("GET", "/requests/00000000-0"), 404, "not-found");
}

#[test]
fn chaos_is_told_with_rule_draw_and_effect_even_without_an_answer() {
    let double = Double::in_front_of_demo();
    let rule = json!({"name": "slow", "scope": {"paths": ["/users/*"]}, "faults": [
        {"type": "latency", "distribution": {"type": "fixed", "ms": 30}},
        {"type": "status", "status": 503}]});
    double.admin_json("POST", "/chaos/rules", &rule);
    double.get("/users/7");
    double.get("/users/8");
    let newest = &list(&double, "?rule=slow&limit=1")[0];
    assert_eq!(newest["path"], "/users/8");
    assert_eq!((&newest["source"], &newest["status"]), (&json!("chaos"), &json!(503)));
    assert_eq!(newest["chaos"]["effects"], "latency;ms=30, status;code=503");
    assert_eq!(newest["chaos"]["rules"], json!([{"rule": "slow", "draw": 1}]));
    assert!(newest["chaos"]["held_ms"].as_f64().is_some_and(|ms| ms >= 30.0), "{newest}");
    let cut = json!({"name": "cut", "scope": {"paths": ["/health"]},
        "faults": [{"type": "connection", "at": "before_head"}]});
    double.admin_json("POST", "/chaos/rules", &cut);
    let mut client = crate::support::client::RawClient::connect(double.addr);
    client.send(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(client.answer().is_none());
    let cut = &list(&double, "?rule=cut")[0];
    assert_eq!((&cut["status"], &cut["source"]), (&Value::Null, &json!("chaos")));
    assert_eq!(cut["chaos"]["effects"], "connection;at=before_head;how=reset");
    let metrics = double.admin("GET", "/metrics").text();
    for line in [
        "stunt_double_chaos_rules_active 2",
        "stunt_double_chaos_rule_matched_total{rule=\"slow\"} 2",
        "stunt_double_chaos_rule_hits_total{rule=\"cut\"} 1",
        "stunt_double_chaos_rule_shadowed_total{rule=\"slow\"} 0",
    ] {
        assert!(metrics.lines().any(|known| known == line), "{line} is not among\n{metrics}");
    }
}

#[test]
fn the_journal_is_bounded_filtered_and_newest_first() {
    let double = Double::with(&["--journal-max", "5"]).start();
    for n in 1..=8 {
        double.get(&format!("/users/{n}"));
    }
    let paths = |query: &str| {
        let items = list(&double, query);
        items.iter().map(|e| e["path"].as_str().expect("a path").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths(""), ["/users/8", "/users/7", "/users/6", "/users/5", "/users/4"]);
    assert_eq!(paths("?limit=2"), ["/users/8", "/users/7"]);
    assert_eq!(double.admin("GET", "/requests?limit=2").json()["total"], 5);
    double.request("GET", "/users/9", &[("x-mock-enabled", "perhaps")], b"");
    let refused = &list(&double, "?limit=1")[0];
    assert_eq!((&refused["status"], &refused["mode"]), (&json!(400), &Value::Null));
    assert_eq!(refused["error"], "steering-invalid");
    assert_eq!(paths("?source=mock"), Vec::<String>::new());
    assert_eq!(paths("?source=upstream&endpoint=GET%20/nope"), Vec::<String>::new());
    refused_field(&double.admin("GET", "/requests?limit=0"), 422, "limit");
    refused_field(&double.admin("GET", "/requests?source=nobody"), 422, "source");
}

#[test]
fn a_long_path_is_cut_and_a_journal_can_be_off() {
    let double = Double::in_front_of_demo();
    let long = format!("/{}", "orders/".repeat(3_000));
    double.get(&long);
    let entry = &list(&double, "")[0];
    assert_eq!(entry["path"].as_str().map(str::len), Some(512));
    assert!(entry["endpoint"].as_str().is_some_and(|label| label.len() <= 512));
    let off = Double::with(&["--journal-max", "0"]).start();
    off.get("/users/7");
    assert_eq!(list(&off, ""), Vec::<Value>::new());
}

#[test]
fn the_path_of_an_endpoint_that_is_not_learned_shows_no_value() {
    let double = Double::with(&["--mode", "mock"]).start();
    let answer = double.get("/users/jane.miller@mail.test/orders/hidden-4711");
    assert_eq!(answer.status, 404);
    let list = double.admin("GET", "/requests").text();
    assert!(!list.contains("jane") && !list.contains("4711"), "{list}");
    let first = &double.admin("GET", "/requests").json()["items"][0];
    assert_eq!(first["path"], "/users/{value}/orders/{value}", "{first}");
}
