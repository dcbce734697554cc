//! One distinct path that was seen, split into segments, with what was seen of it.
//!
//! The text of a segment is kept only while the segment may turn out to be a literal. What is a
//! value by its look is kept as its kind and a hash: nobody needs an e-mail address to know that
//! one stands there.

use std::hash::{DefaultHasher, Hasher};

use smallvec::SmallVec;

use crate::domain::path::evidence::response_marks::ResponseMarks;
use crate::domain::path::kind::pattern::Form;
use crate::domain::path::kind::{SegmentKind, SegmentPrior};
use crate::domain::path::path_limits::PathLimits;

/// A segment of a kept path.
#[derive(Debug, Clone)]
pub struct ObservedSegment {
    /// Equal ones are taken for the same segment: a hash of the raw text, or a number of its own
    /// for a value whose text is not known.
    pub hash: u64,
    pub kind: SegmentKind,
    pub form: Form,
    /// Of a file name with a known extension, the kind of what stands before it.
    pub stem: SegmentKind,
    text: Option<Box<str>>,
}

impl ObservedSegment {
    /// The segment `text`, of which only what may be a literal is kept.
    pub fn of(text: &str, bytes_max: usize) -> Self {
        let kind = SegmentKind::of(text, bytes_max);
        // Dates and small numbers may name a version of the whole API.
        let version = kind == SegmentKind::Date || kind == SegmentKind::Integer && text.len() == 1;
        let kept = kind.lean() != SegmentPrior::Value || version;
        let form = if text.len() > bytes_max { Form::Plain } else { Form::of(text) };
        let stem = match (form, text.rsplit_once('.')) {
            (Form::Extension(_), Some((stem, _))) => SegmentKind::of(stem, bytes_max),
            _ => kind,
        };
        Self { hash: hash_of(text), kind, form, stem, text: kept.then(|| Box::from(text)) }
    }

    /// A literal whose text is known from its template.
    pub fn literal(text: &str, bytes_max: usize) -> Self {
        let text_kept = Some(Box::from(text));
        Self { text: text_kept, ..Self::of(text, bytes_max) }
    }

    /// A value of which nothing is known but its kind.
    pub fn value(kind: SegmentKind, stem: SegmentKind, form: Form, hash: u64) -> Self {
        Self { hash, kind, form, stem, text: None }
    }

    /// How far its look decides what it is; what has no text can be a value only.
    pub fn lean(&self) -> SegmentPrior {
        if self.text.is_some() { self.kind.lean() } else { SegmentPrior::Value }
    }

    /// The raw text; empty for a value.
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or("")
    }

    pub fn has_text(&self) -> bool {
        self.text.is_some()
    }
}

/// A distinct path and what was seen of it.
#[derive(Debug, Clone)]
pub struct ObservedPath {
    /// Tells it from every other kept path.
    pub hash: u64,
    segments: Box<[ObservedSegment]>,
    pub trailing_slash: bool,
    /// Exchanges that taught it; saturates.
    pub hits: u32,
    /// Distinct paths it stands for: one, unless the surplus of a template was folded into it.
    pub paths: u32,
    /// How many of those were seen once; counted only when there is more than one.
    pub paths_once: u32,
    /// Bit set of methods, see [`method_bit`].
    pub methods: u16,
    /// What its answers are like.
    pub response: ResponseMarks,
    /// The learner's count of sightings when it was last seen.
    pub seen_at: u64,
    /// The leaf it belongs to.
    pub leaf: u32,
}

impl ObservedPath {
    /// Splits `path`. `None` when it is beyond the limits of what is kept as evidence.
    pub fn new(path: &str, limits: &PathLimits) -> Option<Self> {
        if path.len() > limits.path_bytes_max {
            return None;
        }
        let parts = split(path);
        let mut segments = SmallVec::<[ObservedSegment; 16]>::new();
        for part in parts.iter() {
            if segments.len() == limits.depth_max {
                return None;
            }
            segments.push(ObservedSegment::of(part, limits.segment_bytes_max));
        }
        Some(Self::of_segments(path_hash(path), segments.into_vec(), parts.trailing_slash))
    }

    /// A sample made up of `segments`, not seen yet.
    pub fn of_segments(hash: u64, segments: Vec<ObservedSegment>, trailing_slash: bool) -> Self {
        Self {
            hash,
            segments: segments.into_boxed_slice(),
            trailing_slash,
            hits: 0,
            paths: 1,
            paths_once: 0,
            methods: 0,
            response: ResponseMarks::default(),
            seen_at: 0,
            leaf: u32::MAX,
        }
    }

    pub fn depth(&self) -> usize {
        self.segments.len()
    }

    pub fn segment(&self, at: usize) -> Option<&ObservedSegment> {
        self.segments.get(at)
    }

    pub fn segments(&self) -> &[ObservedSegment] {
        &self.segments
    }

    /// How many of the paths it stands for were seen once.
    pub fn once(&self) -> u32 {
        if self.paths > 1 { self.paths_once } else { u32::from(self.hits == 1) }
    }

    /// Whether it stands for paths that are no longer kept one by one.
    pub fn is_rest(&self) -> bool {
        self.paths > 1
    }

    /// What segment `at` contributes to a comparison of what lies below two siblings: its text
    /// when it may be a literal, one common mark for every value, another for the end.
    pub fn mark(&self, at: usize) -> u64 {
        match self.segments.get(at) {
            None => END_MARK,
            Some(segment) if segment.lean() == SegmentPrior::Value => VALUE_MARK,
            Some(segment) => segment.hash,
        }
    }

    /// A sample for the rest of the paths of a template, which has parameters where `values` says
    /// so: like this one, but with no value of its own.
    pub fn rest_of_template(&self, leaf: u32, values: &[bool]) -> Self {
        let anonymous = |(at, segment): (usize, &ObservedSegment)| {
            if values.get(at).copied().unwrap_or(true) {
                ObservedSegment { hash: rest_hash(at), text: None, ..segment.clone() }
            } else {
                segment.clone()
            }
        };
        let segments = self.segments.iter().enumerate().map(anonymous).collect();
        let hash = rest_hash(usize::MAX - leaf as usize);
        Self { leaf, paths: 0, ..Self::of_segments(hash, segments, self.trailing_slash) }
    }

    /// Adds what was seen of `other`.
    pub fn absorb(&mut self, other: &Self) {
        self.paths_once = self.once().saturating_add(other.once());
        self.paths = self.paths.saturating_add(other.paths);
        self.hits = self.hits.saturating_add(other.hits);
        self.methods |= other.methods;
        self.seen_at = self.seen_at.max(other.seen_at);
        self.response.absorb(&other.response);
    }

    /// Bytes held, for the budget of the evidence.
    pub fn bytes(&self) -> usize {
        let segment =
            |segment: &ObservedSegment| size_of::<ObservedSegment>() + segment.text().len();
        size_of::<Self>() + self.response.bytes() + self.segments.iter().map(segment).sum::<usize>()
    }
}

impl ObservedPath {
    /// What follows segment `at`, as one mark: paths with the same one differ before it
    /// alone, or in values.
    pub fn mark_after(&self, at: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        for later in at + 1..self.depth() {
            hasher.write_u64(self.mark(later));
        }
        hasher.write_u8(u8::from(self.trailing_slash));
        hasher.finish()
    }
}

/// The mark of a path that ends here.
pub const END_MARK: u64 = 1;
/// The mark of a segment that is a value by its look.
pub const VALUE_MARK: u64 = 2;

/// A path without its leading and its trailing slash.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'p> {
    rest: &'p str,
    pub trailing_slash: bool,
}

/// Splits a raw path: the leading slash and one trailing slash belong to no segment, and a
/// query or fragment is not looked at. `/` and the empty path have no segments.
pub fn split(path: &str) -> Parts<'_> {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let path = path.get(..end).unwrap_or(path);
    let rest = path.strip_prefix('/').unwrap_or(path);
    match rest.strip_suffix('/') {
        Some(rest) => Parts { rest, trailing_slash: true },
        None => Parts { rest, trailing_slash: false },
    }
}

impl<'p> Parts<'p> {
    pub fn iter(&self) -> impl Iterator<Item = &'p str> + use<'p> {
        let skipped = usize::from(self.rest.is_empty());
        self.rest.split('/').skip(skipped)
    }

    /// The segments as one text, without the outer slashes.
    pub fn rest(&self) -> &'p str {
        self.rest
    }
}

/// The hash under which a segment's text is compared. `SipHash`, because whoever sends paths could
/// otherwise choose texts that are taken for one another.
pub fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The hash under which a path is compared.
pub fn path_hash(path: &str) -> u64 {
    let parts = split(path);
    let mut hasher = DefaultHasher::new();
    hasher.write(parts.rest().as_bytes());
    hasher.write_u8(u8::from(parts.trailing_slash));
    hasher.finish()
}

/// A number of its own for a value without text: its place, hashed apart from every text.
fn rest_hash(place: usize) -> u64 {
    numbered_hash(b'r', place as u64)
}

/// The same for the `number`th value read back from storage, and for samples made of such.
pub fn restored_hash(number: u64) -> u64 {
    numbered_hash(b's', number)
}

fn numbered_hash(series: u8, number: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    // No text has this byte: it is not valid in UTF-8.
    hasher.write(&[0xff, series]);
    hasher.write_u64(number);
    hasher.finish()
}

/// The bit of a method in [`ObservedPath::methods`]; all extension methods share one.
pub fn method_bit(method: &str) -> u16 {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    1 << METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len())
}
