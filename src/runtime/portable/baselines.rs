//! Models kept by name: what drift is measured against.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use parking_lot::Mutex;

use crate::domain::portable::PortableModel;
use crate::runtime::clock::now_ms;
use crate::runtime::persistence::PersistenceHandle;
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::{BaselineRecord, Change, DocumentRecord, Stored};

/// Baselines kept: a release a week for a year.
pub const BASELINES_MAX: usize = 50;

/// Bytes of all their files together.
const BYTES_MAX: usize = 128 << 20;

/// Version of the document in the database.
const DOCUMENT_VERSION: i32 = 1;

/// A model kept by name.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// As a person gave it; another one of the same name takes its place.
    pub name: String,
    /// When it was kept, unix milliseconds.
    pub created_at_ms: i64,
    /// Exchanges that it has learned.
    pub observations: u64,
    /// Its file.
    pub file: Arc<Vec<u8>>,
}

/// The baselines of a double.
#[derive(Clone)]
pub struct BaselinesHandle {
    persistence: PersistenceHandle,
    held: Arc<Mutex<BTreeMap<String, Baseline>>>,
}

impl BaselinesHandle {
    /// Those of earlier runs.
    #[must_use]
    pub fn start(persistence: PersistenceHandle, stored: &Stored) -> Self {
        let mut held = BTreeMap::new();
        for record in &stored.baselines {
            let BaselineRecord { name, created_at_ms, observations, document } = record;
            let file = BASE64_STANDARD.decode(&document.json);
            let (Ok(file), true) = (file, document.version <= DOCUMENT_VERSION) else {
                log::warn!("baseline {name}: cannot be read by this version, skipped");
                continue;
            };
            let observations = u64::try_from(*observations).unwrap_or_default();
            let (created_at_ms, file) = (*created_at_ms, Arc::new(file));
            let known = Baseline { name: name.clone(), created_at_ms, observations, file };
            held.insert(name.clone(), known);
        }
        Self { persistence, held: Arc::new(Mutex::new(held)) }
    }

    /// All of them, by name.
    #[must_use]
    pub fn all(&self) -> Vec<Baseline> {
        self.held.lock().values().cloned().collect()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Baseline> {
        self.held.lock().get(name).cloned()
    }

    /// Keeps a model under a name, in the place of the one that had it; false when there is no
    /// room.
    #[must_use]
    pub fn keep(&self, name: &str, model: &PortableModel) -> Option<Baseline> {
        let baseline = Baseline {
            name: name.to_owned(),
            created_at_ms: now_ms(),
            observations: model.observations(),
            file: Arc::new(model.to_bytes()),
        };
        let mut held = self.held.lock();
        let others = held.values().filter(|known| known.name != name);
        let (count, bytes) = others.fold((1, baseline.file.len()), |(count, bytes), known| {
            (count + 1, bytes + known.file.len())
        });
        if count > BASELINES_MAX || bytes > BYTES_MAX {
            return None;
        }
        held.insert(name.to_owned(), baseline.clone());
        let record = BaselineRecord {
            name: name.to_owned(),
            created_at_ms: baseline.created_at_ms,
            observations: i64::try_from(baseline.observations).unwrap_or(i64::MAX),
            document: DocumentRecord {
                version: DOCUMENT_VERSION,
                json: BASE64_STANDARD.encode(&*baseline.file),
            },
        };
        self.persistence.write(PendingWrite::Baseline(Change::Put(record)));
        Some(baseline)
    }

    /// Forgets one; false when there is none.
    #[must_use]
    pub fn forget(&self, name: &str) -> bool {
        let known = self.held.lock().remove(name).is_some();
        if known {
            let change = Change::Remove(name.to_owned());
            self.persistence.write(PendingWrite::Baseline(change));
        }
        known
    }
}
