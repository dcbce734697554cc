//! Truths as bits: causes numbered once, and the evidence made of them.
//!
//! A new truth, and with it a new reason for a status, begins in `cause.rs`.

use rustc_hash::FxHashMap;

use super::cause::Cause;

/// Causes of one site that are told apart; further ones are not looked at. The largest site
/// examined had about a hundred an endpoint.
const LITERALS_MAX: usize = 4_096;

/// The numbering of causes: a cause keeps its number as long as the site's knowledge lives.
#[derive(Debug, Clone, Default)]
pub struct Causes {
    known: Vec<Cause>,
    numbers: FxHashMap<Cause, u16>,
}

impl Causes {
    /// The number of a cause, given out at first sight; `None` beyond the limit.
    pub fn number(&mut self, cause: Cause) -> Option<u16> {
        if let Some(number) = self.numbers.get(&cause) {
            return Some(*number);
        }
        if self.known.len() >= LITERALS_MAX {
            return None;
        }
        let number = self.known.len() as u16; // below LITERALS_MAX
        self.known.push(cause.clone());
        self.numbers.insert(cause, number);
        Some(number)
    }

    /// The number of a cause that is known already.
    #[must_use]
    pub fn find(&self, cause: &Cause) -> Option<u16> {
        self.numbers.get(cause).copied()
    }

    /// All causes with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (u16, &Cause)> {
        // There are at most `LITERALS_MAX`.
        self.known.iter().enumerate().map(|(number, cause)| (number as u16, cause))
    }

    /// The cause with a number.
    #[must_use]
    pub fn get(&self, number: u16) -> Option<&Cause> {
        self.known.get(usize::from(number))
    }
}

/// The causes that hold for one request, as a set of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Truths {
    words: Vec<u64>,
}

impl Truths {
    /// Adds a cause.
    pub fn insert(&mut self, number: u16) {
        let at = usize::from(number / 64);
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        self.words[at] |= 1 << (number % 64);
    }

    /// Whether a cause holds.
    #[must_use]
    pub fn contains(&self, number: u16) -> bool {
        let word = self.words.get(usize::from(number / 64));
        word.is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// The numbers that hold, in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            (0..64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| (at * 64 + bit) as u16)
        })
    }

    /// In how many causes two sets differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        let longest = self.words.len().max(other.words.len());
        let word = |words: &[u64], at: usize| words.get(at).copied().unwrap_or(0);
        (0..longest).map(|at| (word(&self.words, at) ^ word(&other.words, at)).count_ones()).sum()
    }
}

/// One example: what held, and how it was answered.
#[derive(Debug, Clone)]
pub struct Example {
    /// What held for the request.
    pub truths: Truths,
    /// The status of the answer.
    pub status: u16,
}
