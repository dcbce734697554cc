//! Latency drawn: the inverse of the learned distribution, frozen.

use super::sketch::QuantileSketch;
use crate::domain::latency::mixture::{MixtureSpan, counted_spans, smoothed_spans};

/// Draws latencies as they were learned. Immutable and small (at most a few KiB); a draw is one
/// binary search over at most 256 steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatencySampler {
    /// Ascending; the weight up to the end of each span.
    ends: Box<[u64]>,
    /// Least and greatest value of each span, both possible.
    spans: Box<[(u32, u32)]>,
    tick_us: u32,
}

impl LatencySampler {
    /// Draws as the law behind the observations does, where one explains them.
    pub(super) fn smoothed(sketch: &QuantileSketch) -> Self {
        Self::of(smoothed_spans(sketch), sketch.tick_us())
    }

    /// Draws as was counted: cheap to make, for reading percentiles.
    pub(super) fn counted(sketch: &QuantileSketch) -> Self {
        Self::of(counted_spans(sketch), sketch.tick_us())
    }

    fn of(learned: Vec<MixtureSpan>, tick_us: u32) -> Self {
        let mut end = 0;
        let ends = learned.iter().map(|span| {
            end += span.weight;
            end
        });
        let ends = ends.collect();
        let spans = learned.iter().map(|span| (span.min_us, span.max_us)).collect();
        Self { ends, spans, tick_us }
    }

    /// Whether nothing was learned; every draw is then 0.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// A latency in microseconds for a uniform number in `[0, 1)`.
    ///
    /// A draw is the quantile at the uniform number, so drawing first byte and total with the same
    /// number keeps the first byte before the end.
    pub fn draw_us(&self, uniform: f64) -> u64 {
        self.quantile_us(uniform)
    }

    /// The latency in microseconds that a share `q` of observations stays below; numbers outside
    /// `[0, 1]` and NaN are taken for the nearer end.
    pub fn quantile_us(&self, q: f64) -> u64 {
        let Some(&total) = self.ends.last() else { return 0 };
        let rank = q.clamp(0.0, 1.0).max(0.0) * total as f64;
        let last = self.ends.len() - 1;
        let at = self.ends.partition_point(|&end| end as f64 <= rank).min(last);
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        let within = ((rank - start as f64) / (self.ends[at] - start) as f64).min(1.0);
        let (min, max) = self.spans[at];
        u64::from(min + self.step_within(max - min, within))
    }

    /// The share of draws that take `us` microseconds or less.
    pub fn share_up_to(&self, us: u64) -> f64 {
        let Some(&total) = self.ends.last() else { return 0.0 };
        let mut start = 0;
        let weights = self.ends.iter().map(|&end| end - std::mem::replace(&mut start, end));
        let below = weights.zip(&self.spans).map(|(weight, &(min, max))| {
            let within = (us + 1).saturating_sub(u64::from(min)) as f64;
            let extent = u64::from(max - min) as f64 + 1.0;
            weight as f64 * (within / extent).min(1.0)
        });
        below.sum::<f64>() / total as f64
    }

    /// The part `within` of an extent, on the grid of the ticks, all of which are equally likely.
    fn step_within(&self, extent_us: u32, within: f64) -> u32 {
        let tick = self.tick_us.max(1);
        let ticks = extent_us / tick;
        // Truncation is the point; `within` is at most 1, so the cast stays within the extent.
        ((within * (f64::from(ticks) + 1.0)) as u32).min(ticks) * tick
    }
}
