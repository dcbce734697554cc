//! What edits of people have in common, whatever they edit: a revision they are based on, reasons
//! why they are not made, and an entry in the audit trail.

use serde::Serialize;

use super::clock::now_ms;
use super::learning::snapshot::document;
use crate::domain::validation::FieldError;
use crate::store::AuditRecord;

/// Which revision somebody wants to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    Any,
    /// One of these.
    Revisions(Vec<u64>),
}

/// Why an edit was not made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// There is nothing of this id.
    #[error("nothing has this id")]
    Unknown,
    /// It has changed since it was looked at.
    #[error("it has changed")]
    Stale,
    /// What was asked for cannot be read.
    #[error("{} fields cannot be used", .0.len())]
    Invalid(Vec<FieldError>),
    /// As many exist as may, none of which has ended.
    #[error("as many exist as may")]
    Full,
}

impl Expected {
    /// Whether `revision` is meant.
    ///
    /// # Errors
    /// [`EditError::Stale`] when it is not.
    pub fn check(&self, revision: u64) -> Result<(), EditError> {
        match self {
            Self::Any => Ok(()),
            Self::Revisions(known) if known.contains(&revision) => Ok(()),
            Self::Revisions(_) => Err(EditError::Stale),
        }
    }
}

/// The next revision after `last`: larger than all before, also than those of what is gone and of
/// earlier processes, as far as the wall clock goes forward.
pub fn next_revision(last: &mut u64, now_ms: i64) -> u64 {
    *last = (*last + 1).max(now_ms.max(0).unsigned_abs());
    *last
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditAction {
    /// Something new.
    Create,
    /// All that a person may set is written anew.
    Replace,
    /// Some of it is changed, the rest stays.
    Amend,
    /// It is taken away.
    Delete,
    /// It is kept, and ended before its time.
    Stop,
}

impl EditAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Amend => "amend",
            Self::Delete => "delete",
            Self::Stop => "stop",
        }
    }
}

/// What an entry keeps: the thing before and after.
#[derive(Serialize)]
struct Changed<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a T>,
}

/// The audit entry of a change of `subject`; `revision` is that of the change and makes the entry
/// unique.
pub fn audit_entry<T: Serialize>(
    (actor, action, revision): (&str, EditAction, u64),
    subject: String,
    before: Option<&T>,
    after: Option<&T>,
) -> AuditRecord {
    // Each room counts its own revisions, so two of them can meet in one.
    let room = subject.split('/').next().unwrap_or_default();
    AuditRecord {
        id: format!("{revision:x}-{:x}-{room}", std::process::id()),
        at_ms: now_ms(),
        actor: actor.to_owned(),
        action: action.as_str().to_owned(),
        subject,
        document: document(&Changed { before, after }),
    }
}
