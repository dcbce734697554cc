//! How long the sample backend takes, and when it fails: drawn from the seed, in request order.

use std::time::Duration;

use parking_lot::Mutex;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use rand_distr::{Distribution, Open01, StandardNormal};

/// A latency distribution, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) enum SimulatedDelay {
    /// What most services show: a typical time and a mild tail to the right.
    LogNormal { median_ms: f64, sigma: f64 },
    /// A heavy tail, cut at `max_ms` so that a demo never seems to hang.
    Pareto { scale_ms: f64, shape: f64, max_ms: f64 },
}

/// Reading one record by key.
pub(super) const LOOKUP: SimulatedDelay = SimulatedDelay::LogNormal { median_ms: 4.0, sigma: 0.25 };
/// A page of a list.
pub(super) const LIST: SimulatedDelay = SimulatedDelay::LogNormal { median_ms: 9.0, sigma: 0.3 };
/// A write that is committed before it is answered.
pub(super) const WRITE: SimulatedDelay = SimulatedDelay::LogNormal { median_ms: 12.0, sigma: 0.35 };
/// A full-text query.
pub(super) const QUERY: SimulatedDelay = SimulatedDelay::LogNormal { median_ms: 18.0, sigma: 0.4 };
/// A password hash, slow on purpose.
pub(super) const PASSWORD: SimulatedDelay =
    SimulatedDelay::LogNormal { median_ms: 35.0, sigma: 0.1 };
/// An answer from a cache.
pub(super) const CACHE_HIT: SimulatedDelay =
    SimulatedDelay::LogNormal { median_ms: 3.0, sigma: 0.15 };
/// The same answer computed.
pub(super) const CACHE_MISS: SimulatedDelay =
    SimulatedDelay::LogNormal { median_ms: 40.0, sigma: 0.15 };
/// A report over data that is sometimes cold: mean about 45 ms, one in a hundred over 320 ms.
pub(super) const REPORT: SimulatedDelay =
    SimulatedDelay::Pareto { scale_ms: 15.0, shape: 1.5, max_ms: 2_000.0 };

/// Share of recommendations found in the cache.
pub(super) const CACHE_HIT_SHARE: f64 = 0.7;
/// Share of stock requests that fail, in the long run.
const OUTAGE_SHARE: f64 = 0.03;
/// Mean number of stock requests that fail in a row.
const OUTAGE_LENGTH: f64 = 5.0;

/// Draws latencies and outages, and waits.
pub(super) struct Pace {
    draws: Mutex<Draws>,
    scale: f64,
}

struct Draws {
    random: SmallRng,
    /// A stream of their own, so that outages come after as many requests whatever else is drawn
    /// between them by clients that ask side by side.
    outages: SmallRng,
    failing: bool,
}

/// Sets the stream of outages apart from that of all else.
const OUTAGE_STREAM: u64 = 0x6f75_7461_6765;

impl Pace {
    pub(super) fn new(seed: u64, scale: f64) -> Self {
        let draws = Draws {
            random: SmallRng::seed_from_u64(seed),
            outages: SmallRng::seed_from_u64(seed ^ OUTAGE_STREAM),
            failing: false,
        };
        Self {
            draws: Mutex::new(draws),
            scale: if scale.is_finite() { scale.max(0.0) } else { 1.0 },
        }
    }

    /// Waits for a time drawn from `latency`.
    pub(super) async fn wait(&self, latency: SimulatedDelay) {
        let drawn_ms = latency.draw(&mut self.draws.lock().random);
        self.sleep_ms(drawn_ms).await;
    }

    /// Waits for `ms`, scaled.
    pub(super) async fn sleep_ms(&self, ms: f64) {
        if self.scale > 0.0 {
            let wait = Duration::try_from_secs_f64(ms * self.scale / 1_000.0);
            actix_rt::time::sleep(wait.unwrap_or_default()).await;
        }
    }

    /// True with probability `share`.
    pub(super) fn happens(&self, share: f64) -> bool {
        self.draws.lock().random.random_bool(share)
    }

    /// A random number for ids.
    pub(super) fn number(&self) -> u64 {
        self.draws.lock().random.random()
    }

    /// One step of a two-state Markov chain (Gilbert 1960): whether this request meets an outage.
    /// Outages last `OUTAGE_LENGTH` requests on average and cover `OUTAGE_SHARE` of them.
    pub(super) fn outage(&self) -> bool {
        let ends = 1.0 / OUTAGE_LENGTH;
        let begins = ends * OUTAGE_SHARE / (1.0 - OUTAGE_SHARE);
        let mut draws = self.draws.lock();
        let chance = if draws.failing { ends } else { begins };
        let turns = draws.outages.random_bool(chance);
        draws.failing ^= turns;
        draws.failing
    }
}

impl SimulatedDelay {
    fn draw(self, random: &mut SmallRng) -> f64 {
        match self {
            Self::LogNormal { median_ms, sigma } => {
                let z: f64 = StandardNormal.sample(random);
                median_ms * (sigma * z).exp()
            }
            // By inversion: scale / u^(1/shape) for u uniform in (0, 1).
            Self::Pareto { scale_ms, shape, max_ms } => {
                let u: f64 = Open01.sample(random);
                (scale_ms / u.powf(1.0 / shape)).min(max_ms)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 50_000;

    fn sorted_draws(latency: SimulatedDelay) -> Vec<f64> {
        let mut random = SmallRng::seed_from_u64(7);
        let mut drawn: Vec<f64> = (0..DRAWS).map(|_| latency.draw(&mut random)).collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    }

    #[test]
    fn medians_are_as_named() {
        for (latency, median) in [(LOOKUP, 4.0), (CACHE_MISS, 40.0), (REPORT, 23.8)] {
            let drawn = sorted_draws(latency)[DRAWS / 2];
            assert!((drawn / median - 1.0).abs() < 0.02, "{latency:?}: {drawn}");
        }
    }

    #[test]
    fn reports_have_a_heavy_tail_with_an_end() {
        let drawn = sorted_draws(REPORT);
        let p99 = drawn[DRAWS * 99 / 100];
        assert!(p99 > 10.0 * drawn[DRAWS / 2], "{p99}");
        assert!(drawn[DRAWS - 1] <= 2_000.0);
    }

    #[test]
    fn outages_cover_three_percent_in_bursts_of_five() {
        let pace = Pace::new(7, 0.0);
        let steps: Vec<bool> = (0..400_000).map(|_| pace.outage()).collect();
        let failed = steps.iter().filter(|failed| **failed).count() as f64;
        let bursts = steps.windows(2).filter(|pair| !pair[0] && pair[1]).count() as f64;
        let share = failed / steps.len() as f64;
        assert!((share - OUTAGE_SHARE).abs() < 0.003, "{share}");
        assert!((failed / bursts - OUTAGE_LENGTH).abs() < 0.4, "{}", failed / bursts);
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| {
            let pace = Pace::new(seed, 0.0);
            (0..20).map(|_| (pace.number(), pace.outage())).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
