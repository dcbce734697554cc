//! How often a client may open a stream only to cancel it at once.
//!
//! A stream that is cancelled no longer counts against the limit of open streams, so a client that
//! cancels each as soon as it has opened it gets any number of requests begun on one connection
//! (rapid reset, CVE-2023-44487). `h2` bounds those that are cancelled before they are looked at;
//! this bounds those whose work has begun.

use std::time::{Duration, Instant};

/// A stream that lived for less was no request somebody grew tired of. Those that live longer are
/// bounded by how many may be open at a time.
const RAPID: Duration = Duration::from_millis(100);

/// Rapid cancellations that may come at once: twice as many streams as are open by default, so that
/// a page that is left, and the next one, too, cancel all they have asked for.
const BURST: u32 = 256;

/// Then so many a second: a search that asks on each key and cancels the question before stays far
/// below it.
const PER_SECOND: u32 = 64;

/// What a connection has left of it.
#[derive(Debug)]
pub struct ResetBudget {
    left: u32,
    since: Instant,
}

impl ResetBudget {
    /// A full one.
    pub fn new(now: Instant) -> Self {
        Self { left: BURST, since: now }
    }

    /// Notes that a stream was cancelled which had begun at `begun`; whether that may still be
    /// borne.
    pub fn take(&mut self, begun: Instant, now: Instant) -> bool {
        if now.saturating_duration_since(begun) >= RAPID {
            return true;
        }
        let passed = now.saturating_duration_since(self.since);
        let earned = u32::try_from(passed.as_millis() * u128::from(PER_SECOND) / 1000);
        let earned = earned.unwrap_or(BURST);
        if earned > 0 {
            self.left = self.left.saturating_add(earned).min(BURST);
            self.since = now;
        }
        let borne = self.left > 0;
        self.left = self.left.saturating_sub(1);
        borne
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_borne_a_flood_is_not_and_time_restores() {
        let start = Instant::now();
        let mut budget = ResetBudget::new(start);
        assert!((0..BURST).all(|_| budget.take(start, start)));
        assert!(!budget.take(start, start));
        let later = start + Duration::from_secs(1);
        assert!((0..PER_SECOND).all(|_| budget.take(later, later)));
        assert!(!budget.take(later, later));
        // Streams that were given time cost nothing.
        let before = later.checked_sub(RAPID).expect("a clock that has run that long");
        assert!((0..10 * BURST).all(|_| budget.take(before, later)));
        let much_later = start + Duration::from_secs(3_600);
        assert!((0..BURST).all(|_| budget.take(much_later, much_later)));
        assert!(!budget.take(much_later, much_later), "no more than a burst is saved up");
    }
}
