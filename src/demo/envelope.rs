//! What every answer of the sample backend carries: CORS, a request id, a name.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};

use super::shop::Shop;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// How long a browser may remember a preflight, in seconds: ten minutes, Chromium keeps no more
/// than two hours.
const PREFLIGHT_MAX_AGE_S: &str = "600";

/// Answers preflights and puts the common headers on everything else.
pub(super) async fn wrap(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let request_id = request.app_data::<web::Data<Shop>>().map(|shop| shop.request_id());
    let mut response = if request.method() == Method::OPTIONS {
        request.into_response(preflight()).map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("ETag, Location, X-Cache, X-Request-Id"),
    );
    headers.insert(header::SERVER, HeaderValue::from_static("sample-shop"));
    if let Some(id) = request_id.and_then(|id| HeaderValue::try_from(id).ok()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    Ok(response)
}

/// Gives a member of JSON answers another name, where the shop is told to.
pub(super) async fn rename(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let shop = request.app_data::<web::Data<Shop>>();
    let renamed = shop.and_then(|shop| shop.renamed.clone());
    let response = next.call(request).await?.map_into_boxed_body();
    let media = response.headers().get(header::CONTENT_TYPE);
    let is_json = media.is_some_and(|media| media.as_bytes().starts_with(b"application/json"));
    let Some((old, new)) = renamed.filter(|_| is_json) else { return Ok(response) };
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await.map_err(ErrorInternalServerError)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.replace(&format!("\"{old}\":"), &format!("\"{new}\":"));
    Ok(ServiceResponse::new(request, head.set_body(BoxBody::new(text))))
}

fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ALLOW, METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE_S))
        .finish()
}
