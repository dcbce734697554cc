//! How the sample backend answers: JSON, validators and problem documents.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    error::{InternalError, JsonPayloadError, PathError, QueryPayloadError},
    http::{StatusCode, header},
    web,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::validation::InvalidField;

/// Largest JSON body taken: the largest sensible order is a few KiB.
const JSON_BODY_MAX_BYTES: usize = 64 * 1024;
/// How long a shared cache may keep a record, in seconds.
const MAX_AGE_S: u32 = 60;

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<InvalidField>>,
}

/// A problem document (RFC 9457).
pub(super) fn problem(status: StatusCode, detail: &str) -> HttpResponse {
    problem_document(status, detail, None)
}

pub(super) fn problem_document(
    status: StatusCode,
    detail: &str,
    errors: Option<Vec<InvalidField>>,
) -> HttpResponse {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = Problem { r#type: "about:blank", title, status: status.as_u16(), detail, errors };
    match serde_json::to_vec(&body) {
        Ok(body) => HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, "application/problem+json"))
            .body(body),
        Err(error) => InternalError::new(error, status).error_response(),
    }
}

/// A record with an `ETag`, or 304 when the client has it already (RFC 9110, 13.1.2).
pub(super) fn record(request: &HttpRequest, value: &impl Serialize) -> HttpResponse {
    let body = match serde_json::to_vec(value) {
        Ok(body) => body,
        Err(error) => return problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    };
    let tag = entity_tag(&body);
    let cache = (header::CACHE_CONTROL, format!("private, max-age={MAX_AGE_S}"));
    if has_tag(request, &tag) {
        return HttpResponse::NotModified()
            .insert_header((header::ETAG, tag))
            .insert_header(cache)
            .finish();
    }
    HttpResponse::Ok()
        .insert_header(header::ContentType::json())
        .insert_header((header::ETAG, tag))
        .insert_header(cache)
        .body(body)
}

/// 201 with the address of the new record.
pub(super) fn created(location: String, value: &impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header((header::LOCATION, location)).json(value)
}

pub(super) fn not_found(what: &str) -> HttpResponse {
    problem(StatusCode::NOT_FOUND, &format!("no such {what}"))
}

pub(super) async fn no_such_page() -> HttpResponse {
    not_found("page")
}

pub(super) async fn method_not_allowed() -> HttpResponse {
    problem(StatusCode::METHOD_NOT_ALLOWED, "this resource does not take this method")
}

/// Broken JSON is 400, JSON of the wrong shape 422, another content type 415.
pub(super) fn json_config() -> web::JsonConfig {
    web::JsonConfig::default().limit(JSON_BODY_MAX_BYTES).error_handler(|error, _| {
        let status = match &error {
            JsonPayloadError::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            JsonPayloadError::Deserialize(cause) if cause.is_data() => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            other => other.status_code(),
        };
        let response = problem(status, &error.to_string());
        InternalError::from_response(error, response).into()
    })
}

pub(super) fn query_config() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|error: QueryPayloadError, _| {
        let response = problem(StatusCode::BAD_REQUEST, &error.to_string());
        InternalError::from_response(error, response).into()
    })
}

/// A path parameter of the wrong kind names nothing.
pub(super) fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|error: PathError, _| {
        InternalError::from_response(error, not_found("record")).into()
    })
}

fn entity_tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn has_tag(request: &HttpRequest, tag: &str) -> bool {
    let known = request.headers().get_all(header::IF_NONE_MATCH);
    known.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|value| {
        let value = value.trim();
        value == "*" || value.strip_prefix("W/").unwrap_or(value) == tag
    })
}
