//! Mean and standard deviation that follow the present: an exponential moving average over time.

use crate::domain::sketch::heap_bytes::no_heap;
use serde::{Deserialize, Serialize};

/// Time after which an observation counts 1/e as much: long enough for a steady figure, short
/// enough that a person watching sees a change within minutes.
const TIME_CONSTANT_MS: f64 = 300_000.0;

/// Rare traffic is averaged over about this many observations instead, because an average of the
/// single one of the last minutes would say nothing.
const OBSERVATIONS_MIN: f64 = 64.0;

/// The moving average and its spread, in milliseconds.
///
/// Weights are kept as sums, so the first samples carry their full weight and no correction for a
/// start at zero is needed; the variance is corrected for the effective number of samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Ewma {
    weight: f64,
    /// Sum of squared weights: `weight² / squares` is the effective number of samples.
    squares: f64,
    mean_ms: f64,
    /// Weighted sum of squared deviations from the mean.
    deviations: f64,
    at_ms: i64,
}

no_heap!(Ewma);

impl Ewma {
    pub(super) fn observe(&mut self, ms: f64, at_ms: i64) {
        self.fade(at_ms, 1.0);
        self.weight += 1.0;
        self.squares += 1.0;
        let delta = ms - self.mean_ms;
        self.mean_ms += delta / self.weight;
        self.deviations += delta * (ms - self.mean_ms);
    }

    /// Combines two streams (Chan, Golub, LeVeque 1979), each faded to the later of their times.
    pub(super) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        let at_ms = self.at_ms.max(other.at_ms);
        self.fade(at_ms, 0.0);
        other.fade(at_ms, 0.0);
        let weight = self.weight + other.weight;
        if weight <= 0.0 {
            return;
        }
        let delta = other.mean_ms - self.mean_ms;
        self.mean_ms += delta * other.weight / weight;
        self.deviations += other.deviations + delta * delta * self.weight * other.weight / weight;
        self.squares += other.squares;
        self.weight = weight;
    }

    pub(super) fn mean_ms(&self) -> f64 {
        self.mean_ms
    }

    pub(super) fn std_dev_ms(&self) -> f64 {
        let freedom = self.weight - self.squares / self.weight.max(f64::MIN_POSITIVE);
        if freedom <= f64::EPSILON { 0.0 } else { (self.deviations / freedom).max(0.0).sqrt() }
    }

    /// Lets the past fade up to `at_ms`, but not below what leaves [`OBSERVATIONS_MIN`] of weight
    /// when `arriving` is added.
    fn fade(&mut self, at_ms: i64, arriving: f64) {
        let elapsed_ms = at_ms.saturating_sub(self.at_ms);
        if self.weight <= 0.0 || elapsed_ms <= 0 {
            self.at_ms = if self.weight <= 0.0 { at_ms } else { self.at_ms };
            return;
        }
        self.at_ms = at_ms;
        let floor = ((OBSERVATIONS_MIN - arriving) / self.weight).min(1.0);
        let factor = (-(elapsed_ms as f64) / TIME_CONSTANT_MS).exp().max(floor);
        self.weight *= factor;
        self.squares *= factor * factor;
        self.deviations *= factor;
    }
}
