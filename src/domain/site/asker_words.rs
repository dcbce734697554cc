//! Words that the answer to a login says of who logs in: `"role": "editor"`.

use serde_json::{Map, Value};

use crate::domain::privacy::retention;
use crate::domain::world::form::{TextForm, form};
use crate::domain::world::pointer::{Pointer, last_member, leaves};

/// Words that are looked at, and the bytes below which a text is one.
const WORDS_MAX: usize = 8;
const WORD_BYTES_BELOW: usize = 20;

/// The flags and short texts of a document by member, but for what is somebody's or a secret.
#[must_use]
pub fn asker_words(told: &Value) -> Vec<(String, String)> {
    let word = |(place, value): (Pointer, &Value)| {
        let name = last_member(&place)?.to_owned();
        let word = word_of(&name, value)?;
        Some((name, word))
    };
    leaves(told).into_iter().filter_map(word).take(WORDS_MAX).collect()
}

/// The same of an entity's own members.
#[must_use]
pub fn words_of(entity: &Map<String, Value>) -> Vec<(String, String)> {
    let words =
        entity.iter().filter_map(|(name, value)| Some((name.clone(), word_of(name, value)?)));
    words.take(WORDS_MAX).collect()
}

fn word_of(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Bool(is) => Some(is.to_string()),
        Value::String(text)
            if text.len() < WORD_BYTES_BELOW
                && form(text) == TextForm::Other
                && !retention::is_person(name, text)
                && !retention::is_secret_name(name, false) =>
        {
            Some(text.clone())
        }
        _ => None,
    }
}
