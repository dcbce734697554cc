//! Numbers as learned: a histogram of three significant digits, range, decimals, vocabulary.
//!
//! Three digits say where the numbers lie to within half a percent; the digits that would identify
//! an account, a phone or a card are never stored. Small integers are exact, as they carry no more
//! than three digits.

use serde::{Deserialize, Serialize};

use super::epoch::UnixTimes;
use super::tally::{PrioritySample, SampleBounds};
use super::vocabulary::Vocabulary;

/// Codes of a histogram: enough for quantiles within one percent, small enough to store per field.
pub const NUMBER_CODES: SampleBounds = SampleBounds { entries_max: 128, bytes_max: 4096 };

/// Decimals told apart; more are written as the shortest form that reads back.
pub const DECIMALS_MAX: usize = 7;

/// The numbers of one position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberShape {
    #[serde(rename = "n")]
    pub seen: u64,
    /// Written with a point or exponent.
    #[serde(rename = "f")]
    pub floats: u64,
    /// Integral, yet written with a point (`5.0`).
    #[serde(rename = "p")]
    pub point_zero: u64,
    /// Codes with decimals: see [`keyed`].
    #[serde(rename = "c")]
    pub keys: PrioritySample<i32>,
    /// Codes of the smallest and the largest.
    #[serde(rename = "lo")]
    pub min_code: i32,
    #[serde(rename = "hi")]
    pub max_code: i32,
    #[serde(rename = "v")]
    pub vocabulary: Vocabulary,
    /// While nearly all of them could be times.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    epochs: Option<Box<UnixTimes>>,
}

/// Numbers after which, each time, it is asked whether they still are times.
const TIMES_JUDGED: u64 = 16;

impl NumberShape {
    pub fn observe_int(&mut self, value: i64) {
        self.observe_code(code_of(value as f64), 0);
    }

    pub fn observe_float(&mut self, value: f64) {
        self.floats += 1;
        if value == value.trunc() {
            self.point_zero += 1;
        }
        self.observe_code(code_of(value), decimals_of(value));
    }

    fn observe_code(&mut self, code: i32, decimals: usize) {
        if self.seen == 0 {
            (self.min_code, self.max_code) = (code, code);
        }
        self.seen += 1;
        self.min_code = self.min_code.min(code);
        self.max_code = self.max_code.max(code);
        self.keys.add(keyed(code, decimals), NUMBER_CODES);
    }

    /// Learns one number, observed already, as a time; gives its unix second if it is one.
    /// Zero stands for no time.
    pub fn observe_time(&mut self, value: f64, at_ms: i64) -> Option<i64> {
        if self.epochs.is_none() {
            let epochs = UnixTimes::of(value, at_ms).filter(|_| self.seen <= self.zeros() + 1);
            self.epochs = epochs.map(Box::new);
        }
        let moment = self.epochs.as_mut()?.observe(value, at_ms);
        if self.seen.is_multiple_of(TIMES_JUDGED) && self.epochs().is_none() {
            self.epochs = None;
        }
        moment
    }

    /// The numbers as times, if they are.
    pub fn epochs(&self) -> Option<&UnixTimes> {
        let others = self.seen - self.zeros().min(self.seen);
        self.epochs.as_deref().filter(|epochs| epochs.explain(others))
    }

    fn zeros(&self) -> u64 {
        let zeros = self.keys.weights().filter(|(key, _)| unkeyed(**key).0 == 0);
        zeros.map(|(_, weight)| weight as u64).sum()
    }

    /// Adds another histogram; gives where the values of its vocabulary went.
    pub fn merge(&mut self, other: Self, candidates_max: usize) -> Vec<usize> {
        if other.seen > 0 {
            if self.seen == 0 {
                (self.min_code, self.max_code) = (other.min_code, other.max_code);
            }
            self.min_code = self.min_code.min(other.min_code);
            self.max_code = self.max_code.max(other.max_code);
        }
        match (&mut self.epochs, other.epochs) {
            (Some(own), Some(epochs)) => own.merge(*epochs),
            (own, epochs) if self.seen == 0 => *own = epochs,
            _ => {}
        }
        self.seen += other.seen;
        self.floats += other.floats;
        self.point_zero += other.point_zero;
        self.keys.merge(other.keys, NUMBER_CODES);
        self.vocabulary.merge(other.vocabulary, candidates_max)
    }
}

/// A code and the decimals written in one ordered number: where a number lies and how it is
/// written go together, as in a column of zeros and fractions.
pub fn keyed(code: i32, decimals: usize) -> i32 {
    code * (DECIMALS_MAX as i32 + 1) + decimals.min(DECIMALS_MAX) as i32
}

/// The code and the decimals of a key.
pub fn unkeyed(key: i32) -> (i32, usize) {
    let slots = DECIMALS_MAX as i32 + 1;
    (key.div_euclid(slots), key.rem_euclid(slots) as usize)
}

/// Offset that keeps the exponent part of a code positive: the smallest double is about 1e-324.
const EXPONENT_BIAS: i32 = 400;

/// Three significant digits and the exponent in one ordered number; 0 is 0.
pub fn code_of(value: f64) -> i32 {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let magnitude = value.abs();
    // Of a number in the range of integers the logarithm is known without computing one.
    let mut exponent = if (1.0..1e18).contains(&magnitude) {
        (magnitude as u64).ilog10() as i32
    } else {
        magnitude.log10().floor() as i32
    };
    let mut digits = (magnitude / power_of_ten(exponent - 2)).round() as i32;
    if digits >= 1000 {
        digits = 100;
        exponent += 1;
    } else if digits < 100 {
        digits = 100;
    }
    let code = (exponent + EXPONENT_BIAS) * 1000 + digits;
    if value < 0.0 { -code } else { code }
}

/// The middle of a code's bucket and its half width.
pub fn value_of(code: i32) -> (f64, f64) {
    if code == 0 {
        return (0.0, 0.0);
    }
    let exponent = code.abs() / 1000 - EXPONENT_BIAS;
    let unit = power_of_ten(exponent - 2);
    let value = f64::from(code.abs() % 1000) * unit;
    (if code < 0 { -value } else { value }, unit / 2.0)
}

fn power_of_ten(exponent: i32) -> f64 {
    10f64.powi(exponent)
}

fn decimals_of(value: f64) -> usize {
    let mut scaled = value;
    for decimals in 0..DECIMALS_MAX {
        // Relative tolerance: 0.1 + 0.2 is written with sixteen decimals but meant with one.
        if (scaled - scaled.round()).abs() <= scaled.abs() * 1e-13 {
            return decimals;
        }
        scaled *= 10.0;
    }
    DECIMALS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_order_and_three_digits() {
        let values = [-5.0e9, -12.5, -1.0, 0.0, 0.004, 0.63, 1.0, 7.0, 999.0, 1000.0, 4.9e15];
        let codes: Vec<_> = values.iter().map(|v| code_of(*v)).collect();
        assert!(codes.is_sorted(), "{codes:?}");
        for value in values {
            let (middle, half) = value_of(code_of(value));
            assert!((middle - value).abs() <= half.max(1e-12) * 1.001, "{value} {middle} {half}");
        }
        assert_eq!(value_of(code_of(437.0)).0, 437.0);
    }

    #[test]
    fn keys_carry_code_and_decimals() {
        for (code, decimals) in [(0, 0), (-402_123, 3), (402_123, 7)] {
            assert_eq!(unkeyed(keyed(code, decimals)), (code, decimals));
        }
    }

    #[test]
    fn a_long_number_is_not_stored() {
        let mut shape = NumberShape::default();
        shape.observe_int(4_929_123_412_341_234);
        assert!(!serde_json::to_string(&shape).unwrap().contains("49291"));
    }

    #[test]
    fn decimals_are_counted_as_written() {
        assert_eq!([5.0, 0.5, 47.69, 0.001].map(decimals_of), [0, 1, 2, 3]);
    }
}
