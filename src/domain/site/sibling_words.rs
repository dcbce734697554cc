//! What accepted bodies have beside a word of another member: `{"type": "card"}` comes with a
//! `number`, `{"type": "transfer"}` with an `iban`.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use crate::domain::outcome::Violation;
use crate::domain::world::pointer::{Kind, Pointer, is_word, kind, member};

/// Different words up to which a member tells kinds of bodies apart, and members that are looked
/// at in one body.
const WORDS_MAX: usize = 8;
const MEMBERS_MAX: usize = 24;

/// Longest word, bytes.
const WORD_BYTES_MAX: usize = 32;

/// Accepted bodies with a word from which what all of them have belongs to it.
const BODIES_MIN: u32 = 3;

/// Bodies by the words of their members.
#[derive(Debug, Clone, Default)]
pub struct SiblingWords {
    /// Of each member its words; none where there are too many.
    words: FxHashMap<Box<str>, Option<FxHashMap<Box<str>, WordBodies>>>,
    /// Bodies that had each member, and all.
    members: FxHashMap<Box<str>, u32>,
    bodies: u32,
}

/// Bodies with one word.
#[derive(Debug, Clone, Default)]
struct WordBodies {
    bodies: u32,
    members: FxHashMap<Box<str>, Vec<(Kind, u32)>>,
}

fn word(value: &Value) -> Option<String> {
    let text = || value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    is_word(value, WORD_BYTES_MAX).then(text)
}

impl SiblingWords {
    /// Takes in an accepted body.
    pub fn observe(&mut self, body: &Value) {
        let Value::Object(object) = body else { return };
        self.bodies += 1;
        for (name, value) in object.iter().take(MEMBERS_MAX) {
            *self.members.entry(name.as_str().into()).or_default() += 1;
            let words = self
                .words
                .entry(name.as_str().into())
                .or_insert_with(|| Some(FxHashMap::default()));
            let Some(known) = words else { continue };
            match word(value) {
                Some(own) if known.len() < WORDS_MAX || known.contains_key(own.as_str()) => {
                    known.entry(own.into()).or_default().observe(object);
                }
                Some(_) => *words = None,
                None => {}
            }
        }
    }

    /// Adds what a body lacks, or has of another type, beside its words; `own` is 1 when it is
    /// itself among the accepted ones.
    pub fn judge(&self, body: &Value, own: u32, found: &mut Vec<(Violation, Pointer)>) {
        let Value::Object(object) = body else { return };
        for (name, value) in object.iter().take(MEMBERS_MAX) {
            let Some(Some(words)) = self.words.get(name.as_str()) else { continue };
            let known = word(value).and_then(|own| words.get(own.as_str()));
            // One word alone tells no kinds apart.
            let Some(known) = known.filter(|_| words.len() > 1) else { continue };
            known.judge(self, (name, object), own, found);
        }
    }
}

impl WordBodies {
    fn observe(&mut self, object: &Map<String, Value>) {
        self.bodies += 1;
        for (name, value) in object.iter().take(MEMBERS_MAX) {
            let kinds = self.members.entry(name.as_str().into()).or_default();
            match kinds.iter_mut().find(|(known, _)| *known == kind(value)) {
                Some((_, n)) => *n += 1,
                None => kinds.push((kind(value), 1)),
            }
        }
    }

    fn judge(
        &self,
        all: &SiblingWords,
        (word_of, object): (&str, &Map<String, Value>),
        own: u32,
        found: &mut Vec<(Violation, Pointer)>,
    ) {
        if self.bodies.saturating_sub(own) < BODIES_MIN {
            return;
        }
        for (name, kinds) in self.members.iter().filter(|(name, _)| ***name != *word_of) {
            let bodies: u32 = kinds.iter().map(|(_, n)| n).sum();
            let is_always = bodies == self.bodies;
            match object.get(&**name) {
                // What all accepted bodies have is required whatever the word says.
                None if is_always && all.members.get(name) != Some(&all.bodies) => {
                    found.push((Violation::LacksBeside, member(name)));
                }
                Some(value) if bodies.saturating_sub(own) >= BODIES_MIN => {
                    let same = kinds.iter().find(|(known, _)| *known == kind(value));
                    if same.map_or(0, |(_, n)| *n) <= own {
                        found.push((Violation::TypeBeside, member(name)));
                    }
                }
                _ => {}
            }
        }
    }
}
