//! Words that stand in nearly every string of a position: what is fixed in `arn:aws:lambda:…`,
//! `/users/7/repos` or `User 7 not found`, while the rest differs.
//!
//! A word is a run of letters, and is the same one only between the same neighbours (`:lambda:`).
//! Words of the first few strings are candidates, known by fingerprint; those that do not come
//! again and again are forgotten, so that most positions soon have none and cost nothing. The
//! text is attached once it has the support that any leading part of values needs.

use serde::{Deserialize, Serialize};

use crate::domain::privacy::retention;
use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::value::string::pattern;
use crate::domain::value::string::pattern::CharRun;

/// One word, neighbours included.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConstantToken {
    #[serde(rename = "h")]
    fingerprint: u32,
    #[serde(rename = "c")]
    count: u32,
    #[serde(rename = "b")]
    bodies: u32,
    #[serde(rename = "l", default)]
    last_body: u64,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    text: Option<Box<str>>,
}

heap_bytes!(ConstantToken { fingerprint, count, bodies, last_body, text });

/// The words of one position, in the order of the string they were first seen in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConstantTokens {
    #[serde(rename = "n")]
    seen: u32,
    #[serde(rename = "w", skip_serializing_if = "Vec::is_empty")]
    words: Vec<ConstantToken>,
}

heap_bytes!(ConstantTokens { seen, words });

/// Strings whose words are candidates: one that stands in nearly all stands in one of these.
const CANDIDATES_FROM: u32 = 3;

/// Words looked at in one string, so that prose costs no more than an address.
const WORDS_MAX: usize = 12;

/// Strings after which a candidate is judged.
const JUDGED_FROM: u32 = 6;

/// Shortest word: letters alone say nothing.
const WORD_BYTES_MIN: usize = 2;

impl ConstantTokens {
    /// Notes the words of a string whose own text is not kept.
    pub fn observe(&mut self, text: &str, body: u64) {
        if self.words.is_empty() && self.seen >= CANDIDATES_FROM {
            return;
        }
        self.seen = self.seen.saturating_add(1);
        let is_open = self.seen <= CANDIDATES_FROM;
        let may_keep = retention::may_keep_words(text);
        for (at, word) in words(text).take(WORDS_MAX) {
            if !may_keep(at) {
                continue;
            }
            let fingerprint = hash::fingerprint(word.as_bytes());
            let at = self.words.iter().position(|known| known.fingerprint == fingerprint);
            let at = at.unwrap_or_else(|| {
                if is_open {
                    self.words.push(ConstantToken { fingerprint, ..ConstantToken::default() });
                }
                self.words.len() - usize::from(is_open)
            });
            let Some(known) = self.words.get_mut(at) else { continue };
            known.count = known.count.saturating_add(1);
            if known.bodies == 0 || known.last_body != body {
                known.bodies = known.bodies.saturating_add(1);
                known.last_body = body;
            }
            if known.text.is_none() && retention::may_keep_stem(word, known.bodies) {
                known.text = Some(word.into());
            }
        }
        self.forget();
    }

    fn forget(&mut self) {
        let seen = self.seen;
        if seen >= JUDGED_FROM {
            // Nine in ten, but for one that may be an odd one of a few.
            self.words.retain(|word| (word.count + 1) * 10 >= seen.saturating_mul(9));
        }
    }

    /// Adds the words of another model.
    pub fn merge(&mut self, other: Self) {
        self.seen = self.seen.saturating_add(other.seen);
        for word in other.words {
            match self.words.iter_mut().find(|own| own.fingerprint == word.fingerprint) {
                Some(own) => {
                    own.count = own.count.saturating_add(word.count);
                    own.bodies = own.bodies.saturating_add(word.bodies);
                    own.text = own.text.take().or(word.text);
                }
                None => self.words.push(word),
            }
        }
        self.forget();
    }

    /// Has no string been seen yet?
    pub fn is_new(&self) -> bool {
        self.seen == 0
    }

    /// Where the words stand in a mask: for each run, the text that it stands for.
    pub fn placed(&self, runs: &[CharRun]) -> Vec<Option<&str>> {
        let mut placed = vec![None; runs.len()];
        // Ends of stems stand between a word and its neighbour.
        let bare: Vec<usize> = (0..runs.len()).filter(|at| !is_stem(runs.get(*at))).collect();
        for word in self.words.iter().filter_map(|word| word.text.as_deref()) {
            let mut own = String::new();
            pattern::write_pattern(word, [0, 0], &mut own);
            let own: Vec<CharRun> = pattern::runs(&own).collect();
            let inner = word.trim_matches(|c: char| !c.is_ascii_alphabetic());
            let starts = word.starts_with(inner);
            let ends = word.ends_with(inner);
            let found = bare.windows(own.len().max(1)).enumerate().find(|(from, window)| {
                let is_here = |(at, run): (&usize, &CharRun)| runs.get(*at) == Some(run);
                (!starts || *from == 0)
                    && (!ends || from + window.len() == bare.len())
                    && window.iter().zip(&own).all(is_here)
                    && window.iter().all(|at| placed.get(*at) == Some(&None))
            });
            let Some((_, window)) = found else { continue };
            let mut inner = Some(inner);
            for at in window {
                if matches!(runs.get(*at), Some(CharRun::Class(..)))
                    && let Some(place) = placed.get_mut(*at)
                {
                    // The first of the runs of a word is the whole word, the others nothing.
                    *place = Some(inner.take().unwrap_or_default());
                }
            }
        }
        placed
    }
}

fn is_stem(run: Option<&CharRun>) -> bool {
    matches!(run, Some(CharRun::Stem(_)))
}

/// The words of a string with where they begin, each with the ASCII characters before and behind
/// it.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let from = at + bytes.get(at..)?.iter().position(u8::is_ascii_alphanumeric)?;
            let length = bytes[from..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            let end = from + length;
            at = end;
            let letters = bytes[from..end].iter().all(u8::is_ascii_alphabetic); // within `bytes`
            let is_word = letters && length >= WORD_BYTES_MIN;
            // Cutting within a character gives nothing.
            let with_neighbours = text.get(from.saturating_sub(1)..(end + 1).min(bytes.len()));
            if let Some(word) = with_neighbours.filter(|_| is_word) {
                return Some((from, word));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(texts: &[&str], of: &str) -> String {
        let mut words = ConstantTokens::default();
        for (body, text) in texts.iter().enumerate() {
            words.observe(text, body as u64);
        }
        let mut mask = String::new();
        pattern::write_pattern(of, [0, 0], &mut mask);
        let runs: Vec<CharRun> = pattern::runs(&mask).collect();
        let shown = words.placed(&runs).into_iter().zip(&runs).map(|(word, run)| match run {
            CharRun::Literal(symbol) => symbol.to_string(),
            _ => word.unwrap_or("?").to_owned(),
        });
        shown.collect()
    }

    const NAMES: [&str; 7] = [
        "arn::lambda:gi-uj-0:8281:function:d6NW",
        "arn::lambda:cq-gov-ds-5:3944:function:nQE9",
        "arn:aws:lambda:vm-md-8:4788:function:hE0t",
        "arn::lambda:xq-gov-a-9:5070:function:pTR-G",
        "arn::lambda:xo-wl-9:9388:function:uK",
        "arn::lambda:xx-go-7:6684:function:J1o0",
        "arn::lambda:qk-d-4:9333:function:80o5",
    ];

    #[test]
    fn words_that_stand_in_all_strings_are_found_between_their_neighbours() {
        assert_eq!(placed(&NAMES, NAMES[1]), "arn::lambda:?-?-?-?:?:function:???");
        assert_eq!(placed(&["User 7 not found"; 6], "User 12 not found"), "User ? not found");
    }

    #[test]
    fn words_of_few_strings_are_forgotten() {
        let mut words = ConstantTokens::default();
        for (body, text) in NAMES.iter().enumerate() {
            words.observe(text, body as u64);
        }
        let stored = serde_json::to_string(&words).unwrap();
        assert!(stored.contains(":lambda:") && !stored.contains("gov"), "{stored}");
        assert_eq!(words.words.len(), 3, "{stored}");
        assert!(placed(&NAMES[..2], NAMES[0]).starts_with('?'));
    }
}
