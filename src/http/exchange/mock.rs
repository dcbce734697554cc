//! Answers by the learned model.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Payload;
use futures_util::StreamExt;
use serde_json::json;

use super::steering::SimulatedLatency;
use crate::domain::body::RequestFacts;
use crate::domain::chaos::fault::stale::previous_version;
use crate::domain::endpoint::{HeaderFacts, ResponseSeeds, SampledResponse};
use crate::domain::headers::Representation;
use crate::http::data_plane::DataPlane;
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::incoming_request::{BodyLength, IncomingRequest};
use crate::http::exchange::response::{DrawRecord, Response, ResponseBody, Source};
use crate::http::exchange::session_seeds::SessionSeeds;
use crate::http::exchange::stateful::{Draft, respond};
use crate::runtime::catalog::Catalog;
use crate::runtime::clock::now_ms;
use crate::runtime::learning::endpoint_handle::{EndpointHandle, EndpointVersion};

/// Learned endpoints named when a mock is asked for an unknown one.
const NEAREST_MAX: usize = 5;

/// Room for a body before its size is known; most learned bodies fit without growing.
const BODY_CAPACITY: usize = 2_048;

/// Room for the headers of an answer; most learned ones fit without growing.
const HEADERS_CAPACITY: usize = 16;

/// A mocked answer and the moment it is due.
pub struct MockedResponse {
    /// The answer.
    pub answer: Response,
    /// When the learned latency, counted from the request's arrival, is over.
    pub due: Instant,
}

/// The place of a request among the learned endpoints.
pub struct MatchedEndpoint<'r> {
    /// The endpoint.
    pub endpoint: Arc<EndpointHandle>,
    /// Raw values of the template's parameters, from left to right.
    pub values: smallvec::SmallVec<[&'r str; 8]>,
}

/// Synthesises the answer to a request; `upload` is its body as far as it was read, `stale` asks
/// for the previous version of its entity.
///
/// # Errors
/// A problem when `X-Mock-Status` asks for a status that was never observed.
pub fn synthesise(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    upload: Option<&[u8]>,
    plane: &DataPlane,
    (source, stale): (Source, bool),
) -> Result<MockedResponse, Problem> {
    let asked = received.steering.status;
    let composed = compose_for(received, target, (upload, stale), (asked, true), plane)?;
    let latency_us = latency_us(received, composed.total_us, plane);
    let due = received.arrived + Duration::from_micros(latency_us);
    Ok(MockedResponse { answer: composed.into_mocked_response(received, source), due })
}

/// The learned answer with `status`, for chaos that fails as the backend does; `None` when it was
/// never observed.
#[must_use]
pub fn with_status(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    status: u16,
    plane: &DataPlane,
) -> Option<Response> {
    let composed = compose_for(received, target, (None, false), (Some(status), false), plane).ok()?;
    Some(composed.into_mocked_response(received, Source::Chaos))
}

fn compose_for(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    (upload, stale): (Option<&[u8]>, bool),
    (asked, remembers): (Option<u16>, bool),
    plane: &DataPlane,
) -> Result<RenderedResponse, Problem> {
    let published = target.endpoint.published();
    let drawn = draw_status(received, target, &published, plane);
    let headers: Vec<(&str, &[u8])> = received
        .request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let occasion = MockRequest {
        method: received.method(),
        path: received.path,
        query: received.query,
        values: &target.values,
        headers: &headers,
        upload,
        stale,
    };
    if remembers && !stale {
        let draft = Draft { endpoint: &target.endpoint, published: &published, occasion, asked, drawn };
        return respond(received, &draft, plane);
    }
    compose(&target.endpoint, &published, &occasion, asked, drawn)
}

impl RenderedResponse {
    fn into_mocked_response(self, received: &IncomingRequest<'_>, source: Source) -> Response {
        Response {
            source,
            status: StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK),
            headers: self.headers,
            body: response_body(received, self.status, self.body),
            error: None,
            simulated: Some(self.drawn),
        }
    }
}

/// What a synthesised answer may depend on, besides the model and the seeds.
#[derive(Debug, Clone, Copy)]
pub struct MockRequest<'a> {
    /// Request method.
    pub method: &'a str,
    /// Raw path, undecoded, without query.
    pub path: &'a str,
    /// Raw query, without `?`.
    pub query: &'a str,
    /// Raw values of the template's parameters, from left to right.
    pub values: &'a [&'a str],
    /// Request headers, names in lower case.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// Request body, as far as it was read.
    pub upload: Option<&'a [u8]>,
    /// Whether the previous version of the entity is asked for.
    pub stale: bool,
}

/// A synthesised answer, before it goes on the wire.
#[derive(Debug)]
pub struct RenderedResponse {
    /// Status code.
    pub status: u16,
    /// Headers, in order.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The whole body, also where the wire will carry none of it (HEAD, 204, 304).
    pub body: Vec<u8>,
    /// Simulated time to the first byte, µs.
    pub first_byte_us: u64,
    /// Simulated time to the last byte, µs.
    pub total_us: u64,
    /// What was drawn.
    pub drawn: DrawRecord,
}

/// Writes the answer of `endpoint` on an occasion: the status `asked` for, or else the `drawn`
/// one, and everything else from the seeds drawn with it.
///
/// # Errors
/// A problem when the status asked for was never observed, or nothing was.
pub fn compose(
    endpoint: &EndpointHandle,
    published: &EndpointVersion,
    occasion: &MockRequest<'_>,
    asked: Option<u16>,
    drawn: (u16, ResponseSeeds),
) -> Result<RenderedResponse, Problem> {
    let (status, seeds) = (asked.unwrap_or(drawn.0), drawn.1);
    let drawn = published.behavior().draw(status, seeds, asked.is_some()).ok_or_else(|| {
        let known: Vec<u16> = published.behavior().statuses().collect();
        Problem::new(
            ProblemKind::StatusUnobserved,
            format!("status {status} was never observed at this endpoint"),
        )
        .with("observed", json!(known))
    })?;
    let names = endpoint.parameters();
    let params: smallvec::SmallVec<[(&str, &str); 8]> =
        names.iter().map(|name| &**name).zip(occasion.values.iter().copied()).collect();
    let now_ms = now_ms();
    let facts = RequestFacts {
        method: occasion.method,
        path: occasion.path,
        params: &params,
        query: occasion.query,
        headers: occasion.headers,
        body: occasion.upload,
        at_ms: now_ms,
    };
    let mut body = Vec::with_capacity(BODY_CAPACITY);
    let representation = drawn.write_body(facts, now_ms, &mut body);
    let mut stale = false;
    if occasion.stale {
        let mut other = Vec::with_capacity(body.len());
        drawn.other_entity().write_body(facts, now_ms, &mut other);
        if let Some(previous) = previous_version(&body, &other) {
            (body, stale) = (previous, true);
        }
    }
    let (sequence, latency_us) = (drawn.sequence(), drawn.total_us);
    Ok(RenderedResponse {
        drawn: DrawRecord { sequence, latency_us, stale },
        status: drawn.status,
        headers: headers(occasion, &drawn, (&body, representation), now_ms),
        body,
        first_byte_us: drawn.first_byte_us,
        total_us: drawn.total_us,
    })
}

fn draw_status(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    published: &EndpointVersion,
    plane: &DataPlane,
) -> (u16, ResponseSeeds) {
    let steering = &received.steering;
    match &steering.seed {
        Some(seed) => {
            SessionSeeds::seeded(seed, received.method(), received.path_and_query(), published)
        }
        None => {
            let draws = &plane.shared.draws;
            draws.next(steering.session.as_deref(), &target.endpoint, published)
        }
    }
}

fn latency_us(received: &IncomingRequest<'_>, learned_us: u64, plane: &DataPlane) -> u64 {
    match received.steering.latency {
        SimulatedLatency::Off => 0,
        SimulatedLatency::Fixed(us) => us,
        SimulatedLatency::Learned => {
            // Saturating conversion: a scaled hour is still far below the bound of u64.
            (learned_us as f64 * plane.settings.now().latency_scale) as u64
        }
    }
}

fn headers(
    occasion: &MockRequest<'_>,
    drawn: &SampledResponse<'_>,
    (body, representation): (&[u8], Representation<'_>),
    now_ms: i64,
) -> Vec<(HeaderName, HeaderValue)> {
    let facts = HeaderFacts {
        now_ms,
        path: occasion.path,
        sequence: drawn.sequence(),
        body,
        representation,
        headers: occasion.headers,
    };
    let mut headers = Vec::with_capacity(HEADERS_CAPACITY);
    drawn.draw_headers(facts, |name, value| {
        // Learned names and values went through HTTP once; what does not again is left out.
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_maybe_shared(value);
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.push((name, value));
        }
    });
    headers
}

fn response_body(received: &IncomingRequest<'_>, status: u16, body: Vec<u8>) -> ResponseBody {
    if matches!(status, 204 | 304) || status < 200 {
        ResponseBody::None
    } else if *received.request.method() == Method::HEAD {
        ResponseBody::Announced(body.len() as u64)
    } else {
        ResponseBody::Bytes(body.into())
    }
}

/// Reads the body of a request that is mocked, as far as the learner would look at one.
///
/// The rest of a longer body is read and dropped, so that the connection stays usable.
pub async fn read_upload(
    received: &IncomingRequest<'_>,
    mut payload: Payload,
    bytes_max: usize,
) -> Option<Vec<u8>> {
    if received.body == BodyLength::None {
        return None;
    }
    let mut upload = Vec::new();
    let mut whole = true;
    while let Some(piece) = payload.next().await {
        let Ok(piece) = piece else { return None };
        if upload.len() + piece.len() <= bytes_max {
            upload.extend_from_slice(&piece);
        } else {
            whole = false;
        }
    }
    whole.then_some(upload)
}

/// The problem for a mock of an endpoint that was never learned.
#[must_use]
pub fn unknown(received: &IncomingRequest<'_>, catalog: &Catalog) -> Problem {
    let place = catalog.identify(received.path);
    let methods: Vec<String> =
        catalog.siblings(&place).iter().map(|handle| handle.key().to_string()).collect();
    let nearest =
        if methods.is_empty() { catalog.nearest(received.path, NEAREST_MAX) } else { methods };
    let method = received.method();
    let template = place.template.as_str();
    Problem::new(
        ProblemKind::EndpointUnknown,
        format!(
            "nothing was learned of `{method} {template}` yet; send real traffic through first"
        ),
    )
    .with("endpoint", json!(format!("{method} {template}")))
    .with("nearest", json!(nearest))
}
