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
    split_runs(text, joins).flat_map(|(run, inside)| {
        let mut found = Vec::new();
        if !inside {
            found.push(WordRun { text: run, kind: Run::Other });
        } else if form(run) == TextForm::Uuid || (run.len() >= 16 && is_sensitive_value(run)) {
            found.push(WordRun { text: run, kind: Run::Token });
        } else {
            for (part, is_word) in split_runs(run, char::is_alphanumeric) {
                let kind = if is_word { Run::Word } else { Run::Other };
                found.push(WordRun { text: part, kind });
            }
        }
        found
    })
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
