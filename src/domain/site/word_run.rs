//! Texts as runs of words, tokens and what lies between.

use crate::domain::privacy::is_sensitive_value;
use crate::domain::world::form::{TextForm, form};

/// What a run of characters is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// A word.
    Word,
    /// An id or a key, which is no words.
    Token,
    /// A word of something that is personal as a whole, as an e-mail address is.
    Private,
    /// What lies between.
    Other,
}

/// A run with what it is.
pub struct WordRun<'t> {
    /// Its text.
    pub text: &'t str,
    /// What it is.
    pub kind: Run,
}

/// Splits a text into words, tokens and what lies between.
pub fn words(text: &str) -> impl Iterator<Item = WordRun<'_>> {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    split_runs(text, joins_address).flat_map(move |(piece, is_piece)| {
        let private = is_piece && piece.contains('@') && is_sensitive_value(trimmed(piece));
        split_runs(piece, joins).flat_map(move |(run, inside)| {
            let mut found = Vec::new();
            if !inside {
                found.push(WordRun { text: run, kind: Run::Other });
            } else if form(run) == TextForm::Uuid || (run.len() >= 16 && is_sensitive_value(run)) {
                found.push(WordRun { text: run, kind: Run::Token });
            } else {
                for (part, is_word) in split_runs(run, char::is_alphanumeric) {
                    let word = if private { Run::Private } else { Run::Word };
                    let kind = if is_word { word } else { Run::Other };
                    found.push(WordRun { text: part, kind });
                }
            }
            found
        })
    })
}

/// Whether a character can stand inside an address of mail (RFC 5322 section 3.4.1).
fn joins_address(c: char) -> bool {
    c.is_alphanumeric() || "@.-_+!#$%&'*=?^`{|}~".contains(c)
}

/// A piece without the marks of the sentence that it stands in.
fn trimmed(piece: &str) -> &str {
    piece.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Maximal runs of characters inside and outside a class.
fn split_runs(text: &str, inside: fn(char) -> bool) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_in = inside(first);
        let end = rest.find(|c: char| inside(c) != is_in).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some((run, is_in))
    })
}

#[cfg(test)]
mod tests {
    use super::{Run, words};

    #[test]
    fn the_words_of_an_address_are_private_and_those_around_it_are_not() {
        let of = |kind: Run| {
            let text = "write to ann.karenina@letterbox-corp.example, or wait.";
            words(text).filter(|run| run.kind == kind).map(|run| run.text).collect::<Vec<_>>()
        };
        assert_eq!(of(Run::Word), ["write", "to", "or", "wait"]);
        assert_eq!(of(Run::Private), ["ann", "karenina", "letterbox", "corp", "example"]);
    }
}
