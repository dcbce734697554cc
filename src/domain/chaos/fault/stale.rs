//! `stale`: a mock answers with the previous version of its entity, as a cache would.

use serde::{Deserialize, Serialize};

use super::{FaultDescriptor, Plan, PlanContext};
use crate::domain::chaos::effects::Effects;
use crate::domain::chaos::subject::Source;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {}

pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "stale",
    summary: "answers with the previous version of the mock entity; never acts on proxied answers",
    fields: &[],
    example: r#"{"type": "stale"}"#,
};

impl Plan for Stale {
    fn applies(&self, context: &PlanContext<'_>, effects: &Effects) -> bool {
        context.subject.source == Source::Mock && !effects.stale
    }

    fn plan(&self, _: &mut PlanContext<'_>, effects: &mut Effects) {
        effects.stale = true;
    }
}
