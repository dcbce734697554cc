//! Members of what was made that neither the request nor the answer says.

use std::collections::BTreeMap;

use serde_json::Value;

use super::instant::{unix_ms, written_like};
use super::pointer::{Pointer, as_segment, at};

/// What a member is where it was not sent.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberDefault {
    /// The same for all, or what it mostly is.
    Constant(Value),
    /// A moment some time after the write, ms.
    After {
        /// How it is written.
        like: Value,
        /// How long after it.
        ms: i64,
        /// Whether that holds for what is sent again, too.
        renews: bool,
    },
    /// What a word of the request chooses.
    Chosen {
        /// Where the word stands in the body.
        by: Pointer,
        /// What each word chooses.
        values: BTreeMap<Box<str>, Value>,
    },
}

impl MemberDefault {
    /// The value for what was sent at a moment; `None` for a word that was never sent.
    #[must_use]
    pub fn value(&self, sent: &Value, at_ms: i64) -> Option<Value> {
        match self {
            Self::Constant(value) => Some(value.clone()),
            Self::After { like, ms, .. } => {
                unix_ms(like).map(|_| written_like(like, at_ms.saturating_add(*ms)))
            }
            Self::Chosen { by, values } => {
                let word = at(sent, by).and_then(as_segment)?;
                values.get(&*word).cloned()
            }
        }
    }

    /// Whether it is set again when what is there is sent again without it.
    #[must_use]
    pub const fn renews(&self) -> bool {
        matches!(self, Self::After { renews: true, .. })
    }

    /// Replaces the values that it holds: what stands in for what is somebody's.
    #[must_use]
    pub fn shown(self, show: impl Fn(Value) -> Value) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(show(value)),
            Self::After { .. } => self,
            Self::Chosen { by, values } => {
                let values = values.into_iter().map(|(word, value)| (word, show(value))).collect();
                Self::Chosen { by, values }
            }
        }
    }
}
