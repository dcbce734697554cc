//! Addresses that let in whoever knows them, and those that are published for everybody.
//!
//! A link to set a new password, an invitation, a webhook: what stands behind the telling word is
//! a key, however short it is and however often it is seen (W3C TAG, "Good Practices for
//! Capability URLs"). The hash in the address of an image is none.

use super::tokens::has_random_token;

/// Words of a path or host behind which a key may stand.
const CAPABILITIES: &[&str] = &[
    "reset",
    "recover",
    "recovery",
    "password",
    "token",
    "tokens",
    "invite",
    "invites",
    "invitation",
    "invitations",
    "verify",
    "verification",
    "confirm",
    "confirmation",
    "activate",
    "activation",
    "unsubscribe",
    "magic",
    "login",
    "signin",
    "auth",
    "sso",
    "otp",
    "session",
    "sessions",
    "hook",
    "hooks",
    "webhook",
    "webhooks",
    "share",
    "shared",
    "signed",
    "secret",
    "secrets",
    "private",
];

/// Words of a host or path under which everybody may look.
const PUBLIC_PLACES: &[&str] = &[
    "asset",
    "assets",
    "avatar",
    "avatars",
    "cdn",
    "css",
    "dist",
    "embed",
    "fonts",
    "icons",
    "image",
    "images",
    "img",
    "js",
    "media",
    "photo",
    "photos",
    "static",
    "thumbnails",
    "thumbs",
    "uploads",
];

/// Endings of files that pages are made of.
const PUBLIC_ENDINGS: &[&str] = &[
    "css", "gif", "ico", "jpeg", "jpg", "js", "mjs", "mp3", "mp4", "png", "svg", "ttf", "webm",
    "webp", "woff", "woff2",
];

/// Is there an address in which something like a key stands behind a word that hands out keys?
pub(super) fn has_capability(value: &[u8]) -> bool {
    memchr::memchr(b'/', value).is_some()
        && words(value).any(|address| {
            let mut is_behind = false;
            address.split(|byte| b"/?#&".contains(byte)).any(|segment| {
                let found = is_behind && is_key(segment);
                is_behind |= parts(segment).any(|part| is_one_of(part, CAPABILITIES));
                found
            })
        })
}

/// Does every random token in this text stand in an address that is published?
pub(super) fn is_published(value: &[u8]) -> bool {
    words(value).filter(|word| has_random_token(word)).all(|word| {
        let is_address =
            word.first() == Some(&b'/') || memchr::memmem::find(word, b"://").is_some();
        let ending = word.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        let is_public = is_one_of(ending, PUBLIC_ENDINGS)
            || parts(word).any(|part| is_one_of(part, PUBLIC_PLACES));
        // Words and numbers of several segments look like a token only together.
        let has_token = || word.split(|byte| *byte == b'/').any(has_random_token);
        is_address && !word.contains(&b'?') && (is_public || !has_token())
    })
}

/// A segment that is no word and no number: letters and digits mixed, or letters of both cases in
/// no word's order.
fn is_key(segment: &[u8]) -> bool {
    const SHORTEST: usize = 5;
    let has = |is: fn(&u8) -> bool| segment.iter().any(is);
    let upper_inside = segment.iter().skip(1).any(u8::is_ascii_uppercase);
    segment.len() >= SHORTEST
        && has(u8::is_ascii_alphabetic)
        && (has(u8::is_ascii_digit) || (has(u8::is_ascii_lowercase) && upper_inside))
}

/// What stands between blanks, quotes and brackets.
fn words(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>()[]{},;".contains(byte);
    value.split(ends).filter(|word| !word.is_empty())
}

/// The words that hosts, segments and names are made of; `cdn2` is a `cdn`.
fn parts(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !byte.is_ascii_alphanumeric()).map(|part| {
        let letters = part.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
        &part[..letters] // `letters` is at most the length
    })
}

fn is_one_of(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}
