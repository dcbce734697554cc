//! A string cut into parts, coarse cuts first: fields, tokens, runs.

use crate::domain::formats;
use crate::domain::formats::Format;

/// How a string is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// At blanks and the punctuation of addresses and lists.
    Fields,
    /// At points, where words with hyphens stand between them, as in the name of a host.
    Labels,
    /// At hyphens, underscores and points.
    Tokens,
    /// Between letters of one case, words with a capital, and digits.
    Runs,
}

impl Cut {
    /// The cut of what this one leaves.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Fields => Some(Self::Labels),
            Self::Labels => Some(Self::Tokens),
            Self::Tokens => Some(Self::Runs),
            Self::Runs => None,
        }
    }
}

/// One part of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'t> {
    /// Punctuation, which belongs to the skeleton.
    Mark(char),
    /// Something to learn.
    Text(&'t str),
    /// Something of a format of its own.
    Known(Format, &'t str),
}

/// What stands in a skeleton for a text, and what for something of a known format, the number of
/// which is added.
pub const TEXT: char = '\u{1}';
const KNOWN: u32 = 0xE000;

/// What stands in a skeleton for a word with a capital.
pub const TITLE: char = 'C';

/// What stands in a skeleton of runs for a unit, to which the letter is added.
const UNIT: u32 = 0xF000;

/// The parts of a text.
pub fn parts(text: &str, cut: Cut) -> smallvec::SmallVec<[Part<'_>; 12]> {
    let mut parts = smallvec::SmallVec::new();
    let mut at = 0;
    if cut == Cut::Fields && is_payload(text) {
        let body = text.trim_end_matches('=');
        parts.push(Part::Text(body));
        parts.extend(text.chars().skip(body.len()).map(Part::Mark));
        return parts;
    }
    if cut == Cut::Labels && !has_labels(text) {
        parts.push(Part::Text(text));
        return parts;
    }
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let part = match cut {
            Cut::Fields => field(text, at, rest),
            Cut::Labels => punctuated(rest, |byte| byte == b'.'),
            Cut::Tokens => punctuated(rest, is_separator),
            Cut::Runs => run(text, at, rest),
        };
        at += match part {
            Part::Mark(mark) => mark.len_utf8(),
            Part::Text(text) | Part::Known(_, text) => text.len(),
        };
        parts.push(part);
    }
    parts
}

/// Writes the skeleton of parts: marks as they are. Runs show their class.
pub fn write_skeleton(parts: &[Part<'_>], cut: Cut, out: &mut String) {
    for part in parts {
        out.push(match part {
            Part::Mark(unit) if cut == Cut::Runs => {
                char::from_u32(UNIT + u32::from(*unit)).unwrap_or(*unit)
            }
            Part::Mark(mark) => *mark,
            Part::Known(format, _) => char::from_u32(KNOWN + *format as u32).unwrap_or(TEXT),
            Part::Text(text) if cut == Cut::Runs => class(text),
            Part::Text(_) => TEXT,
        });
    }
}

/// What the parts of a skeleton are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitPlace {
    /// What stands there in every text of the skeleton: punctuation, or the unit beside a number.
    Mark(char),
    /// A part that is learned and drawn, of a known format or not.
    Text,
}

/// Reads a skeleton that [`write_skeleton`] wrote.
pub fn places(skeleton: &str, cut: Cut) -> impl Iterator<Item = SplitPlace> {
    skeleton.chars().map(move |symbol| {
        let is_known = (KNOWN..KNOWN + 0x100).contains(&u32::from(symbol));
        let unit = u32::from(symbol).checked_sub(UNIT).and_then(char::from_u32);
        if let Some(unit) = unit.filter(|unit| cut == Cut::Runs && unit.is_ascii()) {
            SplitPlace::Mark(unit)
        } else if symbol == TEXT || is_known || cut == Cut::Runs {
            SplitPlace::Text
        } else {
            SplitPlace::Mark(symbol)
        }
    })
}

/// Shortest base64 (RFC 4648 section 4) that is told from words and paths, bytes.
const PAYLOAD_BYTES_MIN: usize = 20;

/// Is a text base64 with `+`, `/` or padding in it? Then these are no punctuation.
fn is_payload(text: &str) -> bool {
    let bytes = text.as_bytes();
    let body = text.trim_end_matches('=').as_bytes();
    let class = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let changes = body.windows(2).filter(|two| class(&two[0]) != class(&two[1])).count();
    bytes.len() >= PAYLOAD_BYTES_MIN
        && bytes.len().is_multiple_of(4)
        && bytes.len() - body.len() <= 2
        && body.iter().all(in_alphabet)
        // Of random characters, seven in ten neighbours differ in kind; in paths, one in five.
        && changes * 2 >= body.len()
}

/// Is a text three labels and more, one of them made of words?
fn has_labels(text: &str) -> bool {
    let is_of_words = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphabetic()) && label.contains(['-', '_'])
    };
    text.bytes().filter(|byte| *byte == b'.').count() > 1 && text.split('.').any(is_of_words)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.')
}

fn is_field(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || is_separator(byte) || !byte.is_ascii()
}

fn field<'t>(text: &'t str, at: usize, rest: &'t str) -> Part<'t> {
    // Within a word or a number nothing of another format begins.
    let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
    if !before.is_some_and(u8::is_ascii_alphanumeric)
        && let Some((format, length)) = formats::leading(rest)
        && let Some(known) = rest.get(..length)
    {
        return Part::Known(format, known);
    }
    let length = rest.bytes().take_while(|byte| is_field(*byte)).count();
    // A known format may begin behind a separator: `Snapshot_2024-11-25`.
    let begins = |at: &usize| {
        rest.as_bytes().get(at - 1).is_some_and(|byte| is_separator(*byte))
            && rest.get(*at..).is_some_and(|rest| formats::leading(rest).is_some())
    };
    let end = (1..length).find(begins).unwrap_or(length);
    mark_or_text(rest, end)
}

fn punctuated(rest: &str, is_mark: impl Fn(u8) -> bool) -> Part<'_> {
    mark_or_text(rest, rest.bytes().take_while(|byte| !is_mark(*byte)).count())
}

fn mark_or_text(rest: &str, length: usize) -> Part<'_> {
    match (length, rest.chars().next()) {
        (0, Some(mark)) => Part::Mark(mark),
        _ => Part::Text(rest.get(..length).unwrap_or(rest)),
    }
}

/// The class of a run: digits, lower case, upper case, a word with a capital, anything else.
fn class(run: &str) -> char {
    let mut bytes = run.bytes();
    match (bytes.next(), bytes.next()) {
        (Some(first), _) if first.is_ascii_digit() => 'd',
        (Some(first), _) if first.is_ascii_lowercase() => 'a',
        (Some(first), Some(second))
            if first.is_ascii_uppercase() && second.is_ascii_lowercase() =>
        {
            TITLE
        }
        (Some(first), _) if first.is_ascii_uppercase() => 'A',
        _ => '?',
    }
}

/// One letter behind digits is their unit, as in `PT2H45M`, and belongs to the skeleton.
fn run<'t>(text: &str, at: usize, rest: &'t str) -> Part<'t> {
    let bytes = rest.as_bytes();
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let is_behind = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
    if is_behind.is_some_and(u8::is_ascii_digit)
        && is_letter(bytes.first())
        && !is_letter(bytes.get(1))
        && let Some(unit) = rest.chars().next()
    {
        return Part::Mark(unit);
    }
    let count = |from: usize, belongs: fn(&u8) -> bool| {
        bytes.iter().skip(from).take_while(|byte| belongs(byte)).count()
    };
    let length = match bytes.first() {
        Some(byte) if byte.is_ascii_digit() => count(0, u8::is_ascii_digit),
        Some(byte) if byte.is_ascii_lowercase() => count(0, u8::is_ascii_lowercase),
        Some(byte) if byte.is_ascii_uppercase() => {
            let upper = count(0, u8::is_ascii_uppercase);
            let lower = count(upper, u8::is_ascii_lowercase);
            match (upper, lower) {
                (_, 0) => upper,
                (1, lower) => 1 + lower,
                // The last capital belongs to the word behind an acronym: `IDToken`.
                (upper, _) => upper - 1,
            }
        }
        _ => bytes.len(),
    };
    Part::Text(rest.get(..length).unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, cut: Cut, expected: &str) {
        let parts = parts(text, cut);
        let shown = parts.iter().map(|part| match part {
            Part::Mark(mark) => mark.to_string(),
            Part::Text(text) => format!("<{text}>"),
            Part::Known(format, _) => format!("[{format:?}]"),
        });
        assert_eq!(shown.collect::<String>(), expected, "{text}");
    }

    #[test]
    fn strings_are_cut_at_their_punctuation() {
        check("arn:aws:us-east-1:/a", Cut::Fields, "<arn>:<aws>:<us-east-1>:/<a>");
        check("us-east-1", Cut::Tokens, "<us>-<east>-<1>");
        check("-a.b", Cut::Tokens, "-<a>.<b>");
        check("vendorTerms75", Cut::Runs, "<vendor><Terms><75>");
        check("web-1.eu-west.example", Cut::Labels, "<web-1>.<eu-west>.<example>");
        check("1.2.0-rc.1", Cut::Labels, "<1.2.0-rc.1>");
        check("IDToken", Cut::Runs, "<ID><Token>");
        check("PT2H", Cut::Runs, "<PT><2>H");
    }

    #[test]
    fn what_has_a_format_of_its_own_is_one_part() {
        let uuid = "c72590bd-afc9-48db-a426-0aafe9b99291";
        check(&format!("{{{uuid}}}"), Cut::Fields, "{[Uuid]}");
        check(&format!("step-{uuid}"), Cut::Fields, "<step->[Uuid]");
        check("Snapshot_2024-11-25T23:06:55.72Z", Cut::Fields, "<Snapshot_>[DateTime]");
        check("2024-11-25 - 2025-01-01", Cut::Fields, "[Date] <-> [Date]");
    }
}
