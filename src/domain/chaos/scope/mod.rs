//! Scopes: which requests a rule means, and no others.
//!
//! What a scope says of the request itself is a [`RequestPattern`]; it adds who would answer and
//! what the endpoint was seen to answer. A scope that means everything must say so
//! (`"everything": true`), because forgetting a field is too easy.

pub mod matcher;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use matcher::ScopeMatcher;

use super::lease::ChaosLimits;
use super::subject::Responder;
use crate::domain::matching::RequestPattern;
use crate::domain::matching::request_pattern::members;
use crate::domain::validation::{FieldErrors, ObjectReader, word_at};

/// Whom a rule may touch. Absent parts mean "any".
///
/// Unlike the rest of a stored rule an unknown part is not skipped on reading: ignoring it would
/// widen the scope, so such a rule is refused as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredScope")]
pub struct Scope {
    /// Method, path, endpoint, headers and the like.
    #[serde(flatten)]
    pub request: RequestPattern,
    /// Who would answer without chaos; empty for whoever.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Responder>,
    /// Endpoints that have been seen to answer with one of these classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub learned_statuses: Vec<StatusClass>,
    /// Said outright where no other part is given.
    pub everything: bool,
}

/// A scope at rest, and whatever else stands there.
#[derive(Deserialize)]
struct StoredScope {
    #[serde(flatten)]
    request: RequestPattern,
    #[serde(default)]
    sources: Vec<Responder>,
    #[serde(default)]
    learned_statuses: Vec<StatusClass>,
    #[serde(default)]
    everything: bool,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

impl TryFrom<StoredScope> for Scope {
    type Error = String;

    fn try_from(stored: StoredScope) -> Result<Self, String> {
        let StoredScope { request, sources, learned_statuses, everything, unknown } = stored;
        match unknown.keys().next() {
            Some(name) => Err(format!("unknown part `{name}` of a scope")),
            None => Ok(Self { request, sources, learned_statuses, everything }),
        }
    }
}

/// A class of status codes, written `4xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusClass {
    /// 100 to 199.
    #[serde(rename = "1xx")]
    Informational = 1,
    /// 200 to 299.
    #[serde(rename = "2xx")]
    Successful = 2,
    /// 300 to 399.
    #[serde(rename = "3xx")]
    Redirection = 3,
    /// 400 to 499.
    #[serde(rename = "4xx")]
    ClientError = 4,
    /// 500 to 599.
    #[serde(rename = "5xx")]
    ServerError = 5,
}

const FIELDS: [&str; 11] = {
    let [endpoints, methods, paths, session, headers, query, routes, peers] =
        RequestPattern::FIELDS;
    [
        endpoints,
        methods,
        paths,
        session,
        headers,
        query,
        routes,
        peers,
        "sources",
        "learned_statuses",
        "everything",
    ]
};

impl Scope {
    /// One endpoint, whatever else.
    pub fn endpoint(id: &str) -> Self {
        Self { request: RequestPattern::endpoint(id), ..Self::default() }
    }

    /// Reads it at `path`. `None` for an empty scope, which is refused, and for what is no object;
    /// other mistakes are left to `problems` alone.
    pub fn parse(
        value: &Value,
        path: &str,
        limits: &ChaosLimits,
        problems: &FieldErrors,
    ) -> Option<Self> {
        let reader = ObjectReader::open(value, path, &FIELDS, problems)?;
        let scope = Self {
            request: RequestPattern::read(&reader, limits.admin_prefix.as_deref()),
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
