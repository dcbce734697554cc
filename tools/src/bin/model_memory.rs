//! What a learned endpoint holds in memory, part by part.
//!
//! Learns made-up exchanges of four kinds of endpoint and prints the bytes of their models by part,
//! as the double's own accounting counts them, and what the process has grown by for each of many
//! such models. `cargo run --profile fast -p stunt-double-tools --bin model_memory`

use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use stunt_double::domain::endpoint::{
    BackendId, Body, EndpointModel, ExchangeSample, ModelLimits, Observation, Provenance,
};
use stunt_double::domain::sketch::heap_bytes::HeapBytes;

/// Models made of each kind, to see what the process grows by.
const MODELS: usize = 200;

struct Kind {
    name: &'static str,
    /// Items of the list in the body, and members of each.
    items: usize,
    members: usize,
    /// Exchanges learned.
    exchanges: usize,
}

const KINDS: &[Kind] = &[
    Kind { name: "small, seen twice", items: 0, members: 6, exchanges: 2 },
    Kind { name: "small, seen 500 times", items: 0, members: 6, exchanges: 500 },
    Kind { name: "list of 20, seen 50 times", items: 20, members: 12, exchanges: 50 },
    Kind { name: "list of 100, seen 200 times", items: 100, members: 40, exchanges: 200 },
];

fn main() {
    let limits = ModelLimits::new(256 << 10);
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "endpoint", "body B", "all", "latency", "headers", "bodies"
    );
    for kind in KINDS {
        let model = learned(kind, &limits);
        let answers = || model.answers.values();
        let latency = model.latency.heap_bytes()
            + answers().map(|a| a.total.heap_bytes() + a.first_byte.heap_bytes()).sum::<usize>();
        let headers: usize = answers().map(|answer| answer.headers.heap_bytes()).sum();
        let bodies = answers().map(|answer| answer.body.heap_bytes()).sum::<usize>();
        let body = body(kind, 7).len();
        println!(
            "{:<28} {body:>9} {:>9} {latency:>9} {headers:>9} {bodies:>9}",
            kind.name,
            model.bytes()
        );
        let before = resident_bytes();
        let models: Vec<Arc<EndpointModel>> =
            (0..MODELS).map(|_| Arc::new(EndpointModel::clone(&model))).collect();
        let grown = resident_bytes().saturating_sub(before);
        println!("{:<28} {:>19} resident", "", grown / models.len());
        for steps in 1..=6 {
            let mut tightened = EndpointModel::clone(&model);
            tightened.tighten(&limits.tightened(steps));
            println!("{:<28} {:>19} after {steps} steps", "", tightened.bytes());
        }
    }
}

fn learned(kind: &Kind, limits: &ModelLimits) -> EndpointModel {
    let mut model = EndpointModel::default();
    for n in 0..kind.exchanges {
        let path = format!("/things/{n}");
        let id = n.to_string();
        model.observe(&exchange(kind, n, &path), &[("id", &id)], limits);
    }
    model
}

fn exchange(kind: &Kind, n: usize, path: &str) -> Observation {
    let plain = |name: &str, value: String| (name.into(), Bytes::from(value));
    let answer = body(kind, n);
    let response_headers = vec![
        plain("content-type", "application/json".to_owned()),
        plain("content-length", answer.len().to_string()),
        plain("date", format!("Sun, 01 Nov 2026 {:02}:{:02}:00 GMT", n / 60 % 24, n % 60)),
        plain("etag", format!("\"{:016x}\"", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
        plain("x-request-id", format!("{:032x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
        plain("cache-control", "private, max-age=60".to_owned()),
        plain("server", "gateway/1.4".to_owned()),
    ];
    let request_headers = vec![
        plain("accept", "application/json".to_owned()),
        plain("user-agent", "client/1.0".to_owned()),
    ];
    // Spread over half a decade, as latencies are.
    let us = 900 + (n as u64).wrapping_mul(7919) % 4_000;
    Observation {
        at_ms: 1_793_491_200_000 + n as i64 * 1_000,
        provenance: Provenance::Upstream,
        backend: BackendId::ONLY,
        method: "GET".into(),
        path: path.into(),
        status: 200,
        first_byte_us: us - 100,
        total_us: us,
        sample: Some(Box::new(ExchangeSample {
            query: "page=2".into(),
            request_headers,
            response_headers,
            request_body: Body::default(),
            response_body: Body {
                content_type: Some("application/json".into()),
                content_encoding: None,
                total_bytes: answer.len() as u64,
                complete: true,
                bytes: answer.into_bytes(),
                is_endless: false,
            },
            conversation: None,
        })),
    }
}

/// An object, or a page of them.
fn body(kind: &Kind, n: usize) -> String {
    let object = |n: usize| {
        let mut out = format!("{{\"id\": {n}");
        for at in 1..kind.members {
            let value = n.wrapping_mul(2_654_435_761).wrapping_add(at * 97);
            let _written = match at % 4 {
                0 => write!(out, ", \"flag_{at}\": {}", value.is_multiple_of(3)),
                1 => write!(out, ", \"name_{at}\": \"thing {}\"", value % 10_000),
                2 => write!(out, ", \"amount_{at}\": {}.{:02}", value % 1_000, value % 100),
                _ => write!(out, ", \"kind_{at}\": \"{}\"", ["new", "open", "done"][value % 3]),
            };
        }
        out + "}"
    };
    if kind.items == 0 {
        return object(n);
    }
    let items: Vec<String> = (0..kind.items).map(|at| object(n * kind.items + at)).collect();
    format!("{{\"total\": {}, \"items\": [{}]}}", kind.items * 10, items.join(","))
}

/// Resident memory of this process.
fn resident_bytes() -> usize {
    const PAGE: usize = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * PAGE
}
