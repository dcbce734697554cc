//! The board of overrides: edited by the admin, read wait-free by every request.
//!
//! ```text
//! admin ─▶ OverridesHandle: edit under a lock ─▶ OverrideSet (immutable) ─▶ every mock asks it
//!              │ each edit is saved and audited        │ counters move (atomics)
//!              └──────── counters that moved are saved every flush interval
//! ```

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix::ArbiterHandle;
use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::now_ms;
use super::edit::{EditAction, EditError, Expected, audit_entry, next_revision};
use super::learning::snapshot::{document, read};
use super::persistence::PersistenceHandle;
use super::persistence::pending_writes::PendingWrite;
use crate::domain::chaos::{ChaosLimits, ClockReading, CountersSnapshot, RuleId, RuleState};
use crate::domain::overrides::override_set::OVERRIDES_MAX;
use crate::domain::overrides::{OverrideCounters, OverrideRule, OverrideSet};
use crate::domain::validation::FieldError;
use crate::store::{Change, OverrideRecord, Stored};

/// Bytes of all overrides together, as JSON: a large set of recorded answers.
const DOCUMENTS_BYTES_MAX: usize = 64 << 20;

/// An override on the board.
#[derive(Debug, Clone)]
pub struct OverrideEntry {
    /// As it was edited last.
    pub rule: Arc<OverrideRule>,
    /// Shared with the compiled set.
    pub counters: Arc<OverrideCounters>,
    /// Grows with every edit of any override: what an `ETag` says.
    pub revision: u64,
    /// The revision at which it was made: of one priority the newest is asked first.
    made: u64,
    bytes: usize,
    /// Hits when the counters were saved last.
    saved: Arc<AtomicU64>,
}

/// An override at rest.
#[derive(Serialize, Deserialize)]
struct OverrideDocument {
    #[serde(rename = "override")]
    rule: OverrideRule,
    #[serde(default)]
    counters: CountersSnapshot,
    #[serde(default)]
    revision: u64,
    #[serde(default)]
    made: u64,
}

/// What others hold of the overrides; cheap to clone.
#[derive(Clone)]
pub struct OverridesHandle(Arc<Board>);

struct Board {
    set: ArcSwap<OverrideSet>,
    held: Mutex<Overrides>,
    limits: ChaosLimits,
    persistence: PersistenceHandle,
    epoch: Instant,
}

#[derive(Default)]
struct Overrides {
    by_id: BTreeMap<RuleId, OverrideEntry>,
    revision: u64,
}

impl OverrideEntry {
    /// Whether it acts now, or why not.
    #[must_use]
    pub fn state(&self, clock: ClockReading) -> RuleState {
        self.rule.state(&self.counters, clock)
    }
}

impl Overrides {
    fn find(&self, id: &RuleId, expected: &Expected) -> Result<OverrideEntry, EditError> {
        let held = self.by_id.get(id).ok_or(EditError::Unknown)?;
        expected.check(held.revision)?;
        Ok(held.clone())
    }

    /// By priority, highest first; of equal ones the newest.
    fn in_order(&self) -> Vec<OverrideEntry> {
        let mut held: Vec<OverrideEntry> = self.by_id.values().cloned().collect();
        held.sort_by_key(|held| Reverse((held.rule.priority, held.made)));
        held
    }
}

impl OverridesHandle {
    /// A board with the overrides an earlier run has left; those that cannot be read are skipped
    /// with a warning.
    #[must_use]
    pub fn start(limits: ChaosLimits, stored: &Stored, persistence: PersistenceHandle) -> Self {
        let board = Self(Arc::new(Board {
            set: ArcSwap::default(),
            held: Mutex::default(),
            limits,
            persistence,
            epoch: Instant::now(),
        }));
        let clock = board.clock();
        let mut held = board.0.held.lock();
        for record in &stored.overrides {
            let subject = format!("override {}", record.id);
            let Some(OverrideDocument { rule, mut counters, revision, made }) =
                read(&record.document, &subject, "override")
            else {
                continue;
            };
            if rule.lease.is_endless() {
                // What has no end is not ended by a clock that went back.
                counters.saved_at_ms = 0;
            }
            let counters = Arc::new(OverrideCounters::restore(&rule.lease, &counters, clock));
            held.revision = held.revision.max(revision);
            let (bytes, saved) = (record.document.json.len(), Arc::default());
            let entry =
                OverrideEntry { counters, revision, made, bytes, saved, rule: Arc::new(rule) };
            held.by_id.insert(entry.rule.id.clone(), entry);
        }
        board.publish(&held);
        drop(held);
        board
    }

    /// Starts to save, every `interval` on `arbiter`, the counters that have moved.
    pub fn keep_saved(&self, interval: Duration, arbiter: &ArbiterHandle) {
        let board = self.clone();
        super::counter_flusher::start(move || board.save_counters(), interval, arbiter);
    }

    /// The compiled overrides; wait-free.
    #[must_use]
    pub fn set(&self) -> Guard<Arc<OverrideSet>> {
        self.0.set.load()
    }

    /// Both clocks, as leases are held against them.
    #[must_use]
    pub fn clock(&self) -> ClockReading {
        let mono_us = u64::try_from(self.0.epoch.elapsed().as_micros()).unwrap_or(u64::MAX);
        ClockReading { now_ms: now_ms(), mono_us }
    }

    /// The overrides in the order in which they are asked.
    #[must_use]
    pub fn entries(&self) -> Vec<OverrideEntry> {
        self.0.held.lock().in_order()
    }

    /// One override.
    #[must_use]
    pub fn entry(&self, id: &RuleId) -> Option<OverrideEntry> {
        self.0.held.lock().by_id.get(id).cloned()
    }

    /// Makes an override that a person wrote.
    ///
    /// # Errors
    /// [`EditError::Invalid`], [`EditError::Full`].
    pub fn create(&self, json: &Value, actor: &str) -> Result<OverrideEntry, EditError> {
        let mut made = self.create_all(std::slice::from_ref(json), actor)?;
        made.pop().ok_or(EditError::Full)
    }

    /// Makes overrides, all or none.
    ///
    /// # Errors
    /// [`EditError::Invalid`], [`EditError::Full`].
    pub fn create_all(
        &self,
        documents: &[Value],
        actor: &str,
    ) -> Result<Vec<OverrideEntry>, EditError> {
        let clock = self.clock();
        let mut held = self.0.held.lock();
        let draft = |document: &Value| {
            let id = RuleId::new("draft");
            OverrideRule::parse(document, &self.0.limits, clock.now_ms, id)
                .map_err(EditError::Invalid)
        };
        let drafts: Vec<OverrideRule> = documents.iter().map(draft).collect::<Result<_, _>>()?;
        let bytes = documents.iter().map(|document| document.to_string().len()).sum();
        self.make_room(&mut held, (drafts.len(), bytes), clock)?;
        let made = drafts.into_iter().map(|draft| {
            let id = RuleId::derived(&draft.name, |id| held.by_id.contains_key(id));
            let rule = Arc::new(OverrideRule { id, ..draft });
            let revision = next_revision(&mut held.revision, clock.now_ms);
            let counters = Arc::new(OverrideCounters::begin(&rule.lease, clock));
            let saved = Arc::default();
            let entry = OverrideEntry { rule, counters, revision, made: revision, bytes: 0, saved };
            self.keep(&mut held, entry, None, (actor, EditAction::Create), clock)
        });
        let made = made.collect();
        self.publish(&held);
        Ok(made)
    }

    /// Rewrites an override as a whole.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn replace(
        &self,
        id: &RuleId,
        expected: &Expected,
        json: &Value,
        actor: &str,
    ) -> Result<OverrideEntry, EditError> {
        self.edit((id, expected), (actor, EditAction::Replace), |rule, now_ms| {
            rule.rewrite(json, &self.0.limits, now_ms)
        })
    }

    /// Changes members of an override.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn amend(
        &self,
        id: &RuleId,
        expected: &Expected,
        patch: &Value,
        actor: &str,
    ) -> Result<OverrideEntry, EditError> {
        self.edit((id, expected), (actor, EditAction::Amend), |rule, now_ms| {
            rule.amend(patch, &self.0.limits, now_ms)
        })
    }

    /// Takes an override back.
    ///
    /// # Errors
    /// [`EditError::Unknown`], [`EditError::Stale`].
    pub fn delete(&self, id: &RuleId, expected: &Expected, actor: &str) -> Result<(), EditError> {
        let mut held = self.0.held.lock();
        let before = held.find(id, expected)?;
        held.by_id.remove(id);
        let revision = next_revision(&mut held.revision, now_ms());
        self.forget(id);
        self.note((actor, EditAction::Delete, revision), Some(&before), None);
        self.publish(&held);
        Ok(())
    }

    fn edit(
        &self,
        (id, expected): (&RuleId, &Expected),
        (actor, action): (&str, EditAction),
        change: impl FnOnce(&OverrideRule, i64) -> Result<OverrideRule, Vec<FieldError>>,
    ) -> Result<OverrideEntry, EditError> {
        let clock = self.clock();
        let mut held = self.0.held.lock();
        let before = held.find(id, expected)?;
        let rule = change(&before.rule, clock.now_ms).map_err(EditError::Invalid)?;
        // Another answer begins its sequence anew.
        let is_other = rule.answers != before.rule.answers || rule.whom != before.rule.whom;
        let counters = match is_other {
            true => Arc::new(OverrideCounters::begin(&rule.lease, clock)),
            false => before.counters.carried_over(&before.rule.lease, &rule.lease, clock),
        };
        let revision = next_revision(&mut held.revision, clock.now_ms);
        let after = OverrideEntry { rule: Arc::new(rule), counters, revision, ..before.clone() };
        let after = self.keep(&mut held, after, Some(&before), (actor, action), clock);
        self.publish(&held);
        Ok(after)
    }

    fn keep(
        &self,
        held: &mut Overrides,
        mut entry: OverrideEntry,
        before: Option<&OverrideEntry>,
        (actor, action): (&str, EditAction),
        clock: ClockReading,
    ) -> OverrideEntry {
        entry.bytes = self.save(&entry, clock);
        self.note((actor, action, entry.revision), before, Some(&entry));
        held.by_id.insert(entry.rule.id.clone(), entry.clone());
        entry
    }

    /// Room for `count` more of `bytes`: those that ended and were made first give way.
    fn make_room(
        &self,
        held: &mut Overrides,
        (count, bytes): (usize, usize),
        clock: ClockReading,
    ) -> Result<(), EditError> {
        let fits = |held: &Overrides| {
            let held_bytes: usize = held.by_id.values().map(|held| held.bytes).sum();
            held.by_id.len() + count <= OVERRIDES_MAX && held_bytes + bytes <= DOCUMENTS_BYTES_MAX
        };
        let mut ended = held.in_order();
        ended.retain(|held| matches!(held.state(clock), RuleState::Expired | RuleState::Exhausted));
        ended.sort_by_key(|held| Reverse(held.made));
        while !fits(held) {
            let oldest = ended.pop().ok_or(EditError::Full)?;
            held.by_id.remove(&oldest.rule.id);
            self.forget(&oldest.rule.id);
        }
        Ok(())
    }

    fn forget(&self, id: &RuleId) {
        let change = Change::Remove(id.as_str().to_owned());
        self.0.persistence.write(PendingWrite::Override(change));
    }

    fn note(
        &self,
        edit: (&str, EditAction, u64),
        before: Option<&OverrideEntry>,
        after: Option<&OverrideEntry>,
    ) {
        let Some(changed) = after.or(before) else { return };
        let subject = format!("overrides/{}", changed.rule.id);
        let before = before.map(|held| &*held.rule);
        let record = audit_entry(edit, subject, before, after.map(|held| &*held.rule));
        self.0.persistence.write(PendingWrite::Audit(record));
    }

    /// Hands the counters that have moved to the persistence.
    pub fn save_counters(&self) {
        let (held, clock) = (self.0.held.lock(), self.clock());
        for entry in held.by_id.values() {
            if entry.saved.load(Ordering::Relaxed) != entry.counters.lease.hits() {
                self.save(entry, clock);
            }
        }
    }

    /// Under the lock, so that what is taken back cannot be saved afterwards; gives its size.
    fn save(&self, entry: &OverrideEntry, clock: ClockReading) -> usize {
        let OverrideEntry { rule, counters, revision, made, .. } = entry;
        let hits = counters.lease.hits();
        entry.saved.store(hits, Ordering::Relaxed);
        let at_rest = document(&OverrideDocument {
            rule: (**rule).clone(),
            counters: counters.lease.snapshot(clock),
            revision: *revision,
            made: *made,
        });
        let bytes = at_rest.json.len();
        let record = OverrideRecord {
            id: rule.id.as_str().to_owned(),
            position: rule.priority,
            enabled: rule.enabled,
            name: rule.name.clone(),
            owner: rule.owner.clone(),
            hits: i64::try_from(hits).unwrap_or(i64::MAX),
            document: at_rest,
        };
        self.0.persistence.write(PendingWrite::Override(Change::Put(record)));
        bytes
    }

    fn publish(&self, held: &Overrides) {
        let entries = held.in_order();
        let rules = entries.iter().map(|held| (&held.rule, &held.counters));
        self.0.set.store(Arc::new(OverrideSet::new(rules)));
    }
}
