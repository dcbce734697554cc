//! The directory: learns path templates, owns the endpoints, spawns, folds and replaces them.
//!
//! ```text
//! Intake ──drain──▶ PathLearner ──template──▶ one batch per endpoint ──Learn──▶ EndpointActor
//!                        └── changes: fold, split, drop ──▶ Catalog (published, read wait-free)
//! ```
//!
//! It drains the intake a while after the first push, or at once when much has gathered, so that
//! one wake-up carries many observations, and sends each endpoint one batch per drain.

pub mod absorb;
mod eviction;
pub mod lenders;
pub mod links;
mod merging;
pub mod messages;
mod pace;
pub mod pins;
mod refusals;
mod replay_log;
pub mod restore;
mod template_split;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix::prelude::*;
use arc_swap::ArcSwap;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::oneshot;

use crate::domain::endpoint::{BackendId, EndpointId, EndpointKey, Observation};
use crate::domain::path::refuses_method;
use crate::domain::path::{BodyShape, PathLearner, PathLimits, PathObservation, PathTemplate};
use crate::runtime::catalog::Catalog;
use crate::runtime::debounced::Debounced;
use crate::runtime::learning::LearningConfig;
use crate::runtime::learning::endpoint::{EndpointActor, EndpointShared, Exchanges, Learn};
use crate::runtime::learning::endpoint_handle::{EndpointHandle, EndpointVersion};
use crate::runtime::learning::observation_queue::{ObservationReceiver, Queued};
use crate::runtime::learning::publication::LATEST;
use crate::runtime::learning::snapshot::{EndpointSnapshot, document};
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::runtime::site::SiteFeed;
use lenders::Lenders;
use links::LINKS_PAUSE_MIN;
use merging::Batches;
use pace::Pace;
use pins::PinnedTemplates;
use refusals::EarlyRefusals;
use replay_log::ReplayLog;
use restore::{PATHS_STORED_AS, Restored};

/// Time observations gather before they are drained, unless they are many: at most ten wake-ups a
/// second while little comes, each of which costs the threads behind it some dozen microseconds.
const DRAIN_PAUSE: Duration = Duration::from_millis(100);

/// Longest time an observation waits when its wake-up was lost.
const DRAIN_AT_LEAST_EVERY: Duration = Duration::from_millis(500);

/// Arrivals remembered, as a multiple of the endpoints allowed: those of endpoints that are gone
/// are cleared out when they outnumber the rest.
const ARRIVALS_PER_ENDPOINT_MAX: usize = 4;

/// Templates of endpoints that made room after which their paths are forgotten, too: the tree is
/// worked out anew for all of them at once.
pub const EVICTED_MAX: usize = 32;

/// Observations placed before other messages get their turn: what a person orders waits for some
/// milliseconds of learning at most.
const DRAIN_MAX: usize = 256;

/// Pause between a change of the endpoints and the publication of the catalogue: new endpoints
/// come in bursts, and the tables are built as a whole.
const CATALOG_PAUSE: Duration = Duration::from_millis(20);

/// Pause between a change of the templates and the write of the path learner's state, which is one
/// document.
const PATHS_SAVE_PAUSE: Duration = Duration::from_secs(1);

/// The same when nothing but evidence was added: identification answers as before.
const EVIDENCE_SAVE_PAUSE: Duration = LATEST;

/// Pause between two looks at the memory of all models.
const BUDGET_PAUSE: Duration = Duration::from_secs(1);

/// The owner of the endpoints.
pub struct DirectoryActor {
    backend: BackendId,
    pub(super) learner: PathLearner,
    pub(super) path_limits: PathLimits,
    pub(super) endpoints: FxHashMap<EndpointKey, Arc<EndpointHandle>>,
    /// Endpoints in the order of their arrival, for making room; may name some that are gone.
    pub(super) arrivals: VecDeque<EndpointKey>,
    pub(super) redirects: FxHashMap<EndpointId, EndpointId>,
    pub(super) pins: PinnedTemplates,
    /// Exchanges of endpoints that may part.
    pub(super) replay_log: ReplayLog,
    /// Templates of endpoints that made room.
    pub(super) evicted: Vec<PathTemplate>,
    pub(super) lenders: Lenders,
    pub(super) early_refusals: EarlyRefusals,
    /// Observations taken from the queue so far.
    pub(super) taken: u64,
    pub(super) pace: Pace,
    /// Runs until the next drain that is planned.
    pub(super) drain_timer: Option<SpawnHandle>,
    pub(super) retiring: Vec<oneshot::Receiver<()>>,
    pub(super) outlet: ObservationReceiver,
    pub(super) catalog: Arc<ArcSwap<Catalog>>,
    pub(super) shared: Arc<EndpointShared>,
    pub(super) arbiters: Vec<ArbiterHandle>,
    pub(super) endpoints_max: usize,
    pub(super) models_bytes_max: usize,
    pub(super) next_arbiter: usize,
    pub(super) touched: FxHashSet<EndpointKey>,
    pub(super) catalog_changed: Debounced,
    pub(super) paths_changed: Debounced,
    pub(super) evidence_changed: Debounced,
    /// Models may have grown.
    pub(super) models_grew: Debounced,
    pub(super) links_changed: Debounced,
    pub(super) feed: SiteFeed,
}

/// What a directory is given by whoever starts it.
pub struct DirectoryParts {
    /// Where the exchanges come from.
    pub outlet: ObservationReceiver,
    /// Where it publishes what it knows.
    pub catalog: Arc<ArcSwap<Catalog>>,
    /// What its endpoints share.
    pub shared: Arc<EndpointShared>,
    /// Where its endpoints run, in turn; at least one.
    pub arbiters: Vec<ArbiterHandle>,
    /// The way to what is learned of the backend as a whole.
    pub feed: SiteFeed,
}

impl DirectoryActor {
    /// A directory of what was restored; it starts the endpoints when it is started itself.
    #[must_use]
    pub fn new(config: &LearningConfig, restored: Restored, parts: DirectoryParts) -> Self {
        let Restored { learner, endpoints, redirects, pins } = restored;
        let DirectoryParts { outlet, catalog, shared, arbiters, feed } = parts;
        Self {
            backend: config.backend.clone(),
            learner,
            path_limits: config.paths.clone(),
            arrivals: endpoints.keys().cloned().collect(),
            endpoints,
            redirects,
            pins,
            replay_log: ReplayLog::default(),
            evicted: Vec::new(),
            lenders: Lenders::default(),
            early_refusals: EarlyRefusals::default(),
            taken: 0,
            pace: Pace::new(Instant::now()),
            drain_timer: None,
            retiring: Vec::new(),
            outlet,
            catalog,
            shared,
            arbiters,
            endpoints_max: config.endpoints_max,
            models_bytes_max: config.models_bytes_max,
            next_arbiter: 0,
            touched: FxHashSet::default(),
            catalog_changed: Debounced::new(CATALOG_PAUSE),
            paths_changed: Debounced::new(PATHS_SAVE_PAUSE),
            evidence_changed: Debounced::new(EVIDENCE_SAVE_PAUSE),
            models_grew: Debounced::new(BUDGET_PAUSE),
            links_changed: Debounced::new(LINKS_PAUSE_MIN),
            feed,
        }
    }
}

impl Actor for DirectoryActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // A wake-up that met a full mailbox is made good here.
        ctx.run_interval(DRAIN_AT_LEAST_EVERY, DirectoryActor::drain_and_reschedule);
        let handles: Vec<_> = self.endpoints.values().cloned().collect();
        handles.iter().for_each(|handle| self.start_actor(handle));
        self.publish_catalog();
    }
}

impl DirectoryActor {
    /// Takes what waits and hands it on; true when more waits.
    fn drain(&mut self) -> bool {
        let mut queued = Vec::new();
        let more = self.outlet.take(DRAIN_MAX, &mut queued);
        self.taken += queued.len() as u64;
        self.pace.note(self.taken, Instant::now());
        self.forget_evicted();
        let mut batches = Batches::default();
        for item in queued {
            self.feed.take(&item.observation);
            let Some(template) = self.place(&item) else {
                let Observation { provenance, status, .. } = &*item.observation;
                if provenance.teaches() && refuses_method(*status) {
                    self.note_refusal(None, &item.observation);
                }
                continue;
            };
            // A change of the templates moves what was just gathered, too.
            self.apply_changes(&mut batches);
            let key = EndpointKey::of_backend(
                item.observation.backend.clone(),
                &item.observation.method,
                template,
            );
            if self.ensure_for(&key, &item.observation) {
                self.replay_log.keep(&key, &item.observation);
                batches.entry(key).or_default().push(item);
            }
        }
        for (key, batch) in batches {
            self.send_batch(key, batch);
        }
        self.tell_early_refusals();
        self.feed.send_when_due();
        more
    }

    /// Learns the path; `None` when the answer belongs to no endpoint.
    fn place(&mut self, item: &Queued) -> Option<PathTemplate> {
        let observation = &item.observation;
        if !observation.provenance.teaches() {
            self.shared.counters.dropped_provenance.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let shape = observation.sample.as_ref().and_then(|sample| {
            let body = &sample.response_body;
            let plain = body.complete && body.content_encoding.is_none();
            plain.then(|| BodyShape::of_json(&body.bytes)).flatten()
        });
        let observed = PathObservation {
            method: &observation.method,
            path: &observation.path,
            status: observation.status,
            media: observation
                .sample
                .as_ref()
                .and_then(|sample| sample.response_body.content_type.as_deref()),
            shape,
        };
        let version = self.learner.version();
        let template = self.learner.place(&observed);
        self.evidence_changed.mark();
        if self.learner.version() != version {
            self.paths_changed.mark();
        }
        if template.is_none() {
            self.shared.counters.unplaced.fetch_add(1, Ordering::Relaxed);
        }
        template
    }

    /// Makes sure that the endpoint exists to which `observation` belongs; false, and counted, when
    /// the backend has refused its method, or when the limit forbids it.
    fn ensure_for(&mut self, key: &EndpointKey, observation: &Observation) -> bool {
        if !self.endpoints.contains_key(key) && refuses_method(observation.status) {
            self.shared.counters.unplaced.fetch_add(1, Ordering::Relaxed);
            self.note_refusal(Some(&key.template), observation);
            return false;
        }
        let known = self.ensure_like(key, None);
        if !known {
            self.shared.counters.dropped_endpoints.fetch_add(1, Ordering::Relaxed);
        }
        known
    }

    /// Makes sure the endpoint exists; false when the limit forbids it. What a person has set for
    /// the endpoint `like` is set for a new one, too.
    fn ensure_like(&mut self, key: &EndpointKey, like: Option<&Arc<EndpointHandle>>) -> bool {
        if self.endpoints.contains_key(key) {
            return true;
        }
        if self.endpoints.len() >= self.endpoints_max && !self.make_room() {
            return false;
        }
        let mut snapshot = EndpointSnapshot::empty(key.clone());
        if let Some(like) = like {
            let known = like.published();
            let EndpointSnapshot { mode, learn, chaos, .. } = *known.snapshot;
            (snapshot.mode, snapshot.learn, snapshot.chaos) = (mode, learn, chaos);
        }
        let links = self.shared.links.load_full();
        let version = EndpointVersion::new(Arc::new(snapshot), links);
        let handle = Arc::new(EndpointHandle::new(version));
        self.redirects.remove(handle.id());
        self.replay_log.begin(key);
        self.early_refusals.endpoint_begun();
        self.start_actor(&handle);
        self.endpoints.insert(key.clone(), handle);
        if self.arrivals.len() >= ARRIVALS_PER_ENDPOINT_MAX * self.endpoints_max {
            self.arrivals = self.endpoints.keys().cloned().collect();
        } else {
            self.arrivals.push_back(key.clone());
        }
        self.catalog_changed.mark();
        true
    }

    fn start_actor(&mut self, handle: &Arc<EndpointHandle>) {
        self.next_arbiter = (self.next_arbiter + 1) % self.arbiters.len();
        EndpointActor::start(handle, &self.shared, &self.arbiters[self.next_arbiter]);
    }

    /// Sends a batch of new exchanges.
    fn send_batch(&mut self, key: EndpointKey, batch: Vec<Queued>) {
        self.send(key, Learn(batch));
    }

    /// Sends exchanges to an endpoint; a dead actor is replaced from what it published last.
    fn send<M>(&mut self, key: EndpointKey, mut message: M)
    where
        M: Exchanges + Send + 'static,
        EndpointActor: Handler<M>,
    {
        let Some(handle) = self.endpoints.get(&key).cloned() else { return };
        let exchanges = message.count();
        if message.afresh() {
            handle.entrusted.store(0, Ordering::Relaxed);
        }
        // Two attempts: the second meets a fresh actor with an empty mailbox.
        for _attempt in 0..2 {
            let Some(addr) = handle.addr.load_full() else { return };
            match addr.try_send(message) {
                Ok(()) => {
                    handle.entrusted.fetch_add(exchanges, Ordering::Relaxed);
                    break;
                }
                Err(SendError::Full(_refused)) => {
                    self.replay_log.outgrow(&key);
                    self.shared.counters.dropped_budget.fetch_add(exchanges, Ordering::Relaxed);
                    break;
                }
                Err(SendError::Closed(refused)) => {
                    message = refused;
                    self.replace(&handle);
                }
            }
        }
        self.touched.insert(key);
    }

    /// Starts a new actor for an endpoint whose actor is gone.
    fn replace(&mut self, handle: &Arc<EndpointHandle>) {
        self.shared.counters.actors_replaced.fetch_add(1, Ordering::Relaxed);
        self.shared.counters.lost_in_panics.fetch_add(handle.lose_unpublished(), Ordering::Relaxed);
        self.replay_log.outgrow(handle.key());
        log::error!("endpoint {}: its actor ended in a panic and was replaced", handle.key());
        self.start_actor(handle);
    }

    fn publish_catalog(&mut self) {
        let _published = self.catalog_changed.take();
        let catalog = Catalog::new(
            self.learner.tree(),
            self.endpoints.values(),
            self.redirects.clone(),
            Arc::clone(&self.pins),
        )
        .lending(&self.lenders);
        self.catalog.store(Arc::new(catalog));
    }

    fn save_paths(&mut self) {
        if self.paths_changed.take() | self.evidence_changed.take() {
            self.write_paths();
        }
    }

    pub(super) fn write_paths(&mut self) {
        let (_changed, _added) = (self.paths_changed.take(), self.evidence_changed.take());
        let state = document(&self.learner.state());
        let write = match self.backend.is_only() {
            true => PendingWrite::Paths(state),
            false => {
                let text = format!("{} {}", state.version, state.json);
                PendingWrite::of_backend(&self.backend, PATHS_STORED_AS, text)
            }
        };
        self.shared.persistence.write(write);
    }
}
