//! The name of a rule, given or derived.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Names a rule. Its hash seeds the rule's draws, so ids should be derived, not drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The id with this text.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An id derived from a rule's name: its letters and digits joined by `-`, and a number when
    /// that is `taken`. The same rules made in the same order thus draw the same hits everywhere.
    pub fn derived(name: &str, taken: impl Fn(&Self) -> bool) -> Self {
        let mut slug = String::new();
        for letter in name.chars().take(ID_CHARS_MAX) {
            if letter.is_ascii_alphanumeric() {
                slug.push(letter.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let slug = slug.trim_end_matches('-');
        // The ids behind the shorthand begin with `level-`, and a name must not take one.
        let slug = match slug {
            "" => "rule".to_owned(),
            _ if slug.starts_with("level-") => format!("rule-{slug}"),
            _ => slug.to_owned(),
        };
        let numbered = (2..).map(|n: u64| Self::new(format!("{slug}-{n}")));
        let mut ids = std::iter::once(Self::new(slug.as_str())).chain(numbered);
        // Endless, so there is one that is free.
        ids.find(|id| !taken(id)).unwrap_or_else(|| Self::new(slug.as_str()))
    }
}

/// Characters of a name that go into an id: enough to tell rules apart in a list.
const ID_CHARS_MAX: usize = 64;

impl fmt::Display for RuleId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}
