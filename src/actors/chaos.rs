//! The board on which chaos rules hang: edited by the admin, read wait-free by every request.
//!
//! The rules are compiled into an immutable [`RuleBook`] after each edit; only their counters move,
//! and survive the edit. Rules, leases and counters are handed to the persistence, so that a rule
//! that has ended stays dead after a restart.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::clock::now_ms;
use super::pending::Write;
use super::persistence::PersistenceHandle;
use super::snapshot::{document, read};
use crate::domain::chaos::book::LevelRate;
use crate::domain::chaos::{
    ChaosLimits, ChaosRule, ClockReading, CountersSnapshot, RuleBook, RuleCounters, RuleId,
};
use crate::store::{Change, ChaosRuleRecord, Stored};

/// A rule with its counters.
pub type HeldRule = (Arc<ChaosRule>, Arc<RuleCounters>);

/// A rule at rest.
#[derive(Serialize, Deserialize)]
struct RuleDocument {
    rule: ChaosRule,
    #[serde(default)]
    counters: CountersSnapshot,
}

/// What others hold of the chaos rules; cheap to clone.
#[derive(Clone)]
pub struct ChaosBoard(Arc<Board>);

struct Board {
    book: ArcSwap<RuleBook>,
    rules: Mutex<BTreeMap<RuleId, HeldRule>>,
    level: Arc<LevelRate>,
    limits: ChaosLimits,
    persistence: PersistenceHandle,
    epoch: Instant,
}

impl ChaosBoard {
    /// A board with the rules an earlier run has left; those that cannot be read are skipped with
    /// a warning.
    #[must_use]
    pub fn start(limits: ChaosLimits, stored: &Stored, persistence: PersistenceHandle) -> Self {
        let board = Self(Arc::new(Board {
            book: ArcSwap::default(),
            rules: Mutex::default(),
            level: Arc::default(),
            limits,
            persistence,
            epoch: Instant::now(),
        }));
        let clock = board.clock();
        let mut rules = board.0.rules.lock();
        for record in &stored.chaos_rules {
            let subject = format!("chaos rule {}", record.id);
            if let Some(RuleDocument { rule, counters }) = read(&record.document, &subject, "rule")
            {
                let counters = RuleCounters::restore(&rule.lease, &counters, clock);
                rules.insert(rule.id.clone(), (Arc::new(rule), Arc::new(counters)));
            }
        }
        board.publish(&rules);
        drop(rules);
        board
    }

    /// The compiled rules; wait-free.
    #[must_use]
    pub fn book(&self) -> Guard<Arc<RuleBook>> {
        self.0.book.load()
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

    /// Puts rules in place of those with the same ids; their counters start anew.
    pub fn put(&self, rules: impl IntoIterator<Item = ChaosRule>) {
        let clock = self.clock();
        let mut held = self.0.rules.lock();
        for rule in rules {
            let counters = Arc::new(RuleCounters::begin(&rule.lease, clock));
            let rule = Arc::new(rule);
            self.save(&rule, &counters, clock);
            held.insert(rule.id.clone(), (rule, counters));
        }
        self.publish(&held);
    }

    /// Takes rules away.
    pub fn remove(&self, ids: &[RuleId]) {
        let mut held = self.0.rules.lock();
        for id in ids {
            if held.remove(id).is_some() {
                let change = Change::Remove(id.as_str().to_owned());
                self.0.persistence.write(Write::ChaosRule(change));
            }
        }
        self.publish(&held);
    }

    /// The rules with their counters, ended ones included.
    #[must_use]
    pub fn rules(&self) -> Vec<HeldRule> {
        self.0.rules.lock().values().cloned().collect()
    }

    /// Hands all counters to the persistence, before a shutdown.
    pub fn save_counters(&self) {
        let clock = self.clock();
        for (rule, counters) in self.rules() {
            self.save(&rule, &counters, clock);
        }
    }

    fn save(&self, rule: &ChaosRule, counters: &RuleCounters, clock: ClockReading) {
        let saved = RuleDocument { rule: rule.clone(), counters: counters.snapshot(clock) };
        let record = ChaosRuleRecord {
            id: rule.id.as_str().to_owned(),
            position: rule.priority,
            enabled: rule.enabled,
            name: rule.name.clone(),
            owner: rule.owner.clone(),
            expires_at_ms: Some(rule.lease.expires_at_ms),
            hits: i64::try_from(counters.hits()).unwrap_or(i64::MAX),
            document: document(&saved),
        };
        self.0.persistence.write(Write::ChaosRule(Change::Put(record)));
    }

    fn publish(&self, rules: &BTreeMap<RuleId, HeldRule>) {
        let rules: Vec<HeldRule> = rules.values().cloned().collect();
        self.0.book.store(Arc::new(RuleBook::compile(&rules, Arc::clone(&self.0.level))));
    }
}
