//! Faults as data: one file each, composable in one rule.
//!
//! A fault knows its fields, what it would add to the [`Effects`] and nothing else: who is hit and
//! how often stands in the rule. To add one: its file, a variant of [`Fault`], and a row in
//! [`CATALOGUE`]; the compiler and the catalogue's tests name what is missing.

pub mod connection;
pub mod corrupt;
pub mod hang;
pub mod headers;
pub mod latency;
pub mod rate_limit;
pub mod stale;
pub mod status;
#[cfg(test)]
mod tests;
pub mod throttle;
pub mod truncate;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::draw::Draws;
use super::effects::{Effects, ReplacedResponse};
use super::subject::ChaosSubject;
use crate::domain::chaos::token_buckets::TokenDecision;
use crate::domain::chaos::validation::{FieldErrors, ObjectReader};

/// What is done to an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fault {
    Latency(latency::Latency),
    Status(status::Status),
    RateLimit(rate_limit::RateLimit),
    Connection(connection::Connection),
    Hang(hang::Hang),
    Throttle(throttle::Throttling),
    Truncate(truncate::Truncate),
    Corrupt(corrupt::Corrupt),
    Headers(headers::Headers),
    Stale(stale::Stale),
}

/// One fault as the catalogue shows it. Input is checked against the same table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FaultDescriptor {
    /// The value of `type`.
    pub name: &'static str,
    pub summary: &'static str,
    pub fields: &'static [FieldDescriptor],
    /// JSON of a fault one could use as it stands.
    #[serde(serialize_with = "example")]
    pub example: &'static str,
}

/// One field of a fault.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FieldDescriptor {
    pub name: &'static str,
    pub required: bool,
    /// What it takes, with bounds and default.
    pub expects: &'static str,
}

/// All faults, in the order in which the documentation tells of them.
pub const CATALOGUE: [FaultDescriptor; 10] = [
    latency::DESCRIPTOR,
    status::DESCRIPTOR,
    rate_limit::DESCRIPTOR,
    connection::DESCRIPTOR,
    hang::DESCRIPTOR,
    throttle::DESCRIPTOR,
    truncate::DESCRIPTOR,
    corrupt::DESCRIPTOR,
    headers::DESCRIPTOR,
    stale::DESCRIPTOR,
];

/// What a fault may look at while it is planned.
pub(super) struct PlanContext<'a> {
    pub subject: &'a ChaosSubject<'a>,
    pub rule_name: &'a str,
    pub draws: Draws,
    pub now_ms: i64,
    /// What the token bucket said, when the rule has one.
    pub tokens: Option<TokenDecision>,
    /// The answer of the rule's `status`, made beforehand.
    pub prepared: Option<&'a Arc<ReplacedResponse>>,
}

/// The two questions put to a fault.
pub(super) trait Plan {
    /// Whether it would add anything: what it changes is not decided yet, and it can act here.
    fn applies(&self, context: &PlanContext<'_>, effects: &Effects) -> bool;
    /// Adds it. Called only after `applies` held.
    fn plan(&self, context: &mut PlanContext<'_>, effects: &mut Effects);
}

impl Fault {
    pub fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        let Value::Object(object) = value else {
            problems.add(path, "expected an object with a `type`");
            return None;
        };
        let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
        let Some(descriptor) = CATALOGUE.iter().find(|descriptor| descriptor.name == kind) else {
            let names: Vec<_> = CATALOGUE.iter().map(|fault| format!("`{}`", fault.name)).collect();
            problems.add(format!("{path}.type"), format!("expected one of {}", names.join(", ")));
            return None;
        };
        let fields: Vec<_> =
            std::iter::once("type").chain(descriptor.fields.iter().map(|f| f.name)).collect();
        let fault = ObjectReader::open(value, path, &fields, problems)?;
        // Missing fields are reported here, once for all faults.
        let required = descriptor.fields.iter().filter(|field| field.required);
        let missing = required.filter(|field| !fault.require(field.name)).count();
        let parsed = match kind {
            "latency" => latency::Latency::parse(&fault).map(Self::Latency),
            "status" => status::Status::parse(&fault).map(Self::Status),
            "rate_limit" => rate_limit::RateLimit::parse(&fault).map(Self::RateLimit),
            "connection" => connection::Connection::parse(&fault).map(Self::Connection),
            "hang" => hang::Hang::parse(&fault).map(Self::Hang),
            "throttle" => throttle::Throttling::parse(&fault).map(Self::Throttle),
            "truncate" => truncate::Truncate::parse(&fault).map(Self::Truncate),
            "corrupt" => corrupt::Corrupt::parse(&fault).map(Self::Corrupt),
            "headers" => headers::Headers::parse(&fault).map(Self::Headers),
            "stale" => Some(Self::Stale(stale::Stale {})),
            _ => None,
        };
        parsed.filter(|_| missing == 0)
    }

    /// The value of `type`.
    pub fn name(&self) -> &'static str {
        self.descriptor().name
    }

    pub fn descriptor(&self) -> &'static FaultDescriptor {
        match self {
            Self::Latency(_) => &latency::DESCRIPTOR,
            Self::Status(_) => &status::DESCRIPTOR,
            Self::RateLimit(_) => &rate_limit::DESCRIPTOR,
            Self::Connection(_) => &connection::DESCRIPTOR,
            Self::Hang(_) => &hang::DESCRIPTOR,
            Self::Throttle(_) => &throttle::DESCRIPTOR,
            Self::Truncate(_) => &truncate::DESCRIPTOR,
            Self::Corrupt(_) => &corrupt::DESCRIPTOR,
            Self::Headers(_) => &headers::DESCRIPTOR,
            Self::Stale(_) => &stale::DESCRIPTOR,
        }
    }

    /// What two rules cannot both decide; `None` for what adds up.
    pub fn exclusive(&self) -> Option<&'static str> {
        match self {
            Self::Latency(_) | Self::Headers(_) => None,
            // A limited request is answered, just as a failed one is.
            Self::Status(_) | Self::RateLimit(_) => Some("answer"),
            other => Some(other.name()),
        }
    }

    pub(super) fn as_plan(&self) -> &dyn Plan {
        match self {
            Self::Latency(fault) => fault,
            Self::Status(fault) => fault,
            Self::RateLimit(fault) => fault,
            Self::Connection(fault) => fault,
            Self::Hang(fault) => fault,
            Self::Throttle(fault) => fault,
            Self::Truncate(fault) => fault,
            Self::Corrupt(fault) => fault,
            Self::Headers(fault) => fault,
            Self::Stale(fault) => fault,
        }
    }
}

const fn required(name: &'static str, expects: &'static str) -> FieldDescriptor {
    FieldDescriptor { name, required: true, expects }
}

const fn optional(name: &'static str, expects: &'static str) -> FieldDescriptor {
    FieldDescriptor { name, required: false, expects }
}

/// Shows the example as JSON, not as text.
fn example<S: serde::Serializer>(example: &str, to: S) -> Result<S::Ok, S::Error> {
    let value: Value = serde_json::from_str(example).map_err(serde::ser::Error::custom)?;
    value.serialize(to)
}
