//! Templates given by people: they always win over what is learned.

use serde::{Deserialize, Serialize};

use super::kind::SegmentKind;
use super::trie::{Ground, Reason, Trie};

/// A template that wins over learning: `/users/{id}`; without a parameter it says "this stays
/// literal": `/users/search`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pin {
    pub template: String,
}

/// Why a pin was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    #[error("template `{0}` does not start with `/`")]
    NotAbsolute(String),
    #[error("segment `{0}` has a character that no path of a request has")]
    Character(String),
    #[error("segment `{0}` mixes text and a parameter, or has unbalanced braces")]
    Segment(String),
    #[error("template has more than {0} segments")]
    TooDeep(usize),
    #[error("template is longer than {0} bytes")]
    TooLong(usize),
    #[error("there are {0} pins already")]
    TooMany(usize),
    #[error("`{0}` matches the same paths as the pinned `{1}`")]
    Conflict(String, String),
}

/// One segment of a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinSegment<'a> {
    Literal(&'a str),
    Parameter(&'a str),
}

impl Pin {
    pub fn new(template: impl Into<String>) -> Self {
        Self { template: template.into() }
    }

    /// The segments, checked.
    pub fn segments(&self) -> Result<Vec<PinSegment<'_>>, PinError> {
        let Some(rest) = self.template.strip_prefix('/') else {
            return Err(PinError::NotAbsolute(self.template.clone()));
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty() {
            return Ok(Vec::new());
        }
        rest.split('/').map(pin_segment).collect()
    }

    /// The names in braces, from left to right.
    pub fn parameters(&self) -> Vec<String> {
        let segments = self.segments().unwrap_or_default();
        let name = |segment: PinSegment<'_>| match segment {
            PinSegment::Parameter(name) => Some(name.to_owned()),
            PinSegment::Literal(_) => None,
        };
        segments.into_iter().filter_map(name).collect()
    }

    /// Adds this pin to `trie`; the leaf is set by the caller on the node returned.
    pub(super) fn grow(&self, trie: &mut Trie) -> Result<u32, PinError> {
        let reason = Reason { ground: Ground::Pinned, values: 1, hits: 0 };
        let mut at = super::trie::ROOT;
        for segment in self.segments()? {
            at = match segment {
                PinSegment::Literal(text) => trie.literal_or_insert(at, text, reason),
                PinSegment::Parameter(_) => {
                    let mut child = at;
                    for &kind in SegmentKind::ALL {
                        child = trie.parameter_or_insert(at, kind, reason);
                    }
                    child
                }
            };
        }
        Ok(at)
    }
}

fn pin_segment(text: &str) -> Result<PinSegment<'_>, PinError> {
    if text.bytes().any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'?' | b'#')) {
        return Err(PinError::Character(text.to_owned()));
    }
    if !text.contains(['{', '}']) {
        return Ok(PinSegment::Literal(text));
    }
    let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match name {
        Some(name) if !name.is_empty() && !name.contains(['{', '}']) => {
            Ok(PinSegment::Parameter(name))
        }
        _ => Err(PinError::Segment(text.to_owned())),
    }
}
