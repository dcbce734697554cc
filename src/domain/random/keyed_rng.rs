//! A short stream of random numbers for a seed and a key.
//!
//! Draws are keyed, not sequential: what a rule draws for its 17th request, or a field of an
//! entity for its letters, depends on the seed and the key alone, whatever other threads or
//! fields drew before.

use std::convert::Infallible;

use rand::TryRng;

use super::hash::{self, GOLDEN};
use super::seed;

/// A SplitMix64 stream (Steele, Lea, Flood 2014).
///
/// Starting one costs nothing, unlike a generator with a large state; a request needs a handful.
#[derive(Clone, Debug)]
pub struct KeyedRng(u64);

impl KeyedRng {
    /// The stream that starts at this number.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of `key` under `seed`.
    pub fn keyed(seed: u64, key: u64) -> Self {
        Self(seed::mix(seed, key))
    }

    /// The next 64 random bits.
    #[inline]
    pub fn word(&mut self) -> u64 {
        let value = hash::mix(self.0);
        self.0 = self.0.wrapping_add(GOLDEN);
        value
    }

    /// Uniform in `0..bound` (0 for an empty range); the bias is below 2^-32.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        (((self.word() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// A place in a list of so many, 0 in an empty one.
    pub fn index(&mut self, length: usize) -> usize {
        // Widening multiplication; the bias is below 2^-32 for the small lengths used here.
        ((u128::from(self.word()) * length as u128) >> 64) as usize
    }

    /// Uniform in `[0, 1)`.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        seed::uniform(self.word())
    }
}

impl TryRng for KeyedRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let random = self.word().to_le_bytes();
            for (byte, drawn) in chunk.iter_mut().zip(random) {
                *byte = drawn;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_stays_below_and_reaches_every_place() {
        let mut rng = KeyedRng::keyed(1, 2);
        let mut seen = [false; 5];
        (0..200).for_each(|_| seen[rng.index(5)] = true);
        assert_eq!(seen, [true; 5]);
        assert_eq!(rng.index(0), 0);
    }

    #[test]
    fn streams_of_different_keys_differ() {
        assert_ne!(KeyedRng::keyed(1, 2).word(), KeyedRng::keyed(1, 3).word());
        assert_ne!(KeyedRng::keyed(1, 2).word(), KeyedRng::keyed(2, 2).word());
    }
}
