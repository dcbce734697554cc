//! What identifying a path costs: `cargo bench --profile fast --bench identify`.
//!
//! The tree holds 1,000 templates; the allocation profile under each row shows what a hit costs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that fails ends")]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use stunt_double::domain::path::{PathLearner, PathLimits, PathObservation};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

const RESOURCES: usize = 125;

/// Eight templates for each resource, two of them literal, up to three parameters deep.
fn paths(id: usize) -> Vec<String> {
    (0..RESOURCES)
        .flat_map(|n| {
            let name = resource(n);
            [
                format!("/api/v1/{name}"),
                format!("/api/v1/{name}/search"),
                format!("/api/v1/{name}/{id}"),
                format!("/api/v1/{name}/{id}/comments"),
                format!("/api/v1/{name}/{id}/comments/{}", id * 7),
                format!(
                    "/api/v1/{name}/{id}/members/5f94c37e-826f-4ecb-9c36-7c9bc0d1e2{:02}",
                    id % 90 + 10
                ),
                format!("/api/v1/{name}/{id}/events/2024-05-{:02}/items", id % 28 + 1),
                format!("/api/v1/{name}/{id}/comments/{}/likes/{}", id * 7, id * 3),
            ]
        })
        .collect()
}

/// A made-up resource name that reads like a word.
fn resource(n: usize) -> String {
    const HEADS: [&str; 5] = ["order", "user", "team", "report", "invoice"];
    const TAILS: [&str; 5] = ["groups", "items", "settings", "templates", "versions"];
    const KINDS: [&str; 5] = ["", "admin-", "public-", "draft-", "shared-"];
    format!("{}{}-{}", KINDS[n / 25], HEADS[n / 5 % 5], TAILS[n % 5])
}

fn learned() -> PathLearner {
    let mut learner = PathLearner::new(PathLimits::default());
    for id in 1..12 {
        for path in paths(id) {
            learner.observe(&PathObservation {
                method: "GET",
                path: &path,
                status: 200,
                media: None,
                shape: None,
            });
        }
    }
    learner.settle();
    learner
}

/// Every template once, with values that were never seen. One item is one path.
#[divan::bench]
fn known_template(bencher: Bencher<'_, '_>) {
    let tree = learned().tree();
    let paths = paths(4_711);
    let known = paths.iter().filter(|path| tree.identify(path).is_learned()).count();
    assert_eq!((known, tree.templates().count()), (paths.len(), 8 * RESOURCES));
    bencher.counter(ItemsCount::new(paths.len())).bench_local(|| {
        for path in &paths {
            black_box(tree.identify(black_box(path)));
        }
    });
}

/// A path no template fits: the guess makes a text of its own.
#[divan::bench]
fn unknown_template(bencher: Bencher<'_, '_>) {
    let tree = learned().tree();
    bencher
        .counter(ItemsCount::new(1usize))
        .bench_local(|| black_box(tree.identify(black_box("/api/v2/nothing/4711/like-this")).leaf));
}

/// What the mock of a path answers that was never learned: the templates most like it, of 10,000.
#[divan::bench]
fn nearest_of_10_000(bencher: Bencher<'_, '_>) {
    const TEMPLATES: usize = 10_000;
    let mut learner = PathLearner::new(PathLimits {
        templates_max: 2 * TEMPLATES,
        nodes_max: 16 * TEMPLATES,
        ..PathLimits::default()
    });
    let parts = TEMPLATES / RESOURCES;
    for (n, part) in (0..RESOURCES).flat_map(|n| (0..parts).map(move |part| (n, part))) {
        let text = format!("/api/v1/{}/{}-part/{{id}}", resource(n), resource(part));
        assert!(learner.admit(&text, 10).is_some(), "{text}");
    }
    let tree = learner.tree();
    assert_eq!(tree.templates().count(), TEMPLATES);
    bencher
        .counter(ItemsCount::new(1usize))
        .bench_local(|| black_box(tree.nearest(black_box("/api/v1/user-itms/team-prt/x7"), 10)));
}

/// A path already kept as evidence, as most traffic is.
#[divan::bench]
fn observe_known_path(bencher: Bencher<'_, '_>) {
    let mut learner = learned();
    let paths = paths(5);
    bencher.counter(ItemsCount::new(paths.len())).bench_local(|| {
        for path in &paths {
            let sighting =
                PathObservation { method: "GET", path, status: 200, media: None, shape: None };
            black_box(learner.observe(&sighting));
        }
    });
}

/// One whole inference over the evidence of 1,000 templates.
#[divan::bench(sample_count = 20)]
fn infer_all(bencher: Bencher<'_, '_>) {
    let mut learner = learned();
    bencher.bench_local(|| {
        let sighting = PathObservation {
            method: "GET",
            path: "/api/v1",
            status: 200,
            media: None,
            shape: None,
        };
        learner.observe(&sighting);
        learner.settle();
    });
}

/// What a hostile path is filled with: one endless word, nothing but separators of segments or of
/// words, percent escapes that are none, digits that could be an id.
const HOSTILE: [&str; 5] = ["a", "/", "-._", "%zz", "7"];

/// Hostile paths of 16 and of 64 KiB: the same throughput for both sizes means linear cost.
#[divan::bench(args = hostile())]
fn hostile_path(bencher: Bencher<'_, '_>, path: &Hostile) {
    let tree = learned().tree();
    bencher
        .counter(BytesCount::new(path.0.len()))
        .bench_local(|| black_box(tree.identify(black_box(&path.0)).leaf));
}

/// The same, learned.
#[divan::bench(args = hostile())]
fn observe_hostile_path(bencher: Bencher<'_, '_>, path: &Hostile) {
    let mut learner = learned();
    bencher.counter(BytesCount::new(path.0.len())).bench_local(|| {
        let sighting =
            PathObservation { method: "GET", path: &path.0, status: 200, media: None, shape: None };
        black_box(learner.observe(&sighting));
    });
}

struct Hostile(String);

impl std::fmt::Display for Hostile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of `{}`", self.0.len(), &self.0[9..12])
    }
}

fn hostile() -> impl Iterator<Item = Hostile> {
    HOSTILE.iter().flat_map(|fill| {
        [16 << 10, 64 << 10]
            .map(|length: usize| Hostile(format!("/api/v1/{}", fill.repeat(length / fill.len()))))
    })
}
