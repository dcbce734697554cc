//! The registry of chaos rules: edited by the admin, read wait-free by every request.
//!
//! ```text
//! admin ─▶ ChaosHandle: edit under a lock ─▶ RuleSet (immutable) ─▶ every request draws from it
//!              │ each edit: rule + counters saved, audited            │ counters move (atomics)
//!              │ each cancellation: whoever waits for chaos looks anew  ▼
//!              └──────────────── CounterFlusher saves what moved ◀───────┘
//! ```
//!
//! The rules are compiled into an immutable [`RuleSet`] after each edit; only their counters move,
//! and survive the edit. Rules, leases and counters are handed to the persistence, so that a rule
//! that has ended stays dead after a restart.

mod audit;
mod cancellation;
mod counter_flusher;
mod edit;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix::ArbiterHandle;
use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use self::edit::{EditError, Expected};
use super::clock::now_ms;
use super::persistence::PersistenceHandle;
use crate::domain::chaos::rule_set::LevelRate;
use crate::domain::chaos::{
    ChaosLimits, ChaosRule, ClockReading, CountersSnapshot, RuleCounters, RuleId, RuleReport,
    RuleSet, RuleState,
};
pub use crate::runtime::chaos::cancellation::Cancellation;
use crate::runtime::learning::snapshot::{document, read};
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::{Change, ChaosRuleRecord, Stored};

/// A rule in the registry.
#[derive(Debug, Clone)]
pub struct RuleEntry {
    /// What was asked for.
    pub rule: Arc<ChaosRule>,
    /// What was done.
    pub counters: Arc<RuleCounters>,
    /// Grows with every edit of any rule, over restarts, too: what an `ETag` says.
    pub revision: u64,
    /// The revision at which the rule was made: the order among rules of one priority.
    made: u64,
    /// What of the counters was saved last.
    saved: Arc<AtomicU64>,
}

/// A rule at rest.
#[derive(Serialize, Deserialize)]
struct RuleDocument {
    rule: ChaosRule,
    #[serde(default)]
    counters: CountersSnapshot,
    #[serde(default)]
    revision: u64,
    #[serde(default)]
    made: u64,
}

/// What others hold of the chaos rules; cheap to clone.
#[derive(Clone)]
pub struct ChaosHandle(Arc<ChaosRegistry>);

struct ChaosRegistry {
    compiled: ArcSwap<RuleSet>,
    rules: Mutex<Rules>,
    level: Arc<LevelRate>,
    limits: ChaosLimits,
    persistence: PersistenceHandle,
    epoch: Instant,
    /// Counts cancellations; see [`Cancellation`].
    cancellations: watch::Sender<u64>,
    /// The cancellation that took everything back last.
    all_cancelled: AtomicU64,
}

#[derive(Default)]
struct Rules {
    entries: BTreeMap<RuleId, RuleEntry>,
    revision: u64,
}

impl RuleEntry {
    /// The rule as the admin answers it.
    #[must_use]
    pub fn report(&self, clock: ClockReading) -> RuleReport<'_> {
        RuleReport::new(&self.rule, &self.counters, clock)
    }

    /// Its state.
    #[must_use]
    pub fn state(&self, clock: ClockReading) -> RuleState {
        self.rule.state(&self.counters, clock)
    }

    /// Changes when something is worth saving: a hit, an end.
    fn progress(&self, clock: ClockReading) -> u64 {
        // Three bits hold the six states; hits never reach 2^61.
        (self.counters.hits() << 3) | self.state(clock) as u64
    }
}

impl ChaosHandle {
    /// The registry with the rules an earlier run has left; those that cannot be read are skipped
    /// with a warning.
    #[must_use]
    pub fn start(limits: ChaosLimits, stored: &Stored, persistence: PersistenceHandle) -> Self {
        let handle = Self(Arc::new(ChaosRegistry {
            compiled: ArcSwap::default(),
            rules: Mutex::default(),
            level: Arc::default(),
            limits,
            persistence,
            epoch: Instant::now(),
            cancellations: watch::Sender::new(0),
            all_cancelled: AtomicU64::new(0),
        }));
        let clock = handle.clock();
        let mut rules = handle.0.rules.lock();
        for record in &stored.chaos_rules {
            let subject = format!("chaos rule {}", record.id);
            let Some(RuleDocument { rule, counters, revision, made }) =
                read(&record.document, &subject, "rule")
            else {
                continue;
            };
            let counters = Arc::new(RuleCounters::restore(&rule.lease, &counters, clock));
            rules.revision = rules.revision.max(revision);
            let (rule, saved) = (Arc::new(rule), Arc::default());
            let id = rule.id.clone();
            rules.entries.insert(id, RuleEntry { rule, counters, revision, made, saved });
        }
        handle.publish(&rules);
        drop(rules);
        handle
    }

    /// Starts to save, every `interval` on `arbiter`, the counters that have moved.
    pub fn keep_saved(&self, interval: Duration, arbiter: &ArbiterHandle) {
        counter_flusher::start(self.clone(), interval, arbiter);
    }

    /// The compiled rules; wait-free.
    #[must_use]
    pub fn rule_set(&self) -> Guard<Arc<RuleSet>> {
        self.0.compiled.load()
    }

    /// Both clocks, as leases are held against them.
    #[must_use]
    pub fn clock(&self) -> ClockReading {
        let mono_us = u64::try_from(self.0.epoch.elapsed().as_micros()).unwrap_or(u64::MAX);
        ClockReading { now_ms: now_ms(), mono_us }
    }

    /// Bounds on what a rule may ask for.
    #[must_use]
    pub fn limits(&self) -> &ChaosLimits {
        &self.0.limits
    }

    /// The rules in the order in which they act, ended ones included.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleEntry> {
        in_order(&self.0.rules.lock())
    }

    /// One rule.
    #[must_use]
    pub fn rule(&self, id: &RuleId) -> Option<RuleEntry> {
        self.0.rules.lock().entries.get(id).cloned()
    }

    /// Hands all counters to the persistence, before a shutdown.
    pub fn save_counters(&self) {
        let (rules, clock) = (self.0.rules.lock(), self.clock());
        rules.entries.values().for_each(|held| self.save(held, clock));
    }

    /// Hands the counters that have moved to the persistence.
    pub fn save_moved(&self) {
        let (rules, clock) = (self.0.rules.lock(), self.clock());
        for held in rules.entries.values() {
            if held.saved.load(Ordering::Relaxed) != held.progress(clock) {
                self.save(held, clock);
            }
        }
    }

    /// Under the lock of the rules, so that a rule that is removed cannot be saved afterwards.
    fn save(&self, held: &RuleEntry, clock: ClockReading) {
        let RuleEntry { rule, counters, revision, made, saved } = held;
        saved.store(held.progress(clock), Ordering::Relaxed);
        let at_rest = RuleDocument {
            rule: (**rule).clone(),
            counters: counters.snapshot(clock),
            revision: *revision,
            made: *made,
        };
        let record = ChaosRuleRecord {
            id: rule.id.as_str().to_owned(),
            position: rule.priority,
            enabled: rule.enabled,
            name: rule.name.clone(),
            owner: rule.owner.clone(),
            expires_at_ms: Some(rule.lease.expires_at_ms),
            hits: i64::try_from(counters.hits()).unwrap_or(i64::MAX),
            document: document(&at_rest),
        };
        self.0.persistence.write(PendingWrite::ChaosRule(Change::Put(record)));
    }

    fn publish(&self, rules: &Rules) {
        let held = in_order(rules).into_iter().map(|held| (held.rule, held.counters));
        let held: Vec<_> = held.collect();
        self.0.compiled.store(Arc::new(RuleSet::compile(&held, Arc::clone(&self.0.level))));
    }
}

/// By priority, highest first; equal ones in the order in which they were made.
fn in_order(rules: &Rules) -> Vec<RuleEntry> {
    let mut held: Vec<RuleEntry> = rules.entries.values().cloned().collect();
    held.sort_by_key(|held| (std::cmp::Reverse(held.rule.priority), held.made));
    held
}
