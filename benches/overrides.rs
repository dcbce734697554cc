//! What overrides cost a request: `cargo bench --bench overrides`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that fails ends")]

use std::hint::black_box;
use std::sync::Arc;

use divan::Bencher;
use serde_json::{Value, json};
use stunt_double::domain::chaos::{ChaosLimits, ChaosSeed, ClockReading, Responder, RuleId};
use stunt_double::domain::matching::EndpointFacts;
use stunt_double::domain::overrides::{
    OverrideCounters, OverrideRule, OverrideSet, OverrideSubject,
};
use stunt_double::domain::request::RequestView;

const CLOCK: ClockReading = ClockReading { now_ms: 1_700_000_000_000, mono_us: 1_000 };

fn main() {
    divan::main();
}

fn set(matches: impl Iterator<Item = Value>) -> OverrideSet {
    let held: Vec<_> = matches
        .enumerate()
        .map(|(number, whom)| {
            let document = json!({"name": "bench", "match": whom,
                "answer": {"type": "exactly", "status": 418}});
            let id = RuleId::new(format!("o{number}"));
            let rule = OverrideRule::parse(&document, &ChaosLimits::default(), CLOCK.now_ms, id);
            let rule = rule.expect("valid");
            let counters = OverrideCounters::begin(&rule.lease, CLOCK);
            (Arc::new(rule), Arc::new(counters))
        })
        .collect();
    OverrideSet::new(held.iter().map(|(rule, counters)| (rule, counters)))
}

fn run(bencher: Bencher<'_, '_>, set: &OverrideSet) {
    let request = RequestView {
        method: "GET",
        path: "/api/v1/orders/42/items",
        query: "page=2&per_page=50",
        session: Some("ci-42"),
        headers: &[("x-team", b"web"), ("accept", b"application/json")],
        ..RequestView::default()
    };
    let endpoint = Some(EndpointFacts {
        id: "e1",
        method: "GET",
        template: "/api/v1/orders/{id}/items",
        route: "",
    });
    let subject =
        OverrideSubject { request: &request, endpoint, source: Responder::Mock, body: None };
    bencher.bench_local(|| set.choose(black_box(&subject), CLOCK, ChaosSeed::Process(42)));
}

#[divan::bench]
fn none(bencher: Bencher<'_, '_>) {
    run(bencher, &OverrideSet::default());
}

/// A thousand resources of an API, each overridden by hand.
#[divan::bench(args = ["paths", "endpoints", "entities", "mixed"])]
fn a_thousand_that_mean_others(bencher: Bencher<'_, '_>, kind: &str) {
    let whom = |number: usize| match kind {
        "paths" => json!({"methods": ["GET"], "paths": [format!("/api/v1/things{number}/{{id}}")]}),
        "endpoints" => json!({"endpoints": [format!("other{number}")]}),
        "entities" => json!({"paths": [format!("/api/v1/orders/{}/items", number + 1_000)]}),
        _ if number.is_multiple_of(3) => json!({"endpoints": [format!("other{number}")]}),
        _ => json!({"methods": ["POST"], "paths": [format!("/api/v{number}/orders/**")]}),
    };
    run(bencher, &set((0..1_000).map(whom)));
}

#[divan::bench]
fn a_hit_among_a_thousand(bencher: Bencher<'_, '_>) {
    let hit = std::iter::once(json!({"paths": ["/api/v1/orders/{id}/items"]}));
    let others = (0..999).map(|n| json!({"paths": [format!("/api/v1/things{n}/{{id}}")]}));
    run(bencher, &set(hit.chain(others)));
}
