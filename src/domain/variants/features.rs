//! Features of a request: each place of its facts with its value, as numbers.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::facts::{EARLIER, Facts};
use crate::domain::world::fingerprint;
use crate::domain::world::pointer::{PointerStep, as_segment, dotted, kind, leaves};

/// Features of one request that are looked at.
const FEATURES_MAX: usize = 256;

/// Letters of a run up to which they are told apart in the look of a text.
const LOOK_LETTERS_MAX: usize = 4;

/// Bytes of a text up to which it has a look.
const LOOK_BYTES_MAX: usize = 64;

/// Places with values, sorted by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFeatures(Vec<(u64, u64)>);

impl RequestFeatures {
    /// The features of a request.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let mut found: FxHashMap<u64, u64> = FxHashMap::default();
        let earlier = PointerStep::Member(EARLIER.into());
        for (place, value) in leaves(&facts.0) {
            if found.len() >= FEATURES_MAX {
                break;
            }
            // What was said before tells what stands in an answer, and not which one it is.
            if place.first() == Some(&earlier) {
                continue;
            }
            let each = |step: &PointerStep| match step {
                PointerStep::Item(_) => PointerStep::Each,
                other => other.clone(),
            };
            let name = dotted(&place.iter().map(each).collect::<Vec<_>>());
            let text = as_segment(value).unwrap_or_else(|| value.to_string());
            let mut put = |what: &str, value: u64| {
                let seen = found.entry(fingerprint(&[what, &name])).or_default();
                // The items of an array share a place: their values are one, in their order.
                *seen = fingerprint(&[&seen.to_string(), &value.to_string()]);
            };
            put("value", fingerprint(&[&text]));
            if text.len() <= LOOK_BYTES_MAX && !value.is_boolean() {
                put("look", fingerprint(&[&format!("{:?}", kind(value)), &look(&text)]));
            }
        }
        let mut features: Vec<(u64, u64)> = found.into_iter().collect();
        features.sort_unstable();
        Self(features)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().copied()
    }

    /// The value at a place.
    #[must_use]
    pub fn get(&self, place: u64) -> Option<u64> {
        self.0.binary_search_by_key(&place, |(place, _)| *place).ok().map(|at| self.0[at].1)
    }

    /// A number for all of them together, the same whether it is asked for again or not.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let again = again_places();
        hash_of(self.0.iter().filter(|(place, _)| !again.contains(place)).copied())
    }

    /// A number for all but some, of which `present` count only by being there.
    #[must_use]
    pub fn hash_but(&self, noise: &FxHashSet<u64>, present: &FxHashSet<u64>) -> u64 {
        let own = self.0.iter().filter(|(place, _)| !noise.contains(place));
        hash_of(
            own.map(|(place, value)| (*place, if present.contains(place) { 1 } else { *value })),
        )
    }
}

fn hash_of(features: impl Iterator<Item = (u64, u64)>) -> u64 {
    features.fold(0, |all: u64, (place, value)| {
        all.rotate_left(5) ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ value
    })
}

/// Places of the fact that a request was asked before.
pub(super) fn again_places() -> [u64; 2] {
    [fingerprint(&["value", "again"]), fingerprint(&["look", "again"])]
}

/// Places of the headers of a request, each with whether it is a cookie.
pub(super) fn header_places(facts: &Facts) -> impl Iterator<Item = (u64, bool)> {
    let headers = facts.0.get("header").and_then(Value::as_object).into_iter().flatten();
    headers.flat_map(|(name, _)| {
        let (place, is_cookie) = (format!("header.{name}"), name.starts_with("cookie "));
        ["value", "look"].map(|what| (fingerprint(&[what, &place]), is_cookie))
    })
}

/// What a text looks like: digits as their number up to four, short runs of letters as they are.
fn look(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(first) = chars.next() {
        let mut run = String::from(first);
        let class = |c: char| (c.is_ascii_digit(), c.is_alphabetic());
        while let Some(next) = chars.next_if(|next| class(*next) == class(first)) {
            run.push(next);
        }
        match class(first) {
            (true, _) if out.is_empty() => {
                out.push_str(&"9".repeat(run.len().min(LOOK_LETTERS_MAX)));
            }
            (true, _) => out.push('9'),
            (_, true) if run.chars().count() > LOOK_LETTERS_MAX => out.push('a'),
            _ => out.push_str(&run),
        }
    }
    out
}

/// The form of an answer: which members stand where, of which types.
#[must_use]
pub(super) fn form(tree: &Value) -> u64 {
    let mut seen: Vec<u64> = crate::domain::world::pointer::members(tree)
        .into_iter()
        .map(|(place, value)| fingerprint(&[&dotted(&place), &format!("{:?}", kind(value))]))
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen.iter()
        .fold(fingerprint(&[&format!("{:?}", kind(tree))]), |all, one| all.rotate_left(7) ^ one)
}

#[cfg(test)]
mod tests {
    use super::look;

    #[test]
    fn ids_of_one_make_look_alike() {
        assert_eq!(look("itm-7"), look("itm-123"));
        assert_ne!(look("itm-7"), look("none-7"));
        assert_ne!(look("7"), look("9000"));
        assert_eq!(look("Explain me"), look("Present me"));
    }
}
