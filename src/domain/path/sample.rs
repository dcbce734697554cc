//! One distinct path that was seen, split into segments, with what was seen of it.

use std::hash::Hasher;

use rustc_hash::FxHasher;
use smallvec::SmallVec;

use super::kind::{Lean, SegmentKind};
use super::limits::PathLimits;
use super::shape::BodyShape;

/// A segment of a kept path.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// Hash of the raw text; equal texts are taken for the same segment.
    pub hash: u64,
    pub start: u16,
    pub end: u16,
    pub kind: SegmentKind,
}

/// A distinct path and what was seen of it.
#[derive(Debug, Clone)]
pub struct Sample {
    path: Box<str>,
    segments: Box<[Segment]>,
    pub trailing_slash: bool,
    /// Exchanges that taught it; saturates.
    pub hits: u32,
    /// Bit set of methods, see [`method_bit`].
    pub methods: u16,
    /// The structure of its JSON answers.
    pub shape: Option<Box<BodyShape>>,
    /// The learner's count of sightings when it was last seen.
    pub seen_at: u64,
    /// The leaf it belongs to.
    pub leaf: u32,
}

impl Sample {
    /// Splits `path`. `None` when it is beyond the limits of what is kept as evidence.
    pub fn new(path: &str, limits: &PathLimits) -> Option<Self> {
        let bytes_max = limits.path_bytes_max.min(usize::from(u16::MAX));
        if path.len() > bytes_max {
            return None;
        }
        let parts = split(path);
        let mut segments = SmallVec::<[Segment; 16]>::new();
        for part in parts.iter() {
            if segments.len() == limits.depth_max {
                return None;
            }
            // A part is a slice of `path`, which is no longer than `u16::MAX`.
            let start = (part.as_ptr() as usize - path.as_ptr() as usize) as u16;
            segments.push(Segment {
                hash: hash_of(part),
                start,
                end: start + part.len() as u16,
                kind: SegmentKind::of(part, limits.segment_bytes_max),
            });
        }
        Some(Self {
            path: Box::from(path),
            segments: segments.into_boxed_slice(),
            trailing_slash: parts.trailing_slash,
            hits: 0,
            methods: 0,
            shape: None,
            seen_at: 0,
            leaf: u32::MAX,
        })
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn depth(&self) -> usize {
        self.segments.len()
    }

    pub fn segment(&self, at: usize) -> Option<&Segment> {
        self.segments.get(at)
    }

    /// The raw text of segment `at`; empty beyond the last.
    pub fn text(&self, at: usize) -> &str {
        let Some(segment) = self.segments.get(at) else { return "" };
        self.path.get(usize::from(segment.start)..usize::from(segment.end)).unwrap_or("")
    }

    /// What segment `at` contributes to a comparison of what lies below two siblings: its text
    /// when it may be a literal, one common mark for every value, another for the end.
    pub fn mark(&self, at: usize) -> u64 {
        match self.segments.get(at) {
            None => END_MARK,
            Some(segment) if segment.kind.lean() == Lean::Value => VALUE_MARK,
            Some(segment) => segment.hash,
        }
    }

    /// Takes note of the structure of an answer; one that stays the same costs nothing.
    pub fn note_shape(&mut self, shape: &BodyShape) {
        const SAME: f32 = 0.5;
        match &self.shape {
            Some(known) if known.similarity(shape) >= SAME => {}
            _ => self.shape = Some(Box::new(shape.clone())),
        }
    }

    /// Bytes held, for the budget of the evidence.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of::<BodyShape>()
            + self.path.len()
            + self.segments.len() * size_of::<Segment>()
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

/// The hash under which a segment's text is compared.
pub fn hash_of(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.write_u8(0xff);
    hasher.finish()
}

/// The bit of a method in [`Sample::methods`]; all extension methods share one.
pub fn method_bit(method: &str) -> u16 {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    1 << METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len())
}
