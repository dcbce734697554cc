//! Token buckets, one per consumer, without a lock and within a fixed size.
//!
//! A bucket is kept as one number, the *theoretical arrival time* of the generic cell rate
//! algorithm (ITU-T I.371, annex A), which equals a token bucket. Packed with a tag of the consumer
//! into one word it is moved by one compare-and-swap, so parallel requests of one consumer can
//! never take the same token.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::random::seed;

/// Buckets of one rule: sets of [`WAYS`] slots, a consumer's hash choosing the set.
#[derive(Debug)]
pub struct TokenBuckets(Box<[[AtomicU64; WAYS]]>);

/// How fast tokens come, and how many can be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRate {
    /// Microseconds per token, at least 1.
    pub interval_us: u64,
    /// Capacity of the bucket, at least 1.
    pub burst: u64,
}

/// The bucket's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenDecision {
    /// Whether there was a token.
    pub granted: bool,
    /// Tokens that are left.
    pub remaining: u64,
    /// Until the next token is there; 0 when granted.
    pub retry_after_us: u64,
    /// Until the bucket is full again.
    pub full_after_us: u64,
}

/// Consumers remembered per rule. 4,096 are 32 KiB; when more come, the one that used its bucket
/// least gives way, and starts with a full bucket when it returns.
pub const CONSUMERS_MAX: usize = SETS * WAYS;
const SETS: usize = 512;
/// One cache line.
const WAYS: usize = 8;
/// 42 bits of microseconds are 50 days: more than the longest schedule and lease together (37).
const TIME_BITS: u32 = 42;
const TIME_MAX: u64 = (1 << TIME_BITS) - 1;

impl Default for TokenBuckets {
    fn default() -> Self {
        Self((0..SETS).map(|_| std::array::from_fn(|_| AtomicU64::new(0))).collect())
    }
}

impl TokenBuckets {
    /// Takes a token of `consumer` (a hash) at `now_us` since the lease was made.
    pub fn take(&self, consumer: u64, rate: TokenRate, now_us: u64) -> TokenDecision {
        // Two consumers share a bucket only with equal set and tag: one pair in two million.
        let spread = seed::mix(consumer, 0);
        let tag = (spread >> TIME_BITS).max(1);
        let Some(set) = self.0.get(spread as usize % SETS) else {
            return TokenDecision::unlimited();
        };
        let now_us = now_us.min(TIME_MAX);
        loop {
            let (slot, word) = find(set, tag);
            let known = word >> TIME_BITS == tag;
            let arrival_us = if known { word & TIME_MAX } else { 0 };
            let (draw, arrival_us) = rate.take(arrival_us, now_us);
            if known && !draw.granted {
                return draw;
            }
            let next = tag << TIME_BITS | arrival_us.min(TIME_MAX);
            let relaxed = Ordering::Relaxed;
            if slot.compare_exchange_weak(word, next, relaxed, relaxed).is_ok() {
                return draw;
            }
        }
    }
}

/// The slot of `tag`, or the one to give up for it: an empty one, else that of the consumer who is
/// nearest to a full bucket.
fn find(set: &[AtomicU64; WAYS], tag: u64) -> (&AtomicU64, u64) {
    let mut best = (&set[0], u64::MAX);
    for slot in set {
        let word = slot.load(Ordering::Relaxed);
        if word >> TIME_BITS == tag {
            return (slot, word);
        }
        if best.1 == u64::MAX || word & TIME_MAX < best.1 & TIME_MAX {
            best = (slot, word);
        }
    }
    best
}

impl TokenRate {
    /// `count` tokens each `per_s` seconds, of which `burst` can be saved.
    pub fn new(count: u64, per_s: f64, burst: u64) -> Self {
        let interval_us = (per_s * 1e6 / count.max(1) as f64).round() as u64;
        Self { interval_us: interval_us.max(1), burst: burst.max(1) }
    }

    /// `arrival_us` is when the bucket will be full again; a past one is full.
    fn take(self, arrival_us: u64, now_us: u64) -> (TokenDecision, u64) {
        let capacity_us = self.interval_us.saturating_mul(self.burst);
        let used_us = arrival_us.saturating_sub(now_us);
        let needed_us = used_us.saturating_add(self.interval_us);
        let granted = needed_us <= capacity_us;
        let used_us = if granted { needed_us } else { used_us };
        let draw = TokenDecision {
            granted,
            remaining: capacity_us.saturating_sub(used_us) / self.interval_us,
            retry_after_us: if granted { 0 } else { needed_us - capacity_us },
            full_after_us: used_us,
        };
        (draw, now_us.saturating_add(used_us))
    }
}

impl TokenDecision {
    fn unlimited() -> Self {
        Self { granted: true, remaining: u64::MAX, retry_after_us: 0, full_after_us: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(table: &TokenBuckets, consumer: u64, rate: TokenRate, now_us: u64) -> bool {
        table.take(consumer, rate, now_us).granted
    }

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate() {
        let (table, rate) = (TokenBuckets::default(), TokenRate::new(10, 1.0, 3));
        let at_start: Vec<bool> = (0..5).map(|_| granted(&table, 1, rate, 0)).collect();
        assert_eq!(at_start, [true, true, true, false, false]);
        let refused = table.take(1, rate, 40_000);
        assert_eq!((refused.remaining, refused.retry_after_us), (0, 60_000));
        assert_eq!(refused.full_after_us, 260_000);
        assert!(granted(&table, 1, rate, 100_000));
        assert!(!granted(&table, 1, rate, 199_999));
        assert!(granted(&table, 1, rate, 200_000));
        let later = table.take(1, rate, 10_000_000);
        assert_eq!((later.granted, later.remaining), (true, 2));
    }

    #[test]
    fn consumers_have_buckets_of_their_own() {
        let (table, rate) = (TokenBuckets::default(), TokenRate::new(1, 60.0, 1));
        for consumer in 0..500 {
            assert!(granted(&table, consumer, rate, 0), "{consumer}");
        }
        let again = (0..500).filter(|consumer| granted(&table, *consumer, rate, 1)).count();
        assert_eq!(again, 0);
    }

    #[test]
    fn more_consumers_than_slots_stay_within_the_table() {
        let (table, rate) = (TokenBuckets::default(), TokenRate::new(1, 60.0, 1));
        let newcomers = (0..20_000).filter(|consumer| granted(&table, *consumer, rate, 5)).count();
        assert!(newcomers >= 19_900, "{newcomers}: only equal tags may share a bucket");
    }

    #[test]
    fn threads_never_take_the_same_token() {
        let (table, rate) = (TokenBuckets::default(), TokenRate::new(100, 3600.0, 100));
        let taken: usize = std::thread::scope(|scope| {
            let worker = || (0..200).filter(|_| granted(&table, 7, rate, 0)).count();
            let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().map(|worker| worker.join().expect("no panic")).sum()
        });
        assert_eq!(taken, 100);
    }
}
