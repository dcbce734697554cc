//! What chaos costs a request: `cargo bench --profile fast --bench chaos`.
//!
//! The first rows are what every request pays while rules exist that do not mean it; the allocation
//! profile under each row shows that it allocates nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that fails ends")]

use std::net::IpAddr;
use std::sync::Arc;

use divan::{Bencher, black_box};
use serde_json::{Value, json};
use stunt_double::domain::chaos::fault::corrupt::{CorruptionKind, KINDS, corrupt};
use stunt_double::domain::chaos::plan::Corruption;
use stunt_double::domain::chaos::subject::StatusClasses;
use stunt_double::domain::chaos::{
    ChaosDrawContext, ChaosLimits, ChaosRule, ChaosSeed, ChaosSubject, ClockReading, Responder,
    RuleCounters, RuleId, RuleSet,
};
use stunt_double::domain::request::RequestView;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

const AT: ChaosDrawContext = ChaosDrawContext {
    clock: ClockReading { now_ms: 1_700_000_000_000, mono_us: 1_000 },
    seed: ChaosSeed::Process(42),
};

fn request() -> RequestView<'static> {
    RequestView {
        method: "GET",
        path: "/orders/42/items",
        query: "page=2&per_page=50",
        session: Some("ci-42"),
        headers: &[("x-team", b"web"), ("accept", b"application/json")],
        peer: Some(IpAddr::from([10, 1, 2, 3])),
        ..RequestView::default()
    }
}

fn about<'a>(request: &'a RequestView<'a>) -> ChaosSubject<'a> {
    ChaosSubject {
        request,
        endpoint_id: Some("e1"),
        template: "/orders/{id}/items",
        source: Responder::Mock,
        learned_classes: StatusClasses::of([200, 404]),
        learned: None,
        level: None,
    }
}

fn book(rules: usize, scope: &Value, faults: &Value, probability: f64) -> RuleSet {
    let rules: Vec<_> = (0..rules)
        .map(|number| {
            let document = json!({"name": "bench", "scope": scope, "faults": faults,
                "probability": probability});
            let id = RuleId::new(format!("r{number}"));
            let now_ms = AT.clock.now_ms;
            let rule = ChaosRule::parse(&document, &ChaosLimits::default(), now_ms, id);
            let rule = rule.expect("valid");
            let counters = RuleCounters::begin(&rule.lease, AT.clock);
            (Arc::new(rule), Arc::new(counters))
        })
        .collect();
    RuleSet::compile(&rules, Arc::default())
}

fn run(bencher: Bencher<'_, '_>, book: &RuleSet) {
    let request = request();
    let subject = about(&request);
    bencher.bench_local(|| book.draw(black_box(&subject), AT));
}

#[divan::bench]
fn no_rules(bencher: Bencher<'_, '_>) {
    run(bencher, &RuleSet::default());
}

#[divan::bench(args = ["endpoints", "session", "glob", "regex", "header", "query", "peers"])]
fn one_rule_outside(bencher: Bencher<'_, '_>, part: &str) {
    let scope = match part {
        "endpoints" => json!({"endpoints": ["e2"]}),
        "session" => json!({"session": "ci-43"}),
        "glob" => json!({"paths": ["/orders/{id}/refunds"]}),
        "regex" => json!({"paths": [{"regex": "^/orders/\\d+/refunds$"}]}),
        "header" => json!({"headers": [{"name": "x-team", "equals": "ios"}]}),
        "query" => json!({"query": [{"name": "debug", "equals": "1"}]}),
        _ => json!({"peers": ["192.168.0.0/16"]}),
    };
    run(bencher, &book(1, &scope, &json!([{"type": "stale"}]), 1.0));
}

#[divan::bench]
fn two_hundred_fifty_six_rules_outside(bencher: Bencher<'_, '_>) {
    let scope = json!({"endpoints": ["e2"]});
    run(bencher, &book(256, &scope, &json!([{"type": "stale"}]), 1.0));
}

#[divan::bench]
fn inside_without_a_hit(bencher: Bencher<'_, '_>) {
    run(bencher, &book(1, &json!({"everything": true}), &json!([{"type": "stale"}]), 0.0));
}

#[divan::bench(args = ["latency", "status", "rate_limit", "corrupt"])]
fn hit(bencher: Bencher<'_, '_>, fault: &str) {
    let fault = match fault {
        "latency" => json!({"type": "latency",
            "distribution": {"type": "log_normal", "median_ms": 50, "sigma": 0.5}}),
        "status" => json!({"type": "status", "status": 503, "retry_after_s": 5}),
        "rate_limit" => json!({"type": "rate_limit", "limit": 1, "per_s": 3600}),
        _ => json!({"type": "corrupt"}),
    };
    run(bencher, &book(1, &json!({"everything": true}), &json!([fault]), 1.0));
}

#[divan::bench(args = KINDS.map(CorruptionKind::name))]
fn corrupt_two_kilobytes(bencher: Bencher<'_, '_>, kind: &str) {
    let items: Vec<_> = (0..20)
        .map(|id| json!({"id": id, "state": "PAID", "price": 9.5, "owner": {"name": "someone"}}))
        .collect();
    let body = json!({"items": items, "page": 1, "total": 20}).to_string();
    let kinds = KINDS.into_iter().filter(|other| other.name() == kind);
    let corruption = Corruption { kinds: kinds.collect(), seed: 7 };
    let schema = json!({"type": "object", "properties": {"items": {"type": "array",
        "items": {"type": "object", "required": ["id", "state"], "properties": {
            "id": {"type": "integer"}, "state": {"type": "string", "enum": ["PAID", "OPEN"]}}}}}});
    bencher.bench_local(|| {
        corrupt(black_box(body.as_bytes()), Some("application/json"), Some(&schema), &corruption)
    });
}
