//! Drawing and writing learned bodies, beside `serde_json` serialising the same tree.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that fails ends")]

use std::hint::black_box;

use stunt_double::domain::body::{BodyModel, BodyProgram, BodySample, SynthContext};
use stunt_double::domain::request::RequestView;
use stunt_double::domain::value::limits::ValueLimits;
use stunt_double::domain::value::relation::resource_links::ResourceLinks;

#[path = "bodies/mod.rs"]
mod bodies;

fn main() {
    divan::main();
}

/// Items of the page: about 1 KB and 5 KB.
const SIZES: [usize; 2] = [5, 24];

/// The moment the bodies are seen and drawn: 2026-11-01.
const SEEN_AT_MS: i64 = 1_793_491_200_000;

fn program(items: usize) -> BodyProgram {
    let mut model = BodyModel::default();
    for n in 0..60 {
        let body = bodies::page(n, items);
        let sample = BodySample {
            content_type: Some("application/json"),
            bytes: body.as_bytes(),
            complete: true,
            total_bytes: body.len() as u64,
        };
        let facts = RequestView { at_ms: SEEN_AT_MS, ..RequestView::default() };
        model.observe(&sample, &facts, &ValueLimits::default());
    }
    model.compile(&ResourceLinks::default())
}

#[divan::bench(args = SIZES)]
fn draw_and_write(bencher: divan::Bencher, items: usize) {
    let program = program(items);
    let mut out = Vec::with_capacity(16 << 10);
    let mut seed = 0;
    bencher.counter(divan::counter::BytesCount::new(bodies::page(0, items).len())).bench_local(
        || {
            seed += 1;
            out.clear();
            let facts = RequestView::default();
            let ctx = SynthContext { seed, now_ms: SEEN_AT_MS, kind: None, request: &facts };
            program.write(black_box(&ctx), &mut out);
            out.len()
        },
    );
}

#[divan::bench(args = SIZES)]
fn serde_json_serialises_the_tree(bencher: divan::Bencher, items: usize) {
    let text = bodies::page(7, items);
    let tree: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let mut out = Vec::with_capacity(16 << 10);
    bencher.counter(divan::counter::BytesCount::new(text.len())).bench_local(|| {
        out.clear();
        serde_json::to_writer(&mut out, black_box(&tree)).map(|()| out.len())
    });
}
