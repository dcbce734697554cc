//! `stale`: a mock answers with the previous version of its entity, as a cache would.

mod previous_version;

use serde::{Deserialize, Serialize};

pub use previous_version::previous_version;

use super::{Decision, FaultDescriptor, Plan, PlanContext};
use crate::domain::chaos::plan::ChaosPlan;
use crate::domain::chaos::subject::Responder;
use crate::domain::validation::ObjectReader;

/// The previous version of the entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "stale",
    summary: "answers with the previous version of the mock entity; never acts on proxied answers",
    fields: &[],
    example: r#"{"type": "stale"}"#,
};

impl Stale {
    /// It has no fields.
    pub fn parse(_: &ObjectReader<'_>) -> Option<Self> {
        Some(Self {})
    }
}

impl Plan for Stale {
    fn decides(&self) -> Option<Decision> {
        Some(Decision::Stale)
    }

    fn applies(&self, context: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        context.subject.source == Responder::Mock && !effects.stale
    }

    fn plan(&self, _: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        effects.stale = true;
    }
}
