//! What is known of words elsewhere in the same API.

use rustc_hash::FxHashMap;

use crate::domain::path::evidence::observed_path::hash_of;

/// What the first run of an inference learned about the whole API.
#[derive(Debug, Default)]
pub struct WordStats {
    /// For the literal right before a position: positions that hold a parameter, and the rest.
    after: FxHashMap<u64, Counts>,
    /// For a word: positions where it is a value, and where it is a literal.
    words: FxHashMap<u64, Counts>,
}

/// Positions of either verdict.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub parameters: u32,
    pub literals: u32,
}

impl Counts {
    fn add(&mut self, parameter: bool) {
        if parameter {
            self.parameters += 1;
        } else {
            self.literals += 1;
        }
    }

    /// Without one position of the given verdict.
    pub fn without(self, parameter: bool) -> Self {
        Self {
            parameters: self.parameters.saturating_sub(u32::from(parameter)),
            literals: self.literals.saturating_sub(u32::from(!parameter)),
        }
    }
}

impl WordStats {
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Takes note of one position: the literal right before it, if there is one, and for each
    /// word its hash and whether it is a value there.
    pub fn record(
        &mut self,
        before: Option<&str>,
        words: impl Iterator<Item = (u64, bool)> + Clone,
    ) {
        if let Some(before) = before {
            let parameter = words.clone().any(|(_, parameter)| parameter);
            self.after.entry(hash_of(before)).or_default().add(parameter);
        }
        for (word, parameter) in words {
            self.words.entry(word).or_default().add(parameter);
        }
    }

    pub fn after(&self, literal: &str) -> Counts {
        self.after.get(&hash_of(literal)).copied().unwrap_or_default()
    }

    pub fn word(&self, hash: u64) -> Counts {
        self.words.get(&hash).copied().unwrap_or_default()
    }
}
