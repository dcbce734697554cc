//! Rules touch what they mean, at the rate that was asked for, and nothing else.

use serde_json::{Value, json};

use super::{make, rule, shown, status};
use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;

const BODY: &str = r#"{"id":7,"name":"Ann"}"#;

fn backend() -> Backend {
    Backend::answering(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    ))
}

/// A double that knows `/users/{id}` and `/orders/{id}`.
fn learned(backend: &Backend) -> Double {
    let double = Double::in_front_of(backend.url());
    for n in 1..=10 {
        double.get(&format!("/users/{n}"));
        double.get(&format!("/orders/{n}"));
    }
    double.flush();
    double
}

/// `count` answers as read from the wire, without what differs from exchange to exchange.
fn answers(double: &Double, request: &str, count: usize) -> Vec<String> {
    let mut client = RawClient::connect(double.addr);
    let ask = |_| {
        assert!(client.send(request.as_bytes()));
        let answer = client.answer().expect("an answer");
        let varies = ["x-mock-request-id:", "date:", "via:"];
        let mut lines: Vec<&str> = answer
            .head
            .lines()
            .filter(|line| !varies.iter().any(|name| line.starts_with(name)))
            .collect();
        // Header order is that of a hash table, which differs between processes.
        lines.sort_unstable();
        format!("{}\n{}", lines.join("\n"), answer.text())
    };
    (0..count).map(ask).collect()
}

/// A rule for every part a scope has, none of which means a GET of `/users/7` by nobody.
fn elsewhere(double: &Double) -> Vec<Value> {
    let orders = double.endpoint_id("GET /orders/{id}");
    vec![
        json!({"endpoints": [orders]}),
        json!({"methods": ["POST"]}),
        json!({"paths": ["/orders/{id}", "/users/*/posts", "/v*/users/**"]}),
        json!({"paths": [{"regex": "^/users/[0-6]$"}]}),
        json!({"session": "ci-42"}),
        json!({"headers": [{"name": "x-team", "equals": "web"}]}),
        json!({"headers": [{"name": "x-team", "prefix": "w"}]}),
        json!({"headers": [{"name": "x-team", "regex": "."}]}),
        json!({"headers": [{"name": "x-team", "present": true}]}),
        json!({"query": [{"name": "debug", "equals": "1"}]}),
        json!({"peers": ["10.0.0.0/8", "::1"]}),
        json!({"sources": ["mock"]}),
        json!({"learned_statuses": ["5xx"]}),
        // Every part matches but one.
        json!({"methods": ["GET"], "paths": ["/users/{id}"], "session": "nobody"}),
    ]
}

#[test]
fn ten_thousand_requests_outside_every_scope_are_not_touched() {
    let backend = backend();
    let (with, without) = (learned(&backend), learned(&backend));
    for scope in elsewhere(&with) {
        let mut rule = rule(status(503));
        rule["scope"] = scope;
        make(&with, &rule);
    }
    let request = "GET /users/7?page=1 HTTP/1.1\r\nhost: x\r\n\r\n";
    let expected = answers(&without, request, 1);
    let seen = answers(&with, request, 10_000);
    let touched = seen.iter().filter(|answer| **answer != expected[0]).count();
    assert_eq!(touched, 0, "{:?}", seen.iter().find(|answer| **answer != expected[0]));
    let rules = with.admin("GET", "/chaos/rules").json();
    for rule in rules["items"].as_array().expect("rules") {
        assert_eq!((&rule["matched"], &rule["hits"]), (&json!(0), &json!(0)), "{rule}");
    }
    // The admin, health and metrics are no target, not even of a rule for everything.
    make(&with, &rule(status(503)));
    for path in ["/health/live", "/health/ready", "/metrics", "/endpoints", "/chaos/rules"] {
        let answer = with.admin("GET", path);
        assert_eq!((answer.status, answer.get("x-mock-chaos")), (200, None), "{path}");
    }
}

#[test]
fn every_part_of_a_scope_matches_what_it_names() {
    let backend = backend();
    let double = learned(&backend);
    let users = double.endpoint_id("GET /users/{id}");
    let team = [("x-team", "web")];
    let none: &[(&str, &str)] = &[];
    let mock: &[(&str, &str)] = &[("x-mock-enabled", "true")];
    let session: &[(&str, &str)] = &[("x-mock-session", "ci-42")];
    for (scope, path, headers) in [
        (json!({"endpoints": [users]}), "/users/7", none),
        (json!({"methods": ["get"]}), "/users/7", none),
        (json!({"paths": ["/users/{id}"]}), "/users/7", none),
        (json!({"paths": ["/users/**"]}), "/users/7/posts/1", none),
        (json!({"paths": [{"regex": "/7$"}]}), "/users/7", none),
        (json!({"session": "ci-42"}), "/users/7", session),
        (json!({"headers": [{"name": "X-Team", "equals": "web"}]}), "/users/7", &team),
        (json!({"headers": [{"name": "x-team", "prefix": "w"}]}), "/users/7", &team),
        (json!({"headers": [{"name": "x-team", "regex": "^w.b$"}]}), "/users/7", &team),
        (json!({"headers": [{"name": "x-team", "present": false}]}), "/users/7", none),
        (json!({"query": [{"name": "debug", "equals": "1"}]}), "/users/7?a=b&debug=1", none),
        (json!({"peers": ["127.0.0.0/8"]}), "/users/7", none),
        (json!({"sources": ["upstream"]}), "/users/7", none),
        (json!({"sources": ["mock"]}), "/users/7", mock),
        (json!({"learned_statuses": ["2xx"]}), "/users/7", none),
    ] {
        let mut rule = rule(status(418));
        rule["scope"] = scope.clone();
        make(&double, &rule);
        assert_eq!(double.request("GET", path, headers, b"").status, 418, "{scope}");
        double.admin("POST", "/chaos/stop");
    }
}

#[test]
fn rates_are_right_in_small_and_in_large_numbers() {
    let backend = backend();
    let double = learned(&backend);
    let request = "GET /users/7 HTTP/1.1\r\nhost: x\r\n\r\n";
    let hits = |count: usize, p: f64| {
        let mut rule = rule(status(503));
        rule["probability"] = json!(p);
        let id = make(&double, &rule);
        let seen = answers(&double, request, count);
        let hits = seen.iter().filter(|answer| answer.contains(" 503 ")).count();
        assert_eq!(shown(&double, &id)["hits"], hits, "what is told is what was done");
        double.admin("POST", "/chaos/stop");
        hits as f64
    };
    for (count, p) in [(10, 0.1), (10, 0.35), (100, 0.1), (100, 0.01)] {
        let expected = count as f64 * p;
        assert!((hits(count, p) - expected).abs() <= 1.0, "{p} of {count}");
    }
    let sigma = (10_000.0_f64 * 0.1 * 0.9).sqrt();
    assert!((hits(10_000, 0.1) - 1_000.0).abs() <= 3.0 * sigma);
}

#[test]
fn the_same_seed_repeats_the_same_hits() {
    let backend = backend();
    let hits = |seed: &str| {
        let double = Double::with(&["--seed", seed]).target(backend.url()).start();
        let mut rule = rule(status(503));
        rule["probability"] = json!(0.3);
        make(&double, &rule);
        let seen = answers(&double, "GET /users/7 HTTP/1.1\r\nhost: x\r\n\r\n", 200);
        seen.iter().map(|answer| answer.contains(" 503 ")).collect::<Vec<_>>()
    };
    let first = hits("one");
    assert_eq!(hits("one"), first);
    assert_ne!(hits("two"), first);
}

#[test]
fn invariant_1_an_hour_of_chaos_leaves_the_model_as_it_was() {
    let double = Double::in_front_of_demo();
    double.learn_demo(300);
    let list = double.admin("GET", "/endpoints?per_page=500").json();
    let ids: Vec<&str> =
        list["items"].as_array().expect("items").iter().filter_map(|e| e["id"].as_str()).collect();
    let model = || {
        double.flush();
        let views = ["", "/stats", "/schema"];
        let view =
            |id: &&str| views.map(|v| double.admin("GET", &format!("/endpoints/{id}{v}")).text());
        ids.iter().map(view).collect::<Vec<_>>()
    };
    let before = model();
    for profile in ["flaky-backend", "partial-outage", "bad-deploy", "rate-limited"] {
        let start = json!({"scope": {"everything": true}});
        double.admin_json("POST", &format!("/chaos/profiles/{profile}/start"), &start);
    }
    // Whatever no other rule hits is delayed, so that every exchange is disturbed.
    make(&double, &rule(super::delay(1)));
    for n in 0..1_000 {
        let path = ["/users/7", "/orders/3", "/products", "/users"][n % 4];
        let mut client = RawClient::connect(double.addr);
        client.send(
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes(),
        );
        // Some of them are cut off.
        let _seen = client.answer();
    }
    double.admin("POST", "/chaos/stop");
    assert_eq!(model(), before);
}
