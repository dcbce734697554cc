//! Path patterns: globs over path segments that know templates, and regular expressions.
//!
//! | segment | matches |
//! | --- | --- |
//! | `orders` | this text |
//! | `{id}` | a learned parameter, of any name; any one segment while the endpoint is unknown |
//! | `*` | any one segment; inside a segment (`v*`, `*.json`) any run of its characters |
//! | `**` | any number of segments, none included |
//!
//! `/orders/{id}` thus does not touch `/orders/stats` once both are learned. Paths are compared
//! raw, as they were sent.

use regex::bytes::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::value_test::regex;
use crate::domain::validation::{FieldErrors, ObjectReader, text_at};

/// As written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PathPattern {
    /// Segments, with `{id}`, `*` and `**`.
    Glob(String),
    /// Found anywhere in the raw path, unless anchored.
    Regex {
        /// Syntax of the `regex` crate, over the raw bytes of the path.
        regex: String,
    },
}

/// Longer patterns are not written by hand.
const PATTERN_BYTES_MAX: usize = 1024;

impl PathPattern {
    /// `admin_prefix` is refused as a target: the admin is never disturbed, and a rule that names
    /// it would silently do nothing.
    pub fn parse(
        value: &Value,
        path: &str,
        admin_prefix: Option<&str>,
        problems: &FieldErrors,
    ) -> Option<Self> {
        let (pattern, source, at) = if value.is_object() {
            let reader = ObjectReader::open(value, path, &["regex"], problems)?;
            reader.require("regex");
            let source = reader.text("regex", PATTERN_BYTES_MAX)?;
            let at = reader.at("regex");
            regex(source).map_err(|error| problems.add(at.as_str(), error)).ok()?;
            (Self::Regex { regex: source.to_owned() }, source, at)
        } else {
            let source = text_at(value, path, PATTERN_BYTES_MAX, problems)?;
            if !source.starts_with('/') && source != "**" {
                problems.add(path, "expected a path pattern that begins with `/`");
                return None;
            }
            (Self::Glob(source.to_owned()), source, path.to_owned())
        };
        let plain = source.trim_start_matches('^').replace('\\', "");
        let names_admin = admin_prefix.is_some_and(|prefix| {
            let rest = plain.strip_prefix(prefix.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '$', '(', '*']))
        });
        if names_admin {
            problems.add(at, "names the admin, which is never meant");
            return None;
        }
        Some(pattern)
    }
}

impl PathPattern {
    /// The segments that every matching path begins with; none of an expression.
    pub fn literal_segments(&self) -> impl Iterator<Item = &str> {
        let glob = match self {
            Self::Glob(glob) => Some(glob.as_str()),
            Self::Regex { .. } => None,
        };
        let literal =
            |segment: &&str| matches!(SegmentPattern::new(segment), SegmentPattern::Literal(_));
        glob.into_iter().flat_map(segments).take_while(literal)
    }
}

/// A pattern ready to run.
#[derive(Debug)]
pub enum CompiledPath {
    /// Its segments, one after the other.
    Glob {
        /// What every matching path begins with: refuses most paths at once.
        prefix: Box<str>,
        /// All segments, those of `prefix` included.
        segments: Box<[SegmentPattern]>,
    },
    /// A regular expression over the raw path.
    Regex(Box<Regex>),
}

/// One segment of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub enum SegmentPattern {
    /// This text.
    Literal(Box<str>),
    /// Any segment, where the template has a parameter.
    Parameter,
    /// Any segment.
    Wildcard,
    /// Pieces between the `*` of one segment.
    Pieces(Box<[Box<str>]>),
    /// Any number of segments.
    Deep,
}

impl CompiledPath {
    /// `None` only for an expression that does not compile, which `parse` refuses.
    pub fn new(pattern: &PathPattern) -> Option<Self> {
        match pattern {
            PathPattern::Glob(glob) => Some(Self::glob(glob)),
            PathPattern::Regex { regex: source } => {
                Some(Self::Regex(Box::new(regex(source).ok()?)))
            }
        }
    }

    fn glob(pattern: &str) -> Self {
        let segments: Box<[_]> = segments(pattern).map(SegmentPattern::new).collect();
        let mut prefix = String::new();
        for segment in &segments {
            let SegmentPattern::Literal(text) = segment else { break };
            prefix.push('/');
            prefix.push_str(text);
        }
        Self::Glob { prefix: prefix.into(), segments }
    }

    /// `template` is that of the endpoint `path` belongs to, when it is known.
    pub fn matches(&self, path: &str, template: Option<&str>) -> bool {
        let pattern = match self {
            Self::Regex(regex) => return regex.is_match(path.as_bytes()),
            Self::Glob { prefix, .. } if !path.starts_with(&**prefix) => return false,
            Self::Glob { segments, .. } => segments,
        };
        // A template that is not aligned with the path says nothing about its segments.
        let depth = segments(path).count();
        match template.filter(|template| segments(template).count() == depth) {
            Some(template) => {
                let parameters = segments(template).map(|segment| segment.contains('{'));
                glob(pattern, segments(path).zip(parameters))
            }
            None => glob(pattern, segments(path).map(|segment| (segment, true))),
        }
    }
}

/// The segments of a path, as patterns see them.
pub fn segments(path: &str) -> impl Iterator<Item = &str> + Clone {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Greedy matching that returns to the last `**` only: at most `pattern * path` steps.
fn glob<'p>(
    pattern: &[SegmentPattern],
    mut path: impl Iterator<Item = (&'p str, bool)> + Clone,
) -> bool {
    let mut at = 0;
    let mut retry = None;
    loop {
        if pattern.get(at) == Some(&SegmentPattern::Deep) {
            at += 1;
            retry = Some((at, path.clone()));
            continue;
        }
        let mut ahead = path.clone();
        match (ahead.next(), pattern.get(at)) {
            (None, None) => return true,
            (Some((text, parameter)), Some(segment)) if segment.matches(text, parameter) => {
                path = ahead;
                at += 1;
            }
            _ => {
                // The last `**` takes one segment more, or there is no way left.
                let Some((after, mut from)) = retry else { return false };
                if from.next().is_none() {
                    return false;
                }
                at = after;
                path = from.clone();
                retry = Some((after, from));
            }
        }
    }
}

impl SegmentPattern {
    fn new(text: &str) -> Self {
        match text {
            "**" => Self::Deep,
            "*" => Self::Wildcard,
            _ if text.starts_with('{') && text.ends_with('}') => Self::Parameter,
            _ if text.contains('*') => Self::Pieces(text.split('*').map(Box::from).collect()),
            _ => Self::Literal(text.into()),
        }
    }

    fn matches(&self, text: &str, parameter: bool) -> bool {
        match self {
            Self::Literal(literal) => text == &**literal,
            Self::Parameter => parameter && !text.is_empty(),
            Self::Wildcard => !text.is_empty(),
            Self::Pieces(pieces) => pieces_match(pieces, text),
            Self::Deep => false,
        }
    }
}

/// Pieces in order, the first and the last at the ends.
fn pieces_match(pieces: &[Box<str>], text: &str) -> bool {
    let [first, middle @ .., last] = pieces else { return false };
    let Some(mut rest) = text.strip_prefix(&**first) else { return false };
    for piece in middle {
        let Some(at) = rest.find(&**piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(&**last)
}
