//! Requests and the time their answers took, endpoint by endpoint as far as labels are bounded.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;
use prometheus::proto::{MetricFamily, MetricType};
use rustc_hash::FxHashSet;

use super::super::Admin;
use super::families::{count, durations, family};
use crate::domain::endpoint::EndpointId;
use crate::runtime::learning::endpoint_handle::{EndpointHandle, ResponseCounters};
use crate::runtime::learning::histogram::DurationCounts;

/// Endpoints with a label of their own. An endpoint has up to 23 series (6 sources, 15 buckets,
/// sum and count), so that a scrape stays below 2,500 of them and 300 KiB.
pub const ENDPOINTS_MAX: usize = 100;

/// Label of the learned endpoints beyond [`ENDPOINTS_MAX`].
const OTHER: &str = "other";

/// Label of answers on paths that belong to no learned endpoint.
const UNLEARNED: &str = "unlearned";

/// Which endpoints have labels of their own; the scrapes of all workers share it.
///
/// An endpoint that has a label keeps it as long as it exists: counters must not run backwards,
/// which they would if the sum of the others gave up and took back endpoints as ranks change.
#[derive(Clone, Default)]
pub struct EndpointLabels(Arc<Mutex<FxHashSet<EndpointId>>>);

impl EndpointLabels {
    /// Gives free labels to the busiest of the `endpoints` without one, then splits them into
    /// those with a label and the others.
    fn split<'e>(
        &self,
        mut endpoints: Vec<&'e Arc<EndpointHandle>>,
    ) -> (Vec<&'e Arc<EndpointHandle>>, Vec<&'e Arc<EndpointHandle>>) {
        let mut labelled = self.0.lock();
        let known: FxHashSet<&EndpointId> = endpoints.iter().map(|e| e.id()).collect();
        labelled.retain(|id| known.contains(id));
        endpoints.sort_by_cached_key(|endpoint| Reverse(requests(&endpoint.answers)));
        for endpoint in &endpoints {
            if labelled.len() >= ENDPOINTS_MAX || requests(&endpoint.answers) == 0 {
                break;
            }
            labelled.insert(endpoint.id().clone());
        }
        endpoints.into_iter().partition(|endpoint| labelled.contains(endpoint.id()))
    }
}

fn requests(answers: &ResponseCounters) -> u64 {
    by_source(answers).iter().map(|(_, requests)| requests).sum()
}

fn by_source(answers: &ResponseCounters) -> [(&'static str, u64); 6] {
    [
        ("upstream", &answers.upstream),
        ("mock", &answers.mock),
        ("failover", &answers.failover),
        ("override", &answers.overridden),
        ("chaos", &answers.chaos),
        ("error", &answers.error),
    ]
    .map(|(source, counter)| (source, counter.load(Ordering::Relaxed)))
}

/// All answers since the start, by who gave them.
pub fn requests_by_source(admin: &Admin) -> BTreeMap<&'static str, u64> {
    let endpoints = admin.all_endpoints();
    let all = endpoints.iter().map(|endpoint| by_source(&endpoint.answers));
    let mut sums = BTreeMap::new();
    for (source, requests) in all.chain([by_source(&admin.plane.unlearned)]).flatten() {
        *sums.entry(source).or_default() += requests;
    }
    sums
}

/// What was counted under one label.
struct Traffic {
    by_source: [(&'static str, u64); 6],
    durations: DurationCounts,
}

impl Traffic {
    fn of(answers: &ResponseCounters) -> Self {
        Self { by_source: by_source(answers), durations: answers.durations.counts() }
    }

    fn add(mut self, other: &Self) -> Self {
        for ((_, ours), (_, theirs)) in self.by_source.iter_mut().zip(&other.by_source) {
            *ours += theirs;
        }
        self.durations.add(&other.durations);
        self
    }
}

/// Requests and durations of all labels.
pub fn families(admin: &Admin) -> Vec<MetricFamily> {
    let endpoints = admin.all_endpoints();
    let (labelled, others) = admin.labels.split(endpoints.iter().collect());
    let mut rows: Vec<(String, Traffic)> = labelled
        .into_iter()
        .map(|endpoint| {
            let key = endpoint.key();
            // Two backends may have endpoints that are written alike.
            let label = match key.backend.as_str() {
                "" => key.to_string(),
                backend => format!("{key} ({backend})"),
            };
            (label, Traffic::of(&endpoint.answers))
        })
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let others = others.into_iter().map(|endpoint| Traffic::of(&endpoint.answers));
    let none = Traffic::of(&ResponseCounters::default());
    rows.push((OTHER.to_owned(), others.fold(none, |sum, traffic| sum.add(&traffic))));
    rows.push((UNLEARNED.to_owned(), Traffic::of(&admin.plane.unlearned)));
    let mut requests = Vec::new();
    let mut answers = Vec::new();
    for (endpoint, traffic) in &rows {
        // A source that never answered here gets no series, except for one that says so.
        let silent = traffic.durations.total() == 0;
        for (at, (source, number)) in traffic.by_source.iter().enumerate() {
            if *number > 0 || (silent && at == 0) {
                requests.push(count(&[("endpoint", endpoint), ("source", source)], *number));
            }
        }
        answers.push(durations(&[("endpoint", endpoint)], &traffic.durations));
    }
    vec![
        family(
            "stunt_double_requests_total",
            "Requests answered, by endpoint and by who produced the answer; `error` are the \
             double's own.",
            MetricType::COUNTER,
            requests,
        ),
        family(
            "stunt_double_answer_duration_seconds",
            "From a request's arrival to the head of its answer, simulated latency included.",
            MetricType::HISTOGRAM,
            answers,
        ),
    ]
}
