//! Runs of bytes that belong together, and whether such a run looks drawn at random.

/// The alphabet of base64url (RFC 4648, section 5), without padding.
pub(super) fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Long runs in which letters and digits alternate as they do in no language: hashes, UUIDs,
/// ULIDs, base64. In random base64 a letter meets a digit at every fourth character; in words,
/// slugs, timestamps and versioned names hardly ever.
pub(super) fn has_random_token(value: &[u8]) -> bool {
    const SHORTEST: usize = 16;
    const CHARACTERS_PER_CHANGE: usize = 8;
    const CHANGES_MIN: usize = 4;
    tokens(value, |b| is_base64url(b) || matches!(b, b'+' | b'/' | b'=')).any(|token| {
        if token.len() < SHORTEST {
            return false;
        }
        let mut changes = 0;
        let mut previous: Option<bool> = None;
        for byte in token.iter().filter(|b| b.is_ascii_alphanumeric()) {
            let digit = byte.is_ascii_digit();
            changes += usize::from(previous.is_some_and(|previous| previous != digit));
            previous = Some(digit);
        }
        changes >= CHANGES_MIN.max(token.len() / CHARACTERS_PER_CHANGE)
    })
}

/// The maximal runs of bytes that belong together.
pub(super) fn tokens(
    value: &[u8],
    belongs: impl Fn(u8) -> bool + Copy,
) -> impl Iterator<Item = &[u8]> {
    value.split(move |&byte| !belongs(byte)).filter(|token| !token.is_empty())
}
