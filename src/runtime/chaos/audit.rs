//! The audit trail: one entry for every change of a chaos rule.

use super::{ChaosHandle, RuleEntry};
use crate::runtime::edit::{EditAction, audit_entry};
use crate::runtime::persistence::pending_writes::PendingWrite;

impl ChaosHandle {
    /// Notes a change; `revision` is that of the change and makes the entry unique.
    pub(super) fn note(
        &self,
        edit: (&str, EditAction, u64),
        before: Option<&RuleEntry>,
        after: Option<&RuleEntry>,
    ) {
        let Some(changed) = after.or(before) else { return };
        let subject = format!("chaos/rules/{}", changed.rule.id);
        let before = before.map(|held| &*held.rule);
        let record = audit_entry(edit, subject, before, after.map(|held| &*held.rule));
        self.0.persistence.write(PendingWrite::Audit(record));
    }
}
