//! Five laws that latencies follow, with their exact distribution: the yardstick of the tests and
//! of `tools/src/bin/latency_fidelity.rs`. Whole microseconds throughout.

/// Where uniform numbers in `[0, 1)` come from.
pub type Uniform<'a> = &'a mut dyn FnMut() -> f64;

/// A law and its name.
#[derive(Clone, Copy, Debug)]
pub struct ReferenceDistribution {
    pub name: &'static str,
    /// One for the law as it stands; 2.5 makes every latency 2.5 times as long.
    pub scale: f64,
    parts: &'static [Part],
}

/// A component: its share of the observations and its shape.
#[derive(Clone, Copy, Debug)]
struct Part {
    share: f64,
    shape: Shape,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    LogNormal { median_us: f64, sigma: f64 },
    Pareto { scale_us: f64, shape: f64 },
    Uniform { from_us: f64, to_us: f64 },
    WholeMilliseconds { median_us: f64, sigma: f64 },
}

const fn log_normal(share: f64, median_us: f64, sigma: f64) -> Part {
    Part { share, shape: Shape::LogNormal { median_us, sigma } }
}

/// A service; a cache with hits and misses; a heavy tail; a slow dependency that sometimes runs
/// into a time-out of 30 s; a server whose clock ticks in milliseconds.
pub const REFERENCE_DISTRIBUTIONS: [ReferenceDistribution; 5] = [
    ReferenceDistribution {
        name: "log-normal",
        scale: 1.0,
        parts: &[log_normal(1.0, 20_000.0, 0.5)],
    },
    ReferenceDistribution {
        name: "bimodal cache",
        scale: 1.0,
        parts: &[log_normal(0.8, 3_000.0, 0.2), log_normal(0.2, 40_000.0, 0.3)],
    },
    ReferenceDistribution {
        name: "Pareto 1.6",
        scale: 1.0,
        parts: &[Part { share: 1.0, shape: Shape::Pareto { scale_us: 5_000.0, shape: 1.6 } }],
    },
    ReferenceDistribution {
        name: "trimodal with time-outs",
        scale: 1.0,
        parts: &[
            log_normal(0.70, 15_000.0, 0.3),
            log_normal(0.27, 120_000.0, 0.25),
            Part {
                share: 0.03,
                shape: Shape::Uniform { from_us: 30_000_000.0, to_us: 30_005_000.0 },
            },
        ],
    },
    ReferenceDistribution {
        name: "whole milliseconds",
        scale: 1.0,
        parts: &[Part {
            share: 1.0,
            shape: Shape::WholeMilliseconds { median_us: 25_000.0, sigma: 0.4 },
        }],
    },
];

impl ReferenceDistribution {
    /// The same law, every latency `factor` times as long.
    pub fn scaled(self, factor: f64) -> Self {
        Self { scale: self.scale * factor, ..self }
    }

    pub fn draw_us(&self, uniform: Uniform<'_>) -> u64 {
        let mut pick = uniform();
        let mut chosen = self.parts.len() - 1;
        for (at, part) in self.parts.iter().enumerate() {
            if pick < part.share {
                chosen = at;
                break;
            }
            pick -= part.share;
        }
        (self.parts[chosen].shape.draw(uniform) * self.scale).floor() as u64
    }

    /// Probability of at most `us`.
    pub fn up_to(&self, us: u64) -> f64 {
        // Latencies are rounded down, so everything below the next microsecond counts.
        let bound = (us + 1) as f64 / self.scale;
        self.parts.iter().map(|part| part.share * part.shape.below(bound)).sum()
    }

    /// The latency that a share `q` stays below.
    pub fn quantile_us(&self, q: f64) -> u64 {
        let (mut low, mut high) = (0_u64, 10_000_000_000_u64);
        while low < high {
            let middle = low.midpoint(high);
            if self.up_to(middle) < q { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Kolmogorov–Smirnov distance between this law and the draws.
    pub fn distance(&self, draws: &mut [u64]) -> f64 {
        draws.sort_unstable();
        let count = draws.len() as f64;
        let (mut at, mut distance) = (0, 0.0_f64);
        while at < draws.len() {
            let us = draws[at];
            let next = at + draws[at..].partition_point(|&other| other == us);
            let below = if us == 0 { 0.0 } else { self.up_to(us - 1) };
            distance = distance.max((at as f64 / count - below).abs());
            distance = distance.max((next as f64 / count - self.up_to(us)).abs());
            at = next;
        }
        distance
    }
}

impl Shape {
    fn draw(self, uniform: Uniform<'_>) -> f64 {
        match self {
            Self::LogNormal { median_us, sigma } => median_us * (sigma * normal(uniform)).exp(),
            Self::Pareto { scale_us, shape } => scale_us * (1.0 - uniform()).powf(-1.0 / shape),
            Self::Uniform { from_us, to_us } => from_us + (to_us - from_us) * uniform(),
            Self::WholeMilliseconds { median_us, sigma } => {
                (median_us * (sigma * normal(uniform)).exp() / 1e3).round() * 1e3
            }
        }
    }

    /// Probability of less than `us`.
    fn below(self, us: f64) -> f64 {
        match self {
            Self::LogNormal { median_us, sigma } => normal_below((us / median_us).ln() / sigma),
            Self::Pareto { scale_us, shape } => 1.0 - (us / scale_us).max(1.0).powf(-shape),
            Self::Uniform { from_us, to_us } => {
                ((us - from_us) / (to_us - from_us)).clamp(0.0, 1.0)
            }
            Self::WholeMilliseconds { median_us, sigma } => {
                // The greatest tick below `us`, up to where the next one takes over.
                let edge = ((us / 1e3).ceil() - 0.5) * 1e3;
                normal_below((edge / median_us).ln() / sigma)
            }
        }
    }
}

/// Box and Muller, 1958.
fn normal(uniform: Uniform<'_>) -> f64 {
    let radius = (-2.0 * (1.0 - uniform()).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform()).cos()
}

/// The normal distribution by Abramowitz and Stegun 7.1.26, exact to 1.5e-7.
fn normal_below(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let tail = series.iter().fold(0.0, |sum, coefficient| (sum + coefficient) * t);
    let half = tail * (-x * x).exp() / 2.0;
    if z < 0.0 { half } else { 1.0 - half }
}
