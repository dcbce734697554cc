//! Who may use the admin, and what every answer of it carries.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use super::Admin;
use crate::config::{AdminPrefix, AdminSettings};
use crate::http::error::{Problem, ProblemKind};

/// Routes that need no token: probes carry none, and a browser can give none with a page; the
/// documentation page holds nothing but itself and asks for the token.
const OPEN_ROUTES: [&str; 3] = ["/health/live", "/health/ready", "/docs"];

/// What stands below this is as open as the documentation page.
const OPEN_BELOW: &str = "/docs/";

/// Who may use the admin, and where it is.
#[derive(Clone)]
pub struct AdminAccess {
    prefix: AdminPrefix,
    token: Option<Arc<str>>,
}

impl AdminAccess {
    /// As the settings say.
    pub fn new(settings: &AdminSettings) -> Self {
        Self { prefix: settings.prefix.clone(), token: settings.token.as_deref().map(Into::into) }
    }

    /// Where the admin is.
    pub fn prefix(&self) -> &AdminPrefix {
        &self.prefix
    }

    /// Whether the request may go on.
    fn check(&self, request: &ServiceRequest) -> Result<(), Problem> {
        let below = request.uri().path().strip_prefix(self.prefix.as_str()).unwrap_or_default();
        match &self.token {
            Some(_) if OPEN_ROUTES.contains(&below) || below.starts_with(OPEN_BELOW) => Ok(()),
            Some(token) if carries(request, token) => Ok(()),
            Some(_) => {
                let detail = "this route needs `Authorization: Bearer …` with the admin token";
                Err(Problem::new(ProblemKind::Unauthorized, detail))
            }
            None if request.method().is_safe() || is_own_page(request) => Ok(()),
            None => {
                let detail = "`Origin` is another site: without a token the admin takes orders \
                              from its own pages and from programs only";
                Err(Problem::new(ProblemKind::Forbidden, detail))
            }
        }
    }
}

fn carries(request: &ServiceRequest, token: &str) -> bool {
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    match given.split_once(' ') {
        Some((scheme, given)) if scheme.eq_ignore_ascii_case("bearer") => {
            same(given.trim().as_bytes(), token.as_bytes())
        }
        _ => false,
    }
}

/// Compares secrets in a time that depends on their lengths alone.
fn same(given: &[u8], secret: &[u8]) -> bool {
    let difference = given.iter().zip(secret).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == secret.len() && difference == 0
}

/// Whether the request comes from a page of the admin itself, or from no page at all.
///
/// An admin without a token listens on loopback, where any site can make the browser of a person
/// on this machine send `POST /admin/reset`. Browsers say where such a request comes from.
fn is_own_page(request: &ServiceRequest) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return true };
    let own = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((from, own), (Some((_scheme, from)), Some(own)) if from.eq_ignore_ascii_case(own))
}

/// Lets a request through when it may pass; every answer is marked as not to be kept.
pub async fn enter(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let admin = request.app_data::<web::Data<Admin>>().cloned();
    // The scope that this wraps always has its data; without it nobody is let in.
    let internal = || Problem::new(ProblemKind::Internal, "the admin is not set up");
    let checked = admin.ok_or_else(internal).and_then(|admin| admin.access.check(&request));
    let mut response = match checked {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(refusal) => request.into_response(refusal.response()),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
