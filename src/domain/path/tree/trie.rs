//! The nodes of a template tree, and the walk that identifies a path.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::domain::path::evidence::observed_path::{ObservedPath, ObservedSegment, Parts, hash_of};
use crate::domain::path::kind::pattern::{Form, Pattern};
use crate::domain::path::kind::{SegmentKind, SegmentPrior};
use crate::domain::path::tree::reason::Reason;

/// Parameter values of an identified path, as slices of it.
pub type EdgeValues<'p> = SmallVec<[&'p str; 8]>;

/// Steps one identification may take. A path walks its own depth when nothing is ambiguous; the
/// rest is for trying a parameter where a literal of the same text led nowhere.
const STEPS_MAX: u32 = 256;

/// A tree of templates; nodes are shared between snapshots.
#[derive(Debug, Clone)]
pub struct Trie {
    nodes: Vec<Arc<TrieNode>>,
}

/// A place in the tree.
#[derive(Debug, Clone, Default)]
pub struct TrieNode {
    literals: FxHashMap<Box<str>, u32>,
    /// Segments that are literal in part, in the order in which they are tried.
    pub patterns: Vec<PatternEdge>,
    pub parameter: Option<ParameterEdge>,
    /// The template whose last parameter takes all that is left.
    pub tail: Option<Tail>,
    /// The leaf index of the template that ends here.
    pub leaf: Option<u32>,
    /// The same for paths with a slash at the end, where they answer otherwise.
    pub slash_leaf: Option<u32>,
    /// Why the segment that leads here is what it is.
    pub reason: Reason,
}

impl TrieNode {
    /// The leaf index of the template for paths that end here, with a slash or without.
    pub fn ending(&self, slash: bool) -> Option<u32> {
        if slash { self.slash_leaf.or(self.leaf) } else { self.leaf.or(self.slash_leaf) }
    }
}

/// What a segment of a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    Literal,
    /// With the name in the braces.
    Parameter(&'a str),
    /// Literal in part.
    Pattern,
}

impl<'a> Step<'a> {
    pub fn of(text: &'a str) -> Self {
        match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if !name.is_empty() && !name.contains(['{', '}']) => Self::Parameter(name),
            _ if text.contains(['{', '}']) => Self::Pattern,
            _ => Self::Literal,
        }
    }
}

/// The last segment of a template that takes all that is left of a path.
pub const TAIL: &str = "{path}";

/// A parameter that goes to the end of the path.
#[derive(Debug, Clone, Copy)]
pub struct Tail {
    /// The leaf index of the template that ends in it.
    pub leaf: u32,
    pub reason: Reason,
}

/// The way to the child for segments such as `{id}.json`.
#[derive(Debug, Clone)]
pub struct PatternEdge {
    pub child: u32,
    /// The segment as it stands in the template.
    pub text: Box<str>,
    pub pattern: Pattern,
    /// Whether a plain word may be the value; with more than one value, anything may.
    pub words: bool,
}

impl PatternEdge {
    /// Adds the values of `text` to `values`; false when it does not belong here.
    pub fn take<'p>(&self, text: &'p str, values: &mut EdgeValues<'p>, accept: Accept) -> bool {
        let held = values.len();
        let fits = self.pattern.capture(text, |value| values.push(value));
        let known = match (accept, values.get(held..)) {
            (Accept::Seen { segment_bytes_max }, Some([value])) if !self.words => {
                SegmentKind::of(value, segment_bytes_max).lean() != SegmentPrior::Word
            }
            _ => true,
        };
        if !(fits && known) {
            values.truncate(held);
        }
        fits && known
    }
}

/// The way to the child that stands for every value at this place.
#[derive(Debug, Clone, Copy)]
pub struct ParameterEdge {
    pub child: u32,
    /// Bit set of the kinds seen, by their place in the enum.
    pub kinds: u64,
    /// Whether plain words were among the values.
    pub words: bool,
    /// The name in the braces.
    pub placeholder: &'static str,
}

impl ParameterEdge {
    /// Whether a segment of this kind may be a value here, as far as was seen.
    fn accepts(&self, kind: SegmentKind) -> bool {
        match kind.lean() {
            SegmentPrior::Value => true,
            SegmentPrior::Word => self.words,
            SegmentPrior::Fixed => self.kinds & kind_bit(kind) != 0,
        }
    }
}

pub fn kind_bit(kind: SegmentKind) -> u64 {
    1 << kind as u32
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Arc::default()] }
    }
}

/// The root of every tree.
pub const ROOT: u32 = 0;

impl Trie {
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node at `at`. Indexes come from this tree, and nodes are never removed.
    pub fn node(&self, at: u32) -> &TrieNode {
        &self.nodes[at as usize]
    }

    pub fn node_mut(&mut self, at: u32) -> &mut TrieNode {
        Arc::make_mut(&mut self.nodes[at as usize])
    }

    pub fn literal(&self, at: u32, text: &str) -> Option<u32> {
        self.node(at).literals.get(text).copied()
    }

    /// The child of `at` for the literal `text`, made when it is missing.
    pub fn literal_or_insert(&mut self, at: u32, text: &str, reason: Reason) -> u32 {
        if let Some(child) = self.literal(at, text) {
            return child;
        }
        let child = self.push(TrieNode { reason, ..TrieNode::default() });
        self.node_mut(at).literals.insert(Box::from(text), child);
        child
    }

    /// The parameter child of `at`, made when it is missing; learns that `kind` is a value there.
    pub fn parameter_or_insert(&mut self, at: u32, kind: SegmentKind, reason: Reason) -> u32 {
        let words = kind.lean() == SegmentPrior::Word;
        if let Some(edge) = self.node(at).parameter {
            if edge.kinds & kind_bit(kind) == 0
                && let Some(edge) = &mut self.node_mut(at).parameter
            {
                edge.kinds |= kind_bit(kind);
                edge.words |= words;
            }
            return edge.child;
        }
        let child = self.push(TrieNode { reason, ..TrieNode::default() });
        let placeholder = kind.placeholder();
        let edge = ParameterEdge { child, kinds: kind_bit(kind), words, placeholder };
        self.node_mut(at).parameter = Some(edge);
        child
    }

    /// The child of `at` for the segment `text` of a template, which is literal in part. `None`
    /// when it is no pattern.
    pub fn pattern_or_insert(
        &mut self,
        at: u32,
        text: &str,
        words: bool,
        reason: Reason,
    ) -> Option<u32> {
        let pattern = Pattern::parse(text)?;
        let known = self.node_mut(at).patterns.iter_mut().find(|edge| edge.pattern == pattern);
        if let Some(edge) = known {
            edge.words |= words;
            return Some(edge.child);
        }
        let child = self.push(TrieNode { reason, ..TrieNode::default() });
        let edge = PatternEdge { child, text: Box::from(text), pattern, words };
        self.node_mut(at).patterns.push(edge);
        Some(child)
    }

    /// The child of `at` for the segment `text` of a template; with its parameter, if it has
    /// one, taking values of `kinds`. Made when it is missing; `None` when it is malformed.
    pub fn step_or_insert(
        &mut self,
        at: u32,
        text: &str,
        kinds: &[SegmentKind],
        reason: Reason,
    ) -> Option<u32> {
        match Step::of(text) {
            Step::Literal => Some(self.literal_or_insert(at, text, reason)),
            Step::Pattern => {
                let words = kinds.iter().any(|kind| kind.lean() != SegmentPrior::Value);
                self.pattern_or_insert(at, text, words, reason)
            }
            Step::Parameter(name) => {
                let mut child = None;
                for &kind in kinds {
                    child = Some(self.parameter_or_insert(at, kind, reason));
                }
                if let (Some(edge), Some(name)) =
                    (&mut self.node_mut(at).parameter, SegmentKind::known_placeholder(name))
                {
                    edge.placeholder = name;
                }
                child
            }
        }
    }

    /// The child of `at` for the segment `text` of a template.
    pub fn step(&self, at: u32, text: &str) -> Option<u32> {
        let node = self.node(at);
        match Step::of(text) {
            Step::Literal => self.literal(at, text),
            Step::Pattern => {
                node.patterns.iter().find(|edge| &*edge.text == text).map(|edge| edge.child)
            }
            Step::Parameter(_) => node.parameter.map(|edge| edge.child),
        }
    }

    /// The literals below `at`.
    pub fn literals(&self, at: u32) -> impl Iterator<Item = (&str, u32)> {
        self.node(at).literals.iter().map(|(text, child)| (&**text, *child))
    }

    fn push(&mut self, node: TrieNode) -> u32 {
        self.nodes.push(Arc::new(node));
        (self.nodes.len() - 1) as u32
    }

    /// The leaf `parts` leads to, with its parameter values. A literal wins over a parameter
    /// where both lead to a leaf. Takes at most [`STEPS_MAX`] steps and allocates only for
    /// more than eight parameters.
    pub fn find<'p>(&self, parts: Parts<'p>, accept: Accept) -> Option<(u32, EdgeValues<'p>)> {
        let slash = parts.trailing_slash;
        let mut walk =
            Walk { trie: self, values: EdgeValues::new(), steps: STEPS_MAX, accept, slash };
        let rest = (!parts.rest().is_empty()).then_some(parts.rest());
        let leaf = walk.from(ROOT, rest)?;
        Some((leaf, walk.values))
    }
}

/// One segment on the way to a template.
#[derive(Debug, Clone, Copy)]
pub struct RouteStep {
    pub reason: Reason,
    /// Bit set of the kinds of values seen.
    kinds: u64,
}

impl RouteStep {
    pub fn kinds(&self) -> impl Iterator<Item = SegmentKind> + use<> {
        let kinds = self.kinds;
        SegmentKind::ALL.iter().copied().filter(move |kind| kinds & kind_bit(*kind) != 0)
    }
}

impl Trie {
    /// The way to every template, in no particular order.
    pub fn routes(&self) -> Vec<(u32, Vec<RouteStep>)> {
        let mut routes = Vec::new();
        let mut open = vec![(ROOT, Vec::new())];
        while let Some((at, steps)) = open.pop() {
            let node = self.node(at);
            if let Some(tail) = node.tail {
                let mut steps = steps.clone();
                steps.push(RouteStep { reason: tail.reason, kinds: 0 });
                routes.push((tail.leaf, steps));
            }
            let mut go = |child: u32, kinds: u64| {
                let mut steps = steps.clone();
                steps.push(RouteStep { reason: self.node(child).reason, kinds });
                open.push((child, steps));
            };
            node.literals.values().for_each(|&child| go(child, 0));
            for edge in &node.patterns {
                let kind = if edge.words { SegmentKind::Word } else { SegmentKind::Integer };
                go(edge.child, kind_bit(kind));
            }
            if let Some(edge) = node.parameter {
                go(edge.child, edge.kinds);
            }
            routes.extend(node.slash_leaf.map(|leaf| (leaf, steps.clone())));
            routes.extend(node.leaf.map(|leaf| (leaf, steps)));
        }
        routes
    }

    /// The leaf of a kept path. A literal is known by its hash alone where the text is not kept.
    pub fn find_sample(&self, sample: &ObservedPath) -> Option<u32> {
        let mut steps = STEPS_MAX;
        self.find_from(ROOT, sample.segments(), sample.trailing_slash, &mut steps)
    }

    fn find_from(
        &self,
        at: u32,
        rest: &[ObservedSegment],
        slash: bool,
        steps: &mut u32,
    ) -> Option<u32> {
        let node = self.node(at);
        let Some((segment, below)) = rest.split_first() else { return node.ending(slash) };
        *steps = steps.checked_sub(1)?;
        let literal = if segment.has_text() {
            self.literal(at, segment.text())
        } else {
            let same = |(text, _): &(&str, u32)| hash_of(text) == segment.hash;
            self.literals(at).find(same).map(|(_, child)| child)
        };
        let fits = |edge: &&PatternEdge| match segment.form {
            Form::Plain => false,
            form => Pattern::parse(&form.template("x")).is_some_and(|own| own == edge.pattern),
        };
        let patterns = node.patterns.iter().filter(fits).map(|edge| edge.child);
        let parameter = node.parameter.map(|edge| edge.child);
        literal
            .into_iter()
            .chain(patterns)
            .chain(parameter)
            .find_map(|child| self.find_from(child, below, slash, steps))
    }
}

struct Walk<'t, 'p> {
    trie: &'t Trie,
    values: EdgeValues<'p>,
    steps: u32,
    accept: Accept,
    slash: bool,
}

/// Which segments a walk takes for values of a parameter.
#[derive(Debug, Clone, Copy)]
pub enum Accept {
    /// Those of the kinds that were seen there; segments longer than this are values unread.
    Seen { segment_bytes_max: usize },
    /// Any: a client's `undefined` stands where an id should.
    Any,
}

impl<'p> Walk<'_, 'p> {
    /// Recursion is bounded by the depth of the tree, which is bounded by `depth_max`.
    fn from(&mut self, at: u32, rest: Option<&'p str>) -> Option<u32> {
        let node = self.trie.node(at);
        let Some(rest) = rest else { return node.ending(self.slash) };
        self.steps = self.steps.checked_sub(1)?;
        let (text, below) = match memchr::memchr(b'/', rest.as_bytes()) {
            Some(slash) => (&rest[..slash], Some(&rest[slash + 1..])),
            None => (rest, None),
        };
        if let Some(&child) = node.literals.get(text)
            && let Some(leaf) = self.from(child, below)
        {
            return Some(leaf);
        }
        let held = self.values.len();
        for edge in &node.patterns {
            if edge.take(text, &mut self.values, self.accept) {
                if let Some(leaf) = self.from(edge.child, below) {
                    return Some(leaf);
                }
                self.values.truncate(held);
            }
        }
        if let Some(edge) = node.parameter
            && self.accepts(edge, text)
        {
            self.values.push(text);
            if let Some(leaf) = self.from(edge.child, below) {
                return Some(leaf);
            }
            self.values.truncate(held);
        }
        let tail = node.tail?;
        self.values.push(rest);
        Some(tail.leaf)
    }

    fn accepts(&self, edge: ParameterEdge, text: &str) -> bool {
        match self.accept {
            Accept::Any => !text.is_empty(),
            Accept::Seen { segment_bytes_max } => {
                edge.accepts(SegmentKind::of(text, segment_bytes_max))
            }
        }
    }
}

impl Trie {
    /// Replaces the leaf number of every node by its entry in `leaves`.
    pub fn renumber_leaves(&mut self, leaves: &[u32]) {
        for node in &mut self.nodes {
            if node.leaf.is_some() || node.slash_leaf.is_some() || node.tail.is_some() {
                let node = Arc::make_mut(node);
                let renumbered = |leaf: u32| leaves.get(leaf as usize).copied();
                node.leaf = node.leaf.and_then(renumbered);
                node.slash_leaf = node.slash_leaf.and_then(renumbered);
                node.tail = node.tail.and_then(|tail| {
                    leaves.get(tail.leaf as usize).map(|&leaf| Tail { leaf, ..tail })
                });
            }
        }
    }

    /// Every leaf number in the tree.
    pub fn leaf_numbers(&self) -> impl Iterator<Item = u32> {
        self.nodes
            .iter()
            .flat_map(|node| [node.leaf, node.slash_leaf, node.tail.map(|tail| tail.leaf)])
            .flatten()
    }
}
