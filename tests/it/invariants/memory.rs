//! Invariant 6: what traffic can grow has a named limit, and says what made room.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use stunt_double::domain::endpoint::{BackendId, Body, ExchangeSample, Observation, Provenance};

use crate::support::double::Double;

/// Lets the double see an answer to a GET, without a backend.
fn observe(double: &Double, path: &str, body: &str) {
    let response_body = Body {
        content_type: Some("application/json".into()),
        content_encoding: None,
        bytes: body.as_bytes().to_vec(),
        complete: true,
        total_bytes: body.len() as u64,
        ..Body::default()
    };
    let request_body = Body { complete: true, ..Body::default() };
    let headers = vec![("content-type".into(), "application/json".into())];
    let sample = ExchangeSample {
        response_headers: headers,
        request_body,
        response_body,
        ..Default::default()
    };
    let observation = Observation {
        at_ms: stunt_double::runtime::clock::now_ms(),
        provenance: Provenance::Upstream,
        backend: BackendId::ONLY,
        method: "GET".into(),
        path: path.into(),
        status: 200,
        first_byte_us: 900,
        total_us: 1_000,
        sample: Some(Box::new(sample)),
    };
    double.learning().observe(observation, None);
}

/// A body of its own kind for each name, so that no two endpoints are alike.
fn body_of(name: &str, n: usize) -> String {
    format!(r#"{{"{name}_id": {n}, "{name}_of": ["{name}"], "{name}_is": true}}"#)
}

/// A wide document of which no two are alike.
fn wide(n: usize) -> String {
    let mut body = String::from("{\"id\": 1");
    for at in 0..60 {
        write!(body, ", \"member_{at}\": {{\"n\": {}, \"t\": \"v{n} {at}\"}}", n * 7919 + at)
            .expect("a string takes what is written");
    }
    body + "}"
}

fn labels(double: &Double) -> Vec<String> {
    let mut labels: Vec<String> = double
        .learning()
        .catalog_full()
        .endpoints()
        .map(|handle| handle.key().to_string())
        .collect();
    labels.sort();
    labels
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn notices(double: &Double) -> Vec<String> {
    let ready = double.admin("GET", "/health/ready").json();
    let notices = ready["notices"].as_array().cloned().unwrap_or_default();
    notices.iter().map(|notice| notice["notice"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Observations of all endpoints, and what counts as lost with endpoints that made room.
fn kept_and_evicted(double: &Double) -> (u64, u64) {
    let catalog = double.learning().catalog_full();
    let kept = catalog.endpoints().map(|h| h.published().snapshot.model.observations).sum();
    (kept, read(&double.learning().counters().evicted))
}

#[test]
fn invariant_6_in_a_full_table_the_least_useful_endpoint_makes_room() {
    let double = Double::with(&["--endpoints-max", "6"]).start();
    let seen = [
        ("invoices", 2),
        ("orders", 2),
        ("customers", 2),
        ("carts", 3),
        ("accounts", 10),
        ("products", 30),
    ];
    for (name, times) in seen {
        (0..times).for_each(|n| observe(&double, &format!("/{name}"), &body_of(name, n)));
    }
    double.flush();
    assert_eq!(labels(&double).len(), 6, "{:?}", labels(&double));
    assert!(notices(&double).is_empty());
    // Of the least seen, one is pinned, one was changed, and one is mocked.
    let pinned = double.admin_json("PUT", "/templates", &json!({"path": "/invoices"}));
    assert!(pinned.status < 300, "{}", pinned.text());
    let orders = double.endpoint_id("GET /orders");
    let changed =
        double.admin_json("PATCH", &format!("/endpoints/{orders}"), &json!({"mode": "mock"}));
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(double.mock("/customers").status, 200);
    (0..2).for_each(|n| observe(&double, "/payments", &body_of("payments", n)));
    double.flush();
    let left = ["accounts", "customers", "invoices", "orders", "payments", "products"];
    let left: Vec<String> = left.iter().map(|name| format!("GET /{name}")).collect();
    assert_eq!(labels(&double), left);
    assert_eq!(kept_and_evicted(&double), (2 + 2 + 2 + 10 + 30 + 2, 3));
    assert_eq!(read(&double.learning().counters().endpoints_evicted), 1);
    assert_eq!(notices(&double), ["endpoints-full"]);
    let metrics = double.admin("GET", "/metrics").text();
    assert!(metrics.contains("stunt_double_endpoints_evicted_total 1"), "{metrics}");
}

#[test]
fn invariant_6_a_model_that_outgrows_its_memory_becomes_coarser_and_still_draws() {
    const BYTES_MAX: usize = 48 << 10;
    let double = Double::with(&["--endpoint-model-max-bytes", &BYTES_MAX.to_string()]).start();
    (0..60).for_each(|n| observe(&double, "/wide", &wide(n)));
    double.flush();
    (60..80).for_each(|n| observe(&double, "/wide", &wide(n)));
    double.flush();
    let catalog = double.learning().catalog_full();
    let endpoint = catalog.endpoints().next().expect("it was learned");
    let bytes = endpoint.published().snapshot.model.bytes();
    assert!(bytes <= BYTES_MAX, "{bytes} bytes");
    assert_eq!(endpoint.published().snapshot.model.observations, 80);
    assert!(read(&double.learning().counters().models_tightened) > 0);
    assert_eq!(notices(&double), ["models-coarser"]);
    let mocked = double.mock("/wide").json();
    assert!(mocked["id"].is_number() && mocked["member_0"].is_object(), "{mocked}");
    let metrics = double.admin("GET", "/metrics").text();
    assert!(metrics.contains("stunt_double_models_bytes"), "{metrics}");
}

#[test]
fn invariant_6_the_models_of_all_endpoints_keep_within_their_memory() {
    const BYTES_MAX: usize = 512 << 10;
    const NAMES: [&str; 12] = [
        "accounts",
        "invoices",
        "orders",
        "customers",
        "products",
        "carts",
        "payments",
        "refunds",
        "shipments",
        "addresses",
        "suppliers",
        "employees",
    ];
    let double = Double::with(&["--model-max-bytes", &BYTES_MAX.to_string()]).start();
    for (place, name) in NAMES.iter().enumerate() {
        // The later ones are seen more often, and so of more use.
        let body = |n: usize| wide(n).replace("member", name);
        (0..4 + place).for_each(|n| observe(&double, &format!("/{name}"), &body(n)));
    }
    double.flush();
    let catalog = double.learning().catalog_full();
    let of = |handle: &std::sync::Arc<_>| -> usize {
        let handle: &stunt_double::runtime::learning::endpoint_handle::EndpointHandle = handle;
        handle.published().snapshot.model.bytes()
    };
    let bytes: usize = catalog.endpoints().map(of).sum();
    assert!(bytes <= BYTES_MAX, "{bytes} bytes of {:?}", labels(&double));
    let left = labels(&double);
    assert!(!left.is_empty() && left.len() < NAMES.len(), "{left:?}");
    assert!(left.contains(&"GET /employees".to_owned()), "{left:?}");
    assert!(!left.contains(&"GET /accounts".to_owned()), "{left:?}");
    let (kept, evicted) = kept_and_evicted(&double);
    assert_eq!(kept + evicted, read(&double.learning().counters().accepted));
    assert!(notices(&double).contains(&"endpoints-full".to_owned()));
}
