//! An endpoint in a few figures.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::output::{LatencyFigures, rfc3339, share};
use crate::domain::matching::EndpointFacts;
use crate::domain::mode::EndpointMode;
use crate::runtime::chaos::ChaosHandle;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// An endpoint in a few figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointSummary {
    /// Stable id, the same on every instance.
    #[schema(example = "5b2c1f0a9d3e8c7b6a54")]
    pub id: String,
    /// Name of the route whose backend it is of; empty for the one that takes the rest.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub route: String,
    /// Request method.
    #[schema(example = "GET")]
    pub method: String,
    /// Learned path template.
    #[schema(example = "/users/{id}")]
    pub path: String,
    /// Who answers.
    pub mode: EndpointMode,
    /// Whether its traffic teaches.
    pub learn: bool,
    /// Exchanges learned from.
    pub observations: u64,
    /// The backend's own time, over all statuses.
    pub latency_ms: LatencyFigures,
    /// Share of 5xx answers, 0 to 1.
    pub error_rate: f64,
    /// Share of each status, 0 to 1.
    #[schema(example = json!({"200": 0.97, "404": 0.03}))]
    pub statuses: BTreeMap<String, f64>,
    /// Whether a live chaos rule may mean its requests, whoever sends them.
    pub chaos_active: bool,
    /// When it was first seen; null before the first exchange.
    #[schema(format = DateTime)]
    pub first_seen_at: Option<String>,
    /// When it was last seen.
    #[schema(format = DateTime)]
    pub last_seen_at: Option<String>,
}

impl EndpointSummary {
    /// The summary of what `endpoint` published last.
    pub fn of(endpoint: &EndpointHandle, chaos: &ChaosHandle) -> Self {
        let published = endpoint.published();
        let snapshot = &published.snapshot;
        let model = &snapshot.model;
        let mix = model.statuses.mix().into_iter();
        let facts = EndpointFacts {
            id: snapshot.id.as_str(),
            method: &snapshot.key.method,
            template: snapshot.key.template.as_str(),
            route: snapshot.key.backend.as_str(),
        };
        Self {
            id: snapshot.id.to_string(),
            route: snapshot.key.backend.to_string(),
            method: snapshot.key.method.to_string(),
            path: snapshot.key.template.to_string(),
            mode: snapshot.mode,
            learn: snapshot.learn,
            observations: model.observations,
            latency_ms: LatencyFigures::of(&model.latency),
            error_rate: share(model.statuses.error_rate()),
            statuses: mix.map(|(status, part)| (status.to_string(), share(part))).collect(),
            chaos_active: chaos.rule_set().could_match(facts, chaos.clock()),
            first_seen_at: rfc3339(model.first_seen_at_ms),
            last_seen_at: rfc3339(model.last_seen_at_ms),
        }
    }
}
