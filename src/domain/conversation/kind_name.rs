//! A short text that stands for something said over and over: the kind of a message, the reason of
//! a close frame.

use serde::{Deserialize, Serialize};

use crate::domain::privacy::retention;
use crate::domain::random::seed::hash_text;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// Longest text that is kept, bytes: a word or two, or a short sentence.
const TEXT_BYTES_MAX: usize = 96;

/// A text that is known by its hash, and in full once it may be kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KindName {
    /// Hash of the text.
    #[serde(rename = "h")]
    pub hash: u64,
    /// Conversations in which it was seen.
    #[serde(rename = "n")]
    pub seen: u32,
    /// The text; `None` while it may not be kept.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub text: Option<Box<str>>,
}

heap_bytes!(KindName { hash, seen, text });

impl KindName {
    /// A name of which nothing was seen.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { hash: hash_text(text.as_bytes()), seen: 0, text: None }
    }

    /// Notes that a conversation says `text`, made of `words` that are judged each for itself.
    pub fn observe<'w>(&mut self, text: &str, words: impl IntoIterator<Item = &'w str>) {
        self.seen = self.seen.saturating_add(1);
        if self.text.is_none() && text.len() <= TEXT_BYTES_MAX {
            let may_keep = words.into_iter().all(|word| retention::may_keep_value(word, self.seen));
            self.text = may_keep.then(|| text.into());
        }
    }

    /// Adds what another model saw.
    pub fn merge(&mut self, other: &Self) {
        self.seen = self.seen.saturating_add(other.seen);
        if self.text.is_none() {
            self.text.clone_from(&other.text);
        }
    }

    /// The text, or what stands for one that may not be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        let hidden = || format!("#{:08x}", self.hash >> 32);
        self.text.as_deref().map_or_else(hidden, str::to_owned)
    }
}
