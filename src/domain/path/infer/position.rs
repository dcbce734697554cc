//! A place in the tree of paths, before it is decided what stands there.

use rustc_hash::FxHashMap;

use crate::domain::path::infer::group::Group;
use crate::domain::path::infer::word_stats::WordStats;

/// A position in the tree: the groups of samples that agree in all earlier segments.
pub struct Position<'a> {
    pub groups: &'a [Group<'a>],
    pub depth: usize,
    /// The nearest literal before this position.
    pub previous: Option<&'a str>,
    /// Whether that literal stands right before it.
    pub adjacent: bool,
    pub lexicon: &'a WordStats,
}

impl Position<'_> {
    /// The literal right before this position.
    pub fn before(&self) -> Option<&str> {
        self.previous.filter(|_| self.adjacent)
    }
}

/// How many of `groups` carry each mark.
pub fn carriers<'m>(marks: impl Iterator<Item = &'m [u64]>) -> FxHashMap<u64, u32> {
    let mut carriers: FxHashMap<u64, u32> = FxHashMap::default();
    for mark in marks.flatten() {
        *carriers.entry(*mark).or_default() += 1;
    }
    carriers
}
