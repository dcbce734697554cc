//! One pass over the bytes of a segment: what the rows of the kind table ask about.

use crate::domain::path::kind::bigrams::LetterBigrams;

/// Counts of byte classes in one path segment, taken in a single pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scan<'a> {
    /// The segment as it was sent, undecoded.
    pub text: &'a str,
    /// `0` to `9`.
    pub digits: u16,
    /// `a` to `z`.
    pub lower: u16,
    /// `A` to `Z`.
    pub upper: u16,
    /// `-`
    pub hyphens: u16,
    /// `_`
    pub underscores: u16,
    /// `.`
    pub dots: u16,
    /// `%` escapes, and every other byte that is not letter, digit, `-`, `_` or `.`.
    pub others: u16,
    /// Hexadecimal letters `a` to `f`, either case.
    pub hex_letters: u16,
    /// Places where a letter and a digit touch.
    pub letter_digit_turns: u16,
    /// Places where a lower-case letter is followed by an upper-case one.
    pub case_rises: u16,
    /// Places where an upper-case letter is followed by another one.
    pub upper_pairs: u16,
    /// How much the letters read like words.
    pub letters: LetterBigrams,
}

impl<'a> Scan<'a> {
    /// Scans `text`; linear in its length. Counts saturate, so any length is safe.
    pub fn of(text: &'a str) -> Self {
        let mut scan = Scan { text, ..Scan::default() };
        let mut previous = 0u8;
        for &byte in text.as_bytes() {
            let count = match byte {
                b'0'..=b'9' => &mut scan.digits,
                b'a'..=b'z' => &mut scan.lower,
                b'A'..=b'Z' => &mut scan.upper,
                b'-' => &mut scan.hyphens,
                b'_' => &mut scan.underscores,
                b'.' => &mut scan.dots,
                _ => &mut scan.others,
            };
            *count = count.saturating_add(1);
            scan.add_pair(previous, byte);
            previous = byte;
        }
        scan
    }

    fn add_pair(&mut self, previous: u8, byte: u8) {
        let letter = byte.is_ascii_alphabetic();
        let turned = (letter && previous.is_ascii_digit())
            || (byte.is_ascii_digit() && previous.is_ascii_alphabetic());
        self.letter_digit_turns = self.letter_digit_turns.saturating_add(u16::from(turned));
        if !letter {
            return;
        }
        self.letters.add(previous, byte);
        if byte.is_ascii_hexdigit() {
            self.hex_letters = self.hex_letters.saturating_add(1);
        }
        if byte.is_ascii_uppercase() {
            let rises = u16::from(previous.is_ascii_lowercase());
            self.case_rises = self.case_rises.saturating_add(rises);
            let pair = u16::from(previous.is_ascii_uppercase());
            self.upper_pairs = self.upper_pairs.saturating_add(pair);
        }
    }

    /// Bytes of the segment.
    pub fn length(&self) -> usize {
        self.text.len()
    }

    /// ASCII letters of either case.
    pub fn letter_count(&self) -> usize {
        usize::from(self.lower) + usize::from(self.upper)
    }

    /// Only letters and digits.
    pub fn is_alphanumeric(&self) -> bool {
        self.letter_count() + usize::from(self.digits) == self.length() && !self.text.is_empty()
    }

    /// Only hexadecimal digits, in one letter case.
    pub fn is_hex(&self) -> bool {
        usize::from(self.hex_letters) + usize::from(self.digits) == self.length()
            && (self.lower == 0 || self.upper == 0)
    }

    /// Only ASCII digits, at least one.
    pub fn is_digits(&self) -> bool {
        self.digits > 0 && usize::from(self.digits) == self.length()
    }
}
