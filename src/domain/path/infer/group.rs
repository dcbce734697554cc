//! The kept paths that share a segment at one position.

use crate::domain::path::evidence::observed_path::{
    END_MARK, ObservedPath, ObservedSegment, VALUE_MARK,
};
use crate::domain::path::kind::pattern::Form;
use crate::domain::path::kind::{SegmentKind, SegmentPrior};

/// Ways a path may go on below a segment of which the answers are kept: a resource has a handful.
const RESPONSES_MAX: usize = 8;

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
    /// The answers to the paths through here: by what follows this segment, for some of them.
    pub responses: Vec<(u64, &'a ObservedPath)>,
    /// Whether a path ends here.
    pub ends: bool,
    /// Marks of the next segment that may be literals, sorted.
    pub below: Vec<u64>,
    /// The same for the segment after the next.
    pub beyond: Vec<u64>,
}

impl<'a> Group<'a> {
    pub fn new(segment: &'a ObservedSegment) -> Self {
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
            responses: Vec::new(),
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
        if sample.response.method != 0 {
            self.keep_response(sample.mark_after(depth), sample);
        }
        match sample.mark(depth + 1) {
            END_MARK => self.ends = true,
            VALUE_MARK => {}
            mark => self.below.push(mark),
        }
        let beyond = sample.mark(depth + 2);
        if depth + 2 < sample.depth() && beyond != VALUE_MARK {
            self.beyond.push(beyond);
        }
    }

    /// Keeps the answers of the paths with the smallest marks, so that two groups keep the
    /// same ones, and for one mark those of the path that was seen oftenest.
    fn keep_response(&mut self, mark: u64, sample: &'a ObservedPath) {
        match self.responses.binary_search_by_key(&mark, |(known, _)| *known) {
            Ok(at) => {
                let known = &mut self.responses[at].1;
                if (sample.hits, sample.hash) > (known.hits, known.hash) {
                    *known = sample;
                }
            }
            Err(at) if at < RESPONSES_MAX => {
                self.responses.truncate(RESPONSES_MAX - 1);
                self.responses.insert(at, (mark, sample));
            }
            Err(_) => {}
        }
    }

    /// How far the paths through here and those through `other` answer alike, where the same
    /// follows; `None` when nothing can be compared.
    pub fn agreement(&self, other: &Self) -> Option<f32> {
        let (mut sum, mut compared) = (0.0, 0.0);
        for (mark, own) in &self.responses {
            let theirs = other.responses.binary_search_by_key(mark, |(known, _)| *known);
            let Some(theirs) = theirs.ok().and_then(|at| other.responses.get(at)) else { continue };
            if let Some(agreement) = own.response.agreement(&theirs.1.response) {
                sum += agreement;
                compared += 1.0;
            }
        }
        (compared > 0.0).then(|| sum / compared)
    }

    /// The mark of the media type in which the paths that end here answer.
    pub fn media(&self) -> Option<u32> {
        self.responses.iter().find_map(|(_, sample)| sample.response.media())
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
