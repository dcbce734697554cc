//! How long the texts of a segment are.

use crate::domain::random::choice::Choice;
use crate::domain::random::keyed_rng::KeyedRng;

/// Lengths as they came.
#[derive(Debug, Clone)]
pub struct Lengths {
    choice: Choice,
    lengths: Box<[usize]>,
}

impl Lengths {
    /// The longest; 0 where there is none.
    pub fn most(&self) -> usize {
        self.lengths.iter().copied().max().unwrap_or(0)
    }

    /// Of lengths with their weights, ascending.
    pub fn new(sizes: &[(usize, f64)]) -> Self {
        Self {
            choice: Choice::new(sizes.iter().map(|size| size.1)),
            lengths: sizes.iter().map(|size| size.0).collect(),
        }
    }

    /// One of them, as often as it came.
    pub fn draw(&self, stream: &mut KeyedRng) -> usize {
        let at = match self.lengths.len() {
            1 => 0,
            _ => self.choice.pick((stream.word() >> 32) as u32),
        };
        self.lengths.get(at).copied().unwrap_or(0)
    }
}
