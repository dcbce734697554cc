//! Randomness as a function of place: every draw hangs on (seed, path of the field) alone.
//!
//! Two kinds of draw. A [`Choice`] picks which of the learned alternatives a field takes: as many
//! consecutive occurrences of the field as were learned from take each alternative exactly as
//! often as it was seen, in an order of the field's own (resampling without replacement; the
//! permutation walks cycles as in Kensler, "Correlated multi-jittered sampling", 2013). Seeds 0, 1,
//! 2, … are consecutive occurrences, and so are the parts that they bring about: the third item of
//! the second list knows how many items came before it (see [`Drawn::part`]). Hashed seeds give
//! plain uniform draws. What has no distribution of its own, digits and letters, comes from the
//! stream of the place (see [`FieldSeed::stream`]).

use super::entity_seed::FieldSeed;
use super::hash;

/// A choice among weighted alternatives.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Upper ends of the alternatives, in sightings.
    ends: Box<[u32]>,
    /// `2^64 / sightings`, rounded up: divides by a product (Lemire, Kaser and Kurz, "Faster
    /// remainder by direct computation", 2019); 0 where there is nothing to choose.
    reciprocal: u64,
    /// The alternative that is taken where there is nothing to choose.
    only: u32,
    /// Where to look for a position: the first alternative of each `2^shift` positions (Chen and
    /// Asau, "On generating random variates from an empirical distribution", 1974).
    guide: Box<[u32]>,
    shift: u32,
}

/// What a [`Choice`] gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// The alternative.
    pub at: usize,
    /// Of so many sightings of the alternative, it is the `nth` in this `round` through all.
    of: u32,
    nth: u32,
    round: u32,
}

impl Drawn {
    /// Its ordinal among the occurrences of its alternative.
    #[inline]
    pub fn index(&self) -> u32 {
        self.part(0, self.of, 1)
    }

    /// The ordinal of a part among all parts, or that of the first of `each` of them: in a round
    /// there are `total`, and `before` of them in the alternatives before this one.
    #[inline]
    pub fn part(&self, before: u32, total: u32, each: u32) -> u32 {
        let rounds = self.round.wrapping_mul(total);
        rounds.wrapping_add(before).wrapping_add(self.nth.wrapping_mul(each))
    }
}

/// Sightings told apart by one choice; more are scaled down.
const SIGHTINGS_MAX: f64 = (1 << 24) as f64;

impl Choice {
    /// `weights`: sightings of each alternative.
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let weights: Vec<f64> = weights.into_iter().collect();
        let total = weights.iter().sum();
        Self::of(&weights, total)
    }

    /// Weights that stand for so many sightings in all.
    pub fn of(weights: &[f64], sightings: f64) -> Self {
        let total: f64 = weights.iter().sum();
        let sightings = sightings.round().clamp(1.0, SIGHTINGS_MAX);
        let mut sum = 0.0;
        let ends = weights.iter().map(|weight| {
            sum += weight;
            if total > 0.0 { (sum / total * sightings).round() as u32 } else { 0 }
        });
        let ends: Box<[u32]> = ends.collect();
        let total = ends.last().copied().unwrap_or(0);
        let only = ends.partition_point(|end| *end == 0);
        let is_only = ends.get(only).is_none_or(|end| *end == total);
        let reciprocal = if is_only { 0 } else { u64::MAX / u64::from(total) + 1 };
        let only = if only < ends.len() { only as u32 } else { 0 };
        // About as many entries as alternatives: one or two are looked at.
        let shift = (total / ends.len().max(1) as u32).checked_ilog2().unwrap_or(0);
        let entries = if is_only { 0 } else { ((total - 1) >> shift) + 1 };
        let first = |entry: u32| ends.partition_point(|end| *end <= entry << shift) as u32;
        Self { reciprocal, only, guide: (0..entries).map(first).collect(), shift, ends }
    }

    /// The alternative at a position below the total.
    #[inline]
    fn find(&self, position: u32) -> usize {
        let from = self.guide.get((position >> self.shift) as usize).copied().unwrap_or(self.only);
        let rest = self.ends.get(from as usize..).unwrap_or_default();
        from as usize + rest.iter().take_while(|end| **end <= position).count()
    }

    /// The alternative that a field takes.
    #[inline]
    pub fn draw(&self, place: FieldSeed) -> Drawn {
        let FieldSeed { seed, key } = place;
        let total = self.total();
        if self.reciprocal == 0 {
            return Drawn { at: self.only as usize, of: total, nth: seed.index, round: 0 };
        }
        let round = ((u128::from(self.reciprocal) * u128::from(seed.index)) >> 64) as u32;
        let index = seed.index.wrapping_sub(round.wrapping_mul(total));
        let order = hash::fold(seed.salt ^ key, u64::from(round));
        let position = permute(index, total, order);
        let at = self.find(position);
        let start = self.start(at);
        let of = self.ends.get(at).map_or(0, |end| end - start);
        Drawn { at, of, nth: position - start, round }
    }

    /// Index of the alternative at this part of the whole; 0 when there is none.
    #[inline]
    pub fn pick(&self, unit: u32) -> usize {
        let position = ((u64::from(unit) * u64::from(self.total())) >> 32) as u32;
        self.find(position).min(self.ends.len().saturating_sub(1))
    }

    /// How far into its alternative `unit` lies, 0 to 1.
    pub fn fraction(&self, unit: u32, picked: usize) -> f64 {
        let position = f64::from(unit) / 2f64.powi(32) * f64::from(self.total());
        let width = f64::from(self.width(picked));
        let start = f64::from(self.start(picked));
        if width > 0.0 { ((position - start) / width).clamp(0.0, 1.0) } else { 0.5 }
    }

    fn start(&self, at: usize) -> u32 {
        at.checked_sub(1).and_then(|at| self.ends.get(at)).copied().unwrap_or(0)
    }

    /// Sightings of one alternative.
    pub fn width(&self, at: usize) -> u32 {
        self.ends.get(at).map_or(0, |end| end - self.start(at))
    }

    /// Sightings of all alternatives.
    pub fn total(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Alternatives, those without a sighting included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is nothing to choose from; drawing then gives the first alternative all the
    /// same.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// A permutation of the numbers below `of`, which is at least 2; `index` is one of them. Within
/// the next power of two each step is a bijection, and what leaves the range is sent on.
#[inline]
fn permute(index: u32, of: u32, order: u64) -> u32 {
    let bits = u32::BITS - (of - 1).leading_zeros();
    let mask = u32::MAX >> (u32::BITS - bits);
    let half = bits.div_ceil(2);
    let factor = |shift: u32| (order >> shift) as u32 | 1;
    let offset = |shift: u32| (order >> shift) as u32;
    let mut at = index;
    loop {
        at = at.wrapping_mul(factor(0)).wrapping_add(offset(8)) & mask;
        at ^= at >> half;
        at = at.wrapping_mul(factor(16)).wrapping_add(offset(24)) & mask;
        at ^= at >> half;
        at = at.wrapping_mul(factor(32)).wrapping_add(offset(40)) & mask;
        at ^= at >> half;
        if at < of {
            return at;
        }
    }
}

/// Numbers of parts, such as the items of arrays, as they were seen.
#[derive(Debug, Clone, Default)]
pub struct Sizes {
    choice: Choice,
    sizes: Box<[u32]>,
    /// Parts in the sizes before each, and in all.
    before: Box<[u32]>,
    total: u32,
}

impl Sizes {
    /// `weighted`: sizes, ascending, with their sightings.
    pub fn new(weighted: &[(u32, f64)]) -> Self {
        let choice = Choice::new(weighted.iter().map(|w| w.1));
        let sizes: Box<[u32]> = weighted.iter().map(|w| w.0).collect();
        let mut total = 0u32;
        let before = sizes.iter().enumerate().map(|(at, size)| {
            let before = total;
            total = total.wrapping_add(size.wrapping_mul(choice.width(at)));
            before
        });
        let before = before.collect();
        Self { choice, sizes, before, total }
    }

    /// How many parts there are, and the ordinal of the first of them.
    #[inline]
    pub fn draw(&self, place: FieldSeed) -> (u32, u32) {
        let drawn = self.choice.draw(place);
        let size = self.sizes.get(drawn.at).copied().unwrap_or(0);
        let before = self.before.get(drawn.at).copied().unwrap_or(0);
        (size, drawn.part(before, self.total, size))
    }
}

#[cfg(test)]
mod tests {
    use super::super::entity_seed::EntitySeed;
    use super::*;

    #[test]
    fn as_many_draws_as_sightings_show_each_as_often_as_it_was_seen() {
        for key in 0..50 {
            for weights in [vec![1.0, 0.0, 3.0], vec![7.0, 2.0, 41.0], vec![1.0; 50]] {
                let choice = Choice::new(weights.iter().copied());
                let total = choice.total();
                for round in 0..3 {
                    let mut counts = vec![0.0; weights.len()];
                    for seed in round * total..(round + 1) * total {
                        let seed = EntitySeed::new(u64::from(seed));
                        counts[choice.draw(seed.at(key)).at] += 1.0;
                    }
                    assert_eq!(counts, weights, "key {key}");
                }
            }
        }
    }

    #[test]
    fn parts_count_on_from_one_seed_to_the_next() {
        let sizes = Sizes::new(&[(0, 2.0), (1, 3.0), (4, 2.0)]);
        let mut seen: Vec<u32> = (0..14)
            .flat_map(|seed| {
                let (size, first) = sizes.draw(EntitySeed::new(seed).at(9));
                first..first + size
            })
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..22).collect::<Vec<_>>());
    }

    #[test]
    fn two_fields_are_independent() {
        for total in [64.0, 50.0, 9.0] {
            let choice = Choice::new([total / 2.0; 2]);
            let (mut both, mut draws) = (0, 0);
            for key in 0..400u64 {
                for seed in 0..64 {
                    let seed = EntitySeed::new(seed);
                    let at = |key| choice.draw(seed.at(key)).at == 0;
                    both += u32::from(at(key) && at(key + 1000));
                    draws += 1;
                }
            }
            let half = f64::from(choice.width(0)) / f64::from(choice.total());
            let share = f64::from(both) / f64::from(draws);
            assert!((share - half * half).abs() < 0.01, "{total}: {share}");
        }
    }

    #[test]
    fn hashed_seeds_follow_the_weights() {
        let choice = Choice::new([1.0, 0.0, 3.0]);
        let first = |n| choice.draw(EntitySeed::new(hash::mix(n)).at(5)).at == 0;
        let share = (0..8000).filter(|n| first(*n)).count();
        assert!((1850..2150).contains(&share), "{share}");
        assert_eq!(choice.pick(u32::MAX), 2);
        assert_eq!(Choice::default().pick(5), 0);
    }
}
