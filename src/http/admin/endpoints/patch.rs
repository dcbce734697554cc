//! Changes of an endpoint.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::Admin;
use super::super::input::{JsonBody, JsonForm, KnownEndpoint, NoQuery, Query, unknown_endpoint};
use super::super::learning::problem_of;
use super::super::problems::{BodyProblems, EndpointProblems, OrderProblems};
use super::summary::EndpointSummary;
use crate::domain::mode::EndpointMode;
use crate::domain::validation::ObjectReader;
use crate::http::error::Problem;

/// A change of an endpoint; what is left out stays.
#[derive(Debug, ToSchema)]
pub struct EndpointChange {
    /// Who answers.
    #[schema(required = false, nullable = false)]
    mode: Option<EndpointMode>,
    /// Whether its traffic teaches.
    #[schema(required = false, nullable = false)]
    learn: Option<bool>,
}

impl JsonForm for EndpointChange {
    const FIELDS: &'static [&'static str] = &["mode", "learn"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        Some(Self { mode: form.word("mode"), learn: form.boolean("learn") })
    }
}

/// An endpoint after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointChanged {
    #[serde(flatten)]
    summary: EndpointSummary,
    /// Whether the change survives a restart already; otherwise it will as soon as the database
    /// can be written.
    stored: bool,
}

/// Changes who answers for an endpoint, or whether it learns.
#[utoipa::path(
    patch, path = "/endpoints/{id}", operation_id = "changeEndpoint", tag = "endpoints",
    params(("id" = String, Path, description = "Id of the endpoint, or of one folded into it")),
    request_body = EndpointChange,
    responses(
        (status = 200, body = EndpointChanged),
        EndpointProblems, BodyProblems, OrderProblems
    )
)]
pub async fn amend(
    admin: Data<Admin>,
    KnownEndpoint(endpoint): KnownEndpoint,
    _query: Query<NoQuery>,
    JsonBody(EndpointChange { mode, learn }): JsonBody<EndpointChange>,
) -> Result<Json<EndpointChanged>, Problem> {
    let id = endpoint.id();
    let changed = admin.learning_of(&endpoint).control(id, |controls| {
        controls.mode = mode.unwrap_or(controls.mode);
        controls.learn = learn.unwrap_or(controls.learn);
    });
    if !changed {
        // Forgotten between the look-up and the change.
        return Err(unknown_endpoint(id.as_str()));
    }
    if mode.is_some_and(|mode| matches!(mode, EndpointMode::Mock | EndpointMode::Failover)) {
        admin.learning_of(&endpoint).site().expect_readers();
    }
    let stored = admin.stored().await;
    Ok(Json(EndpointChanged { summary: EndpointSummary::of(&endpoint, &admin.chaos), stored }))
}

/// An endpoint is forgotten.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointForgotten {
    /// Id of the endpoint.
    id: String,
    /// Nothing is known of it any more.
    #[schema(example = true)]
    forgotten: bool,
    /// Whether the database has forgotten it, too; otherwise it will as soon as it can.
    stored: bool,
}

/// Forgets an endpoint; it is learned anew from what comes.
#[utoipa::path(
    delete, path = "/endpoints/{id}", operation_id = "forgetEndpoint", tag = "endpoints",
    params(("id" = String, Path, description = "Id of the endpoint, or of one folded into it")),
    responses((status = 200, body = EndpointForgotten), EndpointProblems, OrderProblems)
)]
pub async fn forget(
    admin: Data<Admin>,
    KnownEndpoint(endpoint): KnownEndpoint,
    _query: Query<NoQuery>,
) -> Result<Json<EndpointForgotten>, Problem> {
    let id = endpoint.id();
    let learning = admin.learning_of(&endpoint);
    let forgotten = learning.forget(id.clone()).await.map_err(|error| problem_of(&error))?;
    if !forgotten {
        return Err(unknown_endpoint(id.as_str()));
    }
    let stored = admin.stored().await;
    Ok(Json(EndpointForgotten { id: id.to_string(), forgotten, stored }))
}
