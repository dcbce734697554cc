//! What the server said earlier in a conversation, as a part of what an answer may repeat: the
//! number of a session from the welcome, the number of a subscription from its confirmation.

use serde_json::{Map, Value};

use super::message::Message;

/// Earlier messages that are remembered of the opening, and of one turn.
const MESSAGES_MAX: usize = 4;

/// Values remembered of one message.
const VALUES_MAX: usize = 8;

/// Lengths of texts that may identify something.
const TEXT_BYTES: std::ops::RangeInclusive<usize> = 4..=128;

/// Numbers below are counts and codes.
const NUMBER_MIN: u64 = 1_000;

/// Messages of the server, each kind as it was said last.
#[derive(Debug, Clone, Default)]
pub(super) struct Recollection {
    said: Vec<(u64, Value)>,
}

impl Recollection {
    /// Remembers what may be repeated of a message of this kind.
    pub(super) fn note(&mut self, kind: u64, document: &Value) {
        let known = self.said.iter().position(|(known, _)| *known == kind);
        if known.is_none() && self.said.len() >= MESSAGES_MAX {
            return;
        }
        let mut values = Map::new();
        collect(document, &mut String::new(), 0, &mut values);
        if values.is_empty() {
            return;
        }
        match known.and_then(|at| self.said.get_mut(at)) {
            Some((_, said)) => *said = Value::Object(values),
            None => self.said.push((kind, Value::Object(values))),
        }
    }

    /// Whether a text or number that a message names was said here.
    pub(super) fn says_what(&self, message: &Message) -> bool {
        let mut named = Map::new();
        if let Some(document) = &message.document {
            collect(document, &mut String::new(), 0, &mut named);
        }
        let said = self.said.iter().filter_map(|(_, values)| values.as_object());
        let mut said = said.flat_map(Map::values);
        said.any(|value| named.values().any(|other| other == value))
    }

    fn document(&self) -> Option<Value> {
        let kinds = self.said.iter();
        let kinds: Map<String, Value> =
            kinds.map(|(kind, values)| (format!("{:08x}", kind >> 32), values.clone())).collect();
        (!kinds.is_empty()).then_some(Value::Object(kinds))
    }
}

/// What an answer may repeat, as the body of a request: the message that it follows, and what the
/// server said in the opening and in the turn.
pub(super) fn asked_body(
    heard: Option<&Message>,
    opening: &Recollection,
    turn: &Recollection,
) -> Vec<u8> {
    let document = heard.and_then(|message| message.document.as_ref());
    let (opening, turn) = (opening.document(), turn.document());
    if opening.is_none() && turn.is_none() {
        return heard.map(Message::body).unwrap_or_default();
    }
    let mut members = document.and_then(Value::as_object).cloned().unwrap_or_default();
    // No member that a client sends is named like this by any protocol known here.
    members.extend(opening.map(|said| ("@opening".to_owned(), said)));
    members.extend(turn.map(|said| ("@turn".to_owned(), said)));
    serde_json::to_vec(&Value::Object(members)).unwrap_or_default()
}

/// Values that may identify something, by their place.
fn collect(tree: &Value, path: &mut String, depth: usize, found: &mut Map<String, Value>) {
    const DEPTH_MAX: usize = 4;
    let is_telling = match tree {
        Value::String(text) => {
            TEXT_BYTES.contains(&text.len()) && text.bytes().any(|byte| !byte.is_ascii_lowercase())
        }
        Value::Number(number) => number.as_u64().is_some_and(|number| number >= NUMBER_MIN),
        _ => false,
    };
    if is_telling && found.len() < VALUES_MAX {
        found.insert(path.clone(), tree.clone());
    }
    let mut below = |name: &str, inner: &Value| {
        let length = path.len();
        path.push('.');
        path.push_str(name);
        collect(inner, path, depth + 1, found);
        path.truncate(length);
    };
    match tree {
        Value::Object(members) if depth < DEPTH_MAX => {
            members.iter().for_each(|(name, inner)| below(name, inner));
        }
        Value::Array(items) if depth < DEPTH_MAX => {
            items.iter().take(VALUES_MAX).for_each(|inner| below("*", inner));
        }
        _ => {}
    }
}
