//! Formats of strings: the only place that knows them. One row, one file each.
//!
//! A row says how a format is recognised and drawn, what JSON Schema calls it, what a path segment
//! of it is, and whether it may be kept. Detection, drawing, path segments, privacy, JSON Schema
//! and the laws below read the row; nothing outside this module names a format.
//!
//! To add one: a file with its `ROW`, and a line in the table below. A form of dates and times is
//! read and written in [`timestamp`] besides; dates of digits alone are grammars of strings
//! (`value/string/grammar`), and times that are numbers are `value/time`. Strings of no format are
//! [`Format::Plain`]: known by their character patterns.

pub mod timestamp;

use serde::{Deserialize, Serialize};

use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::sketch::heap_bytes::no_heap;

/// What is known of one format.
pub struct FormatRow {
    /// As shown to people.
    pub name: &'static str,
    /// How JSON Schema says it: by `format`, by `pattern`, or not at all.
    pub schema: SchemaKeyword,
    /// Whether a whole text is of the format. Linear time: asked of every string learned.
    pub detect: fn(&str) -> bool,
    /// Whether its strings are made anew, told in time, or follow learned patterns.
    pub drawing: Drawing,
    /// What it is as a path segment.
    pub segment: SegmentLook,
    /// Whether a string of it may be kept as it was seen.
    pub sensitivity: Sensitivity,
    /// How many bytes at the beginning of a text are of the format, where it is one that other
    /// strings are made of; a word or a number must not go on behind them.
    pub leading: Option<fn(&str) -> Option<usize>>,
    /// Strings that hit this row first.
    pub samples: &'static [&'static str],
    /// Strings that look alike and are something else.
    pub counter_samples: &'static [&'static str],
}

/// What JSON Schema 2020-12 says of all strings of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaKeyword {
    /// The `format` keyword that means the same.
    Format(&'static str),
    /// The `pattern` they all match, where there is no such keyword.
    Pattern(&'static str),
    /// Nothing.
    None,
}

/// How strings of a format are learned and drawn.
#[derive(Debug, Clone, Copy)]
pub enum Drawing {
    /// Nothing of them is learned: they are made anew.
    Made(fn(&mut KeyedRng, &mut Vec<u8>)),
    /// Points in time, written in a layout that is learned (`timestamp`); a time of day has no
    /// date.
    Time {
        /// False for a time of day alone.
        is_dated: bool,
    },
    /// By the character patterns that are learned.
    Pattern(PatternRules),
}

/// What is special about strings that are drawn by their character patterns.
#[derive(Debug, Clone, Copy)]
pub struct PatternRules {
    /// Ends, in bytes, of two leading parts that others may share; 0 for none.
    pub stems: fn(&str) -> [usize; 2],
    /// What stands in their parts is learned (`value::string::grammar`), and so are words that
    /// stand in nearly all of them.
    pub is_structured: bool,
    /// A stand-in for one value has the class of each of its characters.
    pub is_exact: bool,
    /// What they may begin with, where no leading part may be kept: told apart by length.
    pub schemes: &'static [&'static str],
    /// What every one of them begins with, written over the first characters drawn.
    pub head: &'static str,
    /// What stands behind the `@` in place of what was seen.
    pub domain: Option<&'static str>,
}

impl PatternRules {
    /// Nothing is.
    pub const NONE: Self = Self {
        stems: |_| [0, 0],
        is_structured: false,
        is_exact: false,
        schemes: &[],
        head: "",
        domain: None,
    };

    /// Strings of no format: identifiers share what stands before their first and last separator.
    const PLAIN: Self =
        Self { stems: stems_of_plain, is_structured: true, is_exact: true, ..Self::NONE };
}

/// What a string of a format is when it stands in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentLook {
    /// A parameter at first sight: no API would name a resource so.
    Parameter,
    /// It cannot stand in one segment.
    OfNoSegment,
}

/// Whether strings of a format may be kept as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// What stands in them decides (`privacy`).
    Judged,
    /// Never: they name a person. A name beside one is a person's, too.
    Personal,
    /// Never: they open doors.
    Secret,
}

/// One line a format: variant, the number it is hashed by (never changed, never used again), file.
/// The most specific first: the first row that accepts a string gives its format.
macro_rules! formats {
    ($($format:ident = $code:literal => $module:ident,)*) => {
        $(pub mod $module;)*

        /// What a string is.
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize,
            Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Format {
            $(
                #[doc = concat!("What [`", stringify!($module), "::ROW`] detects first.")]
                $format = $code,
            )*
            /// No known format; also what an unknown name reads back as.
            #[default]
            #[serde(other)]
            Plain = 12,
        }

        /// The table, most specific first.
        pub const FORMATS: &[(Format, &FormatRow)] = &[$((Format::$format, &$module::ROW),)*];
    };
}

formats! {
    Uuid = 0 => uuid,
    DateTime = 1 => date_time,
    LocalDateTime = 2 => local_date_time,
    Date = 3 => full_date,
    HttpDate = 4 => http_date,
    Time = 5 => time_of_day,
    Ipv4 = 6 => ipv4,
    Ipv6 = 7 => ipv6,
    Email = 8 => email,
    Uri = 9 => uri,
    Jwt = 11 => jwt,
    Ulid = 10 => ulid,
    Phone = 13 => phone,
}

no_heap!(Format);

impl Format {
    /// How its strings are learned and drawn.
    pub fn drawing(self) -> Drawing {
        row(self).map_or(Drawing::Pattern(PatternRules::PLAIN), |row| row.drawing)
    }

    /// Whether its strings are known by their character patterns.
    pub fn has_patterns(self) -> bool {
        matches!(self.drawing(), Drawing::Pattern(_))
    }
}

/// The first row that accepts the text.
pub fn detect(text: &str) -> Format {
    // No format is shorter, and none begins with a blank or most punctuation.
    let starts = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'+' | b'#' | b'/');
    if text.len() < 3 || !text.as_bytes().first().is_some_and(starts) {
        return Format::Plain;
    }
    FORMATS.iter().find(|(_, row)| (row.detect)(text)).map_or(Format::Plain, |row| row.0)
}

/// The format that a text begins with, and how many bytes of it are of that format.
pub fn leading(text: &str) -> Option<(Format, usize)> {
    // The shortest is a date, and all begin with a digit, a letter of hexadecimals or a weekday.
    if text.len() < SHORTEST_LEADING || !text.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let ends = |at: usize| !text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
    FORMATS.iter().find_map(|(format, row)| {
        let length = row.leading.and_then(|leading| leading(text)).filter(|at| ends(*at))?;
        Some((*format, length))
    })
}

/// Bytes of the shortest format that others are made of.
const SHORTEST_LEADING: usize = 10;

/// The row of a format; `None` for plain strings.
pub fn row(format: Format) -> Option<&'static FormatRow> {
    FORMATS.iter().find(|(known, _)| *known == format).map(|(_, row)| *row)
}

/// The format that people call by this name.
pub fn named(name: &str) -> Option<Format> {
    FORMATS.iter().find(|(_, row)| row.name == name).map(|(format, _)| *format)
}

/// Seconds back from now within which a made-up time lies: a quarter of a year.
const MADE_UP_WITHIN_S: u32 = 90 * 24 * 3600;

/// A string of the format that nobody ever sent; `now_s` in Unix seconds.
pub fn make_up(format: Format, rng: &mut KeyedRng, now_s: i64) -> String {
    let Some(row) = row(format) else { return String::new() };
    let sample = row.samples.first().copied().unwrap_or_default();
    let mut out = Vec::new();
    match row.drawing {
        Drawing::Made(make) => make(rng, &mut out),
        Drawing::Time { .. } => {
            let mut style = String::new();
            timestamp::write_style(sample, &mut style);
            let at_s = now_s - i64::from(rng.below(MADE_UP_WITHIN_S));
            timestamp::write_styled(&style, at_s, rng.word() >> 32, &mut out);
        }
        Drawing::Pattern(rules) => {
            let scrambled = scrambled(sample, rules.domain, rng);
            let is_same = detect(&scrambled) == format;
            out = if is_same { scrambled.into_bytes() } else { sample.as_bytes().to_vec() };
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A sample with other letters and digits: before the `@` where there is one, else behind the last
/// slash and the first three characters, which often say what it is.
fn scrambled(sample: &str, domain: Option<&str>, rng: &mut KeyedRng) -> String {
    let (head, domain) = match sample.split_once('@') {
        Some((head, own)) => (head, Some(domain.unwrap_or(own))),
        None => (sample, None),
    };
    let kept = if domain.is_some() { 0 } else { sample.rfind('/').map_or(3, |at| at + 1) };
    let mut other = |(at, letter): (usize, char)| match letter {
        _ if at < kept => letter,
        'a'..='z' => char::from(b'a' + rng.below(26) as u8),
        'A'..='Z' => char::from(b'A' + rng.below(26) as u8),
        '0'..='9' => char::from(b'0' + rng.below(10) as u8),
        _ => letter,
    };
    let mut text: String = head.char_indices().map(&mut other).collect();
    if let Some(domain) = domain {
        text.push('@');
        text.push_str(domain);
    }
    text
}

/// Does a text of this kind open something, whatever stands in it?
pub fn is_secret(text: &str) -> bool {
    FORMATS.iter().any(|(_, row)| row.sensitivity == Sensitivity::Secret && (row.detect)(text))
}

/// May no text of this kind be kept, whatever stands in it?
pub fn is_withheld(text: &str) -> bool {
    FORMATS.iter().any(|(_, row)| row.sensitivity != Sensitivity::Judged && (row.detect)(text))
}

/// Is the text a parameter where it stands in a path?
pub fn is_parameter(text: &str) -> bool {
    row(detect(text)).is_some_and(|row| row.segment == SegmentLook::Parameter)
}

/// First and last separator of an identifier.
fn stems_of_plain(text: &str) -> [usize; 2] {
    if text.contains(char::is_whitespace) {
        return [0, 0];
    }
    let separator = |c: char| matches!(c, '_' | ':' | '-' | '.' | '/' | '|' | '#');
    let first = text.find(separator).map_or(0, |at| at + 1);
    let last = text.rfind(separator).map_or(0, |at| at + 1);
    [first, if last > first { last } else { 0 }]
}

#[cfg(test)]
mod tests;
