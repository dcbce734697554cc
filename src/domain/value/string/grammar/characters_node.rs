//! Characters of a segment drawn place by place, or as a number, a date, a time of digits.

use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::sketch::number_code;
use crate::domain::value::string::grammar::alphabets::Alphabets;
use crate::domain::value::string::grammar::char_set::CharSet;
use crate::domain::value::string::grammar::characters::{Characters, NUMBER_DIGITS_MAX};
use crate::domain::value::string::grammar::check_digit;
use crate::domain::value::string::grammar::check_digit::CheckDigit;
use crate::domain::value::string::grammar::digit_dates;
use crate::domain::value::string::grammar::digit_dates::DigitDates;
use crate::domain::value::string::grammar::lengths::Lengths;

/// Characters of alphabets.
#[derive(Debug, Clone)]
pub struct CharactersNode {
    lengths: Lengths,
    /// The alphabet of each of the first places, then of all others.
    places: Box<[Box<[u8]>]>,
    rest: Box<[u8]>,
    /// Numbers that begin with zero never do.
    is_number: bool,
    range: Option<(u64, u64)>,
    check: Option<CheckDigit>,
    /// What of a calendar or a clock each must be.
    forms: DigitDates,
    /// How often its letters are capitals, where all or none are.
    upper_share: Option<f64>,
}

impl CharactersNode {
    /// What draws characters as these came, in so many lengths.
    pub fn compile(characters: &Characters, lengths: Lengths) -> Self {
        let alphabets = Alphabets::of(characters);
        let bytes = |set: &CharSet| -> Box<[u8]> { set.bytes().collect() };
        let [numbers, padded] = characters.numbers;
        let is_number = numbers == characters.seen;
        let varied = characters.varied.as_deref();
        Self {
            lengths,
            places: alphabets.places.iter().map(bytes).collect(),
            rest: bytes(&alphabets.rest),
            is_number: is_number && padded == 0,
            range: varied.filter(|_| is_number).and_then(|varied| bounds(varied.range?)),
            check: varied
                .filter(|varied| is_number && varied.seen >= CHECKED_MIN)
                .and_then(|varied| check_digit::only(varied.checks)),
            forms: varied.filter(|varied| varied.seen >= FORMED_MIN).map_or(0, |v| v.forms),
            upper_share: characters.upper_share(),
        }
    }

    /// Appends one text.
    pub fn write(&self, stream: &mut KeyedRng, out: &mut Vec<u8>) {
        let length = self.lengths.draw(stream);
        let start = out.len();
        let mut is_within = false;
        for _ in 0..DRAWS_MAX {
            out.truncate(start);
            self.fill(length, stream, out);
            is_within = self.may_be(out.get(start..).unwrap_or_default());
            if is_within {
                break;
            }
        }
        if let Some((low, high)) = self.range.filter(|_| !is_within && self.forms == 0) {
            out.truncate(start);
            write_number((low, high), length, stream, out);
        }
        if let Some(share) = self.upper_share {
            let written = out.get_mut(start..).unwrap_or_default();
            match f64::from(stream.below(1 << 16)) < share * f64::from(1 << 16) {
                true => written.make_ascii_uppercase(),
                false => written.make_ascii_lowercase(),
            }
        }
        if let Some(check) = self.check
            && let Some((last, rest)) = out.get_mut(start..).and_then(<[u8]>::split_last_mut)
        {
            *last = check.digit(rest);
        }
    }

    /// Does it lie in the range that was seen, and is it a date where all were?
    fn may_be(&self, written: &[u8]) -> bool {
        let number = std::str::from_utf8(written).ok().and_then(|text| text.parse().ok());
        let is_within = match (self.range, number) {
            (Some((low, high)), Some(number)) => (low..=high).contains(&number),
            _ => true,
        };
        is_within && (self.forms == 0 || digit_dates::of(written) & self.forms == self.forms)
    }

    fn fill(&self, length: usize, stream: &mut KeyedRng, out: &mut Vec<u8>) {
        let (mut bits, mut left) = (0, 0);
        for at in 0..length {
            if left == 0 {
                (bits, left) = (stream.word(), 4);
            }
            let alphabet = self.places.get(at).unwrap_or(&self.rest);
            let index = ((bits & 0xFFFF) as usize * alphabet.len()) >> 16;
            let byte = alphabet.get(index).copied().unwrap_or(b'0');
            let is_zero_first = self.is_number && at == 0 && length > 1 && byte == b'0';
            out.push(if is_zero_first { b'1' + (bits >> 8) as u8 % 9 } else { byte });
            bits >>= 16;
            left -= 1;
        }
    }
}

/// Any number of a range with so many digits; of the range where it has none.
fn write_number((low, high): (u64, u64), length: usize, stream: &mut KeyedRng, out: &mut Vec<u8>) {
    let digits = u32::try_from(length).unwrap_or(1).clamp(1, NUMBER_DIGITS_MAX as u32);
    let least = if digits == 1 { 0 } else { 10u64.pow(digits - 1) };
    let (from, to) = (low.max(least), high.min(10u64.pow(digits) - 1));
    let (from, to) = if from <= to { (from, to) } else { (low, high.max(low)) };
    let number = from + ((u128::from(stream.word()) * u128::from(to - from + 1)) >> 64) as u64;
    out.extend_from_slice(number.to_string().as_bytes());
}

/// Draws until a number lies in the range that was seen: the first places narrow it already.
const DRAWS_MAX: usize = 24;

/// Rows of digits that must all be dates or times before it is no accident: one in thirty is.
const FORMED_MIN: u32 = 6;

/// Numbers that must keep a check digit before it is no accident: one in ten does.
const CHECKED_MIN: u32 = 12;

/// The least and the greatest number of two codes.
fn bounds((low, high): (i32, i32)) -> Option<(u64, u64)> {
    let (least, below) = number_code::value_of(low);
    let (most, above) = number_code::value_of(high);
    let is_exact = most < 1000.0;
    let (below, above) = if is_exact { (0.0, 0.0) } else { (below, above) };
    (most < 10f64.powi(NUMBER_DIGITS_MAX as i32))
        .then_some(((least - below).max(0.0) as u64, (most + above) as u64))
}
