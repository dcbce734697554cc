//! Learning one body of about 1 KB, by a model that is new and by one that knows the endpoint.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that fails ends")]

use std::hint::black_box;

use stunt_double::domain::body::{BodyModel, BodySample};
use stunt_double::domain::request::RequestView;
use stunt_double::domain::value::limits::ValueLimits;

#[path = "bodies/mod.rs"]
mod bodies;

fn main() {
    divan::main();
}

fn observe(model: &mut BodyModel, body: &str, limits: &ValueLimits) {
    let sample = BodySample {
        content_type: Some("application/json"),
        bytes: body.as_bytes(),
        complete: true,
        total_bytes: body.len() as u64,
    };
    let params = [("id", "1003")];
    // 2026-11-01: numbers near the moment of the observation are taken for times.
    let at_ms = 1_793_491_200_000;
    let facts = RequestView { params: &params, query: "page=2", at_ms, ..RequestView::default() };
    model.observe(black_box(&sample), &facts, limits);
}

#[divan::bench(args = [50, 2000])]
fn observe_1_kb(bencher: divan::Bencher, known: usize) {
    let limits = ValueLimits::default();
    let pages: Vec<String> = (0..256).map(|n| bodies::page(n, 5)).collect();
    let mut model = BodyModel::default();
    (0..known).for_each(|n| observe(&mut model, &pages[n % 256], &limits));
    let mut n = 0;
    bencher.bench_local(|| {
        n += 1;
        observe(&mut model, &pages[n % 256], &limits);
    });
}

#[divan::bench]
fn parse_1_kb_alone(bencher: divan::Bencher) {
    let page = bodies::page(3, 5);
    bencher.bench_local(|| serde_json::from_str::<serde_json::Value>(black_box(&page)).is_ok());
}
