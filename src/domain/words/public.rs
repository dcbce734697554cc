//! Words that every API uses: a name or value made of them alone says nothing about anybody.
//!
//! A member name of which each word stands here may be kept at first sight, and so may a value
//! written like an identifier (`SECURITY_GROUP_NOT_FOUND`) where values repeat. The list is a
//! constant: what traffic brings can never get into it. Given names are left out, even where they
//! are words too.

use std::sync::LazyLock;

use super::split::split;

/// Lower-case words, sorted, a line each; a regular plural is found by its singular.
static WORDS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("public.txt").lines().collect());

/// Longest identifier judged, bytes: nothing longer is a name somebody typed into a specification.
const IDENTIFIER_BYTES_MAX: usize = 64;

/// Is the text an identifier (no white space, no digits) whose every word is public?
pub fn is_public_identifier(text: &str) -> bool {
    let bytes = text.as_bytes();
    let separator = |b: u8| matches!(b, b'_' | b'-' | b'.' | b'@' | b'$');
    if bytes.len() > IDENTIFIER_BYTES_MAX
        || !bytes.iter().all(|b| b.is_ascii_alphabetic() || separator(*b))
        || !bytes.iter().any(u8::is_ascii_alphabetic)
    {
        return false;
    }
    split(text).all(|word| is_public_word(word.as_bytes()))
}

/// Longest word of the list, bytes, with room for the plural.
const WORD_BYTES_MAX: usize = 16;

fn is_public_word(word: &[u8]) -> bool {
    let mut buffer = [0u8; WORD_BYTES_MAX];
    let Some(lower) = buffer.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    let known = |word: &[u8]| WORDS.binary_search_by(|w| w.as_bytes().cmp(word)).is_ok();
    known(lower) || lower.strip_suffix(b"s").is_some_and(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_short_enough() {
        assert!(WORDS.is_sorted());
        assert!(WORDS.iter().all(|w| w.len() < WORD_BYTES_MAX));
    }

    #[test]
    fn identifiers_of_public_words_are_public() {
        for text in ["created_at", "SecurityGroupNotFound", "IN_PROGRESS", "_links", "htmlUrl"] {
            assert!(is_public_identifier(text), "{text}");
        }
        for text in ["alice", "canary_x7", "order 7", "user42", "", "_", "karl_id", "createdby2"] {
            assert!(!is_public_identifier(text), "{text}");
        }
    }
}
