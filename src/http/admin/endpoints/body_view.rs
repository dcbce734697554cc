//! What is known of a body.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::body::{BodyKind, BodyModel, EchoFinding};
use crate::domain::json::unreadable::Unreadable;

/// What is known of a body.
#[derive(Debug, Serialize, ToSchema)]
pub struct BodyView {
    /// Bodies looked at, empty ones included.
    observations: u64,
    /// What most of them are.
    kind: BodyKind,
    /// JSON Schema 2020-12 of the JSON bodies; null before the first.
    #[schema(value_type = Option<Object>)]
    schema: Option<Value>,
    /// Values of the request that come back, and where.
    echoes: Vec<EchoFinding>,
    /// Bodies declared as JSON that could not be read, by reason: they teach type and size alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    opaque: Vec<OpaqueView>,
}

/// Bodies that could not be read for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpaqueView {
    /// Why.
    reason: Unreadable,
    /// How many.
    bodies: u64,
}

impl BodyView {
    /// What a model knows.
    pub fn of(body: &BodyModel) -> Self {
        Self {
            observations: body.observations(),
            kind: body.kind(),
            schema: body.json_schema(),
            echoes: body.echoes(),
            opaque: body
                .unreadable()
                .iter()
                .map(|(reason, bodies)| OpaqueView { reason: *reason, bodies: *bodies })
                .collect(),
        }
    }
}
