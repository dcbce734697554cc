//! The body of an answer or a request as learned: JSON by shape, everything else by type and size.
//!
//! A [`BodyModel`] belongs to one endpoint, status and side. It observes bodies, merges with other
//! models, says what it knows as JSON Schema, and compiles into a [`BodyProgram`] that writes
//! bodies nobody ever sent.

pub mod body_kind;
pub mod content_coding;
pub mod identity;
pub mod opaque;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::body_kind::BodyKind;
use self::opaque::{OpaqueModel, OpaqueProgram};
use crate::domain::json::Json;
use crate::domain::json::pointer::push_member;
use crate::domain::json::reading::{self, TextEncoding};
use crate::domain::json::unreadable::Unreadable;
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::random::choice::Choice;
use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::random::hash;
use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::value::ValueModel;
use crate::domain::value::export::json_schema;
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::observe_context::ObserveContext;
use crate::domain::value::program::compile;
use crate::domain::value::program::{Nodes, Writing};
use crate::domain::value::relation::echo::{Echo, EchoOrigin, EchoSources};
use crate::domain::value::relation::pagination::learn::Pagination;
use crate::domain::value::relation::pagination::page_request;
use crate::domain::value::relation::resource_links::ResourceLinks;
use crate::domain::value::time::draw_clock::DrawClock;

/// One body as it went by, decoded.
#[derive(Debug, Clone, Copy)]
pub struct BodySample<'a> {
    /// The `Content-Type` field value.
    pub content_type: Option<&'a str>,
    /// Content codings undone; all of the body, or what was captured of it.
    pub bytes: &'a [u8],
    /// False when `bytes` is only a prefix: then type and size alone teach.
    pub complete: bool,
    /// Length of the whole body, decoded, however much of it is in `bytes`.
    pub total_bytes: u64,
}

/// The body of one endpoint, status and side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BodyModel {
    #[serde(rename = "n")]
    observations: u64,
    #[serde(rename = "e")]
    empty: u64,
    #[serde(rename = "o", skip_serializing_if = "Vec::is_empty")]
    opaque: Vec<(BodyKind, OpaqueModel)>,
    /// JSON bodies parsed.
    #[serde(rename = "j")]
    parsed: u64,
    #[serde(rename = "s")]
    shape: ValueModel,
    /// The latest observation: what learned times are counted from.
    #[serde(rename = "at")]
    anchor_ms: i64,
    /// The list in the bodies, if requests ask for it by page.
    #[serde(rename = "pg", skip_serializing_if = "is_default")]
    paging: Pagination,
    /// How JSON bodies were encoded, where it was not UTF-8 without a mark.
    #[serde(rename = "te", skip_serializing_if = "Vec::is_empty")]
    encodings: Vec<EncodingCount>,
    /// Why bodies that should be JSON could not be read, and how many.
    #[serde(rename = "ur", skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<(Unreadable, u64)>,
}

/// Bodies of one encoding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct EncodingCount {
    #[serde(rename = "c")]
    charset: Box<str>,
    #[serde(rename = "m", skip_serializing_if = "is_default")]
    has_mark: bool,
    #[serde(rename = "n")]
    bodies: u64,
}

/// Encodings told apart: a backend has one, a gateway in front of several a few.
const ENCODINGS_MAX: usize = 4;

heap_bytes!(BodyModel {
    observations,
    empty,
    opaque,
    parsed,
    shape,
    anchor_ms,
    paging,
    encodings,
    unreadable,
});

heap_bytes!(EncodingCount { charset, has_mark, bodies });

/// Spares storing what was never learned.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One echo, for people.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EchoFinding {
    /// JSON pointer into the answer; `*` stands for any item, `#` for the length of an array.
    pub pointer: String,
    /// Where in the request the value stands.
    pub origin: EchoOrigin,
    /// Name of the parameter or header, or JSON pointer into the request body.
    pub name: String,
    /// Answers in which both values were equal.
    pub hits: u32,
    /// Answers in which both values were there to be compared.
    pub trials: u32,
    /// The evidence suffices: the synthesised answer repeats the value.
    pub active: bool,
}

impl BodyModel {
    /// Learns one body.
    pub fn observe(
        &mut self,
        sample: &BodySample<'_>,
        request: &RequestView<'_>,
        limits: &ValueLimits,
    ) {
        self.observations += 1;
        self.anchor_ms = self.anchor_ms.max(request.at_ms);
        if sample.total_bytes == 0 {
            self.empty += 1;
            return;
        }
        let declared = sample.content_type.and_then(BodyKind::declared_by);
        if sample.complete {
            match self.read_json(sample, declared, request, limits) {
                Ok(()) => return,
                Err(why) if declared == Some(BodyKind::Json) => self.note_unreadable(why),
                Err(_no_json) => {}
            }
        }
        let kind = match declared {
            // Cut short or broken: what it would have been is still known.
            Some(BodyKind::Json) if !sample.complete => BodyKind::Json,
            Some(kind) if kind != BodyKind::Json => kind,
            _ if std::str::from_utf8(sample.bytes).is_ok() => BodyKind::Text,
            _ => BodyKind::Binary,
        };
        let (bytes, whole) = (sample.bytes, sample.complete);
        let known = self.opaque.iter().position(|(known, _)| *known == kind);
        let at = known.unwrap_or_else(|| {
            self.opaque.push((kind, OpaqueModel::default()));
            self.opaque.len() - 1
        });
        if let Some((_, shape)) = self.opaque.get_mut(at) {
            shape.observe(bytes, whole, sample.total_bytes, self.observations);
        }
    }

    /// Learns a body as JSON: leniently where it is declared, and as nothing else where it is not.
    fn read_json(
        &mut self,
        sample: &BodySample<'_>,
        declared: Option<BodyKind>,
        request: &RequestView<'_>,
        limits: &ValueLimits,
    ) -> Result<(), Unreadable> {
        if sample.bytes.len() > limits.parsed_bytes_max {
            return Err(Unreadable::TooLong);
        }
        match declared {
            Some(BodyKind::Json) => {
                reading::read(sample.content_type, sample.bytes, |json, encoding| {
                    self.note_encoding(encoding);
                    self.observe_json(json, request, limits);
                })
            }
            None => {
                let json = Json::parse(sample.bytes).ok_or(Unreadable::Syntax)?;
                self.observe_json(&json, request, limits);
                Ok(())
            }
            Some(_) => Err(Unreadable::Syntax),
        }
    }

    /// Notes why a body that should be JSON could not be read.
    pub fn note_unreadable(&mut self, why: Unreadable) {
        count(&mut self.unreadable, why, 1);
    }

    fn note_encoding(&mut self, encoding: TextEncoding) {
        if encoding != TextEncoding::default() {
            let (charset, has_mark) = encoding.label();
            self.add_encoding(EncodingCount { charset: charset.into(), has_mark, bodies: 1 });
        }
    }

    fn add_encoding(&mut self, other: EncodingCount) {
        let room = self.encodings.len() < ENCODINGS_MAX;
        let is_same = |own: &&mut EncodingCount| {
            (&own.charset, own.has_mark) == (&other.charset, other.has_mark)
        };
        match self.encodings.iter_mut().find(is_same) {
            Some(own) => own.bodies += other.bodies,
            None if room => self.encodings.push(other),
            None => {}
        }
    }

    /// The encoding of most JSON bodies.
    fn encoding(&self) -> TextEncoding {
        let most = self.encodings.iter().find(|known| known.bodies * 2 > self.parsed);
        most.and_then(|known| TextEncoding::labelled(&known.charset, known.has_mark))
            .unwrap_or_default()
    }

    fn observe_json(&mut self, json: &Json<'_>, request: &RequestView<'_>, limits: &ValueLimits) {
        self.parsed += 1;
        let sources = EchoSources::collect(request, limits.echo_sources_max);
        let mut observing = ObserveContext {
            limits,
            body: self.parsed,
            at_ms: request.at_ms,
            sources: &sources,
            nodes_left: limits.nodes_max.saturating_sub(self.shape.nodes()),
            depth: 0,
            is_part: false,
            is_person: false,
            is_thing: false,
            moment: None,
            scratch: String::new(),
        };
        self.shape.observe(json, false, &mut observing);
        self.paging.observe(json, request.query);
    }

    /// Adds what another model learned.
    pub fn merge(&mut self, other: &BodyModel, limits: &ValueLimits) {
        self.observations += other.observations;
        self.empty += other.empty;
        self.parsed += other.parsed;
        self.anchor_ms = self.anchor_ms.max(other.anchor_ms);
        for (kind, shape) in &other.opaque {
            match self.opaque.iter_mut().find(|(known, _)| known == kind) {
                Some((_, own)) => own.merge(shape.clone()),
                None => self.opaque.push((*kind, shape.clone())),
            }
        }
        self.shape.merge(other.shape.clone(), limits);
        self.paging.merge(other.paging.clone());
        other.encodings.iter().for_each(|known| self.add_encoding(known.clone()));
        other
            .unreadable
            .iter()
            .for_each(|(why, bodies)| count(&mut self.unreadable, *why, *bodies));
    }

    /// Why bodies that should be JSON could not be read, and how many; empty when all could.
    pub fn unreadable(&self) -> &[(Unreadable, u64)] {
        &self.unreadable
    }

    /// Makes the model as small as tighter limits want it: rarer values are forgotten first, then
    /// the positions that were met last.
    pub fn tighten(&mut self, limits: &ValueLimits) {
        for (_, opaque) in &mut self.opaque {
            opaque.tighten(limits);
        }
        let mut nodes_left = limits.nodes_max;
        self.shape.tighten(limits, &mut nodes_left);
        self.paging.totals.tighten(limits.number_codes());
    }

    /// Forgets what may be kept at a higher level of privacy alone; true where there was something.
    pub fn forget(&mut self, level: PrivacyLevel) -> bool {
        self.shape.forget("", level)
    }

    /// Bodies observed, empty ones included.
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// What most bodies are.
    pub fn kind(&self) -> BodyKind {
        self.kinds().into_iter().max_by_key(|k| k.1).map_or(BodyKind::Empty, |k| k.0)
    }

    fn kinds(&self) -> Vec<(BodyKind, u64)> {
        let mut kinds = vec![(BodyKind::Empty, self.empty), (BodyKind::Json, self.parsed)];
        for (kind, shape) in &self.opaque {
            match kinds.iter_mut().find(|(known, _)| known == kind) {
                // JSON that was cut short is drawn from the JSON that was not.
                Some((_, count)) => *count += shape.seen,
                None => kinds.push((*kind, shape.seen)),
            }
        }
        kinds
    }

    /// JSON Schema 2020-12 of the JSON bodies; `None` before the first.
    pub fn json_schema(&self) -> Option<serde_json::Value> {
        (self.parsed > 0).then(|| json_schema::json_schema(&self.shape))
    }

    /// Which values of the request come back where.
    pub fn echoes(&self) -> Vec<EchoFinding> {
        let mut findings = Vec::new();
        echo_findings(&self.shape, &mut String::new(), &mut findings);
        findings
    }

    /// The moment up to which the model learned, unix milliseconds.
    pub(crate) fn anchor_ms(&self) -> i64 {
        self.anchor_ms
    }

    /// The shape of the JSON bodies.
    pub(crate) fn schema(&self) -> &ValueModel {
        &self.shape
    }

    /// Compiles what was learned into a program that writes bodies.
    pub fn compile(&self, links: &ResourceLinks) -> BodyProgram {
        let mut kinds = self.kinds();
        kinds.retain(|(_, count)| *count > 0);
        kinds.sort_unstable();
        // A kind of which nothing but the name is known cannot be written.
        kinds.retain(|(kind, _)| *kind != BodyKind::Json || self.parsed > 0);
        let opaque = self.opaque.iter().map(|(kind, shape)| (*kind, shape.compile(*kind)));
        BodyProgram {
            choice: Choice::new(kinds.iter().map(|k| k.1 as f64)),
            kinds: kinds.iter().map(|k| k.0).collect(),
            nodes: compile::compile(&self.shape, &self.paging, links),
            opaque: opaque.collect(),
            anchor_ms: self.anchor_ms,
            encoding: self.encoding(),
        }
    }
}

/// Adds to the count of a reason.
fn count(counts: &mut Vec<(Unreadable, u64)>, why: Unreadable, bodies: u64) {
    match counts.iter_mut().find(|(known, _)| *known == why) {
        Some((_, known)) => *known += bodies,
        None => counts.push((why, bodies)),
    }
}

/// What a synthesised body hangs on.
#[derive(Debug, Clone, Copy)]
pub struct SynthContext<'a> {
    /// The process seed or `X-Mock-Seed`, mixed by the caller only with what must vary; the
    /// program itself mixes in the path parameters, so that repeats agree.
    pub seed: u64,
    /// Times near the request are counted from here. Where an answer must be the same byte for
    /// byte whenever it is asked for, pass [`BodyProgram::anchor_ms`].
    pub now_ms: i64,
    /// What the body is to be, where the request decided; ignored when none was ever like that.
    pub kind: Option<BodyKind>,
    /// Echoes, pages and the seed of the path parameters are read from it.
    pub request: &'a RequestView<'a>,
}

/// A compiled [`BodyModel`]: immutable, drawn from by many threads.
#[derive(Debug, Clone)]
pub struct BodyProgram {
    choice: Choice,
    kinds: Box<[BodyKind]>,
    nodes: Nodes,
    opaque: Box<[(BodyKind, OpaqueProgram)]>,
    anchor_ms: i64,
    encoding: TextEncoding,
}

impl BodyProgram {
    /// How JSON is encoded on the wire; [`write`](Self::write) writes it in UTF-8.
    pub fn encoding(&self) -> TextEncoding {
        self.encoding
    }

    /// Appends one body to `out`; says what it is.
    pub fn write(&self, ctx: &SynthContext<'_>, out: &mut Vec<u8>) -> BodyKind {
        let params = ctx.request.params.iter().fold(ctx.seed, |seed, (_, value)| {
            hash::combine(seed, hash::hash_bytes(value.as_bytes()))
        });
        let seed = EntitySeed::new(params);
        let asked = ctx.kind.filter(|kind| self.kinds.contains(kind));
        let drawn = self.choice.draw(seed.at(KIND));
        let drawn_kind = self.kinds.get(drawn.at).copied();
        let kind = asked.or(drawn_kind).unwrap_or(BodyKind::Empty);
        let seed = if asked.is_some() { seed } else { seed.nth(drawn.index()) };
        match kind {
            BodyKind::Empty => {}
            BodyKind::Json => {
                let sources = EchoSources::asked(ctx.request, &self.nodes.asked);
                let clock = DrawClock::new(ctx.now_ms, self.anchor_ms);
                let base = ctx.seed;
                let selection = page_request::selection(ctx.request.query);
                let nodes = &self.nodes;
                let writing =
                    Writing { nodes, sources: &sources, clock, base, selection, page: None };
                let page = nodes.paging.as_ref().map(|paging| {
                    let list = EntitySeed::new(hash::combine(params, paging.list()));
                    writing.page(paging, ctx.request, list, out)
                });
                Writing { page: page.as_ref(), ..writing }.write(seed, out);
            }
            kind => {
                if let Some((_, program)) = self.opaque.iter().find(|(known, _)| *known == kind) {
                    program.write(seed, out);
                }
            }
        }
        kind
    }

    /// The moment up to which the model learned, unix milliseconds.
    pub fn anchor_ms(&self) -> i64 {
        self.anchor_ms
    }
}

/// Salt of the draw that decides what kind of body it is.
const KIND: u64 = 0xB0D1;

fn echo_findings(shape: &ValueModel, pointer: &mut String, findings: &mut Vec<EchoFinding>) {
    let mut report = |pointer: String, echoes: &[Echo]| {
        for echo in echoes {
            // Without a name it was seen once: no evidence yet.
            let Some(name) = &echo.name else { continue };
            findings.push(EchoFinding {
                pointer: pointer.clone(),
                origin: echo.origin,
                name: name.to_string(),
                hits: echo.hits,
                trials: echo.trials,
                active: echo.is_active(),
            });
        }
    };
    report(pointer.clone(), &shape.echoes);
    if let Some(array) = &shape.array {
        report(format!("{pointer}/#"), &array.echoes);
        let length = pointer.len();
        pointer.push_str("/*");
        echo_findings(&array.item, pointer, findings);
        pointer.truncate(length);
    }
    if let Some(object) = &shape.object {
        for member in &object.members {
            let Some(name) = &member.name else { continue };
            let length = pointer.len();
            push_member(pointer, name);
            echo_findings(&member.shape, pointer, findings);
            pointer.truncate(length);
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod canary_tests;

#[cfg(test)]
mod links_tests;
