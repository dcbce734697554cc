//! U+0000 in text, kept without loss where the database cannot hold it.
//!
//! PostgreSQL refuses U+0000 in `text`, and the tools around SQLite take it for the end of the
//! value. Backends do put it into JSON strings and paths, so it is escaped on the way in and
//! restored on the way out, in the same way for both databases: U+001B (escape, itself almost
//! never seen) followed by `0` stands for U+0000, followed by `e` for itself.

use std::borrow::Cow;

const ESCAPE: char = '\u{1b}';

/// The form of `text` that every database holds. Borrows unless something is to be escaped.
pub(super) fn encode(text: &str) -> Cow<'_, str> {
    if memchr::memchr2(0, ESCAPE as u8, text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\0' => encoded.extend([ESCAPE, '0']),
            ESCAPE => encoded.extend([ESCAPE, 'e']),
            other => encoded.push(other),
        }
    }
    Cow::Owned(encoded)
}

/// The text that [`encode`] was given. An escape nobody wrote stays as it stands.
pub(super) fn decode(stored: Cow<'_, str>) -> String {
    if memchr::memchr(ESCAPE as u8, stored.as_bytes()).is_none() {
        return stored.into_owned();
    }
    let mut decoded = String::with_capacity(stored.len());
    let mut characters = stored.chars().peekable();
    while let Some(character) = characters.next() {
        let original = match (character, characters.peek()) {
            (ESCAPE, Some('0')) => '\0',
            (ESCAPE, Some('e')) => ESCAPE,
            _ => {
                decoded.push(character);
                continue;
            }
        };
        characters.next();
        decoded.push(original);
    }
    decoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_text_is_stored_as_it_is() {
        let text = "/users/{id} ünïcode \u{7} \u{fffd}";
        assert!(matches!(encode(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn an_escape_nobody_wrote_stays() {
        assert_eq!(decode(Cow::Borrowed("a\u{1b}x\u{1b}")), "a\u{1b}x\u{1b}");
    }

    proptest! {
        #[test]
        fn every_text_comes_back_and_is_stored_without_nul(text in "[\u{0}\u{1b}0eé]{0,24}") {
            let stored = encode(&text);
            prop_assert!(!stored.contains('\0'));
            prop_assert_eq!(decode(stored), text);
        }
    }
}
