//! `connection`: the connection ends before the answer does.

use serde::{Deserialize, Serialize};

use super::{Decision, FaultDescriptor, Plan, PlanContext, optional, required};
use crate::domain::chaos::plan::{Abort, ChaosPlan, CloseKind, CutPoint};
use crate::domain::validation::ObjectReader;

/// A connection that ends early.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// Where it ends.
    pub at: CutAt,
    /// How it ends.
    pub how: CloseKind,
    /// For `mid_body`: bytes of the body that still pass; about half when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_bytes: Option<u64>,
}

/// Where the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutAt {
    /// Before anything of the answer.
    BeforeHead,
    /// Inside its head.
    MidHead,
    /// Inside its body.
    MidBody,
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "connection",
    summary: "ends the connection early, by an orderly end or by a reset",
    fields: &[
        required("at", "`before_head`, `mid_head` or `mid_body`"),
        optional("how", "`fin` or `reset` (default)"),
        optional("after_bytes", "for `mid_body`: body bytes that still pass; half by default"),
    ],
    example: r#"{"type": "connection", "at": "mid_body", "how": "reset", "after_bytes": 100}"#,
};

impl Connection {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let at = fault.word("at");
        let how = fault.word("how").unwrap_or(CloseKind::Reset);
        let after_bytes = fault.integer("after_bytes", 0..=i64::MAX).map(i64::unsigned_abs);
        let at = at?;
        if after_bytes.is_some() && at != CutAt::MidBody {
            fault.problem("after_bytes", "goes with `\"at\": \"mid_body\"` only");
            return None;
        }
        Some(Self { at, how, after_bytes })
    }
}

impl Plan for Connection {
    fn decides(&self) -> Option<Decision> {
        Some(Decision::Abort)
    }

    fn applies(&self, _: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        effects.cut.is_none()
    }

    fn plan(&self, _: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        let at = match self.at {
            CutAt::BeforeHead => CutPoint::BeforeHead,
            CutAt::MidHead => CutPoint::MidHead,
            CutAt::MidBody => CutPoint::MidBody(self.after_bytes),
        };
        effects.cut = Some(Abort { at, how: self.how });
    }
}
