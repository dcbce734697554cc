//! The directory's end of the way to the site: exchanges gather, and go there in batches.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Addr;

use super::{Record, SiteActor, SiteCounters};
use crate::domain::endpoint::{Observation, Provenance};
use std::sync::atomic::Ordering;

/// Exchanges a second that go to the site: the tape holds a few thousand.
const EXCHANGES_PER_SECOND_MAX: u32 = 1_000;

/// Shortest pause between two batches. Nobody looks at the tape before the site is learned from it,
/// and each batch wakes a thread.
const PAUSE: Duration = Duration::from_millis(400);

/// Exchanges that are sent before the pause is over.
const BATCH_MAX: usize = 256;

/// The directory's end of the way to the site.
pub struct SiteFeed {
    actor: Addr<SiteActor>,
    counters: Arc<SiteCounters>,
    second: i64,
    taken: u32,
    sent_at: Instant,
    batch: Vec<Arc<Observation>>,
}

impl SiteFeed {
    /// A feed of an actor.
    #[must_use]
    pub fn new(actor: Addr<SiteActor>, counters: Arc<SiteCounters>) -> Self {
        let sent_at = Instant::now();
        Self { actor, counters, second: 0, taken: 0, sent_at, batch: Vec::new() }
    }

    /// Takes an exchange that was recorded whole.
    pub fn take(&mut self, observation: &Arc<Observation>) {
        let whole = observation.provenance == Provenance::Upstream
            && observation.sample.as_ref().is_some_and(|sample| {
                sample.request_body.complete && sample.response_body.complete
            });
        let second = observation.at_ms / 1_000;
        if second != self.second {
            (self.second, self.taken) = (second, 0);
        }
        if whole && self.taken < EXCHANGES_PER_SECOND_MAX {
            self.taken += 1;
            self.batch.push(Arc::clone(observation));
        }
    }

    /// Sends what has gathered, when it is time.
    pub fn send_when_due(&mut self) {
        if self.batch.len() >= BATCH_MAX || self.sent_at.elapsed() >= PAUSE {
            self.send();
        }
    }

    /// Sends what has gathered; a full mailbox costs the batch, which is counted.
    pub fn send(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        self.sent_at = Instant::now();
        let batch = std::mem::take(&mut self.batch);
        let exchanges = batch.len() as u64;
        if self.actor.try_send(Record(batch)).is_err() {
            self.counters.exchanges_dropped.fetch_add(exchanges, Ordering::Relaxed);
        }
    }

    /// The actor, for orders.
    #[must_use]
    pub const fn actor(&self) -> &Addr<SiteActor> {
        &self.actor
    }
}
