//! What a learner keeps over a restart: templates, and of the paths behind them no text but what
//! stands in the templates.
//!
//! ```text
//! templates  /users/{id}/posts          text, and for each segment why and which kinds of values
//! looks      integer, slug              how values look
//! values     0, 0, 1                    one number for each distinct value: its look
//! samples    users, value 0, posts      which template, which values, how often
//! ```
//!
//! Nothing here tells one user's name from another's: a value is a number in this document, which
//! has a meaning in it alone.

use std::collections::HashMap;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::domain::path::evidence::body_shape::BodyShape;
use crate::domain::path::evidence::observed_path::{
    ObservedPath, ObservedSegment, restored_hash, split,
};
use crate::domain::path::evidence::response_marks::ResponseMarks;
use crate::domain::path::kind::pattern::{FORMAT, Form};
use crate::domain::path::kind::{SegmentKind, is_extension};
use crate::domain::path::tree::reason::{Basis, Reason};
use crate::domain::path::tree::trie::Step;

/// The persistent form of a learner, bounded by the limits of the learner it came from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PathState {
    pub(in crate::domain::path) templates: Vec<TemplateState>,
    /// The ways values look.
    pub(in crate::domain::path) looks: Vec<ValueKindState>,
    /// How each distinct value looks: an index into `looks`.
    pub(in crate::domain::path) values: Vec<u32>,
    pub(in crate::domain::path) samples: Vec<SampleState>,
}

/// A learned template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::domain::path) struct TemplateState {
    pub text: String,
    pub segments: Vec<SegmentState>,
}

/// Why a segment of a template is what it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::domain::path) struct SegmentState {
    pub ground: String,
    pub values: u32,
    pub hits: u32,
    /// Names of the kinds of values seen; none for a literal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
}

/// How a value looks: its kind, the kind of what stands before an extension, the extension or
/// joint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::domain::path) struct ValueKindState(String, String, String);

/// Paths of one template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::domain::path) struct SampleState {
    /// Index of the template.
    pub template: u32,
    /// The values of the segments that are no literals, from left to right.
    pub values: Vec<u32>,
    pub hits: u32,
    #[serde(skip_serializing_if = "is_one")]
    pub paths: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pub once: u32,
    pub methods: u16,
    #[serde(skip_serializing_if = "is_none_marked")]
    pub answered_by: u16,
    #[serde(skip_serializing_if = "is_none_marked")]
    pub statuses: u16,
    #[serde(skip_serializing_if = "is_zero")]
    pub media: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<BodyShape>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_none_marked(n: &u16) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_one(n: &u32) -> bool {
    *n == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl SegmentState {
    pub fn of(reason: Reason, kinds: impl Iterator<Item = SegmentKind>) -> Self {
        Self {
            ground: reason.ground.name().to_owned(),
            values: reason.values,
            hits: reason.hits,
            kinds: kinds.map(|kind| kind.name().to_owned()).collect(),
        }
    }

    /// The counts; a ground this version does not know reads as first sight.
    pub fn reason(&self) -> Reason {
        Reason { ground: Basis::by_name(&self.ground), values: self.values, hits: self.hits }
    }

    /// The kinds this version knows.
    pub fn kinds(&self) -> Vec<SegmentKind> {
        self.kinds.iter().filter_map(|name| SegmentKind::by_name(name)).collect()
    }
}

impl ValueKindState {
    fn of(segment: &ObservedSegment) -> Self {
        let form = match segment.form {
            Form::Plain => "",
            Form::Extension(extension) => extension,
            Form::Joined(joint) => joint,
        };
        Self(segment.kind.name().to_owned(), segment.stem.name().to_owned(), form.to_owned())
    }

    /// A value of this look that equals no other. A kind this version does not know is any value.
    fn to_segment(&self, number: usize) -> ObservedSegment {
        let kind = |name: &str| SegmentKind::by_name(name).unwrap_or(SegmentKind::Pair);
        let form = Form::by_name(&self.2, is_extension(&self.2));
        ObservedSegment::value(kind(&self.0), kind(&self.1), form, restored_hash(number as u64))
    }
}

/// Numbers the values of samples, equal ones alike.
#[derive(Default)]
pub(in crate::domain::path) struct Numbering {
    by_hash: FxHashMap<u64, u32>,
    looks_of: FxHashMap<ValueKindState, u32>,
    pub looks: Vec<ValueKindState>,
    pub values: Vec<u32>,
}

impl Numbering {
    fn number(&mut self, segment: &ObservedSegment) -> u32 {
        if let Some(&number) = self.by_hash.get(&segment.hash) {
            return number;
        }
        let look = ValueKindState::of(segment);
        let place = *self.looks_of.entry(look).or_insert_with_key(|look| {
            self.looks.push(look.clone());
            (self.looks.len() - 1) as u32
        });
        self.values.push(place);
        let number = (self.values.len() - 1) as u32;
        self.by_hash.insert(segment.hash, number);
        number
    }

    /// What is kept of `sample`, which belongs to the template at index `at` with the text
    /// `template`.
    pub fn sample(&mut self, sample: &ObservedPath, at: u32, template: &str) -> SampleState {
        let mut steps = split(template).iter();
        let values = sample.segments().iter().filter_map(|segment| {
            // Beyond the last step everything belongs to a tail.
            let literal = steps.next().is_some_and(|step| Step::of(step) == Step::Literal);
            (!literal).then(|| self.number(segment))
        });
        SampleState {
            template: at,
            values: values.collect(),
            hits: sample.hits,
            paths: sample.paths,
            once: if sample.is_rest() { sample.paths_once } else { 0 },
            methods: sample.methods,
            answered_by: sample.response.method,
            statuses: sample.response.statuses,
            media: sample.response.media,
            shape: sample.response.shape.as_deref().cloned(),
        }
    }
}

/// ValuesState by number, each made into a segment once.
pub(in crate::domain::path) struct ValuesState(HashMap<u32, ObservedSegment>);

impl PathState {
    /// Number of kept paths.
    pub fn samples(&self) -> usize {
        self.samples.len()
    }

    /// The samples as a learner holds them, each with the index of its template; those that do
    /// not fit their template are left out.
    pub(in crate::domain::path) fn to_samples(&self, bytes_max: usize) -> Vec<(u32, ObservedPath)> {
        let mut known = ValuesState(HashMap::new());
        let read = |(number, kept): (usize, &SampleState)| {
            let template = &self.templates.get(kept.template as usize)?.text;
            let segments = self.segments_of(template, kept, bytes_max, &mut known)?;
            let slash = template.len() > 1 && template.ends_with('/');
            let hash = restored_hash(u64::MAX - number as u64);
            let mut sample = ObservedPath::of_segments(hash, segments, slash);
            sample.hits = kept.hits.max(1);
            sample.paths = kept.paths.max(1);
            sample.paths_once = kept.once;
            sample.methods = kept.methods;
            // An earlier version kept no method: whatever was answered first had this one.
            let first = kept.methods & kept.methods.wrapping_neg();
            sample.response = ResponseMarks {
                method: if kept.answered_by == 0 { first } else { kept.answered_by },
                statuses: kept.statuses,
                media: kept.media,
                shape: kept.shape.clone().map(Box::new),
            };
            Some((kept.template, sample))
        };
        self.samples.iter().enumerate().filter_map(read).collect()
    }

    /// The look of the value with this number.
    fn look(&self, number: u32) -> Option<&ValueKindState> {
        self.looks.get(*self.values.get(number as usize)? as usize)
    }

    fn segments_of(
        &self,
        template: &str,
        kept: &SampleState,
        bytes_max: usize,
        known: &mut ValuesState,
    ) -> Option<Vec<ObservedSegment>> {
        let mut numbers = kept.values.iter();
        let mut value = |number: &u32| {
            let look = self.look(*number)?;
            let segment =
                known.0.entry(*number).or_insert_with(|| look.to_segment(*number as usize));
            Some(segment.clone())
        };
        let mut segments = Vec::new();
        for step in split(template).iter() {
            segments.push(match Step::of(step) {
                Step::Literal => ObservedSegment::literal(step, bytes_max),
                // The one pattern whose segments are literals in the evidence.
                Step::Pattern if step.ends_with(FORMAT) => {
                    let look = self.look(*numbers.next()?)?;
                    ObservedSegment::literal(&step.replace(FORMAT, &look.2), bytes_max)
                }
                _ => value(numbers.next()?)?,
            });
        }
        for rest in numbers {
            segments.push(value(rest)?);
        }
        Some(segments)
    }
}
