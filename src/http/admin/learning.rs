//! Orders to the learning side: settle, forget everything.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use super::input::{NoQuery, Query, QueryFields, QueryForm};
use super::problems::{OrderProblems, ProblemDocument};
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::learning::LearningError;

/// What a flush did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Flushed {
    /// Everything received before the request is learned, published and stored.
    #[schema(example = true)]
    flushed: bool,
    /// Whether that holds for reasons, entities and lists, too: under busy traffic, of hundreds of
    /// requests a second, they follow it at their own pace.
    #[schema(example = true)]
    reasons: bool,
}

/// Returns when everything received so far is learned, published and stored.
#[utoipa::path(
    post, path = "/flush", operation_id = "flush", tag = "learning",
    responses((status = 200, body = Flushed), OrderProblems)
)]
pub async fn flush(admin: Data<Admin>, _query: Query<NoQuery>) -> Result<Json<Flushed>, Problem> {
    let reasons = admin.routes.flush().await.map_err(|error| problem_of(&error))?;
    Ok(Json(Flushed { flushed: true, reasons }))
}

/// Whether a reset is meant.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ResetQuery {
    /// Must be `true`: everything learned is lost.
    #[param(required = true)]
    confirm: bool,
}

impl QueryForm for ResetQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let confirm = fields.switch("confirm")?.unwrap_or(false);
        let expected = "expected `true`: everything learned will be lost";
        let missing = || Problem::field(ProblemKind::Malformed, "confirm", expected);
        confirm.then_some(Self { confirm }).ok_or_else(missing)
    }
}

/// What a reset did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResetDone {
    /// Nothing is known any more.
    #[schema(example = true)]
    reset: bool,
    /// Whether the database has forgotten it, too; otherwise it will as soon as it can.
    stored: bool,
}

/// Forgets everything learned; settings and pinned templates stay.
#[utoipa::path(
    post, path = "/reset", operation_id = "reset", tag = "learning",
    params(ResetQuery),
    responses(
        (status = 200, body = ResetDone),
        (status = 400, description = "`confirm=true` is missing", body = ProblemDocument,
            content_type = "application/problem+json"),
        OrderProblems
    )
)]
pub async fn reset(
    admin: Data<Admin>,
    Query(ResetQuery { confirm }): Query<ResetQuery>,
) -> Result<Json<ResetDone>, Problem> {
    admin.imports.forget();
    match admin.routes.reset().await {
        Ok(()) => Ok(Json(ResetDone { reset: confirm, stored: true })),
        Err(LearningError::Persistence(_)) => Ok(Json(ResetDone { reset: confirm, stored: false })),
        Err(error) => Err(problem_of(&error)),
    }
}

/// What a client is told when an order was not carried out. The database's own words may name
/// files and hosts, and stand in the log.
pub fn problem_of(error: &LearningError) -> Problem {
    match error {
        LearningError::Stopped => {
            Problem::new(ProblemKind::StoreUnavailable, "the double is stopping")
        }
        LearningError::Persistence(_) => Problem::new(
            ProblemKind::StoreUnavailable,
            "learned and published, but the database does not take it now; it is kept and written \
             as soon as possible",
        ),
    }
}

impl Admin {
    /// Whether everything handed to the persistence so far is durable now.
    pub(super) async fn stored(&self) -> bool {
        self.learning.persistence().flush_changes().await.is_ok()
    }
}
