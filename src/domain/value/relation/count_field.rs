//! Members that count the items of an array beside them: `{"items": […], "count": 3}`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::json::Json;
use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::no_heap;
use crate::domain::sketch::invariant;
use crate::domain::sketch::invariant::Invariant;

/// The evidence that one member counts the items of another.
pub type CountField = Invariant<CounterNames>;

/// Fingerprints of the names of a member and of the array it counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CounterNames {
    /// Of an integer.
    #[serde(rename = "m")]
    pub member: u32,
    /// Of the array beside it.
    #[serde(rename = "a")]
    pub array: u32,
}

no_heap!(CounterNames);

/// Compares each integer of an object with the length of each array in it.
pub fn observe(counters: &mut Vec<CountField>, members: &[(Cow<'_, str>, Json<'_>)]) {
    let lengths = members.iter().filter_map(|(name, value)| match value {
        Json::Array(items) => Some((name, u32::try_from(items.len()).ok()?)),
        _ => None,
    });
    for (array, length) in lengths {
        let array = hash::fingerprint(array.as_bytes());
        for (name, value) in members {
            let Json::Int(value) = value else { continue };
            let names = CounterNames { member: hash::fingerprint(name.as_bytes()), array };
            invariant::note(counters, names, length, *value == i64::from(length));
        }
    }
    invariant::forget_chance(counters);
}
