//! Absolute URIs with an authority (RFC 3986), in ASCII.

use super::{Drawing, FormatRow, PatternRules, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "uri",
    schema: SchemaKeyword::Format("uri"),
    detect: is_uri,
    drawing: Drawing::Pattern(PatternRules {
        stems: stems_of,
        is_structured: true,
        is_exact: true,
        schemes: &["ws", "ftp", "http", "https"],
        ..PatternRules::NONE
    }),
    segment: SegmentLook::OfNoSegment,
    sensitivity: Sensitivity::Judged,
    leading: None,
    samples: &["https://cdn.example.com/scene/61216", "http://localhost:8080"],
    counter_samples: &["https:/x", "not a uri", "https://a b"],
};

fn is_uri(text: &str) -> bool {
    // The first colon ends the scheme.
    let Some(at) = memchr::memchr(b':', text.as_bytes()) else { return false };
    let (scheme, rest) = text.split_at(at);
    let Some(rest) = rest.strip_prefix("://") else { return false };
    let scheme_ok = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
    let uri_ok = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    scheme.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.bytes().all(scheme_ok)
        && rest.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[')
        && rest.bytes().all(uri_ok)
        && rest.bytes().filter(|b| *b == b'#').count() <= 1
        && percent_escapes_ok(rest.as_bytes())
}

fn percent_escapes_ok(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().filter(|(_, b)| **b == b'%').all(|(at, _)| {
        bytes.get(at + 1..at + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Ends of the leading parts that others may share: the origin and the directory.
fn stems_of(text: &str) -> [usize; 2] {
    let path_from = text.find("://").map_or(0, |at| at + 3);
    let path = text.get(path_from..).unwrap_or_default();
    let origin = path.find('/').map_or(0, |at| path_from + at + 1);
    let path_end = text.find(['?', '#']).unwrap_or(text.len());
    let directory = text.get(..path_end).and_then(|p| p.rfind('/')).map_or(0, |at| at + 1);
    [origin, if directory > origin { directory } else { 0 }]
}
