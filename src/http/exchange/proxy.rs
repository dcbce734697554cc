//! Answers by the backend.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, StatusCode, Version};
use actix_web::web::Payload;
use bytes::Bytes;

use super::cors;
use super::recorder::{ObservedBody, Recorder, SampleRoom};
use crate::domain::cors::CorsPolicy;
use crate::http::data_plane::DataPlane;
use crate::http::downstream::{ClientConnection, ExchangeTracker};
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::incoming_request::{BodyLength, IncomingRequest};
use crate::http::exchange::response::{Response, ResponseBody, ResponseSource};
use crate::http::log_limiter::LogLimiter;
use crate::http::upstream::headers::{
    ForwardContext, ResponseContext, asked_under, request_headers, response_headers,
};
use crate::http::upstream::{
    FaultOrigin, RequestBody, UpstreamError, UpstreamRequest, UpstreamResponse,
};
use crate::http::websocket::conversation_tap::{SharedTap, TappedTunnel};
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// Exchanges with a backend that is sick, or with clients that leave.
static FAILURES: LogLimiter = LogLimiter::new();

/// How an exchange with the backend ended before an answer came.
pub struct Failure {
    /// What the client would be told.
    pub problem: Problem,
    /// Whether the backend, and not the request or this double, is at fault.
    pub backend_down: bool,
    /// The upload as far as it was copied whole, for a mock in its place.
    pub upload: Option<Vec<u8>>,
}

impl Failure {
    /// What the client is told.
    #[must_use]
    pub fn into_response(self) -> Response {
        Response::problem(&self.problem)
    }
}

/// How a request is passed on.
#[derive(Debug, Clone, Copy)]
pub struct ProxyOptions {
    /// Whether the exchange may be learned from; chaos that will change the answer, and requests
    /// that steer themselves, do not.
    pub teaches: bool,
    /// How long to wait for the head of the answer, where somebody else can answer instead.
    pub patience: Option<Duration>,
}

/// The answer, or the failure of a backend that took longer than anybody waits here. What was sent
/// is not sent again; its connection is closed.
async fn within(
    patience: Option<Duration>,
    answer: impl Future<Output = Result<UpstreamResponse, UpstreamError>>,
) -> Result<UpstreamResponse, UpstreamError> {
    let Some(patience) = patience else { return answer.await };
    tokio::time::timeout(patience, answer).await.unwrap_or(Err(UpstreamError::FirstByteTimeout))
}

/// Finds out in the background whether the backend is back, with a request of the double's own:
/// nobody waits for it, and no client's request is sent for it.
pub fn probe(plane: &DataPlane) {
    let (client, health) = (plane.upstream.clone(), Arc::clone(&plane.health));
    let host = HeaderValue::from_str(plane.header_policy.target.authority());
    let headers = host.map(|host| vec![(header::HOST, host)]).unwrap_or_default();
    actix_web::rt::spawn(async move {
        let request = UpstreamRequest {
            method: Method::HEAD,
            path_and_query: PathAndQuery::from_static("/"),
            headers,
            body: RequestBody::None,
            tunnel: false,
            expect_continue: false,
            client: None,
        };
        match within(Some(PROBE_TIMEOUT), client.send(request)).await {
            Ok(_any_answer) => health.succeeded(),
            Err(error) => health.failed(&error),
        }
    });
}

/// A backend that is back answers the request for nothing within seconds; below the time after
/// which the breaker takes a probe for lost.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Passes a request on to the backend.
///
/// # Errors
/// [`Failure`], when no answer came.
pub async fn pass_on(
    received: &IncomingRequest<'_>,
    payload: Payload,
    endpoint: Option<&EndpointHandle>,
    plane: &DataPlane,
    options: ProxyOptions,
) -> Result<Response, Failure> {
    let fail = |problem| Failure { problem, backend_down: false, upload: None };
    let headers = headers_to_backend(received, plane).map_err(fail)?;
    let path_and_query = path_to_backend(received, &plane.hidden_prefix).ok_or_else(|| {
        fail(Problem::new(ProblemKind::RequestInvalid, "the request target has no path"))
    })?;
    let learning = || plane.learning.clone();
    let mut recorder = options.teaches.then(|| Recorder::new(learning(), received.request));
    let reads = received.body == BodyLength::None
        && matches!(*received.request.method(), Method::GET | Method::HEAD);
    if let Some(recorder) = recorder.as_mut().filter(|_| !reads) {
        sample(recorder, None, (received, endpoint, plane));
    }
    let client = received.request.conn_data::<ExchangeTracker>();
    let tap = recorder.as_ref().filter(|_| received.upgrade).map(|_| SharedTap::new());
    let request = UpstreamRequest {
        method: received.request.method().clone(),
        path_and_query,
        headers,
        body: request_body(received, payload, recorder.as_ref(), tap.as_ref()),
        tunnel: received.upgrade,
        expect_continue: client.is_some_and(|client| client.facts().expects_continue),
        client: client.map(ExchangeTracker::side_channel),
    };
    match within(options.patience, plane.upstream.send(request)).await {
        Ok(response) => {
            plane.health.succeeded();
            if let Some(recorder) = &mut recorder {
                let status = response.status.as_u16();
                if reads {
                    sample(recorder, Some(status), (received, endpoint, plane));
                }
                recorder.head(status, &response.headers);
            }
            Ok(answer(received, response, (endpoint, recorder, tap), plane))
        }
        Err(error) => {
            plane.health.failed(&error);
            note_failure(&error, received.method(), endpoint);
            Err(Failure {
                problem: problem_of(&error),
                backend_down: error.origin() == FaultOrigin::Upstream,
                upload: recorder.as_ref().and_then(Recorder::upload),
            })
        }
    }
}

/// Path and query as the backend sees them: without the beginning that only leads to it.
fn path_to_backend(received: &IncomingRequest<'_>, hidden_prefix: &str) -> Option<PathAndQuery> {
    let whole = received.request.uri().path_and_query()?;
    if hidden_prefix.is_empty() {
        return Some(whole.clone());
    }
    let rest = whole.as_str().strip_prefix(hidden_prefix)?;
    let slash = if rest.starts_with('/') { "" } else { "/" };
    format!("{slash}{rest}").parse().ok()
}

/// Says that no answer came, in a line that names the endpoint: a path can hold a name or a key.
fn note_failure(error: &UpstreamError, method: &str, endpoint: Option<&EndpointHandle>) {
    let place = place_of(endpoint);
    let who = if error.origin() == FaultOrigin::Upstream { "backend" } else { "exchange" };
    FAILURES.warn(&place, || match &*place {
        "" => format!("{who}: {method} of an endpoint that is not learned: {error}"),
        _ => format!("{who}: {place}: {error}"),
    });
}

/// Method and template; empty while nothing is learned.
fn place_of(endpoint: Option<&EndpointHandle>) -> Cow<'_, str> {
    endpoint.map_or(Cow::Borrowed(""), |endpoint| String::from_utf8_lossy(endpoint.label()))
}

fn headers_to_backend(
    received: &IncomingRequest<'_>,
    plane: &DataPlane,
) -> Result<Vec<(HeaderName, HeaderValue)>, Problem> {
    let connection = received.request.conn_data::<ClientConnection>();
    let (is_secure, is_http_2) =
        connection.map_or((false, false), |facts| (facts.is_secure, facts.is_http_2));
    let facts = ForwardContext {
        peer: received.peer,
        scheme: if is_secure { "https" } else { "http" },
        version: if is_http_2 { Version::HTTP_2 } else { received.request.version() },
        tunnel: received.upgrade,
        trailers: accepts_trailers(received),
    };
    let headers = request_headers(received.request.headers(), facts, &plane.header_policy);
    let mut headers = headers.map_err(|_loop| {
        let detail =
            "the request passed through this double before; is TARGET_URL its own address?";
        Problem::new(ProblemKind::LoopDetected, detail)
    })?;
    if cors::is_preflight(received.request) && plane.shared.pages.cors != CorsPolicy::Off {
        cors::preflight_to_backend(&mut headers);
    }
    Ok(headers)
}

fn accepts_trailers(received: &IncomingRequest<'_>) -> bool {
    let client = received.request.conn_data::<ExchangeTracker>();
    client.is_some_and(|client| client.facts().accepts_trailers)
}

/// Has an exchange copied for learning, if it is wanted and the learner keeps up. `read_as`: the
/// status with which a request that only reads was answered.
fn sample(
    recorder: &mut Recorder,
    read_as: Option<u16>,
    (received, endpoint, plane): (&IncomingRequest<'_>, Option<&EndpointHandle>, &DataPlane),
) {
    let second = plane.shared.started.elapsed().as_secs();
    if endpoint.is_some_and(|endpoint| !endpoint.wants_sample(second, read_as)) {
        return;
    }
    let Some(reservation) = plane.learning.begin_sample() else { return };
    let room = SampleRoom::new(reservation, plane.shared.learn_body_max_bytes);
    recorder.copy_into(room, received.request);
    let (policy, headers) = (&plane.header_policy, received.request.headers());
    let told = asked_under(headers, received.peer, policy).map(HeaderValue::as_bytes);
    let host = headers.get(header::HOST).filter(|_| policy.preserve_host);
    let host = host.map_or(policy.target.authority().as_bytes(), HeaderValue::as_bytes);
    recorder.asked_as(host, told);
}

fn request_body(
    received: &IncomingRequest<'_>,
    payload: Payload,
    recorder: Option<&Recorder>,
    tap: Option<&SharedTap>,
) -> RequestBody {
    if received.upgrade {
        // A tunnel may be silent for long; the transport has a limit of its own for it.
        return match tap {
            Some(tap) => RequestBody::Chunked(Box::pin(tap.upload(payload))),
            None => RequestBody::Chunked(Box::pin(payload)),
        };
    }
    if received.body == BodyLength::None {
        // A length of zero is said again: a backend may insist on one (RFC 9110, section 8.6).
        let announced = received.request.headers().contains_key(header::CONTENT_LENGTH);
        return if announced {
            RequestBody::Sized(0, Box::pin(payload))
        } else {
            RequestBody::None
        };
    }
    // An announced length of 0 is passed on as such: backends answer 411 to a POST without one.
    let stream: crate::http::upstream::RequestStream = match recorder {
        // Nobody reads an upload of no bytes to its end: it is whole as it is.
        Some(recorder) if received.body != BodyLength::Sized(0) => {
            Box::pin(recorder.tee_upload(payload))
        }
        Some(_) | None => Box::pin(payload),
    };
    match received.body {
        BodyLength::Sized(bytes) => RequestBody::Sized(bytes, stream),
        BodyLength::Chunked | BodyLength::None => RequestBody::Chunked(stream),
    }
}

fn answer(
    received: &IncomingRequest<'_>,
    mut response: UpstreamResponse,
    (endpoint, mut recorder, tap): (Option<&EndpointHandle>, Option<Recorder>, Option<SharedTap>),
    plane: &DataPlane,
) -> Response {
    let tunnel = response.status == StatusCode::SWITCHING_PROTOCOLS;
    let client_host = received.header(header::HOST);
    let trailers = accepts_trailers(received);
    let context = ResponseContext { tunnel, client_host, trailers };
    let headers = response_headers(&response.headers, context, &plane.header_policy);
    let whole = match response.body.size() {
        BodySize::None | BodySize::Sized(0) => Some(Bytes::new()),
        _ => response.body.take_whole(),
    };
    if received.upgrade {
        // A refusal of the switch is no answer of the endpoint to a plain request.
        let recorder = recorder.take().filter(|_| tunnel);
        if let (Some(tap), Some(recorder)) = (&tap, recorder) {
            tap.switched(recorder, &response.headers, response.body.timing().first_byte);
        }
    }
    let body = match whole {
        _ if tunnel => ResponseBody::Tunnel(match tap {
            Some(tap) => BoxBody::new(TappedTunnel::new(response.body, tap)),
            None => BoxBody::new(response.body),
        }),
        Some(bytes) => {
            ObservedBody::finish_whole(recorder, &bytes, response.body.timing());
            let none = response.body.size() == BodySize::None;
            if none { ResponseBody::None } else { ResponseBody::Bytes(bytes) }
        }
        None => {
            let place = endpoint.map_or_else(Bytes::new, |endpoint| endpoint.label().clone());
            let observed = ObservedBody::new(response.body, recorder, place);
            ResponseBody::Stream(BoxBody::new(observed))
        }
    };
    Response {
        source: ResponseSource::Upstream,
        status: response.status,
        headers,
        body,
        error: None,
        simulated: None,
    }
}

/// What a client is told of a failure on the way to the backend.
fn problem_of(error: &UpstreamError) -> Problem {
    // The texts of the causes name no address.
    let problem = Problem::new(error.kind(), error.to_string());
    match error.retry_after() {
        Some(wait) => problem.retry_after(wait),
        None => problem,
    }
}
