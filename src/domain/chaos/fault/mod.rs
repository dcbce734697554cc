//! Faults as data: one file or folder each, composable in one rule.
//!
//! A fault knows its fields, what it would add to the [`ChaosPlan`] and nothing else: who is hit
//! and how often stands in the rule. To add one made of existing effects: its file with
//! `DESCRIPTOR`, the type with `parse` and [`Plan`], and its line in `faults!`; enum, catalogue,
//! parsing, the bounds of the admin's form and its documentation follow from the line.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::{ChaosPlan, ReplacedResponse};
use super::subject::ChaosSubject;
use crate::domain::chaos::token_buckets::{TokenDecision, TokenRate};
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::validation::{FieldErrors, ObjectReader};

/// One fault as the catalogue shows it. Input is checked against the same table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FaultDescriptor {
    /// The value of `type`.
    pub name: &'static str,
    /// What it does, as a fragment behind its name.
    pub summary: &'static str,
    /// What stands beside `type`, in the order of the documentation.
    pub fields: &'static [FieldDescriptor],
    /// JSON of a fault one could use as it stands.
    #[serde(serialize_with = "example")]
    pub example: &'static str,
}

/// One field of a fault.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FieldDescriptor {
    /// Key in the JSON object.
    pub name: &'static str,
    /// Whether a fault without it is refused.
    pub required: bool,
    /// What it takes, with bounds and default.
    pub expects: &'static str,
}

/// Makes of one line per fault, `module::Type`: the module, the variant of [`Fault`], the row of
/// [`CATALOGUE`], and the way from JSON to the fault and from the fault to its plan.
macro_rules! faults {
    ($($module:ident::$fault:ident,)*) => {
        $(pub mod $module;)*

        /// What is done to an answer.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Fault {
            $(
                #[doc = concat!("Fields and effects: see [`", stringify!($module), "`].")]
                $fault($module::$fault),
            )*
        }

        /// All faults, in the order in which the documentation tells of them.
        pub const CATALOGUE: &[FaultDescriptor] = &[$($module::DESCRIPTOR,)*];

        impl Fault {
            /// Reads the fields of the fault called `name`, which are already known to be its.
            fn read(name: &str, fault: &ObjectReader<'_>) -> Option<Self> {
                $(if name == $module::DESCRIPTOR.name {
                    return $module::$fault::parse(fault).map(Self::$fault);
                })*
                None
            }

            /// The row of [`CATALOGUE`] that this fault is described by.
            pub fn descriptor(&self) -> &'static FaultDescriptor {
                match self {
                    $(Self::$fault(_) => &$module::DESCRIPTOR,)*
                }
            }

            pub(super) fn as_plan(&self) -> &dyn Plan {
                match self {
                    $(Self::$fault(fault) => fault,)*
                }
            }
        }
    };
}

faults! {
    latency::Latency,
    status::Status,
    gateway_page::GatewayPage,
    rate_limit::RateLimit,
    connection::Connection,
    hang::Hang,
    throttle::Throttle,
    truncate::Truncate,
    corrupt::Corrupt,
    headers::Headers,
    stale::Stale,
}

/// What only one fault can decide for an answer: of two that ask for it, the first has its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// What is answered in the backend's place.
    Response,
    /// Whether the request is left without an answer.
    Hang,
    /// Where and how the connection ends early.
    Abort,
    /// At which speed the body goes out.
    Pace,
    /// After how many bytes the body ends.
    Truncation,
    /// How the body is damaged.
    Corruption,
    /// Whether the previous version of the entity is answered.
    Stale,
}

/// What a fault may look at while it is planned.
pub(super) struct PlanContext<'a> {
    pub subject: &'a ChaosSubject<'a>,
    pub rule_name: &'a str,
    pub draws: KeyedRng,
    pub now_ms: i64,
    /// What the token bucket said, when the rule has one.
    pub tokens: Option<TokenDecision>,
    /// What [`Plan::prepare`] made for this rule.
    pub prepared: Option<&'a Arc<ReplacedResponse>>,
}

/// The questions put to a fault.
pub(super) trait Plan {
    /// What it decides alone; `None` for what adds up with others of its kind.
    fn decides(&self) -> Option<Decision> {
        None
    }
    /// The answer under a rule of this name, when it is the same for each hit: it is then made
    /// once, when the rules are compiled.
    fn prepare(&self, _rule_name: &str) -> Option<ReplacedResponse> {
        None
    }
    /// The token bucket that is asked before the fault acts: whose it is, and its rate.
    fn bucket(&self, _subject: &ChaosSubject<'_>) -> Option<(u64, TokenRate)> {
        None
    }
    /// Whether it would add anything: what it changes is not decided yet, and it can act here.
    fn applies(&self, context: &PlanContext<'_>, effects: &ChaosPlan) -> bool;
    /// Adds it. Called only after `applies` held.
    fn plan(&self, context: &mut PlanContext<'_>, effects: &mut ChaosPlan);
}

impl Fault {
    /// Reads it at `path`; `None` when something is wrong, which `problems` then holds in full.
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
        let parsed = Self::read(kind, &fault);
        parsed.filter(|_| missing == 0)
    }

    /// The value of `type`.
    pub fn name(&self) -> &'static str {
        self.descriptor().name
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
