//! Mailboxes as in the common subset of RFC 5321: no quotes, no comments, a dot in the domain.

use super::{Drawing, FormatRow, PatternRules, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "email",
    schema: SchemaKeyword::Format("email"),
    detect: is_email,
    drawing: Drawing::Pattern(PatternRules {
        // RFC 2606: nobody gets mail there.
        domain: Some("example.com"),
        ..PatternRules::NONE
    }),
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Personal,
    leading: None,
    samples: &["mia@example.com", "gudula.misicher@googlemail.com"],
    counter_samples: &["@ann", "a@b", "rate@2x", "a..b@example.com"],
};

fn is_email(text: &str) -> bool {
    let Some(at) = memchr::memchr(b'@', text.as_bytes()) else { return false };
    let (local, domain) = (&text[..at], &text[at + 1..]); // `at` is an ASCII character
    let local_ok = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let label_ok = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.bytes().all(local_ok)
        && domain.contains('.')
        && domain.split('.').all(label_ok)
}
