//! What all refusals of a backend have in common: it stands in each, whatever was wrong.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::domain::world::pointer::{last_member, members};
use crate::domain::world::{Seen, SiteExchange};

/// Refusals and different statuses from which a name that they share is their frame's, and the
/// share of the refusals that must have it.
const REFUSALS_MIN: u32 = 8;
const STATUSES_MIN: usize = 2;
const FRAME_SHARE: f64 = 0.95;

/// Names of members that stand in nearly every refusal: `{"error": {"name": …}}` speaks of no
/// `name` of a body.
#[derive(Debug, Clone, Default)]
pub struct RefusalFrame {
    names: FxHashSet<Box<str>>,
}

impl RefusalFrame {
    /// Looks through all refusals.
    #[must_use]
    pub fn learn(seen: &[Seen]) -> Self {
        let mut all = 0_u32;
        let mut statuses: FxHashSet<u16> = FxHashSet::default();
        let mut counts: FxHashMap<Box<str>, u32> = FxHashMap::default();
        for exchange in seen.iter().map(|one| &one.exchange).filter(|x| x.status >= 400) {
            let Some(said) = exchange.json() else { continue };
            all += 1;
            statuses.insert(exchange.status);
            let places = members(said);
            let names = places.iter().filter_map(|(place, _)| last_member(place));
            for name in names.collect::<FxHashSet<&str>>() {
                *counts.entry(name.into()).or_default() += 1;
            }
        }
        if all < REFUSALS_MIN || statuses.len() < STATUSES_MIN {
            return Self::default();
        }
        let is_frame = |(_, n): &(Box<str>, u32)| f64::from(*n) >= FRAME_SHARE * f64::from(all);
        Self { names: counts.into_iter().filter(is_frame).map(|(name, _)| name).collect() }
    }

    /// The words of a refusal in lower case, without the frame, without its own status, and
    /// without the body that it repeats: what is repeated is not spoken of.
    #[must_use]
    pub fn spoken(&self, exchange: &SiteExchange, body: &Value) -> String {
        let Some(said) = exchange.json() else {
            return String::from_utf8_lossy(&exchange.bytes).to_lowercase();
        };
        let mut said = said.clone();
        unrepeated(&mut said, body);
        let mut text = String::new();
        self.speak(&said, exchange.status, &mut text);
        text.to_lowercase()
    }

    fn speak(&self, said: &Value, status: u16, text: &mut String) {
        match said {
            Value::Object(members) => {
                for (name, value) in members {
                    if !self.names.contains(name.as_str()) {
                        text.push_str(name);
                    }
                    text.push_str(": ");
                    self.speak(value, status, text);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.speak(item, status, text)),
            Value::String(said) => text.push_str(said),
            Value::Number(number) if number.as_u64() == Some(status.into()) => {}
            Value::Null => {}
            other => text.push_str(&other.to_string()),
        }
        text.push_str(", ");
    }
}

/// Members from which an object in a refusal that has them as the body does repeats the body.
const REPEATED_MEMBERS_MIN: usize = 2;

/// Takes out of a value the objects that are a body or most of it.
fn unrepeated(said: &mut Value, body: &Value) {
    let is_body = |said: &Value| {
        said == body
            || said.as_object().is_some_and(|members| {
                members.len() >= REPEATED_MEMBERS_MIN
                    && members.iter().all(|(name, value)| body.get(name) == Some(value))
            })
    };
    match said {
        Value::Object(_) if is_body(said) => *said = Value::Null,
        Value::Object(members) => members.values_mut().for_each(|said| unrepeated(said, body)),
        Value::Array(items) => items.iter_mut().for_each(|said| unrepeated(said, body)),
        _ => {}
    }
}
