//! Members that count the items of an array beside them: `{"items": […], "count": 3}`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::hash;
use super::json::Json;

/// The evidence that one member counts the items of another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counter {
    /// Fingerprints of the names.
    #[serde(rename = "m")]
    pub member: u32,
    #[serde(rename = "a")]
    pub array: u32,
    #[serde(rename = "h")]
    hits: u32,
    #[serde(rename = "t")]
    trials: u32,
    /// The first length that agreed, and whether another one did.
    #[serde(rename = "f")]
    first: u32,
    #[serde(rename = "d")]
    varied: bool,
}

/// Agreements of different lengths before the count is kept true.
const HITS_MIN: u32 = 5;

/// Trials after which a pair that ever disagreed often is forgotten.
const TRIALS_JUDGED: u32 = 8;

/// Pairs one object remembers.
const COUNTERS_MAX: usize = 4;

impl Counter {
    pub fn is_active(&self) -> bool {
        // One in fifty may be a page in transition.
        self.varied && self.hits >= HITS_MIN && self.hits * 50 >= self.trials * 49
    }
}

/// Compares each integer of an object with the length of each array in it.
pub fn observe(counters: &mut Vec<Counter>, members: &[(Cow<'_, str>, Json<'_>)]) {
    let lengths = members.iter().filter_map(|(name, value)| match value {
        Json::Array(items) => Some((name, u32::try_from(items.len()).ok()?)),
        _ => None,
    });
    for (array, length) in lengths {
        let array = hash::fingerprint(array.as_bytes());
        for (name, value) in members {
            let Json::Int(value) = value else { continue };
            let hit = *value == i64::from(length);
            let member = hash::fingerprint(name.as_bytes());
            let known = counters.iter_mut().find(|c| c.member == member && c.array == array);
            if let Some(counter) = known {
                counter.trials = counter.trials.saturating_add(1);
                counter.hits = counter.hits.saturating_add(u32::from(hit));
                counter.varied |= hit && counter.first != length;
            } else if hit && counters.len() < COUNTERS_MAX {
                let first = length;
                counters.push(Counter { member, array, hits: 1, trials: 1, first, varied: false });
            }
        }
    }
    counters.retain(|c| c.trials < TRIALS_JUDGED || c.hits * 2 >= c.trials);
}

/// Adds the evidence of another model.
pub fn merge(counters: &mut Vec<Counter>, others: Vec<Counter>) {
    for other in others {
        let room = counters.len() < COUNTERS_MAX;
        let same = |c: &&mut Counter| c.member == other.member && c.array == other.array;
        match counters.iter_mut().find(same) {
            Some(own) => {
                own.hits = own.hits.saturating_add(other.hits);
                own.trials = own.trials.saturating_add(other.trials);
                own.varied |= other.varied || own.first != other.first;
            }
            None if room => counters.push(other),
            None => {}
        }
    }
}
