//! The closed vocabulary of a position: which few values occur, and how often.
//!
//! Private by construction. A value is first known by a 32-bit fingerprint alone; its text is
//! attached when it is seen again in another body (so it cannot be one person's value seen once),
//! shows no sign of being personal or secret, and the vocabulary still looks closed. When the
//! position turns out to be open, all texts are dropped for good.

use serde::{Deserialize, Serialize};

use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// Different bodies a value must occur in before its text is kept.
pub const SUPPORT_BODIES_MIN: u32 = 2;

/// Different bodies from which a value stands in the answers as such: it may be longer than a
/// sentence, and content may hold a token. A person who tries something out comes back a few
/// times, hardly ever that often.
pub const STANDING_BODIES_MIN: u32 = 16;

/// Longest text that is kept where it stands in most answers, bytes, and among how many others: a
/// licence, a template, the page of a help text.
const STANDING_BYTES_MAX: usize = 2048;
const STANDING_MAX: usize = 8;

/// One value of a vocabulary. `S`: what stands in for a text that may not be kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Category<S = ()> {
    /// 32-bit hash of the text; all that is known of it at first.
    #[serde(rename = "h")]
    pub fingerprint: u32,
    /// Sightings, repeats within a body included; saturates.
    #[serde(rename = "c", default)]
    pub count: u32,
    /// Bodies it occurred in.
    #[serde(rename = "b", default)]
    pub bodies: u32,
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    last_body: u64,
    /// `None` while it may not be kept, which it may never be.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Box<str>>,
    /// The shape of a text that has support and may not be kept: a made-up one stands in for it.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<Box<S>>,
}

heap_bytes!(Category<S> { fingerprint, count, bodies, last_body, text, stand_in });

impl<S> Category<S> {
    fn is_known(&self) -> bool {
        self.text.is_some() || self.stand_in.is_some()
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A bounded set of candidate values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, bound(deserialize = "S: Deserialize<'de> + Default"))]
pub struct Categories<S = ()> {
    #[serde(rename = "v", skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Category<S>>,
    /// Too many different values: nothing is enumerated any more.
    #[serde(rename = "o", skip_serializing_if = "is_default")]
    open: bool,
    #[serde(rename = "n", skip_serializing_if = "is_default")]
    total: u64,
}

heap_bytes!(Categories<S> { candidates, open, total });

/// One sighting of a value.
pub struct ValueObservation<'a> {
    /// The value as text; numbers as they were written.
    pub text: &'a str,
    /// Ordinal of the body, to tell repeats within one body from support by several.
    pub body: u64,
    /// Values a vocabulary may hold.
    pub candidates_max: usize,
    /// Longest text kept, bytes.
    pub text_bytes_max: usize,
    /// When so many new values count as an open set.
    pub novelty: Novelty,
}

/// How many of the values may be new before a vocabulary counts as open.
#[derive(Debug, Clone, Copy)]
pub struct Novelty {
    /// Candidates at which it is first judged; fewer say nothing about being open.
    judged_from: usize,
    /// Different values among all sightings, percent.
    new_percent_max: u64,
}

impl Novelty {
    /// Of whole values: of forty different ones among fifty there may be a hundred.
    pub const VALUE: Self = Self { judged_from: 40, new_percent_max: 80 };
    /// Of parts of values: some dozens of words may share a place, most of them seen once so far.
    pub const PART: Self = Self { judged_from: 40, new_percent_max: 90 };

    fn is_open(self, distinct: usize, total: u64) -> bool {
        distinct >= self.judged_from && distinct as u64 * 100 > total * self.new_percent_max
    }
}

impl<S: Default> Categories<S> {
    /// Counts a value; its index in the vocabulary while that is open to enumeration.
    /// `may_keep` judges the text once it has support (0 bodies: may it be kept at first sight?).
    pub fn observe(
        &mut self,
        sighting: &ValueObservation<'_>,
        may_keep: impl Fn(&str, u32) -> bool,
    ) -> Option<usize> {
        self.total += 1;
        if self.open {
            return None;
        }
        let fingerprint = hash::fingerprint(sighting.text.as_bytes());
        let at = self.candidates.iter().position(|c| c.fingerprint == fingerprint);
        let at = match at {
            Some(at) => at,
            None => {
                self.candidates.push(Category { fingerprint, ..Category::default() });
                self.candidates.len() - 1
            }
        };
        let distinct = self.candidates.len();
        let candidate = self.candidates.get_mut(at)?;
        candidate.count = candidate.count.saturating_add(1);
        if candidate.bodies == 0 || candidate.last_body != sighting.body {
            candidate.bodies = candidate.bodies.saturating_add(1);
            candidate.last_body = sighting.body;
        }
        let bytes_max = if candidate.bodies >= STANDING_BODIES_MIN && distinct <= STANDING_MAX {
            STANDING_BYTES_MAX
        } else {
            sighting.text_bytes_max
        };
        if candidate.text.is_none()
            && sighting.text.len() <= bytes_max
            && may_keep(sighting.text, candidate.bodies)
        {
            candidate.text = Some(sighting.text.into());
            candidate.stand_in = None;
        }
        self.judge(sighting.candidates_max, sighting.novelty);
        (!self.open).then_some(at)
    }

    /// Keeps within a tighter bound: a vocabulary that is larger is taken for an open one.
    pub fn tighten(&mut self, candidates_max: usize) {
        if self.candidates.len() > candidates_max {
            self.open = true;
            self.candidates = Vec::new();
        }
        self.candidates.shrink_to_fit();
    }

    fn judge(&mut self, candidates_max: usize, novelty: Novelty) {
        let distinct = self.candidates.len();
        if distinct > candidates_max || novelty.is_open(distinct, self.total) {
            self.open = true;
            self.candidates = Vec::new();
        }
    }

    /// Adds another vocabulary; gives where each of its values went.
    pub fn merge(&mut self, other: Self, candidates_max: usize) -> Vec<usize> {
        self.merge_of(other, candidates_max, Novelty::VALUE)
    }

    /// The same of values that may be new as often as this.
    pub fn merge_of(&mut self, other: Self, candidates_max: usize, novelty: Novelty) -> Vec<usize> {
        self.total += other.total;
        if self.open || other.open {
            self.open = true;
            self.candidates = Vec::new();
            return Vec::new();
        }
        let mut moved = Vec::with_capacity(other.candidates.len());
        for candidate in other.candidates {
            let known = self.candidates.iter().position(|c| c.fingerprint == candidate.fingerprint);
            match known.and_then(|at| self.candidates.get_mut(at).map(|own| (at, own))) {
                Some((at, own)) => {
                    own.count = own.count.saturating_add(candidate.count);
                    own.bodies = own.bodies.saturating_add(candidate.bodies);
                    own.text = own.text.take().or(candidate.text);
                    own.stand_in = own.stand_in.take().or(candidate.stand_in);
                    moved.push(at);
                }
                None => {
                    moved.push(self.candidates.len());
                    self.candidates.push(candidate);
                }
            }
        }
        self.judge(candidates_max, novelty);
        moved
    }

    /// Remembers the shape of a value that has support and may not be kept.
    pub fn stand_in(&mut self, at: usize, pattern: impl FnOnce() -> S) {
        if let Some(candidate) = self.candidates.get_mut(at)
            && candidate.bodies >= SUPPORT_BODIES_MIN
            && !candidate.is_known()
        {
            candidate.stand_in = Some(Box::new(pattern()));
        }
    }

    /// Drops the texts of which this is true; whether there were any.
    pub fn forget(&mut self, is_it: impl Fn(&str) -> bool) -> bool {
        let mut forgot = false;
        for candidate in &mut self.candidates {
            if candidate.text.as_deref().is_some_and(&is_it) {
                candidate.text = None;
                forgot = true;
            }
        }
        forgot
    }

    /// In the order in which they were first seen; empty once the set is open.
    pub fn candidates(&self) -> &[Category<S>] {
        &self.candidates
    }

    /// Is the text of this entry kept?
    pub fn is_text_known(&self, at: usize) -> bool {
        self.candidates.get(at).is_some_and(|candidate| candidate.text.is_some())
    }

    /// Sightings of any value, known or not.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether too many values were different for the set to be enumerated; stays so.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Share of the sightings whose text, or a stand-in for it, is known.
    pub fn covered(&self) -> f64 {
        let known: u64 =
            self.candidates.iter().filter(|c| c.is_known()).map(|c| u64::from(c.count)).sum();
        if self.total == 0 { 0.0 } else { known as f64 / self.total as f64 }
    }

    /// Chance that the next value is one never seen, by Good and Turing: values seen once over
    /// all sightings.
    pub fn unseen_share(&self) -> f64 {
        if self.open || self.total == 0 {
            return 1.0;
        }
        let once = self.candidates.iter().filter(|c| c.count == 1).count();
        once as f64 / self.total as f64
    }

    /// True when the position draws from a fixed list: most sightings are of values that recur
    /// or are public identifiers, which free text hardly ever is.
    pub fn is_closed(&self) -> bool {
        !self.open && self.covered() >= COVERED_MIN
    }
}

/// Chance of an unseen value up to which a vocabulary counts as complete: nothing but its values
/// is drawn. Above it, the position is a mix of common values and free ones.
pub const COMPLETE_UNSEEN_MAX: f64 = 0.12;

/// Share of sightings whose text must be known before values are drawn from the vocabulary: the
/// rest is drawn from the known ones, which may distort the mix by at most as much.
const COVERED_MIN: f64 = 0.7;

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(vocabulary: &mut Categories, text: &str, body: u64) {
        let sighting = ValueObservation {
            text,
            body,
            candidates_max: 64,
            text_bytes_max: 100,
            novelty: Novelty::VALUE,
        };
        vocabulary.observe(&sighting, |_, bodies| bodies >= SUPPORT_BODIES_MIN);
    }

    #[test]
    fn a_value_of_one_body_alone_is_never_kept_as_text() {
        let mut vocabulary = Categories::default();
        (0..9).for_each(|_| observe(&mut vocabulary, "canary", 7));
        assert!(!serde_json::to_string(&vocabulary).unwrap().contains("canary"));
        observe(&mut vocabulary, "canary", 8);
        assert!(serde_json::to_string(&vocabulary).unwrap().contains("canary"));
    }

    #[test]
    fn an_open_position_forgets_every_text() {
        let mut vocabulary = Categories::default();
        for body in 0..60 {
            observe(&mut vocabulary, "anna", body);
            observe(&mut vocabulary, &format!("name{body}"), body);
            observe(&mut vocabulary, &format!("other{body}"), body);
        }
        assert!(vocabulary.is_open());
        assert!(!serde_json::to_string(&vocabulary).unwrap().contains("anna"));
    }
}
