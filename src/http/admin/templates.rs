//! Templates pinned by people: they win over learning.

use std::future::{Ready, ready};

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Admin;
use super::input::{JsonBody, JsonForm, NoQuery, Query};
use super::learning::problem_of;
use super::output::rfc3339;
use super::problems::{BodyProblems, OrderProblems, QueryProblems, TemplateProblems};
use crate::domain::endpoint::EndpointId;
use crate::domain::path::{Pin, PinEffect};
use crate::domain::validation::ObjectReader;
use crate::http::admin::paging::{Page, Paging};
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::directory::pins::PinnedTemplate;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// A pinned template.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateDocument {
    /// Stable id.
    id: String,
    /// TemplateDocument; it holds for every method.
    #[schema(example = "/teams/{name}")]
    path: String,
    /// Names of its parameters; none for a template that says "this stays literal".
    parameters: Vec<String>,
    /// Who gave it.
    #[schema(example = "person")]
    source: String,
    /// When it was pinned.
    created_at: Option<String>,
}

impl TemplateDocument {
    fn of(pinned: &PinnedTemplate) -> Self {
        Self {
            id: pinned.id.to_string(),
            path: pinned.pin.template.clone(),
            parameters: pinned.pin.parameters(),
            source: pinned.source.clone(),
            created_at: rfc3339(pinned.created_at_ms),
        }
    }
}

/// Lists the pinned templates, sorted by text.
#[utoipa::path(
    get, path = "/templates", operation_id = "listTemplates", tag = "templates",
    params(Paging),
    responses((status = 200, body = Page<TemplateDocument>), QueryProblems)
)]
pub async fn list(
    admin: Data<Admin>,
    Query(paging): Query<Paging>,
) -> Json<Page<TemplateDocument>> {
    let catalog = admin.learning.catalog_full();
    let found: Vec<&PinnedTemplate> =
        catalog.pins().iter().filter(|pinned| paging.finds(&[&pinned.pin.template])).collect();
    Json(paging.page(&found, |pinned| TemplateDocument::of(pinned)))
}

/// The id in the path.
pub struct TemplateId(EndpointId);

impl FromRequest for TemplateId {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default();
        ready(Ok(Self(EndpointId::from_text(id))))
    }
}

fn unknown(id: &EndpointId) -> Problem {
    // 64 characters show what was meant; an id has 20.
    let shown: String = id.as_str().chars().take(64).collect();
    let detail = format!("no pinned template has the id `{shown}`");
    Problem::new(ProblemKind::NotFound, detail).with("id", json!(shown))
}

/// Shows a pinned template.
#[utoipa::path(
    get, path = "/templates/{id}", operation_id = "getTemplate", tag = "templates",
    params(("id" = String, Path, description = "Id of the pinned template")),
    responses((status = 200, body = TemplateDocument), TemplateProblems)
)]
pub async fn show(
    admin: Data<Admin>,
    TemplateId(id): TemplateId,
    _query: Query<NoQuery>,
) -> Result<Json<TemplateDocument>, Problem> {
    let catalog = admin.learning.catalog_full();
    let found = catalog.pins().iter().find(|pinned| pinned.id == id);
    found.map(|pinned| Json(TemplateDocument::of(pinned))).ok_or_else(|| unknown(&id))
}

/// A template to pin.
#[derive(Debug, ToSchema)]
pub struct NewTemplate {
    /// Segments in braces are parameters, the others literals: `/teams/{name}` takes every team,
    /// and `/teams/search` beside it stays literal.
    #[schema(example = "/teams/{name}")]
    path: String,
}

/// Longer templates than this are refused where they are pinned, with a better reason.
const PATH_BYTES_MAX: usize = 64 << 10;

impl JsonForm for NewTemplate {
    const FIELDS: &'static [&'static str] = &["path"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        form.require("path");
        Some(Self { path: form.text("path", PATH_BYTES_MAX)?.to_owned() })
    }
}

/// A template after it was pinned or given back.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateChanged {
    #[serde(flatten)]
    template: TemplateDocument,
    /// Whether the change survives a restart already; otherwise it will as soon as the database
    /// can be written.
    stored: bool,
}

/// Pins a template: endpoints are folded together or parted at once, nothing learned is lost, and
/// old ids lead to the new endpoint. One that is pinned already stays as it is.
#[utoipa::path(
    put, path = "/templates", operation_id = "pinTemplate", tag = "templates",
    request_body = NewTemplate,
    responses(
        (status = 200, description = "It was pinned already", body = TemplateChanged),
        (status = 201, description = "It is pinned now", body = TemplateChanged),
        BodyProblems, OrderProblems
    )
)]
pub async fn pin(
    admin: Data<Admin>,
    _query: Query<NoQuery>,
    JsonBody(NewTemplate { path }): JsonBody<NewTemplate>,
) -> Result<HttpResponse, Problem> {
    let ordered = admin.learning.pin(Pin::new(path)).await.map_err(|error| problem_of(&error))?;
    let pinned = ordered
        .map_err(|error| Problem::field(ProblemKind::Unprocessable, "path", error.to_string()))?;
    let status = if pinned.new { StatusCode::CREATED } else { StatusCode::OK };
    let stored = admin.stored().await;
    let template = TemplateDocument::of(&pinned.template);
    Ok(HttpResponse::build(status).json(TemplateChanged { template, stored }))
}

/// What pinning a template would do; nothing is pinned.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplatePreview {
    path: String,
    parameters: Vec<String>,
    /// Endpoints that would be folded into its endpoint, one for each method; most seen first.
    folds: Vec<TouchedEndpoint>,
    /// Endpoints that it would take some paths from; most seen first.
    parts: Vec<TouchedEndpoint>,
}

/// An endpoint that a pin would touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchedEndpoint {
    id: String,
    method: String,
    path: String,
    observations: u64,
}

/// Says which endpoints a template would fold together or part; nothing is pinned.
#[utoipa::path(
    post, path = "/templates/preview", operation_id = "previewTemplate", tag = "templates",
    request_body = NewTemplate,
    responses((status = 200, body = TemplatePreview), BodyProblems)
)]
pub async fn preview(
    admin: Data<Admin>,
    _query: Query<NoQuery>,
    JsonBody(NewTemplate { path }): JsonBody<NewTemplate>,
) -> Result<Json<TemplatePreview>, Problem> {
    let pin = Pin::new(path);
    let catalog = admin.learning.catalog_full();
    let (mut folds, mut parts) = (Vec::new(), Vec::new());
    for endpoint in catalog.endpoints() {
        let template = endpoint.key().template.as_str();
        let effect = pin.effect_on(template).map_err(|error| {
            Problem::field(ProblemKind::Unprocessable, "path", error.to_string())
        })?;
        // What people pinned before stays theirs.
        let is_pinned = catalog.pins().iter().any(|known| known.pin.template == template);
        match effect {
            Some(_) if is_pinned => {}
            Some(PinEffect::Folds) => folds.push(TouchedEndpoint::of(endpoint)),
            Some(PinEffect::Parts) => parts.push(TouchedEndpoint::of(endpoint)),
            None => {}
        }
    }
    for touched in [&mut folds, &mut parts] {
        touched.sort_by_key(|endpoint| std::cmp::Reverse(endpoint.observations));
    }
    let parameters = pin.parameters();
    Ok(Json(TemplatePreview { path: pin.template, parameters, folds, parts }))
}

impl TouchedEndpoint {
    fn of(endpoint: &EndpointHandle) -> Self {
        Self {
            id: endpoint.id().to_string(),
            method: endpoint.key().method.to_string(),
            path: endpoint.key().template.to_string(),
            observations: endpoint.published().snapshot.model.observations,
        }
    }
}

/// Gives a pinned template back to learning.
#[utoipa::path(
    delete, path = "/templates/{id}", operation_id = "unpinTemplate", tag = "templates",
    params(("id" = String, Path, description = "Id of the pinned template")),
    responses((status = 200, body = TemplateChanged), TemplateProblems, OrderProblems)
)]
pub async fn unpin(
    admin: Data<Admin>,
    TemplateId(id): TemplateId,
    _query: Query<NoQuery>,
) -> Result<Json<TemplateChanged>, Problem> {
    let ordered = admin.learning.unpin(id.clone()).await;
    let removed = ordered.map_err(|error| problem_of(&error))?.ok_or_else(|| unknown(&id))?;
    let stored = admin.stored().await;
    Ok(Json(TemplateChanged { template: TemplateDocument::of(&removed), stored }))
}
