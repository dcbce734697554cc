//! What an endpoint costs: learning one exchange, publishing, the form at rest, drawing an answer.
//!
//! `cargo bench --bench snapshot`

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that fails ends")]

use divan::{Bencher, black_box};
use stunt_double::domain::endpoint::{
    BackendId, Behavior, Body, EndpointKey, EndpointModel, ExchangeSample, ModelLimits,
    Observation, Provenance, ResponseSeeds, SequenceState,
};
use stunt_double::domain::path::{PathLearner, PathLimits, PathObservation};
use stunt_double::domain::request::RequestView;
use stunt_double::domain::value::relation::resource_links::ResourceLinks;
use stunt_double::runtime::learning::snapshot::EndpointSnapshot;

fn main() {
    divan::main();
}

/// An answer of about 1 KB, a few statuses, latencies that vary.
fn observation(n: u64) -> Observation {
    let items: Vec<String> = (0..8)
        .map(|item| {
            format!(
                r#"{{"id":{},"sku":"SKU-{:05}","name":"Article {}","price":{}.{:02},"in_stock":{}}}"#,
                n * 8 + item,
                n * 31 + item,
                item,
                n % 90,
                n % 100,
                n.is_multiple_of(3)
            )
        })
        .collect();
    let body = format!(
        r#"{{"id":{n},"status":"{}","created_at":"2026-11-{:02}T10:00:00Z","items":[{}],"total":{}}}"#,
        ["open", "paid", "sent"][(n % 3) as usize],
        n % 28 + 1,
        items.join(","),
        items.len(),
    );
    Observation {
        at_ms: 1_790_000_000_000 + i64::try_from(n).expect("small") * 10,
        provenance: Provenance::Upstream,
        backend: BackendId::ONLY,
        method: "GET".into(),
        path: format!("/orders/{n}").into(),
        status: if n.is_multiple_of(33) { 503 } else { 200 },
        first_byte_us: 2_000 + n * 7 % 900,
        total_us: 3_000 + n * 13 % 4_000,
        sample: Some(Box::new(ExchangeSample {
            response_headers: vec![
                ("content-type".into(), "application/json".into()),
                ("cache-control".into(), "no-store".into()),
                ("etag".into(), format!("\"{n:x}\"").into()),
            ],
            response_body: Body {
                content_type: Some("application/json".into()),
                total_bytes: body.len() as u64,
                bytes: body.into(),
                complete: true,
                ..Body::default()
            },
            ..ExchangeSample::default()
        })),
    }
}

fn learned() -> EndpointModel {
    let limits = ModelLimits::new(256 << 10);
    let mut model = EndpointModel::default();
    for n in 1..=500 {
        let id = n.to_string();
        model.observe(&observation(n), &[("id", &id)], &limits);
    }
    model
}

fn snapshot() -> EndpointSnapshot {
    let mut paths = PathLearner::new(PathLimits::default());
    let template = paths.observe(&PathObservation {
        method: "GET",
        path: "/orders/7",
        status: 200,
        media: None,
        shape: None,
    });
    let mut snapshot = EndpointSnapshot::empty(EndpointKey::new("GET", template));
    snapshot.model = learned().into();
    snapshot
}

#[divan::bench]
fn observe_1_kb(bencher: Bencher) {
    let limits = ModelLimits::new(256 << 10);
    let mut model = learned();
    let observations: Vec<_> = (501..1_501).map(observation).collect();
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 1) % observations.len();
        model.observe(black_box(&observations[at]), &[("id", "7")], &limits)
    });
}

#[divan::bench]
fn publish(bencher: Bencher) {
    let model = learned();
    let links = ResourceLinks::default();
    bencher.bench(|| Behavior::compile(black_box(&model), &links));
}

#[divan::bench]
fn copy_on_write(bencher: Bencher) {
    let model = learned();
    bencher.bench(|| black_box(&model).clone());
}

/// What a publication counts to keep a model within its memory.
#[divan::bench]
fn count_bytes(bencher: Bencher) {
    let model = learned();
    bencher.bench(|| black_box(&model).bytes());
}

/// What a save does beforehand.
#[divan::bench]
fn compact(bencher: Bencher) {
    let model = learned();
    bencher.with_inputs(|| model.clone()).bench_refs(EndpointModel::compact);
}

#[divan::bench]
fn to_record(bencher: Bencher) {
    let snapshot = snapshot();
    bencher.bench(|| black_box(&snapshot).to_record());
}

#[divan::bench]
fn from_record(bencher: Bencher) {
    let snapshot = snapshot();
    let record = snapshot.to_record();
    bencher
        .bench(|| EndpointSnapshot::from_record(black_box(&record), snapshot.key.template.clone()));
}

#[divan::bench]
fn draw_status_headers_and_body(bencher: Bencher) {
    let behavior = Behavior::compile(&learned(), &ResourceLinks::default());
    let cursor = SequenceState::default();
    let mut body = Vec::with_capacity(4_096);
    let facts = RequestView {
        method: "GET",
        path: "/orders/7",
        params: &[("id", "7")],
        query: "",
        at_ms: 1_790_000_000_000,
        ..RequestView::default()
    };
    bencher.bench_local(|| {
        let (status, process, sequence) = cursor.next_status(&behavior, 42);
        let seeds = ResponseSeeds { process, entity: 42, sequence, is_timeless: false };
        let drawn = behavior.draw(status, seeds, false).expect("learned");
        body.clear();
        let representation = drawn.write_body(&facts, &mut body);
        let mut lines = 0;
        drawn.draw_headers(&facts, &body, representation, |_name, _value| lines += 1);
        (body.len(), lines)
    });
}
