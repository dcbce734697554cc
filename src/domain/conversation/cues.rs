//! What of a message decides which of several scripts follows it: `{"channel":"nope"}` gets an
//! error, a message without `room` gets another.
//!
//! A cue is a fact about a message, kept as the hash of what would say nothing about anybody: which
//! members it has, and members whose value is a truth value, a small number or a public word.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attribution::is_mark;
use super::message::Message;
use crate::domain::privacy::retention;
use crate::domain::random::seed::{hash_text, mix};
use crate::domain::sketch::heap_bytes::heap_bytes;

/// Cues of one kind of message; the messages of a protocol have a dozen members.
const CUES_MAX: usize = 48;

/// Messages with a cue before it decides.
const SUPPORT_MIN: u32 = 3;

/// Share of one script among the messages with a cue that decides.
const PURITY_MIN: f64 = 0.9;

/// Numbers below are codes, flags and versions.
const SMALL_NUMBER_MAX: u64 = 100;

/// What was seen with one cue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cue {
    #[serde(rename = "k")]
    key: u32,
    /// Script and number of messages.
    #[serde(rename = "s")]
    scripts: Vec<(u8, u32)>,
}

heap_bytes!(Cue { key, scripts });

/// The cues of one kind of message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Cues {
    known: Vec<Cue>,
}

heap_bytes!(Cues { known });

impl Cues {
    pub(super) fn observe(&mut self, message: &Message, script: u8) {
        for key in facts(message) {
            self.add(key, script, 1);
        }
    }

    fn add(&mut self, key: u32, script: u8, count: u32) {
        let room = self.known.len() < CUES_MAX;
        let at = self.known.iter().position(|cue| cue.key == key).or_else(|| {
            room.then(|| {
                self.known.push(Cue { key, scripts: Vec::new() });
                self.known.len() - 1
            })
        });
        let Some(cue) = at.and_then(|at| self.known.get_mut(at)) else { return };
        match cue.scripts.iter_mut().find(|(known, _)| *known == script) {
            Some((_, n)) => *n = n.saturating_add(count),
            None => cue.scripts.push((script, count)),
        }
    }

    /// Adds what another model saw; `moved` says where its scripts went.
    pub(super) fn merge(&mut self, other: &Self, moved: &[Option<u8>]) {
        for cue in &other.known {
            for (script, count) in &cue.scripts {
                if let Some(Some(script)) = moved.get(usize::from(*script)) {
                    self.add(cue.key, *script, *count);
                }
            }
        }
    }

    /// The script that a message asks for; `None` when nothing of it decides.
    pub(super) fn decide(&self, message: &Message) -> Option<u8> {
        let facts = facts(message);
        let known = self.known.iter().filter(|cue| facts.contains(&cue.key));
        let judged = known.filter_map(|cue| {
            let total: u32 = cue.scripts.iter().map(|(_, n)| n).sum();
            let (script, most) = cue.scripts.iter().max_by_key(|(_, n)| *n)?;
            let purity = f64::from(*most) / f64::from(total.max(1));
            (total >= SUPPORT_MIN && purity >= PURITY_MIN).then_some((*script, purity, total))
        });
        // The rarest fact decides: what all messages have in common says nothing.
        let best = judged.min_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)));
        best.map(|(script, ..)| script)
    }
}

/// The facts about a message.
fn facts(message: &Message) -> Vec<u32> {
    let mut found = Vec::new();
    let mut names = 0;
    if let Some(tree) = &message.document {
        collect(tree, 0, 0, &mut names, &mut found);
    }
    found.push(short(mix(names, 0xFAC7)));
    found
}

fn collect(tree: &Value, path: u64, depth: usize, names: &mut u64, found: &mut Vec<u32>) {
    const DEPTH_MAX: usize = 3;
    let value = match tree {
        Value::Object(members) if depth < DEPTH_MAX => {
            for (name, inner) in members {
                let below = mix(path, hash_text(name.as_bytes()));
                // The order of members says nothing.
                *names ^= below;
                if is_mark(name) && !inner.is_object() {
                    continue;
                }
                collect(inner, below, depth + 1, names, found);
            }
            return;
        }
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(n) if n.as_u64().is_some_and(|n| n < SMALL_NUMBER_MAX) => n.to_string(),
        Value::String(text) if text.is_empty() || retention::may_keep_value(text, 1) => {
            text.clone()
        }
        _ => return,
    };
    found.push(short(mix(path, hash_text(value.as_bytes()))));
}

/// The upper half of a hash.
fn short(hash: u64) -> u32 {
    (hash >> 32) as u32
}
