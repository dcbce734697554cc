//! Headers drawn: what was learned, frozen.

use bytes::Bytes;
use smallvec::SmallVec;

use super::ALLOW_ORIGIN;
use super::header_rule::{Draw, HeaderRule};
use super::names::is_negotiated;
use super::presence::WITH_ORIGIN;
use super::request_url_parts::{filled, has_urls};
use crate::domain::body::BodyKind;
use crate::domain::cors::OriginVerdict;
use crate::domain::random::hash;
use crate::domain::random::seed::{hash_text, mix, mix_text, uniform};
use crate::domain::request::RequestView;
use crate::domain::words::own_address;

/// Names the draw that decides which headers are there.
const PRESENCE: u64 = 1;

/// The header that identifies a body: it changes exactly when the body does.
const ETAG: &str = "etag";

/// What an answer's headers may depend on.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeaderContext<'a> {
    /// Seed of what is drawn for this answer. Request ids come from it, so it should move on from
    /// answer to answer.
    pub seed: u64,
    /// Unix milliseconds.
    pub now_ms: i64,
    /// Answers this consumer has had from this endpoint: quotas count down with it.
    pub sequence: u64,
    /// Id of the entity that the answer created, for `Location`.
    pub created_id: Option<&'a str>,
    /// The body, so that validators change exactly when it does.
    pub body: Option<&'a [u8]>,
    /// What the body is, so that the headers say so.
    pub representation: Representation<'a>,
}

/// Which of several representations an answer is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Representation<'a> {
    /// The media type, where the request decided.
    pub media: Option<&'a str>,
    /// The language, where the request decided.
    pub language: Option<&'a str>,
    /// What the body turned out to be.
    pub kind: Option<BodyKind>,
}

impl Representation<'_> {
    /// Does a value of this header describe the representation?
    fn is_described_by(&self, name: &str, value: &[u8]) -> bool {
        let text = str::from_utf8(value).unwrap_or_default();
        match name {
            "content-type" => {
                let media = text.split(';').next().unwrap_or_default().trim();
                match (self.media, self.kind) {
                    (Some(wanted), _) => media.eq_ignore_ascii_case(wanted),
                    (None, Some(BodyKind::Empty) | None) => true,
                    (None, kind) => BodyKind::declared_by(media) == kind,
                }
            }
            "content-language" => self.language.is_none_or(|l| text.eq_ignore_ascii_case(l)),
            _ => true,
        }
    }
}

/// One header line drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine<'p> {
    /// Lowercase name.
    pub name: &'p str,
    /// Index of the name in [`HeaderProgram::names`], so that callers can keep parsed names beside
    /// the program.
    pub slot: usize,
    /// The value.
    pub value: HeaderText<'p>,
}

/// A header value: shared with the program, or drawn for this answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderText<'p> {
    /// Cloning it is a reference count.
    Shared(&'p Bytes),
    /// Made for this answer.
    Drawn(Bytes),
}

impl HeaderText<'_> {
    /// The raw value.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Shared(bytes) => bytes,
            Self::Drawn(bytes) => bytes,
        }
    }

    /// The value for keeping, without copying it.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Shared(bytes) => bytes.clone(),
            Self::Drawn(bytes) => bytes,
        }
    }
}

/// Draws the headers of one status. Immutable, shared by all threads.
#[derive(Clone, Debug, Default)]
pub struct HeaderProgram {
    pub(super) names: Vec<String>,
    pub(super) fields: Vec<HeaderField>,
    pub(super) sets: NameSets,
}

/// How one header is drawn.
#[derive(Clone, Debug)]
pub(super) struct HeaderField {
    /// Its bit in the sets.
    pub(super) bit: u64,
    /// Share of answers that carry it, where no set decides.
    pub(super) presence: f64,
    /// Hash of the name: what one header draws does not move another.
    pub(super) stream: u64,
    pub(super) value: HeaderRule,
}

/// Which headers come together, each set with the share of those up to and including it.
#[derive(Clone, Debug, Default)]
pub(super) struct NameSets {
    pub(super) with_origin: Vec<(f64, u64)>,
    pub(super) without_origin: Vec<(f64, u64)>,
    /// Share of answers whose set was too rare to be remembered.
    pub(super) scattered: f64,
}

impl HeaderProgram {
    /// Every name that may be drawn, lowercase; [`HeaderLine::slot`] counts here.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What these answers have taught about an origin.
    pub fn origin_verdict(&self, origin: &[u8]) -> OriginVerdict {
        if !self.sets.with_origin.iter().any(|(_, mask)| mask & WITH_ORIGIN != 0) {
            return OriginVerdict::Unknown;
        }
        let mut named = self.names.iter().zip(&self.fields);
        let Some((_, field)) = named.find(|(name, _)| *name == ALLOW_ORIGIN) else {
            return OriginVerdict::Refused;
        };
        let lets_in = self.sets.with_origin.iter().any(|(_, mask)| mask & field.bit != 0);
        let is_stranger = match &field.value {
            HeaderRule::Echo { only: Some(only), otherwise: None, .. } => {
                !only.contains(&hash_text(origin))
            }
            _ => false,
        };
        if lets_in && !is_stranger { OriginVerdict::Allowed } else { OriginVerdict::Refused }
    }

    /// Appends the headers of the answer to `request` to `out`.
    pub fn draw<'p>(
        &'p self,
        request: &RequestView<'_>,
        context: &HeaderContext<'_>,
        out: &mut Vec<HeaderLine<'p>>,
    ) {
        let seed = mix(context.seed, PRESENCE);
        let set = match request.header("origin") {
            None => self.sets.draw(false, seed, |_| true),
            Some(origin) => {
                // What decides about an origin is the origin, not chance.
                let allowed = self.names.iter().position(|name| *name == ALLOW_ORIGIN);
                let bit = allowed.and_then(|at| self.fields.get(at)).map_or(0, |field| field.bit);
                let verdict =
                    if bit == 0 { OriginVerdict::Unknown } else { self.origin_verdict(origin) };
                self.sets.draw(true, seed, |mask| match verdict {
                    OriginVerdict::Allowed => mask & bit != 0,
                    OriginVerdict::Refused => mask & bit == 0,
                    OriginVerdict::Unknown => true,
                })
            }
        };
        for (slot, (name, field)) in self.names.iter().zip(&self.fields).enumerate() {
            let present = match set {
                Some(mask) => mask & field.bit != 0,
                None => uniform(mix(seed, field.stream)) < field.presence,
            };
            if present {
                let base = match context.body {
                    Some(body) if name == ETAG => hash::hash_bytes(body),
                    _ => context.seed,
                };
                let draw = Draw { request, context, seed: mix(base, field.stream) };
                if let HeaderRule::Mixture(values) = &field.value
                    && is_negotiated(name)
                    && let Some(lines) = described(values, name, &draw)
                {
                    let all = lines.iter().map(HeaderText::Shared);
                    out.extend(all.map(|value| HeaderLine { name, slot, value }));
                    continue;
                }
                let urls = has_urls(name);
                field.value.draw(&draw, &mut |value| {
                    let filled = match value.as_bytes() {
                        bytes if urls => filled(bytes, request),
                        bytes if bytes == own_address::STAND_IN.as_bytes() => {
                            request.header("host").map(Bytes::copy_from_slice)
                        }
                        _ => None,
                    };
                    let value = filled.map_or(value, HeaderText::Drawn);
                    out.push(HeaderLine { name, slot, value });
                });
            }
        }
    }
}

/// One of the literals that describe the representation, by their shares among themselves; `None`
/// when there is none.
fn described<'p>(
    values: &'p [(f64, HeaderRule)],
    name: &str,
    draw: &Draw<'_, '_>,
) -> Option<&'p [Bytes]> {
    let mut fitting: Vec<(f64, &[Bytes])> = Vec::new();
    let (mut before, mut sum) = (0.0, 0.0);
    for (up_to, value) in values {
        if let HeaderRule::Literal(lines) = value
            && let [line] = lines.as_slice()
            && draw.context.representation.is_described_by(name, line)
        {
            sum += up_to - before;
            fitting.push((sum, lines));
        }
        before = *up_to;
    }
    let at = uniform(draw.seed) * sum;
    let found = fitting.partition_point(|(up_to, _)| *up_to <= at);
    fitting.get(found).or(fitting.last()).map(|(_, lines)| *lines)
}

impl HeaderField {
    pub(super) fn new(name: &str, bit: usize, presence: f64, value: HeaderRule) -> Self {
        debug_assert!((1 << bit) < WITH_ORIGIN, "63 names at most");
        Self { bit: 1 << bit, presence, stream: hash_text(name.as_bytes()), value }
    }
}

impl NameSets {
    /// The set of names of one answer, of those that fit; `None` when each decides for itself.
    fn draw(&self, with_origin: bool, seed: u64, fits: impl Fn(u64) -> bool) -> Option<u64> {
        if uniform(mix_text(seed, "scattered")) < self.scattered {
            return None;
        }
        let sets = if with_origin { &self.with_origin } else { &self.without_origin };
        let (mut before, mut sum) = (0.0, 0.0);
        let mut fitting: SmallVec<[(f64, u64); 32]> = SmallVec::new();
        for &(up_to, mask) in sets {
            if fits(mask) {
                sum += up_to - before;
                fitting.push((sum, mask));
            }
            before = up_to;
        }
        let pick = uniform(seed) * sum;
        let at = fitting.partition_point(|&(up_to, _)| up_to <= pick);
        // Where no set fits, any is better than headers that never stood together.
        fitting.get(at).or(fitting.last()).or(sets.last()).map(|&(_, mask)| mask)
    }
}
