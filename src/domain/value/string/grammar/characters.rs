//! The characters of a segment: which ones, how many, which at the first places, and as a number.

use serde::{Deserialize, Serialize};

use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::{PrioritySample, SampleBounds};
use crate::domain::value::string::grammar::char_set::CharSet;
use crate::domain::value::string::grammar::check_digit;
use crate::domain::value::string::grammar::check_digit::CheckDigits;
use crate::domain::value::string::grammar::digit_dates;
use crate::domain::value::string::grammar::digit_dates::DigitDates;

/// The characters of the texts of one segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Characters {
    /// Texts seen.
    #[serde(rename = "n")]
    pub seen: u32,
    /// All ASCII characters that occurred anywhere.
    #[serde(rename = "a")]
    pub all: CharSet,
    /// Lengths in bytes.
    #[serde(rename = "l")]
    pub lengths: PrioritySample<i32>,
    /// Vowels among the letters, and letters.
    #[serde(rename = "v", skip_serializing_if = "is_default")]
    pub vowels: [u32; 2],
    /// Texts that are numbers, and numbers that begin with a zero that is not their only digit.
    #[serde(rename = "d", skip_serializing_if = "is_default")]
    pub numbers: [u32; 2],
    /// Texts with letters of lower case alone, of upper case alone, and of both.
    #[serde(rename = "e", skip_serializing_if = "is_default")]
    pub cases: [u32; 3],
    /// What is known since the texts are many.
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    pub varied: Option<Box<Varied>>,
}

heap_bytes!(Characters { seen, all, lengths, vowels, numbers, cases, varied });

/// What is learned of characters once they tell nothing of a single text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Varied {
    /// Texts seen since single characters may be kept.
    #[serde(rename = "n")]
    pub seen: u32,
    /// The characters of each of the first places, and of all places behind them.
    #[serde(rename = "h")]
    pub places: Vec<CharSet>,
    /// The characters behind the first [`PLACES_MAX`].
    #[serde(rename = "r")]
    pub rest: CharSet,
    /// Characters in `rest`.
    #[serde(rename = "c")]
    pub rest_seen: u32,
    /// Codes of the least and the greatest number.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub range: Option<(i32, i32)>,
    /// Check digits that all numbers keep.
    #[serde(rename = "k")]
    pub checks: CheckDigits,
    /// What of a calendar or a clock all of them are.
    #[serde(rename = "f", skip_serializing_if = "is_default")]
    pub forms: DigitDates,
}

heap_bytes!(Varied { seen, places, rest, rest_seen, range, checks, forms });

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Places told apart: identifiers have their constant and narrow parts in front.
pub const PLACES_MAX: usize = 24;

/// Lengths told apart.
const LENGTHS: SampleBounds = SampleBounds { entries_max: 32, bytes_max: 4096 };

/// Digits of a number that has a value of its own; longer ones are rows of digits.
pub const NUMBER_DIGITS_MAX: usize = 15;

impl Characters {
    /// Learns a text. `is_varied`: so many different ones came that single characters may be kept.
    pub fn observe(&mut self, text: &str, is_varied: bool) {
        let bytes = text.as_bytes();
        self.seen = self.seen.saturating_add(1);
        self.all.join(CharSet::of(bytes));
        self.lengths.add(i32::try_from(bytes.len()).unwrap_or(i32::MAX), LENGTHS);
        for byte in bytes.iter().filter(|byte| byte.is_ascii_alphabetic()) {
            let is_vowel = matches!(byte | 0x20, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
            self.vowels[0] = self.vowels[0].saturating_add(u32::from(is_vowel));
            self.vowels[1] = self.vowels[1].saturating_add(1);
        }
        let has = |is_it: fn(&u8) -> bool| bytes.iter().any(is_it);
        let case = match (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase)) {
            (true, false) => Some(0),
            (false, true) => Some(1),
            (true, true) => Some(2),
            (false, false) => None,
        };
        if let Some(count) = case.and_then(|case| self.cases.get_mut(case)) {
            *count = count.saturating_add(1);
        }
        let is_number = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
        if is_number {
            let is_padded = bytes.len() > 1 && bytes.first() == Some(&b'0');
            self.numbers[0] = self.numbers[0].saturating_add(1);
            self.numbers[1] = self.numbers[1].saturating_add(u32::from(is_padded));
        }
        if is_varied {
            self.varied.get_or_insert_default().observe(text, is_number);
        }
    }

    /// Adds what another segment saw.
    pub fn merge(&mut self, other: Self) {
        self.seen = self.seen.saturating_add(other.seen);
        self.all.join(other.all);
        self.lengths.merge(other.lengths, LENGTHS);
        for (own, count) in self.vowels.iter_mut().zip(other.vowels) {
            *own = own.saturating_add(count);
        }
        for (own, count) in self.cases.iter_mut().zip(other.cases) {
            *own = own.saturating_add(count);
        }
        for (own, count) in self.numbers.iter_mut().zip(other.numbers) {
            *own = own.saturating_add(count);
        }
        match (&mut self.varied, other.varied) {
            (Some(own), Some(varied)) => own.merge(*varied),
            (own, varied) => *own = own.take().or(varied),
        }
    }

    /// Lengths, ascending, with their weights.
    pub fn sizes(&self) -> Vec<(usize, f64)> {
        let sizes = self.lengths.weights().map(|(length, weight)| (*length as usize, weight));
        let mut sizes: Vec<(usize, f64)> = sizes.collect();
        sizes.sort_unstable_by_key(|size| size.0);
        sizes
    }

    /// The share of upper case, where texts are of either case and none of both.
    pub fn upper_share(&self) -> Option<f64> {
        let [lower, upper, both] = self.cases;
        let is_either = both == 0 && lower.min(upper) >= CASES_MIN;
        is_either.then(|| f64::from(upper) / f64::from(lower + upper))
    }

    /// Are they words of a language rather than letters as they come?
    pub fn are_words(&self) -> bool {
        let [vowels, letters] = self.vowels.map(u64::from);
        letters >= WORD_LETTERS_MIN && vowels * 100 >= letters * WORD_VOWELS_PERCENT
    }
}

/// Vowels among the letters of words, percent: English has 40, letters as they come have 23.
const WORD_VOWELS_PERCENT: u64 = 31;

/// Texts of each case before both are taken for usual.
const CASES_MIN: u32 = 3;

/// Letters before they are judged.
const WORD_LETTERS_MIN: u64 = 6;

impl Varied {
    fn observe(&mut self, text: &str, is_number: bool) {
        let bytes = text.as_bytes();
        let kept = |seen: u32, own: CheckDigits| if seen == 0 { check_digit::ALL } else { own };
        self.checks = match is_number && bytes.len() >= check_digit::DIGITS_MIN {
            true => kept(self.seen, self.checks) & check_digit::kept_by(bytes),
            false => 0,
        };
        let forms = if is_number { digit_dates::of(bytes) } else { 0 };
        self.forms = if self.seen == 0 { forms } else { self.forms & forms };
        self.seen = self.seen.saturating_add(1);
        for (at, byte) in bytes.iter().enumerate() {
            if at >= PLACES_MAX {
                self.rest.add(*byte);
                self.rest_seen = self.rest_seen.saturating_add(1);
            } else if let Some(place) = self.places.get_mut(at) {
                place.add(*byte);
            } else {
                self.places.push(CharSet::of(&[*byte]));
            }
        }
        let number = text.parse::<u64>().ok();
        if let Some(number) = number.filter(|_| is_number && bytes.len() <= NUMBER_DIGITS_MAX) {
            let code = number_code::code_of(number as f64);
            let (low, high) = self.range.unwrap_or((code, code));
            self.range = Some((low.min(code), high.max(code)));
        }
    }

    fn merge(&mut self, other: Self) {
        self.checks &= other.checks;
        self.forms &= other.forms;
        self.seen = self.seen.saturating_add(other.seen);
        for (at, places) in other.places.into_iter().enumerate() {
            match self.places.get_mut(at) {
                Some(own) => own.join(places),
                None => self.places.push(places),
            }
        }
        self.rest.join(other.rest);
        self.rest_seen = self.rest_seen.saturating_add(other.rest_seen);
        self.range = match (self.range, other.range) {
            (Some(own), Some(range)) => Some((own.0.min(range.0), own.1.max(range.1))),
            (own, range) => own.or(range),
        };
    }
}
