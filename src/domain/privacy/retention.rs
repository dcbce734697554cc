//! What may be kept as text: the one place where learning asks about privacy.
//!
//! A literal needs support (two different bodies) and no sign of being personal or secret; or it
//! is an identifier made of words that every API uses, which says nothing about anybody. Later on a
//! vocabulary that turns out to be open drops all its texts (`vocabulary`).

use crate::domain::privacy;
use crate::domain::sketch::categories::STANDING_BODIES_MIN;
use crate::domain::words::public::is_public_identifier;

/// May this value of a vocabulary be kept, seen in `bodies` different bodies?
pub fn may_keep_value(text: &str, bodies: u32) -> bool {
    match bodies {
        0 => false,
        1 => is_public_identifier(text),
        _ => {
            !privacy::is_sensitive_value(text)
                || (bodies >= STANDING_BODIES_MIN && privacy::is_content(text))
        }
    }
}

/// May this member name be kept? A name is a value unless it recurs or is made of public words.
pub fn may_keep_name(name: &str, bodies: u32) -> bool {
    may_keep_value(name, bodies)
}

/// May this leading part of values be kept? Directories of one user's files may not.
pub fn may_keep_stem(stem: &str, bodies: u32) -> bool {
    bodies >= STEM_BODIES_MIN && !privacy::is_sensitive_value(stem) && !has_id_segment(stem)
}

/// Bodies that must share a stem before it is kept.
const STEM_BODIES_MIN: u32 = 3;

/// Digits from which a path segment is taken for an id: versions and ports have fewer.
const ID_DIGITS_MIN: usize = 5;

fn has_id_segment(stem: &str) -> bool {
    stem.split('/').any(|part| part.bytes().filter(u8::is_ascii_digit).count() >= ID_DIGITS_MIN)
}

/// Is a field of this name never kept as text, whatever it holds? Inside something secret all
/// is, but for what only speaks about it: `credentials[].type` as little as `credential_type`.
pub fn is_secret_name(name: &str, inside_secret: bool) -> bool {
    privacy::is_sensitive_name(name)
        || (inside_secret && privacy::is_sensitive_name(&format!("secret_{name}")))
}
