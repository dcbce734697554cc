//! "Did you mean": the learned templates nearest to a path, found by walking the tree.
//!
//! The cheapest way down is followed first, so that the work depends on how near the nearest
//! templates are and not on how many there are.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::domain::path::evidence::observed_path::split;
use crate::domain::path::tree::path_tree::PathTree;
use crate::domain::path::tree::template::PathTemplate;
use crate::domain::path::tree::trie::{ROOT, Trie};

/// Bytes of a segment that are compared. The comparison is quadratic in them, and names that
/// agree this far are near enough.
const COMPARED_MAX: usize = 32;
/// Segments that are compared.
const DEPTH_COMPARED_MAX: usize = 16;
/// What a segment costs that stands on one side only, against 1 for two segments without a
/// common letter.
const MISSING_COST: f32 = 1.0;
/// What a parameter costs: less than a literal with a typo, more than the literal itself.
const PARAMETER_COST: f32 = 0.15;
/// Nodes that are opened, and ways that are noted, for one answer: some 20 µs of work.
const NODES_MAX: usize = 64;
const WAYS_MAX: usize = 512;
/// Names below one node that are all compared; among more of them, those one letter away are looked
/// up, and of the rest only so many are compared.
const NAMES_COMPARED_MAX: usize = 24;

/// A way down the tree, with what it has cost so far.
#[derive(Debug, PartialEq)]
struct Way {
    cost: f32,
    /// Segments of the path that are behind it.
    depth: usize,
    place: WayPlace,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum WayPlace {
    TrieNode(u32),
    Leaf(u32),
}

impl Eq for Way {}

impl Ord for Way {
    fn cmp(&self, other: &Self) -> Ordering {
        // Equally cheap: the one that is further down.
        self.cost.total_cmp(&other.cost).then_with(|| other.depth.cmp(&self.depth))
    }
}

impl PartialOrd for Way {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PathTree {
    /// Up to `n` templates, nearest first. The work is bounded, whatever the size of the tree; in
    /// a wide one, names with more than one wrong letter may be missed.
    pub fn nearest(&self, path: &str, n: usize) -> Vec<&PathTemplate> {
        let wanted: Vec<&str> = split(path).iter().take(DEPTH_COMPARED_MAX).collect();
        let mut ranked: Vec<(f32, &PathTemplate)> = [&self.learned, &self.pinned]
            .into_iter()
            .flat_map(|trie| nearest_in(trie, &wanted, n))
            .filter_map(|(cost, leaf)| Some((cost, self.template(leaf)?)))
            .collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        ranked.dedup_by(|a, b| a.1 == b.1);
        ranked.into_iter().take(n).map(|(_, template)| template).collect()
    }
}

/// The leaves nearest to the segments `wanted`, each with its cost, nearest first.
fn nearest_in(trie: &Trie, wanted: &[&str], n: usize) -> Vec<(f32, u32)> {
    let mut found = Vec::new();
    let mut ways =
        BinaryHeap::from([Reverse(Way { cost: 0.0, depth: 0, place: WayPlace::TrieNode(ROOT) })]);
    let mut opened = 0;
    while let Some(Reverse(way)) = ways.pop() {
        match way.place {
            WayPlace::Leaf(leaf) => found.push((way.cost, leaf)),
            WayPlace::TrieNode(_) if opened == NODES_MAX => {}
            WayPlace::TrieNode(at) => {
                opened += 1;
                open(trie, at, &way, wanted, &mut ways);
            }
        }
        if found.len() == n {
            break;
        }
    }
    found
}

/// Notes every way on from the node `at`.
fn open(trie: &Trie, at: u32, way: &Way, wanted: &[&str], ways: &mut BinaryHeap<Reverse<Way>>) {
    let node = trie.node(at);
    let text = wanted.get(way.depth).copied();
    let missing = wanted.len().saturating_sub(way.depth);
    // At most sixteen: exact in an f32.
    let end = way.cost + missing as f32 * MISSING_COST;
    let mut note = |cost: f32, place: WayPlace| {
        if ways.len() < WAYS_MAX {
            ways.push(Reverse(Way { cost, depth: way.depth + 1, place }));
        }
    };
    for leaf in [node.leaf, node.slash_leaf].into_iter().flatten() {
        note(end, WayPlace::Leaf(leaf));
    }
    if let Some(tail) = node.tail {
        note(way.cost + PARAMETER_COST, WayPlace::Leaf(tail.leaf));
    }
    let step = |cost: f32| way.cost + if text.is_some() { cost } else { MISSING_COST };
    let patterns = node.patterns.iter().map(|edge| edge.child);
    for child in node.parameter.iter().map(|edge| edge.child).chain(patterns) {
        note(step(PARAMETER_COST), WayPlace::TrieNode(child));
    }
    let Some(text) = text else {
        for (_, child) in trie.literals(at).take(NAMES_COMPARED_MAX) {
            note(way.cost + MISSING_COST, WayPlace::TrieNode(child));
        }
        return;
    };
    if let Some(child) = trie.literal(at, text) {
        note(way.cost, WayPlace::TrieNode(child));
    }
    for (name, child) in
        trie.literals(at).filter(|(name, _)| *name != text).take(NAMES_COMPARED_MAX)
    {
        let cost = dissimilarity(text.as_bytes(), name.as_bytes());
        note(step(cost), WayPlace::TrieNode(child));
    }
    if trie.literals(at).nth(NAMES_COMPARED_MAX).is_some() {
        for (cost, child) in one_letter_away(trie, at, text) {
            note(step(cost), WayPlace::TrieNode(child));
        }
    }
}

/// The children of `at` whose name is `text` with a letter more, a letter less, another letter, or
/// two letters exchanged.
fn one_letter_away(trie: &Trie, at: u32, text: &str) -> Vec<(f32, u32)> {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz-_";
    let mut found = Vec::new();
    if !text.is_ascii() || text.len() > COMPARED_MAX / 2 {
        return found;
    }
    let mut look_up = |name: &str| {
        if let Some(child) = trie.literal(at, name).filter(|_| name != text) {
            let cost = dissimilarity(text.as_bytes(), name.as_bytes());
            if !found.contains(&(cost, child)) {
                found.push((cost, child));
            }
        }
    };
    let mut name = String::with_capacity(text.len() + 1);
    for cut in 0..=text.len() {
        let (before, after) = text.split_at(cut);
        let mut chars = after.chars();
        let next = chars.next();
        let rest = chars.as_str();
        let mut try_middle = |middle: &str, rest: &str| {
            name.clear();
            name.push_str(before);
            name.push_str(middle);
            name.push_str(rest);
            look_up(&name);
        };
        for at in 0..LETTERS.len() {
            let letter = LETTERS.get(at..=at).unwrap_or_default();
            try_middle(letter, after);
            if next.is_some() {
                try_middle(letter, rest);
            }
        }
        if next.is_some() {
            try_middle("", rest);
        }
        if let (Some(first), Some(second)) = (after.get(..1), after.get(1..2)) {
            let swapped = [second, first].concat();
            try_middle(&swapped, after.get(2..).unwrap_or_default());
        }
    }
    found
}

/// Levenshtein distance in proportion to the longer text, 0 to 1.
fn dissimilarity(a: &[u8], b: &[u8]) -> f32 {
    let (a, b) = (&a[..a.len().min(COMPARED_MAX)], &b[..b.len().min(COMPARED_MAX)]);
    let mut row: [usize; COMPARED_MAX + 1] = std::array::from_fn(|at| at);
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    // At most 32: exact in an f32.
    row[b.len()] as f32 / a.len().max(b.len()).max(1) as f32
}
