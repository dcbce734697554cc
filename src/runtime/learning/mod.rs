//! The learning side as the rest of the double holds it: observe, flush, look up, order.

pub mod budget;
pub mod endpoint;
pub mod endpoint_handle;
pub mod histogram;
pub mod minute_series;
pub mod observation_queue;
#[cfg(any(test, feature = "test-util"))]
mod planned_faults;
pub mod publication;
pub mod snapshot;

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix::prelude::*;
use arc_swap::ArcSwap;

use super::catalog::Catalog;
use super::clock::now_ms;
use super::directory::absorb::{Absorb, Absorbed};
use super::directory::pins::{PinTemplate, Pinned, PinnedTemplate, UnpinTemplate};
use super::directory::restore::restore;
use super::directory::{DirectoryActor, DirectoryParts};
use super::persistence::pending_writes::PendingWrite;
use super::persistence::{PersistenceError, PersistenceHandle};
use crate::domain::endpoint::{BackendId, EndpointId, ModelLimits, Observation};
use crate::domain::path::{PathLimits, Pin, PinError};
use crate::domain::site::TapeLimits;
use crate::domain::site::corrections::SiteCorrections;
use crate::domain::value::relation::resource_links::ResourceLinks;
use crate::runtime::directory::messages::{Drain, Forget, Reset, Settle};
use crate::runtime::learning::budget::Reservation;
use crate::runtime::learning::endpoint::EndpointShared;
use crate::runtime::learning::observation_queue::{
    LearningCounters, ObservationSender, observation_queue,
};
use crate::runtime::learning::snapshot::EndpointControls;
use crate::runtime::site::{
    self, CORRECTIONS_STORED_AS, SESSIONS_STORED_AS, STORED_AS, SiteActor, SiteFeed, SiteHandle,
};
use crate::store::Stored;

#[cfg(any(test, feature = "test-util"))]
pub use planned_faults::PlannedFaults;

/// Bounds and switches of the learning side.
#[derive(Debug, Clone)]
pub struct LearningConfig {
    /// The backend whose traffic is learned.
    pub backend: BackendId,
    /// Bytes that may wait to be learned.
    pub queue_bytes_max: usize,
    /// Endpoints that may be learned.
    pub endpoints_max: usize,
    /// Bytes that the models of all endpoints may occupy.
    pub models_bytes_max: usize,
    /// Bounds of the tape of the site.
    pub tape: TapeLimits,
    /// Bounds of one model.
    pub model: ModelLimits,
    /// Bounds of the path learner.
    pub paths: PathLimits,
    /// Whether what consumers wrote outlives a restart.
    pub stores_sessions: bool,
    /// How long an unused session is kept.
    pub session_ttl: Duration,
    /// Keys the stand-ins for private values.
    pub veil_key: u64,
    /// Faults that tests plan by name.
    #[cfg(any(test, feature = "test-util"))]
    pub faults: PlannedFaults,
}

/// Why an order was not carried out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LearningError {
    /// The learning side has ended.
    #[error("learning has stopped")]
    Stopped,
    /// Learned and published, but not durable.
    #[error(transparent)]
    Persistence(#[from] PersistenceError),
}

/// What others hold of the learning side.
#[derive(Clone)]
pub struct LearningHandle {
    backend: BackendId,
    directory: Addr<DirectoryActor>,
    observations: ObservationSender,
    catalog: Arc<ArcSwap<Catalog>>,
    persistence: PersistenceHandle,
    site: SiteHandle,
    site_owner: Addr<SiteActor>,
}

impl LearningHandle {
    /// Starts the directory on the first arbiter and spreads endpoints over all of them.
    ///
    /// `arbiters` must not be empty.
    #[must_use]
    pub fn start(
        config: LearningConfig,
        stored: &Stored,
        persistence: PersistenceHandle,
        arbiters: &[ArbiterHandle],
    ) -> Self {
        let backend = config.backend.clone();
        let counters = Arc::<LearningCounters>::default();
        let shared = Arc::new(EndpointShared {
            persistence: persistence.clone(),
            limits: config.model.clone(),
            counters: Arc::clone(&counters),
            links: ArcSwap::from_pointee(ResourceLinks::default()),
            #[cfg(any(test, feature = "test-util"))]
            faults: config.faults.clone(),
        });
        let directory: Arc<OnceLock<Addr<DirectoryActor>>> = Arc::default();
        let woken = Arc::clone(&directory);
        let (observations, outlet) =
            observation_queue(config.queue_bytes_max, counters, move |urgency| {
                if let Some(addr) = woken.get() {
                    // A full mailbox is made good by the directory's own interval.
                    let _woken = addr.try_send(Drain(urgency));
                }
            });
        let restored = restore(&config, stored, &shared);
        // Published here and not by the actor, so that the first request finds what was stored.
        let catalog = Arc::new(ArcSwap::from_pointee(restored.catalog()));
        let first = arbiters[0].clone();
        let site = SiteHandle::default();
        site.worlds().set_ttl(config.session_ttl);
        let mut owner = SiteActor::new(
            site.clone(),
            (config.tape, config.veil_key),
            backend.clone(),
            persistence.clone(),
            Arc::clone(&catalog),
        );
        let kept = |wanted: &str| {
            let wanted = backend.setting(wanted);
            stored.settings.iter().find(|(name, _)| *name == *wanted)
        };
        if let Some((_, said)) = kept(CORRECTIONS_STORED_AS) {
            owner.restore_corrections(said);
        }
        if let Some((_, tape)) = kept(STORED_AS) {
            owner.restore(tape);
        }
        let sessions = kept(SESSIONS_STORED_AS).map(|(_, sessions)| &**sessions);
        owner.keep_sessions(config.stores_sessions, sessions.unwrap_or_default());
        // A thread of its own: learning a site takes a while, and nothing may wait for it.
        let arbiter = Arbiter::new().handle();
        let site_owner = SiteActor::start_in_arbiter(&arbiter, move |_ctx| owner);
        let feed = SiteFeed::new(site_owner.clone(), Arc::clone(site.counters()));
        let parts = DirectoryParts {
            outlet,
            catalog: Arc::clone(&catalog),
            shared,
            arbiters: arbiters.to_vec(),
            feed,
        };
        let addr = DirectoryActor::start_in_arbiter(&first, move |_ctx| {
            DirectoryActor::new(&config, restored, parts)
        });
        // Set exactly once, right here.
        let _first = directory.set(addr.clone());
        Self { backend, directory: addr, observations, catalog, persistence, site, site_owner }
    }

    /// The backend whose traffic is learned.
    #[must_use]
    pub fn backend(&self) -> &BackendId {
        &self.backend
    }

    /// What is known of the backend as a whole, and the worlds of its consumers.
    #[must_use]
    pub fn site(&self) -> &SiteHandle {
        &self.site
    }

    /// What is known now; wait-free.
    #[must_use]
    pub fn catalog(&self) -> arc_swap::Guard<Arc<Catalog>> {
        self.catalog.load()
    }

    /// What is known now, to be kept for longer than a request.
    #[must_use]
    pub fn catalog_full(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }

    /// Hands an observation to the learner; never waits, and drops what does not fit.
    pub fn observe(&self, observation: Observation, sampled: Option<Reservation>) {
        self.observations.observe(observation, sampled);
    }

    /// Room for a copy of bodies, or `None` when the learner should be spared.
    #[must_use]
    pub fn begin_sample(&self) -> Option<Reservation> {
        self.observations.begin_sample()
    }

    /// Counters of the learning side.
    #[must_use]
    pub fn counters(&self) -> &Arc<LearningCounters> {
        self.observations.counters()
    }

    /// Bytes that wait to be learned.
    #[must_use]
    pub fn bytes_waiting(&self) -> usize {
        self.observations.bytes_waiting()
    }

    /// The persistence behind it.
    #[must_use]
    pub fn persistence(&self) -> &PersistenceHandle {
        &self.persistence
    }

    /// Returns when everything observed so far is learned, published and stored; false when
    /// reasons, entities and lists follow, because traffic is too busy to wait for them.
    ///
    /// # Errors
    /// [`LearningError`]: what is published is then not durable yet.
    pub async fn flush(&self) -> Result<bool, LearningError> {
        let settled =
            self.directory.send(Settle).await.map_err(|_closed| LearningError::Stopped)?;
        self.persistence.flush().await?;
        Ok(settled)
    }

    /// Changes what people say of the site; it is learned anew before this returns. False when
    /// `change` says that there is no room.
    ///
    /// # Errors
    /// [`LearningError::Stopped`].
    pub async fn correct(
        &self,
        change: impl FnOnce(&mut SiteCorrections) -> bool + Send + 'static,
    ) -> Result<bool, LearningError> {
        let order = site::Correct(Box::new(change));
        self.site_owner.send(order).await.map_err(|_closed| LearningError::Stopped)
    }

    /// Forgets one endpoint; false when there is none.
    ///
    /// # Errors
    /// [`LearningError::Stopped`].
    pub async fn forget(&self, id: EndpointId) -> Result<bool, LearningError> {
        self.order(Forget(id)).await
    }

    /// Forgets everything learned.
    ///
    /// # Errors
    /// [`LearningError`].
    pub async fn reset(&self) -> Result<(), LearningError> {
        self.order(Reset).await?;
        self.site_owner.send(site::ForgetSite).await.map_err(|_closed| LearningError::Stopped)?;
        Ok(self.persistence.flush().await?)
    }

    /// Changes what a person sets at one endpoint, at once, whatever learning is busy with; false
    /// when there is no such endpoint.
    #[must_use]
    pub fn control(&self, id: &EndpointId, change: impl FnOnce(&mut EndpointControls)) -> bool {
        let Some(mut handle) = self.catalog.load().by_id(id).cloned() else { return false };
        while let Some(successor) = handle.successor.load_full() {
            handle = successor;
        }
        handle.control(change, |snapshot| {
            let write = PendingWrite::Controls(snapshot);
            self.persistence.write_unless(&handle.forgotten, write);
        });
        !handle.forgotten.load(Ordering::Acquire)
    }

    /// Pins a template, which wins over learning at once.
    ///
    /// # Errors
    /// [`LearningError::Stopped`], or why the template cannot be pinned.
    pub async fn pin(&self, pin: Pin) -> Result<Result<Pinned, PinError>, LearningError> {
        self.order(PinTemplate { pin, at_ms: now_ms() }).await
    }

    /// Takes in what was learned elsewhere, or is told by a document.
    ///
    /// # Errors
    /// [`LearningError::Stopped`].
    pub async fn absorb(&self, order: Absorb) -> Result<Absorbed, LearningError> {
        self.order(order).await
    }

    /// Gives a pinned template back to learning; `None` when nothing has this id.
    ///
    /// # Errors
    /// [`LearningError::Stopped`].
    pub async fn unpin(&self, id: EndpointId) -> Result<Option<PinnedTemplate>, LearningError> {
        self.order(UnpinTemplate(id)).await
    }

    async fn order<M>(&self, order: M) -> Result<M::Result, LearningError>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        DirectoryActor: Handler<M>,
    {
        self.directory.send(order).await.map_err(|_closed| LearningError::Stopped)
    }
}
