//! A learned grammar as a regular expression, for JSON Schema's `pattern`.
//!
//! Neither too loose nor too tight: words are written out only where they look complete, lengths
//! get head room where they vary.

use std::fmt::Write;

use crate::domain::formats::Drawing;
use crate::domain::value::string::grammar::alphabets::Alphabets;
use crate::domain::value::string::grammar::char_set::CharSet;
use crate::domain::value::string::grammar::characters::Characters;
use crate::domain::value::string::grammar::cut;
use crate::domain::value::string::grammar::cut::{Cut, SplitPlace};
use crate::domain::value::string::grammar::grammar_node::{Nature, nature};
use crate::domain::value::string::grammar::segment::{KnownModel, SegmentModel, ShapeModel};

/// Strings seen before a grammar is demanded.
const SEEN_MIN: u32 = 20;

/// Sightings of each word of a list that looks complete.
const SEEN_PER_WORD: u64 = 3;

/// Longest expression written, bytes: what is longer says no more than the characters do.
const BYTES_MAX: usize = 2048;

/// Chance of a shape not seen yet up to which the shapes look complete, percent.
const UNSEEN_SHAPES_PERCENT: usize = 4;

/// The expression that all strings of a position match; `None` where nothing is sure enough.
pub fn pattern(segment: &SegmentModel) -> Option<String> {
    if segment.seen < SEEN_MIN {
        return None;
    }
    let mut out = String::from("^");
    write(segment, &mut out);
    out.push('$');
    (out.len() <= BYTES_MAX).then_some(out)
}

fn write(segment: &SegmentModel, out: &mut String) {
    if let Some(known) = &segment.known {
        return write_known(known, &segment.characters, out);
    }
    if is_complete(segment) {
        return write_words(segment, out);
    }
    let nature = nature(segment);
    let has_shapes = !segment.shapes.is_empty() && segment.unshaped == 0 && are_complete(segment);
    if has_shapes && nature != Nature::Characters {
        write_shapes(&segment.shapes, out);
    } else {
        write_characters(&segment.characters, out);
    }
}

fn is_complete(segment: &SegmentModel) -> bool {
    let words = &segment.words;
    let each = SEEN_PER_WORD * words.candidates().len() as u64;
    !words.is_open()
        && words.total() >= each.max(u64::from(SEEN_MIN))
        && words.unseen_share() == 0.0
        && words.candidates().iter().all(|word| word.text.is_some())
}

/// By Good and Turing: shapes seen once over all texts.
fn are_complete(segment: &SegmentModel) -> bool {
    let once = segment.shapes.iter().filter(|shape| shape.seen == 1).count();
    once * 100 <= segment.seen as usize * UNSEEN_SHAPES_PERCENT
}

fn write_words(segment: &SegmentModel, out: &mut String) {
    let words = segment.words.candidates().iter().filter_map(|word| word.text.as_deref());
    let mut words: Vec<&str> = words.collect();
    words.sort_unstable();
    either(&words, |word, out| word.chars().for_each(|symbol| write_char(symbol, out)), out);
}

fn write_shapes(shapes: &[ShapeModel], out: &mut String) {
    let mut sorted: Vec<&ShapeModel> = shapes.iter().collect();
    sorted.sort_unstable_by(|a, b| a.skeleton.cmp(&b.skeleton));
    either(&sorted, |shape, out| write_shape(shape, out), out);
}

fn either<T>(all: &[T], write: impl Fn(&T, &mut String), out: &mut String) {
    if let [only] = all {
        return write(only, out);
    }
    out.push_str("(?:");
    for (at, one) in all.iter().enumerate() {
        if at > 0 {
            out.push('|');
        }
        write(one, out);
    }
    out.push(')');
}

fn write_shape(shape: &ShapeModel, out: &mut String) {
    let mut parts = shape.parts.iter();
    let cut: Cut = shape.cut.into();
    for place in cut::places(&shape.skeleton, cut) {
        match place {
            SplitPlace::Mark(mark) => write_char(mark, out),
            SplitPlace::Text => {
                if let Some(part) = parts.next() {
                    write(part, out);
                }
            }
        }
    }
}

fn write_known(known: &KnownModel, characters: &Characters, out: &mut String) {
    match known.format.drawing() {
        Drawing::Time { .. } => {
            let mut styles: Vec<&str> = known.styles.keys().map(|style| &**style).collect();
            styles.sort_unstable();
            let mut written: Vec<String> = styles.iter().map(|style| time_pattern(style)).collect();
            written.sort_unstable();
            written.dedup();
            either(&written, |one, out| out.push_str(one), out);
        }
        Drawing::Made(make) => {
            // What all strings of the format have in common shows in one of them.
            let mut sample = Vec::new();
            make(&mut crate::domain::random::keyed_rng::KeyedRng::new(0), &mut sample);
            let is_lower = characters.all.bytes().any(|byte| byte.is_ascii_lowercase());
            let is_upper = characters.all.bytes().any(|byte| byte.is_ascii_uppercase());
            let class = match (is_lower, is_upper) {
                (_, false) => "[0-9a-z]",
                (false, true) => "[0-9A-Z]",
                (true, true) => "[0-9A-Za-z]",
            };
            for run in
                sample.chunk_by(|a, b| a.is_ascii_alphanumeric() == b.is_ascii_alphanumeric())
            {
                match run.first() {
                    Some(byte) if byte.is_ascii_alphanumeric() => {
                        // Writing to a `String` cannot fail.
                        let _ = write!(out, "{class}{{{}}}", run.len());
                    }
                    _ => run.iter().for_each(|byte| write_char(char::from(*byte), out)),
                }
            }
        }
        Drawing::Pattern(_) => write_characters(characters, out),
    }
}

/// What a time written in this style looks like: one is written, and its digits may be any.
pub fn time_pattern(style: &str) -> String {
    let mut sample = Vec::new();
    crate::domain::formats::timestamp::write_styled(style, 1_790_000_000, 0, &mut sample);
    let mut out = String::new();
    for run in sample.chunk_by(|a, b| class(*a) == class(*b) && class(*a) != 3) {
        let range = match run.first().map_or(3, |byte| class(*byte)) {
            0 => "[0-9]",
            1 => "[a-z]",
            2 => "[A-Z]",
            _ => {
                run.iter().for_each(|byte| write_char(char::from(*byte), &mut out));
                continue;
            }
        };
        // Writing to a `String` cannot fail.
        let _ = match run.len() {
            1 => write!(out, "{range}"),
            length => write!(out, "{range}{{{length}}}"),
        };
    }
    out
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    }
}

fn write_characters(characters: &Characters, out: &mut String) {
    let alphabets = Alphabets::of(characters);
    let sizes = characters.sizes();
    let (Some(least), Some(most)) = (sizes.first(), sizes.last()) else { return };
    let (mut least, mut most) = (least.0, most.0);
    if sizes.len() > LENGTHS_EXACT {
        least = (least * 3 / 4).max(1);
        most += most / 4 + 1;
    }
    if let Some(natural) = natural_range(characters, least, most) {
        return out.push_str(natural);
    }
    let rest = alphabets.rest;
    let limited = alphabets.places.iter().rposition(|place| *place != rest).map_or(0, |at| at + 1);
    // Which letters words begin with says little of other words.
    let limited = if are_words(characters) { 0 } else { limited };
    let places = alphabets.places.get(..limited.min(least)).unwrap_or_default();
    for same in places.chunk_by(|a, b| a == b) {
        if let Some(set) = same.first() {
            write_class(*set, out);
            write_count(same.len(), same.len(), out);
        }
    }
    if most > places.len() {
        // Beyond the places that all have, a narrow one says nothing for those that follow.
        let mut class = rest;
        alphabets.places.iter().skip(places.len()).for_each(|place| class.join(*place));
        if are_words(characters) {
            class.join_kinds();
        }
        write_class(class, out);
        write_count(least - places.len(), most - places.len(), out);
    }
}

/// Letters as a language has them, in more than a few lengths.
fn are_words(characters: &Characters) -> bool {
    characters.are_words() && characters.lengths.len() > LENGTHS_EXACT
}

/// Different lengths that are all there are; more have head room.
const LENGTHS_EXACT: usize = 2;

/// Two digits with a range that clocks and calendars have.
fn natural_range(characters: &Characters, least: usize, most: usize) -> Option<&'static str> {
    let range = characters.varied.as_deref()?.range?;
    let is_number = characters.numbers[0] == characters.seen && (least, most) == (2, 2);
    let high = crate::domain::sketch::number_code::value_of(range.1).0;
    match high {
        _ if !is_number || characters.seen < SEEN_MIN => None,
        13.0..24.0 => Some("(?:[01][0-9]|2[0-3])"),
        45.0..60.0 => Some("[0-5][0-9]"),
        _ => None,
    }
}

fn write_count(least: usize, most: usize, out: &mut String) {
    // Writing to a `String` cannot fail.
    let _ = match (least, most) {
        (1, 1) => Ok(()),
        (least, most) if least == most => write!(out, "{{{least}}}"),
        (least, most) => write!(out, "{{{least},{most}}}"),
    };
}

fn write_class(set: CharSet, out: &mut String) {
    let bytes: Vec<u8> = set.bytes().collect();
    if let [only] = *bytes {
        return write_char(char::from(only), out);
    }
    out.push('[');
    for run in bytes.chunk_by(|a, b| a + 1 == *b && class(*a) == class(*b) && class(*a) != 3) {
        match *run {
            [only] => write_in_class(only, out),
            [first, second] => {
                write_in_class(first, out);
                write_in_class(second, out);
            }
            [first, .., last] => {
                write_in_class(first, out);
                out.push('-');
                write_in_class(last, out);
            }
            [] => {}
        }
    }
    out.push(']');
}

fn write_in_class(byte: u8, out: &mut String) {
    if b"\\]^-[".contains(&byte) {
        out.push('\\');
    }
    out.push(char::from(byte));
}

fn write_char(symbol: char, out: &mut String) {
    if "\\^$.|?*+()[]{}/".contains(symbol) {
        out.push('\\');
    }
    out.push(symbol);
}
