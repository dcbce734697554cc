//! The kept paths that share a segment at one position.

use crate::domain::path::evidence::body_shape::BodyShape;
use crate::domain::path::evidence::observed_path::{END_MARK, ObservedPath, Segment, VALUE_MARK};
use crate::domain::path::kind::pattern::Form;
use crate::domain::path::kind::{SegmentKind, SegmentPrior};

/// Samples that share their segment at one position.
pub struct Group<'a> {
    /// Empty for a value whose text is not kept.
    pub text: &'a str,
    pub kind: SegmentKind,
    pub lean: SegmentPrior,
    pub form: Form,
    /// Of a file name, the kind of what stands before the extension.
    pub stem: SegmentKind,
    pub hash: u64,
    pub members: Vec<u32>,
    /// Distinct texts: one, unless it stands for values that are no longer kept one by one.
    pub texts: u32,
    /// How many of those were seen once.
    pub once: u32,
    pub hits: u32,
    pub methods: u16,
    /// The structure of the answers to the paths that end here.
    pub shape: Option<&'a BodyShape>,
    /// Whether a path ends here.
    pub ends: bool,
    /// Marks of the next segment that may be literals, sorted.
    pub below: Vec<u64>,
    /// The same for the segment after the next.
    pub beyond: Vec<u64>,
}

impl<'a> Group<'a> {
    pub fn new(segment: &'a Segment) -> Self {
        Self {
            text: segment.text(),
            kind: segment.kind,
            lean: segment.lean(),
            form: segment.form,
            stem: segment.stem,
            hash: segment.hash,
            members: Vec::new(),
            texts: 0,
            once: 0,
            hits: 0,
            methods: 0,
            shape: None,
            ends: false,
            below: Vec::new(),
            beyond: Vec::new(),
        }
    }

    pub fn add(&mut self, member: u32, sample: &'a ObservedPath, depth: usize) {
        self.members.push(member);
        self.hits = self.hits.saturating_add(sample.hits);
        self.methods |= sample.methods;
        if self.lean == SegmentPrior::Value && sample.is_rest() {
            self.texts = self.texts.saturating_add(sample.paths);
            self.once = self.once.saturating_add(sample.once());
        }
        match sample.mark(depth + 1) {
            END_MARK => {
                self.ends = true;
                self.shape = self.shape.or(sample.shape.as_deref());
            }
            VALUE_MARK => {}
            mark => self.below.push(mark),
        }
        let beyond = sample.mark(depth + 2);
        if depth + 2 < sample.depth() && beyond != VALUE_MARK {
            self.beyond.push(beyond);
        }
    }

    pub fn finish(&mut self) {
        if self.texts == 0 {
            self.texts = 1;
            self.once = u32::from(self.hits == 1);
        }
        for marks in [&mut self.below, &mut self.beyond] {
            marks.sort_unstable();
            marks.dedup();
        }
    }
}
