//! Overrides: people's word over the model's, listed, made, rewritten, amended, taken back.

mod form;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use self::form::{OverrideForm, OverrideShown};
use super::Admin;
use super::chaos::Caller;
use super::input::{JsonDocument, NoQuery, Query, QueryFields, QueryForm};
use super::precondition::{IfMatch, etag, problem_of};
use super::problems::{
    BodyProblems, OverrideProblems, PreconditionProblems, QueryProblems, RoomProblems,
};
use crate::domain::chaos::lease::rfc3339;
use crate::domain::chaos::{ClockReading, RuleId};
use crate::domain::overrides::wiremock::{self, MappingReport};
use crate::http::admin::paging::{Page, Paging};
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::edit::EditError;
use crate::runtime::overrides::{OverrideEntry, OverridesHandle};

/// An override with its state and its figures.
fn shown(held: &OverrideEntry, clock: ClockReading) -> Value {
    let mut document = held.rule.shown();
    let lease = &held.counters.lease;
    let times = lease.recent_hits_at_ms().into_iter().map(rfc3339::format);
    document.insert("state".to_owned(), json!(held.state(clock)));
    document.insert("matched".to_owned(), json!(lease.matched().max(lease.hits())));
    document.insert("hits".to_owned(), json!(lease.hits()));
    document.insert("last_hits_at".to_owned(), times.collect());
    document.insert("nearest_miss".to_owned(), json!(held.counters.nearest_miss()));
    Value::Object(document)
}

/// As [`shown`], with whether it survives a restart already.
async fn edited(admin: &Admin, held: &OverrideEntry) -> Value {
    let stored = admin.stored_soon().await;
    let mut document = shown(held, admin.overrides.clock());
    document["stored"] = json!(stored);
    document
}

fn refused(error: EditError) -> Problem {
    problem_of(error, "override")
}

/// All overrides in the order in which they are asked. One that was never hit tells the request
/// that came nearest, and what it did not meet.
#[utoipa::path(
    get, path = "/overrides", operation_id = "listOverrides", tag = "overrides",
    params(Paging),
    responses((status = 200, body = Page<OverrideShown>), QueryProblems)
)]
pub async fn list(admin: Data<Admin>, Query(paging): Query<Paging>) -> HttpResponse {
    let mut entries = admin.overrides.entries();
    entries.retain(|held| {
        let rule = &held.rule;
        paging.finds(&[rule.id.as_str(), &rule.name, &rule.owner, &rule.reason])
    });
    let clock = admin.overrides.clock();
    HttpResponse::Ok().json(paging.page(&entries, |held| shown(held, clock)))
}

/// Makes an override. It acts at once and until it is taken back, unless it says otherwise.
#[utoipa::path(
    post, path = "/overrides", operation_id = "createOverride", tag = "overrides",
    request_body = OverrideForm,
    responses(
        (status = 201, body = OverrideShown, headers(
            ("ETag" = String, description = "The revision, for `If-Match`"),
            ("Location" = String, description = "The override")
        )),
        BodyProblems, RoomProblems
    )
)]
pub async fn create(
    admin: Data<Admin>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    JsonDocument(document): JsonDocument,
) -> Result<HttpResponse, Problem> {
    let held = admin.overrides.create(&document, &caller).map_err(refused)?;
    let location = format!("{}/overrides/{}", admin.access.prefix().as_str(), held.rule.id);
    Ok(HttpResponse::Created()
        .insert_header((header::ETAG, etag(held.revision)))
        .insert_header((header::LOCATION, location))
        .json(edited(&admin, &held).await))
}

/// The form of what is imported.
#[derive(Debug, Clone, Copy)]
enum ImportFormat {
    Wiremock,
}

/// How to read what is imported.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// `wiremock`: a stub mapping, or several under `mappings`.
    #[param(inline, value_type = String, example = "wiremock")]
    format: ImportFormat,
}

impl QueryForm for ImportQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let format = fields.word("format", &[("wiremock", ImportFormat::Wiremock)])?;
        let format = format.ok_or_else(|| {
            Problem::field(ProblemKind::Malformed, "format", "missing; expected `wiremock`")
        })?;
        Ok(Self { format })
    }
}

/// What became of an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    /// Ids of the overrides that were made.
    overrides: Vec<String>,
    /// What became of each mapping.
    mappings: Vec<ImportedMapping>,
}

/// What became of one mapping.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedMapping {
    /// Its name, or its method and URL.
    mapping: String,
    /// Whether an override does what it did; otherwise it was left out.
    imported: bool,
    /// What of it was not carried over, and why.
    missing: Vec<String>,
}

/// Makes overrides of stub mappings. What can be carried over is, the report names the rest.
#[utoipa::path(
    post, path = "/overrides/import", operation_id = "importOverrides", tag = "overrides",
    params(ImportQuery),
    request_body(content = Object, description = "A mapping, or several under `mappings`"),
    responses((status = 200, body = ImportReport), BodyProblems, RoomProblems)
)]
pub async fn import(
    admin: Data<Admin>,
    Caller(caller): Caller,
    Query(query): Query<ImportQuery>,
    JsonDocument(document): JsonDocument,
) -> Result<Json<ImportReport>, Problem> {
    let ImportFormat::Wiremock = query.format;
    let unreadable = |problem| Problem::new(ProblemKind::Unprocessable, problem);
    let read = wiremock::import(&document, admin.chaos.limits()).map_err(unreadable)?;
    let made = admin.overrides.create_all(&read.overrides, &caller).map_err(refused)?;
    admin.stored_soon().await;
    let mappings = read.reports.into_iter().map(|report| {
        let MappingReport { mapping, imported, missing } = report;
        ImportedMapping { mapping, imported, missing }
    });
    Ok(Json(ImportReport {
        overrides: made.iter().map(|held| held.rule.id.to_string()).collect(),
        mappings: mappings.collect(),
    }))
}

/// An override with its state and its figures.
#[utoipa::path(
    get, path = "/overrides/{id}", operation_id = "getOverride", tag = "overrides",
    params(("id" = String, Path, description = "Id of the override")),
    responses(
        (status = 200, body = OverrideShown,
            headers(("ETag" = String, description = "The revision, for `If-Match`"))),
        OverrideProblems
    )
)]
pub async fn show(
    admin: Data<Admin>,
    id: Path<String>,
    _query: Query<NoQuery>,
) -> Result<HttpResponse, Problem> {
    let id = RuleId::new(id.into_inner());
    let held = admin.overrides.entry(&id).ok_or_else(|| refused(EditError::Unknown))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag(held.revision)))
        .json(shown(&held, admin.overrides.clock())))
}

/// Rewrites an override. What is left out takes its default; what was counted goes on unless whom
/// it means, what it answers or its lease is another.
#[utoipa::path(
    put, path = "/overrides/{id}", operation_id = "replaceOverride", tag = "overrides",
    params(
        ("id" = String, Path, description = "Id of the override"),
        ("If-Match" = String, Header, description = "`ETag` of the override, or `*`")
    ),
    request_body = OverrideForm,
    responses(
        (status = 200, body = OverrideShown),
        OverrideProblems, BodyProblems, PreconditionProblems
    )
)]
pub async fn replace(
    admin: Data<Admin>,
    id: Path<String>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    IfMatch(expected): IfMatch,
    JsonDocument(document): JsonDocument,
) -> Result<HttpResponse, Problem> {
    let id = RuleId::new(id.into_inner());
    edit(&admin, |board| board.replace(&id, &expected, &document, &caller)).await
}

/// Changes members of an override: each that is given takes the place of the one before as a whole,
/// and null takes one away.
#[utoipa::path(
    patch, path = "/overrides/{id}", operation_id = "changeOverride", tag = "overrides",
    params(
        ("id" = String, Path, description = "Id of the override"),
        ("If-Match" = String, Header, description = "`ETag` of the override, or `*`")
    ),
    request_body(content = Object, description = "Members of an override; null takes one away"),
    responses(
        (status = 200, body = OverrideShown),
        OverrideProblems, BodyProblems, PreconditionProblems
    )
)]
pub async fn amend(
    admin: Data<Admin>,
    id: Path<String>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    IfMatch(expected): IfMatch,
    JsonDocument(patch): JsonDocument,
) -> Result<HttpResponse, Problem> {
    let id = RuleId::new(id.into_inner());
    edit(&admin, |board| board.amend(&id, &expected, &patch, &caller)).await
}

async fn edit(
    admin: &Admin,
    edit: impl FnOnce(&OverridesHandle) -> Result<OverrideEntry, EditError>,
) -> Result<HttpResponse, Problem> {
    let held = edit(&admin.overrides).map_err(refused)?;
    let etag = (header::ETAG, etag(held.revision));
    Ok(HttpResponse::Ok().insert_header(etag).json(edited(admin, &held).await))
}

/// Takes an override back.
#[utoipa::path(
    delete, path = "/overrides/{id}", operation_id = "deleteOverride", tag = "overrides",
    params(
        ("id" = String, Path, description = "Id of the override"),
        ("If-Match" = String, Header, description = "`ETag` of the override, or `*`")
    ),
    responses(
        (status = 204, description = "The override is gone"),
        OverrideProblems, PreconditionProblems
    )
)]
pub async fn remove(
    admin: Data<Admin>,
    id: Path<String>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    IfMatch(expected): IfMatch,
) -> Result<HttpResponse, Problem> {
    let id = RuleId::new(id.into_inner());
    admin.overrides.delete(&id, &expected, &caller).map_err(refused)?;
    admin.stored_soon().await;
    Ok(HttpResponse::NoContent().finish())
}
