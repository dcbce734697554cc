//! Echoes: values of the request that come back in the answer.
//!
//! Found by evidence: a position remembers, per source it once agreed with, how often both were
//! there and how often they were equal. Sources are known by the hash of their name; the name is
//! attached when the agreement is seen again, as names are values too.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::json::Json;
use crate::domain::privacy;
use crate::domain::random::hash;
use crate::domain::request::{RequestView, form_pairs};
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use crate::domain::words::own_address;

/// Where in a request a value stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EchoOrigin {
    /// A path parameter, by its name in the template.
    Path = 0,
    /// A query parameter, by name.
    Query = 1,
    /// A request header, by its name in lower case.
    Header = 3,
    /// The URL that was asked for, or a part of it, by the name of the part.
    Url = 4,
    /// A member of the JSON or form body, by JSON pointer or field name.
    #[default]
    #[serde(other)]
    Body = 2,
}

no_heap!(EchoOrigin);

/// One value of the request.
#[derive(Debug)]
pub struct EchoSource<'a> {
    /// Where in the request it stands.
    pub origin: EchoOrigin,
    /// As [`EchoOrigin`] says for its place.
    pub name: Cow<'a, str>,
    /// Hash of origin and name: see [`source_key`].
    pub key: u64,
    /// As text; numbers as they were written, `[]` for an array or object that is only compared.
    pub value: Cow<'a, str>,
    /// Hash of the text, or of the array or object as a whole.
    pub value_hash: u64,
    /// Whether it may be written as a string, a number, or a document.
    pub kind: EchoKind,
}

/// What a value of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EchoKind {
    /// A JSON string, or text of a path, query or header (which may stand for a number).
    Text,
    /// A JSON number or truth value.
    Scalar,
    /// A JSON array or object.
    Part,
}

/// Stands for an array or object while it is only compared.
const PART: &str = "[]";

/// The values of one request that an answer might echo.
#[derive(Debug, Default)]
pub struct EchoSources<'a> {
    /// In the order in which they were collected.
    pub all: Vec<EchoSource<'a>>,
    /// A bit for each value by its hash: most values of an answer are none of the request's, and
    /// one look tells.
    values: u128,
    /// What is wanted; everything while an answer is learned.
    asked: Option<&'a WantedSources>,
}

/// Which sources a compiled answer repeats, so that nothing else of a request is looked at.
#[derive(Debug, Clone, Default)]
pub struct WantedSources {
    keys: Vec<u64>,
    /// A bit for each origin.
    origins: u8,
}

impl WantedSources {
    /// Wants the source with this key; twice is once.
    pub fn add(&mut self, origin: EchoOrigin, key: u64) {
        self.origins |= 1 << origin as u8;
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    fn is_from(&self, origin: EchoOrigin) -> bool {
        self.origins & (1 << origin as u8) != 0
    }
}

/// Headers of one request compared with its answer: browsers send about twenty.
const HEADERS_MAX: usize = 32;

/// Longest header value compared, bytes: ids and names are short, a token that is longer is hardly
/// repeated.
const HEADER_BYTES_MAX: usize = 512;

impl<'a> EchoSources<'a> {
    /// A request that says nothing.
    pub const fn none() -> Self {
        Self { all: Vec::new(), values: 0, asked: None }
    }

    /// Collects path parameters, query pairs, the scalars of the request body, and headers.
    pub fn collect(request: &'a RequestView<'_>, sources_max: usize) -> Self {
        let mut sources = Self::default();
        sources.collect_parts(request, sources_max);
        sources.all.truncate(sources_max);
        sources.collect_headers(request.headers);
        // Answers are learned with the stand-in for the backend's address.
        sources.collect_url(request, own_address::STAND_IN);
        sources
    }

    /// Collects what is asked for.
    pub fn asked(request: &'a RequestView<'_>, asked: &'a WantedSources) -> Self {
        let mut sources = Self { asked: Some(asked), ..Self::default() };
        if !asked.keys.is_empty() {
            sources.collect_parts(request, usize::MAX);
            sources.collect_headers(request.headers);
            let host = request.header_text("host").unwrap_or(own_address::STAND_IN);
            sources.collect_url(request, host);
        }
        sources
    }

    /// The URL asked for as answers name it (`request.url`, `self`, `instance`): with its scheme or
    /// as a path, with its query or without.
    fn collect_url(&mut self, request: &RequestView<'_>, host: &str) {
        if !self.wants(EchoOrigin::Url) || request.path.is_empty() {
            return;
        }
        let path = request.path;
        let whole = match request.query {
            "" => path.to_owned(),
            query => format!("{path}?{query}"),
        };
        for (name, value) in [
            ("http", format!("http://{host}{whole}")),
            ("https", format!("https://{host}{whole}")),
            ("http-path", format!("http://{host}{path}")),
            ("https-path", format!("https://{host}{path}")),
            ("path", path.to_owned()),
            ("target", whole),
        ] {
            self.push(EchoOrigin::Url, Cow::Borrowed(name), Cow::Owned(value), true);
        }
    }

    fn wants(&self, origin: EchoOrigin) -> bool {
        self.asked.is_none_or(|asked| asked.is_from(origin))
    }

    fn collect_parts(&mut self, request: &'a RequestView<'_>, sources_max: usize) {
        if self.wants(EchoOrigin::Path) {
            for (name, value) in request.params {
                let value = percent_decode_str(value).decode_utf8_lossy();
                self.push(EchoOrigin::Path, Cow::Borrowed(*name), value, true);
            }
        }
        if self.wants(EchoOrigin::Query) {
            for (name, value) in request.query_pairs() {
                self.push(EchoOrigin::Query, Cow::Borrowed(name), Cow::Borrowed(value), true);
            }
        }
        if let Some(body) = request.body.filter(|_| self.wants(EchoOrigin::Body)) {
            let first = body.iter().find(|b| !b.is_ascii_whitespace());
            if matches!(first, Some(b'{' | b'[')) {
                if let Some(json) = request.json() {
                    self.collect_json(&mut String::new(), json, sources_max);
                }
            } else if let Ok(form) = std::str::from_utf8(body) {
                for (name, value) in form_pairs(form) {
                    self.push(EchoOrigin::Body, name, value, true);
                }
            }
        }
    }

    /// Headers that carry credentials are not compared: not even a trace of them is kept.
    pub fn collect_headers(&mut self, headers: &'a [(&'a str, &'a [u8])]) {
        if !self.wants(EchoOrigin::Header) {
            return;
        }
        for (name, value) in headers.iter().take(HEADERS_MAX) {
            let Ok(value) = std::str::from_utf8(value) else { continue };
            if value.len() <= HEADER_BYTES_MAX && !privacy::is_sensitive_name(name) {
                self.push(EchoOrigin::Header, Cow::Borrowed(*name), Cow::Borrowed(value), true);
            }
        }
    }

    fn collect_json(&mut self, pointer: &mut String, json: &'a Json<'_>, sources_max: usize) {
        if self.all.len() >= sources_max {
            return;
        }
        let name = |pointer: &String| Cow::Owned(pointer.clone());
        if matches!(json, Json::Array(items) if !items.is_empty())
            || matches!(json, Json::Object(members) if !members.is_empty())
        {
            self.push_part(pointer, json);
        }
        match json {
            Json::Object(members) => {
                for (member, value) in members {
                    let length = pointer.len();
                    pointer.push('/');
                    pointer.push_str(member);
                    self.collect_json(pointer, value, sources_max);
                    pointer.truncate(length);
                }
            }
            Json::Str(text) => {
                self.push(EchoOrigin::Body, name(pointer), Cow::Borrowed(&**text), true);
            }
            Json::Int(value) => {
                let text = Cow::Owned(value.to_string());
                self.push(EchoOrigin::Body, name(pointer), text, false);
            }
            Json::Float(value) => {
                let text = Cow::Owned(ryu::Buffer::new().format(*value).to_owned());
                self.push(EchoOrigin::Body, name(pointer), text, false);
            }
            Json::Bool(value) => {
                let text = Cow::Borrowed(if *value { "true" } else { "false" });
                self.push(EchoOrigin::Body, name(pointer), text, false);
            }
            // Items are told by position alone, which is no name to learn.
            Json::Null | Json::Array(_) => {}
        }
    }

    /// An array or object as a whole; its text is made where it is asked for.
    fn push_part(&mut self, pointer: &str, json: &Json<'_>) {
        let key = source_key(EchoOrigin::Body, pointer);
        let text = match self.asked {
            Some(asked) if !asked.keys.contains(&key) => return,
            Some(_) => serde_json::to_string(json).unwrap_or_default(),
            None => PART.to_owned(),
        };
        let value_hash = json.stable_hash();
        self.values |= bit_of(value_hash);
        self.all.push(EchoSource {
            origin: EchoOrigin::Body,
            name: Cow::Owned(pointer.to_owned()),
            key,
            value: Cow::Owned(text),
            value_hash,
            kind: EchoKind::Part,
        });
    }

    /// Has the request arrays or objects within its body?
    pub fn has_parts(&self) -> bool {
        self.all.iter().any(|source| source.kind == EchoKind::Part)
    }

    fn push(&mut self, origin: EchoOrigin, name: Cow<'a, str>, value: Cow<'a, str>, is_text: bool) {
        let key = source_key(origin, &name);
        if self.asked.is_some_and(|asked| !asked.keys.contains(&key)) {
            return;
        }
        let value_hash = hash::hash_bytes(value.as_bytes());
        let kind = if is_text { EchoKind::Text } else { EchoKind::Scalar };
        self.values |= bit_of(value_hash);
        self.all.push(EchoSource { origin, name, key, value, value_hash, kind });
    }

    /// The first one with this key; `None` when the request has none that is wanted.
    pub fn find(&self, key: u64) -> Option<&EchoSource<'a>> {
        self.all.iter().find(|source| source.key == key)
    }
}

/// The bit of a value in a set of 128.
fn bit_of(value_hash: u64) -> u128 {
    1 << (value_hash & 127)
}

/// What a source is known by.
pub fn source_key(origin: EchoOrigin, name: &str) -> u64 {
    hash::combine(hash::hash_bytes(name.as_bytes()), origin as u64)
}

/// The evidence that one position echoes one source.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Echo {
    /// Hash of origin and name: see [`source_key`].
    #[serde(rename = "k")]
    pub key: u64,
    /// Where in the request it stands.
    #[serde(rename = "o")]
    pub origin: EchoOrigin,
    /// `None` until the agreement was seen in a second value.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// Answers in which both values were equal.
    #[serde(rename = "h")]
    pub hits: u32,
    /// Answers in which both values were there to be compared.
    #[serde(rename = "t")]
    pub trials: u32,
    /// Fingerprint of the first value that agreed.
    #[serde(rename = "f")]
    first: u32,
    /// At least two different values agreed.
    #[serde(rename = "d")]
    pub varied: bool,
}

heap_bytes!(Echo { key, origin, name, hits, trials, first, varied });

/// Agreements needed before an echo is reproduced, of different values: below, chance explains it.
const HITS_MIN: u32 = 3;

/// Share of agreements an echo needs: a few answers may legitimately differ (normalised input).
const HIT_SHARE_MIN: f64 = 0.9;

/// Sources one position remembers: the right one agrees early and stays.
const ECHOES_PER_POSITION_MAX: usize = 4;

/// Trials after which a source that agrees less than half the time is forgotten.
const TRIALS_JUDGED: u32 = 8;

impl Echo {
    /// It agreed each time, if always in the same value.
    pub fn is_constant(&self) -> bool {
        self.hits >= HITS_MIN && self.hits == self.trials
    }

    /// Whether the evidence suffices to repeat the source: at least two different values, nearly
    /// always equal.
    pub fn is_active(&self) -> bool {
        self.varied
            && self.hits >= HITS_MIN
            && f64::from(self.hits) >= HIT_SHARE_MIN * f64::from(self.trials)
    }
}

/// Compares one value of an answer with the sources.
pub fn observe_echo(echoes: &mut Vec<Echo>, value_hash: u64, sources: &EchoSources<'_>) {
    if echoes.is_empty() && sources.values & bit_of(value_hash) == 0 {
        return;
    }
    for source in &sources.all {
        let hit = source.value_hash == value_hash && !source.value.is_empty();
        let at = echoes.iter().position(|echo| echo.key == source.key);
        if let Some(echo) = at.and_then(|at| echoes.get_mut(at)) {
            echo.trials = echo.trials.saturating_add(1);
            if hit {
                echo.hits = echo.hits.saturating_add(1);
                echo.varied |= echo.first != value_hash as u32;
                if echo.varied && echo.name.is_none() {
                    echo.name = Some(source.name.as_ref().into());
                }
            }
        } else if hit && echoes.len() < ECHOES_PER_POSITION_MAX {
            echoes.push(Echo {
                key: source.key,
                origin: source.origin,
                hits: 1,
                trials: 1,
                first: value_hash as u32,
                ..Echo::default()
            });
        }
    }
    echoes.retain(|echo| echo.trials < TRIALS_JUDGED || echo.hits * 2 >= echo.trials);
}

/// Adds the evidence of another model.
pub fn merge_echoes(echoes: &mut Vec<Echo>, others: Vec<Echo>) {
    for other in others {
        let room = echoes.len() < ECHOES_PER_POSITION_MAX;
        match echoes.iter_mut().find(|echo| echo.key == other.key) {
            Some(own) => {
                own.hits = own.hits.saturating_add(other.hits);
                own.trials = own.trials.saturating_add(other.trials);
                own.varied |= other.varied || own.first != other.first;
                own.name = own.name.take().or(other.name);
            }
            None if room => echoes.push(other),
            None => {}
        }
    }
}
