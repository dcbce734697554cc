//! Stand-ins for private values, equal for equal values, so that what belongs together stays so.
//!
//! Evidence lives in memory only and leaves it through here: patterns of answers and entities hold
//! words that the traffic showed to be the service's own (a closed vocabulary over different
//! entities, or the fixed words of errors over different requests), times, small numbers, and for
//! all else a keyed stand-in of the same length and make.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Number, Value};

use super::interface_documents::is_description;
use super::member_support::{MemberSupport, count_error_words, count_names, count_values};
use super::service_files::{ServiceFiles, is_lost};
use super::spoken::spoken;
use super::vectors;
use super::word_run::{Run, words};
use crate::domain::privacy::{
    Support, is_person, is_sensitive_name, is_sensitive_value, may_keep_literal,
};
use crate::domain::random::seed::{mix, mix_text};
use crate::domain::words::own_address;
use crate::domain::words::public::is_public_identifier;
use crate::domain::world::form::{TextForm, form, hexadecimal};
use crate::domain::world::pointer::members;
use crate::domain::world::{
    Document, Request, Resources, Seen, SiteExchange, SiteTemplate, fingerprint,
};

/// Letters up to which a word names nobody.
const SHORT_WORD_MAX: usize = 2;

/// Digits up to which a number names nobody.
const SHORT_NUMBER_MAX: usize = 6;

/// Requests in whose errors a word must stand to be the service's own.
const ERROR_REQUESTS_MIN: usize = 2;

/// Exchanges in which a member name must stand.
const NAME_EXCHANGES_MIN: u32 = 2;

/// Headers of answers that patterns keep, beside those of lists.
const HEADERS_KEPT: [&str; 4] = ["content-type", "etag", "last-modified", "location"];

/// Whether what stands under a name is a secret: an address of the service that is called after
/// one (`token_endpoint`) is none.
#[must_use]
pub fn is_secret(name: &str, text: &str) -> bool {
    let is_address = form(text) == TextForm::Url && !text.contains(['@', '?', '#']);
    is_sensitive_name(name) && !is_address
}

/// Whether a text is a path whose segments all have letters: no number is written like this.
fn is_plain_path(text: &str) -> bool {
    let mut segments = text.trim_matches('/').split('/');
    let is_name = |part: &str| part.chars().any(char::is_alphabetic);
    text.contains('/')
        && !text.contains(['@', ' ', ':', '?', '#'])
        && segments.clone().count() > 1
        && segments.all(is_name)
}

/// Whether a number under a secret's name says how many there are: `total_tokens`.
fn is_count(name: &str) -> bool {
    name.ends_with('s')
}

/// What may be shown, and the key of stand-ins.
#[derive(Debug, Clone, Default)]
pub struct Veil {
    key: u64,
    words: FxHashSet<u64>,
    /// Words, tokens and numbers that are stand-ins already, or were shown before.
    stand_ins: FxHashSet<u64>,
    names: FxHashSet<u64>,
    /// Words of errors.
    said: FxHashSet<u64>,
    /// Files that are the service's own.
    files: ServiceFiles,
}

impl Veil {
    /// Learns what may be shown from all exchanges.
    #[must_use]
    pub fn learn(
        resources: &Resources,
        seen: &[Seen],
        service_words: FxHashSet<u64>,
        key: u64,
    ) -> Self {
        let files = ServiceFiles::learn(seen);
        let mut veil = Self { key, words: service_words, files, ..Self::default() };
        let mut support: FxHashMap<String, MemberSupport> = FxHashMap::default();
        let mut names: FxHashMap<String, u32> = FxHashMap::default();
        let mut media: FxHashMap<String, u32> = FxHashMap::default();
        let mut errors: FxHashMap<String, FxHashSet<u64>> = FxHashMap::default();
        let address = words(own_address::STAND_IN).map(|run| run.text);
        for word in address.chain(["http", "https"]) {
            veil.words.insert(fingerprint(&[word]));
        }
        for one in seen {
            let exchange = &one.exchange;
            // Literals of templates are shown with the templates.
            // A word that stands alone may be a name, as long as no other stands beside it.
            let literals = one.place.template.0.iter().flatten();
            for literal in literals.filter(|literal| is_public_identifier(literal)) {
                for run in words(literal).filter(|run| run.kind == Run::Word) {
                    veil.words.insert(fingerprint(&[&run.text.to_lowercase()]));
                }
            }
            if exchange.is_veiled {
                veil.keep_all(exchange);
            }
            count_names(exchange, &mut names, &mut media);
            if exchange.refuses() {
                count_error_words(exchange, &mut errors);
            } else {
                count_values(resources, one, &mut support);
            }
        }
        for (name, support) in support {
            veil.keep_vocabulary(&name, &support);
        }
        for (word, requests) in errors {
            if requests.len() >= ERROR_REQUESTS_MIN && !is_sensitive_value(&word) {
                veil.said.insert(fingerprint(&[&word]));
                veil.words.insert(fingerprint(&[&word]));
            }
        }
        for (media, exchanges) in media {
            if exchanges >= NAME_EXCHANGES_MIN && !is_sensitive_value(&media) {
                veil.names.insert(fingerprint(&["media", &media]));
            }
        }
        for (name, exchanges) in names {
            if exchanges >= NAME_EXCHANGES_MIN && !is_sensitive_value(&name) {
                veil.names.insert(fingerprint(&[&name]));
                // Links name parameters.
                if words(&name).count() == 1 {
                    veil.words.insert(fingerprint(&[&name.to_lowercase()]));
                }
            }
        }
        veil
    }

    /// What was veiled before it was stored is shown as it is.
    fn keep_all(&mut self, exchange: &SiteExchange) {
        let request = &exchange.request;
        let mut texts: Vec<String> = request.segments.clone();
        texts.extend(request.query.iter().map(|(_, value)| value.clone()));
        texts.extend(exchange.headers.iter().map(|(_, value)| value.clone()));
        texts.push(String::from_utf8_lossy(&exchange.bytes).into_owned());
        for document in [exchange.json(), request.body.json()].into_iter().flatten() {
            for (place, value) in members(document) {
                if let Some(name) = place.last().and_then(|step| step.member()) {
                    self.names.insert(fingerprint(&[name]));
                }
                match value {
                    Value::String(text) => texts.push(text.clone()),
                    Value::Number(number) => {
                        self.stand_ins.insert(fingerprint(&[&number.to_string()]));
                    }
                    _ => {}
                }
            }
        }
        for text in &texts {
            for run in words(text) {
                match run.kind {
                    Run::Word | Run::Private => {
                        self.stand_ins.insert(fingerprint(&[&run.text.to_lowercase()]))
                    }
                    Run::Token => self.stand_ins.insert(fingerprint(&[run.text])),
                    Run::Other => false,
                };
            }
        }
    }

    fn keep_vocabulary(&mut self, name: &str, support: &MemberSupport) {
        let distinct = support.contexts.len() as u64;
        let total = support.total.len() as u64;
        for (value, contexts) in &support.contexts {
            let occurrences = contexts.len() as u64;
            if may_keep_literal(name, value, Support { occurrences, distinct, total }) {
                for word in words(value).filter(|word| word.kind == Run::Word) {
                    self.words.insert(fingerprint(&[&word.text.to_lowercase()]));
                }
            }
        }
    }

    /// A text in which every word that is somebody's has a stand-in.
    #[must_use]
    pub fn text(&self, name: &str, text: &str) -> String {
        if matches!(form(text), TextForm::Date) && !is_sensitive_name(name) {
            return text.to_owned();
        }
        if is_plain_path(text) {
            // What stands in a path alone is the same as what stands there among others.
            let parts: Vec<String> = text.split('/').map(|part| self.text(name, part)).collect();
            return parts.join("/");
        }
        let secret = (is_secret(name, text) || is_person(name, text)) && !self.is_said(text);
        // A phone number or an address is one only as a whole.
        let telling = is_sensitive_value(text);
        let is_part = |word: &str| telling && word.bytes().any(|byte| byte.is_ascii_digit());
        let mut out = String::with_capacity(text.len());
        for run in words(text) {
            match run.kind {
                Run::Other => out.push_str(run.text),
                Run::Token if self.is_stand_in(run.text) => out.push_str(run.text),
                Run::Token => out.push_str(&self.token(run.text)),
                Run::Word | Run::Private if self.is_stand_in(&run.text.to_lowercase()) => {
                    out.push_str(run.text);
                }
                Run::Word if !secret && !is_part(run.text) && self.may_show(run.text) => {
                    out.push_str(run.text);
                }
                Run::Word | Run::Private => out.push_str(&self.word(run.text)),
            }
        }
        out
    }

    /// Whether a text says only what errors of different requests say: under the name of what was
    /// wrong stands the service's complaint.
    fn is_said(&self, text: &str) -> bool {
        let mut runs = words(text).filter(|run| run.kind != Run::Other).peekable();
        runs.peek().is_some()
            && !is_sensitive_value(text)
            && runs.all(|run| {
                run.kind == Run::Word
                    && (self.said.contains(&fingerprint(&[&run.text.to_lowercase()]))
                        || run.text.chars().count() <= SHORT_WORD_MAX)
            })
    }

    fn is_stand_in(&self, text: &str) -> bool {
        self.stand_ins.contains(&fingerprint(&[text]))
    }

    fn may_show(&self, word: &str) -> bool {
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let lower = word.to_lowercase();
        if own_address::is_word(&lower) || self.words.contains(&fingerprint(&[&lower])) {
            return true;
        }
        if digits {
            let moment = word.parse::<u64>().is_ok_and(|n| {
                (1_000_000_000..3_000_000_000).contains(&n)
                    || (1_000_000_000_000..3_000_000_000_000).contains(&n)
            });
            return word.len() <= SHORT_NUMBER_MAX || moment;
        }
        word.chars().count() <= SHORT_WORD_MAX || is_public_identifier(word)
    }

    /// A stand-in of the same length and case; equal for words that differ in case only.
    fn word(&self, word: &str) -> String {
        if hexadecimal(word).is_some() {
            return self.token(word);
        }
        spoken(word, mix_text(self.key, &word.to_lowercase()))
    }

    fn token(&self, token: &str) -> String {
        let mut state = mix_text(mix(self.key, 2), token);
        crate::domain::world::form::fresh(token, 0, &mut || {
            state = mix(state, 1);
            state
        })
    }

    fn number(&self, name: &str, number: &Number) -> Value {
        let text = number.to_string();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let moment = crate::domain::world::instant::unix_ms(&Value::Number(number.clone()));
        let is_known = || self.words.contains(&fingerprint(&[&text]));
        let harmless = digits <= SHORT_NUMBER_MAX || moment.is_some() || is_known();
        if self.is_stand_in(&text) || (harmless && (!is_sensitive_name(name) || is_count(name))) {
            return Value::Number(number.clone());
        }
        let mut state = mix_text(mix(self.key, 3), &text);
        let mut first = true;
        let other: String = text
            .chars()
            .map(|old| {
                state = mix(state, 1);
                if !old.is_ascii_digit() {
                    return old;
                }
                // A leading zero would be no number.
                let lead = std::mem::take(&mut first);
                let digit = if lead { 1 + state % 9 } else { state % 10 };
                char::from(b'0' + digit as u8)
            })
            .collect();
        serde_json::from_str(&other).unwrap_or_else(|_| Value::from(0))
    }

    /// A document with stand-ins.
    #[must_use]
    pub fn document(&self, document: &Value) -> Value {
        self.value("", document)
    }

    fn value(&self, name: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => match vectors::of_text(text, self.key) {
                Some(vector) => vector.into(),
                None => self.text(name, text).into(),
            },
            Value::Number(number) => self.number(name, number),
            Value::Array(items) => match vectors::of_numbers(items, self.key) {
                Some(vector) => Value::Array(vector),
                None => items.iter().map(|item| self.value(name, item)).collect(),
            },
            Value::Object(members) => Value::Object(self.object(members)),
            other => other.clone(),
        }
    }

    /// An object with stand-ins for its values, and for names that are values themselves.
    #[must_use]
    pub fn object(&self, members: &Map<String, Value>) -> Map<String, Value> {
        let member = |(name, value): (&String, &Value)| {
            let known = is_public_identifier(name)
                || self.names.contains(&fingerprint(&[name]))
                || name.len() <= SHORT_WORD_MAX;
            let shown = if known { name.clone() } else { self.word(name) };
            (shown, self.value(name, value))
        };
        members.iter().map(member).collect()
    }

    /// A path's segments with stand-ins where the template has variables.
    pub(super) fn path(&self, path: &[String], template: &SiteTemplate) -> Vec<String> {
        let segment = |(at, segment): (usize, &String)| match template.0.get(at) {
            Some(Some(_)) => segment.clone(),
            _ => self.text("", segment),
        };
        path.iter().enumerate().map(segment).collect()
    }

    /// An exchange to make answers after; `None` where nothing can stand in for its body.
    #[must_use]
    pub fn pattern(
        &self,
        exchange: &SiteExchange,
        template: &SiteTemplate,
    ) -> Option<SiteExchange> {
        let shown = self.exchange(exchange, template);
        (!is_lost(exchange, &shown)).then_some(shown)
    }

    /// An exchange behind the veil.
    #[must_use]
    pub fn exchange(&self, exchange: &SiteExchange, template: &SiteTemplate) -> SiteExchange {
        let veiled = self.hidden(exchange, template);
        match is_description(exchange) {
            true => SiteExchange {
                body: exchange.body.clone(),
                bytes: Arc::clone(&exchange.bytes),
                ..veiled
            },
            false => veiled,
        }
    }

    fn hidden(&self, exchange: &SiteExchange, template: &SiteTemplate) -> SiteExchange {
        let old = &exchange.request;
        let body = match &old.body {
            Document::Json(value) => Document::Json(self.document(value)),
            Document::Other(medium, value) => Document::Other(*medium, self.document(value)),
            Document::None | Document::Unparsable => old.body.clone(),
        };
        let request = Request {
            target: "".into(),
            segments: self.path(&old.segments, template),
            query: old.query.iter().filter_map(|pair| self.parameter(pair)).collect(),
            headers: old.headers.iter().filter_map(|h| self.asked(h)).collect(),
            credential: None,
            content: old.content.as_ref().map(|content| Arc::new(self.document(content))),
            body,
            ..(**old).clone()
        };
        let (body, bytes): (Document, Arc<[u8]>) = match &exchange.body {
            Document::Json(value) => (Document::Json(self.document(value)), b"{}"[..].into()),
            Document::Other(medium, value) => {
                (Document::Other(*medium, self.document(value)), b"{}"[..].into())
            }
            _ => {
                let text = |text: &str| self.text("", text);
                (Document::None, self.files.shown(exchange, self.key, &text).into())
            }
        };
        let header = |(name, value): &(Box<str>, String)| {
            let shown = match &**name {
                "content-type" => self.media(value),
                "last-modified" => value.clone(),
                "location" => self.address(value, template),
                _ => self.text("", value),
            };
            let number = value.len() <= SHORT_NUMBER_MAX
                && value.parse::<u32>().is_ok()
                && self.names.contains(&fingerprint(&[name]));
            let known = self.names.contains(&fingerprint(&[name])) && &**name != "set-cookie";
            (number || known || HEADERS_KEPT.contains(&&**name)).then(|| (name.clone(), shown))
        };
        let headers = exchange.headers.iter().filter_map(header).collect();
        SiteExchange {
            request: Arc::new(request),
            status: exchange.status,
            headers,
            bytes,
            body,
            issued: Vec::new(),
            is_veiled: true,
            pace: exchange.pace,
        }
    }

    /// A media type, where it is one that came again and again.
    fn media(&self, value: &str) -> String {
        let known = self.names.contains(&fingerprint(&["media", value]));
        if known { value.to_owned() } else { self.text("", value) }
    }

    /// A parameter, where its name is one that came again and again.
    fn parameter(&self, (name, value): &(String, String)) -> Option<(String, String)> {
        let known = is_public_identifier(name) || self.names.contains(&fingerprint(&[name]));
        known.then(|| (name.clone(), self.text(name, value)))
    }

    /// A header of a request that a reason may look at.
    fn asked(&self, (name, value): &(Box<str>, String)) -> Option<(Box<str>, String)> {
        let shown = match &**name {
            "content-type" | "accept" => self.media(value),
            "if-match" | "if-none-match" => self.text("", value),
            "origin" | "range" => String::new(),
            _ => return None,
        };
        Some((name.clone(), shown))
    }

    /// An address: its literal segments stay, all else has stand-ins.
    fn address(&self, address: &str, template: &SiteTemplate) -> String {
        let literal = |segment: &str| {
            template.0.iter().flatten().any(|known| **known == *segment)
                || segment.ends_with(':')
                || segment.is_empty()
        };
        let shown = |segment: &str| {
            if literal(segment) { segment.to_owned() } else { self.text("", segment) }
        };
        address.split('/').map(shown).collect::<Vec<_>>().join("/")
    }
}
