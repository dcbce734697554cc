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
    let said = json!({"name": "o", "match": {"paths": ["/o"]}, "answer": {"type": "pass"}});
    let said = double.admin_json("POST", "/overrides", &said).json()["id"].clone();
    let pin = json!({"path": "/reports/{name}"});
    let pinned = double.admin_json("PUT", "/templates", &pin).json();
    let pin = pinned["id"].as_str().expect("an id").to_owned();
    let request = double.get("/users/7").get("x-mock-request-id").expect("an id").to_owned();
    for (path, item) in document["paths"].as_object().expect("paths") {
        // Events go on until somebody hangs up; nobody has written, so no session is there.
        // Nor is a model kept by name.
        let has_one = !["/events", "/drift"].contains(&path.as_str())
            && !path.starts_with("/sessions/{")
            && !path.starts_with("/baselines/{");
        let Some(get) = item.get("get").filter(|_| has_one) else { continue };
        let query = match path.as_str() {
            "/explain" => "?path=/users/7",
            "/export" => "?format=openapi",
            _ => "",
        };
        let id = match path.split('/').nth(1) {
            Some("chaos") => rule.as_str().expect("an id"),
            Some("overrides") => said.as_str().expect("an id"),
            Some("templates") => &pin,
            Some("requests") => &request,
            _ => &id,
        };
        let answer = double.admin(
            "GET",
            &format!("{}{query}", path.replace("{id}", id).replace("{name}", "default")),
        );
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
fn every_body_and_parameter_has_an_example() {
    let double = Double::in_front_of_demo();
    let document = double.admin("GET", "/openapi.json").json();
    let mut missing = Vec::new();
    for item in document["paths"].as_object().expect("paths").values() {
        for operation in item.as_object().expect("operations").values() {
            let name = operation["operationId"].as_str().expect("a name");
            for content in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                if content.1.get("example").is_none() {
                    missing.push(format!("{name}: body"));
                }
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter.get("example").is_none() {
                    missing.push(format!("{name}: {}", parameter["name"]));
                }
            }
        }
    }
    assert!(missing.is_empty(), "without an example: {missing:?}");
}

#[test]
fn what_try_it_out_sends_is_valid_and_harmless() {
    let double = learned();
    let document = double.admin("GET", "/openapi.json").json();
    let rule = json!({"name": "checkout is flaky", "scope": {"session": "s"},
        "faults": [{"type": "stale"}]});
    assert_eq!(double.admin_json("POST", "/chaos/rules", &rule).status, 201);
    let endpoint = double.endpoint_id("GET /users/{id}");
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let content = operation["requestBody"]["content"].as_object();
            let Some(body) = content.into_iter().flatten().next().map(|(_, c)| &c["example"])
            else {
                continue;
            };
            let id = if path.starts_with("/endpoints") { &endpoint } else { "checkout-is-flaky" };
            let path = path.replace("{id}", id).replace("{name}", "slow-network");
            // No request of this endpoint was refused, so no reason of the name is there.
            // Nor was anything overridden, nor does this start let routes lead anywhere.
            let is_nowhere = path.starts_with("/overrides/checkout")
                || path.starts_with("/routes/")
                || path.starts_with("/resources/");
            if path.contains("{reason}") || is_nowhere {
                continue;
            }
            let (method, body) = (method.to_uppercase(), body.to_string());
            let headers = [("content-type", "application/json"), ("if-match", "*")];
            let query = if path.ends_with("/import") { "?format=wiremock" } else { "" };
            let path = format!("/admin{path}{query}");
            let answer = double.request(&method, &path, &headers, body.as_bytes());
            assert!(
                (200..300).contains(&answer.status),
                "{method} {path} {body}: {}",
                answer.text()
            );
        }
    }
    // Nobody who names no session of the examples notices.
    let settings = double.admin("GET", "/settings").json();
    assert_eq!(
        settings,
        json!({"mode": "proxy", "learn": true, "latency_scale": 1.0, "privacy": "strict"})
    );
    let shown = double.admin("GET", &format!("/endpoints/{endpoint}")).json();
    assert_eq!(shown["mode"], "inherit");
    for path in ["/users/7", "/orders/7", "/health"] {
        let answer = double.get(path);
        assert_eq!(
            (answer.get("x-mock-source"), answer.get("x-mock-chaos")),
            (Some("upstream"), None)
        );
    }
    let reset = double.admin("POST", "/reset?confirm=false");
    assert!(reset.status >= 400, "{}", reset.text());
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
