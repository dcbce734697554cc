//! Whom an override means.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::chaos::Responder;
use crate::domain::matching::request_pattern::members;
use crate::domain::matching::{BodyTest, RequestPattern};
use crate::domain::validation::{FieldErrors, ObjectReader, word_at};

/// Conditions on a request. Every part that is given must hold; of `headers`, `query` and `body`
/// every test, of other lists one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideMatch {
    /// Method, path, endpoint, headers and the like.
    #[serde(flatten)]
    pub request: RequestPattern,
    /// Tests of a JSON body, all of which must hold; one that is no JSON passes only those of
    /// absence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<BodyTest>,
    /// Who would answer otherwise. Unless it says `upstream`, an override acts on mocks alone: what
    /// is proxied is what the backend says.
    #[serde(default = "mocks")]
    pub sources: Vec<Responder>,
    /// On which of a consumer's matching calls it acts.
    #[serde(default, skip_serializing_if = "Calls::is_every")]
    pub calls: Calls,
    /// Share of the matching calls on which it acts, 0 to 1.
    #[serde(default = "always", skip_serializing_if = "is_always")]
    pub probability: f64,
}

/// On which of one consumer's matching calls an override acts; they are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// The first one, from 1.
    #[serde(default = "one")]
    pub from: u64,
    /// The last one; none unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// From the first on, every so many.
    #[serde(default = "one")]
    pub every: u64,
}

impl Default for Calls {
    fn default() -> Self {
        Self { from: 1, to: None, every: 1 }
    }
}

impl Calls {
    const FIELDS: [&'static str; 3] = ["from", "to", "every"];

    /// Whether no call is left out, which overrides leave unsaid.
    pub fn is_every(&self) -> bool {
        *self == Self::default()
    }

    /// Whether `call` is one of them.
    pub fn include(&self, call: u64) -> bool {
        call >= self.from
            && self.to.is_none_or(|to| call <= to)
            && (call - self.from).is_multiple_of(self.every.max(1))
    }

    fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        let reader = ObjectReader::open(value, path, &Self::FIELDS, problems)?;
        let number = |name| reader.integer(name, 1..=i64::MAX).map(i64::unsigned_abs);
        let calls = Self {
            from: number("from").unwrap_or(1),
            to: number("to"),
            every: number("every").unwrap_or(1),
        };
        if calls.to.is_some_and(|to| to < calls.from) {
            reader.problem("to", "is before `from`");
        }
        Some(calls)
    }
}

const OWN_FIELDS: [&str; 4] = ["body", "sources", "calls", "probability"];

impl OverrideMatch {
    /// Reads what a person wrote. `admin_prefix` is no path that can be meant.
    pub fn parse(
        value: &Value,
        path: &str,
        admin_prefix: Option<&str>,
        problems: &FieldErrors,
    ) -> Option<Self> {
        let known: Vec<&'static str> =
            RequestPattern::FIELDS.iter().chain(&OWN_FIELDS).copied().collect();
        let reader = ObjectReader::open(value, path, &known, problems)?;
        let request = RequestPattern::read(&reader, admin_prefix);
        let narrowed = RequestPattern::FIELDS.iter().chain(&["body"]);
        if !narrowed.into_iter().any(|field| reader.has(field)) {
            problems.add(path, "is empty: name the requests that are meant");
        }
        let body = members(&reader, "body", |value, at| BodyTest::parse(value, at, problems));
        let sources: Vec<Responder> = match reader.has("sources") {
            true => members(&reader, "sources", |value, at| word_at(value, at, problems)),
            false => mocks(),
        };
        if !body.is_empty() && sources.contains(&Responder::Upstream) {
            let why = "a proxied body streams on and is not looked at: leave out `upstream`";
            reader.problem("sources", why);
        }
        let calls = reader.value("calls");
        let calls = calls.and_then(|calls| Calls::parse(calls, &reader.at("calls"), problems));
        let probability = reader.number("probability", 0.0..=1.0).unwrap_or(1.0);
        Some(Self { request, body, sources, calls: calls.unwrap_or_default(), probability })
    }
}

fn mocks() -> Vec<Responder> {
    vec![Responder::Mock]
}

fn one() -> u64 {
    1
}

fn always() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "`serde` passes a reference")]
fn is_always(probability: &f64) -> bool {
    *probability >= 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_from_one() {
        let check = |calls: Calls, expected: &[u64]| {
            let on: Vec<u64> = (1..=8).filter(|call| calls.include(*call)).collect();
            assert_eq!(on, expected, "{calls:?}");
        };
        check(Calls::default(), &[1, 2, 3, 4, 5, 6, 7, 8]);
        check(Calls { from: 3, ..Calls::default() }, &[3, 4, 5, 6, 7, 8]);
        check(Calls { from: 2, to: Some(2), every: 1 }, &[2]);
        check(Calls { from: 2, to: None, every: 3 }, &[2, 5, 8]);
    }
}
