//! A mergeable quantile sketch of relative error whose resolution follows the data.
//!
//! Values fall into logarithmic bins: the exponent and the leading bits of the value itself, so the
//! mapping is exact integer arithmetic, the same on every machine. The sketch starts fine (0.1 %)
//! and halves its resolution whenever more than [`BINS_MAX`] bins are in use, which keeps narrow
//! laws sharp and wide ones small. This is the uniform collapse of UDDSketch (Epicoco, Melle,
//! Cafaro, Pulimeno, Morleo: *UDDSketch: Accurate Tracking of Quantiles in Data Streams*, IEEE
//! Access 2020) over the bins of DDSketch (Masson, Rim, Lee, VLDB 2019).
//!
//! Each bin keeps its least and greatest value, so that quantiles are interpolated between what
//! was really seen, a value that stands alone is kept exactly, and a few distinct values stay those
//! few distinct values.
//!
//! `sketches-ddsketch` was tried and does not fit: it answers with bin centres (2 % steps turn
//! whole milliseconds into values that never occurred), cannot forget, keeps its bins private, and
//! serialises them densely (several KiB where this one needs one or two).

use std::cmp::Ordering;

use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use serde::{Deserialize, Serialize};

/// Bins in use at most. At 128 a log-normal law of sigma 0.5 is cut 16 times per octave, each bin
/// interpolated: the error stays an order of magnitude below the sampling error of 1,000 values.
pub const BINS_MAX: usize = 128;

/// Leading bits kept after the first at the start: a resolution of 1/1024.
const PRECISION_MAX: u8 = 10;

/// Weight of one observation. A power of two, so that an observation survives being halved a few
/// times before it is forgotten.
pub(super) const WEIGHT_ONE: u32 = 16;

/// Weight at which all weights are halved: the sketch remembers the last 4,096 to 8,192
/// observations. More would make it slow to follow a drift, and their sampling error (0.011 in
/// KS distance) is already below what 1,000 observations allow (0.027).
const WEIGHT_MAX: u64 = 8_192 * WEIGHT_ONE as u64;

/// The share of values in whole milliseconds from which the law is taken to tick in them.
const WHOLE_MS_SHARE_MIN: f64 = 0.99;

const MS: u32 = 1_000;

/// The values of one bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bin {
    pub(super) min_us: u32,
    pub(super) max_us: u32,
    pub(super) weight: u32,
}

no_heap!(Bin);

/// A weighted multiset of microseconds, remembered with relative error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SketchForm", into = "SketchForm")]
pub struct QuantileSketch {
    precision: u8,
    /// Ascending and disjoint; no two share a code at `precision`.
    bins: Vec<Bin>,
    /// The sum of the bins' weights.
    weight: u64,
    /// The part of `weight` seen in whole milliseconds.
    whole_ms_weight: u64,
}

heap_bytes!(QuantileSketch { precision, bins, weight, whole_ms_weight });

impl Default for QuantileSketch {
    fn default() -> Self {
        Self { precision: PRECISION_MAX, bins: Vec::new(), weight: 0, whole_ms_weight: 0 }
    }
}

impl QuantileSketch {
    /// Adds one observation.
    pub fn add(&mut self, us: u32) {
        let at = self.bins.partition_point(|bin| bin.max_us < us);
        let code = self.code(us);
        let belongs = |bin: &Bin| self.code(bin.min_us) == code;
        if self.bins.get(at).is_some_and(|bin| bin.min_us <= us || belongs(bin)) {
            self.bins[at].min_us = self.bins[at].min_us.min(us);
            self.bins[at].weight = self.bins[at].weight.saturating_add(WEIGHT_ONE);
        } else if at > 0 && belongs(&self.bins[at - 1]) {
            self.bins[at - 1].max_us = us;
            self.bins[at - 1].weight = self.bins[at - 1].weight.saturating_add(WEIGHT_ONE);
        } else {
            self.bins.insert(at, Bin { min_us: us, max_us: us, weight: WEIGHT_ONE });
        }
        self.weight += u64::from(WEIGHT_ONE);
        self.whole_ms_weight += if us.is_multiple_of(MS) { u64::from(WEIGHT_ONE) } else { 0 };
        self.keep_bounds();
    }

    /// Adds everything `other` has seen: the result equals one sketch having seen both streams, at
    /// the coarser of the two resolutions.
    pub fn merge(&mut self, other: &Self) {
        self.bins.extend_from_slice(&other.bins);
        self.bins.sort_unstable_by_key(|bin| bin.min_us);
        self.weight += other.weight;
        self.whole_ms_weight += other.whole_ms_weight;
        self.coarsen_to(self.precision.min(other.precision));
        self.keep_bounds();
    }

    /// Gives back the room that the bins keep for growing.
    pub(super) fn compact(&mut self) {
        self.bins.shrink_to_fit();
    }

    /// Observations remembered, as a number of whole ones.
    pub fn observations(&self) -> f64 {
        self.weight as f64 / f64::from(WEIGHT_ONE)
    }

    /// Observations below `us` and half of those that equal it, each bin taken for evenly filled.
    pub(super) fn observations_below(&self, us: u32) -> f64 {
        let below = |bin: &Bin| {
            // Whole microseconds from `min_us` to `max_us`, each as likely as another.
            let width = f64::from(bin.max_us - bin.min_us) + 1.0;
            let within = (f64::from(us) - f64::from(bin.min_us) + 0.5) / width;
            f64::from(bin.weight) * within.clamp(0.0, 1.0)
        };
        self.bins.iter().map(below).sum::<f64>() / f64::from(WEIGHT_ONE)
    }

    pub(super) fn bins(&self) -> &[Bin] {
        &self.bins
    }

    pub(super) fn weight(&self) -> u64 {
        self.weight
    }

    /// The grid the values stand on: 1,000 when they tick in whole milliseconds, else 1.
    pub(super) fn tick_us(&self) -> u32 {
        let whole = self.whole_ms_weight as f64 >= self.weight as f64 * WHOLE_MS_SHARE_MIN;
        if whole && self.weight > 0 { MS } else { 1 }
    }

    /// Exponent and leading bits of the value: monotone, and halving the resolution is one shift.
    fn code(&self, us: u32) -> u32 {
        code(us, self.precision)
    }

    fn keep_bounds(&mut self) {
        while self.bins.len() > BINS_MAX && self.precision > 0 {
            self.coarsen_to(self.precision - 1);
        }
        while self.weight >= WEIGHT_MAX {
            self.halve();
        }
    }

    fn coarsen_to(&mut self, precision: u8) {
        self.precision = precision;
        self.bins.dedup_by(|next, kept| {
            let same = next.min_us <= kept.max_us
                || code(next.min_us, precision) == code(kept.min_us, precision);
            if same {
                kept.max_us = kept.max_us.max(next.max_us);
                kept.weight = kept.weight.saturating_add(next.weight);
            }
            same
        });
    }

    fn halve(&mut self) {
        for bin in &mut self.bins {
            bin.weight /= 2;
        }
        self.bins.retain(|bin| bin.weight > 0);
        self.weight = self.bins.iter().map(|bin| u64::from(bin.weight)).sum();
        self.whole_ms_weight = (self.whole_ms_weight / 2).min(self.weight);
    }

    /// The greatest difference between this sketch's distribution and that of `values`, taken at
    /// the edges of the bins (so at most the Kolmogorov–Smirnov statistic, and near it), and where.
    ///
    /// `places` is where each value stands among the bins, as [`Self::place`] tells.
    pub(super) fn distance(&self, places: &[u16]) -> Deviation {
        let mut counts = [0_u16; 2 * BINS_MAX + 1];
        for &place in places {
            if let Some(count) = counts.get_mut(usize::from(place)) {
                *count += 1;
            }
        }
        let mut deviation = Deviation { distance: 0.0, place: 0, expected: 0.0, found: 0.0 };
        let (mut below, mut weight_below) = (0_u32, 0_u64);
        for (place, &count) in counts.iter().enumerate().take(2 * self.bins.len() + 1) {
            below += u32::from(count);
            if place % 2 == 1 {
                weight_below += u64::from(self.bins[place / 2].weight);
            }
            let found = f64::from(below) / places.len() as f64;
            let expected = weight_below as f64 / self.weight as f64;
            if (found - expected).abs().total_cmp(&deviation.distance) == Ordering::Greater {
                let distance = (found - expected).abs();
                deviation = Deviation { distance, place: place as u16, expected, found };
            }
        }
        deviation
    }

    /// Where a value stands: `2i + 1` inside bin `i`, `2i` in the gap before it.
    pub(super) fn place(&self, us: u32) -> u16 {
        let at = self.bins.partition_point(|bin| bin.max_us < us);
        let inside = self.bins.get(at).is_some_and(|bin| bin.min_us <= us);
        // At most 2 * BINS_MAX, far within 16 bits.
        (2 * at + usize::from(inside)) as u16
    }
}

/// The widest gap between two distributions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deviation {
    /// Kolmogorov–Smirnov distance.
    pub(super) distance: f64,
    /// The place up to which both were summed.
    pub(super) place: u16,
    /// Share of the sketch up to that place.
    pub(super) expected: f64,
    /// Share of the values up to that place.
    pub(super) found: f64,
}

fn code(us: u32, precision: u8) -> u32 {
    let exponent = us.max(1).ilog2();
    let precision = u32::from(precision);
    let mantissa = us.max(1) ^ (1 << exponent);
    let leading = if exponent >= precision {
        mantissa >> (exponent - precision)
    } else {
        mantissa << (precision - exponent)
    };
    (exponent << precision) | leading
}

/// The stored form: bins as a flat list of steps from the bin before, which JSON writes in about
/// ten bytes each.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct SketchForm {
    /// Leading bits kept.
    precision: u8,
    /// Weight seen in whole milliseconds.
    whole_ms: u64,
    /// For each bin: distance from the end of the one before, its extent, its weight.
    bins: Vec<u32>,
}

impl From<QuantileSketch> for SketchForm {
    fn from(sketch: QuantileSketch) -> Self {
        let mut end = 0;
        let mut bins = Vec::with_capacity(sketch.bins.len() * 3);
        for bin in &sketch.bins {
            bins.extend([bin.min_us - end, bin.max_us - bin.min_us, bin.weight]);
            end = bin.max_us;
        }
        Self { precision: sketch.precision, whole_ms: sketch.whole_ms_weight, bins }
    }
}

impl From<SketchForm> for QuantileSketch {
    /// Whatever was stored, a sketch within its bounds comes out.
    fn from(form: SketchForm) -> Self {
        let mut end = 0_u32;
        let mut bins = Vec::new();
        for step in form.bins.chunks_exact(3).filter(|step| step[2] > 0) {
            let min_us = end.saturating_add(step[0]);
            let max_us = min_us.saturating_add(step[1]);
            bins.push(Bin { min_us, max_us, weight: step[2] });
            end = max_us;
        }
        let weight = bins.iter().map(|bin| u64::from(bin.weight)).sum();
        let mut sketch = Self {
            precision: form.precision.min(PRECISION_MAX),
            bins,
            weight,
            whole_ms_weight: form.whole_ms.min(weight),
        };
        sketch.coarsen_to(sketch.precision);
        sketch.keep_bounds();
        sketch
    }
}
