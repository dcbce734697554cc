//! How fast exchanges come, for orders that must not wait for as long as the traffic lasts.

use std::time::{Duration, Instant};

/// Shortest time over which exchanges are counted: at 2,000 a second it sees 200 of them.
const WINDOW_MIN: Duration = Duration::from_millis(100);

/// Exchanges a second from which on traffic is busy: what the site would learn meanwhile is old
/// before it is published.
const PER_S_BUSY: f64 = 2_000.0;

/// Counts over the last window, of at least a tenth of a second.
#[derive(Debug)]
pub struct Pace {
    since: Instant,
    count: u64,
    per_s: f64,
}

impl Pace {
    /// Nothing has come before `now`.
    #[must_use]
    pub const fn new(now: Instant) -> Self {
        Self { since: now, count: 0, per_s: 0.0 }
    }

    /// `count` exchanges have come until `now`, since the start.
    pub fn note(&mut self, count: u64, now: Instant) {
        let window = now.duration_since(self.since);
        if window >= WINDOW_MIN {
            self.per_s = (count - self.count) as f64 / window.as_secs_f64();
            (self.since, self.count) = (now, count);
        }
    }

    /// Whether traffic was busy in the last whole window.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.per_s >= PER_S_BUSY
    }

    /// Whether `arrivals` within `time` are busy traffic.
    #[must_use]
    pub fn is_busy_with(arrivals: u64, time: Duration) -> bool {
        arrivals as f64 >= PER_S_BUSY * time.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_is_busy_by_its_rate_and_no_longer_when_it_has_paused() {
        let begun = Instant::now();
        let at = |ms| begun + Duration::from_millis(ms);
        let mut pace = Pace::new(begun);
        pace.note(50, at(10));
        assert!(!pace.is_busy(), "no window has ended yet");
        pace.note(500, at(100));
        assert!(pace.is_busy());
        pace.note(510, at(150));
        assert!(pace.is_busy(), "a lull within a window ends nothing");
        pace.note(520, at(250));
        assert!(!pace.is_busy());
    }

    #[test]
    fn what_came_within_a_time_is_busy_from_two_thousand_a_second() {
        let time = Duration::from_millis(50);
        assert!(Pace::is_busy_with(100, time));
        assert!(!Pace::is_busy_with(99, time));
    }
}
