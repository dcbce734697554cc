//! The distinct paths that were seen, within bounds: what templates are inferred from.
//!
//! ```text
//! observed_path   one distinct path, its segments, and what was seen of it
//! response_marks  what its answers are like: statuses, media type, members
//! body_shape      which members a JSON answer has, as a fingerprint
//! ```

pub mod body_shape;
pub mod observed_path;
pub mod response_marks;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;

use crate::domain::path::evidence::observed_path::ObservedPath;
use crate::domain::path::path_limits::PathLimits;

/// Kept paths, by their hash.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    samples: Vec<ObservedPath>,
    by_hash: FxHashMap<u64, u32>,
    bytes: usize,
}

impl Evidence {
    pub fn samples(&self) -> &[ObservedPath] {
        &self.samples
    }

    pub fn samples_mut(&mut self) -> &mut [ObservedPath] {
        &mut self.samples
    }

    /// The kept sample of the path with this hash.
    pub fn get_mut(&mut self, hash: u64) -> Option<&mut ObservedPath> {
        self.samples.get_mut(*self.by_hash.get(&hash)? as usize)
    }

    /// Keeps `sample`, unless it is kept already.
    pub fn insert(&mut self, sample: ObservedPath) {
        let next = self.samples.len() as u32;
        if let std::collections::hash_map::Entry::Vacant(vacant) = self.by_hash.entry(sample.hash) {
            vacant.insert(next);
            self.bytes += sample.bytes();
            self.samples.push(sample);
        }
    }

    /// Whether the next sample would pass a bound.
    pub fn is_full(&self, limits: &PathLimits) -> bool {
        self.samples.len() >= limits.samples_max || self.bytes >= limits.evidence_bytes_max
    }

    /// Drops every sample that `keep` refuses.
    pub fn retain(&mut self, keep: impl FnMut(&ObservedPath) -> bool) {
        self.samples.retain(keep);
        self.reindex();
    }

    fn reindex(&mut self) {
        self.by_hash.clear();
        self.bytes = 0;
        for (at, sample) in self.samples.iter().enumerate() {
            self.by_hash.insert(sample.hash, at as u32);
            self.bytes += sample.bytes();
        }
    }

    /// Makes room: first the templates with the most samples fold their surplus into one that
    /// stands for the rest, then the weakest templates go as a whole (fewest hits, longest
    /// unseen), until a quarter is free. `values` tells which segments of a leaf's template are
    /// parameters.
    pub fn shed(&mut self, limits: &PathLimits, values: impl Fn(u32) -> Option<Vec<bool>>) {
        let samples_target = limits.samples_max * 3 / 4;
        let bytes_target = limits.evidence_bytes_max * 3 / 4;
        let mut share = limits.samples_per_template_max;
        while share >= SHARE_MIN {
            self.shed_surplus(share, &values);
            if self.samples.len() <= samples_target && self.bytes <= bytes_target {
                return;
            }
            share /= 2;
        }
        self.shed_weakest(samples_target, bytes_target);
    }

    /// Keeps at most `share` samples of each template: the oftenest seen, then the latest. What
    /// the others showed is kept in one sample, so that a busy template does not become a weak one.
    fn shed_surplus(&mut self, share: usize, values: impl Fn(u32) -> Option<Vec<bool>>) {
        let mut of_leaf: FxHashMap<u32, Vec<(bool, u32, u64, u32)>> = FxHashMap::default();
        for (at, sample) in self.samples.iter().enumerate() {
            let rank = (sample.is_rest(), sample.hits, sample.seen_at, at as u32);
            of_leaf.entry(sample.leaf).or_default().push(rank);
        }
        let mut dropped = vec![false; self.samples.len()];
        let mut rests = Vec::new();
        for (leaf, mut ranks) in of_leaf.into_iter().filter(|(_, ranks)| ranks.len() > share) {
            ranks.sort_unstable_by(|a, b| b.cmp(a));
            let rest_before = ranks.iter().take_while(|rank| rank.0).count();
            let surplus = ranks.iter().take(rest_before).chain(ranks.iter().skip(share));
            let mut rest: Option<ObservedPath> = None;
            for &(_, _, _, at) in surplus {
                let sample = &self.samples[at as usize];
                dropped[at as usize] = true;
                let Some(values) = values(leaf) else { continue };
                rest.get_or_insert_with(|| sample.rest_of_template(leaf, &values)).absorb(sample);
            }
            rests.extend(rest);
        }
        let mut at = 0;
        self.samples.retain(|_| {
            at += 1;
            !dropped[at - 1]
        });
        self.samples.extend(rests);
        self.reindex();
    }

    fn shed_weakest(&mut self, samples_target: usize, bytes_target: usize) {
        let mut hits_of_leaf: FxHashMap<u32, u64> = FxHashMap::default();
        for sample in &self.samples {
            *hits_of_leaf.entry(sample.leaf).or_default() += u64::from(sample.hits);
        }
        let mut ranks: Vec<(u64, u64, u32)> = self
            .samples
            .iter()
            .enumerate()
            .map(|(at, s)| (hits_of_leaf.get(&s.leaf).copied().unwrap_or(0), s.seen_at, at as u32))
            .collect();
        ranks.sort_unstable();
        let mut dropped = vec![false; self.samples.len()];
        let (mut count, mut bytes) = (self.samples.len(), self.bytes);
        for (_, _, at) in ranks {
            if count <= samples_target && bytes <= bytes_target {
                break;
            }
            dropped[at as usize] = true;
            count -= 1;
            bytes -= self.samples[at as usize].bytes().min(bytes);
        }
        let mut at = 0;
        self.retain(|_| {
            at += 1;
            !dropped[at - 1]
        });
    }
}

/// The fewest samples a template is brought down to before whole templates are dropped, beside the
/// one that stands for the rest and says how many values there were. Where thousands of templates
/// are asked for by ever new ids, each keeps a few of them rather than that some go, and their
/// endpoints with them.
const SHARE_MIN: usize = 2;
