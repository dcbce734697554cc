//! Forms that several resources share: times and figures.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::latency::LatencyModel;

/// Latency figures for people, in milliseconds.
///
/// Mean and standard deviation follow the last minutes; the percentiles are those that mocked
/// answers follow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct LatencyFigures {
    /// Moving mean.
    pub mean: f64,
    /// Moving standard deviation.
    pub std_dev: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
}

impl LatencyFigures {
    /// The figures of a model.
    pub fn of(model: &LatencyModel) -> Self {
        let summary = model.summary();
        Self {
            mean: to_microseconds(summary.mean_ms),
            std_dev: to_microseconds(summary.std_dev_ms),
            p50: summary.p50_ms,
            p95: summary.p95_ms,
            p99: summary.p99_ms,
        }
    }
}

/// Milliseconds, rounded to the microseconds they were measured in.
pub fn to_microseconds(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}

/// A share from 0 to 1, rounded to a millionth: beyond it digits are noise.
pub fn share(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

/// A time as RFC 3339 in UTC; `None` for 0, which stands for "never".
pub fn rfc3339(at_ms: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(at_ms).ok().filter(|_| at_ms != 0)?;
    Some(time.to_string())
}
