//! The learned model of one endpoint: what one writer keeps and everyone else gets copies of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::fidelity_model::FidelityModel;
use super::negotiation::Negotiation;
use super::observation::{Body, ExchangeSample, Observation};
use super::refused_methods::RefusedMethods;
use crate::domain::body::content_coding::decode;
use crate::domain::body::{BodyKind, BodyModel, BodySample};
use crate::domain::conversation::model::{ConversationModel, ConversationSample};
use crate::domain::headers::{HeaderLimits, HeaderModel};
use crate::domain::json::unreadable::Unreadable;
use crate::domain::latency::LatencyModel;
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::{HeapBytes, heap_bytes};
use crate::domain::status::StatusModel;
use crate::domain::value::limits::ValueLimits;
use crate::domain::words::own_address;

/// Bytes that one model may occupy where nothing else is said.
const MODEL_BYTES_MAX: usize = 384 << 10;

/// Bounds on what one model keeps.
#[derive(Debug, Clone)]
pub struct ModelLimits {
    /// Bytes that one model may occupy; who keeps models sees to it ([`EndpointModel::tighten`]).
    pub bytes_max: usize,
    /// Bytes of a decoded body that are looked at.
    pub body_bytes_max: usize,
    /// Different status codes kept; the rarest gives way. 24: the richest published APIs document
    /// about a dozen per operation.
    pub statuses_max: usize,
    /// Bounds of body models.
    pub body: ValueLimits,
    /// Bounds of header models.
    pub headers: HeaderLimits,
}

impl ModelLimits {
    /// The limits with bodies looked at up to `body_bytes_max`.
    #[must_use]
    pub fn new(body_bytes_max: usize) -> Self {
        Self {
            bytes_max: MODEL_BYTES_MAX,
            body_bytes_max,
            statuses_max: 24,
            body: ValueLimits::default(),
            headers: HeaderLimits::default(),
        }
    }

    /// The limits of a model that has outgrown its budget of memory `steps` times.
    #[must_use]
    pub fn tightened(&self, steps: u32) -> Self {
        const STATUSES_MIN: usize = 2;
        Self {
            statuses_max: (self.statuses_max >> steps).max(STATUSES_MIN),
            body: self.body.tightened(steps),
            ..self.clone()
        }
    }
}

/// Everything learned of one endpoint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointModel {
    /// Observations learned.
    pub observations: u64,
    /// Unix ms of the first one.
    pub first_seen_at_ms: i64,
    /// Unix ms of the last one.
    pub last_seen_at_ms: i64,
    /// The mix of statuses.
    pub statuses: StatusModel,
    /// Total latency over all statuses.
    pub latency: LatencyModel,
    /// Request bodies.
    pub request: BodyModel,
    /// Answers by status.
    pub answers: BTreeMap<u16, Box<ResponseModel>>,
    /// Conversations of requests that switched protocols; their handshakes are among the
    /// observations and none of the answers.
    #[serde(skip_serializing_if = "ConversationModel::is_empty")]
    pub conversations: ConversationModel,
    /// Methods that the backend refuses at this template.
    #[serde(skip_serializing_if = "RefusedMethods::is_empty")]
    pub refused: RefusedMethods,
    /// What a document says of the endpoint; it holds until traffic has shown otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<Box<Prior>>,
    /// How well exchanges were predicted before they were learned.
    #[serde(skip_serializing_if = "FidelityModel::is_empty")]
    pub fidelity: FidelityModel,
}

heap_bytes!(EndpointModel {
    observations,
    first_seen_at_ms,
    last_seen_at_ms,
    statuses,
    latency,
    request,
    answers,
    conversations,
    refused,
    prior,
    fidelity,
});

/// What a document says of an endpoint, as far as answers can be made of it. It is no observation:
/// it counts nowhere, and is drawn from only where traffic has shown nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Prior {
    /// The name of the operation in the document.
    pub source: Box<str>,
    /// The status that is answered unless another is asked for.
    pub main: u16,
    /// Statuses, media types and shapes, as if the bodies had been seen.
    pub model: EndpointModel,
    /// Media type and bodies by status, made of schemas and examples.
    pub bodies: BTreeMap<u16, PriorBodies>,
}

heap_bytes!(Prior { source, main, model, bodies });

/// Bodies that a document allows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PriorBodies {
    /// Value of `Content-Type`.
    pub media: Box<str>,
    /// The bodies; of these one is answered as it is.
    pub texts: Vec<Box<str>>,
}

heap_bytes!(PriorBodies { media, texts });

/// What is learned of the answers with one status.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponseModel {
    /// Answers learned.
    pub observations: u64,
    /// Unix ms of the last one.
    pub last_seen_at_ms: i64,
    /// From the request leaving to the first byte.
    pub first_byte: LatencyModel,
    /// From the request leaving to the last byte.
    pub total: LatencyModel,
    /// Response headers.
    pub headers: HeaderModel,
    /// Response bodies.
    pub body: BodyModel,
    /// Which representation came, by what the request preferred.
    #[serde(skip_serializing_if = "is_default")]
    pub negotiation: Negotiation,
}

heap_bytes!(ResponseModel {
    observations,
    last_seen_at_ms,
    first_byte,
    total,
    headers,
    body,
    negotiation,
});

/// Spares storing what was never learned.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl EndpointModel {
    /// Learns one exchange; false when it does not teach. `params` are the template's parameters
    /// with their raw values in this path.
    pub fn observe(
        &mut self,
        observation: &Observation,
        params: &[(&str, &str)],
        limits: &ModelLimits,
    ) -> bool {
        if !observation.provenance.teaches() {
            return false;
        }
        let at_ms = observation.at_ms;
        if self.observations == 0 || at_ms < self.first_seen_at_ms {
            self.first_seen_at_ms = at_ms;
        }
        self.observations += 1;
        self.last_seen_at_ms = self.last_seen_at_ms.max(at_ms);
        if observation.is_conversation() {
            // No answer to a plain request: those are drawn from what plain requests got.
            learn_conversation(&mut self.conversations, observation, params, limits);
            return true;
        }
        self.statuses.observe(observation.status, at_ms);
        self.latency.observe(observation.total_us, at_ms);
        let answer = self.answers.entry(observation.status).or_default();
        answer.observations += 1;
        answer.last_seen_at_ms = answer.last_seen_at_ms.max(at_ms);
        answer.first_byte.observe(observation.first_byte_us, at_ms);
        answer.total.observe(observation.total_us, at_ms);
        if let Some(sample) = &observation.sample {
            learn_sample(&mut self.request, answer, observation, sample, params, limits);
        }
        self.shed_statuses(limits);
        true
    }

    /// Learns what `other` knows: equals having seen both streams, within the sketches' error.
    pub fn merge(&mut self, other: &Self, limits: &ModelLimits) {
        self.refused.merge(&other.refused);
        if other.prior.is_some() {
            self.prior.clone_from(&other.prior);
        }
        if other.observations == 0 {
            return;
        }
        if self.observations == 0 {
            // Byte for byte: what is read from a file answers as what was written to it.
            let own = std::mem::replace(self, other.clone());
            (self.refused, self.prior) = (own.refused, own.prior);
            self.shed_statuses(limits);
            return;
        }
        self.first_seen_at_ms = self.first_seen_at_ms.min(other.first_seen_at_ms);
        self.observations += other.observations;
        self.fidelity.merge(&other.fidelity);
        self.last_seen_at_ms = self.last_seen_at_ms.max(other.last_seen_at_ms);
        self.statuses.merge(&other.statuses);
        self.latency.merge(&other.latency);
        self.request.merge(&other.request, &limits.body);
        for (status, theirs) in &other.answers {
            let ours = self.answers.entry(*status).or_default();
            ours.observations += theirs.observations;
            ours.last_seen_at_ms = ours.last_seen_at_ms.max(theirs.last_seen_at_ms);
            ours.first_byte.merge(&theirs.first_byte);
            ours.total.merge(&theirs.total);
            ours.headers.merge(&theirs.headers, &limits.headers);
            ours.body.merge(&theirs.body, &limits.body);
            ours.negotiation.merge(&theirs.negotiation);
        }
        self.conversations.merge(&other.conversations, &limits.body, &limits.headers);
        self.shed_statuses(limits);
    }

    /// Makes the model as small as tighter limits want it: its counts stay, its bodies become
    /// coarser, the rarest statuses go.
    pub fn tighten(&mut self, limits: &ModelLimits) {
        self.shed_statuses(limits);
        if self.observations > 0 {
            // The first to go: traffic has shown what it was for.
            self.prior = None;
        }
        self.request.tighten(&limits.body);
        self.answers.values_mut().for_each(|answer| answer.body.tighten(&limits.body));
        self.conversations.tighten(&limits.body);
    }

    /// Forgets what may be kept at a higher level of privacy alone; true where there was something.
    pub fn forget(&mut self, level: PrivacyLevel) -> bool {
        let answers = self.answers.values_mut().map(|answer| answer.body.forget(level));
        let forgot = answers.fold(false, |sum, forgot| sum | forgot);
        self.request.forget(level) | self.conversations.forget(level) | forgot
    }

    /// Gives back the room that collections keep for growing.
    pub fn compact(&mut self) {
        let every = ValueLimits::default();
        self.request.tighten(&every);
        self.latency.compact();
        self.conversations.tighten(&every);
        for answer in self.answers.values_mut() {
            answer.body.tighten(&every);
            answer.first_byte.compact();
            answer.total.compact();
        }
    }

    /// Bytes that the model occupies, itself included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.heap_bytes()
    }

    /// A backend that answers with ever new codes must not grow the model.
    fn shed_statuses(&mut self, limits: &ModelLimits) {
        while self.answers.len() > limits.statuses_max {
            let rarest = self
                .answers
                .iter()
                .min_by_key(|(_, answer)| (answer.observations, answer.last_seen_at_ms));
            let Some((&status, _)) = rarest else { return };
            self.answers.remove(&status);
        }
    }
}

fn learn_sample(
    request: &mut BodyModel,
    answer: &mut ResponseModel,
    observation: &Observation,
    sample: &ExchangeSample,
    params: &[(&str, &str)],
    limits: &ModelLimits,
) {
    let at_ms = observation.at_ms;
    let request_headers = lines(&sample.request_headers);
    let response_headers = lines(&sample.response_headers);
    let request_bytes = decoded(&sample.request_body, limits);
    let asked = RequestView {
        body: request_bytes.as_deref().filter(|bytes| !bytes.is_empty()),
        ..head_of(observation, sample, params, &request_headers)
    };
    let [host, told] = own_address::HOST_HEADERS.map(|name| asked.header(name));
    let unified: Vec<(&str, Cow<'_, [u8]>)> = response_headers
        .iter()
        .map(|(name, value)| (*name, own_address::unified(value, told, host)))
        .collect();
    let own_headers: Vec<(&str, &[u8])> =
        unified.iter().map(|(name, value)| (*name, &**value)).collect();
    answer.headers.observe(&own_headers, &asked, at_ms, &limits.headers);
    answer.negotiation.observe(&asked, &response_headers);
    let own_hosts = own_address::HOST_HEADERS.into_iter().filter_map(|name| asked.header(name));
    let response_bytes =
        decoded(&sample.response_body, limits).map(|bytes| own_address::learned(bytes, own_hosts));
    for (model, body, bytes) in [
        (&mut answer.body, &sample.response_body, &response_bytes),
        (request, &sample.request_body, &request_bytes),
    ] {
        note_unreadable(model, body, bytes.is_some());
    }
    answer.body.observe(
        &body_sample(&sample.response_body, response_bytes.as_deref()),
        &asked,
        &limits.body,
    );
    request.observe(
        &body_sample(&sample.request_body, request_bytes.as_deref()),
        &asked.line_alone(),
        &limits.body,
    );
}

/// Learns what followed a switch of protocols.
fn learn_conversation(
    model: &mut ConversationModel,
    observation: &Observation,
    params: &[(&str, &str)],
    limits: &ModelLimits,
) {
    let Some(sample) = &observation.sample else { return };
    let Some(transcript) = &sample.conversation else { return };
    let request_headers = lines(&sample.request_headers);
    let asked = head_of(observation, sample, params, &request_headers);
    let sample = ConversationSample {
        asked: &asked,
        headers: &lines(&sample.response_headers),
        handshake_us: observation.first_byte_us,
        transcript,
    };
    model.observe(&sample, &limits.body, &limits.headers);
}

/// A request without its body.
fn head_of<'o>(
    observation: &'o Observation,
    sample: &'o ExchangeSample,
    params: &'o [(&'o str, &'o str)],
    headers: &'o [(&'o str, &'o [u8])],
) -> RequestView<'o> {
    RequestView {
        method: &observation.method,
        path: &observation.path,
        params,
        query: &sample.query,
        headers,
        at_ms: observation.at_ms,
        ..RequestView::default()
    }
}

fn lines(headers: &[(Box<str>, Bytes)]) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (&**name, &value[..])).collect()
}

/// Says of a body that is declared as JSON why nothing of it can be looked at.
fn note_unreadable(model: &mut BodyModel, body: &Body, is_decoded: bool) {
    let declared = body.content_type.as_deref().and_then(BodyKind::declared_by);
    if declared == Some(BodyKind::Json) && !is_decoded && body.total_bytes > 0 {
        let why = if body.complete { Unreadable::ContentCoding } else { Unreadable::TooLong };
        model.note_unreadable(why);
    }
}

/// The decoded bytes of a whole body; `None` when only a part was kept or it cannot be decoded.
pub(super) fn decoded<'a>(
    body: &'a Body,
    limits: &ModelLimits,
) -> Option<std::borrow::Cow<'a, [u8]>> {
    if !body.complete {
        return None;
    }
    decode(body.content_encoding.as_deref(), &body.bytes, limits.body_bytes_max).ok()
}

fn body_sample<'a>(body: &'a Body, decoded: Option<&'a [u8]>) -> BodySample<'a> {
    BodySample {
        content_type: body.content_type.as_deref(),
        bytes: decoded.unwrap_or_default(),
        complete: decoded.is_some(),
        total_bytes: decoded.map_or(body.total_bytes, |bytes| bytes.len() as u64),
    }
}
