//! Figures of what is kept in memory: models, the tape of the site, the worlds of consumers.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus::proto::MetricFamily;

use super::families::{counter, gauge};
use crate::http::admin::Admin;
use crate::runtime::site::SiteCounters;

/// What is kept, and what made room.
pub fn families(admin: &Admin) -> Vec<MetricFamily> {
    let tape = |of: fn(&SiteCounters) -> &AtomicU64| {
        admin.sum(|learning| of(learning.site().counters()).load(Ordering::Relaxed))
    };
    vec![
        gauge(
            "stunt_double_models_bytes",
            "Bytes that the models of all endpoints occupy.",
            admin.counted(|counted| &counted.models_bytes) as f64,
        ),
        counter(
            "stunt_double_models_tightened_total",
            "How often a model became coarser because it had outgrown its budget of memory.",
            admin.counted(|counted| &counted.models_tightened),
        ),
        gauge(
            "stunt_double_tape_bytes",
            "Bytes that the exchanges occupy from which reasons, lists and entities are learned.",
            tape(|counted| &counted.bytes) as f64,
        ),
        gauge(
            "stunt_double_tape_exchanges",
            "Exchanges from which reasons, lists and entities are learned.",
            tape(|counted| &counted.exchanges) as f64,
        ),
        counter(
            "stunt_double_tape_exchanges_dropped_total",
            "Exchanges that did not reach the tape because its owner was busy.",
            tape(|counted| &counted.exchanges_dropped),
        ),
        counter(
            "stunt_double_site_learned_total",
            "How often reasons, lists and entities were learned from the tape.",
            tape(|counted| &counted.learned),
        ),
        counter(
            "stunt_double_worlds_evicted_total",
            "Consumers whose writes were forgotten to make room for others.",
            admin.sum(|learning| {
                learning.site().worlds().counters().evicted.load(Ordering::Relaxed)
            }),
        ),
    ]
}
