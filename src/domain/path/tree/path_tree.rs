//! The immutable snapshot that identifies paths on the request path.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::path::evidence::observed_path::{ObservedPath, split};
use crate::domain::path::kind::{SegmentKind, SegmentPrior};
use crate::domain::path::path_limits::PathLimits;
use crate::domain::path::tree::pin::{Pin, PinError};
use crate::domain::path::tree::reason::{Basis, Reason};
use crate::domain::path::tree::template::PathTemplate;
use crate::domain::path::tree::trie::{Accept, EdgeValues, PatternEdge, ROOT, TAIL, Tail, Trie};

/// Everything identification needs, frozen: readers share it without waiting for anybody.
#[derive(Debug, Clone)]
pub struct PathTree {
    pub(in crate::domain::path) learned: Trie,
    pub(in crate::domain::path) pinned: Trie,
    pub(in crate::domain::path) leaves: Leaves,
    segment_bytes_max: usize,
    depth_max: usize,
}

/// The answer to "which endpoint is this path?".
#[derive(Debug, Clone)]
pub struct Identified<'t, 'p> {
    /// The learned template, or the best guess for a path that fits none.
    pub template: Cow<'t, PathTemplate>,
    /// The place of a learned or pinned template in tables: dense, and stable as long as the
    /// template lives. `None` for a guess.
    pub leaf: Option<u32>,
    /// The raw values of the parameters, from left to right.
    pub values: EdgeValues<'p>,
}

impl Identified<'_, '_> {
    /// Whether the template was learned or pinned, and not guessed for this path.
    pub fn is_learned(&self) -> bool {
        self.leaf.is_some()
    }
}

/// Templates by leaf index.
#[derive(Debug, Clone, Default)]
pub struct Leaves {
    templates: Vec<Option<PathTemplate>>,
    by_text: Arc<FxHashMap<PathTemplate, u32>>,
    /// Indexes of dropped templates, the longest free first.
    free: std::collections::VecDeque<u32>,
}

/// Freed leaf indexes that rest before one is given out again, so that a reader whose tables are
/// one snapshot behind does not take a new template for a dropped one.
const RESTING_MIN: usize = 256;

impl Leaves {
    pub fn len(&self) -> usize {
        self.by_text.len()
    }

    pub fn get(&self, leaf: u32) -> Option<&PathTemplate> {
        self.templates.get(leaf as usize)?.as_ref()
    }

    pub fn index(&self, template: &PathTemplate) -> Option<u32> {
        self.by_text.get(template).copied()
    }

    pub fn index_or_insert(&mut self, template: &PathTemplate) -> u32 {
        if let Some(leaf) = self.index(template) {
            return leaf;
        }
        let reused = if self.free.len() > RESTING_MIN { self.free.pop_front() } else { None };
        let leaf = reused.unwrap_or(self.templates.len() as u32);
        if reused.is_none() {
            self.templates.push(None);
        }
        if let Some(slot) = self.templates.get_mut(leaf as usize) {
            *slot = Some(template.clone());
        }
        Arc::make_mut(&mut self.by_text).insert(template.clone(), leaf);
        leaf
    }

    pub fn remove(&mut self, leaf: u32) {
        if let Some(template) = self.templates.get_mut(leaf as usize).and_then(Option::take) {
            Arc::make_mut(&mut self.by_text).remove(&template);
            self.free.push_back(leaf);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, &PathTemplate)> {
        let filled =
            |(at, slot): (usize, &'_ Option<PathTemplate>)| slot.as_ref().map(|_| at as u32);
        self.templates
            .iter()
            .enumerate()
            .filter_map(filled)
            .filter_map(|leaf| self.get(leaf).map(|template| (leaf, template)))
    }
}

impl PathTree {
    pub(in crate::domain::path) fn new(limits: &PathLimits) -> Self {
        Self {
            learned: Trie::default(),
            pinned: Trie::default(),
            leaves: Leaves::default(),
            segment_bytes_max: limits.segment_bytes_max,
            depth_max: limits.depth_max,
        }
    }

    /// The endpoint of `path` (raw, undecoded). Always answers: a path that fits no template
    /// gets the best guess. Wait-free, and without allocation when the template is known and
    /// has at most eight parameters; linear in the path.
    pub fn identify<'t, 'p>(&'t self, path: &'p str) -> Identified<'t, 'p> {
        let parts = split(path);
        let found = self.find(path).or_else(|| self.learned.find(parts, Accept::Any));
        if let Some((leaf, values)) = found
            && let Some(template) = self.leaves.get(leaf)
        {
            return Identified { template: Cow::Borrowed(template), leaf: Some(leaf), values };
        }
        let (template, values) = self.guess(path);
        // A guess can meet a learned template by its text: then it is that template.
        match self.leaves.index(&template) {
            Some(leaf) => Identified { template: Cow::Owned(template), leaf: Some(leaf), values },
            None => Identified { template: Cow::Owned(template), leaf: None, values },
        }
    }

    /// The pinned or learned leaf whose values were seen to be of the kinds in `path`.
    pub(in crate::domain::path) fn find<'p>(&self, path: &'p str) -> Option<(u32, EdgeValues<'p>)> {
        let parts = split(path);
        let seen = Accept::Seen { segment_bytes_max: self.segment_bytes_max };
        let pinned =
            if self.pinned.len() > 1 { self.pinned.find(parts, Accept::Any) } else { None };
        pinned.or_else(|| self.learned.find(parts, seen))
    }

    /// The best guess for a path no template fits: known ground as far as it goes, then the look
    /// of each segment.
    fn guess<'p>(&self, path: &'p str) -> (PathTemplate, EdgeValues<'p>) {
        let parts = split(path);
        let mut text = String::with_capacity(path.len().min(256) + 8);
        let mut values = EdgeValues::new();
        let mut at = Some(ROOT);
        for (depth, segment) in parts.iter().enumerate() {
            if depth == self.depth_max {
                text.push_str("/{path}");
                break;
            }
            let step = self.guess_step(at, segment);
            at = step.child;
            text.push('/');
            match step.written {
                Written::Itself => text.push_str(segment),
                Written::Pattern(edge) => {
                    edge.pattern.capture(segment, |value| values.push(value));
                    text.push_str(&edge.text);
                }
                Written::Placeholder(placeholder) => {
                    values.push(segment);
                    text.push('{');
                    text.push_str(placeholder);
                    text.push('}');
                }
            }
        }
        if text.is_empty() || parts.trailing_slash && !text.ends_with('/') {
            text.push('/');
        }
        (PathTemplate::new(&text), values)
    }

    fn guess_step(&self, at: Option<u32>, segment: &str) -> GuessStep<'_> {
        let known = at.map(|at| self.learned.node(at));
        if let Some(child) = at.and_then(|at| self.learned.literal(at, segment)) {
            return GuessStep { child: Some(child), written: Written::Itself };
        }
        let accept = Accept::Seen { segment_bytes_max: self.segment_bytes_max };
        let fits = |edge: &&PatternEdge| edge.take(segment, &mut EdgeValues::new(), accept);
        if let Some(edge) = known.and_then(|node| node.patterns.iter().find(fits)) {
            return GuessStep { child: Some(edge.child), written: Written::Pattern(edge) };
        }
        let kind = SegmentKind::of(segment, self.segment_bytes_max);
        match (known.and_then(|node| node.parameter), kind.lean()) {
            (Some(edge), lean)
                if lean == SegmentPrior::Value || lean == SegmentPrior::Word && edge.words =>
            {
                let written = Written::Placeholder(edge.placeholder);
                GuessStep { child: Some(edge.child), written }
            }
            (None, SegmentPrior::Value) => {
                GuessStep { child: None, written: Written::Placeholder(kind.placeholder()) }
            }
            _ => GuessStep { child: None, written: Written::Itself },
        }
    }

    pub(in crate::domain::path) fn segment_bytes_max(&self) -> usize {
        self.segment_bytes_max
    }

    /// Every learned and pinned template with its leaf index.
    pub fn templates(&self) -> impl Iterator<Item = (u32, &PathTemplate)> {
        self.leaves.iter()
    }

    /// The template at a leaf index.
    pub fn template(&self, leaf: u32) -> Option<&PathTemplate> {
        self.leaves.get(leaf)
    }

    /// The leaf index of a template, when it is learned or pinned.
    pub fn leaf(&self, template: &PathTemplate) -> Option<u32> {
        self.leaves.index(template)
    }
}

struct GuessStep<'t> {
    child: Option<u32>,
    written: Written<'t>,
}

/// What stands in the template for a segment.
enum Written<'t> {
    Itself,
    Pattern(&'t PatternEdge),
    Placeholder(&'static str),
}

impl PathTree {
    /// Whether a pin decides the template of `path`.
    pub(in crate::domain::path) fn is_pinned(&self, path: &str) -> bool {
        self.pinned.len() > 1 && self.pinned.find(split(path), Accept::Any).is_some()
    }

    /// The pinned leaf of a kept path, of whose values only hashes are known.
    pub(in crate::domain::path) fn pinned_leaf_of(&self, sample: &ObservedPath) -> Option<u32> {
        if self.pinned.len() > 1 { self.pinned.find_sample(sample) } else { None }
    }

    pub(in crate::domain::path) fn pinned_leaves(&self) -> FxHashSet<u32> {
        self.pinned.leaf_numbers().collect()
    }

    /// Adds `template` as a learned one, whose parameters take values of the kinds that `kinds`
    /// names for each segment. Its leaf; `None` when it is malformed or its place is taken.
    pub(in crate::domain::path) fn grow(
        &mut self,
        template: &str,
        kinds: impl Fn(usize, &str) -> (Vec<SegmentKind>, Reason),
    ) -> Option<u32> {
        let mut at = ROOT;
        let mut steps = split(template).iter().enumerate().peekable();
        while let Some((depth, text)) = steps.next() {
            let (kinds, reason) = kinds(depth, text);
            if text == TAIL && steps.peek().is_none() {
                let leaf = self.leaves.index_or_insert(&PathTemplate::new(template));
                self.learned.node_mut(at).tail = Some(Tail { leaf, reason });
                return Some(leaf);
            }
            at = self.learned.step_or_insert(at, text, &kinds, reason)?;
        }
        let slash = template.len() > 1 && template.ends_with('/');
        let node = self.learned.node(at);
        if if slash { node.slash_leaf } else { node.leaf }.is_some() {
            return None;
        }
        let leaf = self.leaves.index_or_insert(&PathTemplate::new(template));
        let node = self.learned.node_mut(at);
        *(if slash { &mut node.slash_leaf } else { &mut node.leaf }) = Some(leaf);
        Some(leaf)
    }

    /// Adds a pinned template.
    pub(in crate::domain::path) fn pin(&mut self, pin: &Pin) -> Result<(), PinError> {
        let at = pin.grow(&mut self.pinned)?;
        if let Some(leaf) = self.pinned.node(at).leaf {
            let known = self.leaves.get(leaf).map_or("", |known| known.as_str()).to_owned();
            return Err(PinError::Conflict(pin.template.clone(), known));
        }
        let leaf = self.leaves.index_or_insert(&PathTemplate::new(&pin.template));
        self.pinned.node_mut(at).leaf = Some(leaf);
        Ok(())
    }

    /// Removes all pins. Templates that were not learned too go at the next inference.
    pub(in crate::domain::path) fn unpin_all(&mut self) {
        self.pinned = Trie::default();
    }

    /// Gives `path`, which fits no template, the guessed one as a learned template.
    pub(in crate::domain::path) fn adopt(&mut self, path: &str) -> u32 {
        let (template, _) = self.guess(path);
        let mut at = ROOT;
        for (depth, segment) in split(path).iter().enumerate() {
            if depth == self.depth_max {
                break;
            }
            let reason = Reason { ground: Basis::Look, values: 1, hits: 1 };
            let step = self.guess_step(Some(at), segment);
            at = match (step.written, step.child) {
                (Written::Pattern(_), Some(child)) => child,
                (Written::Placeholder(_), _) => {
                    let kind = SegmentKind::of(segment, self.segment_bytes_max);
                    self.learned.parameter_or_insert(at, kind, reason)
                }
                _ => self.learned.literal_or_insert(at, segment, Reason::default()),
            };
        }
        let leaf = self.leaves.index_or_insert(&template);
        self.learned.node_mut(at).leaf = Some(leaf);
        leaf
    }
}
