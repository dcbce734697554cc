//! How long answers took, counted in fixed buckets: two atomic additions on the request path.

use std::sync::atomic::{AtomicU64, Ordering};

/// Upper bounds of the buckets, µs: from a mock that waits for nothing to a client's patience, two
/// or three steps to each power of ten.
pub const BOUNDS_US: [u64; 14] = [
    250, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
];

/// A histogram of durations.
#[derive(Debug, Default)]
pub struct DurationHistogram {
    /// One for each bound, and one for what is longer.
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DurationCounts {
    /// Durations in each bucket, not cumulated.
    pub buckets: [u64; BOUNDS_US.len() + 1],
    /// Sum of all durations, µs.
    pub sum_us: u64,
}

impl DurationHistogram {
    /// Counts one duration.
    pub fn record(&self, us: u64) {
        let at = BOUNDS_US.partition_point(|bound| *bound < us);
        // Relaxed: the counters guard nothing, and a reader between the two additions sees one
        // answer more or less.
        if let Some(bucket) = self.buckets.get(at) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// The counts now.
    #[must_use]
    pub fn counts(&self) -> DurationCounts {
        DurationCounts {
            buckets: std::array::from_fn(|at| self.buckets[at].load(Ordering::Relaxed)),
            sum_us: self.sum_us.load(Ordering::Relaxed),
        }
    }

    /// Takes everything `other` has counted.
    pub fn take(&self, other: &Self) {
        for (ours, theirs) in self.buckets.iter().zip(&other.buckets) {
            ours.fetch_add(theirs.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        }
        self.sum_us.fetch_add(other.sum_us.swap(0, Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl DurationCounts {
    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            *ours += theirs;
        }
        self.sum_us += other.sum_us;
    }

    /// Durations counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        let histogram = DurationHistogram::default();
        for us in [0, 250, 251, 10_000_000, 10_000_001, u64::from(u32::MAX)] {
            histogram.record(us);
        }
        let counts = histogram.counts();
        assert_eq!((counts.buckets[0], counts.buckets[1]), (2, 1));
        assert_eq!((counts.buckets[13], counts.buckets[14]), (1, 2));
        let successor = DurationHistogram::default();
        successor.record(1);
        successor.take(&histogram);
        assert_eq!(histogram.counts(), DurationCounts::default());
        assert_eq!(successor.counts().total(), 7);
    }
}
