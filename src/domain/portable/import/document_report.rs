//! What an import took, what it did not, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Reasons told apart in a report; what comes beyond is counted together.
const REASONS_MAX: usize = 50;

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 200;

/// Why nothing was imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The formats that may be named, for a document whose beginning tells none.
    #[error("the format is not recognised; name it (`format`): {0}")]
    Unknown(String),
    /// The most bytes that are taken.
    #[error("longer than {0} bytes when unpacked")]
    TooLarge(u64),
    /// Where and why reading ended.
    #[error("{0}")]
    Unreadable(String),
}

/// What became of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentReport {
    /// How the document was read.
    #[schema(example = "har")]
    pub format: String,
    /// SHA-256 of the document: what it is known by when it comes again.
    pub sha256: String,
    /// It was imported before, and nothing was taken this time.
    pub repeated: bool,
    /// What was taken, by what it is: `exchanges`, `operations`, `endpoints`, `observations`,
    /// `overrides`, `templates`.
    pub taken: BTreeMap<String, u64>,
    /// What was left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

impl DocumentReport {
    /// A report of a document of this format.
    #[must_use]
    pub fn of(format: &str) -> Self {
        Self { format: format.to_owned(), ..Self::default() }
    }

    /// Counts what was taken.
    pub fn take(&mut self, what: &str, count: u64) {
        if count > 0 {
            *self.taken.entry(what.to_owned()).or_default() += count;
        }
    }

    /// Counts one that was left out.
    pub fn leave(&mut self, why: impl AsRef<str>) {
        let why: String = why.as_ref().chars().take(REASON_CHARS_MAX).collect();
        let known = self.left_out.contains_key(&why);
        let room = self.left_out.len() < REASONS_MAX;
        let why = if known || room { why } else { "other reasons".to_owned() };
        *self.left_out.entry(why).or_default() += 1;
    }

    /// Says something, once.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if self.notes.len() < REASONS_MAX && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// How many were taken of what.
    #[must_use]
    pub fn taken_of(&self, what: &str) -> u64 {
        self.taken.get(what).copied().unwrap_or_default()
    }

    /// `har: 12 exchanges; left out 2: no answer`
    #[must_use]
    pub fn line(&self) -> String {
        let counts = |counts: &BTreeMap<String, u64>| {
            let each: Vec<String> =
                counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
            each.join(", ")
        };
        let mut line = format!("{}: ", self.format);
        if self.repeated {
            line.push_str("imported before, nothing taken");
        } else if self.taken.is_empty() {
            line.push_str("nothing taken");
        } else {
            line.push_str(&counts(&self.taken));
        }
        if !self.left_out.is_empty() {
            line.push_str(&format!("; left out: {}", counts(&self.left_out)));
        }
        line
    }
}
