//! Chaos rules: listed, made, rewritten, amended, deleted.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use serde::Serialize;

use super::super::Admin;
use super::super::input::{JsonDocument, NoQuery, Query};
use super::super::precondition::{IfMatch, etag};
use super::super::problems::{
    BodyProblems, PreconditionProblems, QueryProblems, RoomProblems, RuleProblems,
};
use super::form::{RuleForm, RuleShown};
use super::{Caller, refused};
use crate::domain::chaos::{RuleId, RuleReport};
use crate::http::admin::paging::{Page, Paging};
use crate::http::error::Problem;
use crate::runtime::chaos::{ChaosHandle, RuleEntry};
use crate::runtime::edit::EditError;

/// An edited rule.
#[derive(Serialize)]
struct Edited<'a> {
    #[serde(flatten)]
    report: RuleReport<'a>,
    /// Whether the edit survives a restart already.
    stored: bool,
}

/// All chaos rules in the order in which they act, ended ones included.
#[utoipa::path(
    get, path = "/chaos/rules", operation_id = "listChaosRules", tag = "chaos",
    params(Paging),
    responses((status = 200, body = Page<RuleShown>), QueryProblems)
)]
pub async fn list(admin: Data<Admin>, Query(paging): Query<Paging>) -> HttpResponse {
    let mut rules = admin.chaos.rules();
    rules.retain(|held| {
        let rule = &held.rule;
        paging.finds(&[rule.id.as_str(), &rule.name, &rule.owner, &rule.reason])
    });
    let clock = admin.chaos.clock();
    HttpResponse::Ok().json(paging.page(&rules, |held| held.report(clock)))
}

/// Makes a chaos rule. It acts at once, unless it says otherwise, and ends with its lease.
#[utoipa::path(
    post, path = "/chaos/rules", operation_id = "createChaosRule", tag = "chaos",
    request_body = RuleForm,
    responses(
        (status = 201, body = RuleShown, headers(
            ("ETag" = String, description = "The revision, for `If-Match`"),
            ("Location" = String, description = "The rule")
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
    let held = admin.chaos.create(&document, &caller).map_err(refused)?;
    let location = format!("{}/chaos/rules/{}", admin.access.prefix().as_str(), held.rule.id);
    let stored = admin.stored_soon().await;
    Ok(HttpResponse::Created()
        .insert_header((header::ETAG, etag(held.revision)))
        .insert_header((header::LOCATION, location))
        .json(Edited { report: held.report(admin.chaos.clock()), stored }))
}

/// A chaos rule with its state and its figures.
#[utoipa::path(
    get, path = "/chaos/rules/{id}", operation_id = "getChaosRule", tag = "chaos",
    params(("id" = String, Path, description = "Id of the rule")),
    responses(
        (status = 200, body = RuleShown,
            headers(("ETag" = String, description = "The revision, for `If-Match`"))),
        RuleProblems
    )
)]
pub async fn show(
    admin: Data<Admin>,
    id: Path<String>,
    _query: Query<NoQuery>,
) -> Result<HttpResponse, Problem> {
    let id = RuleId::new(id.into_inner());
    let held = admin.chaos.rule(&id).ok_or_else(|| refused(EditError::Unknown))?;
    let etag = (header::ETAG, etag(held.revision));
    Ok(HttpResponse::Ok().insert_header(etag).json(held.report(admin.chaos.clock())))
}

/// Rewrites a chaos rule. What is left out takes its default; naming the end that the lease has
/// already lets it go on, anything else begins a new one.
#[utoipa::path(
    put, path = "/chaos/rules/{id}", operation_id = "replaceChaosRule", tag = "chaos",
    params(
        ("id" = String, Path, description = "Id of the rule"),
        ("If-Match" = String, Header, description = "`ETag` of the rule, or `*`")
    ),
    request_body = RuleForm,
    responses((status = 200, body = RuleShown), RuleProblems, BodyProblems, PreconditionProblems)
)]
pub async fn replace(
    admin: Data<Admin>,
    id: Path<String>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    IfMatch(expected): IfMatch,
    JsonDocument(document): JsonDocument,
) -> Result<HttpResponse, Problem> {
    edit(&admin, |chaos| {
        chaos.replace(&RuleId::new(id.into_inner()), &expected, &document, &caller)
    })
    .await
}

/// Changes parts of a chaos rule (JSON merge patch, RFC 7396). The lease goes on unless the patch
/// names a new end.
#[utoipa::path(
    patch, path = "/chaos/rules/{id}", operation_id = "changeChaosRule", tag = "chaos",
    params(
        ("id" = String, Path, description = "Id of the rule"),
        ("If-Match" = String, Header, description = "`ETag` of the rule, or `*`")
    ),
    request_body(content = Object, description = "Members of a rule; null takes one away"),
    responses((status = 200, body = RuleShown), RuleProblems, BodyProblems, PreconditionProblems)
)]
pub async fn amend(
    admin: Data<Admin>,
    id: Path<String>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    IfMatch(expected): IfMatch,
    JsonDocument(patch): JsonDocument,
) -> Result<HttpResponse, Problem> {
    edit(&admin, |chaos| chaos.patch(&RuleId::new(id.into_inner()), &expected, &patch, &caller))
        .await
}

async fn edit(
    admin: &Admin,
    edit: impl FnOnce(&ChaosHandle) -> Result<RuleEntry, EditError>,
) -> Result<HttpResponse, Problem> {
    let held = edit(&admin.chaos).map_err(refused)?;
    let stored = admin.stored_soon().await;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag(held.revision)))
        .json(Edited { report: held.report(admin.chaos.clock()), stored }))
}

/// Deletes a chaos rule, and ends the delays and drips it has begun.
#[utoipa::path(
    delete, path = "/chaos/rules/{id}", operation_id = "deleteChaosRule", tag = "chaos",
    params(
        ("id" = String, Path, description = "Id of the rule"),
        ("If-Match" = String, Header, description = "`ETag` of the rule, or `*`")
    ),
    responses(
        (status = 204, description = "The rule is gone"),
        RuleProblems, PreconditionProblems
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
    admin.chaos.delete(&id, &expected, &caller).map_err(refused)?;
    admin.stored_soon().await;
    Ok(HttpResponse::NoContent().finish())
}
