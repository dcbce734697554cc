//! What is known of a backend as a whole, and the worlds of its consumers.
//!
//! A [`SiteActor`] keeps the tape and publishes an immutable [`Site`]; the request path reads it
//! without waiting, and takes one short lock, that of its own consumer.

mod actor;
mod worlds;

use std::sync::Arc;

use actix::Addr;
use arc_swap::ArcSwap;

pub use actor::{
    CORRECTIONS_STORED_AS, Correct, ForgetSite, LearnSite, Record, STORED_AS, SiteActor,
};
pub use worlds::{Session, SessionState, UnknownSession, WorldCounters, Worlds};

use crate::domain::endpoint::{Observation, Provenance};
use crate::domain::site::Site;
use crate::domain::site::corrections::SiteCorrections;

/// What others hold of the site.
#[derive(Clone, Default)]
pub struct SiteHandle {
    published: Arc<ArcSwap<Site>>,
    said: Arc<ArcSwap<SiteCorrections>>,
    worlds: Arc<Worlds>,
}

impl SiteHandle {
    /// What is known now; wait-free.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        self.published.load_full()
    }

    /// What people say of it.
    #[must_use]
    pub fn said(&self) -> Arc<SiteCorrections> {
        self.said.load_full()
    }

    pub(super) fn correct(&self, said: SiteCorrections) {
        self.said.store(Arc::new(said));
    }

    /// The worlds of the consumers.
    #[must_use]
    pub fn worlds(&self) -> &Worlds {
        &self.worlds
    }

    pub(super) fn publish(&self, site: Site) {
        self.published.store(Arc::new(site));
    }

    pub(super) fn forget(&self) {
        self.publish(Site::default());
        self.worlds.clear();
    }
}

/// Exchanges a second that are copied for the site: the tape holds a few thousand, and copies cost
/// the directory time that busy endpoints need.
const COPIES_PER_SECOND_MAX: u32 = 1_000;

/// The directory's end of the way to the site.
pub struct SiteFeed {
    actor: Addr<SiteActor>,
    second: i64,
    copied: u32,
    batch: Vec<Observation>,
}

impl SiteFeed {
    /// A feed of an actor.
    #[must_use]
    pub fn new(actor: Addr<SiteActor>) -> Self {
        Self { actor, second: 0, copied: 0, batch: Vec::new() }
    }

    /// Copies an exchange that was recorded whole.
    pub fn copy(&mut self, observation: &Observation) {
        let whole = observation.provenance == Provenance::Upstream
            && observation.sample.as_ref().is_some_and(|sample| {
                sample.request_body.complete && sample.response_body.complete
            });
        let second = observation.at_ms / 1_000;
        if second != self.second {
            (self.second, self.copied) = (second, 0);
        }
        if whole && self.copied < COPIES_PER_SECOND_MAX {
            self.copied += 1;
            self.batch.push(observation.clone());
        }
    }

    /// Sends what was copied; a full mailbox costs the batch.
    pub fn send(&mut self) {
        if !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            let _full = self.actor.try_send(Record(batch));
        }
    }

    /// The actor, for orders.
    #[must_use]
    pub const fn actor(&self) -> &Addr<SiteActor> {
        &self.actor
    }
}
