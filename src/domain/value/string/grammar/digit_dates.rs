//! Dates and times written as digits alone: `20260927`, `27092026`, `235959`.

/// Forms, a bit each: see [`of`].
pub type DigitDates = u8;

/// Years that dates are of; other rows of digits are numbers.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2199;

/// The forms that some digits are of: year, month, day in each usual order, and hour, minute,
/// second.
pub fn of(digits: &[u8]) -> DigitDates {
    let Ok(text) = std::str::from_utf8(digits) else { return 0 };
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse().ok());
    let form = |bit: DigitDates, is_it: bool| if is_it { bit } else { 0 };
    match digits.len() {
        8 => {
            let is = |year: (usize, usize), month: (usize, usize), day: (usize, usize)| {
                let number = |(from, to)| number(from, to).unwrap_or(0);
                is_date(number(year), number(month), number(day))
            };
            form(1, is((0, 4), (4, 6), (6, 8)))
                | form(2, is((4, 8), (2, 4), (0, 2)))
                | form(4, is((4, 8), (0, 2), (2, 4)))
        }
        6 => {
            let below = |at: usize, end: u32| number(at, at + 2).is_some_and(|n: u32| n < end);
            form(8, below(0, 24) && below(2, 60) && below(4, 60))
        }
        _ => 0,
    }
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    YEARS.contains(&year) && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_of_the_forms_that_they_can_be_read_in() {
        assert_eq!(of(b"20240229"), 1);
        assert_eq!(of(b"20230229"), 0);
        assert_eq!(of(b"27092026"), 2);
        assert_eq!(of(b"09272026"), 4);
        assert_eq!(of(b"235959"), 8);
        assert_eq!(of(b"246000"), 0);
    }
}
