//! Distinct values with counts, bounded: what is rare is forgotten by chance, not by order.
//!
//! Priority sampling (Duffield, Lund, Thorup 2007) over distinct keys: each key has a fixed random
//! number `u` in (0, 1] from its own hash, and when there are too many keys the one with the
//! largest `u / count` goes. A key kept stands for `max(count, 1 / threshold)` observations, where
//! `threshold` is the smallest priority ever dropped, so the weights stay unbiased and heavy keys
//! are never lost. As `u` hangs on the key alone, the order of observation and of merging barely
//! matters.

use std::cmp::Ordering;

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// What can be counted: a key with an order, a stable hash and a size in bytes.
pub trait SampleKey: Ord {
    /// The same on every machine and in every release: it decides which keys are kept, and is
    /// stored.
    fn stable_hash(&self) -> u64;
    /// What the key takes of [`SampleBounds::bytes_max`].
    fn size_bytes(&self) -> usize;
}

impl SampleKey for i32 {
    fn stable_hash(&self) -> u64 {
        hash::mix(u64::from(*self as u32))
    }
    fn size_bytes(&self) -> usize {
        4
    }
}

impl SampleKey for Box<str> {
    fn stable_hash(&self) -> u64 {
        hash::hash_bytes(self.as_bytes())
    }
    fn size_bytes(&self) -> usize {
        self.len()
    }
}

impl SampleKey for Box<[u32]> {
    fn stable_hash(&self) -> u64 {
        self.iter().fold(hash::GOLDEN, |sum, cell| hash::combine(sum, u64::from(*cell)))
    }
    fn size_bytes(&self) -> usize {
        self.len() * 4
    }
}

/// A bounded count of distinct keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, bound(deserialize = "K: Deserialize<'de> + Ord"))]
pub struct PrioritySample<K> {
    /// Ascending by key, so that each observation finds its own in a few steps.
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty", deserialize_with = "ascending")]
    entries: Vec<(K, u32)>,
    /// `1 / threshold`: the least weight a kept key stands for; 0 while nothing was dropped.
    #[serde(rename = "w", skip_serializing_if = "is_zero")]
    weight_min: f32,
}

heap_bytes!(PrioritySample<K> { entries, weight_min });

/// Reads entries; those of a foreign hand may be in any order.
fn ascending<'de, D, K>(deserializer: D) -> Result<Vec<(K, u32)>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
{
    let mut entries: Vec<(K, u32)> = Vec::deserialize(deserializer)?;
    if !entries.is_sorted_by(|a, b| a.0 < b.0) {
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            first.1 = if is_same { first.1.saturating_add(later.1) } else { first.1 };
            is_same
        });
    }
    Ok(entries)
}

fn is_zero(value: &f32) -> bool {
    *value == 0.0
}

impl<K> Default for PrioritySample<K> {
    fn default() -> Self {
        Self { entries: Vec::new(), weight_min: 0.0 }
    }
}

/// The key's own random number in (0, 1], over its count: the largest goes first.
fn priority<K: SampleKey>(key: &K, count: u32) -> f64 {
    let unit = ((key.stable_hash() >> 11) as f64 + 1.0) / (1u64 << 53) as f64;
    unit / f64::from(count)
}

/// How much one tally may hold.
#[derive(Debug, Clone, Copy)]
pub struct SampleBounds {
    /// Different keys.
    pub entries_max: usize,
    /// Sum of [`SampleKey::size_bytes`] over the keys.
    pub bytes_max: usize,
}

impl<K: SampleKey> PrioritySample<K> {
    /// Counts `key` once more.
    pub fn add(&mut self, key: K, bounds: SampleBounds) {
        self.add_count(key, 1, bounds);
    }

    /// Counts a key given by its order to others, building it only when it is new.
    pub fn add_with(
        &mut self,
        order: impl Fn(&K) -> Ordering,
        build: impl FnOnce() -> K,
        bounds: SampleBounds,
    ) {
        match self.entries.binary_search_by(|(key, _)| order(key)) {
            Ok(at) => self.count(at, 1),
            Err(at) => self.insert(at, build(), 1, bounds),
        }
    }

    /// Counts `key` so many times more.
    pub fn add_count(&mut self, key: K, add: u32, bounds: SampleBounds) {
        match self.entries.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => self.count(at, add),
            Err(at) => self.insert(at, key, add, bounds),
        }
    }

    fn count(&mut self, at: usize, add: u32) {
        if let Some((_, count)) = self.entries.get_mut(at) {
            *count = count.saturating_add(add);
        }
    }

    fn insert(&mut self, at: usize, key: K, count: u32, bounds: SampleBounds) {
        // A key that would have been dropped before is dropped again, without looking at the rest.
        if self.weight_min > 0.0 && 1.0 / priority(&key, count) <= f64::from(self.weight_min) {
            return;
        }
        self.entries.insert(at, (key, count));
        self.shrink(bounds);
    }

    /// Adds what another tally counted.
    pub fn merge(&mut self, other: Self, bounds: SampleBounds) {
        self.weight_min = self.weight_min.max(other.weight_min);
        for (key, count) in other.entries {
            self.add_count(key, count, bounds);
        }
    }

    /// Keeps within tighter bounds, and no more memory than that takes.
    pub fn tighten(&mut self, bounds: SampleBounds) {
        self.shrink(bounds);
        self.entries.shrink_to_fit();
    }

    fn shrink(&mut self, bounds: SampleBounds) {
        let bytes = |entries: &[(K, u32)]| entries.iter().map(|e| e.0.size_bytes()).sum::<usize>();
        while self.entries.len() > bounds.entries_max
            || (self.entries.len() > 1 && bytes(&self.entries) > bounds.bytes_max)
        {
            let priority = |entry: &(K, u32)| {
                let unit = ((entry.0.stable_hash() >> 11) as f64 + 1.0) / (1u64 << 53) as f64;
                unit / f64::from(entry.1)
            };
            let Some((at, dropped)) =
                (self.entries.iter().map(priority).enumerate()).max_by(|a, b| a.1.total_cmp(&b.1))
            else {
                return;
            };
            self.weight_min = self.weight_min.max((1.0 / dropped) as f32);
            self.entries.remove(at);
        }
    }

    /// Keys with the weight each stands for.
    pub fn weights(&self) -> impl Iterator<Item = (&K, f64)> {
        let least = f64::from(self.weight_min);
        self.entries.iter().map(move |(key, count)| (key, f64::from(*count).max(least)))
    }

    /// The keys that are kept, ascending.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|e| &e.0)
    }

    /// Rebuilds every key, for instance after an index moved.
    #[must_use]
    pub fn map_keys(self, rebuild: impl Fn(K) -> K) -> Self {
        let entries = self.entries.into_iter().map(|(k, c)| (rebuild(k), c));
        let mut entries: Vec<(K, u32)> = entries.collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Self { entries, weight_min: self.weight_min }
    }

    /// Keys that are kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was counted yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// True while every key ever counted is still here.
    pub fn is_exact(&self) -> bool {
        self.weight_min == 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: SampleBounds = SampleBounds { entries_max: 32, bytes_max: 4096 };

    #[test]
    fn a_heavy_key_survives_a_flood_of_rare_ones() {
        let mut tally = PrioritySample::default();
        for i in 0..4000 {
            tally.add(if i % 4 == 0 { -1 } else { i }, BOUNDS);
        }
        let total: f64 = tally.weights().map(|w| w.1).sum();
        let heavy = tally.weights().find(|w| *w.0 == -1).map_or(0.0, |w| w.1);
        assert_eq!(heavy, 1000.0);
        assert!((2000.0..8000.0).contains(&total), "{total}");
        assert_eq!(tally.len(), 32);
    }

    #[test]
    fn order_does_not_matter_while_everything_fits() {
        let mut forward = PrioritySample::default();
        let mut backward = PrioritySample::default();
        (0..20).for_each(|i| forward.add(i % 7, BOUNDS));
        (0..20).rev().for_each(|i| backward.add(i % 7, BOUNDS));
        let sorted = |t: &PrioritySample<i32>| {
            let mut keys: Vec<_> = t.weights().map(|(k, w)| (*k, w as u32)).collect();
            keys.sort_unstable();
            keys
        };
        assert_eq!(sorted(&forward), sorted(&backward));
    }
}
