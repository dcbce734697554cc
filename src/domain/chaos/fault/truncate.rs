//! `truncate`: the body ends early while its framing is intact, so that only its reader notices.

use serde::{Deserialize, Serialize};

use super::{Decision, FaultDescriptor, Plan, PlanContext, optional};
use crate::domain::chaos::plan::{ChaosPlan, Truncation};
use crate::domain::validation::ObjectReader;

/// `keep_bytes` or `keep_ratio`; half when neither is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Truncate {
    /// Bytes of the body that are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_bytes: Option<u64>,
    /// Share of the body that is kept, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_ratio: Option<f64>,
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "truncate",
    summary: "ends the body early with intact framing: `content-length` agrees with what is sent",
    fields: &[
        optional("keep_bytes", "bytes that are kept"),
        optional("keep_ratio", "share that is kept, 0 to 1; 0.5 when neither is given"),
    ],
    example: r#"{"type": "truncate", "keep_ratio": 0.5}"#,
};

impl Truncate {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let keep_bytes = fault.integer("keep_bytes", 0..=i64::MAX).map(i64::unsigned_abs);
        let keep_ratio = fault.number("keep_ratio", 0.0..=1.0);
        if fault.has("keep_bytes") && fault.has("keep_ratio") {
            fault.problem("keep_ratio", "contradicts `keep_bytes`: give one of them");
            return None;
        }
        Some(Self { keep_bytes, keep_ratio })
    }
}

impl Plan for Truncate {
    fn decides(&self) -> Option<Decision> {
        Some(Decision::Truncation)
    }

    fn applies(&self, _: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        effects.truncate.is_none()
    }

    fn plan(&self, _: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        effects.truncate = Some(match self.keep_bytes {
            Some(bytes) => Truncation::Bytes(bytes),
            None => Truncation::Ratio(self.keep_ratio.unwrap_or(0.5)),
        });
    }
}
