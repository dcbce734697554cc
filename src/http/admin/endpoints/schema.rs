//! The schema of an endpoint's bodies.

use actix_web::HttpResponse;
use serde_json::json;
use utoipa::IntoParams;

use super::super::input::{KnownEndpoint, Query, QueryFields, QueryForm};
use super::super::problems::{EndpointProblems, QueryProblems};
use crate::domain::endpoint::EndpointModel;
use crate::http::error::{Problem, ProblemKind};

/// Media type of a JSON Schema document.
const SCHEMA_JSON: &str = "application/schema+json";

/// Which bodies.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SchemaQuery {
    /// Status of the answers; by default the one with the most JSON bodies.
    #[param(minimum = 100, maximum = 599, required = false)]
    status: Option<u16>,
    /// Bodies of requests or of responses; by default of responses.
    #[param(inline, required = false)]
    side: Side,
}

/// Bodies of requests or of responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Side {
    /// Of requests, whatever their answers were.
    Request,
    /// Of responses with one status.
    Response,
}

impl QueryForm for SchemaQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let sides = [("request", Side::Request), ("response", Side::Response)];
        Ok(Self {
            status: status(fields)?,
            side: fields.word("side", &sides)?.unwrap_or(Side::Response),
        })
    }
}

/// The status code in the parameter `status`.
pub fn status(fields: &mut QueryFields) -> Result<Option<u16>, Problem> {
    let status = fields.whole("status", 100..=599)?;
    // In the range above, so it fits.
    Ok(status.map(|status| status as u16))
}

/// JSON Schema 2020-12 of an endpoint's bodies, as learned so far.
#[utoipa::path(
    get, path = "/endpoints/{id}/schema", operation_id = "getEndpointSchema", tag = "endpoints",
    params(
        ("id" = String, Path, description = "Id of the endpoint, or of one folded into it"),
        SchemaQuery
    ),
    responses(
        (status = 200, description = "The schema", body = Object,
            content_type = "application/schema+json"),
        EndpointProblems, QueryProblems
    )
)]
pub async fn schema(
    KnownEndpoint(endpoint): KnownEndpoint,
    Query(query): Query<SchemaQuery>,
) -> Result<HttpResponse, Problem> {
    let published = endpoint.published();
    let schema = find(&published.snapshot.model, &query)?;
    let text = schema.to_string();
    Ok(HttpResponse::Ok().content_type(SCHEMA_JSON).body(text))
}

fn find(model: &EndpointModel, query: &SchemaQuery) -> Result<serde_json::Value, Problem> {
    let none = |detail: String| {
        let known: Vec<u16> = model
            .answers
            .iter()
            .filter(|(_, answer)| answer.body.json_schema().is_some())
            .map(|(status, _)| *status)
            .collect();
        Problem::new(ProblemKind::NotFound, detail).with("statuses_with_schema", json!(known))
    };
    if query.side == Side::Request {
        let schema = model.request.json_schema();
        return schema
            .ok_or_else(|| none("no request with a JSON body was learned yet".to_owned()));
    }
    if let Some(status) = query.status {
        let schema = model.answers.get(&status).and_then(|answer| answer.body.json_schema());
        let missing = || none(format!("no answer {status} with a JSON body was learned yet"));
        return schema.ok_or_else(missing);
    }
    let mut answers: Vec<_> = model.answers.values().collect();
    answers.sort_by_key(|answer| std::cmp::Reverse(answer.observations));
    let schema = answers.into_iter().find_map(|answer| answer.body.json_schema());
    schema.ok_or_else(|| none("no answer with a JSON body was learned yet".to_owned()))
}
