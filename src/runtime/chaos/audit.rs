//! The audit trail: one entry for every change of a chaos rule.

use serde::Serialize;

use super::{ChaosHandle, RuleEntry};
use crate::domain::chaos::ChaosRule;
use crate::runtime::clock::now_ms;
use crate::runtime::learning::snapshot::document;
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::AuditRecord;

/// What was done to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuditAction {
    Create,
    Replace,
    Patch,
    Delete,
    Stop,
}

impl AuditAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Patch => "amend",
            Self::Delete => "delete",
            Self::Stop => "stop",
        }
    }
}

/// What an entry keeps: the rule before and after.
#[derive(Serialize)]
struct Changed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a ChaosRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a ChaosRule>,
}

impl ChaosHandle {
    /// Notes a change; `revision` is that of the change and makes the entry unique.
    pub(super) fn note(
        &self,
        (actor, action, revision): (&str, AuditAction, u64),
        before: Option<&RuleEntry>,
        after: Option<&RuleEntry>,
    ) {
        let Some(changed) = after.or(before) else { return };
        let record = AuditRecord {
            id: format!("{revision:x}-{:x}", std::process::id()),
            at_ms: now_ms(),
            actor: actor.to_owned(),
            action: action.as_str().to_owned(),
            subject: format!("chaos/rules/{}", changed.rule.id),
            document: document(&Changed {
                before: before.map(|held| &*held.rule),
                after: after.map(|held| &*held.rule),
            }),
        };
        self.0.persistence.write(PendingWrite::Audit(record));
    }
}
