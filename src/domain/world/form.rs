//! Forms of texts: what an id looks like, and another one like it.

use serde_json::Value;

/// Bytes from which a text without spaces counts as something that was issued, and up to which.
const TOKEN_BYTES: std::ops::Range<usize> = 16..4_000;

/// Forms that a text can have as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextForm {
    /// `2026-11-26`, perhaps with a time behind it.
    Date,
    /// RFC 9562.
    Uuid,
    /// Something with an `@` and a dot behind it.
    Mail,
    /// `scheme://…`.
    Url,
    /// Digits, perhaps with a sign and a fraction.
    Number,
    /// Anything else.
    Other,
}

/// The form of a text.
#[must_use]
pub fn form(text: &str) -> TextForm {
    let bytes = text.as_bytes();
    if is_date(bytes) {
        TextForm::Date
    } else if is_uuid(bytes) {
        TextForm::Uuid
    } else if is_mail(text) {
        TextForm::Mail
    } else if is_url(text) {
        TextForm::Url
    } else if is_number(text) {
        TextForm::Number
    } else {
        TextForm::Other
    }
}

fn is_date(bytes: &[u8]) -> bool {
    bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
        && matches!(bytes.get(10), None | Some(b'T' | b' '))
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_mail(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let dot = domain.rfind('.');
    !local.is_empty()
        && dot.is_some_and(|at| at > 0 && at + 1 < domain.len())
        && !domain.contains('@')
        && !text.contains(char::is_whitespace)
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_lowercase())
            && !rest.is_empty()
            && !rest.contains(char::is_whitespace)
    })
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(fraction)
}

/// The kind of an id: its form and whether it begins with a letter or digit.
#[must_use]
pub fn look(id: &str) -> (TextForm, bool) {
    (form(id), id.chars().next().is_some_and(char::is_alphanumeric))
}

/// Whether a path segment is written as ids are and words are not.
#[must_use]
pub fn is_idlike(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let token = |byte: &u8| word(byte) || matches!(byte, b'.' | b'~');
    let hex = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    if bytes.is_empty() || (digits == 0 && bytes.len() <= 20) {
        return false;
    }
    digits == bytes.len()
        || (bytes.len() >= 8 && bytes.iter().all(hex))
        || (digits > 0 && letters > 0 && bytes.len() >= 10 && bytes.iter().all(token))
        || (bytes.len() >= 22 && bytes.iter().all(word))
}

/// Whether a segment is the version of an interface, e.g. `v2`.
#[must_use]
pub fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Another value of the same alphabet and length; the first `keep` bytes stay, and so does a
/// small number in front, which is a generation and not chance. `next` gives random numbers.
#[must_use]
pub fn fresh(like: &str, keep: usize, next: &mut dyn FnMut() -> u64) -> String {
    if let Some(digits) = hexadecimal(like).filter(|_| keep <= HEX_PREFIX.len()) {
        return format!("{HEX_PREFIX}{}", fresh_digits(digits, next));
    }
    let keep = keep.max(generation(like));
    let hex = like.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b) || b == b'-')
        && like.bytes().any(|byte| byte.is_ascii_alphabetic());
    let uuid = hex && like.len() == 36;
    let pick = |alphabet: &[u8], number: u64| {
        char::from(alphabet[(number % alphabet.len() as u64) as usize])
    };
    like.char_indices()
        .map(|(at, old)| {
            if at < keep || !old.is_ascii_alphanumeric() || (uuid && (at == 14 || at == 19)) {
                old
            } else if hex {
                pick(b"0123456789abcdef", next())
            } else if old.is_ascii_digit() {
                pick(b"0123456789", next())
            } else if old.is_ascii_lowercase() {
                pick(b"abcdefghijklmnopqrstuvwxyz", next())
            } else {
                pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", next())
            }
        })
        .collect()
}

/// What a number in hexadecimal digits begins with.
const HEX_PREFIX: &str = "0x";

/// The digits of a number that is written in hexadecimal.
#[must_use]
pub fn hexadecimal(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(HEX_PREFIX)?;
    let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then_some(digits)
}

/// As many digits; zeros in front stay, and the first digit of a number does not become one.
fn fresh_digits(like: &str, next: &mut dyn FnMut() -> u64) -> String {
    let mut leads = true;
    let digit = |old: char| {
        if leads && old == '0' {
            return old;
        }
        let first = std::mem::take(&mut leads);
        let number = if first { 1 + next() % 15 } else { next() % 16 };
        char::from_digit(number as u32, 16).unwrap_or(old) // below 16
    };
    like.chars().map(digit).collect()
}

/// The version after `old`: a number one higher, or `like` with the number in front one higher
/// than that of `old`.
#[must_use]
pub fn raised(old: &Value, like: &Value) -> Option<Value> {
    if let Some(number) = old.as_i64() {
        return Some((number + 1).into());
    }
    let (old, like) = (old.as_str()?, like.as_str()?);
    let (own, others) = (generation(old), generation(like));
    if own == 0 || others == 0 {
        return None;
    }
    let number: u64 = old[..own - 1].parse().ok()?;
    Some(format!("{}{}", number + 1, &like[others - 1..]).into())
}

/// Length of a small number with a sign behind it, in front of something long.
fn generation(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = matches!(text.as_bytes().get(digits), Some(b'-' | b'.' | b'_'));
    if (1..=2).contains(&digits) && sign && text.len() > digits + 8 { digits + 1 } else { 0 }
}

/// A text as it stands in addresses: lower case, all else one dash.
#[must_use]
pub fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// Whether a text may be a credential that an answer issues.
#[must_use]
pub fn is_token(text: &str) -> bool {
    TOKEN_BYTES.contains(&text.len()) && !text.contains(|c: char| c.is_whitespace() || c == '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_version_is_one_higher() {
        use serde_json::json;
        assert_eq!(raised(&json!(2), &json!(7)), Some(json!(3)));
        let (old, like) = (json!("9-0123456789ab"), json!("2-ba9876543210"));
        assert_eq!(raised(&old, &like), Some(json!("10-ba9876543210")));
        assert_eq!(raised(&json!("abc"), &json!("2-ba9876543210")), None);
    }

    #[test]
    fn forms_are_told_by_the_whole_text() {
        for (text, expected) in [
            ("2026-11-26T10:00:00Z", TextForm::Date),
            ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", TextForm::Uuid),
            ("ann@example.org", TextForm::Mail),
            ("https://example.org/a", TextForm::Url),
            ("-12.5", TextForm::Number),
            ("open", TextForm::Other),
        ] {
            assert_eq!(form(text), expected, "{text}");
        }
    }

    #[test]
    fn ids_are_no_words() {
        for id in ["7", "3f2504e0-4f89", "a1b2c3d4e5", "dGhpc2lzYXJhbmRvbXN0cmlu"] {
            assert!(is_idlike(id), "{id}");
        }
        for word in ["products", "v1", "bulk-import", "me", ""] {
            assert!(!is_idlike(word), "{word}");
        }
    }

    #[test]
    fn a_fresh_value_is_of_the_same_make() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        };
        let old = "3-3f2504e04f8941d39a0c0305e82c3301";
        let new = fresh(old, 0, &mut next);
        assert!(new.starts_with("3-") && new.len() == old.len() && new != old);
        assert_eq!(slug("Red, Lamp!"), "red-lamp");
    }
}
