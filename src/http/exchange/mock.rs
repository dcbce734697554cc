//! Answers by the learned model.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::json;

use super::message_stream::{MessageStream, StreamPlan};
use super::steering::SimulatedLatency;
use crate::domain::body::BodyKind;
use crate::domain::body::content_coding::ContentCoding;
use crate::domain::chaos::fault::stale::previous_version;
use crate::domain::endpoint::StatusDraw;
use crate::domain::files;
use crate::domain::json::reading::TextEncoding;
use crate::domain::outcome::protocol::{self, Condition, ProtocolFacts};
use crate::domain::request::RequestView;
use crate::domain::words::own_address;
use crate::http::data_plane::DataPlane;
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::incoming_request::{BodyLength, IncomingRequest, MatchedEndpoint};
use crate::http::exchange::response::{
    DrawRecord, Response, ResponseBody, ResponseSource, X_MOCK_CONFIDENCE,
};
use crate::http::exchange::session_seeds::SessionSeeds;
use crate::http::exchange::stateful_mock::{StatefulMock, respond};
use crate::http::upstream::headers::asked_under;
use crate::runtime::catalog::Catalog;
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

/// How a request is mocked, besides what it says itself.
#[derive(Debug, Clone, Copy)]
pub struct MockOptions<'u> {
    /// Its body as far as it was read.
    pub upload: Option<&'u [u8]>,
    /// Whom the answer names as its maker.
    pub source: ResponseSource,
    /// Whether the previous version of the entity is asked for.
    pub stale: bool,
    /// Time the answer takes instead of the learned one, µs.
    pub latency_us: Option<u64>,
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
    let mut rendered = rendered;
    let mut total_us = rendered.total_us;
    if let Some(plan) = &mut rendered.stream {
        total_us = u64::try_from(plan.first.as_micros()).unwrap_or(u64::MAX);
        let gap_us = u64::try_from(plan.gap.as_micros()).unwrap_or(u64::MAX);
        // A latency that was asked for is that of the whole answer.
        let is_fixed = matches!(received.steering.latency, SimulatedLatency::Fixed(_));
        let gap_us = if is_fixed { 0 } else { latency_us(received, gap_us, plane) };
        plan.gap = Duration::from_micros(gap_us);
    }
    let simulated_us = options.latency_us.unwrap_or(total_us);
    let latency_us = latency_us(received, simulated_us, plane);
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
    Some(rendered.into_response(received, ResponseSource::Chaos))
}

/// With `--rewrite-location`, what leads to the host that was asked for leads there by its path.
fn make_relative(received: &IncomingRequest<'_>, rendered: &mut RenderedResponse) {
    let Some(host) = received.header(header::HOST) else { return };
    for (name, value) in &mut rendered.headers {
        if ![header::LOCATION, header::CONTENT_LOCATION].contains(name) {
            continue;
        }
        let path = value.to_str().ok().and_then(|url| {
            let (_scheme, rest) = url.split_once("://")?;
            rest.strip_prefix(host).filter(|path| path.is_empty() || path.starts_with('/'))
        });
        let path = path.map(|path| if path.is_empty() { "/" } else { path });
        if let Some(path) = path.and_then(|path| HeaderValue::from_str(path).ok()) {
            *value = path;
        }
    }
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
    let host = asked_under(received.request.headers(), received.peer, &plane.header_policy);
    let parts = received.parts_asked_under(Some(target), host);
    let request = RequestView { body: upload, ..received.view(&parts) };
    // Chaos and the previous version of an entity are no turn in the consumer's world.
    let mut rendered = if remembers && !asked.stale {
        let asked = asked.status;
        let mock = StatefulMock { published: &published, request: &request, drawn, asked };
        respond(received, &mock, plane)?
    } else {
        render(&published, &request, drawn, asked)?
    };
    if let Some(problem) = rendered.unmockable() {
        return Err(problem);
    }
    if plane.header_policy.rewrite_location {
        make_relative(received, &mut rendered);
    }
    if plane.shared.confidence_shown {
        rendered.headers.push((X_MOCK_CONFIDENCE, confidence(published.confidence())));
    }
    Ok(rendered)
}

/// `0.97`, or `unknown` while there is not enough to say.
fn confidence(hundredths: Option<u8>) -> HeaderValue {
    let told = hundredths.map(|score| format!("{}.{:02}", score / 100, score % 100));
    told.and_then(|text| HeaderValue::from_maybe_shared(Bytes::from(text)).ok())
        .unwrap_or_else(|| HeaderValue::from_static("unknown"))
}

impl RenderedResponse {
    /// Codes the body as the backend does for who accepts it; parts and streams are sent as they
    /// are.
    fn code(&mut self) {
        let Some(coding) = self.coding.filter(|_| self.stream.is_none()) else { return };
        let is_coded = self.headers.iter().any(|(name, _)| *name == header::CONTENT_ENCODING);
        if is_coded || self.status == 206 || self.body.is_empty() {
            return;
        }
        self.body = coding.encode(&self.body);
        self.headers.push((header::CONTENT_ENCODING, HeaderValue::from_static(coding.name())));
    }

    fn into_response(mut self, received: &IncomingRequest<'_>, source: ResponseSource) -> Response {
        self.code();
        let method = received.request.method();
        let body = match (ResponseBody::allowed(method, self.status, self.body.into()), self.stream)
        {
            (ResponseBody::Bytes(bytes), Some(plan)) => {
                ResponseBody::Stream(BoxBody::new(MessageStream::new(bytes, plan)))
            }
            (body, _) => body,
        };
        Response {
            source,
            status: StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK),
            headers: self.headers,
            body,
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
    /// How a body of JSON is encoded.
    pub encoding: TextEncoding,
    /// The content coding that it is sent in.
    pub coding: Option<ContentCoding>,
    /// What was drawn.
    pub drawn: DrawRecord,
    /// When its messages come, where it has several.
    pub stream: Option<StreamPlan>,
    /// Whether its body is drawn bytes that mean nothing.
    pub is_noise: bool,
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
    let behavior = published.behavior();
    let learned = || behavior.statuses();
    let (status, said) = match asked.status {
        Some(status) => (status, status),
        None => {
            let allowed = protocol::allowed(request, drawn.status, learned());
            (allowed.drawn, allowed.said)
        }
    };
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
    own_address::show(&mut body, request.header("host"));
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
    let mut rendered = RenderedResponse {
        drawn: DrawRecord { sequence, latency_us, stale },
        status: if sampled.status == status { said } else { sampled.status },
        headers,
        first_byte_us: sampled.first_byte_us,
        total_us: sampled.total_us,
        encoding: sampled.encoding(representation),
        coding: sampled.coding(request),
        stream: None,
        is_noise: representation.kind == Some(BodyKind::Binary) && files::is_noise(&body),
        body,
    };
    rendered.encoding.encode(&mut rendered.body);
    if rendered.status != 206 {
        rendered.headers.retain(|(name, _)| *name != header::CONTENT_RANGE);
    }
    if rendered.status == 200 && asked.status.is_none() {
        let knows = |status| learned().any(|known| known == status);
        rendered.heed_conditions(request, knows);
    }
    Ok(rendered)
}

impl RenderedResponse {
    /// The problem instead of noise under a type that promises a structure.
    fn unmockable(&self) -> Option<Problem> {
        if !self.is_noise || self.body.is_empty() {
            return None;
        }
        let media = self.headers.iter().find(|(name, _)| *name == header::CONTENT_TYPE);
        let media = media.and_then(|(_, value)| value.to_str().ok()).unwrap_or_default();
        let detail = "the answers have a type of which nothing valid can be made up, and none of \
                      them was the same for everybody: an override can give one";
        files::is_structured(media).then(|| {
            Problem::new(ProblemKind::MediaUnmockable, detail).with("media_type", json!(media))
        })
    }

    /// Answers what a GET or HEAD asks of the representation: is it another one than mine, and
    /// which part of it? `knows`: whether the backend was seen to answer with a status.
    pub(super) fn heed_conditions(
        &mut self,
        request: &RequestView<'_>,
        knows: impl Fn(u16) -> bool,
    ) {
        let line = |name: HeaderName| {
            let found = self.headers.iter().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| value.to_str().ok())
        };
        let facts = ProtocolFacts {
            etag: line(header::ETAG),
            last_modified: line(header::LAST_MODIFIED),
            length: self.body.len(),
            revalidates: knows(304),
            checks: knows(412),
            serves_parts: knows(206)
                || line(header::ACCEPT_RANGES).is_some_and(|units| units.trim() == "bytes"),
        };
        let length = self.body.len();
        match protocol::evaluate(request, &facts) {
            Condition::Whole => {}
            Condition::NotModified => self.becomes(304, None),
            Condition::Failed => self.becomes(412, None),
            Condition::Unsatisfiable => self.becomes(416, Some(format!("bytes */{length}"))),
            Condition::Part(range) => {
                self.status = 206;
                let (first, last) = (range.start, range.end.saturating_sub(1));
                self.body.truncate(range.end);
                self.body.drain(..range.start.min(self.body.len()));
                self.says_range(format!("bytes {first}-{last}/{length}"));
            }
        }
    }

    /// Says `status` instead, without the body and what describes it.
    fn becomes(&mut self, status: u16, range: Option<String>) {
        self.status = status;
        self.body.clear();
        let of_body = [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE];
        self.headers.retain(|(name, _)| !of_body.contains(name));
        if let Some(range) = range {
            self.says_range(range);
        }
    }

    fn says_range(&mut self, range: String) {
        if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(range)) {
            self.headers.push((header::CONTENT_RANGE, value));
        }
    }
}

/// The next status of a consumer's sequence, and the seeds of all else that is drawn with it.
pub fn draw_status(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    published: &EndpointVersion,
    plane: &DataPlane,
) -> StatusDraw {
    let steering = &received.steering;
    match &steering.seed {
        Some(seed) => {
            // A HEAD is drawn as the GET whose endpoint answers it.
            let method = &target.endpoint.key().method;
            SessionSeeds::seeded(seed, method, received.path_and_query(), published)
        }
        None => {
            let draws = &plane.shared.draws;
            draws.next(steering.session.as_deref(), &target.endpoint, published)
        }
    }
}

/// The time that an answer takes, which would take so long, µs.
pub fn latency_us(received: &IncomingRequest<'_>, learned_us: u64, plane: &DataPlane) -> u64 {
    match received.steering.latency {
        SimulatedLatency::Off => 0,
        SimulatedLatency::Fixed(us) => us,
        SimulatedLatency::Learned => {
            // Saturating conversion: a scaled hour is still far below the bound of u64.
            (learned_us as f64 * plane.settings.now().latency_scale) as u64
        }
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

/// The methods learned at the path of a request, as `Allow` lists them; `None` when there is none.
#[must_use]
pub fn allowed_methods(received: &IncomingRequest<'_>, catalog: &Catalog) -> Option<HeaderValue> {
    let place = catalog.identify(received.path);
    let own = received.method();
    let siblings = catalog.siblings(&place).iter().map(|handle| &*handle.key().method);
    let mut methods: Vec<&str> = siblings.filter(|method| *method != own).collect();
    if methods.is_empty() {
        return None;
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    methods.dedup();
    HeaderValue::from_str(&methods.join(", ")).ok()
}

/// The status by which the backend refuses the request's method at its path; `None` when nobody
/// tried, or it did not.
#[must_use]
pub fn refusal(received: &IncomingRequest<'_>, catalog: &Catalog) -> Option<StatusCode> {
    let place = catalog.identify(received.path);
    let refused = |handle: &Arc<EndpointHandle>| {
        handle.published().snapshot.model.refused.status(received.method())
    };
    let status = catalog.siblings(&place).iter().find_map(refused)?;
    StatusCode::from_u16(status).ok()
}

/// The problem for a mock of an endpoint that was never learned.
#[must_use]
pub fn unknown(received: &IncomingRequest<'_>, catalog: &Catalog) -> Problem {
    let place = catalog.identify(received.path);
    let methods: Vec<String> =
        catalog.siblings(&place).iter().map(|handle| handle.key().to_string()).collect();
    let method = received.method();
    let nearest = if methods.is_empty() {
        catalog.nearest(method, received.path, NEAREST_MAX)
    } else {
        methods
    };
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
