//! Response headers as learned per status, and drawn again.
//!
//! Framing and connection headers are the double's own and never learned ([`is_learned`]). Of the
//! others a [`HeaderModel`] learns which come together, how often, and how their values are made:
//! constants and small vocabularies, repeated request headers (CORS origins, request ids), times
//! that move with the clock, quotas that count down, validators, cookies, the location of what was
//! created, and for everything else the shape of the value. [`HeaderProgram`] draws them.
//!
//! Nothing personal or secret is kept: literals pass the policy of [`crate::domain::privacy`], and
//! until they do, values and uncommon names are remembered by hash and shape alone.

mod clock;
mod compile;
mod cookie;
mod header_rule;
mod location;
mod names;
mod presence;
mod program;
mod request_url_parts;
mod template;
mod unseen_names;
mod value;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::value::relation::echo::EchoSources;
pub use compile::{HeaderDescription, ShownValue};
use cookie::CookieJar;
pub use names::{echoed_from, is_learned, is_standard};
use presence::{Presence, WITH_ORIGIN};
pub use program::{HeaderContext, HeaderLine, HeaderProgram, HeaderText, Representation};
use unseen_names::UnseenNames;
use value::HeaderValue;

/// Bounds of what is remembered of the headers of one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderLimits {
    /// Distinct header names, at most 63 (presence is a set of bits); answers carry 10 to 30.
    pub names_max: usize,
    /// Distinct values of one header that may be a closed vocabulary: enumerations (cache
    /// states, content types, regions) are shorter than this.
    pub vocabulary_max: usize,
    /// Longest value looked at, in bytes: the longest common ones are content security policies.
    pub value_bytes_max: usize,
    /// Distinct cookies, of which browsers allow 50 per site; one status sets few of them.
    pub cookies_max: usize,
}

impl Default for HeaderLimits {
    fn default() -> Self {
        Self { names_max: 63, vocabulary_max: 16, value_bytes_max: 2_048, cookies_max: 16 }
    }
}

/// The headers of one status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderModel {
    answers: u64,
    fields: Vec<HeaderField>,
    presence: Presence,
    #[serde(skip_serializing_if = "is_default")]
    cookies: CookieJar,
    #[serde(skip_serializing_if = "is_default")]
    pending: UnseenNames,
}

heap_bytes!(HeaderModel { answers, fields, presence, cookies, pending });

/// One header: in how many answers it was, and what it said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct HeaderField {
    name: String,
    present: u64,
    #[serde(skip_serializing_if = "is_default")]
    value: HeaderValue,
}

heap_bytes!(HeaderField { name, present, value });

/// The header whose lines are cookies, each a value of its own.
const SET_COOKIE: &str = "set-cookie";

/// The header that backends withhold from origins they refuse.
const ALLOW_ORIGIN: &str = "access-control-allow-origin";

impl HeaderModel {
    /// Learns the headers of one answer, seen at `at_ms` (unix milliseconds): lowercase names and
    /// raw values, in order, repeated ones as they came.
    pub fn observe(
        &mut self,
        headers: &[(&str, &[u8])],
        request: &RequestView<'_>,
        at_ms: i64,
        limits: &HeaderLimits,
    ) {
        self.answers += 1;
        let with_origin = request.header("origin").is_some();
        let mut sources = EchoSources::none();
        sources.collect_headers(request.headers);
        let mut mask = if with_origin { WITH_ORIGIN } else { 0 };
        for (at, (name, _)) in headers.iter().enumerate() {
            let earlier = headers[..at].iter().any(|(earlier, _)| earlier == name);
            if earlier || !is_learned(name) {
                continue;
            }
            let Some(value) = join_lines(name, &headers[at..], limits) else { continue };
            let Some(slot) = self.slot(name, limits) else { continue };
            mask |= 1 << slot;
            self.fields[slot].present += 1;
            if *name == SET_COOKIE {
                self.cookies.observe(value.split('\n'), at_ms, limits);
            } else {
                let asked = (request, &sources);
                self.fields[slot].value.observe(name, &value, asked, at_ms, limits);
            }
        }
        if with_origin {
            self.note_refusal(mask);
        }
        self.presence.observe(mask);
    }

    /// Adds everything `other` has learned.
    pub fn merge(&mut self, other: &Self, limits: &HeaderLimits) {
        self.answers += other.answers;
        let mut places = Vec::with_capacity(other.fields.len());
        for theirs in &other.fields {
            let known = self.fields.iter().position(|field| field.name == theirs.name);
            let slot = known.or_else(|| self.push(&theirs.name, 0, limits));
            places.push(slot.and_then(|slot| u32::try_from(slot).ok()));
            if let Some(slot) = slot {
                self.fields[slot].present += theirs.present;
                self.fields[slot].value.merge(&theirs.name, &theirs.value, limits);
            }
        }
        self.presence.merge(&other.presence, |bit| places.get(bit as usize).copied().flatten());
        self.cookies.merge(&other.cookies, limits);
    }

    /// Answers learned from.
    pub fn observations(&self) -> u64 {
        self.answers
    }

    /// What is known, header by header, for people.
    pub fn describe(&self) -> Vec<HeaderDescription> {
        compile::describe(self)
    }

    /// Freezes what was learned into a program that draws headers.
    pub fn compile(&self) -> HeaderProgram {
        compile::compile(self)
    }

    /// The place of a header whose name may be kept; others wait until they are seen again.
    fn slot(&mut self, name: &str, limits: &HeaderLimits) -> Option<usize> {
        if let Some(at) = self.fields.iter().position(|field| field.name == name) {
            return Some(at);
        }
        if names::is_common(name) {
            return self.push(name, 0, limits);
        }
        let before = self.pending.promote(name)?;
        let slot = self.push(name, before, limits)?;
        if before + 1 == self.answers {
            self.presence.everywhere(1 << slot);
        }
        Some(slot)
    }

    fn push(&mut self, name: &str, present: u64, limits: &HeaderLimits) -> Option<usize> {
        const BITS: usize = 63;
        if self.fields.len() >= limits.names_max.min(BITS) {
            return None;
        }
        self.fields.push(HeaderField { name: name.to_owned(), present, ..HeaderField::default() });
        Some(self.fields.len() - 1)
    }

    /// An answer to a cross-origin request without the header that would allow it.
    fn note_refusal(&mut self, mask: u64) {
        if let Some(at) = self.fields.iter().position(|field| field.name == ALLOW_ORIGIN)
            && mask & (1 << at) == 0
        {
            self.fields[at].value.refuse();
        }
    }
}

/// All lines of a header, joined by line feeds; `None` when they are no text or too long.
fn join_lines<'a>(
    name: &str,
    headers: &[(&str, &'a [u8])],
    limits: &HeaderLimits,
) -> Option<Cow<'a, str>> {
    let mut joined: Option<Cow<'a, str>> = None;
    for (_, line) in headers.iter().filter(|(other, _)| *other == name) {
        let line = str::from_utf8(line).ok()?;
        joined = Some(match joined {
            None => Cow::Borrowed(line),
            Some(lines) => Cow::Owned(format!("{lines}\n{line}")),
        });
        if joined.as_ref().is_some_and(|lines| lines.len() > limits.value_bytes_max) {
            return None;
        }
    }
    joined
}

/// Spares storing what was never learned.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
