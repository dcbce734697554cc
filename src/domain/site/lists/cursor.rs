//! Cursors of the double's own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A cursor of the double's own: opaque, and nothing but the rows that lie before it.
#[must_use]
pub fn cursor(from: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("c:{from}"))
}

/// The rows that lie before it; nothing for a text that is none.
#[must_use]
pub fn cursor_of(text: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    String::from_utf8(bytes).ok()?.strip_prefix("c:")?.parse().ok()
}
