//! What an endpoint answered lately, minute by minute.

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::input::{KnownEndpoint, NoQuery, Query};
use super::super::output::{rfc3339, to_microseconds};
use super::super::problems::EndpointProblems;
use crate::runtime::clock::now_ms;
use crate::runtime::learning::minute_series::MinuteCounts;

/// The last hour of an endpoint. Minutes without an answer are left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointSeries {
    /// Seconds of one step.
    step_s: u32,
    /// Oldest first.
    items: Vec<SeriesMinute>,
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
    Json(EndpointSeries { step_s: 60, items: minutes.iter().map(SeriesMinute::of).collect() })
}
