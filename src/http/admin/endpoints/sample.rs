//! A synthesised answer to look at: what the data plane would say, without the waiting.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::super::Admin;
use super::super::explain::request_path;
use super::super::input::{KnownEndpoint, Query, QueryFields, QueryForm};
use super::super::problems::{EndpointProblems, QueryProblems};
use super::schema::status;
use crate::domain::request::RequestView;
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::incoming_request::PathParams;
use crate::http::exchange::mock::{RenderOptions, RenderedResponse, render};
use crate::http::exchange::session_seeds::SessionSeeds;
use crate::http::framing::status_has_content;
use crate::runtime::clock::now_ms;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// The consumer that samples are drawn for: a sequence of its own, so that looking moves nobody
/// else's. No `X-Mock-Session` can name it, because a header holds no NUL.
const SAMPLING: &str = "\0sample";

/// What to synthesise.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SampleQuery {
    /// A learned status; by default one is drawn.
    #[param(minimum = 100, maximum = 599, required = false)]
    status: Option<u16>,
    /// As `X-Mock-Seed`: the sample then depends on it, the model and the path alone.
    #[param(required = false)]
    seed: Option<String>,
    /// A path of this endpoint; by default one with made-up values.
    #[param(example = "/users/7", required = false)]
    path: Option<String>,
}

impl QueryForm for SampleQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        Ok(Self {
            status: status(fields)?,
            seed: fields.text("seed")?,
            path: request_path(fields)?,
        })
    }
}

/// A synthesised answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sample {
    /// Method of the request.
    method: String,
    /// Path of the request.
    #[schema(example = "/users/7")]
    path: String,
    /// Status code.
    status: u16,
    /// Simulated time from the request's arrival to the last byte, unscaled.
    latency_ms: f64,
    /// Simulated time from the request's arrival to the first byte, unscaled.
    first_byte_ms: f64,
    /// Headers, in order; repeated ones as often as they are repeated.
    headers: Vec<SampleHeader>,
    /// How `body` stands for the bytes.
    body_encoding: BodyEncoding,
    /// The body: any JSON, or a string.
    #[schema(value_type = Value)]
    body: Value,
}

/// One header line.
#[derive(Debug, Serialize, ToSchema)]
pub struct SampleHeader {
    /// Lowercase name.
    name: String,
    /// Value.
    value: String,
}

/// How a body is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BodyEncoding {
    /// There is none; `body` is null.
    None,
    /// `body` is the parsed JSON.
    Json,
    /// `body` is the text.
    Text,
    /// `body` is the bytes in base64.
    Base64,
}

/// A synthesised answer to look at.
#[utoipa::path(
    get, path = "/endpoints/{id}/sample", operation_id = "sampleEndpoint", tag = "endpoints",
    params(
        ("id" = String, Path, description = "Id of the endpoint, or of one folded into it"),
        SampleQuery
    ),
    responses((status = 200, body = Sample), EndpointProblems, QueryProblems)
)]
pub async fn sample(
    admin: Data<Admin>,
    KnownEndpoint(endpoint): KnownEndpoint,
    Query(query): Query<SampleQuery>,
) -> Result<Json<Sample>, Problem> {
    let template = &endpoint.key().template;
    let path = match query.path {
        Some(path) => path,
        None => admin.learning_of(&endpoint).catalog().tree().example_path(template),
    };
    let values = template.capture(&path).ok_or_else(|| {
        let expected = format!("expected a path of the form {template}");
        Problem::field(ProblemKind::Unprocessable, "path", expected)
    })?;
    let names = endpoint.parameters().iter().map(|name| &**name);
    let params: PathParams<'_> = names.zip(values.iter().copied()).collect();
    let request = RequestView {
        method: &endpoint.key().method,
        path: &path,
        params: &params,
        at_ms: now_ms(),
        ..RequestView::default()
    };
    let rendered = draw(&admin, &endpoint, &request, query.status, query.seed.as_deref())?;
    Ok(Json(shown(&request, rendered)))
}

fn draw(
    admin: &Admin,
    endpoint: &EndpointHandle,
    request: &RequestView<'_>,
    status: Option<u16>,
    seed: Option<&str>,
) -> Result<RenderedResponse, Problem> {
    let published = endpoint.published();
    let drawn = match seed {
        Some(seed) => SessionSeeds::seeded(seed, request.method, request.path, &published),
        None => admin.plane.draws.next(Some(SAMPLING), endpoint, &published),
    };
    render(&published, request, drawn, RenderOptions { status, stale: false })
}

fn shown(request: &RequestView<'_>, rendered: RenderedResponse) -> Sample {
    let headers = rendered.headers.iter().map(|(name, value)| SampleHeader {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    });
    let (body_encoding, body) = show_body(rendered.status, rendered.body);
    Sample {
        method: request.method.to_owned(),
        path: request.path.to_owned(),
        status: rendered.status,
        latency_ms: rendered.total_us as f64 / 1e3,
        first_byte_ms: rendered.first_byte_us as f64 / 1e3,
        headers: headers.collect(),
        body_encoding,
        body,
    }
}

fn show_body(status: u16, body: Vec<u8>) -> (BodyEncoding, Value) {
    let has_content = StatusCode::from_u16(status).is_ok_and(status_has_content);
    if body.is_empty() || !has_content {
        return (BodyEncoding::None, Value::Null);
    }
    if let Ok(json) = serde_json::from_slice(&body) {
        return (BodyEncoding::Json, json);
    }
    match String::from_utf8(body) {
        Ok(text) => (BodyEncoding::Text, Value::String(text)),
        Err(binary) => {
            let base64 = BASE64_STANDARD.encode(binary.as_bytes());
            (BodyEncoding::Base64, Value::String(base64))
        }
    }
}
