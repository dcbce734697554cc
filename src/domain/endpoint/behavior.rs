//! What an endpoint publishes: its model compiled into something that draws an answer quickly.

use std::sync::Arc;

use super::model::{EndpointModel, PriorBodies, ResponseModel};
use bytes::Bytes;

use super::negotiation::NegotiationProgram;
use crate::domain::body::content_coding::ContentCoding;
use crate::domain::body::identity;
use crate::domain::body::{BodyKind, BodyProgram, SynthContext};
use crate::domain::conversation::program::ConversationProgram;
use crate::domain::cors::OriginVerdict;
use crate::domain::files::{self, FilePattern};
use crate::domain::headers::{HeaderContext, HeaderProgram, Representation};
use crate::domain::json::reading::TextEncoding;
use crate::domain::latency::LatencySampler;
use crate::domain::random::seed::{mix, mix_text, uniform};
use crate::domain::request::RequestView;
use crate::domain::status::{ChainState, StatusSampler};
use crate::domain::value::relation::resource_links::ResourceLinks;

/// Named streams of a seed, so that what is drawn for one purpose does not move another.
mod stream {
    pub const STATUS: u64 = 1;
    pub const CHAIN: u64 = 2;
    pub const LATENCY: u64 = 3;
    pub const HEADERS: u64 = 4;
    pub const BODY: u64 = 5;
    pub const OTHER_ENTITY: u64 = 6;
}

/// An endpoint's behaviour at one moment: immutable, drawn from by many threads at once.
#[derive(Debug)]
pub struct Behavior {
    statuses: StatusSampler,
    latency: LatencySampler,
    answers: Vec<(u16, ResponseBehavior)>,
    conversation: Option<Arc<ConversationProgram>>,
}

/// How the answers with one status look.
#[derive(Debug)]
pub struct ResponseBehavior {
    latency: LatencySampler,
    first_byte: LatencySampler,
    headers: HeaderProgram,
    body: BodyProgram,
    negotiation: NegotiationProgram,
    /// Bodies that are answered as they are, because a document made them.
    prepared: Option<PriorBodies>,
}

/// The seeds an answer is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct ResponseSeeds {
    /// Of status, simulated latency and headers: moves on from answer to answer.
    pub process: u64,
    /// Of the body: depends on the process seed, or on `X-Mock-Seed`, alone.
    pub entity: u64,
    /// Number of the draw in its consumer's sequence.
    pub sequence: u64,
    /// Times are counted from the model's last observation instead of from the clock, so that the
    /// answer is the same whenever it is asked for.
    pub is_timeless: bool,
}

/// A drawn status, and the seeds of everything else that the answer says.
#[derive(Debug, Clone, Copy)]
pub struct StatusDraw {
    /// 100 to 999, one that the endpoint has shown.
    pub status: u16,
    /// Of entity, latency and sequence, each for itself.
    pub seeds: ResponseSeeds,
}

/// A drawn answer, before its bytes are written.
#[derive(Debug)]
pub struct SampledResponse<'b> {
    /// Status code.
    pub status: u16,
    /// Time from the request's arrival to the first byte of the answer, µs.
    pub first_byte_us: u64,
    /// Time from the request's arrival to its last byte, µs.
    pub total_us: u64,
    behavior: &'b ResponseBehavior,
    seeds: ResponseSeeds,
}

impl Behavior {
    /// Compiles `model`; `links` is what is known of other endpoints.
    #[must_use]
    pub fn compile(model: &EndpointModel, links: &ResourceLinks) -> Self {
        let learned = model
            .answers
            .iter()
            .map(|(status, answer)| (*status, ResponseBehavior::compile(answer, links, None)));
        let mut answers: Vec<(u16, ResponseBehavior)> = learned.collect();
        let mut statuses = model.statuses.compile();
        if let Some(prior) = &model.prior {
            // Statuses that traffic has not shown: on demand, and all there is before any traffic.
            let told = prior.model.answers.iter();
            answers.extend(told.filter(|(status, _)| !model.answers.contains_key(status)).map(
                |(status, answer)| {
                    let prepared = prior.bodies.get(status).cloned().unwrap_or_default();
                    (*status, ResponseBehavior::compile(answer, links, Some(prepared)))
                },
            ));
            answers.sort_by_key(|(status, _)| *status);
            if model.observations == 0 {
                statuses = prior.model.statuses.compile();
            }
        }
        let conversation = ConversationProgram::compile(&model.conversations, links).map(Arc::new);
        Self { statuses, latency: model.latency.compile(), answers, conversation }
    }

    /// How conversations go after a switch of protocols; `None` where none was learned.
    #[must_use]
    pub fn conversation(&self) -> Option<&Arc<ConversationProgram>> {
        self.conversation.as_ref()
    }

    /// The statuses that can be drawn.
    pub fn statuses(&self) -> impl Iterator<Item = u16> + '_ {
        self.answers.iter().map(|(status, _)| *status)
    }

    /// What the endpoint has taught about an origin, over all statuses.
    #[must_use]
    pub fn origin_verdict(&self, origin: &[u8]) -> OriginVerdict {
        let mut verdict = OriginVerdict::Unknown;
        for (_, answer) in &self.answers {
            match answer.headers.origin_verdict(origin) {
                OriginVerdict::Allowed => return OriginVerdict::Allowed,
                OriginVerdict::Refused => verdict = OriginVerdict::Refused,
                OriginVerdict::Unknown => {}
            }
        }
        verdict
    }

    /// The `quantile` (0 to 1) of the backend's own time over all statuses, µs; `None` while
    /// nothing is learned.
    #[must_use]
    pub fn latency_quantile_us(&self, quantile: f64) -> Option<u64> {
        (!self.latency.is_empty()).then(|| self.latency.quantile_us(quantile))
    }

    /// Draws a status; the chain remembers whether errors are in a burst.
    #[must_use]
    pub fn draw_status(&self, chain: ChainState, process_seed: u64) -> (u16, ChainState) {
        self.statuses.draw(
            chain,
            uniform(mix(process_seed, stream::STATUS)),
            uniform(mix(process_seed, stream::CHAIN)),
        )
    }

    /// Draws the answer with `status`, or with the most similar learned one when the model has
    /// shed it; `None` when nothing is learned or `exact` was asked for and is not there.
    #[must_use]
    pub fn draw(
        &self,
        status: u16,
        seeds: ResponseSeeds,
        exact: bool,
    ) -> Option<SampledResponse<'_>> {
        let (status, behavior) =
            self.answers.iter().find(|(known, _)| *known == status).or_else(|| {
                let nearest = self.answers.iter().min_by_key(|(known, _)| known.abs_diff(status));
                nearest.filter(|_| !exact)
            })?;
        let u = uniform(mix(seeds.process, stream::LATENCY));
        let total_us = behavior.latency.draw_us(u);
        // The same uniform: a slow answer is slow from its first byte on.
        let first_byte_us = behavior.first_byte.draw_us(u).min(total_us);
        Some(SampledResponse { status: *status, first_byte_us, total_us, behavior, seeds })
    }
}

impl ResponseBehavior {
    fn compile(
        answer: &ResponseModel,
        links: &ResourceLinks,
        prepared: Option<PriorBodies>,
    ) -> Self {
        Self {
            latency: answer.total.compile(),
            first_byte: answer.first_byte.compile(),
            headers: answer.headers.compile(),
            body: answer.body.compile(links),
            negotiation: answer.negotiation.compile(),
            prepared,
        }
    }
}

impl SampledResponse<'_> {
    /// Number of the draw in its consumer's sequence.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.seeds.sequence
    }

    /// The same draw for another entity: what a body could say just as well.
    #[must_use]
    pub fn other_entity(&self) -> Self {
        let entity = mix(self.seeds.entity, stream::OTHER_ENTITY);
        Self { seeds: ResponseSeeds { entity, ..self.seeds }, ..*self }
    }

    /// Writes the body of the answer to `request`; says what it is, for the headers.
    pub fn write_body(&self, request: &RequestView<'_>, out: &mut Vec<u8>) -> Representation<'_> {
        let seed = mix(self.seeds.entity, stream::BODY);
        if let Some(prepared) = &self.behavior.prepared {
            return write_prepared(prepared, seed, request, out);
        }
        let now_ms = self.moment_ms(request.at_ms);
        let negotiation = &self.behavior.negotiation;
        let media = negotiation.media(request);
        let language = negotiation.language(request);
        let kind = media.and_then(BodyKind::declared_by);
        let kind = self.behavior.body.write(&SynthContext { seed, now_ms, kind, request }, out);
        if kind == BodyKind::Binary && files::is_noise(out) {
            // What the type promises, where the bytes say nothing of a kind.
            let media = media.unwrap_or(negotiation.usual_media());
            let pattern = FilePattern::sized(media, out.len(), seed);
            if let Some(file) = files::stand_in(&pattern) {
                *out = file;
            }
        }
        Representation { media, language, kind: Some(kind) }
    }

    /// The content coding of the answer to a request.
    #[must_use]
    pub fn coding(&self, request: &RequestView<'_>) -> Option<ContentCoding> {
        self.behavior.negotiation.coding(request)
    }

    /// How a body that was written is to be encoded; text other than JSON is as it was learned.
    #[must_use]
    pub fn encoding(&self, written: Representation<'_>) -> TextEncoding {
        match written.kind {
            Some(BodyKind::Json) => self.behavior.body.encoding(),
            _ => TextEncoding::default(),
        }
    }

    /// What this answer's times are counted from.
    fn moment_ms(&self, now_ms: i64) -> i64 {
        if self.seeds.is_timeless { self.behavior.body.anchor_ms() } else { now_ms }
    }

    /// Draws the headers of the answer to `request` and gives each to `put`, in order. `body` is
    /// the answer's: validators change when it does; `representation` is what its writing said.
    pub fn draw_headers(
        &self,
        request: &RequestView<'_>,
        body: &[u8],
        representation: Representation<'_>,
        mut put: impl FnMut(&str, Bytes),
    ) {
        let locates = self.behavior.headers.names().iter().any(|name| *name == "location");
        let created = if locates { identity::of(body) } else { None };
        let context = HeaderContext {
            created_id: created.as_deref(),
            // Request ids and the like move on from answer to answer.
            seed: mix(self.seeds.process, stream::HEADERS),
            now_ms: self.moment_ms(request.at_ms),
            sequence: self.seeds.sequence,
            body: Some(body),
            representation,
        };
        let mut lines = Vec::with_capacity(self.behavior.headers.names().len());
        self.behavior.headers.draw(request, &context, &mut lines);
        for line in lines {
            put(line.name, line.value.into_bytes());
        }
    }
}

/// Writes one of the bodies of a document: the same one for the same entity.
fn write_prepared<'p>(
    prepared: &'p PriorBodies,
    seed: u64,
    request: &RequestView<'_>,
    out: &mut Vec<u8>,
) -> Representation<'p> {
    let entity = request.params.iter().fold(seed, |seed, (_, value)| mix_text(seed, value));
    let at = mix(entity, 0) as usize % prepared.texts.len().max(1);
    if let Some(text) = prepared.texts.get(at) {
        out.extend_from_slice(text.as_bytes());
    }
    let media = (!prepared.media.is_empty()).then_some(&*prepared.media);
    let kind = media.and_then(BodyKind::declared_by).unwrap_or(BodyKind::Empty);
    Representation { media, language: None, kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::endpoint::{
        BackendId, Body, ExchangeSample, ModelLimits, Observation, Provenance,
    };

    const SEEN_AT_MS: i64 = 1_790_000_000_000;
    const DAY_MS: i64 = 86_400_000;

    /// Answers whose times are always just now, in body and header.
    fn behavior() -> Behavior {
        let mut model = EndpointModel::default();
        for n in 0..20 {
            let at_ms = SEEN_AT_MS + n * DAY_MS;
            let now = jiff::Timestamp::from_millisecond(at_ms).unwrap();
            let bytes = format!(r#"{{"id":{n},"created_at":"{now:.0}"}}"#).into_bytes();
            let epoch = (at_ms / 1000).to_string();
            let response_body = Body {
                content_type: Some("application/json".into()),
                total_bytes: bytes.len() as u64,
                bytes,
                complete: true,
                ..Body::default()
            };
            let response_headers = vec![("x-ratelimit-reset".into(), Bytes::from(epoch))];
            let observation = Observation {
                at_ms,
                provenance: Provenance::Upstream,
                backend: BackendId::ONLY,
                method: "POST".into(),
                path: "/events".into(),
                status: 201,
                first_byte_us: 1_000,
                total_us: 2_000,
                sample: Some(Box::new(ExchangeSample {
                    response_headers,
                    response_body,
                    ..ExchangeSample::default()
                })),
            };
            assert!(model.observe(&observation, &[], &ModelLimits::new(1 << 20)));
        }
        Behavior::compile(&model, &ResourceLinks::default())
    }

    fn answer(behavior: &Behavior, is_timeless: bool, now_ms: i64) -> (Vec<u8>, Vec<Bytes>) {
        let seeds = ResponseSeeds { process: 3, entity: 4, sequence: 0, is_timeless };
        let drawn = behavior.draw(201, seeds, true).unwrap();
        let (mut body, mut lines) = (Vec::new(), Vec::new());
        let request = RequestView { path: "/events", at_ms: now_ms, ..RequestView::default() };
        let representation = drawn.write_body(&request, &mut body);
        drawn.draw_headers(&request, &body, representation, |_, value| lines.push(value));
        (body, lines)
    }

    #[test]
    fn a_seeded_answer_is_the_same_tomorrow_and_an_unseeded_one_is_as_of_now() {
        let behavior = behavior();
        let (today, tomorrow) = (SEEN_AT_MS + 30 * DAY_MS, SEEN_AT_MS + 31 * DAY_MS);
        assert_eq!(answer(&behavior, true, today), answer(&behavior, true, tomorrow));
        assert_ne!(answer(&behavior, false, today).0, answer(&behavior, false, tomorrow).0);
    }
}
