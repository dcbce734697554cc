//! Who may use the admin, and what every answer of it carries.

use std::net::IpAddr;
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
/// documentation page and the console hold nothing but themselves and ask for the token.
const OPEN_ROUTES: [&str; 5] = ["/health/live", "/health/ready", "/docs", "", "/"];

/// What stands below these are the files of the two pages.
const OPEN_BELOW: [&str; 2] = ["/docs/", "/assets/"];

/// Who may use the admin, and where it is.
#[derive(Clone)]
pub struct AdminAccess {
    prefix: AdminPrefix,
    token: Option<Arc<str>>,
    /// The hosts a request may name while there is no token; `None` when any may be named.
    hosts: Option<OwnHosts>,
}

/// The names of an admin that only its own machine reaches: loopback's, and the listener's.
#[derive(Clone, Copy)]
struct OwnHosts {
    listener: IpAddr,
}

impl AdminAccess {
    /// As the settings say, on a listener at this address.
    pub fn new(settings: &AdminSettings, listener: IpAddr) -> Self {
        let guarded = settings.token.is_some() || settings.insecure;
        Self {
            prefix: settings.prefix.clone(),
            token: settings.token.as_deref().map(Into::into),
            hosts: (!guarded).then_some(OwnHosts { listener }),
        }
    }

    /// Where the admin is.
    pub fn prefix(&self) -> &AdminPrefix {
        &self.prefix
    }

    /// Whether the request may go on.
    fn check(&self, request: &ServiceRequest) -> Result<(), Problem> {
        let below = request.uri().path().strip_prefix(self.prefix.as_str()).unwrap_or_default();
        match &self.token {
            Some(_) if is_open(below) => Ok(()),
            Some(token) if carries(request, token) => Ok(()),
            Some(_) => {
                let detail = "this route needs `Authorization: Bearer …` with the admin token";
                Err(Problem::new(ProblemKind::Unauthorized, detail))
            }
            None if !self.is_own_host(request) => {
                let detail = "`Host` is not a name of this machine: without a token the admin \
                              answers loopback names and its own address only; ask for it as \
                              127.0.0.1 or localhost, or set --admin-token (ADMIN_TOKEN)";
                Err(Problem::new(ProblemKind::Misdirected, detail))
            }
            None if is_own_page(request) => Ok(()),
            None => {
                let detail = "`Origin` is another site: without a token the admin answers its \
                              own pages and programs only; set --admin-token (ADMIN_TOKEN) to \
                              use it from elsewhere";
                Err(Problem::new(ProblemKind::Forbidden, detail))
            }
        }
    }
}

impl AdminAccess {
    /// Whether the request names this machine. A site that a browser has open can make its own
    /// name lead to loopback (DNS rebinding), and is then of the admin's own origin; its name is
    /// what gives it away.
    fn is_own_host(&self, request: &ServiceRequest) -> bool {
        let Some(own) = &self.hosts else { return true };
        // HTTP/1.0 may leave it out; browsers never do.
        let Some(host) = request.headers().get(header::HOST) else { return true };
        host.to_str().is_ok_and(|host| own.contains(host))
    }
}

impl OwnHosts {
    /// Whether `host`, a name or address with an optional port, is one of them.
    fn contains(self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        match name.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback() || address == self.listener,
            // RFC 6761, section 6.3: `localhost` and what is below it is loopback.
            Err(_) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                name == "localhost" || name.ends_with(".localhost")
            }
        }
    }
}

/// Whether what stands at this path below the prefix needs no token.
fn is_open(below: &str) -> bool {
    OPEN_ROUTES.contains(&below) || OPEN_BELOW.iter().any(|folder| below.starts_with(folder))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_hosts_are_loopback_and_the_listener() {
        let own = OwnHosts { listener: IpAddr::from([127, 0, 0, 1]) };
        for host in [
            "localhost",
            "LOCALHOST:8000",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:8000",
            "app.localhost",
            "localhost.",
            "[::ffff:127.0.0.1]:80",
        ] {
            assert!(own.contains(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "[2001:db8::1]",
            "0.0.0.0",
            "notlocalhost",
        ] {
            assert!(!own.contains(host), "{host}");
        }
        assert!(OwnHosts { listener: IpAddr::from([10, 0, 0, 1]) }.contains("10.0.0.1:8000"));
    }
}
