//! Finds the members of writes that the entity shows elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::find_holders::shown;
use super::placement::Placement;
use super::pointer::{as_segment, is_written};
use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Writes that must show it, different ids among them, and the share of all that name something.
const WRITES_MIN: u32 = 3;
const IDS_MIN: usize = 2;
const SHARE: f64 = 0.9;

/// Members that are looked at of an entity, and of an object in it.
const MEMBERS_MAX: usize = 40;
const INNER_MAX: usize = 6;

/// How often a member was sent and not shown, by kind.
type Sent<'s> = BTreeMap<(&'s SiteTemplate, &'s str), u32>;

/// How often an object showed what was sent, and which ids.
type Votes<'s> = BTreeMap<(&'s SiteTemplate, Placement), (u32, BTreeSet<String>)>;

/// Finds them in pairs of a write and the next answer that shows the entity.
pub fn learn_placements(resources: &mut Resources, seen: &[Seen]) {
    let mut sent: Sent<'_> = BTreeMap::new();
    let mut votes: Votes<'_> = BTreeMap::new();
    let mut open: FxHashMap<EntityKey, &Map<String, Value>> = FxHashMap::default();
    let found = &*resources;
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let request = &one.exchange.request;
        let body = (!request.reads()).then(|| found.sent(&one.place, &request.body)).flatten();
        let shown = shown(found, one);
        if let Some(body) = body {
            let made = shown.first().filter(|_| found.makes.contains_key(&one.place));
            let key = made.map(|(_, key, _)| key.clone());
            let key = key.or_else(|| found.addressed(&one.place, &request.segments));
            if let Some(key) = key {
                open.insert(key, body);
            }
        }
        for (item, key, object) in shown {
            if let Some(body) = open.remove(&key) {
                vote(item, (body, object), (&mut sent, &mut votes));
            }
        }
    }
    let mut best: BTreeMap<(&SiteTemplate, Box<str>), (u32, Placement)> = BTreeMap::new();
    for ((item, placement), (times, ids)) in votes {
        let all = sent.get(&(item, &*placement.sent)).copied().unwrap_or(0);
        let holds = times >= WRITES_MIN
            && ids.len() >= IDS_MIN
            && f64::from(times) >= SHARE * f64::from(all);
        let key = (item, placement.sent.clone());
        if holds && best.get(&key).is_none_or(|(most, _)| times > *most) {
            best.insert(key, (times, placement));
        }
    }
    let best: Vec<(SiteTemplate, Placement)> =
        best.into_iter().map(|((item, _), (_, placement))| (item.clone(), placement)).collect();
    for (item, placement) in best {
        if let Some(item) = resources.items.get_mut(&item) {
            item.placed.push(placement);
        }
    }
}

fn vote<'s>(
    item: &'s SiteTemplate,
    (body, object): (&'s Map<String, Value>, &Map<String, Value>),
    (sent, votes): (&mut Sent<'s>, &mut Votes<'s>),
) {
    let unshown = body.iter().filter(|(name, _)| !object.contains_key(*name));
    for (name, value) in unshown.take(MEMBERS_MAX) {
        let is_number = value.is_number() || value.is_string();
        let Some(text) = as_segment(value).filter(|text| is_number && !text.is_empty()) else {
            continue;
        };
        *sent.entry((item, name)).or_default() += 1;
        for (held, shown) in object.iter().take(MEMBERS_MAX) {
            let inner = shown.as_object().into_iter().flatten().take(INNER_MAX);
            let inner = inner.filter(|(_, value)| is_written(value, &text));
            let inner = inner.map(|(id, _)| Some(id.as_str().into()));
            let is_itself = is_written(shown, &text) && !body.contains_key(held);
            for id in inner.chain(is_itself.then_some(None)) {
                let (sent, held) = (name.as_str().into(), held.as_str().into());
                let placement = Placement { sent, held, id };
                let votes = votes.entry((item, placement)).or_default();
                votes.0 += 1;
                votes.1.insert(text.clone());
            }
        }
    }
}
