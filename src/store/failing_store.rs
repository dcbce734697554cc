//! A store in memory that fails by name, not by chance, and records what was written.
//!
//! It stands for a broken database in the tests of whoever writes here, and, with nothing
//! planned, it is the naive reference the real stores are compared with: what a [`Batch`] means,
//! said with maps.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::error::{Kind, StoreError};
use super::records::{
    AuditRecord, BaselineRecord, Batch, Change, ChaosRuleRecord, DocumentRecord, EndpointRecord,
    OverrideRecord, PinRecord, Stored,
};
use super::{AUDIT_ROWS_MAX, Store};

/// A planned failure. Calls are counted from 1, each kind by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// The nth write.
    Write(u64),
    /// Every write from the nth on, until [`Recording::heal`].
    WritesFrom(u64),
    /// Every check, until [`Recording::heal`].
    Check,
    /// Every load, until [`Recording::heal`].
    Load,
    /// The nth write panics, as a bug would.
    PanicOnWrite(u64),
}

/// The store; hand it to the actor and keep the [`Recording`].
#[derive(Debug, Default)]
pub struct FailingStore(Recording);

/// What a [`FailingStore`] was told, to be looked at while somebody else owns the store.
#[derive(Debug, Clone, Default)]
pub struct Recording(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    plan: Vec<FailOn>,
    writes: u64,
    batches: Vec<Batch>,
    content: Content,
}

/// What is stored, by key.
#[derive(Debug, Default)]
struct Content {
    endpoints: BTreeMap<String, EndpointRecord>,
    redirects: BTreeMap<String, String>,
    settings: BTreeMap<String, String>,
    pins: BTreeMap<String, PinRecord>,
    chaos_rules: BTreeMap<String, ChaosRuleRecord>,
    overrides: BTreeMap<String, OverrideRecord>,
    baselines: BTreeMap<String, BaselineRecord>,
    path_state: Option<DocumentRecord>,
    /// Oldest first.
    audit: Vec<AuditRecord>,
}

impl FailingStore {
    /// Keeps what is written, and fails as planned; an empty plan never does.
    pub fn new(plan: impl IntoIterator<Item = FailOn>) -> Self {
        let store = Self::default();
        store.0.0.lock().plan.extend(plan);
        store
    }

    /// A view of this store that outlives it.
    pub fn recording(&self) -> Recording {
        self.0.clone()
    }
}

impl Recording {
    /// Adds to the plan; the calls counted so far stay counted.
    pub fn fail_on(&self, failure: FailOn) {
        self.0.lock().plan.push(failure);
    }

    /// Forgets the plan: everything succeeds from now on.
    pub fn heal(&self) {
        self.0.lock().plan.clear();
    }

    /// Calls to `write` so far, failed ones included.
    pub fn writes(&self) -> u64 {
        self.0.lock().writes
    }

    /// The batches that were written, in order; failed ones are not among them.
    pub fn batches(&self) -> Vec<Batch> {
        self.0.lock().batches.clone()
    }

    /// What a load would give.
    pub fn stored(&self) -> Stored {
        self.0.lock().content.stored()
    }
}

impl Store for FailingStore {
    fn load(&mut self) -> Result<Stored, StoreError> {
        let state = self.0.0.lock();
        if state.plan.contains(&FailOn::Load) {
            return Err(planned(Kind::Unavailable));
        }
        Ok(state.content.stored())
    }

    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut state = self.0.0.lock();
        state.writes += 1;
        let nth = state.writes;
        if state.plan.contains(&FailOn::PanicOnWrite(nth)) {
            drop(state); // so that the recording can still be read
            panic!("planned panic on write {nth}");
        }
        let fails = |failure: &FailOn| match failure {
            FailOn::Write(planned) => *planned == nth,
            FailOn::WritesFrom(first) => *first <= nth,
            FailOn::Check | FailOn::Load | FailOn::PanicOnWrite(_) => false,
        };
        if state.plan.iter().any(fails) {
            return Err(planned(Kind::Write));
        }
        state.content.apply(batch);
        state.batches.push(batch.clone());
        Ok(())
    }

    fn check(&mut self) -> Result<(), StoreError> {
        match self.0.0.lock().plan.contains(&FailOn::Check) {
            true => Err(planned(Kind::Unavailable)),
            false => Ok(()),
        }
    }

    fn audit(&mut self, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        Ok(self.0.0.lock().content.audit.iter().rev().take(limit).cloned().collect())
    }
}

fn planned(kind: Kind) -> StoreError {
    kind.of("failing store", "planned failure")
}

impl Content {
    fn apply(&mut self, batch: &Batch) {
        if batch.reset {
            self.endpoints.clear();
            self.redirects.clear();
            self.path_state = None;
        }
        for id in &batch.forgotten {
            self.endpoints.remove(id);
        }
        for endpoint in &batch.endpoints {
            self.endpoints.insert(endpoint.id.clone(), with_sorted_statuses(endpoint));
        }
        self.redirects.extend(batch.redirects.iter().cloned());
        self.settings.extend(batch.settings.iter().cloned());
        for change in &batch.pins {
            apply_change(&mut self.pins, change, |pin| &pin.template);
        }
        for change in &batch.chaos_rules {
            apply_change(&mut self.chaos_rules, change, |rule| &rule.id);
        }
        for change in &batch.overrides {
            apply_change(&mut self.overrides, change, |record| &record.id);
        }
        for change in &batch.baselines {
            apply_change(&mut self.baselines, change, |record| &record.name);
        }
        if let Some(state) = &batch.path_state {
            self.path_state = Some(state.clone());
        }
        for entry in crate::store::batch::latest(&batch.audit, |entry| &entry.id) {
            if self.audit.iter().all(|known| known.id != entry.id) {
                self.audit.push(entry.clone());
            }
        }
        let surplus = self.audit.len().saturating_sub(AUDIT_ROWS_MAX as usize);
        self.audit.drain(..surplus);
    }

    fn stored(&self) -> Stored {
        let mut chaos_rules: Vec<_> = self.chaos_rules.values().cloned().collect();
        chaos_rules.sort_by_key(|rule| rule.position);
        Stored {
            endpoints: self.endpoints.values().cloned().collect(),
            redirects: self.redirects.clone().into_iter().collect(),
            settings: self.settings.clone().into_iter().collect(),
            pins: self.pins.values().cloned().collect(),
            chaos_rules,
            overrides: self.overrides.values().cloned().collect(),
            baselines: self.baselines.values().cloned().collect(),
            path_state: self.path_state.clone(),
            damaged: Vec::new(),
        }
    }
}

fn apply_change<T: Clone>(
    records: &mut BTreeMap<String, T>,
    change: &Change<T>,
    key: impl Fn(&T) -> &String,
) {
    match change {
        Change::Put(record) => drop(records.insert(key(record).clone(), record.clone())),
        Change::Remove(key) => drop(records.remove(key)),
    }
}

/// As a database gives it back: ascending, of two with one status the later.
fn with_sorted_statuses(endpoint: &EndpointRecord) -> EndpointRecord {
    let statuses: BTreeMap<_, _> =
        endpoint.statuses.iter().map(|status| (status.status, status.clone())).collect();
    EndpointRecord { statuses: statuses.into_values().collect(), ..endpoint.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(value: &str) -> Batch {
        Batch { settings: vec![("mode".into(), value.into())], ..Batch::default() }
    }

    fn value(recording: &Recording) -> Option<String> {
        recording.stored().settings.pop().map(|(_, value)| value)
    }

    #[test]
    fn the_planned_write_fails_and_leaves_what_was_stored() {
        let mut store = FailingStore::new([FailOn::Write(2)]);
        let recording = store.recording();
        store.write(&setting("one")).unwrap();
        assert!(store.write(&setting("two")).is_err());
        assert_eq!(value(&recording).as_deref(), Some("one"));
        store.write(&setting("three")).unwrap();
        assert_eq!(value(&recording).as_deref(), Some("three"));
        assert_eq!(recording.writes(), 3);
        assert_eq!(recording.batches(), [setting("one"), setting("three")]);
    }

    #[test]
    fn a_lasting_failure_lasts_until_it_is_healed() {
        let mut store = FailingStore::new([FailOn::WritesFrom(1), FailOn::Check, FailOn::Load]);
        let recording = store.recording();
        assert!(store.write(&setting("one")).is_err() && store.write(&setting("one")).is_err());
        assert!(store.check().is_err() && store.load().is_err());
        recording.heal();
        store.write(&setting("one")).unwrap();
        store.check().unwrap();
        assert_eq!(store.load().unwrap(), recording.stored());
        recording.fail_on(FailOn::Write(4));
        assert!(store.write(&setting("two")).is_err());
    }

    #[test]
    fn a_planned_panic_leaves_the_recording_readable() {
        let mut store = FailingStore::new([FailOn::PanicOnWrite(1)]);
        let recording = store.recording();
        let writing = std::panic::AssertUnwindSafe(|| store.write(&setting("one")));
        assert!(std::panic::catch_unwind(writing).is_err());
        assert_eq!((recording.writes(), value(&recording)), (1, None));
    }
}
