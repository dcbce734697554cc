//! Values counted by their hash; the literal is kept only when the privacy policy allows it.

use serde::{Deserialize, Serialize};

use super::names::is_standard;
use crate::domain::privacy::{
    MEAN_SUPPORT_MIN, Support, is_person, is_sensitive_name, is_sensitive_value, may_keep_literal,
};
use crate::domain::random::seed::hash_text;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// The distinct values of one header.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Vocabulary {
    total: u64,
    /// Distinct values that came, those that lost their place and came again counted twice.
    distinct: u64,
    entries: Vec<Entry>,
}

heap_bytes!(Vocabulary { total, distinct, entries });

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Entry {
    hash: u64,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    literal: Option<String>,
}

heap_bytes!(Entry { hash, count, literal });

/// What became of an observed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Its literal is known.
    Literal,
    /// Its literal is known since this observation; it was seen so many times before.
    LiteralNow { before: u64 },
    /// Only its hash is.
    Hash,
    /// Nothing is: name or value are sensitive.
    Nothing,
}

impl Vocabulary {
    pub(super) fn observe(&mut self, name: &str, value: &str, entries_max: usize) -> Kept {
        self.total += 1;
        let hash = hash_text(value.as_bytes());
        let known = self.entries.iter_mut().find(|entry| entry.hash == hash);
        if let Some(entry) = known.filter(|entry| entry.literal.is_some()) {
            entry.count += 1;
            return Kept::Literal;
        }
        let standard = is_standard(name, value);
        let is_private =
            is_sensitive_name(name) || is_sensitive_value(value) || is_person(name, value);
        if !standard && is_private {
            // The hash of a phone number or a password can be reversed by trying them all.
            self.distinct += 1;
            return Kept::Nothing;
        }
        let at = self.place(hash, entries_max);
        let (distinct, total) = (self.distinct, self.total);
        let Some(entry) = self.entries.get_mut(at) else { return Kept::Hash };
        entry.count += 1;
        let support = Support { occurrences: entry.count, distinct, total };
        if standard || may_keep_literal(name, value, support) {
            entry.literal = Some(value.to_owned());
            return Kept::LiteralNow { before: entry.count - 1 };
        }
        Kept::Hash
    }

    pub(super) fn merge(&mut self, name: &str, other: &Self, entries_max: usize) {
        let before = self.distinct;
        for theirs in &other.entries {
            let at = self.place(theirs.hash, entries_max);
            let Some(entry) = self.entries.get_mut(at) else { continue };
            entry.count += theirs.count;
            if entry.literal.is_none() {
                entry.literal.clone_from(&theirs.literal);
            }
        }
        self.total += other.total;
        let forgotten = other.distinct.saturating_sub(other.entries.len() as u64);
        self.distinct = self.distinct.max(before) + forgotten;
        self.withdraw(name);
    }

    /// The literals that may be drawn, with their counts, most frequent first.
    pub(super) fn literals(&self) -> Vec<(&str, u64)> {
        let kept = self.entries.iter().filter_map(|e| Some((e.literal.as_deref()?, e.count)));
        let mut literals: Vec<_> = kept.collect();
        literals.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        literals
    }

    /// Takes back literals that lost their support because the vocabulary turned out open.
    pub(super) fn withdraw(&mut self, name: &str) {
        let (distinct, total) = (self.distinct, self.total);
        if total >= distinct.saturating_mul(MEAN_SUPPORT_MIN) {
            return;
        }
        for entry in &mut self.entries {
            if entry.literal.as_deref().is_some_and(|literal| !is_standard(name, literal)) {
                entry.literal = None;
            }
        }
    }

    /// The place of a value, made by dropping the rarest when there is none left.
    fn place(&mut self, hash: u64, entries_max: usize) -> usize {
        if let Some(at) = self.entries.iter().position(|entry| entry.hash == hash) {
            return at;
        }
        self.distinct += 1;
        if self.entries.len() >= entries_max {
            let rarest = self.entries.iter().enumerate().min_by_key(|(_, entry)| entry.count);
            if let Some(at) = rarest.map(|(at, _)| at) {
                self.entries.remove(at);
            }
        }
        self.entries.push(Entry { hash, ..Entry::default() });
        self.entries.len() - 1
    }
}
