//! What waits to be written: the newest of everything, so that a database that is down for an
//! hour costs one snapshot an endpoint and not one a second.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::endpoint::BackendId;
use crate::runtime::learning::snapshot::EndpointSnapshot;
use crate::store::{
    AuditRecord, BaselineRecord, Batch, Change, ChaosRuleRecord, DocumentRecord, OverrideRecord,
    PinRecord,
};

/// Audit entries that wait while the database is down; beyond it the oldest are lost with a
/// warning. 10,000: far more changes than people make during an outage, at some 1 KiB each.
const AUDIT_WAITING_MAX: usize = 10_000;

/// One thing to write.
#[derive(Debug, Clone)]
pub enum PendingWrite {
    /// The newest snapshot of an endpoint.
    Endpoint(Arc<EndpointSnapshot>),
    /// The newest snapshot of an endpoint, with something that a person set and waits for.
    Controls(Arc<EndpointSnapshot>),
    /// Endpoints that no longer exist.
    Forget(Vec<String>),
    /// Endpoints folded into the one of the snapshot: the old ids lead to it from now on.
    Fold {
        /// The old ids.
        ids: Vec<String>,
        /// The endpoint that holds what they had learned.
        into: Arc<EndpointSnapshot>,
    },
    /// A setting.
    Setting(&'static str, String),
    /// A setting of one backend among several.
    BackendSetting(String, String),
    /// A pinned template.
    Pin(Change<PinRecord>),
    /// A chaos rule.
    ChaosRule(Change<ChaosRuleRecord>),
    /// An override.
    Override(Change<OverrideRecord>),
    /// A baseline.
    Baseline(Change<BaselineRecord>),
    /// The state of the path learner.
    Paths(DocumentRecord),
    /// An entry of the audit trail.
    Audit(AuditRecord),
    /// Everything learned is forgotten.
    Reset,
}

impl PendingWrite {
    /// A setting of one backend: `name` for the only one.
    #[must_use]
    pub fn of_backend(backend: &BackendId, name: &'static str, value: String) -> Self {
        match backend.setting(name) {
            Cow::Borrowed(_) => Self::Setting(name, value),
            Cow::Owned(name) => Self::BackendSetting(name, value),
        }
    }
}

/// The newest of everything that is not yet written.
#[derive(Debug, Default)]
pub struct PendingWrites {
    reset: bool,
    forgotten: FxHashSet<String>,
    endpoints: FxHashMap<String, Arc<EndpointSnapshot>>,
    /// Endpoints that are written before the others: a person waits for them.
    urgent: FxHashSet<String>,
    redirects: FxHashMap<String, String>,
    settings: FxHashMap<Cow<'static, str>, String>,
    pins: FxHashMap<String, Change<PinRecord>>,
    chaos_rules: FxHashMap<String, Change<ChaosRuleRecord>>,
    overrides: FxHashMap<String, Change<OverrideRecord>>,
    baselines: FxHashMap<String, Change<BaselineRecord>>,
    paths: Option<DocumentRecord>,
    audit: Vec<AuditRecord>,
}

impl PendingWrites {
    /// Adds `write`, replacing what it makes old.
    pub fn add(&mut self, write: PendingWrite) {
        match write {
            PendingWrite::Endpoint(snapshot) => self.keep(snapshot),
            PendingWrite::Controls(snapshot) => {
                self.urgent.insert(snapshot.id.as_str().to_owned());
                self.keep(snapshot);
            }
            PendingWrite::Forget(ids) => ids.into_iter().for_each(|id| self.forget(id)),
            PendingWrite::Fold { ids, into } => {
                let target = into.id.as_str().to_owned();
                self.keep(into);
                for id in ids {
                    self.forget(id.clone());
                    self.redirects.insert(id, target.clone());
                }
            }
            PendingWrite::Setting(name, value) => {
                self.settings.insert(Cow::Borrowed(name), value);
            }
            PendingWrite::BackendSetting(name, value) => {
                self.settings.insert(Cow::Owned(name), value);
            }
            PendingWrite::Pin(change) => {
                let key = key_of(&change, |pin| &pin.template).to_owned();
                self.pins.insert(key, change);
            }
            PendingWrite::ChaosRule(change) => {
                let key = key_of(&change, |rule| &rule.id).to_owned();
                self.chaos_rules.insert(key, change);
            }
            PendingWrite::Override(change) => {
                let key = key_of(&change, |record| &record.id).to_owned();
                self.overrides.insert(key, change);
            }
            PendingWrite::Baseline(change) => {
                let key = key_of(&change, |record| &record.name).to_owned();
                self.baselines.insert(key, change);
            }
            PendingWrite::Paths(document) => self.paths = Some(document),
            PendingWrite::Audit(record) => self.audit.push(record),
            PendingWrite::Reset => {
                self.reset = true;
                self.forgotten.clear();
                self.endpoints.clear();
                self.urgent.clear();
                self.redirects.clear();
                self.paths = None;
            }
        }
        if self.audit.len() > AUDIT_WAITING_MAX {
            let lost = self.audit.len() - AUDIT_WAITING_MAX;
            self.audit.drain(..lost);
            log::warn!("audit trail: {lost} entries lost, the database does not take them");
        }
    }

    fn keep(&mut self, snapshot: Arc<EndpointSnapshot>) {
        self.redirects.remove(snapshot.id.as_str());
        self.endpoints.insert(snapshot.id.as_str().to_owned(), snapshot);
    }

    fn forget(&mut self, id: String) {
        self.endpoints.remove(&id);
        self.forgotten.insert(id);
    }

    /// Puts back what could not be written; what was added meanwhile is newer and wins.
    pub fn restore(&mut self, older: Self) {
        let newer = std::mem::replace(self, older);
        if newer.reset {
            self.add(PendingWrite::Reset);
        }
        newer.forgotten.into_iter().for_each(|id| self.forget(id));
        newer.endpoints.into_values().for_each(|snapshot| self.keep(snapshot));
        self.urgent.extend(newer.urgent);
        self.redirects.extend(newer.redirects);
        self.settings.extend(newer.settings);
        self.pins.extend(newer.pins);
        self.chaos_rules.extend(newer.chaos_rules);
        self.overrides.extend(newer.overrides);
        self.baselines.extend(newer.baselines);
        self.paths = newer.paths.or(self.paths.take());
        self.audit.extend(newer.audit);
    }

    /// Takes out what one transaction writes: everything but the endpoints, of those the ones that
    /// others were folded into (both changes or none) and that a person waits for, and further ones
    /// up to `endpoints_max` in all.
    #[must_use]
    pub fn take_part(&mut self, endpoints_max: usize) -> Self {
        let mut waiting = std::mem::take(&mut self.endpoints);
        let mut taken = std::mem::take(self);
        let mut ids: Vec<String> = std::mem::take(&mut taken.urgent).into_iter().collect();
        ids.extend(taken.redirects.values().cloned());
        let room = endpoints_max.saturating_sub(ids.len());
        ids.extend(waiting.keys().take(room).cloned());
        for id in ids {
            if let Some(snapshot) = waiting.remove(&id) {
                taken.endpoints.insert(id, snapshot);
            }
        }
        self.endpoints = waiting;
        taken
    }

    /// Puts a part and the rest of which it was taken together again.
    pub fn rejoin(&mut self, rest: Self) {
        self.endpoints.extend(rest.endpoints);
    }

    /// Audit entries that wait.
    #[must_use]
    pub fn audit_newest_first(&self) -> Vec<AuditRecord> {
        self.audit.iter().rev().cloned().collect()
    }

    /// Snapshots that wait.
    #[must_use]
    pub fn endpoints(&self) -> usize {
        self.endpoints.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to_batch_without_endpoints().is_empty() && self.endpoints.is_empty()
    }

    /// The batch that writes all of it.
    #[must_use]
    pub fn to_batch(&self) -> Batch {
        let mut batch = self.to_batch_without_endpoints();
        batch.endpoints =
            self.endpoints.values().map(|snapshot| Arc::new(snapshot.to_record())).collect();
        batch
    }

    fn to_batch_without_endpoints(&self) -> Batch {
        Batch {
            reset: self.reset,
            forgotten: self.forgotten.iter().cloned().collect(),
            redirects: self.redirects.iter().map(|(old, new)| (old.clone(), new.clone())).collect(),
            settings: self
                .settings
                .iter()
                .map(|(n, v)| (n.clone().into_owned(), v.clone()))
                .collect(),
            pins: self.pins.values().cloned().collect(),
            chaos_rules: self.chaos_rules.values().cloned().collect(),
            overrides: self.overrides.values().cloned().collect(),
            baselines: self.baselines.values().cloned().collect(),
            path_state: self.paths.clone(),
            audit: self.audit.clone(),
            endpoints: Vec::new(),
        }
    }
}

fn key_of<T>(change: &Change<T>, key: impl Fn(&T) -> &String) -> &str {
    match change {
        Change::Put(record) => key(record),
        Change::Remove(key) => key,
    }
}
