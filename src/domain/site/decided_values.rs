//! Values of an answer that a truth about its request decides: `{"exists": true}` where the entity
//! is there, `{"count": 0}` where there was nothing to delete.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::outcome::{Cause, Causes, Truths};
use crate::domain::world::Seen;
use crate::domain::world::pointer::{Pointer, at, is_word, leaves, put_at};

/// Leaves of one answer that are looked at, and different values of one of them.
const LEAVES_MAX: usize = 40;
const VALUES_MAX: usize = 4;

/// Longest text that may be decided, bytes.
const TEXT_BYTES_MAX: usize = 24;

/// Answers on either side of a truth, and the share of them that must agree.
const ANSWERS_MIN: u32 = 3;
const AGREED_SHARE: f64 = 0.9;

/// A place of an answer with what stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct DecidedValue {
    /// Where.
    place: Pointer,
    /// The truth.
    cause: u16,
    /// What stands there where it does not hold, and where it does.
    values: [Value; 2],
}

/// Truths that may decide: whether things are there, and whose they are.
fn may_decide(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::Entity(true) | Cause::Parent(true) | Cause::Reference(_, true) | Cause::Owner(true)
    )
}

/// How often each value stood on one side.
type Side = Vec<(Value, u32)>;

fn top(side: &Side) -> Option<(&Value, u32)> {
    let all: u32 = side.iter().map(|(_, n)| n).sum();
    let (value, n) = side.iter().max_by_key(|(_, n)| *n)?;
    let agrees = f64::from(*n) >= AGREED_SHARE * f64::from(all);
    (agrees && all >= ANSWERS_MIN).then_some((value, *n))
}

/// Finds them in the answers of one endpoint with one status.
#[must_use]
pub fn decided_values(own: &[&Seen], truths: &[&Truths], causes: &Causes) -> Vec<DecidedValue> {
    let deciding: Vec<u16> = causes
        .numbered()
        .filter(|(_, cause)| may_decide(cause))
        .map(|(number, _)| number)
        .filter(|number| {
            let with = truths.iter().filter(|held| held.contains(*number)).count() as u32;
            with >= ANSWERS_MIN && truths.len() as u32 - with >= ANSWERS_MIN
        })
        .collect();
    if deciding.is_empty() {
        return Vec::new();
    }
    let mut sides: BTreeMap<(Pointer, u16), [Side; 2]> = BTreeMap::new();
    for (one, held) in own.iter().zip(truths) {
        let Some(document) = one.exchange.json() else { continue };
        for (place, value) in leaves(document).into_iter().take(LEAVES_MAX) {
            let is_flag = value.as_u64().is_some_and(|number| number <= 1);
            if !is_flag && !is_word(value, TEXT_BYTES_MAX) {
                continue;
            }
            for cause in &deciding {
                let side = &mut sides.entry((place.clone(), *cause)).or_default()
                    [usize::from(held.contains(*cause))];
                match side.iter().position(|(known, _)| known == value) {
                    Some(at) => side[at].1 += 1,
                    None if side.len() < VALUES_MAX => side.push((value.clone(), 1)),
                    None => {}
                }
            }
        }
    }
    let mut found: BTreeMap<Pointer, (u32, DecidedValue)> = BTreeMap::new();
    for ((place, cause), [without, with]) in sides {
        let (Some((no, a)), Some((yes, b))) = (top(&without), top(&with)) else { continue };
        if no == yes {
            continue;
        }
        let values = [no.clone(), yes.clone()];
        let decided = DecidedValue { place: place.clone(), cause, values };
        let old = found.entry(place).or_insert_with(|| (0, decided.clone()));
        if a + b > old.0 {
            *old = (a + b, decided);
        }
    }
    found.into_values().map(|(_, decided)| decided).collect()
}

impl DecidedValue {
    /// The document with the value that the truths of a request decide.
    #[must_use]
    pub fn set(&self, document: Value, truths: &Truths) -> Value {
        if at(&document, &self.place).is_none() {
            return document;
        }
        let [no, yes] = &self.values;
        let value = if truths.contains(self.cause) { yes } else { no };
        put_at(document, &self.place, value.clone())
    }

    /// The same behind a veil.
    #[must_use]
    pub fn shown(mut self, show: impl Fn(&Value) -> Value) -> Self {
        self.values = self.values.map(|value| show(&value));
        self
    }
}
