//! Members that a write merges into what is there, and does not replace: objects member by member,
//! arrays by a key of their items.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::resources::Resources;
use super::site_place::{Seen, SitePlace};

/// Writes that must show it, and how many more than show the contrary.
const MERGES_MIN: u32 = 2;
const MERGES_TIMES: u32 = 4;

/// Members of one item that may be its key.
const KEYS_MAX: usize = 8;

/// How a member of a write meets what is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Merging {
    /// Members of an object are added to those that are there; `null` takes one away (RFC 7396).
    Members,
    /// Items of an array replace those with the same key, and others are added.
    ByKey(Box<str>),
}

impl Merging {
    /// What is there after a value was written.
    #[must_use]
    pub fn merged(&self, before: &Value, sent: &Value) -> Value {
        match (self, before, sent) {
            (Self::Members, Value::Object(before), Value::Object(sent)) => {
                let mut all = before.clone();
                for (name, value) in sent {
                    match (all.get(name), value) {
                        (_, Value::Null) => _ = all.remove(name),
                        (Some(old @ Value::Object(_)), Value::Object(_)) => {
                            let merged = self.merged(old, value);
                            all.insert(name.clone(), merged);
                        }
                        _ => _ = all.insert(name.clone(), value.clone()),
                    }
                }
                Value::Object(all)
            }
            (Self::ByKey(key), Value::Array(before), Value::Array(sent)) => {
                let mut all = before.clone();
                for item in sent {
                    let is_same = |old: &&mut Value| {
                        item.get(&**key).is_some() && old.get(&**key) == item.get(&**key)
                    };
                    match (all.iter_mut().find(is_same), item) {
                        (Some(Value::Object(old)), Value::Object(new)) => {
                            old.extend(new.iter().map(|(name, v)| (name.clone(), v.clone())));
                        }
                        (Some(old), new) => *old = new.clone(),
                        (None, new) => all.push(new.clone()),
                    }
                }
                Value::Array(all)
            }
            _ => sent.clone(),
        }
    }

    /// The ways in which a value may be merged.
    fn all(sent: &Value) -> Vec<Self> {
        match sent {
            Value::Object(members) if !members.is_empty() => vec![Self::Members],
            Value::Array(items) => {
                let first = items.first().and_then(Value::as_object);
                let names = first.into_iter().flat_map(Map::keys).take(KEYS_MAX);
                names.map(|name| Self::ByKey(name.as_str().into())).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Writes what was sent into an entity.
pub fn write_members(
    resources: &Resources,
    place: &Arc<SitePlace>,
    object: &mut Map<String, Value>,
    (before, sent): (Option<&Map<String, Value>>, &Map<String, Value>),
) {
    let ways = resources.merges.get(place);
    for (name, value) in sent {
        let way = ways.and_then(|ways| ways.iter().find(|(known, _)| **known == *name));
        let old = before.and_then(|before| before.get(name));
        let new = match way.zip(old) {
            Some(((_, way), old)) => way.merged(old, value),
            None => value.clone(),
        };
        object.insert(name.clone(), new);
    }
}

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
        let Some(key) = Resources::key(&exchange.request.segments) else { continue };
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_with_a_known_key_are_changed_and_others_are_added() {
        let by_key = Merging::ByKey("k".into());
        let before = json!([{ "k": "a", "v": 1 }, { "k": "b", "v": 2 }]);
        let sent = json!([{ "k": "b", "v": 3 }, { "k": "c", "v": 4 }]);
        let all = json!([{ "k": "a", "v": 1 }, { "k": "b", "v": 3 }, { "k": "c", "v": 4 }]);
        assert_eq!(by_key.merged(&before, &sent), all);
    }

    #[test]
    fn members_are_added_and_null_takes_one_away() {
        let before = json!({ "a": 1, "b": { "c": 2, "d": 3 } });
        let sent = json!({ "a": null, "b": { "d": 4 } });
        assert_eq!(Merging::Members.merged(&before, &sent), json!({ "b": { "c": 2, "d": 4 } }));
    }
}
