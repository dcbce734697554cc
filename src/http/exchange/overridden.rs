//! Overrides on the request path: asked before the model is, and carried out here.
//!
//! An exact answer stands in the place of any other. A changed one is made of the answer that would
//! have been given, a mock's or, where an override names `upstream`, the backend's; hints correct
//! what the model has drawn. A request that says `X-Mock-Enabled: false` is left alone.

use std::future::pending;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use serde_json::Value;

use crate::domain::body::content_coding;
use crate::domain::chaos::{LearnedLatency, Responder};
use crate::domain::matching::EndpointFacts;
use crate::domain::overrides::answer::{AnswerParts, ChangedAnswer};
use crate::domain::overrides::change::{ChangeError, correct};
use crate::domain::overrides::member::MemberSeed;
use crate::domain::overrides::template::Writer;
use crate::domain::overrides::{ExactAnswer, OverrideAnswer, OverrideChoice, OverrideSubject};
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::request::RequestView;
use crate::http::data_plane::DataPlane;
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::collect::collect;
use crate::http::exchange::incoming_request::{IncomingRequest, MatchedEndpoint};
use crate::http::exchange::response::{
    Response, ResponseBody, ResponseSource, X_MOCK_CONFIDENCE, X_MOCK_REASON,
};
use crate::http::exchange::session_seeds::draw_seed;

/// Bytes of a proxied body that is changed; a longer one is passed on as it is.
const PROXIED_BODY_BYTES_MAX: usize = 4 << 20;

/// What describes a body that is no longer that one.
const OF_THE_BODY: [HeaderName; 5] = [
    header::ETAG,
    header::LAST_MODIFIED,
    header::CONTENT_LENGTH,
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("content-digest"),
];

/// What people say of one request, and all that it is carried out with.
pub struct Overridden {
    choice: OverrideChoice,
    /// Request body as JSON.
    body: Option<Value>,
    seed: u64,
}

/// What people say of the answer to a request that `source` would give; `None` when nothing.
#[must_use]
pub fn choose(
    received: &IncomingRequest<'_>,
    target: Option<&MatchedEndpoint<'_>>,
    source: Responder,
    upload: Option<&[u8]>,
    plane: &DataPlane,
) -> Option<Overridden> {
    let set = plane.overrides.set();
    if set.is_empty() || received.steering.mock == Some(false) || received.upgrade {
        return None;
    }
    let parts = received.parts(target);
    let request = received.view(&parts);
    let body = upload.and_then(|upload| serde_json::from_slice(upload).ok());
    let subject = OverrideSubject {
        request: &request,
        endpoint: target.map(|target| EndpointFacts {
            id: target.endpoint.id().as_str(),
            method: received.method(),
            template: target.endpoint.key().template.as_str(),
            route: target.endpoint.key().backend.as_str(),
        }),
        source,
        body: body.as_ref(),
    };
    let choice = set.choose(&subject, plane.overrides.clock(), draw_seed(received, plane))?;
    Some(Overridden { choice, body, seed: plane.shared.draws.seed() })
}

impl Overridden {
    /// The exact answer, when there is one.
    pub fn exact(&self) -> Option<&ExactAnswer> {
        match self.choice.answered()? {
            OverrideAnswer::Exactly(exact) => Some(exact),
            _ => None,
        }
    }

    fn changed(&self) -> Option<&ChangedAnswer> {
        match self.choice.answered()? {
            OverrideAnswer::Changed(changed) => Some(changed),
            _ => None,
        }
    }

    /// Whether the answer that would be given is touched.
    pub fn changes(&self) -> bool {
        self.changed().is_some() || !self.choice.hints.is_empty()
    }

    /// How long the answer takes, in microseconds, where the override says so.
    pub fn latency_us(&self, learned: Option<&dyn LearnedLatency>) -> Option<u64> {
        let parts = match self.choice.answered()? {
            OverrideAnswer::Exactly(exact) => &exact.common,
            OverrideAnswer::Changed(changed) => &changed.common,
            OverrideAnswer::Hints(_) | OverrideAnswer::Pass => return None,
        };
        parts.latency.as_ref()?.draw_us(&mut self.draws(LATENCY), learned)
    }

    fn draws(&self, stream: u64) -> KeyedRng {
        let mut draws = self
            .choice
            .answer
            .as_ref()
            .map_or_else(|| KeyedRng::new(self.seed), |(_, _, draws)| draws.clone());
        KeyedRng::keyed(draws.word(), stream)
    }

    fn reason(&self) -> Option<HeaderValue> {
        let (chosen, ..) = self.choice.answer.as_ref()?;
        HeaderValue::from_str(&format!("override;id={}", chosen.rule.id)).ok()
    }

    /// The answer that stands in the place of any other.
    #[must_use]
    pub fn answer_exactly(
        &self,
        exact: &ExactAnswer,
        received: &IncomingRequest<'_>,
        target: Option<&MatchedEndpoint<'_>>,
    ) -> Response {
        let parts = received.parts(target);
        let request = received.view(&parts);
        let writer = Writer::new(&request, self.body.as_ref(), None, self.draws(TEMPLATES));
        self.exactly(exact, received, &writer).unwrap_or_else(|error| failed(&error))
    }

    fn exactly(
        &self,
        exact: &ExactAnswer,
        received: &IncomingRequest<'_>,
        writer: &Writer,
    ) -> Result<Response, ChangeError> {
        let body = exact.body(writer)?;
        let mut answer = Response::own(status(exact.status));
        answer.source = ResponseSource::Override;
        if let Some(media_type) = body.media_type {
            answer.headers.push((header::CONTENT_TYPE, HeaderValue::from_static(media_type)));
        }
        self.put_headers(&exact.common, writer, &mut answer)?;
        let method = received.request.method();
        answer.body = ResponseBody::allowed(method, exact.status, body.bytes.into());
        Ok(answer)
    }

    fn put_headers(
        &self,
        parts: &AnswerParts,
        writer: &Writer,
        answer: &mut Response,
    ) -> Result<(), ChangeError> {
        let lines = parts.written_headers(writer)?;
        answer.headers.retain(|(known, _)| lines.iter().all(|(name, _)| name != known.as_str()));
        for (name, value) in lines {
            let name = HeaderName::from_bytes(name.as_bytes());
            // What a template made no value of a header is left out.
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
                answer.headers.push((name, value));
            }
        }
        // Of what a person says the model's fidelity says nothing.
        answer.headers.retain(|(name, _)| ![X_MOCK_REASON, X_MOCK_CONFIDENCE].contains(name));
        answer.headers.extend(self.reason().map(|reason| (X_MOCK_REASON, reason)));
        Ok(())
    }

    /// The answer that was made, changed as people say.
    pub async fn change(
        &self,
        answer: Response,
        received: &IncomingRequest<'_>,
        target: Option<&MatchedEndpoint<'_>>,
    ) -> Response {
        // Nobody's word is about the double's own errors.
        if !self.changes() || answer.error.is_some() {
            return answer;
        }
        let parts = received.parts(target);
        let request = received.view(&parts);
        let changed = self.change_answer(answer, &request, received).await;
        changed.unwrap_or_else(|error| failed(&error))
    }

    async fn change_answer(
        &self,
        mut answer: Response,
        request: &RequestView<'_>,
        received: &IncomingRequest<'_>,
    ) -> Result<Response, ChangeError> {
        let changed = self.changed();
        let keeps_body = changed.is_none_or(ChangedAnswer::keeps_body);
        let learned = match keeps_body && self.choice.hints.is_empty() {
            true => None,
            false => read_json(&mut answer).await,
        };
        let writer =
            Writer::new(request, self.body.as_ref(), learned.as_ref(), self.draws(TEMPLATES));
        if let Some(mut body) = learned {
            let now_s = request.at_ms.div_euclid(1000);
            let seed = MemberSeed { seed: self.seed, now_s };
            if answer.source != ResponseSource::Upstream {
                self.choice.hints().for_each(|hints| correct(&mut body, &hints.members, seed));
            }
            if let Some(changed) = changed {
                changed.change(&mut body, &writer, seed)?;
            }
            answer.headers.retain(|(name, _)| !OF_THE_BODY.contains(name));
            let (method, code) = (received.request.method(), answer.status.as_u16());
            answer.body = ResponseBody::allowed(method, code, body.to_string().into());
        }
        let Some(changed) = changed else { return Ok(answer) };
        answer.source = ResponseSource::Override;
        if let Some(code) = changed.status {
            answer.status = status(code);
            if let ResponseBody::Bytes(bytes) = &answer.body {
                let method = received.request.method();
                answer.body = ResponseBody::allowed(method, code, bytes.clone());
            }
        }
        let is_removed = |name: &HeaderName| {
            changed.remove_headers.iter().any(|removed| removed == name.as_str())
        };
        answer.headers.retain(|(name, _)| !is_removed(name));
        self.put_headers(&changed.common, &writer, &mut answer)?;
        Ok(answer)
    }
}

/// Streams of draws of one answer.
const LATENCY: u64 = 1;
const TEMPLATES: u64 = 2;

fn status(code: u16) -> StatusCode {
    // From 200 to 599, as they are read.
    StatusCode::from_u16(code).unwrap_or(StatusCode::OK)
}

fn failed(error: &ChangeError) -> Response {
    Response::problem(&Problem::new(ProblemKind::OverrideFailed, error.to_string()))
}

/// The JSON body of an answer, read whole and without its coding; `None`, and the answer as it was,
/// when it has none, is something else or too long.
async fn read_json(answer: &mut Response) -> Option<Value> {
    let text = |name: HeaderName, answer: &Response| {
        let line = answer.headers.iter().find(|(known, _)| *known == name);
        line.and_then(|(_, value)| value.to_str().ok()).map(str::to_ascii_lowercase)
    };
    let kind = text(header::CONTENT_TYPE, answer).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim_end().ends_with("json") {
        return None;
    }
    let whole = collect(answer, PROXIED_BODY_BYTES_MAX, pending()).await?;
    let coding = text(header::CONTENT_ENCODING, answer);
    let decoded = content_coding::decode(coding.as_deref(), &whole, PROXIED_BODY_BYTES_MAX).ok()?;
    let value = serde_json::from_slice(&decoded).ok()?;
    answer.headers.retain(|(name, _)| *name != header::CONTENT_ENCODING);
    Some(value)
}
