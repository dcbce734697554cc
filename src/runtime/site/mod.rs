//! What is known of a backend as a whole, and the worlds of its consumers.
//!
//! A [`SiteActor`] keeps the tape and publishes an immutable [`Site`]; the request path reads it
//! without waiting, and takes one short lock, that of its own consumer. As long as nobody reads it,
//! it is learned seldom: whoever reads it first has it learned anew.

mod actor;
mod feed;
mod kept_sessions;
mod worlds;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use actix::Addr;
use arc_swap::ArcSwap;

pub use actor::{
    CORRECTIONS_STORED_AS, Correct, ForgetSite, LearnSite, Record, STORED_AS, SiteActor,
};
pub use feed::SiteFeed;
pub use kept_sessions::STORED_AS as SESSIONS_STORED_AS;
pub use worlds::{Session, SessionState, UnknownSession, WorldCounters, Worlds};

use crate::domain::site::Site;
use crate::domain::site::corrections::SiteCorrections;

/// Figures of the site.
#[derive(Debug, Default)]
pub struct SiteCounters {
    /// Exchanges that found the owner of the tape too busy to take them.
    pub exchanges_dropped: AtomicU64,
    /// Exchanges on the tape.
    pub exchanges: AtomicU64,
    /// Bytes that they occupy, roughly.
    pub bytes: AtomicU64,
    /// How often the site was learned.
    pub learned: AtomicU64,
}

/// What others hold of the site.
#[derive(Clone, Default)]
pub struct SiteHandle {
    published: Arc<ArcSwap<Site>>,
    said: Arc<ArcSwap<SiteCorrections>>,
    worlds: Arc<Worlds>,
    counters: Arc<SiteCounters>,
    /// Whether somebody has read what was published last.
    read: Arc<AtomicBool>,
    owner: Arc<OnceLock<Addr<SiteActor>>>,
}

impl SiteHandle {
    /// What is known now; wait-free. The first reader of what was published has the owner look
    /// whether there is more to know.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        self.expect_readers();
        self.published.load_full()
    }

    /// Says that somebody reads the site, or is about to: from here on it follows the traffic.
    pub fn expect_readers(&self) {
        // Looked at first: a store by every mock would bounce the line between the workers.
        if self.is_read() || self.read.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(owner) = self.owner.get() {
            // A full mailbox is that of an owner who is about to learn anyway.
            let _sent = owner.try_send(actor::FollowTraffic);
        }
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

    /// Figures.
    #[must_use]
    pub fn counters(&self) -> &Arc<SiteCounters> {
        &self.counters
    }

    /// Who is to be told of readers; said once, when it has started.
    pub(super) fn owned_by(&self, owner: Addr<SiteActor>) {
        let _first = self.owner.set(owner);
    }

    /// What is known now, without a reader.
    pub(super) fn peek(&self) -> Arc<Site> {
        self.published.load_full()
    }

    pub(super) fn is_read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }

    pub(super) fn publish(&self, site: Site) {
        self.read.store(false, Ordering::Relaxed);
        self.published.store(Arc::new(site));
    }

    pub(super) fn forget(&self) {
        self.publish(Site::default());
        self.worlds.clear();
    }
}
