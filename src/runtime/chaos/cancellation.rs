//! How those who wait for chaos (delays, drips, hangs) learn that somebody took it back.

use std::sync::atomic::Ordering;

use smallvec::SmallVec;
use tokio::sync::watch;

use super::ChaosHandle;
use crate::domain::chaos::{ChaosPlan, RuleId};

/// Tells whether the rules behind one exchange's chaos were taken back since they were drawn.
#[derive(Clone)]
pub struct Cancellation {
    handle: ChaosHandle,
    rules: SmallVec<[RuleId; 2]>,
    since: u64,
}

impl ChaosHandle {
    /// The number of the last cancellation. Read *before* a plan is drawn, so that one that comes
    /// between is not missed.
    #[must_use]
    pub fn cancellations(&self) -> u64 {
        *self.0.cancellations.borrow()
    }

    /// Watches over a plan that was drawn after cancellation number `since`.
    #[must_use]
    pub fn watch(&self, plan: &ChaosPlan, since: u64) -> Cancellation {
        let rules = plan.hits.iter().map(|hit| hit.rule.clone()).collect();
        Cancellation { handle: self.clone(), rules, since }
    }

    /// Ends all effects that are being carried out; rules and leases stay as they are.
    pub fn interrupt(&self) {
        self.cancel(true);
    }

    pub(super) fn cancel(&self, all: bool) {
        self.0.cancellations.send_modify(|number| {
            *number += 1;
            if all {
                self.0.all_cancelled.store(*number, Ordering::Release);
            }
        });
    }
}

impl Cancellation {
    /// Whether a rule behind the effects was deleted, disabled or stopped. One is enough: delays of
    /// several rules add up and cannot be told apart afterwards.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        if self.handle.cancellations() == self.since {
            return false;
        }
        if self.handle.0.all_cancelled.load(Ordering::Acquire) > self.since {
            return true;
        }
        let rules = self.handle.rule_set();
        let own = |id: &RuleId| id.as_str() == crate::domain::chaos::rule_set::LEVEL_RULE;
        self.rules.iter().any(|id| !own(id) && rules.is_cancelled(id))
    }

    /// Returns once it has come; for ever pending otherwise.
    pub async fn cancelled(self) {
        let mut news: watch::Receiver<u64> = self.handle.0.cancellations.subscribe();
        // Fails only when the sender is gone, which `self` holds.
        while !self.is_cancelled() && news.changed().await.is_ok() {}
    }
}
