//! Latency as learned and drawn.
//!
//! People get a moving mean and standard deviation that follow the present; draws come from
//! quantile sketches at two speeds. The slow sketch is the settled regime. The last
//! [`RECENT_MAX`] observations wait in a delay line before they enter a sketch, so that when they
//! deviate from it the change is dated within the line, what came before still goes to the old
//! regime, and a fast sketch starts with the new one alone. It hands back when the old regime
//! returns, and becomes the settled one when the new regime has lasted.
//!
//! One model learns one figure: first byte and total are two instances.

mod ewma;
mod mixture;
mod regime;
mod sampler;
mod sketch;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod reference_distributions;

use std::cmp::Ordering;
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::sketch::heap_bytes::heap_bytes;
use ewma::Ewma;
use regime::{RegimeShift, find_shift, matches};
pub use sampler::LatencySampler;
pub use sketch::{BINS_MAX, QuantileSketch};

/// Longest latency told apart, in microseconds: one hour, beyond any timeout of the proxy.
pub const LATENCY_US_MAX: u64 = 3_600_000_000;

/// Observations that wait before they enter a sketch. 128 show a shift of a quarter of the
/// distribution with one false alarm in many millions of tests; sudden large shifts show in 32.
pub const RECENT_MAX: usize = 128;

/// Observations between two looks for a change of regime, which keeps their cost per observation
/// at a few dozen nanoseconds.
const CHECK_INTERVAL: u64 = 32;

/// A new regime replaces the old one for good after this many observations and this much time: a
/// deployment or a busy hour is a regime, a hiccup of some minutes should leave the old one to
/// return to.
const SETTLED_OBSERVATIONS_MIN: f64 = 1_000.0;
const SETTLED_AFTER_MS: i64 = 600_000;

/// The latency of one status, first byte or total.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LatencyModel {
    observations: u64,
    average: Ewma,
    settled: QuantileSketch,
    #[serde(skip_serializing_if = "Option::is_none")]
    shifted: Option<Regime>,
    recent: VecDeque<u32>,
}

heap_bytes!(LatencyModel { observations, average, settled, shifted, recent });

/// A regime that took over from the settled one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Regime {
    sketch: QuantileSketch,
    since_at_ms: i64,
}

heap_bytes!(Regime { sketch, since_at_ms });

/// The figures shown to people, in milliseconds. Mean and standard deviation are moving averages;
/// the percentiles are those of the present regime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LatencySummary {
    /// Moving mean.
    #[serde(rename = "mean")]
    pub mean_ms: f64,
    /// Moving standard deviation.
    #[serde(rename = "std_dev")]
    pub std_dev_ms: f64,
    /// Median.
    #[serde(rename = "p50")]
    pub p50_ms: f64,
    /// 95th percentile.
    #[serde(rename = "p95")]
    pub p95_ms: f64,
    /// 99th percentile.
    #[serde(rename = "p99")]
    pub p99_ms: f64,
}

impl LatencyModel {
    /// Learns one latency in microseconds, seen at `at_ms` (unix milliseconds).
    pub fn observe(&mut self, us: u64, at_ms: i64) {
        // LATENCY_US_MAX fits 32 bits.
        let us = us.min(LATENCY_US_MAX) as u32;
        self.observations += 1;
        self.average.observe(f64::from(us) / 1e3, at_ms);
        self.recent.push_back(us);
        while self.recent.len() > RECENT_MAX {
            if let Some(oldest) = self.recent.pop_front() {
                self.current_mut().add(oldest);
            }
        }
        if self.observations.is_multiple_of(CHECK_INTERVAL) {
            self.follow_regime(at_ms);
        }
    }

    /// Adds everything `other` has learned. Where one of them is in a new regime so is the result.
    pub fn merge(&mut self, other: &Self) {
        self.observations += other.observations;
        self.average.merge(&other.average);
        self.settled.merge(&other.settled);
        if let Some(theirs) = &other.shifted {
            let ours = self.shifted.get_or_insert_with(|| Regime {
                sketch: QuantileSketch::default(),
                since_at_ms: theirs.since_at_ms,
            });
            ours.sketch.merge(&theirs.sketch);
            ours.since_at_ms = ours.since_at_ms.min(theirs.since_at_ms);
        }
        let target = if other.shifted.is_some() { self.current_mut() } else { &mut self.settled };
        for &us in &other.recent {
            target.add(us);
        }
    }

    /// Gives back the room that it keeps for growing.
    pub fn compact(&mut self) {
        self.settled.compact();
        if let Some(regime) = &mut self.shifted {
            regime.sketch.compact();
        }
        self.recent.shrink_to_fit();
    }

    /// Observations learned from since the beginning.
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// The figures for people. Fading is uniform, so they stay as they are until the next
    /// observation and need no clock.
    pub fn summary(&self) -> LatencySummary {
        let sampler = LatencySampler::counted(&self.present());
        let percentile = |q: f64| sampler.quantile_us(q) as f64 / 1e3;
        LatencySummary {
            mean_ms: self.average.mean_ms(),
            std_dev_ms: self.average.std_dev_ms(),
            p50_ms: percentile(0.50),
            p95_ms: percentile(0.95),
            p99_ms: percentile(0.99),
        }
    }

    /// Freezes the present regime for drawing. Fits a law to it (some 100 µs), so it is made when
    /// the model is published, not for each observation.
    pub fn compile(&self) -> LatencySampler {
        LatencySampler::smoothed(&self.present())
    }

    /// As [`compile`](Self::compile), without looking for a law: for figures of which a model holds
    /// hundreds.
    pub fn compile_counted(&self) -> LatencySampler {
        LatencySampler::counted(&self.present())
    }

    /// The share of the present regime, 0 to 1, that lies below `us`, with half of what equals it;
    /// `None` before anything was learned.
    pub fn rank(&self, us: u64) -> Option<f64> {
        let us = us.min(LATENCY_US_MAX) as u32;
        let sketch = self.current();
        let waiting: f64 = self.recent.iter().map(|&recent| half_step(recent, us)).sum();
        let total = sketch.observations() + self.recent.len() as f64;
        (total > 0.0).then(|| (sketch.observations_below(us) + waiting) / total)
    }

    /// The present regime with what still waits to enter its sketch.
    fn present(&self) -> QuantileSketch {
        let mut sketch = self.current().clone();
        for &us in &self.recent {
            sketch.add(us);
        }
        sketch
    }

    /// Since when (unix milliseconds) a new regime is drawn from, if the settled one is left.
    pub fn shifted_since_at_ms(&self) -> Option<i64> {
        self.shifted.as_ref().map(|regime| regime.since_at_ms)
    }

    fn current(&self) -> &QuantileSketch {
        self.shifted.as_ref().map_or(&self.settled, |regime| &regime.sketch)
    }

    fn current_mut(&mut self) -> &mut QuantileSketch {
        self.shifted.as_mut().map_or(&mut self.settled, |regime| &mut regime.sketch)
    }

    fn follow_regime(&mut self, at_ms: i64) {
        let recent = self.recent.make_contiguous();
        let reference = self.shifted.as_ref().map_or(&self.settled, |regime| &regime.sketch);
        if let Some(RegimeShift { starts }) = find_shift(reference, recent) {
            let returns = self.shifted.is_some() && matches(&self.settled, &recent[starts..]);
            for us in self.recent.drain(..starts) {
                self.shifted
                    .as_mut()
                    .map_or(&mut self.settled, |regime| &mut regime.sketch)
                    .add(us);
            }
            self.shifted = (!returns)
                .then(|| Regime { sketch: QuantileSketch::default(), since_at_ms: at_ms });
        }
        let settled = self.shifted.take_if(|regime| {
            regime.sketch.observations() >= SETTLED_OBSERVATIONS_MIN
                && at_ms.saturating_sub(regime.since_at_ms) >= SETTLED_AFTER_MS
        });
        if let Some(regime) = settled {
            self.settled = regime.sketch;
        }
    }
}

/// What a value counts for among those below `us`: one, none, or a half where it equals it.
fn half_step(value: u32, us: u32) -> f64 {
    match value.cmp(&us) {
        Ordering::Less => 1.0,
        Ordering::Equal => 0.5,
        Ordering::Greater => 0.0,
    }
}
