//! Templates given by people: they always win over what is learned.

use serde::{Deserialize, Serialize};

use crate::domain::path::evidence::observed_path::split;
use crate::domain::path::kind::SegmentKind;
use crate::domain::path::kind::pattern::Pattern;
use crate::domain::path::tree::segment_reason::{Basis, SegmentReason};
use crate::domain::path::tree::trie::{Step, Trie};

/// A template that wins over learning: `/users/{id}`; without a parameter it says "this stays
/// literal": `/users/search`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pin {
    /// `/`-separated; parameters in braces, whole segments or parts of one.
    pub template: String,
}

/// Why a pin was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// The template, which does not begin with `/`.
    #[error("template `{0}` does not start with `/`")]
    NotAbsolute(String),
    /// The segment: a blank, a control, `?`, `#` or something beyond ASCII stands in it.
    #[error("segment `{0}` has a character that no path of a request has")]
    Character(String),
    /// The segment, in which braces do not pair up or hold no name of their own.
    #[error("segment `{0}` has unbalanced braces, or a parameter without a name of its own")]
    Segment(String),
    /// The segment, and how it is to be written here.
    #[error("segment `{0}` is written otherwise here: a parameter stands in braces, as in `{1}`")]
    OtherSyntax(String, String),
    /// The most segments there may be.
    #[error("template has more than {0} segments")]
    TooDeep(usize),
    /// The most bytes there may be.
    #[error("template is longer than {0} bytes")]
    TooLong(usize),
    /// How many there are, which is the most there may be.
    #[error("there are {0} pins already")]
    TooMany(usize),
    /// The template, and the pin that is there already.
    #[error("`{0}` matches the same paths as the pinned `{1}`")]
    Conflict(String, String),
}

/// One segment of a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinSegment<'a> {
    /// Matches this text alone, byte by byte.
    Literal(&'a str),
    /// The name in the braces; matches any one segment.
    Parameter(&'a str),
    /// Literal in part, such as `{id}.json`.
    Pattern(&'a str),
}

impl Pin {
    /// Takes the text as it is; [`Pin::segments`] checks it.
    pub fn new(template: impl Into<String>) -> Self {
        Self { template: template.into() }
    }

    /// The segments, checked.
    ///
    /// # Errors
    /// What is wrong with the template by itself; no limit is looked at.
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
        let names = self.template.split('{').skip(1);
        names.filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
    }

    /// Adds this pin to `trie`; the leaf is set by the caller on the node returned.
    pub(in crate::domain::path) fn grow(&self, trie: &mut Trie) -> Result<u32, PinError> {
        let reason = SegmentReason { ground: Basis::Pinned, values: 1, hits: 0 };
        let mut at = crate::domain::path::tree::trie::ROOT;
        self.segments()?;
        for segment in split(&self.template).iter() {
            at = trie
                .step_or_insert(at, segment, SegmentKind::ALL, reason)
                .ok_or_else(|| PinError::Segment(segment.to_owned()))?;
        }
        Ok(at)
    }
}

fn pin_segment(text: &str) -> Result<PinSegment<'_>, PinError> {
    if text.bytes().any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'?' | b'#')) {
        return Err(PinError::Character(text.to_owned()));
    }
    if let Some(name) = parameter_elsewhere(text) {
        return Err(PinError::OtherSyntax(text.to_owned(), format!("{{{name}}}")));
    }
    if !text.contains(['{', '}']) {
        return Ok(PinSegment::Literal(text));
    }
    match Step::of(text) {
        Step::Parameter(name) => Ok(PinSegment::Parameter(name)),
        Step::Pattern if Pattern::parse(text).is_some() => Ok(PinSegment::Pattern(text)),
        _ => Err(PinError::Segment(text.to_owned())),
    }
}

/// The name in `:name` or `<name>`, as other tools write a parameter; also `<int:name>`.
fn parameter_elsewhere(text: &str) -> Option<&str> {
    let angled = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let name = match angled {
        Some(inside) => inside.rsplit(':').next()?,
        None => text.strip_prefix(':')?,
    };
    let named = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(named)).then_some(name)
}
