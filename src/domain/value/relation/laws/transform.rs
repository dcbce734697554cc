//! What can be made of one value: another case, a slug, a part, the year of a date.

use serde::{Deserialize, Serialize};

use crate::domain::formats::timestamp;
use crate::domain::formats::timestamp::DAY_S;
use crate::domain::value::relation::laws::column::Scalar;

/// A text made of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// As it is written.
    Same,
    /// All letters in lower case (Unicode).
    Lower,
    /// All letters in upper case (Unicode).
    Upper,
    /// Lower-case words joined by hyphens, accents of Latin-1 left out.
    Slug,
    /// Lower-case words joined by underscores.
    Snake,
    /// Lower-case words joined by points, as mailboxes have them.
    Dotted,
    /// Its first word in lower case, where there are several.
    FirstWord,
    /// Its last word in lower case, where there are several.
    LastWord,
    /// Lower-case letters and digits alone.
    Squash,
    /// The first letters of its words, as capitals.
    Initials,
    /// The first letter, in lower case.
    FirstLower,
    /// The first letter, as a capital.
    FirstUpper,
    /// The first three letters as capitals; only of ASCII letters.
    Code,
    /// So many characters of the beginning.
    Head(u8),
    /// So many characters of the end.
    Tail(u8),
    /// What stands at a place between separators.
    Part(char, u8),
    /// Behind the last separator.
    LastPart(char),
    /// So many digits behind the point.
    Fixed(u8),
    /// Zeros in front up to so many digits.
    Padded(u8),
    /// Hundredths as a number with two digits behind the point: cents.
    Hundredths,
    /// Seconds as minutes and seconds: `3:07`.
    Minutes,
    /// Seconds as hours, minutes and seconds, the hours padded or not: `0:03:07`.
    Hours(u8),
    /// At least four hexadecimal digits, as in `U+00E9`.
    Hexadecimal,
    /// The character with this number.
    Character,
    /// The letters of a country as regional indicators (Unicode TR 51).
    Flag,
    /// Of a time: see [`DatePart`].
    Date(DatePart),
}

/// What is taken of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// `2026-03-09`, UTC.
    Date,
    /// `07:05:00`, UTC.
    Clock,
    /// `2026-03-09T07:05:00Z`.
    DateTime,
    /// `Mon, 09 Mar 2026 07:05:00 GMT` (RFC 9110, section 5.6.7).
    HttpDate,
    /// `2026`.
    Year,
    /// `3`.
    Month,
    /// `03`.
    PaddedMonth,
    /// `09`.
    PaddedDay,
    /// `9`.
    Day,
    /// `Mar`.
    ShortMonth,
    /// `March`.
    LongMonth,
    /// `2026-03`.
    YearMonth,
    /// `202603`.
    CompactYearMonth,
    /// `20260309`.
    CompactDate,
    /// `Q1`.
    Quarter,
    /// `Monday`.
    Weekday,
    /// `Mon`.
    ShortWeekday,
    /// Unix seconds.
    Seconds,
    /// Unix milliseconds.
    Milliseconds,
}

/// What is tried of a text, the plainest first.
const OF_TEXT: &[Transform] = &[
    Transform::Same,
    Transform::Lower,
    Transform::Upper,
    Transform::Slug,
    Transform::Snake,
    Transform::Dotted,
    Transform::FirstWord,
    Transform::LastWord,
    Transform::Squash,
    Transform::Initials,
    Transform::FirstLower,
    Transform::FirstUpper,
    Transform::Code,
    Transform::Flag,
];

const OF_NUMBER: &[Transform] = &[
    Transform::Same,
    Transform::Fixed(1),
    Transform::Fixed(2),
    Transform::Hundredths,
    Transform::Padded(2),
    Transform::Padded(3),
    Transform::Padded(4),
    Transform::Padded(5),
    Transform::Padded(6),
    Transform::Tail(2),
    Transform::Minutes,
    Transform::Hours(1),
    Transform::Hours(2),
    Transform::Hexadecimal,
    Transform::Character,
];

const OF_TIME: &[Transform] = &[
    Transform::Date(DatePart::DateTime),
    Transform::Date(DatePart::HttpDate),
    Transform::Date(DatePart::Date),
    Transform::Date(DatePart::Clock),
    Transform::Date(DatePart::CompactDate),
    Transform::Date(DatePart::Quarter),
    Transform::Date(DatePart::YearMonth),
    Transform::Date(DatePart::CompactYearMonth),
    Transform::Date(DatePart::Weekday),
    Transform::Date(DatePart::ShortWeekday),
    Transform::Date(DatePart::Year),
    Transform::Date(DatePart::Month),
    Transform::Date(DatePart::PaddedMonth),
    Transform::Date(DatePart::PaddedDay),
    Transform::Date(DatePart::LongMonth),
    Transform::Date(DatePart::ShortMonth),
    Transform::Date(DatePart::Day),
    Transform::Date(DatePart::Seconds),
    Transform::Date(DatePart::Milliseconds),
];

const WEEKDAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What is tried of a value.
pub fn candidates(value: &Scalar<'_>) -> impl Iterator<Item = Transform> {
    let (plain, time): (&[Transform], &[Transform]) = match value {
        Scalar::Text(_) if value.moment().is_some() => (&[Transform::Same], OF_TIME),
        Scalar::Text(_) => (OF_TEXT, &[]),
        Scalar::Int(number) if is_unix_time(*number) => (&[Transform::Same], OF_TIME),
        Scalar::Int(_) | Scalar::Float(_) => (OF_NUMBER, &[]),
        Scalar::Bool(_) => (&[], &[]),
    };
    plain.iter().chain(time).copied()
}

/// Seconds or milliseconds between 2001 and 2033.
fn is_unix_time(number: i64) -> bool {
    (1_000_000_000..2_000_000_000).contains(&number)
        || (1_000_000_000_000..2_000_000_000_000).contains(&number)
}

/// Is it a time, as text or number?
pub fn is_moment(value: &Scalar<'_>) -> bool {
    match value {
        Scalar::Int(number) => is_unix_time(*number),
        value => value.moment().is_some(),
    }
}

/// The unix second of a time, as text or number.
pub fn moment(value: &Scalar<'_>) -> Option<i64> {
    match value {
        Scalar::Int(number) if *number >= 1_000_000_000_000 => Some(number.div_euclid(1000)),
        Scalar::Int(number) => Some(*number),
        value => value.moment(),
    }
}

impl Transform {
    /// What this makes of a value; `None` where it does not apply, or nothing would be left.
    pub fn apply(self, value: &Scalar<'_>) -> Option<String> {
        let text = value.text();
        let made = match self {
            Self::Same => text.into_owned(),
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Slug => words_joined(&text, "-"),
            Self::Snake => words_joined(&text, "_"),
            Self::Dotted => words_joined(&text, "."),
            Self::FirstWord => words_joined(text.split_once(' ')?.0, ""),
            Self::LastWord => words_joined(text.rsplit_once(' ')?.1, ""),
            Self::Squash => words_joined(&text, ""),
            Self::Initials => initials(&text),
            Self::FirstLower => text.chars().next()?.to_lowercase().collect(),
            Self::FirstUpper => text.chars().next()?.to_uppercase().collect(),
            Self::Code => {
                let code = text.get(..3)?;
                code.bytes().all(|byte| byte.is_ascii_alphabetic()).then_some(())?;
                code.to_uppercase()
            }
            Self::Head(count) => text.chars().take(usize::from(count)).collect(),
            Self::Tail(count) => {
                let from = text.chars().count().checked_sub(usize::from(count))?;
                text.chars().skip(from).collect()
            }
            Self::Part(separator, at) => text.split(separator).nth(usize::from(at))?.to_owned(),
            Self::LastPart(separator) => text.rsplit_once(separator)?.1.to_owned(),
            Self::Fixed(digits) => format!("{:.*}", usize::from(digits), value.number()?),
            Self::Padded(digits) => format!("{:0>1$}", whole(value)?, usize::from(digits)),
            Self::Hundredths => {
                let whole = whole(value)?;
                format!("{}.{:02}", whole / 100, whole % 100)
            }
            Self::Minutes => {
                let whole = whole(value)?;
                format!("{}:{:02}", whole / 60, whole % 60)
            }
            Self::Hours(digits) => {
                let (whole, digits) = (whole(value)?, usize::from(digits));
                format!("{:0digits$}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
            }
            Self::Hexadecimal => format!("{:04X}", whole(value)?),
            Self::Character => char::from_u32(u32::try_from(whole(value)?).ok()?)?.to_string(),
            Self::Flag => flag(&text)?,
            Self::Date(part) => part.of(moment(value)?),
        };
        (!made.is_empty()).then_some(made)
    }
}

fn whole(value: &Scalar<'_>) -> Option<i64> {
    match value {
        Scalar::Int(number) => Some(*number).filter(|number| *number >= 0),
        _ => None,
    }
}

/// The words of a text in lower case, as slugs have them: without accents where they are letters
/// of Latin-1.
fn words_joined(text: &str, between: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_apart = false;
    for symbol in text.chars().map(without_accent).flat_map(char::to_lowercase) {
        if symbol.is_ascii_alphanumeric() {
            if is_apart && !out.is_empty() {
                out.push_str(between);
            }
            is_apart = false;
            out.push(symbol);
        } else if symbol.is_ascii() {
            is_apart = true;
        }
    }
    out
}

fn without_accent(symbol: char) -> char {
    match symbol {
        'à'..='å' | 'À'..='Å' => 'a',
        'è'..='ë' | 'È'..='Ë' => 'e',
        'ì'..='ï' | 'Ì'..='Ï' => 'i',
        'ò'..='ö' | 'Ò'..='Ö' => 'o',
        'ù'..='ü' | 'Ù'..='Ü' => 'u',
        'ç' | 'Ç' => 'c',
        'ñ' | 'Ñ' => 'n',
        'ý' | 'ÿ' | 'Ý' => 'y',
        symbol => symbol,
    }
}

fn initials(text: &str) -> String {
    let words = text.split_whitespace().filter_map(|word| word.chars().next());
    words.flat_map(char::to_uppercase).collect()
}

fn flag(text: &str) -> Option<String> {
    let letters = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    letters.then(|| {
        let indicator = |byte: u8| char::from_u32(0x1F1E6 + u32::from(byte - b'A'));
        text.bytes().filter_map(indicator).collect()
    })
}

impl DatePart {
    fn of(self, epoch_s: i64) -> String {
        let mut date = Vec::with_capacity(32);
        timestamp::write_date(epoch_s, &mut date);
        let mut clock = Vec::with_capacity(8);
        timestamp::write_clock(epoch_s, &mut clock);
        let (date, clock) = (text_of(date), text_of(clock));
        let year = date.get(..4).unwrap_or_default();
        let month = date.get(5..7).unwrap_or_default();
        let number: u32 = month.parse().unwrap_or(1);
        let at = (number as usize).saturating_sub(1);
        let long_month = MONTHS.get(at).copied().unwrap_or_default();
        let weekday = WEEKDAYS
            .get(epoch_s.div_euclid(DAY_S).rem_euclid(7) as usize)
            .copied()
            .unwrap_or_default();
        match self {
            Self::DateTime => format!("{date}T{clock}Z"),
            Self::HttpDate => {
                let mut out = Vec::with_capacity(29);
                timestamp::write_http_date(epoch_s, &mut out);
                text_of(out)
            }
            Self::Year => year.to_owned(),
            Self::Month => number.to_string(),
            Self::PaddedMonth => month.to_owned(),
            Self::PaddedDay => date.get(8..10).unwrap_or_default().to_owned(),
            Self::Day => date.get(8..10).unwrap_or_default().trim_start_matches('0').to_owned(),
            Self::LongMonth => long_month.to_owned(),
            Self::ShortMonth => long_month.get(..3).unwrap_or_default().to_owned(),
            Self::YearMonth => date.get(..7).unwrap_or_default().to_owned(),
            Self::CompactYearMonth => format!("{year}{month}"),
            Self::CompactDate => date.replace('-', ""),
            Self::Quarter => format!("Q{}", number.div_ceil(3)),
            Self::Weekday => weekday.to_owned(),
            Self::ShortWeekday => weekday.get(..3).unwrap_or_default().to_owned(),
            Self::Seconds => epoch_s.to_string(),
            Self::Milliseconds => epoch_s.saturating_mul(1000).to_string(),
            Self::Date => date,
            Self::Clock => clock,
        }
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}
