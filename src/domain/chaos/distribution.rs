//! Distributions of added latency.

use rand_distr::{Distribution as _, LogNormal, Normal, Pareto};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::subject::LearnedLatency;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::validation::{FieldErrors, ObjectReader};

/// How long, in milliseconds. Negative draws (the left tail of `normal`) count as 0, and none
/// exceeds [`DELAY_MS_MAX`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Distribution {
    /// Always the same.
    Fixed {
        /// Milliseconds, 0 to [`DELAY_MS_MAX`].
        ms: f64,
    },
    /// Each value of a range alike.
    Uniform {
        /// Shortest, milliseconds.
        min_ms: f64,
        /// Longest, milliseconds; not below `min_ms`.
        max_ms: f64,
    },
    /// Around a mean, cut at zero.
    Normal {
        /// Milliseconds, before the cut.
        mean_ms: f64,
        /// Milliseconds.
        std_dev_ms: f64,
    },
    /// A median with a long tail, as latencies have.
    LogNormal {
        /// Half of the draws lie below, milliseconds.
        median_ms: f64,
        /// Standard deviation of the logarithm, 0 to [`SIGMA_MAX`].
        sigma: f64,
    },
    /// A smallest value with a heavy tail.
    Pareto {
        /// Smallest value, milliseconds.
        scale_ms: f64,
        /// Tail index, 0.1 to 100: the smaller, the heavier the tail.
        shape: f64,
    },
    /// The endpoint's own learned `quantile`, or the 99th percentile of its worst hour when
    /// `quantile` is absent, times `factor`. Adds nothing where nothing was learned.
    Learned {
        /// 0 to 1; `None` for the worst hour.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quantile: Option<f64>,
        /// What the learned latency is multiplied with, 0 to 1000.
        factor: f64,
    },
}

/// Ten minutes: longer than the time-out of any client worth testing; a longer wait is `hang`.
pub const DELAY_MS_MAX: f64 = 600_000.0;
/// A log-normal sigma of 5 spans ten decades already.
const SIGMA_MAX: f64 = 5.0;
/// A Pareto shape of 100 is a constant for all practical purposes.
const SHAPE_MAX: f64 = 100.0;
/// Below this shape even the 90th percentile lies beyond [`DELAY_MS_MAX`].
const SHAPE_MIN: f64 = 0.1;
/// More than a thousand times the learned latency is better said in milliseconds.
const FACTOR_MAX: f64 = 1000.0;

impl Distribution {
    /// Reads it at `path`; `None` when something is wrong, which `problems` then holds.
    pub fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
        let fields: &[&'static str] = match kind {
            "fixed" => &["type", "ms"],
            "uniform" => &["type", "min_ms", "max_ms"],
            "normal" => &["type", "mean_ms", "std_dev_ms"],
            "log_normal" => &["type", "median_ms", "sigma"],
            "pareto" => &["type", "scale_ms", "shape"],
            "learned" => &["type", "quantile", "factor"],
            _ => {
                let expected = "`fixed`, `uniform`, `normal`, `log_normal`, `pareto`, `learned`";
                problems.add(format!("{path}.type"), format!("expected one of {expected}"));
                return None;
            }
        };
        let reader = ObjectReader::open(value, path, fields, problems)?;
        // Every field is read before the first missing one ends it, so that all are reported.
        let number = |name, low, high| {
            if reader.require(name) { reader.number(name, low..=high) } else { None }
        };
        let ms = |name| number(name, 0.0, DELAY_MS_MAX);
        match kind {
            "fixed" => Some(Self::Fixed { ms: ms("ms")? }),
            "uniform" => {
                let (min, max) = (ms("min_ms"), ms("max_ms"));
                let (min_ms, max_ms) = (min?, max?);
                if min_ms > max_ms {
                    reader.problem("max_ms", "is below `min_ms`");
                    return None;
                }
                Some(Self::Uniform { min_ms, max_ms })
            }
            "normal" => {
                let (mean, std_dev) = (ms("mean_ms"), ms("std_dev_ms"));
                Some(Self::Normal { mean_ms: mean?, std_dev_ms: std_dev? })
            }
            "log_normal" => {
                let (median, sigma) = (ms("median_ms"), number("sigma", 0.0, SIGMA_MAX));
                Some(Self::LogNormal { median_ms: median?, sigma: sigma? })
            }
            "pareto" => {
                let (scale, shape) = (ms("scale_ms"), number("shape", SHAPE_MIN, SHAPE_MAX));
                Some(Self::Pareto { scale_ms: scale?, shape: shape? })
            }
            _ => {
                let quantile = reader.number("quantile", 0.0..=1.0);
                if reader.has("quantile") && quantile.is_none() {
                    return None;
                }
                Some(Self::Learned { quantile, factor: number("factor", 0.0, FACTOR_MAX)? })
            }
        }
    }

    /// Microseconds; `None` when it rests on learned latency and there is none.
    pub fn draw_us(
        &self,
        draws: &mut KeyedRng,
        learned: Option<&dyn LearnedLatency>,
    ) -> Option<u64> {
        let ms = match *self {
            Self::Fixed { ms } => ms,
            Self::Uniform { min_ms, max_ms } => min_ms + (max_ms - min_ms) * draws.uniform(),
            // The constructors fail only on parameters that `parse` refuses; stored rules from
            // elsewhere then add nothing.
            Self::Normal { mean_ms, std_dev_ms } => {
                Normal::new(mean_ms, std_dev_ms).ok()?.sample(draws)
            }
            Self::LogNormal { median_ms, sigma } => {
                LogNormal::new(median_ms.ln(), sigma).ok()?.sample(draws)
            }
            Self::Pareto { scale_ms: 0.0, .. } => 0.0,
            Self::Pareto { scale_ms, shape } => Pareto::new(scale_ms, shape).ok()?.sample(draws),
            Self::Learned { quantile, factor } => {
                let learned = learned?;
                let us = match quantile {
                    Some(quantile) => learned.quantile_us(quantile),
                    None => learned.worst_us(),
                };
                us? as f64 / 1000.0 * factor
            }
        };
        // The cast turns a NaN into 0.
        Some((ms.clamp(0.0, DELAY_MS_MAX) * 1000.0).round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Learned;
    impl LearnedLatency for Learned {
        fn quantile_us(&self, quantile: f64) -> Option<u64> {
            Some((quantile * 100_000.0) as u64)
        }
        fn worst_us(&self) -> Option<u64> {
            Some(900_000)
        }
    }

    fn sorted(distribution: &Distribution) -> Vec<f64> {
        let mut draws = KeyedRng::keyed(1, 1);
        let draw =
            |_| distribution.draw_us(&mut draws, Some(&Learned)).expect("drawn") as f64 / 1e3;
        let mut ms: Vec<f64> = (0..20_001).map(draw).collect();
        ms.sort_by(f64::total_cmp);
        ms
    }

    fn check(distribution: Distribution, quantile: f64, expected_ms: f64, tolerance_ms: f64) {
        let ms = sorted(&distribution)[(quantile * 20_000.0) as usize];
        assert!((ms - expected_ms).abs() <= tolerance_ms, "{distribution:?}: {ms} at {quantile}");
    }

    #[test]
    fn draws_follow_their_law() {
        use Distribution as D;
        check(D::Fixed { ms: 2.5 }, 0.0, 2.5, 0.0);
        check(D::Fixed { ms: 2.5 }, 1.0, 2.5, 0.0);
        check(D::Uniform { min_ms: 10.0, max_ms: 20.0 }, 0.25, 12.5, 0.2);
        check(D::Normal { mean_ms: 100.0, std_dev_ms: 10.0 }, 0.5, 100.0, 0.4);
        check(D::Normal { mean_ms: 100.0, std_dev_ms: 10.0 }, 0.8413, 110.0, 0.5);
        check(D::Normal { mean_ms: 0.0, std_dev_ms: 10.0 }, 0.0, 0.0, 0.0);
        check(D::LogNormal { median_ms: 50.0, sigma: 0.5 }, 0.5, 50.0, 0.8);
        check(D::LogNormal { median_ms: 0.0, sigma: 0.5 }, 1.0, 0.0, 0.0);
        check(D::LogNormal { median_ms: 50.0, sigma: 0.5 }, 0.8413, 82.4, 2.0);
        check(D::Pareto { scale_ms: 10.0, shape: 2.0 }, 0.75, 20.0, 0.6);
        check(D::Pareto { scale_ms: 10.0, shape: 0.1 }, 1.0, DELAY_MS_MAX, 0.0);
        check(D::Pareto { scale_ms: 0.0, shape: 2.0 }, 1.0, 0.0, 0.0);
        check(D::Learned { quantile: Some(0.99), factor: 2.0 }, 0.5, 198.0, 0.1);
        check(D::Learned { quantile: None, factor: 1.0 }, 0.5, 900.0, 0.0);
    }

    #[test]
    fn learned_latency_of_an_unknown_endpoint_adds_nothing() {
        let learned = Distribution::Learned { quantile: Some(0.5), factor: 2.0 };
        assert_eq!(learned.draw_us(&mut KeyedRng::keyed(1, 1), None), None);
    }
}
