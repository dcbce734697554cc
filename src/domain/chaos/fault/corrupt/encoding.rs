//! Damage below JSON: what proxies, truncated buffers and wrong defaults do.

use super::document::{ParsedDocument, Kind};
use crate::domain::random::keyed_rng::KeyedRng;

/// A text that no JSON parser accepts.
pub fn broken_json(document: &ParsedDocument<'_>, draws: &mut KeyedRng) -> Option<Vec<u8>> {
    let text = document.text.trim_end();
    let structured = document.nodes.first().is_some_and(|root| root.kind >= Kind::String);
    match draws.index(3) {
        // Every proper prefix of a string, list or object is broken. Half of it is left at least.
        0 if structured && text.len() > 1 => {
            let mut end = text.len() / 2 + draws.index(text.len() - text.len() / 2);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            Some(text.as_bytes().get(..end.max(1))?.to_vec())
        }
        // A name that lost its colon.
        1 if let Some(name) = document.nodes.iter().find_map(|node| node.name.as_ref()) => {
            let colon = text.get(name.end..)?.find(':')? + name.end;
            Some(document.replaced(&(colon..colon + 1), " "))
        }
        // Something behind the end.
        _ => Some([text, "}"].concat().into_bytes()),
    }
}

/// A text whose bytes are not UTF-8, under a header that says or implies UTF-8: Latin-1, as a
/// default of the last century writes it. `None` for what is not text.
pub fn wrong_charset(
    body: &[u8],
    content_type: Option<&str>,
    json: Option<&ParsedDocument<'_>>,
    draws: &mut KeyedRng,
) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let textual = content_type.is_some_and(|content_type| {
        let media_type = content_type.to_ascii_lowercase();
        ["text/", "xml", "javascript"].iter().any(|kind| media_type.contains(kind))
    });
    if json.is_none() && !textual {
        return None;
    }
    let latin: Vec<u8> = match text.is_ascii() {
        false => text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect(),
        true => {
            let inside = |at: &usize| json.is_none_or(|json| json.is_inside_string(*at));
            let letters = text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_alphabetic());
            let places: Vec<usize> = letters.map(|(at, _)| at).filter(inside).collect();
            let mut bytes = body.to_vec();
            *bytes.get_mut(*places.get(draws.index(places.len()))?)? = LATIN_1_E_ACUTE;
            bytes
        }
    };
    std::str::from_utf8(&latin).is_err().then_some(latin)
}

/// `é`; alone it is no UTF-8, since it announces two more bytes.
const LATIN_1_E_ACUTE: u8 = 0xE9;

/// What the body certainly is not.
pub fn wrong_content_type(is_json: bool, draws: &mut KeyedRng) -> &'static str {
    let wrong = if is_json {
        ["text/html; charset=utf-8", "text/plain", "application/xml"]
    } else {
        ["application/json", "application/octet-stream", "image/png"]
    };
    wrong.get(draws.index(wrong.len())).copied().unwrap_or("application/octet-stream")
}
