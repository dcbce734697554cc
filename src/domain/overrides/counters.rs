//! What an override has done: calls of each consumer, hits, and who came near.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::domain::chaos::lease::rfc3339;
use crate::domain::chaos::{ClockReading, CountersSnapshot, Lease, RuleCounters};

/// Consumers whose calls one override counts; beyond it all begin anew. A team's CI run.
const CONSUMERS_MAX: usize = 4_096;

/// Requests that are looked at for the nearest miss, for each override that was never hit: enough
/// to find the typo, and a bound on what is spent for it.
const MISSES_LOOKED_AT: u32 = 1_000;

/// The live side of an override.
#[derive(Debug)]
pub struct OverrideCounters {
    /// Lease, matches and hits, counted as those of chaos rules.
    pub lease: RuleCounters,
    calls: Mutex<FxHashMap<u64, Calls>>,
    looks: AtomicU32,
    nearest: Mutex<Option<NearestMiss>>,
}

/// Of one consumer.
#[derive(Clone, Copy, Debug, Default)]
struct Calls {
    matched: u64,
    acted: u64,
}

/// The request that came closest to an override that was never hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NearestMiss {
    /// When it came, unix ms.
    #[serde(rename = "at", serialize_with = "rfc3339::serialize")]
    pub at_ms: i64,
    /// Of the request, in capitals.
    pub method: String,
    /// Its template, or its path without values.
    pub path: String,
    /// The conditions that it did not meet.
    pub because: Vec<String>,
}

impl OverrideCounters {
    /// All counts 0; the lease runs from now.
    pub fn begin(lease: &Lease, clock: ClockReading) -> Self {
        Self::with(RuleCounters::begin(lease, clock))
    }

    /// Continues after a restart; calls of consumers and the nearest miss begin anew.
    pub fn restore(lease: &Lease, saved: &CountersSnapshot, clock: ClockReading) -> Self {
        Self::with(RuleCounters::restore(lease, saved, clock))
    }

    fn with(lease: RuleCounters) -> Self {
        Self { lease, calls: Mutex::default(), looks: AtomicU32::new(0), nearest: Mutex::default() }
    }

    /// The counters of an override that was edited: the same ones while its lease goes on.
    pub fn carried_over(
        self: &Arc<Self>,
        old: &Lease,
        new: &Lease,
        clock: ClockReading,
    ) -> Arc<Self> {
        if old.is_same_span(new) { Arc::clone(self) } else { Arc::new(Self::begin(new, clock)) }
    }

    /// Counts a matching call of a consumer; gives its number, from 1.
    pub fn next_call(&self, consumer: u64) -> u64 {
        let mut calls = self.calls.lock();
        if calls.len() >= CONSUMERS_MAX && !calls.contains_key(&consumer) {
            calls.clear();
        }
        let of = calls.entry(consumer).or_default();
        of.matched += 1;
        of.matched
    }

    /// Counts a call of a consumer that is acted on; gives how many were before.
    pub fn next_act(&self, consumer: u64) -> u64 {
        let mut calls = self.calls.lock();
        let of = calls.entry(consumer).or_default();
        of.acted += 1;
        of.acted - 1
    }

    /// Whether misses are still looked at.
    pub fn wants_misses(&self) -> bool {
        self.lease.hits() == 0 && self.looks.load(Ordering::Relaxed) < MISSES_LOOKED_AT
    }

    /// Keeps `miss` when none was nearer.
    pub fn note_miss(&self, miss: impl FnOnce() -> NearestMiss, unmet: usize) {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let mut nearest = self.nearest.lock();
        if nearest.as_ref().is_none_or(|known| unmet < known.because.len()) {
            *nearest = Some(miss());
        }
    }

    /// The nearest miss, while nothing was hit.
    pub fn nearest_miss(&self) -> Option<NearestMiss> {
        if self.lease.hits() > 0 {
            return None;
        }
        self.nearest.lock().clone()
    }
}
