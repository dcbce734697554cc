//! What may be kept of what was seen.
//!
//! Models keep shapes and sketches. A literal is kept only as a member of a closed vocabulary:
//! seen often enough, among few others, under a name and with a value that show no sign of being
//! personal or secret. Names and values are judged by two tables ([`names`], [`values`]) whose rows
//! carry samples that match and samples that must not; every row is tested against its own.
//!
//! The detectors scan bytes once and never backtrack: they are called for every string observed.
//! They err on the side of silence, because a literal wrongly withheld costs a little realism and
//! is replaced by a generated one, while a secret wrongly kept is a leak.

mod addresses;
mod names;
mod numbers;
mod people;
pub mod privacy_level;
pub mod retention;
mod tokens;
mod values;

#[cfg(test)]
mod tests;

use crate::domain::formats;

/// Longest literal kept, in bytes. Closed vocabularies are made of words and short phrases; what
/// is longer is prose or an encoded payload.
pub const LITERAL_BYTES_MAX: usize = 256;

/// Occurrences from which a single literal counts as supported: once is an accident, twice may be
/// a retry or a page opened again, so two is the least that can show a closed vocabulary at all.
pub const OCCURRENCES_MIN: u64 = 2;

/// Mean occurrences per distinct value from which a vocabulary counts as closed. A field where
/// more than half of the values are new each time is open, whatever repeats in it.
pub const MEAN_SUPPORT_MIN: u64 = 2;

/// How often a literal was seen, and in what company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// Times this very value was seen.
    pub occurrences: u64,
    /// Distinct values seen at the same place.
    pub distinct: u64,
    /// Values seen at the same place, this one included.
    pub total: u64,
}

impl Support {
    /// Whether the value is repeated and the place's vocabulary is closed.
    pub fn is_enough(self) -> bool {
        self.occurrences >= OCCURRENCES_MIN
            && self.total >= self.distinct.saturating_mul(MEAN_SUPPORT_MIN)
    }
}

/// Whether `value`, seen under `name`, may be stored and shown as it is.
///
/// `name` is the field, header, parameter or cookie name; for map keys and path segments, which
/// count as values, pass the name of what contains them (or an empty one).
pub fn may_keep_literal(name: &str, value: &str, support: Support) -> bool {
    support.is_enough()
        && value.len() <= LITERAL_BYTES_MAX
        && !is_sensitive_name(name)
        && !is_sensitive_value(value)
        && !is_person(name, value)
}

/// Whether things are called under a member as well as people: `name`, `hotel_name`, other than
/// `owner` and `full_name`.
pub fn may_name_things(member: &str) -> bool {
    people::may_name_things(member)
}

/// Whether `text`, under the member (field, header, parameter) `name`, is the name of a person.
pub fn is_person(name: &str, text: &str) -> bool {
    people::is_person(name, text)
}

/// Whether a field, header, parameter or cookie of this name holds something personal or secret,
/// in whatever case and with whatever separators it is written.
pub fn is_sensitive_name(name: &str) -> bool {
    names::is_sensitive(name)
}

/// Whether a field of this name holds what opens something or pays: what is kept at no level of
/// privacy, other than names, mailboxes and phones.
pub fn is_secret_name(name: &str) -> bool {
    names::is_secret(name)
}

/// Whether a value looks personal or secret by itself: credentials, keys and random tokens,
/// e-mail addresses, phone numbers, payment cards, bank accounts, network addresses.
pub fn is_sensitive_value(value: &str) -> bool {
    values::is_sensitive(value) || formats::is_withheld(value)
}

/// Whether nothing but a random token in it makes a value look secret: an id of the service that
/// stands in a longer name, or a key.
pub fn is_token(value: &str) -> bool {
    values::is_token(value) && !formats::is_withheld(value)
}

/// Digits of a number that says nothing about anybody: a version, a year, a row of a small table.
const SMALL_NUMBER_MAX: usize = 4;

/// A path of which nothing is learned, with `{value}` for each segment that may not be kept after
/// one look: what stays are words that every API uses and small numbers.
pub fn without_values(path: &str) -> String {
    let mut shown = String::with_capacity(path.len());
    for (at, segment) in path.split('/').enumerate() {
        if at > 0 {
            shown.push('/');
        }
        let is_small =
            segment.len() <= SMALL_NUMBER_MAX && segment.bytes().all(|b| b.is_ascii_digit());
        let may_stay = is_small || retention::may_keep_value(segment, 1);
        shown.push_str(if may_stay { segment } else { "{value}" });
    }
    shown
}

/// Whether a value looks like a credential, a key, a card or an account by itself: what is kept at
/// no level of privacy. Mailboxes, phones and addresses of machines are personal, and none.
pub fn is_secret_value(value: &str) -> bool {
    values::is_secret(value) || formats::is_secret(value)
}

/// Whether a value shows no sign of being personal or secret but for random tokens that stand in
/// addresses published for everybody: the hash of an asset, the id of an embedded video. Where
/// such a value stands in one answer after the other, it belongs to the service.
pub fn is_content(value: &str) -> bool {
    values::is_content(value) && !formats::is_withheld(value)
}
