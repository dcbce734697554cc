//! The values of one header: everything counted that can tell how they are made.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::clock::{ClockOffset, parse_http_date};
use super::location::LocationTails;
use super::names::{echoed_from, is_negotiated};
use super::request_url_parts::{has_urls, is_own_host, marked};
use super::template::{Templates, rounded};
use super::vocabulary::{Kept, Vocabulary};
use super::{HeaderLimits, is_default};
use crate::domain::privacy::is_sensitive_name;
use crate::domain::random::hash;
use crate::domain::random::seed::hash_text;
use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use crate::domain::value::relation::echo::{
    Echo as FoundEcho, EchoSources, merge_echoes, observe_echo,
};
use crate::domain::words::own_address;

/// Echoed values remembered by hash, for backends that repeat some and refuse others.
const ECHOES_MAX: usize = 16;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HeaderValue {
    pub(super) total: u64,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) vocabulary: Vocabulary,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) templates: Templates,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) echo: HeaderEcho,
    /// Request headers of other names that were repeated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) found: Vec<FoundEcho>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) dates: ClockOffset,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) epochs: ClockOffset,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) numbers: Numbers,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) tails: LocationTails,
}

heap_bytes!(HeaderValue {
    total,
    vocabulary,
    templates,
    echo,
    found,
    dates,
    epochs,
    numbers,
    tails,
});

/// How far the value repeats a request header.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HeaderEcho {
    /// Answers to requests that carried the source.
    pub(super) asked: u64,
    /// Those that repeated it.
    pub(super) echoed: u64,
    /// Hashes of values that were repeated.
    pub(super) hashes: Vec<u64>,
}

heap_bytes!(HeaderEcho { asked, echoed, hashes });

/// Whole numbers and the way they go from answer to answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Numbers {
    pub(super) count: u64,
    pub(super) min: u64,
    pub(super) max: u64,
    /// Not stored: it is an observed value.
    #[serde(skip)]
    last: Option<u64>,
    pub(super) falls: u64,
    pub(super) rises: u64,
    /// Sum of the falls, for their mean.
    pub(super) fallen: u64,
}

no_heap!(Numbers);

impl HeaderValue {
    /// Learns one value; several lines of one header come joined by line feeds.
    pub(super) fn observe(
        &mut self,
        name: &str,
        value: &str,
        (request, sources): (&RequestView<'_>, &EchoSources<'_>),
        at_ms: i64,
        limits: &HeaderLimits,
    ) {
        self.total += 1;
        if self.echo.observe(name, value, request) {
            return;
        }
        // What is negotiated may equal what was asked for, and is none the less chosen.
        if !is_negotiated(name) {
            observe_echo(&mut self.found, hash::hash_bytes(value.as_bytes()), sources);
        }
        if name == "etag" {
            // Validators name one body each: a vocabulary of them would not fit the bodies drawn.
            self.templates.observe(value, true);
            return;
        }
        if name == "location" && self.tails.observe(value, request) {
            return;
        }
        let marked = match has_urls(name) {
            true => marked(value, request),
            false if is_own_host(value, request) => Cow::Borrowed(own_address::STAND_IN),
            false => Cow::Borrowed(value),
        };
        let value = &*marked;
        if let Some(date_ms) = parse_http_date(value) {
            self.dates.observe(date_ms - at_ms, at_ms);
        } else if let Some(number) = value.parse().ok().filter(|_| !is_sensitive_name(name)) {
            self.numbers.observe(number);
            self.epochs.observe_epoch(number, at_ms);
        }
        match self.vocabulary.observe(name, value, limits.vocabulary_max) {
            Kept::Literal => {}
            Kept::LiteralNow { before } => self.templates.forget(value, before),
            Kept::Hash => self.templates.observe(value, false),
            Kept::Nothing => self.templates.observe(value, true),
        }
        self.vocabulary.withdraw(name);
    }

    /// The source was there but the header was not: the backend refused to repeat it.
    pub(super) fn refuse(&mut self) {
        self.echo.asked += 1;
    }

    pub(super) fn merge(&mut self, name: &str, other: &Self, limits: &HeaderLimits) {
        self.total += other.total;
        self.vocabulary.merge(name, &other.vocabulary, limits.vocabulary_max);
        self.templates.merge(&other.templates);
        self.echo.merge(&other.echo);
        merge_echoes(&mut self.found, other.found.clone());
        self.dates.merge(&other.dates);
        self.epochs.merge(&other.epochs);
        self.numbers.merge(&other.numbers);
        self.tails.merge(&other.tails);
    }
}

impl HeaderEcho {
    fn observe(&mut self, name: &str, value: &str, request: &RequestView<'_>) -> bool {
        let Some(asked) = request.header(echoed_from(name)) else { return false };
        self.asked += 1;
        if asked.is_empty() || asked != value.as_bytes() {
            return false;
        }
        self.echoed += 1;
        self.remember(hash_text(asked));
        true
    }

    fn remember(&mut self, hash: u64) {
        if !self.hashes.contains(&hash) && self.hashes.len() < ECHOES_MAX {
            self.hashes.push(hash);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.asked += other.asked;
        self.echoed += other.echoed;
        for &hash in &other.hashes {
            self.remember(hash);
        }
    }
}

impl Numbers {
    fn observe(&mut self, number: u64) {
        match self.last.replace(number) {
            Some(last) if number < last => {
                self.falls += 1;
                self.fallen = self.fallen.saturating_add(last - number);
            }
            Some(last) if number > last => self.rises += 1,
            _ => {}
        }
        let (at_least, at_most) = rounded(number);
        if self.count == 0 {
            (self.min, self.max) = (at_least, at_most);
        }
        self.count += 1;
        self.min = self.min.min(at_least);
        self.max = self.max.max(at_most);
    }

    fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other.clone();
            return;
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.falls += other.falls;
        self.rises += other.rises;
        self.fallen = self.fallen.saturating_add(other.fallen);
    }

    /// Whether the numbers count down, starting over now and then, as a remaining quota does.
    pub(super) fn count_down(&self) -> bool {
        /// Steps that show a direction rather than chance.
        const STEPS_MIN: u64 = 5;
        let steps = self.falls + self.rises;
        steps >= STEPS_MIN && self.falls * 10 >= steps * 7
    }

    /// How far one step goes down on average, without the starts over; at least one.
    pub(super) fn step_down(&self) -> u64 {
        (self.fallen / self.falls.max(1)).max(1)
    }
}
