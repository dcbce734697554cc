//! JSON as it comes over the wire: in whatever charset, with a byte order mark or without, and with
//! the slips that lenient readers forgive.
//!
//! RFC 8259 (section 8.1) wants UTF-8 without a mark; real backends send `charset=iso-8859-1`,
//! UTF-16, a mark, `NaN`. What is learned is the document; the [`TextEncoding`] is remembered, so
//! that a mock comes in it again.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::unreadable::Unreadable;
use super::{Json, repair};

/// How the text of a document stands in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding {
    charset: &'static Encoding,
    /// Whether a byte order mark stands before it.
    has_mark: bool,
}

impl Default for TextEncoding {
    /// UTF-8 without a mark, as RFC 8259 wants it.
    fn default() -> Self {
        Self { charset: UTF_8, has_mark: false }
    }
}

/// Reads a document and hands it to `then`, with how it was encoded.
///
/// # Errors
/// [`Unreadable`], when it is no JSON even to a lenient reader.
pub fn read<R>(
    content_type: Option<&str>,
    bytes: &[u8],
    then: impl FnOnce(&Json<'_>, TextEncoding) -> R,
) -> Result<R, Unreadable> {
    let encoding = TextEncoding::of(content_type, bytes)?;
    let text = encoding.decode(bytes);
    if let Some(json) = Json::parse(&text) {
        return Ok(then(&json, encoding));
    }
    let repaired = repair::repaired(&String::from_utf8_lossy(&text))?;
    let json = Json::parse(repaired.as_bytes()).ok_or(Unreadable::Syntax)?;
    Ok(then(&json, encoding))
}

/// The bytes of a JSON body in UTF-8 without a mark; what is no JSON, or is so already, as it is.
#[must_use]
pub fn in_utf_8<'b>(content_type: Option<&str>, bytes: Cow<'b, [u8]>) -> Cow<'b, [u8]> {
    let is_json = content_type.is_some_and(|kind| kind.contains("json"));
    let is_plain = |encoding| encoding == TextEncoding::default();
    if !is_json || TextEncoding::of(content_type, &bytes).is_ok_and(is_plain) {
        return bytes;
    }
    let written = read(content_type, &bytes, |json, _| serde_json::to_vec(json));
    written.ok().and_then(Result::ok).map_or(bytes, Cow::Owned)
}

impl TextEncoding {
    /// The encoding by its mark, else by the `charset` of a content type, else by where the zeros
    /// of the first two characters stand (which are ASCII in JSON).
    fn of(content_type: Option<&str>, bytes: &[u8]) -> Result<Self, Unreadable> {
        if let Some((charset, _)) = Encoding::for_bom(bytes) {
            return Ok(Self { charset, has_mark: true });
        }
        let by_zeros = match bytes {
            [0, 0, ..] | [_, 0, 0, 0, ..] => return Err(Unreadable::Charset),
            [0, _, ..] => Some(UTF_16BE),
            [_, 0, ..] => Some(UTF_16LE),
            _ => None,
        };
        let declared = content_type.and_then(charset_of);
        let charset = match (by_zeros, declared) {
            (Some(charset), _) => charset,
            (None, Some(label)) => {
                let known = Encoding::for_label(label.as_bytes());
                // UTF-16 without zeros or mark is none.
                let known = known.filter(|charset| !is_utf_16(charset));
                let is_plain = || std::str::from_utf8(bytes).is_ok().then_some(UTF_8);
                known.or_else(is_plain).ok_or(Unreadable::Charset)?
            }
            (None, None) => UTF_8,
        };
        Ok(Self { charset, has_mark: false })
    }

    /// The name of its charset, and whether a mark stands before the text.
    #[must_use]
    pub fn label(self) -> (&'static str, bool) {
        (self.charset.name(), self.has_mark)
    }

    /// The encoding of that label; `None` for an unknown charset.
    #[must_use]
    pub fn labelled(charset: &str, has_mark: bool) -> Option<Self> {
        Some(Self { charset: Encoding::for_label(charset.as_bytes())?, has_mark })
    }

    /// The text in UTF-8; what is no character of the charset is U+FFFD.
    fn decode(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        if self.charset == UTF_8 {
            let mark: &[u8] = if self.has_mark { MARK } else { b"" };
            return Cow::Borrowed(bytes.strip_prefix(mark).unwrap_or(bytes));
        }
        match self.charset.decode_with_bom_removal(bytes).0 {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        }
    }

    /// Encodes JSON that was written in UTF-8; a character that the charset lacks is escaped.
    pub fn encode(self, body: &mut Vec<u8>) {
        if self == Self::default() {
            return;
        }
        let Ok(text) = std::str::from_utf8(body) else { return };
        let mark = if self.has_mark { "\u{feff}" } else { "" };
        *body = if is_utf_16(&self.charset) {
            let is_little = self.charset == UTF_16LE;
            let unit = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            mark.encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
        } else if self.charset == UTF_8 {
            [mark.as_bytes(), body].concat()
        } else {
            encoded(text, self.charset)
        };
    }
}

/// U+FEFF in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

fn is_utf_16(charset: &&'static Encoding) -> bool {
    *charset == UTF_16LE || *charset == UTF_16BE
}

/// The `charset` parameter of a content type.
fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

fn encoded(text: &str, charset: &'static Encoding) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut buffer = [0; 4];
    for letter in text.chars() {
        if letter.is_ascii() {
            bytes.push(letter as u8);
            continue;
        }
        match charset.encode(letter.encode_utf8(&mut buffer)) {
            (letter, _, false) => bytes.extend_from_slice(&letter),
            (_, _, true) => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    bytes.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: Option<&str> = Some("application/json");

    fn round_trip(content_type: Option<&str>, bytes: &[u8], label: (&str, bool)) {
        let (text, encoding) = read(content_type, bytes, |json, encoding| {
            (serde_json::to_string(json).unwrap(), encoding)
        })
        .unwrap_or_else(|why| panic!("{content_type:?}: {why:?}"));
        assert_eq!(text, r#"{"name":"Zoë"}"#);
        assert_eq!(encoding.label(), label);
        let mut body = text.into_bytes();
        encoding.encode(&mut body);
        assert_eq!(body, bytes);
        assert_eq!(TextEncoding::labelled(label.0, label.1), Some(encoding));
    }

    #[test]
    fn a_document_comes_back_in_the_encoding_it_came_in() {
        let text = r#"{"name":"Zoë"}"#;
        round_trip(JSON, text.as_bytes(), ("UTF-8", false));
        round_trip(JSON, &[MARK, text.as_bytes()].concat(), ("UTF-8", true));
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        round_trip(Some("application/json; charset=ISO-8859-1"), &latin, ("windows-1252", false));
        round_trip(Some("text/json;charset=\"latin1\""), &latin, ("windows-1252", false));
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        round_trip(Some("application/json; charset=utf-16"), &wide, ("UTF-16LE", false));
        let wide: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        round_trip(JSON, &wide, ("UTF-16BE", true));
    }

    /// Seventeen digits are what `serde_json` reads wrongly without `float_roundtrip`.
    #[test]
    fn a_number_comes_back_to_its_last_digit() {
        for number in ["13.411351122587229", "13.413178871897873", "13.414092746553195", "1e-7"] {
            let read = read(JSON, number.as_bytes(), |json, _| serde_json::to_string(json));
            assert_eq!(read.expect("JSON").expect("JSON"), number);
        }
    }

    #[test]
    fn what_a_charset_lacks_is_escaped() {
        let mut body = "\"€ 😀 é\"".as_bytes().to_vec();
        TextEncoding::labelled("iso-8859-2", false).unwrap().encode(&mut body);
        assert_eq!(body, b"\"\\u20ac \\ud83d\\ude00 \xe9\"");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let why = |content_type, bytes: &[u8]| read(content_type, bytes, |_, _| ()).unwrap_err();
        assert_eq!(why(JSON, b"<html>"), Unreadable::Syntax);
        assert_eq!(why(JSON, "[".repeat(300).as_bytes()), Unreadable::TooDeep);
        assert_eq!(
            why(Some("application/json; charset=x-none"), b"[\"\xe9\"]"),
            Unreadable::Charset
        );
        assert_eq!(why(JSON, b"\0\0\0["), Unreadable::Charset);
        assert!(read(Some("application/json; charset=x-none"), b"[1]", |_, _| ()).is_ok());
        // Bytes that are no UTF-8 spoil their string and not the document.
        let text = read(JSON, b"[\"a\xe9b\"]", |json, _| serde_json::to_string(json).unwrap());
        assert_eq!(text.unwrap(), "[\"a\u{fffd}b\"]");
    }
}
