//! Dates and times as text: RFC 3339, its local form, dates, HTTP dates (RFC 9110 5.6.7).

/// Seconds of a day.
pub const DAY_S: i64 = 86_400;

/// A point in time read from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedTimestamp {
    /// Seconds since 1970, UTC (a local time is taken as UTC).
    pub epoch_s: i64,
}

/// Reads any of the formats of this file that carry a date.
pub fn parse(text: &str) -> Option<ParsedTimestamp> {
    if let Some((date, rest)) = split_date(text) {
        let seconds = match rest {
            "" => 0,
            _ => {
                let (time, offset) = split_time(rest.get(1..)?)?;
                time - offset_seconds(offset)?
            }
        };
        return Some(ParsedTimestamp { epoch_s: date * DAY_S + seconds });
    }
    parse_http_date(text)
}

/// RFC 3339 `date-time`, the offset included: `2024-05-31T12:00:00.5+02:00`.
pub fn is_date_time(text: &str) -> bool {
    date_and_time(text).is_some_and(|(separator, offset)| {
        matches!(separator, b'T' | b't') && !offset.is_empty() && offset_seconds(offset).is_some()
    })
}

/// The same without an offset, or with a blank in the place of the `T`.
pub fn is_local_date_time(text: &str) -> bool {
    date_and_time(text).is_some_and(|(separator, offset)| {
        offset.is_empty() || (separator == b' ' && offset_seconds(offset).is_some())
    })
}

/// RFC 3339 `full-date`: `2024-05-31`, an existing day.
pub fn is_date(text: &str) -> bool {
    split_date(text).is_some_and(|(_, rest)| rest.is_empty())
}

/// Bytes at the beginning of a text that are a time of this format: as many as can be.
pub fn leading(text: &str, is: fn(&str) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_digit() {
        const HTTP_DATE_BYTES: usize = 29;
        return text.get(..HTTP_DATE_BYTES).filter(|text| is(text)).map(str::len);
    }
    number(text, 0, 4).filter(|_| bytes.get(4) == Some(&b'-'))?;
    let may_be = |byte: &u8| byte.is_ascii_digit() || b"-:.+TtZz ".contains(byte);
    let longest = bytes.iter().take(LONGEST).take_while(|byte| may_be(byte)).count();
    (DATE_BYTES..=longest).rev().find(|at| text.get(..*at).is_some_and(is))
}

/// `YYYY-MM-DD`, and the same with a time to the nanosecond and an offset.
const DATE_BYTES: usize = 10;
const LONGEST: usize = 35;

/// The preferred form of RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn is_http_date(text: &str) -> bool {
    parse_http_date(text).is_some()
}

/// `HH:MM` or `HH:MM:SS` with an optional fraction, no offset.
pub fn is_time(text: &str) -> bool {
    let hour_minute = text.len() == 5 && split_time(&format!("{text}:00")).is_some();
    hour_minute || (text.len() >= 8 && split_time(text).is_some_and(|t| t.1.is_empty()))
}

/// How a time is written, without when: `T3Z` is `T`, three decimals, `Z`; `D` a date alone,
/// `H` an HTTP date, `5` or `8` the characters of a time of day.
pub fn write_style(text: &str, out: &mut String) {
    use std::fmt::Write;
    if is_http_date(text) {
        out.push('H');
        return;
    }
    let Some((_, rest)) = split_date(text) else {
        let fraction = text.len().saturating_sub(9);
        // Writing to a `String` cannot fail.
        let _ = write!(out, "{}.{fraction}", text.len().min(8));
        return;
    };
    let Some(separator) = rest.chars().next() else {
        out.push('D');
        return;
    };
    let time = rest.get(1..).unwrap_or_default();
    let fraction = time.get(9..).filter(|_| time.as_bytes().get(8) == Some(&b'.'));
    let digits = fraction.map_or(0, |f| f.bytes().take_while(u8::is_ascii_digit).count());
    let offset = split_time(time).map_or("", |t| t.1);
    let _ = write!(out, "{separator}{digits}{offset}");
}

/// Writes a time in a style that [`write_style`] described; `fraction` fills the decimals.
pub fn write_styled(style: &str, epoch_s: i64, fraction: u64, out: &mut Vec<u8>) {
    let digits_end = style.bytes().skip(1).position(|b| !b.is_ascii_digit());
    let digits_end = digits_end.map_or(style.len(), |at| at + 1);
    let decimals: usize =
        style.get(1..digits_end).and_then(|d| d.parse().ok()).unwrap_or(0).min(DECIMALS_MAX);
    let offset = style.get(digits_end..).unwrap_or_default();
    match style.as_bytes().first() {
        Some(b'H') => return write_http_date(epoch_s, out),
        Some(b'D') | None => return write_date(epoch_s, out),
        Some(b'5') => {
            let start = out.len();
            write_clock(epoch_s, out);
            return out.truncate(start + 5);
        }
        Some(b'8') => {
            write_clock(epoch_s, out);
            let decimals = offset.strip_prefix('.').and_then(|d| d.parse().ok()).unwrap_or(0);
            return write_fraction(decimals, fraction, out);
        }
        Some(separator) => {
            let local_s = epoch_s + offset_seconds(offset).unwrap_or(0);
            write_date(local_s, out);
            out.push(*separator);
            write_clock(local_s, out);
        }
    }
    write_fraction(decimals, fraction, out);
    out.extend_from_slice(offset.as_bytes());
}

/// Decimals of a second ever written: a nanosecond.
const DECIMALS_MAX: usize = 9;

fn write_fraction(decimals: usize, mut fraction: u64, out: &mut Vec<u8>) {
    if decimals > 0 {
        out.push(b'.');
        for _ in 0..decimals.min(DECIMALS_MAX) {
            out.push(b'0' + (fraction % 10) as u8);
            fraction /= 10;
        }
    }
}

fn date_and_time(text: &str) -> Option<(u8, &str)> {
    let (_, rest) = split_date(text)?;
    let separator = *rest.as_bytes().first()?;
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    Some((separator, split_time(rest.get(1..)?)?.1))
}

fn number(text: &str, from: usize, to: usize) -> Option<i64> {
    let digits = text.as_bytes().get(from..to)?;
    digits
        .iter()
        .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Days since 1970 and what follows the ten characters of the date.
fn split_date(text: &str) -> Option<(i64, &str)> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(text, 0, 4)?, number(text, 5, 7)?, number(text, 8, 10)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    Some((days_from_civil(year, month, day), text.get(10..)?))
}

/// Seconds of the day and the offset text after `HH:MM:SS[.fraction]`.
fn split_time(text: &str) -> Option<(i64, &str)> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[2] != b':' || bytes[5] != b':' {
        return None;
    }
    let (hour, minute, second) = (number(text, 0, 2)?, number(text, 3, 5)?, number(text, 6, 8)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut rest = text.get(8..)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        rest = fraction.get(digits..)?;
    }
    Some((hour * 3600 + minute * 60 + second, rest))
}

fn offset_seconds(offset: &str) -> Option<i64> {
    let sign = match offset.as_bytes().first() {
        None | Some(b'Z' | b'z') if offset.len() <= 1 => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    if offset.len() != 6 || offset.as_bytes()[3] != b':' {
        return None;
    }
    let (hours, minutes) = (number(offset, 1, 3)?, number(offset, 4, 6)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Reads an HTTP date, in the form that is sent (IMF-fixdate).
pub fn parse_http_date(text: &str) -> Option<ParsedTimestamp> {
    // `Sun, 06 Nov 1994 08:49:37 GMT`
    if text.len() != 29 || !text.ends_with(" GMT") || text.get(3..5)? != ", " {
        return None;
    }
    let month = MONTHS.iter().position(|m| text.get(8..11) == Some(m))? as i64 + 1;
    let (day, year) = (number(text, 5, 7)?, number(text, 12, 16)?);
    let (time, _) = split_time(text.get(17..25)?)?;
    if !WEEKDAYS.contains(&text.get(..3)?) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    Some(ParsedTimestamp { epoch_s: days_from_civil(year, month, day) * DAY_S + time })
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day number, the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted - era * 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

/// The least and the greatest second written: years 0001 to 9999, four digits each.
const EPOCH_S_RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

fn two(value: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]);
}

/// Writes `YYYY-MM-DD`.
pub fn write_date(epoch_s: i64, out: &mut Vec<u8>) {
    let epoch_s = epoch_s.clamp(*EPOCH_S_RANGE.start(), *EPOCH_S_RANGE.end());
    let (year, month, day) = civil_from_days(epoch_s.div_euclid(DAY_S));
    two(year as u32 / 100, out);
    two(year as u32 % 100, out);
    out.push(b'-');
    two(month, out);
    out.push(b'-');
    two(day, out);
}

/// Writes `HH:MM:SS`.
pub fn write_clock(epoch_s: i64, out: &mut Vec<u8>) {
    let second = epoch_s.rem_euclid(DAY_S) as u32;
    two(second / 3600, out);
    out.push(b':');
    two(second / 60 % 60, out);
    out.push(b':');
    two(second % 60, out);
}

/// Writes an HTTP date (RFC 9110 5.6.7).
pub fn write_http_date(epoch_s: i64, out: &mut Vec<u8>) {
    let epoch_s = epoch_s.clamp(*EPOCH_S_RANGE.start(), *EPOCH_S_RANGE.end());
    let days = epoch_s.div_euclid(DAY_S);
    let (year, month, day) = civil_from_days(days);
    out.extend_from_slice(WEEKDAYS[days.rem_euclid(7) as usize].as_bytes());
    out.extend_from_slice(b", ");
    two(day, out);
    out.push(b' ');
    out.extend_from_slice(MONTHS[(month as usize - 1).min(11)].as_bytes());
    out.push(b' ');
    two(year as u32 / 100, out);
    two(year as u32 % 100, out);
    out.push(b' ');
    write_clock(epoch_s, out);
    out.extend_from_slice(b" GMT");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_and_write_back() {
        let check = |text: &str, expected: i64| {
            assert_eq!(parse(text), Some(ParsedTimestamp { epoch_s: expected }), "{text}");
        };
        check("1970-01-01T00:00:00Z", 0);
        check("2024-02-29T12:00:00+02:00", 1_709_200_800);
        check("1969-12-31", -DAY_S);
        check("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777);
        for epoch_s in (-3_000_000_000..4_000_000_000).step_by(86_413_007) {
            let mut out = Vec::new();
            write_date(epoch_s, &mut out);
            out.push(b'T');
            write_clock(epoch_s, &mut out);
            out.push(b'Z');
            check(std::str::from_utf8(&out).unwrap(), epoch_s);
        }
    }

    #[test]
    fn a_style_writes_what_it_described() {
        let check = |text: &str| {
            let (mut style, mut out) = (String::new(), Vec::new());
            write_style(text, &mut style);
            let moment = parse(text).map_or(8 * 3600 + 49 * 60 + 37, |m| m.epoch_s);
            write_styled(&style, moment, 0, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), text, "{style}");
        };
        check("2026-05-15T23:42:22Z");
        check("2026-05-15T23:42:22.000+02:00");
        check("2026-05-15 23:42:22");
        check("2026-05-15");
        check("08:49:37");
        check("08:49");
        check("08:49:37.000");
        check("Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn impossible_dates_are_no_dates() {
        for text in ["2023-02-29", "2024-13-01", "2024-00-10", "2024-01-01T25:00:00Z", "2024-1-1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
