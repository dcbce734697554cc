//! What was learned, in the notations of others.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;
use utoipa::IntoParams;

use super::Admin;
use super::input::{Query, QueryFields, QueryForm};
use super::problems::QueryProblems;
use crate::domain::portable::{self, ExportFormat, ExportOptions};
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::clock::now_ms;
use crate::runtime::portable::exports::catalog_model;

/// Exchanges that a HAR may get.
const EXCHANGES_MAX: u64 = 10_000;

/// In which notation.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `model`, `openapi`, `har`, `json-schema`, `typescript`, `wiremock` or `k6`.
    #[param(inline, value_type = String, example = "openapi")]
    format: ExportFormat,
    /// Exchanges of a HAR; by default 100.
    #[param(minimum = 1, maximum = 10000, required = false)]
    count: Option<u64>,
    /// Seed of what is made up.
    #[param(required = false)]
    seed: Option<String>,
}

impl QueryForm for ExportQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let format = fields.word("format", &ExportFormat::NAMED)?.ok_or_else(|| {
            Problem::field(ProblemKind::Malformed, "format", "missing; see the description")
        })?;
        let count = fields.whole("count", 1..=EXCHANGES_MAX)?;
        Ok(Self { format, count, seed: fields.text("seed")? })
    }
}

/// Writes everything learned in the notation asked for. Nothing in it is a value that was seen
/// beyond what the privacy level allows to be kept.
#[utoipa::path(
    get, path = "/export", operation_id = "exportModel", tag = "portable",
    params(ExportQuery),
    responses(
        (status = 200, description = "The document; its media type is that of the notation",
            body = String, content_type = "application/octet-stream"),
        QueryProblems
    )
)]
pub async fn export(
    admin: Data<Admin>,
    Query(query): Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    let ExportQuery { format, count, seed } = query;
    let defaults = ExportOptions::default();
    let options = ExportOptions {
        exchanges: count.map_or(defaults.exchanges, |count| count as usize),
        seed: seed.unwrap_or(defaults.seed),
        server: defaults.server,
        at_ms: now_ms(),
    };
    let catalog = admin.learning.catalog_full();
    // Compiling hundreds of models takes a while, and other requests are answered here.
    let written = tokio::task::spawn_blocking(move || {
        portable::export(&catalog_model(&catalog), format, &options)
    });
    let written = written.await.map_err(|error| {
        log::error!("export: {error}");
        Problem::new(ProblemKind::Internal, "the export failed")
    })?;
    let (media, ending) = format.file();
    Ok(HttpResponse::Ok()
        .content_type(media)
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"learned.{ending}\""),
        ))
        .body(written))
}
