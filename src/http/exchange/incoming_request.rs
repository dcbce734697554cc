//! A request as it arrived: what the rest of the request path needs of it, read once.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, Version};

use smallvec::SmallVec;

use super::steering::Steering;
use crate::domain::path::Identified;
use crate::domain::request::RequestView;
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::catalog::Catalog;
use crate::runtime::clock::now_ms;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// Longest method that is passed on; the longest registered one has 17 bytes.
const METHOD_BYTES_MAX: usize = 64;

/// A request on the data plane.
pub struct IncomingRequest<'r> {
    /// The request itself.
    pub request: &'r HttpRequest,
    /// When its head was complete; simulated latency starts here.
    pub arrived: Instant,
    /// Raw path, undecoded, without query.
    pub path: &'r str,
    /// Raw query, without `?`; empty when there is none.
    pub query: &'r str,
    /// What it asks for itself.
    pub steering: Steering<'r>,
    /// The route of its backend; empty for the one that takes what no other does.
    pub route: &'r str,
    /// Address of the connection, never a header's claim.
    pub peer: Option<IpAddr>,
    /// Length of the request body.
    pub body: BodyLength,
    /// Whether it asks for another protocol (`Connection: upgrade` and `Upgrade`).
    pub upgrade: bool,
}

/// The place of a request among the learned endpoints.
pub struct MatchedEndpoint<'r> {
    /// The endpoint.
    pub endpoint: Arc<EndpointHandle>,
    /// Raw values of the template's parameters, from left to right.
    pub values: SmallVec<[&'r str; 8]>,
}

/// What a [`RequestView`] borrows and the request does not hold in that form.
pub struct RequestParts<'p> {
    headers: Vec<(&'p str, &'p [u8])>,
    params: PathParams<'p>,
}

/// Name and raw value of each parameter of a template, from left to right.
pub type PathParams<'p> = SmallVec<[(&'p str, &'p str); 8]>;

impl<'r> MatchedEndpoint<'r> {
    /// The endpoint of `method` at a place that `catalog` has identified; `None` where none was
    /// learned.
    #[must_use]
    pub fn find(catalog: &Catalog, method: &str, place: &Identified<'_, 'r>) -> Option<Self> {
        let endpoint = catalog.endpoint(method, place)?;
        Some(Self { endpoint: endpoint.clone(), values: place.values.iter().copied().collect() })
    }

    /// The template's parameters in this request.
    #[must_use]
    pub fn params(&self) -> PathParams<'_> {
        let names = self.endpoint.parameters().iter().map(|name| &**name);
        names.zip(self.values.iter().copied()).collect()
    }
}

/// What the head says about the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLength {
    /// There is none.
    None,
    /// This many bytes.
    Sized(u64),
    /// As many as come.
    Chunked,
}

impl<'r> IncomingRequest<'r> {
    /// Reads a request.
    ///
    /// # Errors
    /// A problem for steering that is malformed and for requests that are not passed on.
    pub fn read(request: &'r HttpRequest, chaos_headers_allowed: bool) -> Result<Self, Problem> {
        let arrived = Instant::now();
        let method = request.method();
        if *method == Method::CONNECT || *method == Method::TRACE {
            let detail = format!("`{method}` is not passed on by this proxy");
            return Err(Problem::new(ProblemKind::MethodRefused, detail));
        }
        if method.as_str().len() > METHOD_BYTES_MAX {
            let detail = format!("the method is longer than {METHOD_BYTES_MAX} bytes");
            return Err(Problem::new(ProblemKind::MethodRefused, detail));
        }
        check_host(request)?;
        let uri = request.uri();
        Ok(Self {
            request,
            arrived,
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            steering: Steering::read(request.headers(), chaos_headers_allowed)?,
            route: "",
            peer: request.peer_addr().map(|address| address.ip().to_canonical()),
            body: body_length(request)?,
            upgrade: is_upgrade(request)?,
        })
    }

    /// What a view of it borrows.
    #[must_use]
    pub fn parts<'p>(&'p self, target: Option<&'p MatchedEndpoint<'_>>) -> RequestParts<'p> {
        let lines = self.request.headers().iter();
        RequestParts {
            headers: lines.map(|(name, value)| (name.as_str(), value.as_bytes())).collect(),
            params: target.map(MatchedEndpoint::params).unwrap_or_default(),
        }
    }

    /// As [`parts`](Self::parts), with the host under which the client asked as `Host`: answers
    /// that name the double name that one.
    #[must_use]
    pub fn parts_asked_under<'p>(
        &'p self,
        target: Option<&'p MatchedEndpoint<'_>>,
        host: Option<&'p HeaderValue>,
    ) -> RequestParts<'p> {
        let mut parts = self.parts(target);
        let own = parts.headers.iter_mut().find(|(name, _)| *name == header::HOST.as_str());
        if let (Some((_, value)), Some(host)) = (own, host) {
            *value = host.as_bytes();
        }
        parts
    }

    /// The request as models and rules see it; its body is added by whoever read it.
    #[must_use]
    pub fn view<'v>(&'v self, parts: &'v RequestParts<'_>) -> RequestView<'v> {
        RequestView {
            method: self.method(),
            path: self.path,
            params: &parts.params,
            query: self.query,
            headers: &parts.headers,
            session: self.steering.session.as_deref(),
            route: self.route,
            peer: self.peer,
            at_ms: now_ms(),
            ..RequestView::default()
        }
    }

    /// The method as text.
    #[must_use]
    pub fn method(&self) -> &'r str {
        self.request.method().as_str()
    }

    /// A header that stands once at most, as text.
    #[must_use]
    pub fn header(&self, name: header::HeaderName) -> Option<&'r str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Path and query as sent.
    #[must_use]
    pub fn path_and_query(&self) -> &'r str {
        self.request.uri().path_and_query().map_or("/", |whole| whole.as_str())
    }
}

/// A `Host` that is none gets 400 (RFC 9112, section 3.2); the server beneath checks only that an
/// HTTP/1.1 request has exactly one.
fn check_host(request: &HttpRequest) -> Result<(), Problem> {
    let Some(host) = request.headers().get(header::HOST) else { return Ok(()) };
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte);
    if host.as_bytes().iter().all(allowed) {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::RequestInvalid, "`Host` is not a host with an optional port"))
}

fn body_length(request: &HttpRequest) -> Result<BodyLength, Problem> {
    let headers = request.headers();
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Ok(BodyLength::Chunked);
    }
    let Some(length) = headers.get(header::CONTENT_LENGTH) else { return Ok(BodyLength::None) };
    let length = length.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok());
    match length {
        Some(bytes) => Ok(BodyLength::Sized(bytes)),
        None => {
            let detail = "`Content-Length` is not a number of bytes";
            Err(Problem::new(ProblemKind::RequestInvalid, detail))
        }
    }
}

/// An `Upgrade` without its `Connection` option is refused: a proxy must not act on it (RFC 9110
/// section 7.8), and the server beneath would wait for a body that never comes.
fn is_upgrade(request: &HttpRequest) -> Result<bool, Problem> {
    if !request.headers().contains_key(header::UPGRADE) {
        return Ok(false);
    }
    let nominated = request
        .headers()
        .get_all(header::CONNECTION)
        .filter_map(|value: &HeaderValue| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|option| option.trim().eq_ignore_ascii_case("upgrade"));
    if nominated && request.version() == Version::HTTP_11 && *request.method() == Method::GET {
        return Ok(true);
    }
    let detail = "`Upgrade` needs a GET over HTTP/1.1 with `Connection: upgrade`";
    Err(Problem::new(ProblemKind::RequestInvalid, detail))
}
