//! `hang`: nothing is ever answered, until a limit ends the connection.

use serde::{Deserialize, Serialize};

use super::{Decision, FaultDescriptor, Plan, PlanContext, optional};
use crate::domain::chaos::plan::ChaosPlan;
use crate::domain::validation::ObjectReader;

/// No answer at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hang {
    /// Time after which the connection is closed, ms.
    #[serde(default = "max_ms")]
    pub max_ms: u64,
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "hang",
    summary: "accepts the request and never answers; the connection ends after `max_ms`",
    fields: &[optional("max_ms", "milliseconds, 1 to 600000; 60000 by default")],
    example: r#"{"type": "hang", "max_ms": 30000}"#,
};

/// Ten minutes, as for added latency: a connection must not be held for ever.
const HANG_MS_MAX: i64 = 600_000;

impl Hang {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let given = fault.integer("max_ms", 1..=HANG_MS_MAX).map(i64::unsigned_abs);
        Some(Self { max_ms: given.unwrap_or_else(max_ms) })
    }
}

/// A minute outlasts the default time-out of most clients (30 s or less).
fn max_ms() -> u64 {
    60_000
}

impl Plan for Hang {
    fn decides(&self) -> Option<Decision> {
        Some(Decision::Hang)
    }

    fn applies(&self, _: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        effects.hang_ms.is_none()
    }

    fn plan(&self, _: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        effects.hang_ms = Some(self.max_ms);
    }
}
