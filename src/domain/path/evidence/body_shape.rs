//! A small fingerprint of the structure of a JSON answer.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// Depth of object keys that are looked at: the answer itself and what its members hold.
const DEPTH_MAX: usize = 3;
/// Key paths kept. Two answers of one endpoint share most of their first keys; more would only
/// repeat it.
const KEYS_MAX: usize = 32;
/// FNV offset basis: the place of keys in the outermost object.
const ROOT: u32 = 0x811c_9dc5;
/// Bytes looked at. The keys of a long list repeat; what follows the first pages adds nothing.
const BYTES_MAX: usize = 64 * 1024;

/// Which object keys a JSON answer has, hashed with their place, to a depth of three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyShape {
    /// Sorted hashes of key paths; an array is no step of its own.
    keys: SmallVec<[u32; KEYS_MAX]>,
    /// The first byte of the answer: an object, a list, or a scalar's kind.
    #[serde(default)]
    root: u8,
}

impl BodyShape {
    /// The shape of `bytes`, read in one pass without building a tree. `None` for nothing, for
    /// what is not JSON, and for JSON without structure (`{}`, `[]`, a scalar).
    pub fn of_json(bytes: &[u8]) -> Option<Self> {
        // A byte order mark is no part of the text.
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let bytes = &bytes[..bytes.len().min(BYTES_MAX)];
        let root = *bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
        if !matches!(root, b'{' | b'[') {
            return None;
        }
        let mut keys = SmallVec::new();
        Walk::default().read(bytes, &mut keys);
        if keys.is_empty() {
            return None;
        }
        Some(Self { keys, root })
    }

    /// How alike two shapes are, 0 to 1: Jaccard index of the key paths, halved when one is a
    /// list and the other is not.
    pub fn similarity(&self, other: &Self) -> f32 {
        let shared = self.keys.iter().filter(|key| other.keys.binary_search(key).is_ok()).count();
        let all = self.keys.len() + other.keys.len() - shared;
        // At most 64 keys: exact in an f32.
        let jaccard = shared as f32 / all.max(1) as f32;
        if self.root == other.root { jaccard } else { jaccard / 2.0 }
    }

    /// How far two shapes speak for one endpoint, from -1 to 1: one shared key is chance, six are a
    /// model; that nothing is shared is telling with two keys already.
    pub fn agreement(&self, other: &Self) -> f32 {
        const ALIKE_CERTAIN: f32 = 6.0;
        const APART_CERTAIN: f32 = 2.0;
        let keys = self.keys.len().min(other.keys.len()) as f32;
        let alike = 2.0 * self.similarity(other) - 1.0;
        let certain = if alike > 0.0 { ALIKE_CERTAIN } else { APART_CERTAIN };
        alike * (keys / certain).min(1.0)
    }
}

/// The state of the one-pass reader: the chain of keys above the current position.
#[derive(Default)]
struct Walk {
    /// Hash of the key path of each open object or array.
    open: SmallVec<[u32; 16]>,
    /// Open containers below [`DEPTH_MAX`] levels of containers, only counted.
    skipped: usize,
}

impl Walk {
    fn read(&mut self, bytes: &[u8], keys: &mut SmallVec<[u32; KEYS_MAX]>) {
        let mut at = 0;
        // The key whose value comes next; an element of an array has none of its own.
        let mut key: Option<u32> = None;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' if self.skipped > 0 || self.open.len() == 2 * DEPTH_MAX => {
                    self.skipped += 1;
                }
                b'{' | b'[' => {
                    let place = key.take().or(self.open.last().copied());
                    self.open.push(place.unwrap_or(ROOT));
                }
                b',' => key = None,
                b'}' | b']' if self.skipped > 0 => self.skipped -= 1,
                b'}' | b']' => {
                    self.open.pop();
                }
                b'"' => {
                    let end = string_end(bytes, at + 1);
                    let text = bytes.get(at + 1..end).unwrap_or_default();
                    if is_key(bytes, end) && self.skipped == 0 {
                        let path = fnv(self.open.last().copied().unwrap_or(ROOT), text);
                        keep_smallest(keys, path);
                        key = Some(path);
                    }
                    at = end;
                }
                _ => {}
            }
            at += 1;
        }
    }
}

/// Keeps the [`KEYS_MAX`] smallest hashes: of a large object every answer keeps the same ones,
/// whatever the order of its keys.
fn keep_smallest(keys: &mut SmallVec<[u32; KEYS_MAX]>, key: u32) {
    if let Err(at) = keys.binary_search(&key) {
        if keys.len() == KEYS_MAX {
            if at == KEYS_MAX {
                return;
            }
            keys.pop();
        }
        keys.insert(at, key);
    }
}

/// The index of the quote that closes the string starting at `at`, or the end of `bytes`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether a colon follows the string that ends at `end`.
fn is_key(bytes: &[u8], end: usize) -> bool {
    let rest = bytes.get(end + 1..).unwrap_or_default();
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// FNV-1a, continued from `seed`.
fn fnv(seed: u32, text: &[u8]) -> u32 {
    text.iter().fold(seed.rotate_left(5) ^ 0x9e37_79b9, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(a: &str, b: &str, expected: std::ops::RangeInclusive<f32>) {
        let shape = |text: &str| BodyShape::of_json(text.as_bytes()).expect(text);
        let similarity = shape(a).similarity(&shape(b));
        assert!(expected.contains(&similarity), "{a} ~ {b}: {similarity}");
    }

    #[test]
    fn answers_of_one_endpoint_are_alike() {
        check(r#"{"id":1,"name":"a"}"#, r#"{"name":"b","id":2}"#, 1.0..=1.0);
        check(r#"[{"a":1,"id":1},{"a":2,"id":2}]"#, r#"[{"id":3,"a":4}]"#, 1.0..=1.0);
        check(r#"[{"id":1},{"id":2}]"#, r#"[{"id":3}]"#, 1.0..=1.0);
        check(r#"{"id":1,"tags":["x"]}"#, r#"{"id":1,"tags":[]}"#, 1.0..=1.0);
        check(r#"{"id":1,"a\"b":2}"#, r#"{"id":1,"a\"b":"c:\""}"#, 1.0..=1.0);
    }

    #[test]
    fn answers_of_different_endpoints_are_not() {
        check(r#"{"id":1,"name":"a"}"#, r#"{"total":3,"items":[]}"#, 0.0..=0.0);
        check(r#"{"a":{"id":1}}"#, r#"{"b":{"id":1}}"#, 0.0..=0.0);
        check(r#"{"id":1}"#, r#"[{"id":1}]"#, 0.0..=0.5);
    }

    #[test]
    fn structureless_answers_have_no_shape() {
        for text in ["", "{}", "[]", "\"a\"", "1", "null", "<html>", "[[[]]]", "  "] {
            assert_eq!(BodyShape::of_json(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = BodyShape::of_json(&bytes);
        }
    }
}
