//! How those who wait for chaos (delays, drips, hangs) learn that somebody took it back.

use std::sync::atomic::Ordering;

use smallvec::SmallVec;
use tokio::sync::watch;

use super::ChaosHandle;
use crate::domain::chaos::{Effects, RuleId};

/// Tells whether the rules behind one exchange's effects were withdrawn since they were drawn.
#[derive(Clone)]
pub struct Cancellation {
    board: ChaosHandle,
    rules: SmallVec<[RuleId; 2]>,
    since: u64,
}

impl ChaosHandle {
    /// The number of the last withdrawal. Read *before* effects are drawn, so that one that comes
    /// between is not missed.
    #[must_use]
    pub fn withdrawals(&self) -> u64 {
        *self.0.withdrawals.borrow()
    }

    /// Watches over effects that were drawn after withdrawal number `since`.
    #[must_use]
    pub fn watch(&self, effects: &Effects, since: u64) -> Cancellation {
        let rules = effects.hits.iter().map(|hit| hit.rule.clone()).collect();
        Cancellation { board: self.clone(), rules, since }
    }

    /// Ends all effects that are being carried out; rules and leases stay as they are.
    pub fn interrupt(&self) {
        self.withdraw(true);
    }

    pub(super) fn withdraw(&self, all: bool) {
        self.0.withdrawals.send_modify(|number| {
            *number += 1;
            if all {
                self.0.all_withdrawn.store(*number, Ordering::Release);
            }
        });
    }
}

impl Cancellation {
    /// Whether a rule behind the effects was deleted, disabled or stopped. One is enough: delays of
    /// several rules add up and cannot be told apart afterwards.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        if self.board.withdrawals() == self.since {
            return false;
        }
        if self.board.0.all_withdrawn.load(Ordering::Acquire) > self.since {
            return true;
        }
        let book = self.board.book();
        let own = |id: &RuleId| id.as_str() == crate::domain::chaos::rule_set::LEVEL_RULE;
        self.rules.iter().any(|id| !own(id) && book.is_withdrawn(id))
    }

    /// Returns once it has come; for ever pending otherwise.
    pub async fn cancelled(self) {
        let mut news: watch::Receiver<u64> = self.board.0.withdrawals.subscribe();
        // Fails only when the sender is gone, which `self` holds.
        while !self.is_cancelled() && news.changed().await.is_ok() {}
    }
}
