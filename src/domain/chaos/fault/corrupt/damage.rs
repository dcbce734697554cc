//! Damage to bodies, as a function of bytes.
//!
//! Only the damaged place changes: every other byte, number formats and spacing included, stays as
//! it was, so that a test that fails points at the damage and at nothing else. A learned JSON
//! Schema makes the damage a breach of contract (a *required* field, a type *not* allowed, a word
//! *outside* the vocabulary); without one the shape of the body itself is the contract.

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{CorruptionKind, contract, document, encoding};
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::chaos::plan::Corruption;

/// A damaged body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrupted {
    /// All of the body, still without content coding.
    pub bytes: Vec<u8>,
    /// The new `content-type`; `None` when it stays.
    pub content_type: Option<String>,
    /// What was done: the first kind asked for that applies to this body.
    pub kind: CorruptionKind,
    /// Where, as a JSON pointer (RFC 6901); empty for the whole body.
    pub pointer: String,
}

/// Longer bodies are left alone: finding the place means walking over all of it.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Damages `body` (decoded, without content coding), or gives `None` when no kind applies, and the
/// answer is not disturbed. The same corruption of the same body gives the same bytes.
pub fn corrupt(
    body: &[u8],
    content_type: Option<&str>,
    schema: Option<&Value>,
    corruption: &Corruption,
) -> Option<Corrupted> {
    if body.is_empty() || body.len() > BODY_BYTES_MAX {
        return None;
    }
    let is_json = content_type.is_none_or(is_json);
    let json = is_json.then(|| document::ParsedDocument::read(body, schema)).flatten();
    let apply = |kind: &CorruptionKind| {
        // A stream per kind: what a kind does never depends on which were tried before.
        let mut draws = KeyedRng::keyed(corruption.seed, *kind as u64);
        let (bytes, content_type, pointer) = match kind {
            CorruptionKind::BrokenJson => {
                (encoding::broken_json(json.as_ref()?, &mut draws)?, None, String::new())
            }
            CorruptionKind::WrongCharset => {
                let bytes = encoding::wrong_charset(body, content_type, json.as_ref(), &mut draws)?;
                (bytes, None, String::new())
            }
            CorruptionKind::WrongContentType => {
                let wrong = encoding::wrong_content_type(json.is_some(), &mut draws);
                (body.to_vec(), Some(wrong.to_owned()), String::new())
            }
            contract => {
                let (bytes, pointer) = contract::breach(json.as_ref()?, *contract, &mut draws)?;
                (bytes, None, pointer)
            }
        };
        Some(Corrupted { bytes, content_type, kind: *kind, pointer })
    };
    corruption.kinds.iter().find_map(apply)
}

/// `application/json` and every `+json` (RFC 6839).
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    media_type.ends_with("/json") || media_type.ends_with("+json")
}
