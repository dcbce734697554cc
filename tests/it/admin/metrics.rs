//! Metrics: well formed, right, and bounded.

use std::collections::{BTreeMap, BTreeSet};

use super::learned;
use crate::support::backend::Backend;
use crate::support::double::Double;

/// The figures of a scrape: by name and labels as they stand.
struct Scrape {
    types: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    /// Reads the text format, and fails on whatever does not belong to it.
    fn of(double: &Double) -> Self {
        let answer = double.admin("GET", "/metrics");
        assert_eq!(answer.get("content-type"), Some("text/plain; version=0.0.4"));
        let (mut types, mut samples, mut helped) =
            (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        for line in answer.text().lines() {
            let mut words = line.splitn(4, ' ');
            match (words.next(), words.next()) {
                (Some("#"), Some("HELP")) => {
                    let name = words.next().expect("a name").to_owned();
                    assert!(words.next().is_some_and(|help| help.ends_with('.')), "{line}");
                    assert!(helped.insert(name), "{line} comes twice");
                }
                (Some("#"), Some("TYPE")) => {
                    let name = words.next().expect("a name").to_owned();
                    let kind = words.next().expect("a type").to_owned();
                    assert!(types.insert(name, kind).is_none(), "{line} comes twice");
                }
                _ => {
                    let (series, value) = line.rsplit_once(' ').expect("name and value");
                    let value: f64 = value.parse().expect("a number");
                    assert!(samples.insert(series.to_owned(), value).is_none(), "{line} twice");
                }
            }
        }
        Self { types, samples }
    }

    fn value(&self, series: &str) -> f64 {
        *self.samples.get(series).unwrap_or_else(|| panic!("no {series} in {:?}", self.samples))
    }

    fn sum(&self, name: &str) -> f64 {
        let of_name = |series: &&String| series.split('{').next() == Some(name);
        self.samples.iter().filter(|(series, _)| of_name(series)).map(|(_, value)| value).sum()
    }
}

#[test]
fn names_follow_the_rules() {
    let double = learned();
    let scrape = Scrape::of(&double);
    assert!(scrape.types.len() > 20);
    for (name, kind) in &scrape.types {
        assert!(name.starts_with("stunt_double_") || name.starts_with("process_"), "{name}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
    }
    for series in scrape.samples.keys() {
        let name = series.split('{').next().expect("a name");
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|part| name.strip_suffix(part).filter(|f| scrape.types.contains_key(*f)));
        assert!(scrape.types.contains_key(family.unwrap_or(name)), "{series} has no type");
    }
}

#[test]
fn requests_are_counted_by_endpoint_and_by_who_answered() {
    let double = Double::in_front_of_demo();
    double.get("/users/1");
    double.flush();
    for n in 0..3 {
        double.get(&format!("/users/{n}"));
    }
    double.mock("/users/7");
    double.mock("/no/such/place");
    double.flush();
    let scrape = Scrape::of(&double);
    let requests = |endpoint: &str, source: &str| {
        let labels = format!("endpoint=\"{endpoint}\",source=\"{source}\"");
        scrape.value(&format!("stunt_double_requests_total{{{labels}}}"))
    };
    assert_eq!(requests("GET /users/{id}", "upstream"), 3.0);
    assert_eq!(requests("GET /users/{id}", "mock"), 1.0);
    // The first one came before its endpoint was known.
    assert_eq!(requests("unlearned", "upstream"), 1.0);
    assert_eq!(requests("unlearned", "error"), 1.0);
    assert_eq!(scrape.value("stunt_double_observations_learned_total"), 4.0);
    assert_eq!(scrape.value("stunt_double_endpoints"), 1.0);
    assert_eq!(scrape.value("stunt_double_backend_up"), 1.0);
    assert_eq!(scrape.value("stunt_double_store_up"), 1.0);
    assert!(scrape.value("process_resident_memory_bytes") > 1e6);
}

#[test]
fn durations_are_cumulative_and_agree_with_the_requests() {
    let double = learned();
    // What came before the endpoint was known counts under no endpoint's name.
    double.get("/users/3");
    let scrape = Scrape::of(&double);
    let name = "stunt_double_answer_duration_seconds";
    assert_eq!(scrape.sum(&format!("{name}_count")), scrape.sum("stunt_double_requests_total"));
    let labels = "endpoint=\"GET /users/{id}\"";
    let mut buckets: Vec<(f64, f64)> = scrape
        .samples
        .iter()
        .filter_map(|(series, count)| {
            let rest = series.strip_prefix(&format!("{name}_bucket{{{labels},le=\""))?;
            let bound = rest.strip_suffix("\"}")?;
            Some((bound.parse().unwrap_or(f64::INFINITY), *count))
        })
        .collect();
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "{buckets:?}");
    let (bound, count) = *buckets.last().expect("buckets");
    assert!(bound.is_infinite());
    assert_eq!(count, scrape.value(&format!("{name}_count{{{labels}}}")));
}

#[test]
fn labels_are_bounded_and_nothing_is_lost_in_the_sum() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let double = Double::in_front_of(backend.url());
    // Methods are any tokens (RFC 9110 section 9.1), so one path makes many endpoints.
    let methods: Vec<String> = (0..120).map(|n| format!("VERB{n}")).collect();
    let send_all = || {
        for method in &methods {
            double.request(method, "/things", &[], b"");
        }
        double.flush();
    };
    send_all();
    send_all();
    let labels = |scrape: &Scrape| -> BTreeSet<String> {
        let names = scrape.samples.keys().filter(|s| s.starts_with("stunt_double_requests_total"));
        names.filter_map(|s| s.split('"').nth(1)).map(str::to_owned).collect()
    };
    let first = Scrape::of(&double);
    assert_eq!(labels(&first).len(), 100 + 2, "the labelled ones, `other` and `unlearned`");
    let other = "stunt_double_requests_total{endpoint=\"other\",source=\"upstream\"}";
    assert_eq!(first.value(other), 20.0);
    assert_eq!(first.sum("stunt_double_requests_total"), 240.0);
    send_all();
    let second = Scrape::of(&double);
    assert_eq!(labels(&second), labels(&first), "a label once given stays");
    assert!(second.value(other) > first.value(other), "counters never run backwards");
}
