//! Chaos as people use it: rules over the admin, faults on the wire.

mod delays;
mod faults;
mod growth;
mod leases;
mod malformed;
mod recipes;
mod rules;
mod scopes;

use serde_json::{Value, json};

use crate::support::client::RawAnswer;
use crate::support::double::{Double, request};

/// A rule for everything that does `fault` each time.
fn rule(fault: Value) -> Value {
    json!({"name": "under test", "scope": {"everything": true}, "faults": [fault]})
}

/// Makes a rule and returns its id.
#[track_caller]
fn make(double: &Double, rule: &Value) -> String {
    let made = double.admin_json("POST", "/chaos/rules", rule);
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["id"].as_str().expect("an id").to_owned()
}

/// The rule as the admin shows it.
fn shown(double: &Double, id: &str) -> Value {
    double.admin("GET", &format!("/chaos/rules/{id}")).json()
}

/// A change of the rule `id` based on the revision `tag`, or on none.
fn change(double: &Double, method: &str, id: &str, tag: Option<&str>, body: &Value) -> RawAnswer {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(tag.map(|tag| ("if-match", tag)));
    let body = if method == "DELETE" { String::new() } else { body.to_string() };
    let path = format!("/admin/chaos/rules/{id}");
    request(double.admin_addr, method, &path, &headers, body.as_bytes())
}

fn delay(ms: u64) -> Value {
    json!({"type": "latency", "distribution": {"type": "fixed", "ms": ms}})
}

fn status(status: u16) -> Value {
    json!({"type": "status", "status": status})
}
