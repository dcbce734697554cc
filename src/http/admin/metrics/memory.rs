//! Figures of what is kept in memory: models, the tape of the site, the worlds of consumers.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus::proto::MetricFamily;

use super::families::{counter, gauge};
use crate::http::admin::Admin;

/// What is kept, and what made room.
pub fn families(admin: &Admin) -> Vec<MetricFamily> {
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let learning = admin.learning.counters();
    let site = admin.learning.site();
    let tape = site.counters();
    vec![
        gauge(
            "stunt_double_models_bytes",
            "Bytes that the models of all endpoints occupy.",
            read(&learning.models_bytes) as f64,
        ),
        counter(
            "stunt_double_models_tightened_total",
            "How often a model became coarser because it had outgrown its budget of memory.",
            read(&learning.models_tightened),
        ),
        gauge(
            "stunt_double_tape_bytes",
            "Bytes that the exchanges occupy from which reasons, lists and entities are learned.",
            read(&tape.bytes) as f64,
        ),
        gauge(
            "stunt_double_tape_exchanges",
            "Exchanges from which reasons, lists and entities are learned.",
            read(&tape.exchanges) as f64,
        ),
        counter(
            "stunt_double_tape_exchanges_dropped_total",
            "Exchanges that did not reach the tape because its owner was busy.",
            read(&tape.exchanges_dropped),
        ),
        counter(
            "stunt_double_site_learned_total",
            "How often reasons, lists and entities were learned from the tape.",
            read(&tape.learned),
        ),
        counter(
            "stunt_double_worlds_evicted_total",
            "Consumers whose writes were forgotten to make room for others.",
            read(&site.worlds().counters().evicted),
        ),
    ]
}
