//! Chaos on the request path: drawn once, when a request is decided, and carried out here.

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use super::answer::{Answer, AnswerBody, Source};
use super::mocking::{self, Target};
use super::plane::DataPlane;
use super::received::Received;
use crate::domain::chaos::effects::{Effects, ReplacedAnswer, ReplacedBody};
use crate::domain::chaos::subject::StatusClasses;
use crate::domain::chaos::{
    ChaosMoment, ChaosSeed, ChaosSubject, LearnedLatency, RequestHeaders, Source as Answerer,
};
use crate::domain::decide::Mode;
use crate::domain::endpoint::Behavior;
use crate::domain::seed::mix_text;

/// Draws what is done to the answer of a request; `None` when no rule means it.
#[must_use]
pub fn draw(
    received: &Received<'_>,
    target: Option<&Target<'_>>,
    template: &str,
    mode: Mode,
    plane: &DataPlane,
) -> Option<Box<Effects>> {
    let book = plane.chaos.book();
    if book.is_empty() && received.steering.chaos_level.is_none() {
        return None;
    }
    let published = target.map(|target| target.endpoint.published());
    let behavior = published.as_ref().map(|published| published.behavior());
    let learned = behavior.map(Learned);
    let headers = Headers(received.request.headers());
    let subject = ChaosSubject {
        endpoint_id: target.map(|target| target.endpoint.id().as_str()),
        template,
        method: received.method(),
        path: received.path,
        query: received.query,
        session: received.steering.session.as_deref(),
        headers: &headers,
        peer: received.peer,
        source: if mode == Mode::Mock { Answerer::Mock } else { Answerer::Upstream },
        learned_classes: behavior
            .map_or_else(StatusClasses::default, |learned| StatusClasses::of(learned.statuses())),
        learned: learned.as_ref().map(|learned| learned as &dyn LearnedLatency),
        level: received.steering.chaos_level,
    };
    let seed = match &received.steering.seed {
        Some(seed) => {
            let request = mix_text(mix_text(0, seed), received.path_and_query());
            ChaosSeed::Request(mix_text(request, received.method()))
        }
        None => ChaosSeed::Process(plane.shared.draws.seed()),
    };
    book.draw(&subject, ChaosMoment { clock: plane.chaos.clock(), seed })
}

/// The moment until which `effects` hold the answer up, counted from `from`.
#[must_use]
pub fn held_until(effects: Option<&Effects>, from: Instant) -> Instant {
    from + Duration::from_micros(effects.map_or(0, |effects| effects.delay_us))
}

/// The answer that stands in for the backend's or the mock's, when `effects` say so.
#[must_use]
pub fn replacement(
    effects: Option<&Effects>,
    received: &Received<'_>,
    target: Option<&Target<'_>>,
    plane: &DataPlane,
) -> Option<Answer> {
    let replaced = effects?.answer.as_ref()?;
    let learned = target.and_then(|target| {
        // Only a body that is to look learned is drawn.
        matches!(replaced.body, ReplacedBody::Learned { .. })
            .then(|| mocking::with_status(received, target, replaced.status, plane))
            .flatten()
    });
    let (headers, body) = match (learned, &replaced.body) {
        (Some(answer), _) => (answer.headers, answer.body),
        (None, ReplacedBody::Empty) => (Vec::new(), AnswerBody::Bytes(Bytes::new())),
        (None, ReplacedBody::Given { content_type, bytes }) => {
            (typed(content_type), AnswerBody::Bytes(bytes.clone()))
        }
        (None, ReplacedBody::Learned { otherwise }) => {
            (typed("application/problem+json"), AnswerBody::Bytes(otherwise.clone()))
        }
    };
    Some(Answer {
        source: Source::Chaos,
        status: StatusCode::from_u16(replaced.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
        headers: with_own(headers, replaced),
        body,
        error: None,
    })
}

fn typed(content_type: &str) -> Vec<(HeaderName, HeaderValue)> {
    let value = HeaderValue::from_str(content_type);
    value.map_or_else(|_odd| Vec::new(), |value| vec![(header::CONTENT_TYPE, value)])
}

/// The rule's own headers replace those of the same name.
fn with_own(
    mut headers: Vec<(HeaderName, HeaderValue)>,
    replaced: &ReplacedAnswer,
) -> Vec<(HeaderName, HeaderValue)> {
    for (name, value) in &replaced.headers {
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = parsed {
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
        }
    }
    headers
}

/// A request's headers as scopes ask for them.
struct Headers<'r>(&'r HeaderMap);

impl RequestHeaders for Headers<'_> {
    fn any(&self, name: &str, test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        self.0.get_all(name).any(|value| test(value.as_bytes()))
    }
}

/// What an endpoint has taught about its latency.
struct Learned<'b>(&'b Behavior);

impl LearnedLatency for Learned<'_> {
    fn quantile_us(&self, quantile: f64) -> Option<u64> {
        self.0.latency_quantile_us(quantile)
    }

    fn worst_us(&self) -> Option<u64> {
        // No model keeps hours apart; the highest percentile stands in for the worst of them.
        self.0.latency_quantile_us(0.99)
    }
}
