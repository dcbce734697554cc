//! Named models, and what has changed since.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use super::import::DocumentBody;
use super::input::{NoQuery, Query, QueryFields, QueryForm};
use super::output::rfc3339;
use super::paging::{Page, Paging};
use super::problems::{BaselineProblems, BodyProblems, QueryProblems, RoomProblems};
use crate::domain::portable::PortableModel;
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::portable::baselines::{BASELINES_MAX, Baseline};
use crate::runtime::portable::drift::Drift;
use crate::runtime::portable::exports::catalog_model;

/// Bytes of a name.
const NAME_BYTES_MAX: usize = 128;

/// A model kept by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct BaselineSummary {
    /// Its name.
    #[schema(example = "release-7")]
    name: String,
    /// When it was kept.
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// Exchanges that it has learned.
    observations: u64,
    /// Bytes of its file.
    bytes: usize,
}

impl BaselineSummary {
    fn of(baseline: &Baseline) -> Self {
        Self {
            name: baseline.name.clone(),
            created_at: rfc3339(baseline.created_at_ms),
            observations: baseline.observations,
            bytes: baseline.file.len(),
        }
    }
}

fn unknown(name: &str) -> Problem {
    let shown: String = name.chars().take(64).collect();
    Problem::new(ProblemKind::NotFound, format!("no baseline has the name `{shown}`"))
}

/// Lists the baselines.
#[utoipa::path(
    get, path = "/baselines", operation_id = "listBaselines", tag = "portable",
    params(Paging),
    responses((status = 200, body = Page<BaselineSummary>), QueryProblems)
)]
pub async fn list(admin: Data<Admin>, Query(paging): Query<Paging>) -> Json<Page<BaselineSummary>> {
    let mut found = admin.baselines.all();
    found.retain(|baseline| paging.finds(&[&baseline.name]));
    Json(paging.page(&found, BaselineSummary::of))
}

/// Keeps what is learned now under a name, or the model file that is the body, in the place of what
/// had the name.
#[utoipa::path(
    post, path = "/baselines/{name}", operation_id = "keepBaseline", tag = "portable",
    params(("name" = String, Path, description = "Name of the baseline")),
    request_body(content = String, description = "A model file; by default what is learned now",
        content_type = "application/octet-stream"),
    responses((status = 201, body = BaselineSummary), BodyProblems, RoomProblems)
)]
pub async fn keep(
    admin: Data<Admin>,
    name: Path<String>,
    _query: Query<NoQuery>,
    DocumentBody(document): DocumentBody,
) -> Result<HttpResponse, Problem> {
    let name = name.into_inner();
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        let expected = format!("expected 1 to {NAME_BYTES_MAX} bytes without control characters");
        return Err(Problem::field(ProblemKind::Unprocessable, "name", expected));
    }
    let model = if document.is_empty() {
        // All that was received before the request is part of it.
        admin.learning.flush().await.map_err(|error| super::learning::problem_of(&error))?;
        catalog_model(&admin.learning.catalog_full())
    } else {
        PortableModel::read(&document)
            .map_err(|error| Problem::new(ProblemKind::Unprocessable, error.to_string()))?
    };
    let kept = admin.baselines.keep(&name, &model).ok_or_else(|| {
        let detail = format!("there is room for {BASELINES_MAX} baselines: delete one");
        Problem::new(ProblemKind::Overloaded, detail)
    })?;
    admin.stored_soon().await;
    Ok(HttpResponse::Created().json(BaselineSummary::of(&kept)))
}

/// Gives a baseline as a model file.
#[utoipa::path(
    get, path = "/baselines/{name}", operation_id = "getBaseline", tag = "portable",
    params(("name" = String, Path, description = "Name of the baseline")),
    responses(
        (status = 200, description = "The model file", body = String,
            content_type = "application/octet-stream"),
        BaselineProblems
    )
)]
pub async fn show(
    admin: Data<Admin>,
    name: Path<String>,
    _query: Query<NoQuery>,
) -> Result<HttpResponse, Problem> {
    let baseline = admin.baselines.get(&name).ok_or_else(|| unknown(&name))?;
    let file = baseline.file.as_ref().clone();
    Ok(HttpResponse::Ok().content_type("application/vnd.stunt-double.model+gzip").body(file))
}

/// Forgets a baseline.
#[utoipa::path(
    delete, path = "/baselines/{name}", operation_id = "deleteBaseline", tag = "portable",
    params(("name" = String, Path, description = "Name of the baseline")),
    responses((status = 204, description = "The baseline is gone"), BaselineProblems)
)]
pub async fn remove(
    admin: Data<Admin>,
    name: Path<String>,
    _query: Query<NoQuery>,
) -> Result<HttpResponse, Problem> {
    if !admin.baselines.forget(&name) {
        return Err(unknown(&name));
    }
    admin.stored_soon().await;
    Ok(HttpResponse::NoContent().finish())
}

/// Against what.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DriftQuery {
    /// Name of a baseline.
    #[param(example = "release-7")]
    against: String,
}

impl QueryForm for DriftQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let missing = || Problem::field(ProblemKind::Malformed, "against", "missing");
        Ok(Self { against: fields.text("against")?.ok_or_else(missing)? })
    }
}

/// Compares what was seen since a baseline was kept with what it knows: shapes, types, presence,
/// statuses. Values are not compared, so that what changes from answer to answer does not alarm;
/// a difference is reported when chance makes it in less than one case in 100,000.
#[utoipa::path(
    get, path = "/drift", operation_id = "getDrift", tag = "portable",
    params(DriftQuery),
    responses((status = 200, body = Drift), QueryProblems, BaselineProblems)
)]
pub async fn drift(
    admin: Data<Admin>,
    Query(query): Query<DriftQuery>,
) -> Result<Json<Drift>, Problem> {
    let baseline = admin.baselines.get(&query.against).ok_or_else(|| unknown(&query.against))?;
    let catalog = admin.learning.catalog_full();
    let compared = tokio::task::spawn_blocking(move || Drift::since(&baseline, &catalog)).await;
    let compared = compared.map_err(|error| error.to_string());
    let drift = compared.and_then(|drift| drift.map_err(|error| error.to_string()));
    drift.map(Json).map_err(|error| {
        log::error!("drift against {}: {error}", query.against);
        Problem::new(ProblemKind::Internal, "the baseline cannot be compared")
    })
}
