//! Which strings have parts that are worth learning, and which are sentences.

use crate::domain::value::string::pattern;
use crate::domain::value::string::pattern::CharRun;

/// Has a string parts that are worth learning? A sentence has words, and other scripts than ASCII
/// are known by their letters.
pub fn is_structured(text: &str) -> bool {
    text.is_ascii()
        && !text.is_empty()
        && text.len() <= STRUCTURE_BYTES_MAX
        && !is_sentence(blanks(text), numbers_in(text))
        && !text.bytes().any(|byte| byte.is_ascii_control() || byte == b'<')
}

fn blanks(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b' ').count()
}

/// Rows of digits.
fn numbers_in(text: &str) -> usize {
    let bytes = text.as_bytes();
    bytes
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .filter(|run| run.first().is_some_and(u8::is_ascii_digit))
        .count()
}

/// The same of strings of which the pattern is left.
pub fn has_structure(pattern: &str) -> bool {
    let is_number = |run: &CharRun| matches!(run, CharRun::Class('d' | 'z', _));
    let numbers = || pattern::runs(pattern).filter(is_number).count();
    !is_sentence(blanks(pattern), if blanks(pattern) < SENTENCE_BLANKS { 0 } else { numbers() })
        && pattern.is_ascii()
        && !pattern.is_empty()
        && !pattern.contains(['~', '<'])
}

/// Blanks and bytes from which a string is a sentence or a document rather than a structure.
const SENTENCE_BLANKS: usize = 4;
const STRUCTURE_BYTES_MAX: usize = 512;

/// The same where half of the words are or hold numbers: times as people write them, lines of logs.
const NUMBERED_BLANKS: usize = 12;

fn is_sentence(blanks: usize, numbers: usize) -> bool {
    blanks >= SENTENCE_BLANKS && (blanks >= NUMBERED_BLANKS || numbers * 2 < blanks + 1)
}
