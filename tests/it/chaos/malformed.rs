//! Every malformed rule is refused with the name of its field, and changes nothing.

use serde_json::{Value, json};

use super::{change, make, rule, status};
use crate::support::client::RawAnswer;
use crate::support::double::Double;

#[track_caller]
fn refuses(answer: &RawAnswer, field: &str, text: &str) {
    assert!([400, 422].contains(&answer.status), "{text}: {} {}", answer.status, answer.text());
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let named = errors.iter().any(|error| error["field"] == field);
    assert!(named, "{text}: `{field}` is not named in {}", answer.text());
}

/// A change to a valid rule, and the field that is then wrong.
fn mistakes() -> Vec<(Value, &'static str)> {
    let faults = |fault: Value| json!({"faults": [fault]});
    let latency = |law: Value| faults(json!({"type": "latency", "distribution": law}));
    vec![
        (json!({"nonsense": 1}), "nonsense"),
        (json!({"name": null}), "name"),
        (json!({"name": 7}), "name"),
        (json!({"enabled": "yes"}), "enabled"),
        (json!({"priority": 1.5}), "priority"),
        (json!({"probability": 1.1}), "probability"),
        (json!({"probability": -0.1}), "probability"),
        (json!({"probability": "often"}), "probability"),
        (json!({"rate": {"type": "bursts", "mean_on": 0, "mean_off": 1}}), "rate.mean_on"),
        (json!({"rate": {"type": "sometimes"}}), "rate.type"),
        (json!({"seed": -1}), "seed"),
        (json!({"scope": null}), "scope"),
        (json!({"scope": {}}), "scope"),
        (json!({"scope": {"everything": false}}), "scope"),
        (json!({"scope": {"everyone": true}}), "scope.everyone"),
        (json!({"scope": {"paths": ["/admin/**"]}}), "scope.paths[0]"),
        (json!({"scope": {"paths": [{"regex": "^/admin/health"}]}}), "scope.paths[0].regex"),
        (json!({"scope": {"paths": [{"regex": "("}]}}), "scope.paths[0].regex"),
        (json!({"scope": {"paths": ["orders"]}}), "scope.paths[0]"),
        (json!({"scope": {"methods": ["G T"]}}), "scope.methods[0]"),
        (json!({"scope": {"peers": ["10.0.0.0/33"]}}), "scope.peers[0]"),
        (json!({"scope": {"sources": ["cache"]}}), "scope.sources[0]"),
        (json!({"scope": {"headers": [{"name": "a"}]}}), "scope.headers[0]"),
        (json!({"scope": {"headers": [{"name": "a", "regex": "("}]}}), "scope.headers[0].regex"),
        (json!({"faults": null}), "faults"),
        (json!({"faults": []}), "faults"),
        (json!({"faults": [status(503), status(500)]}), "faults[1].type"),
        (faults(json!({"type": "gremlins"})), "faults[0].type"),
        (faults(json!({"type": "status", "status": 99})), "faults[0].status"),
        (faults(json!({"type": "status", "status": 600})), "faults[0].status"),
        (faults(json!({"type": "status"})), "faults[0].status"),
        (latency(json!({"type": "fixed", "ms": -5})), "faults[0].distribution.ms"),
        (latency(json!({"type": "pareto", "scale_ms": 1})), "faults[0].distribution.shape"),
        (faults(json!({"type": "hang", "max_ms": 0})), "faults[0].max_ms"),
        (faults(json!({"type": "throttle"})), "faults[0]"),
        (faults(json!({"type": "connection", "at": "lunch"})), "faults[0].at"),
        (faults(json!({"type": "corrupt", "kinds": ["rust"]})), "faults[0].kinds[0]"),
        (
            faults(json!({"type": "headers", "edits": [
                {"action": "set", "name": "content-length", "value": "1"}]})),
            "faults[0].edits[0].name",
        ),
        (
            faults(json!({"type": "truncate", "keep_bytes": 1, "keep_ratio": 0.5})),
            "faults[0].keep_ratio",
        ),
        (json!({"ttl_s": 0}), "ttl_s"),
        (json!({"ttl_s": 90_000}), "ttl_s"),
        (json!({"ttl_s": 60, "expires_at": "2100-01-01T00:00:00Z"}), "ttl_s"),
        (json!({"expires_at": "tomorrow"}), "expires_at"),
        (json!({"expires_at": "2001-01-01T00:00:00Z"}), "expires_at"),
        (json!({"expires_at": "2100-01-01T00:00:00Z"}), "expires_at"),
        (json!({"starts_at": "2100-01-01T00:00:00Z"}), "starts_at"),
        (json!({"max_hits": 0}), "max_hits"),
    ]
}

#[test]
fn malformed_rules_are_refused_by_field_and_change_nothing() {
    let double = Double::in_front_of_demo();
    let good = rule(status(503));
    let id = make(&double, &good);
    let before = double.admin("GET", "/chaos/rules").text();
    for (mistake, field) in mistakes() {
        let mut document = good.clone();
        for (name, value) in mistake.as_object().expect("an object") {
            document[name] = value.clone();
        }
        let text = document.to_string();
        let posted = double.admin_json("POST", "/chaos/rules", &document);
        refuses(&posted, field, &format!("POST {text}"));
        let put = change(&double, "PUT", &id, Some("*"), &document);
        refuses(&put, field, &format!("PUT {text}"));
    }
    assert_eq!(double.admin("GET", "/chaos/rules").text(), before);
    assert_eq!(double.get("/users/7").status, 503);
}

#[test]
fn what_is_no_json_is_refused_by_field_too() {
    let double = Double::in_front_of_demo();
    for (value, field) in [("NaN", "probability"), ("1e999", "probability"), (".5", "probability")]
    {
        let body = rule(status(503)).to_string();
        let body = format!("{{\"probability\": {value}, {}", &body[1..]);
        let answer = double.admin_with("POST", "/chaos/rules", body.as_bytes());
        refuses(&answer, field, &body);
    }
    for body in ["", "[]", "null", "{"] {
        assert_eq!(
            double.admin_with("POST", "/chaos/rules", body.as_bytes()).status,
            400,
            "{body}"
        );
    }
    assert_eq!(double.admin("GET", "/chaos/rules").json()["total"], 0);
}

#[test]
fn several_mistakes_are_reported_at_once() {
    let double = Double::in_front_of_demo();
    let document = json!({"name": "x", "probability": 2, "scope": {}, "faults": [status(99)]});
    let errors = double.admin_json("POST", "/chaos/rules", &document).json()["errors"].clone();
    let fields: Vec<&Value> =
        errors.as_array().expect("errors").iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["probability", "scope", "faults[0].status"]);
}

#[test]
fn the_longest_lease_is_a_setting() {
    let double = Double::with(&["--chaos-ttl-max-s", "60"]).start();
    let mut long = rule(status(503));
    long["ttl_s"] = json!(61);
    refuses(&double.admin_json("POST", "/chaos/rules", &long), "ttl_s", "61 s");
    // The default of a quarter of an hour is held to it, too.
    make(&double, &rule(status(503)));
}
