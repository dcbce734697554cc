//! Digits that follow from the others of a number.

/// A rule for the last digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigit {
    /// Luhn's (ISO/IEC 7812-1 annex B): cards, IMEI, national ids.
    Luhn,
    /// GS1's: EAN-8, EAN-13, UPC, GTIN, ISBN-13.
    Gs1,
}

/// Every rule, in the order of the bits of a [`CheckDigits`] set.
const RULES: [CheckDigit; 2] = [CheckDigit::Luhn, CheckDigit::Gs1];

/// Rules, a bit each.
pub type CheckDigits = u8;

/// All of them.
pub const ALL: CheckDigits = (1 << RULES.len()) - 1;

/// Shortest number that has a check digit.
pub const DIGITS_MIN: usize = 8;

/// The rules that the digits of a number keep.
pub fn kept_by(digits: &[u8]) -> CheckDigits {
    let keeps = |rule: &CheckDigit| {
        digits.split_last().is_some_and(|(last, rest)| rule.digit(rest) == *last)
    };
    RULES.iter().enumerate().fold(0, |kept, (at, rule)| kept | (u8::from(keeps(rule)) << at))
}

/// The one rule of a set; `None` of none and of several.
pub fn only(kept: CheckDigits) -> Option<CheckDigit> {
    let mut rules = RULES.iter().enumerate().filter(|(at, _)| kept >> at & 1 == 1);
    rules.next().map(|(_, rule)| *rule).filter(|_| kept.is_power_of_two())
}

impl CheckDigit {
    /// The digit, as ASCII, that goes behind these.
    pub fn digit(self, digits: &[u8]) -> u8 {
        let weighted = digits.iter().rev().enumerate().map(|(at, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            match (self, at % 2) {
                (_, 1) => digit,
                (Self::Luhn, _) if digit > 4 => 2 * digit - 9,
                (Self::Luhn, _) => 2 * digit,
                (Self::Gs1, _) => 3 * digit,
            }
        });
        b'0' + ((10 - weighted.sum::<u32>() % 10) % 10) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_keep_their_rule() {
        for (number, rule) in [
            ("4111111111111111", CheckDigit::Luhn),
            ("490154203237518", CheckDigit::Luhn),
            ("9780306406157", CheckDigit::Gs1),
            ("4006381333931", CheckDigit::Gs1),
        ] {
            assert_eq!(only(kept_by(number.as_bytes())), Some(rule), "{number}");
        }
        assert_eq!(only(kept_by(b"4111111111111112")), None);
    }
}
