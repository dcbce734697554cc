//! Randomness as a function of place: every draw hangs on (seed, path of the field) alone.
//!
//! Two kinds of draw. [`Place::unit`] picks which of the learned alternatives a field takes; it is
//! a scrambled van der Corput sequence over the low half of the seed (Burley, "Practical hash-based
//! Owen scrambling", 2020), so that consecutive seeds 0, 1, 2, … cover each learned distribution
//! evenly and independently per field, while a hashed seed gives plain uniform draws.
//! [`Stream`] fills in digits and letters: SplitMix64 started at the place.

use crate::domain::schema::hash;

/// The seed of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntitySeed {
    /// Place in the sequence of seeds.
    index: u32,
    salt: u64,
}

impl EntitySeed {
    pub fn new(seed: u64) -> Self {
        Self { index: seed as u32, salt: hash::mix(seed >> 32) }
    }

    /// The seed of a part that repeats within this entity, such as an item of an array.
    #[inline]
    pub fn part(self, key: u64, ordinal: u32) -> Self {
        Self { index: self.index, salt: hash::combine(self.salt ^ key, u64::from(ordinal)) }
    }

    /// The seed of what a query selected; 0 selects nothing.
    #[inline]
    pub fn selecting(self, selection: u64) -> Self {
        match selection {
            0 => self,
            selection => Self { index: self.index, salt: hash::combine(self.salt, selection) },
        }
    }

    /// The place of the field with this path hash.
    #[inline]
    pub fn at(self, key: u64) -> Place {
        Place { index: self.index, key: hash::mix(self.salt ^ key) }
    }
}

/// One field of one entity.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    index: u32,
    key: u64,
}

impl Place {
    /// Uniform in the whole range of `u32`, evenly spread over consecutive seeds.
    #[inline]
    pub fn unit(self) -> u32 {
        // Shuffle the index among its neighbours, so that two fields are independent, then
        // scramble its radical inverse, so that each field covers its range evenly.
        let shuffled = scramble(self.index.reverse_bits(), self.key as u32).reverse_bits();
        scramble(shuffled.reverse_bits(), (self.key >> 32) as u32)
    }

    /// Random bits for what has no distribution of its own: letters, digits, jitter.
    #[inline]
    pub fn stream(self) -> Stream {
        Stream(hash::combine(self.key, u64::from(self.index)))
    }
}

/// Laine-Karras permutation (2011) in Burley's constants: a bit depends on lower bits alone.
#[inline]
fn scramble(mut x: u32, key: u32) -> u32 {
    x = x.wrapping_add(key);
    x ^= x.wrapping_mul(0x6C50_B47C);
    x ^= x.wrapping_mul(0xB82F_1E52);
    x ^= x.wrapping_mul(0xC7AF_E638);
    x ^ x.wrapping_mul(0x8D22_F6E6)
}

/// A SplitMix64 stream.
#[derive(Debug, Clone)]
pub struct Stream(u64);

impl Stream {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    #[inline]
    pub fn bits(&mut self) -> u64 {
        let value = hash::mix(self.0);
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        value
    }

    /// Uniform in `0..bound` (0 for an empty range); the bias is below 2^-32.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// Uniform in `[0, 1)`.
    #[inline]
    pub fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A choice among weighted alternatives.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Upper ends of the alternatives in units of 2^-32; the last covers the rest.
    ends: Box<[u32]>,
}

impl Choice {
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let weights: Vec<f64> = weights.into_iter().collect();
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let ends = weights.iter().map(|weight| {
            sum += weight;
            if total > 0.0 { (sum / total * f64::from(u32::MAX)) as u32 } else { u32::MAX }
        });
        Self { ends: ends.collect() }
    }

    /// Index of the alternative that `unit` falls in; 0 when there is none.
    #[inline]
    pub fn pick(&self, unit: u32) -> usize {
        self.ends.partition_point(|end| *end < unit).min(self.ends.len().saturating_sub(1))
    }

    /// How far into its alternative `unit` lies, 0 to 1.
    pub fn fraction(&self, unit: u32, picked: usize) -> f64 {
        let end_of = |at: usize| self.ends.get(at).copied().map_or(0.0, f64::from);
        let start = picked.checked_sub(1).map_or(0.0, end_of);
        let width = end_of(picked) - start;
        if width > 0.0 { ((f64::from(unit) - start) / width).clamp(0.0, 1.0) } else { 0.5 }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consecutive_seeds_cover_a_distribution_evenly() {
        for key in 0..50 {
            let mut counts = [0u32; 8];
            for seed in 0..64 {
                counts[(EntitySeed::new(seed).at(key).unit() >> 29) as usize] += 1;
            }
            assert_eq!(counts, [8; 8], "key {key}");
        }
    }

    #[test]
    fn two_fields_are_independent() {
        let mut both = 0;
        for key in 0..400u64 {
            for seed in 0..64 {
                let at = |key| EntitySeed::new(seed).at(key).unit() < 1 << 31;
                both += u32::from(at(key) && at(key + 1000));
            }
        }
        let share = f64::from(both) / (400.0 * 64.0);
        assert!((0.24..0.26).contains(&share), "{share}");
    }

    #[test]
    fn a_choice_follows_its_weights() {
        let choice = Choice::new([1.0, 0.0, 3.0]);
        let quarter = (0..1000).filter(|i| choice.pick(i * (u32::MAX / 1000)) == 0).count();
        assert!((249..=251).contains(&quarter));
        assert_eq!(choice.pick(u32::MAX), 2);
        assert_eq!(Choice::default().pick(5), 0);
    }
}
