//! Examples for every request body and parameter of the API's description.
//!
//! Swagger UI fills its forms with them, and somebody who clicks "Execute" sends them as they
//! stand: so each is valid, and none does harm. Rules mean one session for a while, a level is
//! given inactive, settings are the defaults, and `confirm` says no. A test walks the description
//! and sends every body.

use serde_json::{Value, json};
use utoipa::Modify;
use utoipa::openapi::path::{Operation, ParameterBuilder};
use utoipa::openapi::{self, RefOr};

/// Adds the examples.
pub struct Examples;

impl Modify for Examples {
    fn modify(&self, document: &mut openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            for operation in super::openapi::operations_mut(item) {
                add(path, operation);
            }
        }
    }
}

fn add(path: &str, operation: &mut Operation) {
    let name = operation.operation_id.as_deref().unwrap_or_default();
    // Nothing of them is a reference: they are made with their operations.
    if let (Some(RefOr::T(body)), Some(example)) = (&mut operation.request_body, body(name)) {
        for content in body.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example = Some(example.clone());
            }
        }
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(given) = parameter
            && let Some(example) = self::parameter(path, &given.name)
        {
            let with_example = ParameterBuilder::from(given.clone()).example(Some(example));
            *parameter = RefOr::T(with_example.build());
        }
    }
}

/// A body for the operation of this name.
fn body(operation: &str) -> Option<Value> {
    Some(match operation {
        "createChaosRule" | "replaceChaosRule" => json!({
            "name": "checkout is flaky", "owner": "web-team", "probability": 0.1, "ttl_s": 900,
            "scope": {"paths": ["/orders/**"], "session": "ci-42"},
            "faults": [{"type": "latency", "distribution": {"type": "fixed", "ms": 250}}]
        }),
        "createOverride" | "replaceOverride" => json!({
            "name": "the cart is empty", "owner": "web-team", "ttl_s": 900,
            "match": {"methods": ["GET"], "paths": ["/carts/{id}"], "session": "ci-42"},
            "answer": {"type": "changed", "merge_patch": {"items": []}}
        }),
        "putRoute" => json!({"match": "/payments", "target": "https://pay.internal/v2"}),
        "changeRoute" => json!({"mode": null}),
        "verifyRequests" => json!({"match": {"session": "ci-42"}, "at_least": 0}),
        "keepBaseline" => {
            json!({"format": "stunt-double-model", "version": 1, "endpoints": []})
        }
        "importOverrides" | "importDocument" => json!({
            "request": {"method": "GET", "urlPath": "/carts/7", "headers":
                {"X-Mock-Session": {"equalTo": "ci-42"}}},
            "response": {"status": 200, "jsonBody": {"items": []}}
        }),
        "changeOverride" => json!({"enabled": false}),
        "changeChaosRule" => json!({"probability": 0.05}),
        "previewChaos" => json!({"scope": {"session": "ci-42"}}),
        "startChaosProfile" => {
            json!({"scope": {"session": "ci-42"}, "owner": "web-team", "ttl_s": 300})
        }
        "setEndpointChaos" => json!({"level": 10, "active": false}),
        "changeEndpoint" => json!({"mode": "inherit", "learn": true}),
        "changeReason" => json!({"rule": "learned"}),
        "explainRequestInFull" => json!({
            "method": "POST", "path": "/users", "headers": {"Accept": "application/json"},
            "body": {"name": "Ann"}, "session": "ci-42"
        }),
        "changeResource" => json!({"state": "learned"}),
        "loadSession" => json!({"entities": {}, "deleted": {}}),
        "pinTemplate" | "previewTemplate" => json!({"path": "/teams/{name}"}),
        "changeSettings" => json!({"mode": "proxy", "learn": true, "latency_scale": 1.0}),
        _ => return None,
    })
}

/// A value for the parameter of this name at this path.
fn parameter(path: &str, name: &str) -> Option<Value> {
    let below = |prefix: &str| path.starts_with(prefix);
    Some(match name {
        "id" if below("/chaos/rules") => json!("checkout-is-flaky"),
        "id" if below("/overrides") => json!("the-cart-is-empty"),
        "id" if below("/resources") => json!("notes.*"),
        "id" if below("/requests") => json!("0192f0c1-1"),
        // The form of an id; which ones there are, the list says.
        "id" => json!("5f2b1c0d9e8a7b6c5d4e"),
        "reason" => json!("credential-missing"),
        "name" if below("/sessions") => json!("ci-42"),
        "name" if below("/baselines") => json!("release-7"),
        "name" => json!("slow-network"),
        "count" => json!(100),
        "page" => json!(1),
        "per_page" | "limit" => json!(50),
        "search" if below("/chaos/rules") => json!("flaky"),
        "search" if below("/chaos/profiles") => json!("network"),
        "search" if below("/overrides") => json!("cart"),
        "search" if below("/baselines") => json!("release"),
        "search" if below("/audit") => json!("create"),
        "search" => json!("users"),
        "If-Match" => json!("*"),
        "method" => json!("GET"),
        "path" => json!("/users/7"),
        "mock" => json!(true),
        "session" => json!("ci-42"),
        "status" => json!(200),
        "seed" => json!("7"),
        "side" => json!("response"),
        "confirm" => json!(false),
        "endpoint" => json!("GET /users/{id}"),
        "source" => json!("mock"),
        "format" if below("/export") => json!("openapi"),
        "format" => json!("wiremock"),
        "override" => json!("the-cart-is-empty"),
        "since" => json!("2026-01-31T12:00:00Z"),
        "rule" => json!("checkout-is-flaky"),
        _ => return None,
    })
}
