//! Numbers by their first three digits: where one lies to within half a percent, and no more.
//!
//! The digits that would identify an account, a phone or a card are never stored. Small integers
//! are exact, as they carry no more than three digits.

use super::priority_sample::SampleBounds;

/// Codes of a histogram: enough for quantiles within one percent, small enough to store per field.
pub const NUMBER_CODES: SampleBounds = SampleBounds { entries_max: 128, bytes_max: 4096 };

/// Decimals told apart; more are written as the shortest form that reads back.
pub const DECIMALS_MAX: usize = 7;

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

/// Digits behind the point that the value is meant with, at most [`DECIMALS_MAX`].
pub fn decimals_of(value: f64) -> usize {
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
    fn decimals_are_counted_as_written() {
        assert_eq!([5.0, 0.5, 47.69, 0.001].map(decimals_of), [0, 1, 2, 3]);
    }
}
