//! The part of a mock that has reasons and remembers: decided and made by the site, in the world
//! of the request's consumer.

use std::time::Duration;

use actix_web::http::header::{self, HeaderName, HeaderValue};

use super::consumer::consumer;
use super::incoming_request::IncomingRequest;
use super::message_stream::StreamPlan;
use super::mock::{RenderOptions, RenderedResponse, render};
use super::response::{X_MOCK_REASON, X_MOCK_SESSION_STATE};
use crate::domain::endpoint::StatusDraw;
use crate::domain::request::RequestView;
use crate::domain::site::{DigestHeaders, SiteAnswer, StatusDecision, Turn};
use crate::domain::words::own_address;
use crate::domain::world::{Document, Request, segments};
use crate::http::data_plane::DataPlane;
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::clock::now_ms;
use crate::runtime::learning::endpoint_handle::EndpointVersion;
use crate::runtime::site::{SessionState, UnknownSession};

/// Why a status was answered that nothing explains.
const CHANCE: &str = "chance";

/// Why a status was answered that the request asked for.
const ASKED: &str = "asked";

/// Why a file was found that the session uploaded.
const UPLOADED: &str = "uploaded";

/// A mock that is about to be made: where it belongs, and what chance would say.
pub struct StatefulMock<'d> {
    /// The endpoint's behaviour.
    pub published: &'d EndpointVersion,
    /// The request as the model looks at it.
    pub request: &'d RequestView<'d>,
    /// The status that the request asked for.
    pub asked: Option<u16>,
    /// The status that the learned process gives next, and the seeds of the rest.
    pub drawn: StatusDraw,
}

/// Makes a mock by reasons and entities where they are known, else by chance alone.
///
/// # Errors
/// A problem when the status asked for was never observed.
pub fn respond(
    received: &IncomingRequest<'_>,
    draft: &StatefulMock<'_>,
    plane: &DataPlane,
) -> Result<RenderedResponse, Problem> {
    let handle = plane.learning.site();
    let site = handle.site();
    let path = segments(received.path);
    let found = site.find(received.method(), &path).filter(|(_, known)| known.attends);
    let Some((place, known)) = found else {
        let made = draft.render(draft.asked.unwrap_or(draft.drawn.status))?;
        return Ok(made.because(if draft.asked.is_some() { ASKED } else { CHANCE }));
    };
    // What nobody writes or lists has no state to show: the learned model draws all of it alike,
    // unless requests choose among answers or answers are nothing that could be drawn.
    let is_drawn = matches!(received.method(), "GET" | "HEAD") && !site.is_stateful(place);
    let shared = &plane.shared;
    let consumer = consumer(received, &shared.consumer_from, shared.draws.seed());
    let from = received.steering.from.as_deref();
    let entered = handle.worlds().enter(&consumer, from, &site, now_ms());
    let (session, state) = entered.map_err(|UnknownSession| {
        let detail = "`from` in `X-Mock-Session` names a session that does not exist";
        Problem::new(ProblemKind::SteeringInvalid, detail)
    })?;
    // Held for this one answer, by requests of the same consumer alone.
    let mut world = session.world();
    let at_ms = world.tick(now_ms());
    let request = read(received, draft.request, at_ms);
    let is_drawn = known.is_drawn || (is_drawn && request.credential.is_none());
    let Some(mut turn) = Turn::begin(&site, &mut world, request, at_ms, draft.drawn.seeds.process)
    else {
        return draft.render(draft.drawn.status);
    };
    // What is the same for equal requests depends on the resource, and not on the turn.
    turn.process = draft.drawn.seeds.entity;
    let uploaded = turn.uploaded().filter(|_| draft.asked.is_none());
    let is_found = uploaded.is_some();
    let (decision, status) = draft.decide(&turn, is_found);
    let is_drawn = is_drawn && status < 400 && !turn.prefers_reply(status);
    // Conditions and ranges are judged by the representation itself, whoever makes it.
    let is_part = matches!(status, 206 | 416) || (is_drawn && status == 304);
    let status = if is_part && draft.asked.is_none() { 200 } else { status };
    let mut made = draft.render(status)?;
    let answer = uploaded.or_else(|| (!is_drawn).then(|| turn.answer(status)).flatten());
    let answer = made.fill(status, answer, draft.request.header("host"));
    if !is_found {
        made.sign(&site.digest_headers);
    }
    let headers = texts(made.headers.iter().map(|(name, value)| (name, value)));
    turn.keep_upload(draft.request.body.unwrap_or_default(), (made.status, &headers), &answer);
    turn.observe(made.status, headers, &answer);
    let weight = world.weight();
    drop(world);
    handle.worlds().settle(&session, weight);
    if made.status == 200 && draft.asked.is_none() {
        made.heed_conditions(draft.request, |status| draft.knows(status));
    }
    let reason = if is_found { UPLOADED } else { draft.reason(decision.as_ref()) };
    Ok(made.because(reason).of_session(state))
}

/// The body of the answer with which the backend refused a method, and its content type.
#[must_use]
pub fn refusal(
    received: &IncomingRequest<'_>,
    status: u16,
    plane: &DataPlane,
) -> Option<(Vec<u8>, Option<HeaderValue>)> {
    let headers = texts(received.request.headers());
    let head = (received.method(), received.path, received.query);
    let request = Request::read(head, headers, b"", now_ms());
    let host = received.request.headers().get(header::HOST).map(HeaderValue::as_bytes);
    let (answer, kind) = plane.learning.site().site().refusal(request, status)?;
    let mut body = answer.body;
    own_address::show(&mut body, host);
    Some((body, kind.and_then(|kind| HeaderValue::from_str(&kind).ok())))
}

impl StatefulMock<'_> {
    /// Whether the backend was seen to answer with a status.
    fn knows(&self, status: u16) -> bool {
        self.published.behavior().statuses().any(|known| known == status)
    }

    /// The status of the answer, and why where there is a reason.
    fn decide(&self, turn: &Turn<'_>, is_found: bool) -> (Option<StatusDecision>, u16) {
        if let Some(asked) = self.asked {
            return (None, asked);
        }
        let decision = turn.decide(self.drawn.status);
        let decided = decision.as_ref().map_or(self.drawn.status, |decision| decision.status);
        let status = match is_found {
            true => 200,
            false if turn.is_deleted() && self.knows(404) => 404,
            false => decided,
        };
        (decision, status)
    }

    /// Why the status is what it is.
    fn reason<'r>(&self, decision: Option<&'r StatusDecision>) -> &'r str {
        match (decision, self.asked) {
            (_, Some(_)) => ASKED,
            (Some(decision), None) => &decision.reason,
            (None, None) => CHANCE,
        }
    }

    fn render(&self, status: u16) -> Result<RenderedResponse, Problem> {
        let drawn = StatusDraw { status, ..self.drawn };
        let asked = RenderOptions { status: self.asked, stale: false };
        render(self.published, self.request, drawn, asked)
    }
}

impl RenderedResponse {
    fn of_session(mut self, state: SessionState) -> Self {
        let state = HeaderValue::from_static(state.as_str());
        self.headers.push((X_MOCK_SESSION_STATE, state));
        self
    }

    /// Takes the site's answer with a status; where there is none, the drawn one is what it is.
    fn fill(&mut self, status: u16, answer: Option<SiteAnswer>, host: Option<&[u8]>) -> SiteAnswer {
        if let Some(answer) = answer {
            self.status = status;
            self.take(&answer, host);
            return answer;
        }
        // What the protocol made of a drawn answer stays.
        if !matches!(self.status, 206 | 304 | 412 | 416) {
            self.status = status;
        }
        as_answer(self)
    }

    /// Headers that are digests of the body are those of this one.
    fn sign(&mut self, heads: &DigestHeaders) {
        if self.status != 200 || self.body.is_empty() {
            return;
        }
        for (name, value) in &mut self.headers {
            let said = value.to_str().ok();
            let said = said.and_then(|old| heads.value(name.as_str(), old, &self.body));
            if let Some(new) = said.and_then(|new| HeaderValue::from_str(&new).ok()) {
                *value = new;
            }
        }
    }

    fn because(mut self, reason: &str) -> Self {
        if let Ok(reason) = HeaderValue::from_str(reason) {
            self.headers.push((X_MOCK_REASON, reason));
        }
        self
    }

    /// Takes body and headers of the site's answer in the place of those drawn.
    fn take(&mut self, answer: &SiteAnswer, host: Option<&[u8]>) {
        self.body.clone_from(&answer.body);
        self.is_noise = false;
        own_address::show(&mut self.body, host);
        if answer.document.is_some() {
            self.encoding.encode(&mut self.body);
        }
        self.headers.retain(|(name, _)| *name != header::CONTENT_RANGE);
        if let Some(names) = &answer.keeps_only {
            let is_its = |name: &HeaderName| names.iter().any(|known| **known == *name.as_str());
            self.headers.retain(|(name, _)| is_its(name));
        }
        for (name, value) in &answer.offers {
            let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
            let is_drawn = self.headers.iter().any(|(known, _)| *known == name);
            let value = HeaderValue::from_str(&own_address::shown(value, host));
            if let (false, Ok(value)) = (is_drawn, value) {
                self.headers.push((name, value));
            }
        }
        self.stream = (answer.pieces.len() > 1 || answer.pace.is_endless).then(|| StreamPlan {
            pieces: answer.pieces.clone(),
            first: Duration::from_micros(answer.pace.first_us),
            gap: Duration::from_micros(answer.pace.gap_us),
            is_endless: answer.pace.is_endless,
        });
        for (name, value) in &answer.headers {
            let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
            self.headers.retain(|(known, _)| *known != name);
            // What is no value of a header is left out.
            let value = value.as_deref().map(|value| own_address::shown(value, host));
            let value = value.map(|value| HeaderValue::from_str(&value));
            if let Some(Ok(value)) = value {
                self.headers.push((name, value));
            }
        }
    }
}

/// A drawn answer as the site looks at it.
fn as_answer(made: &RenderedResponse) -> SiteAnswer {
    let kind = made.headers.iter().find(|(name, _)| name.as_str() == "content-type");
    let kind = kind.and_then(|(_, value)| value.to_str().ok()).unwrap_or_default();
    let document = match Document::read_answer(&made.body, kind) {
        Document::Json(value) => Some(value),
        Document::None | Document::Unparsable | Document::Other(..) => None,
    };
    SiteAnswer { body: made.body.clone(), document, ..SiteAnswer::default() }
}

fn texts<'h>(
    headers: impl IntoIterator<Item = (&'h HeaderName, &'h HeaderValue)>,
) -> Vec<(Box<str>, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().into(), value.to_str().ok()?.to_owned()))
    };
    headers.into_iter().filter_map(text).collect()
}

/// The request with the headers that mocks see, so that `host` is the one that was asked for.
fn read(received: &IncomingRequest<'_>, request: &RequestView<'_>, at_ms: i64) -> Request {
    let headers = request.headers.iter();
    let headers = headers
        .map(|(name, value)| (Box::from(*name), String::from_utf8_lossy(value).into_owned()));
    let head = (received.method(), received.path, received.query);
    Request::read(head, headers.collect(), request.body.unwrap_or_default(), at_ms)
}
