//! Scopes: which requests a rule means, and no others.
//!
//! Every part that is given must match; a list matches when one member does. A scope that means
//! everything must say so (`"everything": true`), because forgetting a field is too easy.

pub mod matcher;
pub mod path;
#[cfg(test)]
mod tests;
pub mod text;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use matcher::ScopeMatcher;
pub use path::PathPattern;
pub use text::{NamedTest, TextTest};

use super::lease::ChaosLimits;
use super::subject::Source;
use crate::domain::validation::{FieldErrors, ObjectReader, text_at, word_at};

/// Whom a rule may touch. Absent parts mean "any".
///
/// Unlike the rest of a stored rule an unknown part is not skipped on reading: ignoring it would
/// widen the scope, so such a rule is refused as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<PathPattern>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<NamedTest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<NamedTest>,
    /// Networks in CIDR notation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Endpoints that have been seen to answer with one of these classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub learned_statuses: Vec<StatusClass>,
    pub everything: bool,
}

/// A class of status codes, written `4xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusClass {
    #[serde(rename = "1xx")]
    Informational = 1,
    #[serde(rename = "2xx")]
    Successful = 2,
    #[serde(rename = "3xx")]
    Redirection = 3,
    #[serde(rename = "4xx")]
    ClientError = 4,
    #[serde(rename = "5xx")]
    ServerError = 5,
}

/// Members of one list of a scope: a rule for more endpoints than this is a pattern.
pub const MEMBERS_MAX: usize = 64;
/// Endpoint ids, sessions and names are short; the contract caps a session at 128.
const NAME_BYTES_MAX: usize = 128;

const FIELDS: [&str; 10] = [
    "endpoints",
    "methods",
    "paths",
    "session",
    "headers",
    "query",
    "peers",
    "sources",
    "learned_statuses",
    "everything",
];

impl Scope {
    /// One endpoint, whatever else.
    pub fn endpoint(id: &str) -> Self {
        Self { endpoints: vec![id.to_owned()], ..Self::default() }
    }

    pub fn parse(
        value: &Value,
        path: &str,
        limits: &ChaosLimits,
        problems: &FieldErrors,
    ) -> Option<Self> {
        let reader = ObjectReader::open(value, path, &FIELDS, problems)?;
        let scope = Self {
            endpoints: members(&reader, "endpoints", |value, at| {
                text_at(value, at, NAME_BYTES_MAX, problems).map(str::to_owned)
            }),
            methods: members(&reader, "methods", |value, at| method(value, at, problems)),
            paths: members(&reader, "paths", |value, at| {
                PathPattern::parse(value, at, limits.admin_prefix.as_deref(), problems)
            }),
            session: reader.text("session", NAME_BYTES_MAX).map(str::to_owned),
            headers: members(&reader, "headers", |value, at| {
                NamedTest::parse(value, at, problems).map(NamedTest::lowercase)
            }),
            query: members(&reader, "query", |value, at| NamedTest::parse(value, at, problems)),
            peers: members(&reader, "peers", |value, at| peer(value, at, problems)),
            sources: members(&reader, "sources", |value, at| word_at(value, at, problems)),
            learned_statuses: members(&reader, "learned_statuses", |value, at| {
                word_at(value, at, problems)
            }),
            everything: reader.boolean("everything").unwrap_or(false),
        };
        let narrowed = FIELDS.iter().any(|field| *field != "everything" && reader.has(field));
        if !narrowed && !scope.everything {
            problems.add(path, "is empty: name what is meant, or say `\"everything\": true`");
            return None;
        }
        Some(scope)
    }
}

fn members<T>(
    reader: &ObjectReader<'_>,
    name: &str,
    mut parse: impl FnMut(&Value, &str) -> Option<T>,
) -> Vec<T> {
    reader.list(name, MEMBERS_MAX).iter().filter_map(|(value, at)| parse(value, at)).collect()
}

/// A token (RFC 9110, 5.6.2), in upper case: `get` surely means `GET`.
fn method(value: &Value, at: &str, problems: &FieldErrors) -> Option<String> {
    let text = text_at(value, at, NAME_BYTES_MAX, problems)?;
    if !text.bytes().all(text::is_token_byte) {
        problems.add(at, "expected a method such as `GET`");
        return None;
    }
    Some(text.to_ascii_uppercase())
}

/// A network or a single address.
fn peer(value: &Value, at: &str, problems: &FieldErrors) -> Option<String> {
    let text = text_at(value, at, NAME_BYTES_MAX, problems)?;
    if matcher::network(text).is_none() {
        problems.add(at, "expected a network such as `10.0.0.0/8` or an address");
        return None;
    }
    Some(text.to_owned())
}
