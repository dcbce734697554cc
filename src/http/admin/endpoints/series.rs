//! What an endpoint answered lately, minute by minute.

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::input::{KnownEndpoint, NoQuery, Query};
use super::super::output::{rfc3339, share, to_microseconds};
use super::super::problems::EndpointProblems;
use crate::runtime::clock::now_ms;
use crate::runtime::learning::endpoint_handle::EndpointHandle;
use crate::runtime::learning::histogram::BOUNDS_US;
use crate::runtime::learning::minute_series::MinuteCounts;

/// The last hour of an endpoint. Minutes without an answer are left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointSeries {
    /// Seconds of one step.
    step_s: u32,
    /// Oldest first.
    items: Vec<SeriesMinute>,
    /// How long the backend took as learned, and how long answers took since the start of the
    /// double, whoever gave them; shortest first.
    latency: Vec<LatencyBucket>,
}

/// Latencies between the bound before and this one.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatencyBucket {
    /// Null for what is longer than all bounds.
    #[schema(example = 25.0)]
    up_to_ms: Option<f64>,
    /// Share of the learned latencies, 0 to 1.
    learned: f64,
    /// Answers that took so long.
    answered: u64,
}

/// The buckets of the learned distribution beside those of what was answered.
fn latency(endpoint: &EndpointHandle) -> Vec<LatencyBucket> {
    let sampler = endpoint.published().snapshot.model.latency.compile();
    let mut below = 0.0;
    let mut learned = |bound: Option<u64>| {
        // Nothing was learned: no share anywhere, not all of it beyond the last bound.
        let whole = if sampler.is_empty() { 0.0 } else { 1.0 };
        let up_to = bound.map_or(whole, |us| sampler.share_up_to(us));
        share((up_to - std::mem::replace(&mut below, up_to)).max(0.0))
    };
    let bounds = BOUNDS_US.iter().copied().map(Some).chain([None]);
    let counts = endpoint.answers.durations.counts();
    let bucket = |(bound, answered): (Option<u64>, u64)| LatencyBucket {
        up_to_ms: bound.map(|us| us as f64 / 1e3),
        learned: learned(bound),
        answered,
    };
    bounds.zip(counts.buckets).map(bucket).collect()
}

/// One minute of answers, whoever gave them.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesMinute {
    /// When it began.
    #[schema(format = DateTime)]
    at: Option<String>,
    count: u32,
    /// Of those, by class of status.
    classes: StatusClassCounts,
    /// Mean time from a request's arrival to the head of its answer.
    mean_ms: f64,
    /// The longest of them.
    max_ms: f64,
}

/// Answers by the class of their status; `none` had no answer at all.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusClassCounts {
    none: u32,
    #[serde(rename = "1xx")]
    informational: u32,
    #[serde(rename = "2xx")]
    successful: u32,
    #[serde(rename = "3xx")]
    redirection: u32,
    #[serde(rename = "4xx")]
    client_error: u32,
    #[serde(rename = "5xx")]
    server_error: u32,
}

impl SeriesMinute {
    fn of(minute: &MinuteCounts) -> Self {
        let [none, informational, successful, redirection, client_error, server_error] =
            minute.classes;
        let count: u32 = minute.classes.iter().sum();
        let mean_us = minute.sum_us as f64 / f64::from(count.max(1));
        Self {
            at: rfc3339(minute.at_ms),
            count,
            classes: StatusClassCounts {
                none,
                informational,
                successful,
                redirection,
                client_error,
                server_error,
            },
            mean_ms: to_microseconds(mean_us / 1e3),
            max_ms: to_microseconds(minute.max_us as f64 / 1e3),
        }
    }
}

/// Counts, statuses and times of an endpoint's answers over the last hour.
#[utoipa::path(
    get, path = "/endpoints/{id}/series", operation_id = "getEndpointSeries", tag = "endpoints",
    params(("id" = String, Path, description = "Id of the endpoint")),
    responses((status = 200, body = EndpointSeries), EndpointProblems)
)]
pub async fn series(
    KnownEndpoint(endpoint): KnownEndpoint,
    _query: Query<NoQuery>,
) -> Json<EndpointSeries> {
    let minutes = endpoint.answers.minutes.minutes(now_ms());
    let items = minutes.iter().map(SeriesMinute::of).collect();
    Json(EndpointSeries { step_s: 60, items, latency: latency(&endpoint) })
}
