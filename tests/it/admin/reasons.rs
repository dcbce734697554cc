//! Reasons are shown with their evidence, and a person may forbid or force one.

use serde_json::{Value, json};

use super::{problem, refused_field};
use crate::support::double::Double;
use crate::support::notes::{TOKEN, learned, notes, send};

fn reasons(double: &Double, label: &str) -> Vec<Value> {
    let id = double.endpoint_id(label);
    let list = double.admin("GET", &format!("/endpoints/{id}/reasons?per_page=500")).json();
    list["items"].as_array().expect("items").clone()
}

fn named<'v>(reasons: &'v [Value], slug: &str) -> &'v Value {
    let found = reasons.iter().find(|one| one["reason"] == slug);
    found.unwrap_or_else(|| panic!("no `{slug}` among {reasons:?}"))
}

fn read_unknown(double: &Double) -> (u16, String) {
    let headers = [("x-mock-enabled", "true"), ("authorization", TOKEN)];
    let answer = send(double, ("GET", "/notes/9000"), &Value::Null, &headers);
    (answer.status, answer.get("x-mock-reason").unwrap_or_default().to_owned())
}

#[test]
fn what_decides_stands_first_with_evidence_for_and_against() {
    let double = learned(&notes());
    let found = reasons(&double, "GET /notes/{id}");
    assert_eq!(found[0]["state"], "active", "{found:?}");
    let unknown = named(&found, "entity-unknown");
    assert_eq!(unknown["about"], "existence");
    assert!(unknown["evidence_for"].as_u64() >= Some(40), "{unknown}");
    assert_eq!(unknown["evidence_against"], 0, "{unknown}");
    assert!(unknown["held"]["404"].as_u64() >= Some(20), "{unknown}");
    assert!(unknown["gain_bits"].as_f64() >= Some(2.0), "{unknown}");
    let entry = double.admin("GET", "/requests?limit=1").json();
    assert_eq!(entry["items"][0]["reason"], Value::Null, "the backend needs no reason");
    let (_, reason) = read_unknown(&double);
    let entry = double.admin("GET", "/requests?limit=1").json();
    assert_eq!(entry["items"][0]["reason"], reason.as_str(), "{entry}");
}

#[test]
fn a_reason_that_a_person_forbids_or_forces_outlives_learning_and_restarts() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let backend = notes();
    let start = || Double::with(&[]).database(&database).target(backend.url()).start();
    let double = start();
    crate::support::notes::teach(&double);
    assert_eq!(read_unknown(&double), (404, "entity-unknown".to_owned()));
    let id = double.endpoint_id("GET /notes/{id}");
    let path = format!("/endpoints/{id}/reasons/entity-unknown");
    let forced = double.admin_json("PATCH", &path, &json!({"rule": "force", "status": 200}));
    assert_eq!(forced.status, 200, "{}", forced.text());
    assert_eq!(
        (&forced.json()["state"], &forced.json()["status"]),
        (&json!("forced"), &json!(200))
    );
    assert_eq!(read_unknown(&double), (200, "entity-unknown".to_owned()));
    // More traffic, another round of learning.
    crate::support::notes::teach(&double);
    assert_eq!(read_unknown(&double).0, 200);
    double.stop().expect("it ends well");

    let double = start();
    assert_eq!(read_unknown(&double).0, 200, "people's word is stored");
    let path = format!("/endpoints/{id}/reasons/entity-unknown");
    let learned = double.admin_json("PATCH", &path, &json!({"rule": "learned"}));
    assert_eq!(learned.json()["state"], "active", "{}", learned.text());
    assert_eq!(read_unknown(&double), (404, "entity-unknown".to_owned()), "as learned again");
}

#[test]
fn words_over_reasons_that_cannot_be_are_refused() {
    let double = learned(&notes());
    let id = double.endpoint_id("GET /notes/{id}");
    let change = |slug: &str, body: Value| {
        double.admin_json("PATCH", &format!("/endpoints/{id}/reasons/{slug}"), &body)
    };
    problem(&change("no-such", json!({"rule": "forbid"})), 404, "not-found");
    refused_field(&change("entity-unknown", json!({"rule": "maybe"})), 422, "rule");
    refused_field(&change("entity-unknown", json!({})), 400, "rule");
    let body = json!({"rule": "force", "status": 503});
    let told = refused_field(&change("entity-unknown", body), 422, "status");
    assert!(told.contains("never observed"), "{told}");
}

#[test]
fn a_request_in_full_is_explained_with_its_reason() {
    let double = learned(&notes());
    let ask = |body: Value| double.admin_json("POST", "/explain", &body).json()["reason"].clone();
    let none = ask(json!({"path": "/notes"}));
    assert_eq!(none["status"], 401, "{none}");
    assert!(none["reason"].as_str().is_some_and(|slug| slug.contains("credential")), "{none}");
    let headers = json!({"Authorization": TOKEN});
    let unknown = ask(json!({"path": "/notes/9000", "headers": headers}));
    assert_eq!((&unknown["reason"], &unknown["status"]), (&json!("entity-unknown"), &json!(404)));
    assert!(unknown["truths"].as_array().expect("truths").contains(&json!("entity unknown")));
    let bare = json!({"done": true});
    let refused =
        ask(json!({"method": "POST", "path": "/notes", "headers": headers, "body": bare}));
    assert_eq!(refused["status"], 422, "{refused}");
    let by_address = double.admin("GET", "/explain?path=/notes").json();
    assert_eq!(by_address["reason"]["status"], 401, "{by_address}");
    let odd = double.admin_json("POST", "/explain", &json!({"path": "/x", "headers": {"a": 1}}));
    refused_field(&odd, 422, "headers");
}
