//! `Set-Cookie`: names and attributes as learned, values made up.

use serde::{Deserialize, Serialize};

use super::HeaderLimits;
use super::clock::{ClockOffset, parse_http_date};
use super::names::COOKIE_ATTRIBUTES;
use super::template::Templates;
use super::vocabulary::Vocabulary;
use crate::domain::headers::unseen_names::UnseenNames;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// Stands for the date of `Expires` in remembered attributes, where no header has it.
pub(super) const EXPIRES_AT: char = '\u{1}';

/// The cookies set by the answers of one status (RFC 6265).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct CookieJar {
    /// Answers that set any.
    pub(super) answers: u64,
    pub(super) cookies: Vec<Cookie>,
    pending: UnseenNames,
}

heap_bytes!(CookieJar { answers, cookies, pending });

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) count: u64,
    pub(super) values: Templates,
    pub(super) attributes: Vocabulary,
    pub(super) expires: ClockOffset,
}

heap_bytes!(Cookie { name, count, values, attributes, expires });

impl CookieJar {
    /// Learns the cookies of one answer.
    pub(super) fn observe<'a>(
        &mut self,
        lines: impl Iterator<Item = &'a str>,
        at_ms: i64,
        limits: &HeaderLimits,
    ) {
        self.answers += 1;
        for line in lines {
            let (pair, attributes) = line.split_at(line.find(';').unwrap_or(line.len()));
            let Some((name, value)) = pair.split_once('=') else { continue };
            let Some(cookie) = self.cookie(name.trim(), limits) else { continue };
            cookie.count += 1;
            // Whatever a cookie carries is somebody's: only its shape is learned.
            cookie.values.observe(value.trim(), true);
            let attributes = cookie.expires.take_expires(attributes, at_ms);
            cookie.attributes.observe(COOKIE_ATTRIBUTES, &attributes, limits.vocabulary_max);
        }
    }

    pub(super) fn merge(&mut self, other: &Self, limits: &HeaderLimits) {
        self.answers += other.answers;
        for theirs in &other.cookies {
            let ours = match self.cookies.iter().position(|c| c.name == theirs.name) {
                Some(at) => &mut self.cookies[at],
                None if self.cookies.len() < limits.cookies_max => {
                    self.cookies.push(Cookie { name: theirs.name.clone(), ..Cookie::default() });
                    let last = self.cookies.len() - 1;
                    &mut self.cookies[last]
                }
                None => continue,
            };
            ours.count += theirs.count;
            ours.values.merge(&theirs.values);
            ours.expires.merge(&theirs.expires);
            let max = limits.vocabulary_max;
            ours.attributes.merge(COOKIE_ATTRIBUTES, &theirs.attributes, max);
        }
    }

    /// The cookie of a name that may be kept: one seen before, and no token itself.
    fn cookie(&mut self, name: &str, limits: &HeaderLimits) -> Option<&mut Cookie> {
        if let Some(at) = self.cookies.iter().position(|cookie| cookie.name == name) {
            return self.cookies.get_mut(at);
        }
        if self.cookies.len() >= limits.cookies_max {
            return None;
        }
        let before = self.pending.promote(name)?;
        self.cookies.push(Cookie { name: name.to_owned(), count: before, ..Cookie::default() });
        self.cookies.last_mut()
    }
}

impl ClockOffset {
    /// Learns the date of `Expires` and gives the attributes with a mark in its place.
    fn take_expires(&mut self, attributes: &str, at_ms: i64) -> String {
        let mut out = String::with_capacity(attributes.len());
        for attribute in attributes.split(';').skip(1) {
            out.push(';');
            let date = attribute
                .split_once('=')
                .filter(|(name, _)| name.trim().eq_ignore_ascii_case("expires"));
            match date.and_then(|(name, date)| Some((name, parse_http_date(date.trim())?))) {
                Some((name, date_ms)) => {
                    self.observe(date_ms.saturating_sub(at_ms), at_ms);
                    out.push_str(name);
                    out.push('=');
                    out.push(EXPIRES_AT);
                }
                None => out.push_str(attribute),
            }
        }
        out
    }
}
