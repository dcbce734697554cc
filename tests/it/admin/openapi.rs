//! The generated description of the admin API.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::learned;
use crate::support::double::Double;

#[test]
fn every_described_get_answers_and_what_it_answers_is_described() {
    let double = learned();
    let document = double.admin("GET", "/openapi.json").json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let id = double.endpoint_id("GET /users/{id}");
    let rule = json!({"name": "r", "scope": {"everything": true}, "faults": [{"type": "stale"}]});
    let rule = double.admin_json("POST", "/chaos/rules", &rule).json()["id"].clone();
    let pin = json!({"path": "/reports/{name}"});
    let pinned = double.admin_json("PUT", "/templates", &pin).json();
    let pin = pinned["id"].as_str().expect("an id").to_owned();
    let request = double.get("/users/7").get("x-mock-request-id").expect("an id").to_owned();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let Some(get) = item.get("get") else { continue };
        let query = if path == "/explain" { "?path=/users/7" } else { "" };
        let id = match path.split('/').nth(1) {
            Some("chaos") => rule.as_str().expect("an id"),
            Some("templates") => &pin,
            Some("requests") => &request,
            _ => &id,
        };
        let answer = double.admin("GET", &format!("{}{query}", path.replace("{id}", id)));
        let described = get["responses"].as_object().expect("responses");
        assert!(described.contains_key(&answer.status.to_string()), "{path}: {}", answer.status);
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_is_named_once() {
    let double = Double::in_front_of_demo();
    let document = double.admin("GET", "/openapi.json").json();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.contains("#/components/schemas/Problem"));
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("local");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().expect("paths").values() {
        for operation in item.as_object().expect("operations").values() {
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name.to_owned()), "{name} stands twice");
            assert!(operation["summary"].is_string(), "{name} says nothing");
            for (status, response) in operation["responses"].as_object().expect("responses") {
                assert!(response["description"].is_string(), "{name} {status} says nothing");
            }
        }
    }
}

#[test]
fn routes_that_need_the_token_say_so() {
    let double = Double::in_front_of_demo();
    let document = double.admin("GET", "/openapi.json").json();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for operation in item.as_object().expect("operations").values() {
            let open = path.starts_with("/health/");
            assert_eq!(operation["responses"].get("401").is_none(), open, "{path}");
        }
    }
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

fn collect_references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            into.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect_references(member, into));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, into)),
        _ => {}
    }
}
