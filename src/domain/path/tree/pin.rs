//! Templates given by people: they always win over what is learned.

use serde::{Deserialize, Serialize};

use crate::domain::path::evidence::observed_path::split;
use crate::domain::path::kind::SegmentKind;
use crate::domain::path::kind::pattern::Pattern;
use crate::domain::path::tree::segment_reason::{Basis, SegmentReason};
use crate::domain::path::tree::trie::{Step, TAIL, Trie};

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

/// What a pin does to the endpoint of a learned template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinEffect {
    /// All paths of the template are the pin's: the endpoint becomes its endpoint.
    Folds,
    /// Some paths of the template may be the pin's: they leave the endpoint.
    Parts,
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

    /// What it would do to the endpoint of `template`; `None` for no path of it.
    ///
    /// # Errors
    /// When this is no template.
    pub fn effect_on(&self, template: &str) -> Result<Option<PinEffect>, PinError> {
        let segments = self.segments()?;
        let learned: Vec<&str> = split(template).iter().collect();
        let whole = match learned.split_last() {
            // The last parameter takes all that is left, so any number of segments may fit.
            Some((&TAIL, fixed)) if segments.len() > fixed.len() => {
                let pairs = segments.iter().zip(fixed);
                return Ok(pairs
                    .map(|(segment, text)| segment.effect_on(text))
                    .collect::<Option<Vec<PinEffect>>>()
                    .map(|_| PinEffect::Parts));
            }
            _ if segments.len() != learned.len() => return Ok(None),
            _ => segments.iter().zip(&learned).map(|(segment, text)| segment.effect_on(text)),
        };
        let effects: Option<Vec<PinEffect>> = whole.collect();
        Ok(effects.map(|effects| {
            if effects.contains(&PinEffect::Parts) { PinEffect::Parts } else { PinEffect::Folds }
        }))
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

impl PinSegment<'_> {
    /// What of the segments that `learned` stands for this one takes: all, some or none.
    fn effect_on(self, learned: &str) -> Option<PinEffect> {
        let fixed = matches!(Step::of(learned), Step::Literal);
        match self {
            Self::Parameter(_) => Some(PinEffect::Folds),
            Self::Literal(text) if fixed => (text == learned).then_some(PinEffect::Folds),
            Self::Literal(text) => {
                let form = Pattern::parse(learned)?;
                form.capture(text, |_| ()).then_some(PinEffect::Parts)
            }
            Self::Pattern(text) if fixed => {
                Pattern::parse(text)?.capture(learned, |_| ()).then_some(PinEffect::Folds)
            }
            Self::Pattern(text) if Pattern::parse(text) == Pattern::parse(learned) => {
                Some(PinEffect::Folds)
            }
            Self::Pattern(_) => Some(PinEffect::Parts),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pin: &str, template: &str, expected: Option<PinEffect>) {
        assert_eq!(Pin::new(pin).effect_on(template), Ok(expected), "{pin} on {template}");
    }

    #[test]
    fn a_pin_folds_what_lies_within_it_and_parts_what_reaches_beyond() {
        use PinEffect::{Folds, Parts};
        for (pin, template, effect) in [
            ("/users/{name}", "/users/{id}", Some(Folds)),
            ("/users/{name}", "/users/search", Some(Folds)),
            ("/users/{name}/", "/users/search", Some(Folds)),
            ("/users/{name}", "/users", None),
            ("/users/{name}", "/teams/{id}", None),
            ("/users/search", "/users/{id}", Some(Parts)),
            ("/users/search", "/users/{id}.json", None),
            ("/users/7.json", "/users/{id}.json", Some(Parts)),
            ("/users/{n}.json", "/users/{id}.json", Some(Folds)),
            ("/users/{n}.json", "/users/me.json", Some(Folds)),
            ("/users/{n}.json", "/users/me.xml", None),
            ("/users/{n}.json", "/users/{id}", Some(Parts)),
            ("/files/{a}/{b}", "/files/{path}", Some(Parts)),
            ("/docs/{a}/{b}", "/files/{path}", None),
            ("/", "/", Some(Folds)),
        ] {
            check(pin, template, effect);
        }
        assert!(Pin::new("teams").effect_on("/teams").is_err());
    }
}
