//! The seed of one entity, and of each of its fields: what every draw hangs on.

use super::hash;
use super::keyed_rng::KeyedRng;

/// The seed of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntitySeed {
    /// Its ordinal among all occurrences, counted over consecutive seeds.
    pub(super) index: u32,
    /// What all consecutive seeds have in common.
    pub(super) salt: u64,
    /// What this one has for itself.
    own: u64,
}

impl EntitySeed {
    /// Consecutive numbers are consecutive occurrences, which take each alternative as often as it
    /// was seen; hashes are drawn uniformly.
    pub fn new(seed: u64) -> Self {
        Self { index: seed as u32, salt: hash::mix(seed >> 32), own: hash::mix(seed) }
    }

    /// The seed of a part that repeats within this entity, such as an item of an array.
    #[inline]
    #[must_use]
    pub fn part(self, key: u64, ordinal: u32) -> Self {
        let own = hash::combine(self.own ^ key, u64::from(ordinal));
        Self { index: self.index.wrapping_add(ordinal), own, ..self }
    }

    /// The same seed for something that does not occur in every entity: its ordinal is `index`.
    #[inline]
    #[must_use]
    pub fn nth(self, index: u32) -> Self {
        Self { index, ..self }
    }

    /// The seed of one more draw of the same; the first is the entity's own.
    #[inline]
    #[must_use]
    pub fn attempt(self, key: u64, attempt: u32) -> Self {
        if attempt == 0 { self } else { self.part(key, attempt) }
    }

    /// The seed of what a query selected; 0 selects nothing.
    #[inline]
    #[must_use]
    pub fn selecting(self, selection: u64) -> Self {
        if selection == 0 {
            return self;
        }
        let [salt, own] = [self.salt, self.own].map(|hash| hash::combine(hash, selection));
        Self { salt, own, ..self }
    }

    /// The place of the field with this path hash.
    #[inline]
    pub fn at(self, key: u64) -> FieldSeed {
        FieldSeed { seed: self, key }
    }
}

/// One field of one entity.
#[derive(Debug, Clone, Copy)]
pub struct FieldSeed {
    pub(super) seed: EntitySeed,
    pub(super) key: u64,
}

impl FieldSeed {
    /// Random bits for what has no distribution of its own: letters, digits, jitter.
    #[inline]
    pub fn stream(self) -> KeyedRng {
        KeyedRng::new(hash::combine(self.seed.own, self.key))
    }
}
