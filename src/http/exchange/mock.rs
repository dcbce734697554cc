//! Answers by the learned model.

use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Payload;
use futures_util::StreamExt;
use serde_json::json;

use super::steering::SimulatedLatency;
use crate::domain::chaos::fault::stale::previous_version;
use crate::domain::endpoint::StatusDraw;
use crate::domain::request::RequestView;
use crate::http::data_plane::DataPlane;
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::incoming_request::{BodyLength, IncomingRequest, MatchedEndpoint};
use crate::http::exchange::response::{DrawRecord, Response, ResponseBody, Source};
use crate::http::exchange::session_seeds::SessionSeeds;
use crate::http::exchange::stateful_mock::{StatefulMock, respond};
use crate::runtime::catalog::Catalog;
use crate::runtime::learning::endpoint_handle::EndpointVersion;

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

/// How a request is mocked, besides what it says itself.
#[derive(Debug, Clone, Copy)]
pub struct MockOptions<'u> {
    /// Its body as far as it was read.
    pub upload: Option<&'u [u8]>,
    /// Whom the answer names as its maker.
    pub source: Source,
    /// Whether the previous version of the entity is asked for.
    pub stale: bool,
}

/// Mocks the answer to a request: draws it, renders it, and says when it is due.
///
/// # Errors
/// A problem when `X-Mock-Status` asks for a status that was never observed.
pub fn mock(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    options: MockOptions<'_>,
    plane: &DataPlane,
) -> Result<MockedResponse, Problem> {
    let asked = RenderOptions { status: received.steering.status, stale: options.stale };
    let rendered = render_for(received, target, options.upload, (asked, true), plane)?;
    let latency_us = latency_us(received, rendered.total_us, plane);
    let due = received.arrived + Duration::from_micros(latency_us);
    Ok(MockedResponse { answer: rendered.into_response(received, options.source), due })
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
    let asked = RenderOptions { status: Some(status), stale: false };
    let rendered = render_for(received, target, None, (asked, false), plane).ok()?;
    Some(rendered.into_response(received, Source::Chaos))
}

fn render_for(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    upload: Option<&[u8]>,
    (asked, remembers): (RenderOptions, bool),
    plane: &DataPlane,
) -> Result<RenderedResponse, Problem> {
    let published = target.endpoint.published();
    let drawn = draw_status(received, target, &published, plane);
    let parts = received.parts(Some(target));
    let request = RequestView { body: upload, ..received.view(&parts) };
    // Chaos and the previous version of an entity are no turn in the consumer's world.
    if remembers && !asked.stale {
        let draft =
            StatefulMock { published: &published, request: &request, drawn, asked: asked.status };
        return respond(received, &draft, plane);
    }
    render(&published, &request, drawn, asked)
}

impl RenderedResponse {
    fn into_response(self, received: &IncomingRequest<'_>, source: Source) -> Response {
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

/// What is asked of an answer, whatever was drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct RenderOptions {
    /// This status instead of the drawn one.
    pub status: Option<u16>,
    /// The previous version of the entity.
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

/// Writes the answer to `request`: the status asked for, or else the `drawn` one, and everything
/// else from the seeds drawn with it.
///
/// # Errors
/// A problem when the status asked for was never observed, or nothing was.
pub fn render(
    published: &EndpointVersion,
    request: &RequestView<'_>,
    drawn: StatusDraw,
    asked: RenderOptions,
) -> Result<RenderedResponse, Problem> {
    let status = asked.status.unwrap_or(drawn.status);
    let behavior = published.behavior();
    let sampled = behavior.draw(status, drawn.seeds, asked.status.is_some()).ok_or_else(|| {
        let known: Vec<u16> = behavior.statuses().collect();
        Problem::new(
            ProblemKind::StatusUnobserved,
            format!("status {status} was never observed at this endpoint"),
        )
        .with("observed", json!(known))
    })?;
    let mut body = Vec::with_capacity(BODY_CAPACITY);
    let representation = sampled.write_body(request, &mut body);
    let mut stale = false;
    if asked.stale {
        let mut other = Vec::with_capacity(body.len());
        sampled.other_entity().write_body(request, &mut other);
        if let Some(previous) = previous_version(&body, &other) {
            (body, stale) = (previous, true);
        }
    }
    let (sequence, latency_us) = (sampled.sequence(), sampled.total_us);
    let mut headers = Vec::with_capacity(HEADERS_CAPACITY);
    sampled.draw_headers(request, &body, representation, |name, value| {
        // Learned names and values went through HTTP once; what does not again is left out.
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_maybe_shared(value);
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.push((name, value));
        }
    });
    Ok(RenderedResponse {
        drawn: DrawRecord { sequence, latency_us, stale },
        status: sampled.status,
        headers,
        body,
        first_byte_us: sampled.first_byte_us,
        total_us: sampled.total_us,
    })
}

fn draw_status(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    published: &EndpointVersion,
    plane: &DataPlane,
) -> StatusDraw {
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
