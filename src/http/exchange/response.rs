//! An answer on its way to the client: who made it, and the contract's headers on it.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;

use crate::http::data_plane::InFlight;
use crate::http::error::{Problem, X_MOCK_ERROR};
use crate::http::framing::status_has_content;

const X_MOCK_SOURCE: HeaderName = HeaderName::from_static("x-mock-source");
const X_MOCK_ENDPOINT: HeaderName = HeaderName::from_static("x-mock-endpoint");
/// Id of the exchange.
pub const X_MOCK_REQUEST_ID: HeaderName = HeaderName::from_static("x-mock-request-id");
/// Why a mock says what it says.
pub const X_MOCK_REASON: HeaderName = HeaderName::from_static("x-mock-reason");
/// How a request found its session.
pub const X_MOCK_SESSION_STATE: HeaderName = HeaderName::from_static("x-mock-session-state");
/// How far a mock can be believed.
pub const X_MOCK_CONFIDENCE: HeaderName = HeaderName::from_static("x-mock-confidence");
const X_MOCK_CHAOS: HeaderName = HeaderName::from_static("x-mock-chaos");
const X_MOCK_HINT: HeaderName = HeaderName::from_static("x-mock-hint");

/// The headers that the double adds to answers, as pages of other origins may read them.
pub const ANSWER_HEADERS: [&str; 9] = [
    "X-Mock-Source",
    "X-Mock-Endpoint",
    "X-Mock-Request-Id",
    "X-Mock-Reason",
    "X-Mock-Session-State",
    "X-Mock-Confidence",
    "X-Mock-Chaos",
    "X-Mock-Error",
    "X-Mock-Hint",
];

/// Who produced status and body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseSource {
    /// The backend.
    Upstream,
    /// The learned model.
    Mock,
    /// The learned model, because the backend is down.
    Failover,
    /// A person, by an override.
    Override,
    /// A chaos rule.
    Chaos,
    /// The double for itself: its errors, and what it answers of its own.
    Double,
}

impl ResponseSource {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Upstream, Self::Mock, Self::Failover, Self::Override, Self::Chaos, Self::Double];

    /// Whether it speaks in the backend's place, as a model or a person says.
    #[must_use]
    pub const fn is_made_up(self) -> bool {
        matches!(self, Self::Mock | Self::Failover | Self::Override)
    }

    /// The word of `X-Mock-Source`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Mock => "mock",
            Self::Failover => "failover",
            Self::Override => "override",
            Self::Chaos => "chaos",
            Self::Double => "double",
        }
    }
}

/// An answer before the contract's headers are on it.
pub struct Response {
    /// Who made it.
    pub source: ResponseSource,
    /// Status code.
    pub status: StatusCode,
    /// Its own headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Its body.
    pub body: ResponseBody,
    /// Slug of an error of the double's own.
    pub error: Option<&'static str>,
    /// What was drawn for it, when the model made it.
    pub simulated: Option<DrawRecord>,
}

/// What was drawn for a synthesised answer.
#[derive(Debug, Clone, Copy)]
pub struct DrawRecord {
    /// Number of the draw in its consumer's sequence.
    pub sequence: u64,
    /// Simulated time to the last byte, µs, before scaling.
    pub latency_us: u64,
    /// Whether it is the previous version of its entity.
    pub stale: bool,
}

/// The body of an answer.
pub enum ResponseBody {
    /// None: 204, 304, and answers to HEAD that announce nothing.
    None,
    /// Bytes.
    Bytes(Bytes),
    /// None, but of this announced length: answers to HEAD and 304.
    Announced(u64),
    /// A stream.
    Stream(BoxBody),
    /// The other direction of a tunnel, after 101.
    Tunnel(BoxBody),
}

impl ResponseBody {
    /// `bytes` as far as the request and the status let them be sent (RFC 9110, sections 6.4.1 and
    /// 9.3.2).
    #[must_use]
    pub fn allowed(method: &Method, status: u16, bytes: Bytes) -> Self {
        // What is no status at all has a body as any final response has.
        let has_content = StatusCode::from_u16(status).map_or(true, status_has_content);
        if !has_content {
            Self::None
        } else if *method == Method::HEAD {
            Self::Announced(bytes.len() as u64)
        } else {
            Self::Bytes(bytes)
        }
    }
}

impl Response {
    /// An answer of the double's own without a body; one that could have a body says that it has
    /// none, or clients would wait for it (RFC 9112, section 6.3).
    #[must_use]
    pub fn own(status: StatusCode) -> Self {
        let body = match status_has_content(status) {
            true => ResponseBody::Bytes(Bytes::new()),
            false => ResponseBody::None,
        };
        Self {
            source: ResponseSource::Double,
            status,
            headers: Vec::new(),
            body,
            error: None,
            simulated: None,
        }
    }

    /// An error of the double itself.
    #[must_use]
    pub fn problem(problem: &Problem) -> Self {
        let response = problem.response();
        let headers = response
            .headers()
            .iter()
            .filter(|(name, _)| **name != X_MOCK_ERROR)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Self {
            source: ResponseSource::Double,
            status: response.status(),
            headers,
            body: ResponseBody::Bytes(problem.body().into()),
            error: Some(problem.kind().slug()),
            simulated: None,
        }
    }

    /// The response, with the contract's headers.
    #[must_use]
    pub fn into_response(self, marks: ContractHeaders<'_>, in_flight: InFlight) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status);
        let protocol = self.headers.iter().find(|(name, _)| *name == header::UPGRADE);
        let protocol = protocol
            .map_or_else(|| HeaderValue::from_static("websocket"), |(_, value)| value.clone());
        for (name, value) in self.headers {
            response.append_header((name, value));
        }
        response.insert_header((X_MOCK_SOURCE, HeaderValue::from_static(self.source.as_str())));
        if let Ok(endpoint) = HeaderValue::from_maybe_shared(marks.endpoint) {
            response.insert_header((X_MOCK_ENDPOINT, endpoint));
        }
        if let Ok(id) = HeaderValue::from_str(marks.request_id) {
            response.insert_header((X_MOCK_REQUEST_ID, id));
        }
        if let Some(chaos) = marks.chaos.and_then(|text| HeaderValue::from_str(text).ok()) {
            response.insert_header((X_MOCK_CHAOS, chaos));
        }
        if let Some(hint) = marks.hint {
            response.insert_header((X_MOCK_HINT, HeaderValue::from_static(hint)));
        }
        if let Some(slug) = self.error {
            response.insert_header((X_MOCK_ERROR, HeaderValue::from_static(slug)));
        }
        match self.body {
            ResponseBody::None => response.body(actix_web::body::None::new()),
            ResponseBody::Bytes(bytes) => response.body(bytes),
            ResponseBody::Announced(length) => response.body(AnnouncedBody(length)),
            ResponseBody::Stream(body) => response.body(Streaming { body, _in_flight: in_flight }),
            ResponseBody::Tunnel(body) => {
                // The upgrade flag makes the server pass bytes on as they are.
                response.upgrade(protocol).body(Streaming { body, _in_flight: in_flight })
            }
        }
    }
}

/// What the contract's headers say about an answer.
pub struct ContractHeaders<'a> {
    /// `METHOD /template`.
    pub endpoint: Bytes,
    /// Id of the exchange.
    pub request_id: &'a str,
    /// What chaos did.
    pub chaos: Option<&'a str>,
    /// What the request asked for in vain, and how it is asked for.
    pub hint: Option<&'static str>,
}

/// A streamed body, in flight until it is dropped.
struct Streaming {
    body: BoxBody,
    _in_flight: InFlight,
}

impl MessageBody for Streaming {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// A body that announces a length and has no bytes: what HEAD and 304 answers carry.
struct AnnouncedBody(u64);

impl MessageBody for AnnouncedBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
