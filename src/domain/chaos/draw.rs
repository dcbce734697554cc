//! Reproducible randomness for rules: a short stream of numbers for a seed and a key.
//!
//! Draws are keyed, not sequential: what a rule draws for its 17th request depends on the seed, the
//! rule and the number 17 alone, whatever other threads or rules drew before.

use std::convert::Infallible;

use rand::TryRng;

use crate::domain::seed;

/// A short stream of random words: the n-th is a hash of the key and n.
///
/// Starting one costs nothing, unlike a generator with a large state; a request needs a handful.
#[derive(Clone, Debug)]
pub struct Draws {
    key: u64,
    drawn: u64,
}

impl Draws {
    /// The stream of `key` under `seed`.
    pub fn keyed(seed: u64, key: u64) -> Self {
        Self { key: seed::mix(seed, key), drawn: 0 }
    }

    pub fn word(&mut self) -> u64 {
        self.drawn += 1;
        seed::mix(self.key, self.drawn)
    }

    /// Uniform in `[0, 1)`.
    pub fn uniform(&mut self) -> f64 {
        seed::uniform(self.word())
    }

    /// Uniform in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // Widening multiplication; the bias is below 2^-32 for the small bounds used here.
        ((u128::from(self.word()) * bound as u128) >> 64) as usize
    }
}

impl TryRng for Draws {
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
    fn below_stays_below_and_reaches_every_value() {
        let mut draws = Draws::keyed(1, 2);
        let mut seen = [false; 5];
        (0..200).for_each(|_| seen[draws.below(5)] = true);
        assert_eq!(seen, [true; 5]);
        assert_eq!(draws.below(0), 0);
    }

    #[test]
    fn streams_of_different_keys_differ() {
        assert_ne!(Draws::keyed(1, 2).word(), Draws::keyed(1, 3).word());
        assert_ne!(Draws::keyed(1, 2).word(), Draws::keyed(2, 2).word());
    }
}
