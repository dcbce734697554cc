//! An endpoint at one moment, and its form at rest.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::body::BodyModel;
use crate::domain::conversation::model::ConversationModel;
use crate::domain::endpoint::{
    BackendId, EndpointId, EndpointKey, EndpointModel, FidelityModel, Negotiation, Prior,
    RefusedMethods, ResponseModel,
};
use crate::domain::headers::HeaderModel;
use crate::domain::latency::LatencyModel;
use crate::domain::mode::EndpointMode;
use crate::domain::path::PathTemplate;
use crate::domain::status::StatusModel;
use crate::store::{ChaosRecord, DocumentRecord, EndpointRecord, StatusRecord};

/// Version of the JSON documents written here; a reader skips newer ones with a warning.
const DOCUMENT_VERSION: i32 = 1;

/// Everything an endpoint is at one moment; immutable.
#[derive(Debug, Clone)]
pub struct EndpointSnapshot {
    /// Stable id.
    pub id: EndpointId,
    /// Method and template.
    pub key: EndpointKey,
    /// Who answers.
    pub mode: EndpointMode,
    /// Whether its traffic teaches.
    pub learn: bool,
    /// How much chaos it was told to make.
    pub chaos: Option<EndpointChaos>,
    /// What was learned.
    pub model: Arc<EndpointModel>,
}

/// What a person sets at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointControls {
    /// Who answers.
    pub mode: EndpointMode,
    /// Whether its traffic teaches.
    pub learn: bool,
    /// How much chaos it was told to make.
    pub chaos: Option<EndpointChaos>,
}

/// The chaos shorthand of an endpoint; the rules it stands for hang on the chaos board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointChaos {
    /// 0 to 100.
    pub level: u8,
    /// Whether it was switched on.
    pub active: bool,
    /// When it ends by itself, unix ms.
    pub expires_at_ms: i64,
}

/// Statistics over all statuses, as stored.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct ModelDocument {
    statuses: StatusModel,
    latency: LatencyModel,
    chaos: Option<EndpointChaos>,
    #[serde(skip_serializing_if = "RefusedMethods::is_empty")]
    refused: RefusedMethods,
    #[serde(skip_serializing_if = "Option::is_none")]
    prior: Option<Box<Prior>>,
    #[serde(skip_serializing_if = "FidelityModel::is_empty")]
    fidelity: FidelityModel,
    #[serde(skip_serializing_if = "ConversationModel::is_empty")]
    conversations: ConversationModel,
}

/// Statistics of one status, as stored.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct ResponseDocument {
    last_seen_at_ms: i64,
    first_byte: LatencyModel,
    total: LatencyModel,
    headers: HeaderModel,
    negotiation: Negotiation,
}

impl EndpointSnapshot {
    /// An endpoint of which nothing is known yet.
    #[must_use]
    pub fn empty(key: EndpointKey) -> Self {
        let id = key.id();
        Self {
            id,
            key,
            mode: EndpointMode::Inherit,
            learn: true,
            chaos: None,
            model: Arc::default(),
        }
    }

    /// What a person set.
    #[must_use]
    pub fn controls(&self) -> EndpointControls {
        EndpointControls { mode: self.mode, learn: self.learn, chaos: self.chaos }
    }

    /// The same with other settings of a person.
    #[must_use]
    pub fn controlled(&self, controls: EndpointControls) -> Self {
        let EndpointControls { mode, learn, chaos } = controls;
        Self { mode, learn, chaos, ..self.clone() }
    }

    /// The form at rest: figures in columns, sketches and shapes as documents.
    #[must_use]
    pub fn to_record(&self) -> EndpointRecord {
        let model = &self.model;
        let latency = model.latency.summary();
        let mix = model.statuses.mix();
        let share = |status: u16| {
            mix.iter().find(|(known, _)| *known == status).map_or(0.0, |(_, share)| *share)
        };
        EndpointRecord {
            id: self.id.as_str().to_owned(),
            backend: self.key.backend.to_string(),
            method: self.key.method.to_string(),
            template: self.key.template.as_str().to_owned(),
            mode: self.mode.as_str().to_owned(),
            learn: self.learn,
            observations: as_i64(model.observations),
            error_rate: model.statuses.error_rate(),
            latency_mean_ms: latency.mean_ms,
            latency_std_dev_ms: latency.std_dev_ms,
            latency_p50_ms: latency.p50_ms,
            latency_p95_ms: latency.p95_ms,
            latency_p99_ms: latency.p99_ms,
            first_seen_at_ms: model.first_seen_at_ms,
            last_seen_at_ms: model.last_seen_at_ms,
            chaos: self
                .chaos
                .map(|chaos| ChaosRecord { level: i32::from(chaos.level), active: chaos.active }),
            model: document(&ModelDocument {
                statuses: model.statuses.clone(),
                latency: model.latency.clone(),
                chaos: self.chaos,
                refused: model.refused.clone(),
                prior: model.prior.clone(),
                fidelity: model.fidelity.clone(),
                conversations: model.conversations.clone(),
            }),
            request_schema: (model.request.observations() > 0).then(|| document(&model.request)),
            statuses: model
                .answers
                .iter()
                .map(|(status, answer)| status_record(*status, share(*status), answer))
                .collect(),
        }
    }

    /// Reads a record back; `template` is the record's, made by the path room.
    /// Parts that cannot be read are skipped with a warning and learned anew.
    #[must_use]
    pub fn from_record(record: &EndpointRecord, template: PathTemplate) -> Self {
        let key =
            EndpointKey::of_backend(BackendId::named(&record.backend), &record.method, template);
        let whole: ModelDocument = read(&record.model, &record.id, "model").unwrap_or_default();
        let mut model = EndpointModel {
            observations: u64::try_from(record.observations).unwrap_or(0),
            first_seen_at_ms: record.first_seen_at_ms,
            last_seen_at_ms: record.last_seen_at_ms,
            statuses: whole.statuses,
            latency: whole.latency,
            refused: whole.refused,
            prior: whole.prior,
            fidelity: whole.fidelity,
            conversations: whole.conversations,
            request: record
                .request_schema
                .as_ref()
                .and_then(|schema| read(schema, &record.id, "request schema"))
                .unwrap_or_default(),
            ..EndpointModel::default()
        };
        for status in &record.statuses {
            let Ok(code) = u16::try_from(status.status) else { continue };
            model.answers.insert(code, Box::new(response_model(status, &record.id)));
        }
        Self {
            id: key.id(),
            key,
            mode: record.mode.parse().unwrap_or_else(|_unknown| {
                log::warn!(
                    "endpoint {}: unknown mode `{}` read as inherit",
                    record.id,
                    record.mode
                );
                EndpointMode::Inherit
            }),
            learn: record.learn,
            chaos: whole.chaos,
            model: Arc::new(model),
        }
    }
}

fn status_record(status: u16, share: f64, answer: &ResponseModel) -> StatusRecord {
    let latency = answer.total.summary();
    StatusRecord {
        status: i32::from(status),
        observations: as_i64(answer.observations),
        share,
        latency_mean_ms: latency.mean_ms,
        latency_p50_ms: latency.p50_ms,
        latency_p95_ms: latency.p95_ms,
        latency_p99_ms: latency.p99_ms,
        model: document(&ResponseDocument {
            last_seen_at_ms: answer.last_seen_at_ms,
            first_byte: answer.first_byte.clone(),
            total: answer.total.clone(),
            headers: answer.headers.clone(),
            negotiation: answer.negotiation.clone(),
        }),
        schema: (answer.body.observations() > 0).then(|| document(&answer.body)),
    }
}

fn response_model(record: &StatusRecord, id: &str) -> ResponseModel {
    let document: ResponseDocument = read(&record.model, id, "status model").unwrap_or_default();
    let body: Option<BodyModel> =
        record.schema.as_ref().and_then(|schema| read(schema, id, "response schema"));
    ResponseModel {
        observations: u64::try_from(record.observations).unwrap_or(0),
        last_seen_at_ms: document.last_seen_at_ms,
        first_byte: document.first_byte,
        total: document.total,
        headers: document.headers,
        body: body.unwrap_or_default(),
        negotiation: document.negotiation,
    }
}

/// Writes a document of this version.
pub(in crate::runtime) fn document<T: Serialize>(value: &T) -> DocumentRecord {
    let json = serde_json::to_string(value).unwrap_or_else(|error| {
        // Every model serializes: string keys only, no failing impls; a slip must not lose the
        // rest of the batch.
        log::error!("model not serializable, stored empty: {error}");
        "null".into()
    });
    DocumentRecord { version: DOCUMENT_VERSION, json }
}

/// Reads a document, or says why not and returns `None`.
pub(in crate::runtime) fn read<T: serde::de::DeserializeOwned>(
    document: &DocumentRecord,
    subject: &str,
    part: &str,
) -> Option<T> {
    if document.version > DOCUMENT_VERSION {
        let version = document.version;
        log::warn!(
            "{subject}: {part} has version {version}, newer than {DOCUMENT_VERSION}: skipped"
        );
        return None;
    }
    serde_json::from_str(&document.json)
        .map_err(|error| log::warn!("{subject}: {part} cannot be read, learned anew: {error}"))
        .ok()
}

fn as_i64(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
