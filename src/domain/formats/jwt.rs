//! JSON web tokens: three base64url parts, the first of which starts a JSON object (RFC 7519).

use super::{Drawing, FormatRow, PatternRules, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "jwt",
    schema: SchemaKeyword::None,
    detect: is_jwt,
    drawing: Drawing::Pattern(PatternRules { is_exact: true, head: "eyJ", ..PatternRules::NONE }),
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Secret,
    leading: None,
    samples: &["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    counter_samples: &["eyJ", "www.example.org", "eyJ hbGci.a.b"],
};

const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn is_jwt(text: &str) -> bool {
    let mut parts = 0;
    text.starts_with("eyJ")
        && text.split('.').all(|part| {
            parts += 1;
            part.bytes().all(|b| BASE64_URL.contains(&b))
        })
        && parts == 3
}
