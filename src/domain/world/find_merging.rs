//! What writes merge into what is there: found in entities before and after them, and carried out.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::merging::Merging;
use super::resources::Resources;
use super::site_place::{Seen, SitePlace};

/// Writes that must show it, and how many more than show the contrary.
const MERGES_MIN: u32 = 2;
const MERGES_TIMES: u32 = 4;

/// For each member of a write the ways in which it may have been merged; `None` is none.
type Votes = BTreeMap<(Arc<SitePlace>, Box<str>), BTreeMap<Option<Merging>, u32>>;

/// Members of an entity, or of the body of a write.
type Members<'s> = &'s Map<String, Value>;

/// A write whose entity was not shown since.
type Write<'s> = (&'s Arc<SitePlace>, Members<'s>, Members<'s>);

/// Finds what writes merge, from entities before and after them.
pub fn learn_merging(resources: &mut Resources, seen: &[Seen]) {
    let mut votes = Votes::new();
    let mut last: FxHashMap<EntityKey, &Map<String, Value>> = FxHashMap::default();
    let mut open: FxHashMap<EntityKey, Write<'_>> = FxHashMap::default();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let (exchange, place) = (&one.exchange, &one.place);
        let template = &place.template;
        if !resources.is_about_item(place) {
            continue;
        }
        let Some(key) = resources.key(&exchange.request.segments) else { continue };
        if matches!(&*place.method, "PUT" | "PATCH" | "POST") {
            let sent = resources.sent(place, &exchange.request.body);
            match (last.get(&key), sent) {
                (Some(before), Some(sent)) => _ = open.insert(key.clone(), (place, before, sent)),
                _ => _ = open.remove(&key),
            }
        }
        let Some(after) = resources.entity(template, exchange.json(), Some(&*key.id)) else {
            continue;
        };
        let is_part = resources.partial.contains(place);
        if let Some((place, before, sent)) = open.remove(&key).filter(|_| !is_part) {
            vote(place, (before, sent, after), &mut votes);
        }
        last.insert(key, after);
    }
    for ((place, name), ways) in votes {
        let none = ways.get(&None).copied().unwrap_or(0);
        let most = ways.into_iter().filter_map(|(way, n)| Some((way?, n))).max_by_key(|(_, n)| *n);
        let enough = |(_, n): &(Merging, u32)| *n >= MERGES_MIN && *n > MERGES_TIMES * none;
        if let Some((way, _)) = most.filter(enough) {
            resources.merges.entry(place).or_default().push((name, way));
        }
    }
}

fn vote(
    place: &Arc<SitePlace>,
    (before, sent, after): (Members<'_>, Members<'_>, Members<'_>),
    votes: &mut Votes,
) {
    for (name, value) in sent {
        let (Some(old), Some(new)) = (before.get(name), after.get(name)) else { continue };
        for way in Merging::all(value) {
            let merged = way.merged(old, value);
            if is_alike(&merged, value) {
                continue; // replacing would have come to the same
            }
            let key = (Arc::clone(place), name.as_str().into());
            let counts = votes.entry(key).or_default();
            if is_alike(&merged, new) {
                *counts.entry(Some(way)).or_default() += 1;
            } else if is_alike(value, new) {
                *counts.entry(None).or_default() += 1;
            }
        }
    }
}

/// Whether two values are equal but for the order of the items of an array.
fn is_alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            let texts = |items: &[Value]| -> FxHashSet<String> {
                items.iter().map(ToString::to_string).collect()
            };
            a.len() == b.len() && texts(a) == texts(b)
        }
        _ => a == b,
    }
}
