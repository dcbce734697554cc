//! Everything that is known of an endpoint.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::output::{LatencyFigures, rfc3339, share};
use super::body_view::BodyView;
use super::conversation_view::ConversationView;
use super::summary::EndpointSummary;
use crate::domain::endpoint::{NegotiationFinding, ResponseModel};
use crate::domain::headers::HeaderDescription;
use crate::domain::path::{ParameterValues, PathTree};
use crate::runtime::chaos::ChaosHandle;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// Everything that is known of an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointDetail {
    #[serde(flatten)]
    summary: EndpointSummary,
    /// Parameters of the path, from left to right.
    parameters: Vec<ParameterView>,
    /// Request bodies.
    request: BodyView,
    /// Answers by status.
    answers: BTreeMap<String, AnswerView>,
    /// Conversations over WebSocket; absent while none was learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversations: Option<ConversationView>,
}

/// One parameter of a path template.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParameterView {
    /// Unique in the template.
    #[schema(example = "user_id")]
    name: String,
    /// What stands in the braces.
    #[schema(example = "id")]
    placeholder: String,
    /// The segment it stands in, counted from 0.
    segment: usize,
    /// Kinds of the values seen.
    #[schema(example = json!(["integer"]))]
    kinds: Vec<&'static str>,
    /// A made-up value.
    #[schema(example = "7")]
    example: &'static str,
}

/// What is known of the answers with one status.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// Answers learned.
    observations: u64,
    /// Share among the endpoint's answers, 0 to 1.
    share: f64,
    /// From the request leaving to the last byte.
    latency_ms: LatencyFigures,
    /// From the request leaving to the first byte.
    first_byte_ms: LatencyFigures,
    /// When the last one was seen.
    #[schema(format = DateTime)]
    last_seen_at: Option<String>,
    /// Which request headers decide on the representation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    negotiation: Vec<NegotiationFinding>,
    /// How headers are made.
    headers: Vec<HeaderDescription>,
    /// The body.
    body: BodyView,
}

impl EndpointDetail {
    /// All that `endpoint` published last; `tree` knows the parameters.
    pub fn of(endpoint: &EndpointHandle, tree: &PathTree, chaos: &ChaosHandle) -> Self {
        let published = endpoint.published();
        let model = &published.snapshot.model;
        let mix: BTreeMap<u16, f64> = model.statuses.mix().into_iter().collect();
        let answer = |status: u16, answer: &ResponseModel| {
            let part = mix.get(&status).copied().unwrap_or(0.0);
            (status.to_string(), AnswerView::of(answer, part))
        };
        let looks = tree.parameter_looks(&endpoint.key().template);
        Self {
            summary: EndpointSummary::of(endpoint, chaos),
            parameters: looks.into_iter().map(ParameterView::of).collect(),
            request: BodyView::of(&model.request),
            answers: model.answers.iter().map(|(code, learned)| answer(*code, learned)).collect(),
            conversations: ConversationView::of(&model.conversations),
        }
    }
}

impl ParameterView {
    fn of(look: ParameterValues) -> Self {
        let ParameterValues { parameter, kinds, example } = look;
        Self {
            name: parameter.name,
            placeholder: parameter.placeholder,
            segment: parameter.segment,
            kinds,
            example,
        }
    }
}

impl AnswerView {
    fn of(answer: &ResponseModel, part: f64) -> Self {
        let mut headers = answer.headers.describe();
        for header in &mut headers {
            header.presence = share(header.presence);
            header.values.iter_mut().for_each(|shown| shown.share = share(shown.share));
        }
        Self {
            observations: answer.observations,
            share: share(part),
            latency_ms: LatencyFigures::of(&answer.total),
            first_byte_ms: LatencyFigures::of(&answer.first_byte),
            last_seen_at: rfc3339(answer.last_seen_at_ms),
            negotiation: answer.negotiation.findings(),
            headers,
            body: BodyView::of(&answer.body),
        }
    }
}
