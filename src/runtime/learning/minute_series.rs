//! Answers of the last hour, minute by minute: counts by status class, and the time they took.
//!
//! A ring of atomics that whoever answers moves. Two threads that meet at the turn of a minute can
//! lose a few counts of the minute that begins; the counters of the metrics are exact.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

/// Minutes that are kept.
pub const MINUTES: usize = 60;

/// Classes that are told apart: none (the connection was ended), 1xx to 5xx.
pub const CLASSES: usize = 6;

const MINUTE_MS: i64 = 60_000;

/// The last hour of one endpoint; empty, and small, until it is first used.
#[derive(Debug, Default)]
pub struct MinuteSeries(OnceLock<Box<[Minute; MINUTES]>>);

#[derive(Debug, Default)]
struct Minute {
    /// Minutes since 1970; 0 for one that was never used.
    number: AtomicI64,
    classes: [AtomicU32; CLASSES],
    sum_us: AtomicU64,
    max_us: AtomicU64,
}

/// One minute as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinuteCounts {
    /// When it began, Unix milliseconds.
    pub at_ms: i64,
    /// Answers by hundreds of their status; the first are exchanges ended without one.
    pub classes: [u32; CLASSES],
    /// Sum of the time the answers took, microseconds.
    pub sum_us: u64,
    /// Longest time that an answer took, microseconds.
    pub max_us: u64,
}

impl MinuteSeries {
    /// Counts an answer; `status` is `None` when the connection was ended without one.
    pub fn record(&self, now_ms: i64, status: Option<u16>, us: u64) {
        let ring = self.0.get_or_init(|| Box::new(std::array::from_fn(|_| Minute::default())));
        let number = now_ms.div_euclid(MINUTE_MS);
        let Some(minute) = ring.get(number.rem_euclid(MINUTES as i64) as usize) else { return };
        let known = minute.number.load(Ordering::Acquire);
        if known != number
            && minute
                .number
                .compare_exchange(known, number, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        {
            minute.classes.iter().for_each(|class| class.store(0, Ordering::Relaxed));
            minute.sum_us.store(0, Ordering::Relaxed);
            minute.max_us.store(0, Ordering::Relaxed);
        }
        let class = usize::from(status.unwrap_or(0) / 100);
        if let Some(class) = minute.classes.get(class) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        minute.sum_us.fetch_add(us, Ordering::Relaxed);
        minute.max_us.fetch_max(us, Ordering::Relaxed);
    }

    /// The minutes of the hour before `now_ms` in which something was answered, oldest first.
    pub fn minutes(&self, now_ms: i64) -> Vec<MinuteCounts> {
        let now = now_ms.div_euclid(MINUTE_MS);
        let Some(ring) = self.0.get() else { return Vec::new() };
        let counts = |minute: &Minute| {
            let number = minute.number.load(Ordering::Acquire);
            (number > 0 && number > now - MINUTES as i64 && number <= now).then(|| MinuteCounts {
                at_ms: number * MINUTE_MS,
                classes: std::array::from_fn(|class| {
                    minute.classes.get(class).map_or(0, |class| class.load(Ordering::Relaxed))
                }),
                sum_us: minute.sum_us.load(Ordering::Relaxed),
                max_us: minute.max_us.load(Ordering::Relaxed),
            })
        };
        let mut minutes: Vec<MinuteCounts> = ring.iter().filter_map(counts).collect();
        minutes.sort_unstable_by_key(|minute| minute.at_ms);
        minutes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_kept_minute_by_minute() {
        let series = MinuteSeries::default();
        assert_eq!(series.minutes(MINUTE_MS), []);
        series.record(MINUTE_MS, Some(200), 10);
        series.record(MINUTE_MS + 59_999, Some(503), 30);
        series.record(2 * MINUTE_MS, None, 5);
        let minutes = series.minutes(2 * MINUTE_MS);
        assert_eq!(minutes.len(), 2);
        assert_eq!(minutes[0].classes, [0, 0, 1, 0, 0, 1]);
        assert_eq!((minutes[0].sum_us, minutes[0].max_us), (40, 30));
        assert_eq!(minutes[1].classes, [1, 0, 0, 0, 0, 0]);
        // An hour later the ring comes round, and what was there is gone.
        series.record(61 * MINUTE_MS, Some(404), 1);
        let minutes = series.minutes(61 * MINUTE_MS);
        assert_eq!(
            minutes.iter().map(|minute| minute.at_ms).collect::<Vec<_>>(),
            [2 * MINUTE_MS, 61 * MINUTE_MS]
        );
        assert_eq!(minutes[1].classes, [0, 0, 0, 0, 1, 0]);
    }
}
