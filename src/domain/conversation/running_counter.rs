//! Numbers that rise by one from message to message of a conversation: `seq`, `s`, `offset`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::kind_name::KindName;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// Counters of one endpoint; a protocol has one or two.
pub(super) const COUNTERS_MAX: usize = 8;

/// Steps that show a counter, and the share of them that must be by one.
const STEPS_MIN: u64 = 3;
const STEP_SHARE_MIN: f64 = 0.9;

/// Firsts kept: a counter begins at 0 or 1, or anywhere.
const FIRST_MAX: i64 = 1;

/// A member that may count the messages of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RunningCounter {
    /// The pointer of the member, in whichever kinds of messages it stands.
    #[serde(rename = "k")]
    pub(super) place: KindName,
    #[serde(rename = "h")]
    hits: u64,
    #[serde(rename = "t")]
    trials: u64,
    /// Conversations that began at 0, at 1, and elsewhere.
    #[serde(rename = "b")]
    begun: [u64; 3],
}

heap_bytes!(RunningCounter { place, hits, trials, begun });

impl RunningCounter {
    pub(super) fn holds(&self) -> bool {
        self.trials >= STEPS_MIN && self.hits as f64 >= STEP_SHARE_MIN * self.trials as f64
    }

    /// The pointer, where the evidence suffices and its name may be kept, and the first number.
    pub(super) fn rule(&self) -> Option<(Box<str>, Option<i64>)> {
        let name = self.place.text.clone().filter(|_| self.holds())?;
        let most = (0..3).max_by_key(|at| self.begun[*at as usize])?;
        Some((name, (most <= FIRST_MAX).then_some(most)))
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.place.merge(&other.place);
        self.hits += other.hits;
        self.trials += other.trials;
        for (own, more) in self.begun.iter_mut().zip(other.begun) {
            *own += more;
        }
    }
}

/// Learns the counters among the documents that one conversation says, in order.
pub(super) fn observe_counters<'v>(
    counters: &mut Vec<RunningCounter>,
    documents: impl Iterator<Item = &'v Value>,
) {
    let mut last: Vec<(String, i64)> = Vec::new();
    for document in documents {
        for (place, number) in numbers(document) {
            let Some((_, before)) = last.iter_mut().find(|(known, _)| *known == place) else {
                if let Some(counter) = counter_at(counters, &place) {
                    let name = place.rsplit('/').next().unwrap_or_default();
                    counter.place.observe(&place, [name]);
                    counter.begun[number.clamp(0, 2) as usize] += 1;
                    last.push((place, number));
                }
                continue;
            };
            let is_next = before.checked_add(1) == Some(number);
            *before = number;
            if let Some(counter) = counter_at(counters, &place) {
                counter.trials += 1;
                counter.hits += u64::from(is_next);
            }
        }
    }
    // What does not count makes room for what may.
    counters.retain(|counter| counter.trials < STEPS_MIN * 2 || counter.holds());
}

fn counter_at<'c>(
    counters: &'c mut Vec<RunningCounter>,
    place: &str,
) -> Option<&'c mut RunningCounter> {
    let name = KindName::of(place);
    let known = counters.iter().position(|counter| counter.place.hash == name.hash);
    let at = known.or_else(|| {
        (counters.len() < COUNTERS_MAX).then(|| {
            counters.push(RunningCounter { place: name, ..RunningCounter::default() });
            counters.len() - 1
        })
    });
    at.and_then(|at| counters.get_mut(at))
}

/// Whole numbers of the first two levels, by pointer.
fn numbers(document: &Value) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    for (name, value) in document.as_object().into_iter().flatten() {
        if let Some(number) = value.as_i64() {
            found.push((format!("/{name}"), number));
        }
        for (inner, value) in value.as_object().into_iter().flatten() {
            if let Some(number) = value.as_i64() {
                found.push((format!("/{name}/{inner}"), number));
            }
        }
    }
    found
}
