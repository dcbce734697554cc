//! Sets of ASCII characters, and the alphabets that strings are made of.

use serde::{Deserialize, Serialize};

use crate::domain::sketch::heap_bytes::no_heap;

/// A set of ASCII characters, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharSet([u64; 2]);

no_heap!(CharSet);

impl CharSet {
    /// Of the bytes of a text; what is beyond ASCII is left out.
    pub fn of(bytes: &[u8]) -> Self {
        let mut set = Self::default();
        bytes.iter().for_each(|byte| set.add(*byte));
        set
    }

    /// Adds an ASCII byte; others are left out.
    pub fn add(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    /// Adds all characters of another set.
    pub fn join(&mut self, other: Self) {
        for (own, bits) in self.0.iter_mut().zip(other.0) {
            *own |= bits;
        }
    }

    /// The characters that are in both.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        Self([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }

    /// False for bytes beyond ASCII.
    pub fn has(self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
    }

    /// Adds all letters of a case and all digits, where it has one.
    pub fn join_kinds(&mut self) {
        for kind in [b'a'..=b'z', b'A'..=b'Z', b'0'..=b'9'] {
            if kind.clone().any(|byte| self.has(byte)) {
                kind.for_each(|byte| self.add(byte));
            }
        }
    }

    /// Whether it has no character.
    pub fn is_empty(self) -> bool {
        self.0 == [0, 0]
    }

    /// Characters in it, 0 to 128.
    pub fn len(self) -> usize {
        (self.0[0].count_ones() + self.0[1].count_ones()) as usize
    }

    /// Whether each of its characters is in the other set, too.
    pub fn is_within(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(own, theirs)| own & !theirs == 0)
    }

    /// Ascending.
    pub fn bytes(self) -> impl Iterator<Item = u8> {
        (0..128).filter(move |byte| self.has(*byte))
    }

    /// The alphabet that so many characters were drawn from, of which these were seen: the
    /// smallest known one around them, unless what is missing of it would have been seen by now;
    /// then exactly what was seen.
    #[must_use]
    pub fn alphabet(self, sightings: f64) -> Self {
        let known = ALPHABETS.iter().map(|letters| Self::of(letters.as_bytes()));
        let around = known.filter(|alphabet| self.is_within(*alphabet));
        let Some(alphabet) = around.min_by_key(|alphabet| alphabet.len()) else { return self };
        let size = alphabet.len() as f64;
        // Coupon collector: so many of the alphabet are still missing on average.
        let missing = size * (-sightings / size).exp();
        let lacks = (alphabet.len() - self.len()) as f64;
        if lacks > missing * 2.0 + MISSING_SLACK { self } else { alphabet }
    }
}

/// Characters more than expected that may be missing of an alphabet.
const MISSING_SLACK: f64 = 1.5;

/// Alphabets of identifiers: decimal, hexadecimal (RFC 4648 section 8), letters, base32 (RFC 4648
/// section 6; Crockford; z-base-32's lower case without vowels), base58 (Bitcoin), base62, base64
/// (RFC 4648 sections 4 and 5).
const ALPHABETS: &[&str] = &[
    "0123456789",
    "abcdef",
    "ABCDEF",
    "0123456789abcdef",
    "0123456789ABCDEF",
    "0123456789abcdefABCDEF",
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "abcdefghijklmnopqrstuvwxyz234567",
    "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
    "0123456789bcdfghjklmnpqrstvwxyz",
    "0123456789abcdefghijklmnopqrstuvwxyz",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn alphabet(seen: &str, sightings: f64) -> String {
        let bytes = CharSet::of(seen.as_bytes()).alphabet(sightings).bytes();
        bytes.map(char::from).collect()
    }

    #[test]
    fn a_few_characters_stand_for_their_alphabet_and_many_for_themselves() {
        assert_eq!(alphabet("03", 4.0), "0123456789");
        assert_eq!(alphabet("0f3a", 8.0), "0123456789abcdef");
        assert_eq!(alphabet("05", 400.0), "05");
        assert_eq!(alphabet("!a", 3.0), "!a");
    }
}
