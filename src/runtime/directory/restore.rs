//! What an earlier run had learned, put together again.
//!
//! Templates are read back, not worked out again, and an endpoint whose template is not among them
//! (the process was killed between two writes) brings its template along or goes to the one that
//! its paths belong to by now. So nothing that was stored is left out.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::links;
use super::pins::{self, PinnedTemplates};
use crate::domain::endpoint::{BackendId, EndpointId, EndpointKey};
use crate::domain::path::{PathLearner, PathState, PathTemplate};
use crate::runtime::catalog::Catalog;
use crate::runtime::learning::LearningConfig;
use crate::runtime::learning::endpoint::EndpointShared;
use crate::runtime::learning::endpoint_handle::{EndpointHandle, EndpointVersion};
use crate::runtime::learning::snapshot::{EndpointSnapshot, read};
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::{DocumentRecord, EndpointRecord, Stored};

/// What a directory starts with.
pub struct Restored {
    /// The path learner.
    pub learner: PathLearner,
    /// Every endpoint.
    pub endpoints: FxHashMap<EndpointKey, Arc<EndpointHandle>>,
    /// Where the ids of folded endpoints lead.
    pub redirects: FxHashMap<EndpointId, EndpointId>,
    /// Pinned templates.
    pub pins: PinnedTemplates,
}

impl Restored {
    /// What requests find their endpoints by from the start.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        let (redirects, pins) = (self.redirects.clone(), Arc::clone(&self.pins));
        Catalog::new(self.learner.tree(), self.endpoints.values(), redirects, pins)
    }
}

/// Rebuilds what an earlier run had learned.
pub fn restore(config: &LearningConfig, stored: &Stored, shared: &EndpointShared) -> Restored {
    let state: PathState = path_state(&config.backend, stored)
        .and_then(|document| read(&document, "path templates", "state"))
        .unwrap_or_default();
    let mut learner = PathLearner::restore(config.paths.clone(), &state);
    let pins = match config.backend.is_only() {
        true => pins::restore(&mut learner, stored),
        false => PinnedTemplates::default(),
    };
    let mut redirects: FxHashMap<EndpointId, EndpointId> = stored
        .redirects
        .iter()
        .map(|(old, new)| (EndpointId::from_text(old), EndpointId::from_text(new)))
        .collect();
    let own = stored.endpoints.iter().filter(|record| record.backend == config.backend.as_str());
    let snapshots = snapshots(&mut learner, own.collect(), shared, &mut redirects);
    shared.links.store(Arc::new(links::learn(snapshots.values())));
    let links = shared.links.load_full();
    let handle = |(key, snapshot): (EndpointKey, Arc<EndpointSnapshot>)| {
        (key, Arc::new(EndpointHandle::new(EndpointVersion::new(snapshot, Arc::clone(&links)))))
    };
    let endpoints = snapshots.into_iter().map(handle).collect();
    Restored { learner, endpoints, redirects, pins }
}

/// The name under which the templates of a backend among several are stored.
pub const PATHS_STORED_AS: &str = "path_state";

/// What the path learner had learned of a backend.
fn path_state(backend: &BackendId, stored: &Stored) -> Option<DocumentRecord> {
    if backend.is_only() {
        return stored.path_state.clone();
    }
    let wanted = backend.setting(PATHS_STORED_AS);
    let (_, text) = stored.settings.iter().find(|(name, _)| *name == *wanted)?;
    let (version, json) = text.split_once(' ')?;
    Some(DocumentRecord { version: version.parse().ok()?, json: json.to_owned() })
}

fn snapshots(
    learner: &mut PathLearner,
    records: Vec<&EndpointRecord>,
    shared: &EndpointShared,
    redirects: &mut FxHashMap<EndpointId, EndpointId>,
) -> FxHashMap<EndpointKey, Arc<EndpointSnapshot>> {
    let mut placed = Vec::with_capacity(records.len());
    for record in records {
        let hits = u32::try_from(record.observations).unwrap_or(u32::MAX);
        match learner.admit(&record.template, hits) {
            Some(template) => placed.push((record, template)),
            None => {
                log::warn!("endpoint {} {}: no valid template", record.method, record.template);
            }
        }
    }
    let mut snapshots: FxHashMap<EndpointKey, Arc<EndpointSnapshot>> = FxHashMap::default();
    for ((record, template), snapshot) in placed.iter().zip(read_all(&placed)) {
        let mut snapshot = snapshot;
        if Arc::make_mut(&mut snapshot.model).forget(shared.limits.body.privacy) {
            let into = Arc::new(snapshot.clone());
            shared.persistence.write(PendingWrite::Endpoint(into));
        }
        let moved = template.as_str() != record.template;
        let key = snapshot.key.clone();
        let into = match snapshots.get(&key) {
            Some(known) => {
                let mut merged = EndpointSnapshot::clone(known);
                Arc::make_mut(&mut merged.model).merge(&snapshot.model, &shared.limits);
                Arc::new(merged)
            }
            None => Arc::new(snapshot),
        };
        if moved {
            let old = EndpointId::from_text(&record.id);
            redirects.insert(old, key.id());
            let ids = vec![record.id.clone()];
            shared.persistence.write(PendingWrite::Fold { ids, into: Arc::clone(&into) });
        }
        snapshots.insert(key, into);
    }
    snapshots
}

/// Records that are worth a thread of their own: about a millisecond of reading.
const RECORDS_PER_THREAD: usize = 16;

/// Reads the records, in order. Reading is most of a start with many endpoints, so all cores do it.
fn read_all(placed: &[(&EndpointRecord, PathTemplate)]) -> Vec<EndpointSnapshot> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = placed.len().div_ceil(cores).max(RECORDS_PER_THREAD);
    let read = |part: &[(&EndpointRecord, PathTemplate)]| -> Vec<EndpointSnapshot> {
        let snapshot = |(record, template): &(&EndpointRecord, PathTemplate)| {
            EndpointSnapshot::from_record(record, template.clone())
        };
        part.iter().map(snapshot).collect()
    };
    std::thread::scope(|scope| {
        let mut parts = placed.chunks(share);
        let first = parts.next().unwrap_or_default();
        // The system may refuse a thread; then the part is read here.
        let others: Vec<_> = parts
            .map(|part| {
                let name = std::thread::Builder::new().name("restore".into());
                (part, name.spawn_scoped(scope, move || read(part)).ok())
            })
            .collect();
        let mut snapshots = read(first);
        for (part, thread) in others {
            let part = thread.and_then(|thread| thread.join().ok()).unwrap_or_else(|| read(part));
            snapshots.extend(part);
        }
        snapshots
    })
}
