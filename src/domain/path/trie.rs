//! The nodes of a template tree, and the walk that identifies a path.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::kind::{Lean, SegmentKind};
use super::sample::Parts;

/// Parameter values of an identified path, as slices of it.
pub type Values<'p> = SmallVec<[&'p str; 8]>;

/// Steps one identification may take. A path walks its own depth when nothing is ambiguous; the
/// rest is for trying a parameter where a literal of the same text led nowhere.
const STEPS_MAX: u32 = 256;

/// A tree of templates; nodes are shared between snapshots.
#[derive(Debug, Clone)]
pub struct Trie {
    nodes: Vec<Arc<Node>>,
}

/// A place in the tree.
#[derive(Debug, Clone, Default)]
pub struct Node {
    literals: FxHashMap<Box<str>, u32>,
    pub parameter: Option<ParameterEdge>,
    /// The leaf index of the template that ends here.
    pub leaf: Option<u32>,
    /// Why the segment that leads here is what it is.
    pub reason: Reason,
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
            Lean::Value => true,
            Lean::Word => self.words,
            Lean::Fixed => self.kinds & kind_bit(kind) != 0,
        }
    }
}

pub fn kind_bit(kind: SegmentKind) -> u64 {
    1 << kind as u32
}

/// Why a segment is a literal or a parameter, with the counts behind it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reason {
    pub ground: Ground,
    /// Distinct texts seen at this place that share the verdict.
    pub values: u32,
    /// Exchanges behind them.
    pub hits: u32,
}

/// The evidence that decided a segment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ground {
    /// Nothing speaks for a parameter yet.
    #[default]
    FirstSight,
    /// Pinned by people.
    Pinned,
    /// The bytes are those of an identifier.
    Look,
    /// A version, or a word every API uses literally.
    FixedLook,
    /// Its siblings behave like values of one parameter, and so does it.
    Crowd,
    /// It is seen again and again beside a crowd of values that are seen once.
    Apart,
    /// It answers with the same structure as its siblings.
    SameAnswers,
    /// It answers with another structure than its siblings.
    OtherAnswers,
    /// Its siblings behave like resources of their own.
    FewSiblings,
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
    pub fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    pub fn node_mut(&mut self, at: u32) -> &mut Node {
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
        let child = self.push(Node { reason, ..Node::default() });
        self.node_mut(at).literals.insert(Box::from(text), child);
        child
    }

    /// The parameter child of `at`, made when it is missing; learns that `kind` is a value there.
    pub fn parameter_or_insert(&mut self, at: u32, kind: SegmentKind, reason: Reason) -> u32 {
        let words = kind.lean() == Lean::Word;
        if let Some(edge) = self.node(at).parameter {
            if edge.kinds & kind_bit(kind) == 0
                && let Some(edge) = &mut self.node_mut(at).parameter
            {
                edge.kinds |= kind_bit(kind);
                edge.words |= words;
            }
            return edge.child;
        }
        let child = self.push(Node { reason, ..Node::default() });
        let placeholder = kind.placeholder();
        let edge = ParameterEdge { child, kinds: kind_bit(kind), words, placeholder };
        self.node_mut(at).parameter = Some(edge);
        child
    }

    fn push(&mut self, node: Node) -> u32 {
        self.nodes.push(Arc::new(node));
        (self.nodes.len() - 1) as u32
    }

    /// The leaf `parts` leads to, with its parameter values. A literal wins over a parameter
    /// where both lead to a leaf. Takes at most [`STEPS_MAX`] steps and allocates only for
    /// more than eight parameters.
    pub fn find<'p>(&self, parts: Parts<'p>, accept: Accept) -> Option<(u32, Values<'p>)> {
        let mut walk = Walk { trie: self, values: Values::new(), steps: STEPS_MAX, accept };
        let rest = (!parts.rest().is_empty()).then_some(parts.rest());
        let leaf = walk.from(ROOT, rest)?;
        Some((leaf, walk.values))
    }
}

struct Walk<'t, 'p> {
    trie: &'t Trie,
    values: Values<'p>,
    steps: u32,
    accept: Accept,
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
        let Some(rest) = rest else { return node.leaf };
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
        let edge = node.parameter?;
        let accepted = match self.accept {
            Accept::Any => !text.is_empty(),
            Accept::Seen { segment_bytes_max } => {
                edge.accepts(SegmentKind::of(text, segment_bytes_max))
            }
        };
        if !accepted {
            return None;
        }
        let held = self.values.len();
        self.values.push(text);
        let leaf = self.from(edge.child, below);
        if leaf.is_none() {
            self.values.truncate(held);
        }
        leaf
    }
}

impl Trie {
    /// Replaces the leaf number of every node by its entry in `leaves`.
    pub fn renumber_leaves(&mut self, leaves: &[u32]) {
        for node in &mut self.nodes {
            if let Some(leaf) = node.leaf {
                Arc::make_mut(node).leaf = leaves.get(leaf as usize).copied();
            }
        }
    }

    /// Every leaf number in the tree.
    pub fn leaf_numbers(&self) -> impl Iterator<Item = u32> {
        self.nodes.iter().filter_map(|node| node.leaf)
    }
}
