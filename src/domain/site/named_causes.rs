//! Truths that refusals name in their own words: "Super users may not delete themselves" is about
//! who asks being `is_superuser=true`.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::domain::outcome::{Cause, Causes, Truths};
use crate::domain::world::SiteExchange;
use crate::domain::world::pointer::leaves;

/// Letters from which a word stands in a sentence by more than chance.
const LETTERS_MIN: usize = 4;

/// Refusals that must name a truth, and their share of those for which it holds.
const REFUSALS_MIN: u32 = 2;
const NAMED_SHARE: f64 = 0.9;

/// Truths with the statuses of the refusals that name them.
#[derive(Debug, Clone, Default)]
pub struct NamedCauses {
    /// By truth and status: refusals for which it holds, and those of them that name it.
    counts: FxHashMap<(u16, u16), (u32, u32)>,
}

impl NamedCauses {
    /// Looks at what a refusal says of what held for its request.
    pub fn observe(&mut self, exchange: &SiteExchange, truths: &Truths, causes: &Causes) {
        if !(400..500).contains(&exchange.status) {
            return;
        }
        let said = said(exchange);
        for number in truths.iter() {
            let Some(word) = causes.get(number).and_then(word_of) else { continue };
            let counts = self.counts.entry((number, exchange.status)).or_default();
            counts.0 += 1;
            counts.1 += u32::from(said.contains(&word));
        }
    }

    /// The pairs of truth and status that belong together by the words of refusals.
    #[must_use]
    pub fn found(self) -> FxHashSet<(u16, u16)> {
        let is_named = |(_, (all, named)): &((u16, u16), (u32, u32))| {
            *named >= REFUSALS_MIN && f64::from(*named) >= NAMED_SHARE * f64::from(*all)
        };
        self.counts.into_iter().filter(is_named).map(|(pair, _)| pair).collect()
    }
}

/// The letters of what a refusal says, in lower case and without anything between them.
fn said(exchange: &SiteExchange) -> String {
    let texts = exchange.json().map(leaves).unwrap_or_default();
    let mut said = String::new();
    for text in texts.into_iter().filter_map(|(_, value)| value.as_str()) {
        said.push_str(&letters(text));
        said.push(' ');
    }
    said
}

/// The word by which a sentence would name a truth: that of a flag is its name, that of a state
/// what it is.
fn word_of(cause: &Cause) -> Option<String> {
    let (name, value) = match cause {
        Cause::State(name, value) | Cause::Rival(_, name, value) => (name, value),
        Cause::Asker(name, value) if !name.is_empty() => (name, value),
        _ => return None,
    };
    let is_flag = serde_json::from_str::<Value>(value).is_ok_and(|value| !value.is_string());
    let name = name.rsplit('.').next().unwrap_or_default();
    let word = letters(if is_flag { unprefixed(name) } else { value });
    (word.len() >= LETTERS_MIN).then_some(word)
}

/// A flag's name without the verb before it: `is_active`, `hasChildren`.
fn unprefixed(name: &str) -> &str {
    let begins = |rest: &&str| rest.starts_with(|c: char| c == '_' || c.is_uppercase());
    ["is", "has"].iter().find_map(|verb| name.strip_prefix(verb).filter(begins)).unwrap_or(name)
}

/// The letters of a text in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}
