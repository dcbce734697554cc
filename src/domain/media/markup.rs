//! Markup as a list of values, each behind the raw text before it.
//!
//! Values are what attributes hold in quotes, and the texts between tags; all else, broken or
//! not, is kept as it is, so that a page is written again to the byte. A text that a browser
//! would not show (scripts, styles, comments) belongs to what is kept.

use serde_json::{Map, Value};

/// Elements whose content is no text of the page.
const OPAQUE: [&str; 2] = ["script", "style"];

/// Reads a page.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let text = str::from_utf8(bytes).ok()?;
    let mut found = Found::default();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        found.text(&rest[..at]);
        rest = &rest[at..];
        let length = match rest {
            _ if rest.starts_with("<!--") => rest.find("-->").map(|at| at + 3),
            _ => tag(rest, &mut found),
        };
        let Some(length) = length else { break };
        if rest.starts_with("<!--") {
            found.raw.push_str(&rest[..length]);
        }
        let name: String =
            rest[1..length].chars().take_while(char::is_ascii_alphanumeric).collect();
        rest = &rest[length..];
        if OPAQUE.contains(&&*name.to_ascii_lowercase()) {
            let end = rest.find("</").unwrap_or(rest.len());
            found.raw.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    found.raw.push_str(rest);
    if !found.raw.is_empty() {
        found.value("");
    }
    Some(Value::Array(found.pieces))
}

#[derive(Default)]
struct Found {
    raw: String,
    pieces: Vec<Value>,
}

impl Found {
    fn value(&mut self, text: &str) {
        let raw = std::mem::take(&mut self.raw);
        let piece = Map::from_iter([(raw, Value::from(decoded(text)))]);
        self.pieces.push(Value::Object(piece));
    }

    /// A text between tags; white space around it is kept as it is.
    fn text(&mut self, text: &str) {
        let inner = text.trim();
        if inner.is_empty() {
            return self.raw.push_str(text);
        }
        let start = text.len() - text.trim_start().len();
        self.raw.push_str(&text[..start]);
        self.value(inner);
        self.raw.push_str(&text[start + inner.len()..]);
    }
}

/// Takes in a tag; its length, or nothing where it does not end.
fn tag(text: &str, found: &mut Found) -> Option<usize> {
    let mut from = 0;
    let mut at = 1;
    let bytes = text.as_bytes();
    loop {
        match *bytes.get(at)? {
            b'>' => {
                found.raw.push_str(&text[from..=at]);
                return Some(at + 1);
            }
            quote @ (b'"' | b'\'') => {
                let end = at + 1 + text[at + 1..].find(char::from(quote))?;
                // Single quotes would have to be escaped in another way: they stay raw.
                if quote == b'"' {
                    found.raw.push_str(&text[from..=at]);
                    found.value(&text[at + 1..end]);
                    from = end;
                }
                at = end + 1;
            }
            _ => at += 1,
        }
    }
}

fn decoded(text: &str) -> String {
    match quick_xml::escape::unescape(text) {
        Ok(plain) if quick_xml::escape::partial_escape(&*plain).replace('"', "&quot;") == text => {
            plain.into_owned()
        }
        // Another way of writing: kept as it stands, marked as such.
        _ => format!("{RAW}{text}"),
    }
}

/// What a value begins with that is written as it is.
const RAW: char = '\u{2}';

/// Writes a page.
pub(super) fn write(tree: &Value) -> Vec<u8> {
    let mut out = String::new();
    for piece in tree.as_array().into_iter().flatten() {
        for (raw, value) in piece.as_object().into_iter().flatten() {
            out.push_str(raw);
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            match text.strip_prefix(RAW) {
                Some(kept) => out.push_str(kept),
                None => {
                    let plain = quick_xml::escape::partial_escape(&*text);
                    out.push_str(&plain.replace('"', "&quot;"));
                }
            }
        }
    }
    out.into_bytes()
}
