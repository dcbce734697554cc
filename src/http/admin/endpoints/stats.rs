//! The figures of an endpoint alone.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::output::{rfc3339, share, to_microseconds};
use crate::domain::endpoint::ResponseModel;
use crate::domain::latency::LatencyModel;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// The shares at which quantiles are shown, and their names: the box, the tails, and what is
/// commonly promised.
const QUANTILES: [(&str, f64); 9] = [
    ("min", 0.0),
    ("p10", 0.10),
    ("p25", 0.25),
    ("p50", 0.50),
    ("p75", 0.75),
    ("p90", 0.90),
    ("p95", 0.95),
    ("p99", 0.99),
    ("max", 1.0),
];

/// The figures of an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointStats {
    /// Id of the endpoint.
    id: String,
    /// Exchanges learned from.
    observations: u64,
    /// Share of 5xx answers, 0 to 1.
    error_rate: f64,
    /// Mean length of the runs that errors come in.
    error_run_mean: f64,
    /// Over all statuses.
    latency_ms: LatencyStats,
    /// By status.
    statuses: BTreeMap<String, StatusStats>,
}

/// The figures of one status.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusStats {
    /// Answers learned.
    observations: u64,
    /// Share among the endpoint's answers, 0 to 1.
    share: f64,
    /// From the request leaving to the last byte.
    latency_ms: LatencyStats,
    /// From the request leaving to the first byte.
    first_byte_ms: LatencyStats,
}

/// One latency, in milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatencyStats {
    /// Latencies learned.
    observations: u64,
    /// Exponential moving average over time.
    mean: f64,
    /// Its standard deviation.
    std_dev: f64,
    /// Quantiles of what mocked answers are drawn from.
    #[schema(example = json!({"min": 8.1, "p50": 21.4, "p99": 180.2, "max": 240.0}))]
    quantiles: BTreeMap<&'static str, f64>,
    /// Since when a new regime is drawn from, when the settled one was left.
    #[schema(format = DateTime)]
    shifted_since: Option<String>,
}

impl EndpointStats {
    /// The figures of what `endpoint` published last.
    pub fn of(endpoint: &EndpointHandle) -> Self {
        let published = endpoint.published();
        let model = &published.snapshot.model;
        let mix: BTreeMap<u16, f64> = model.statuses.mix().into_iter().collect();
        let status = |status: u16, answer: &ResponseModel| {
            let part = mix.get(&status).copied().unwrap_or(0.0);
            (status.to_string(), StatusStats::of(answer, part))
        };
        Self {
            id: endpoint.id().to_string(),
            observations: model.observations,
            error_rate: share(model.statuses.error_rate()),
            error_run_mean: to_microseconds(model.statuses.mean_error_run()),
            latency_ms: LatencyStats::of(&model.latency),
            statuses: model.answers.iter().map(|(code, answer)| status(*code, answer)).collect(),
        }
    }
}

impl StatusStats {
    fn of(answer: &ResponseModel, part: f64) -> Self {
        Self {
            observations: answer.observations,
            share: share(part),
            latency_ms: LatencyStats::of(&answer.total),
            first_byte_ms: LatencyStats::of(&answer.first_byte),
        }
    }
}

impl LatencyStats {
    fn of(model: &LatencyModel) -> Self {
        let (summary, sampler) = (model.summary(), model.compile());
        let quantile =
            |(name, q): &(&'static str, f64)| (*name, sampler.quantile_us(*q) as f64 / 1e3);
        Self {
            observations: model.observations(),
            mean: to_microseconds(summary.mean_ms),
            std_dev: to_microseconds(summary.std_dev_ms),
            quantiles: QUANTILES.iter().map(quantile).collect(),
            shifted_since: model.shifted_since_at_ms().and_then(rfc3339),
        }
    }
}
