//! Requests that name an entity by what it holds (an e-mail, a name) instead of its id, and
//! answers that show the entity whose credential asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::message::fingerprint;
use super::pointer::{Pointer, as_segment, is_written, last_member, leaves};
use super::resources::{OwnView, Resources};
use super::site_place::{Seen, SitePlace};
use super::template::SiteTemplate;

/// Bytes of a text from which it may name an entity, and up to which.
const NAMING_BYTES: std::ops::RangeInclusive<usize> = 3..=200;

/// Values from which a member names entities, and the share of its values that must.
const NAMING_VALUES_MIN: usize = 3;
const NAMING_SHARE: f64 = 0.8;

/// Entities and exchanges from which an answer is the asker's own, and the share that must agree.
const OWN_ENTITIES_MIN: usize = 2;
const OWN_TIMES_MIN: u32 = 3;
const OWN_SHARE: f64 = 0.8;

/// Share of an answer's members that the entity must have with the same value.
const SAME_SHARE: f64 = 0.6;

/// Finds which members of request bodies name entities by what they hold, and which answers show
/// the entity of who asks.
pub fn learn_holders(resources: &mut Resources, seen: &[Seen]) {
    resources.named_by = naming(resources, seen);
    resources.own_views = own_views(resources, seen);
}

/// The entities that an exchange shows, with their templates.
#[must_use]
pub fn shown<'s>(
    resources: &'s Resources,
    one: &'s Seen,
) -> Vec<(&'s SiteTemplate, EntityKey, &'s Map<String, Value>)> {
    let exchange = &one.exchange;
    let segments = &exchange.request.segments;
    if !exchange.is_ok() {
        return Vec::new();
    }
    if let Some(listing) = resources.lists.get(&one.place) {
        let collection = resources.collection(&listing.item, segments);
        let key = |id: String| EntityKey { collection: collection.clone(), id: id.into() };
        let rows = resources.rows(listing, exchange.json()).into_iter();
        return rows.map(|(id, row)| (&listing.item, key(id), row)).collect();
    }
    if let Some(make) = resources.makes.get(&one.place) {
        let collection = resources.collection(&make.item, segments);
        let id = resources.created_id(make, exchange);
        let object = resources.entity(&make.item, exchange.json(), None);
        let made = id
            .zip(object)
            .map(|(id, object)| (&make.item, EntityKey { collection, id: id.into() }, object));
        return made.into_iter().collect();
    }
    let template = &one.place.template;
    let object = resources.entity(template, exchange.json(), None);
    let key = resources.key(segments).filter(|_| resources.is_about_item(&one.place));
    key.zip(object).map(|(key, object)| (template, key, object)).into_iter().collect()
}

/// Texts at each place of the bodies that were accepted, where they are not about an entity of
/// their own.
fn sent_texts(seen: &[Seen]) -> BTreeMap<(Arc<SitePlace>, Pointer), FxHashSet<&str>> {
    let mut sent: BTreeMap<(Arc<SitePlace>, Pointer), FxHashSet<&str>> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let Some(body) = one.exchange.request.body.tree() else { continue };
        for (place, value) in leaves(body) {
            let named = place.iter().all(|step| step.member().is_some());
            let Some(text) = value.as_str().filter(|text| NAMING_BYTES.contains(&text.len()))
            else {
                continue;
            };
            if named {
                sent.entry((Arc::clone(&one.place), place)).or_default().insert(text);
            }
        }
    }
    sent.retain(|_, texts| texts.len() >= NAMING_VALUES_MIN);
    sent
}

fn naming(
    resources: &Resources,
    seen: &[Seen],
) -> FxHashMap<(Arc<SitePlace>, Pointer), (SiteTemplate, Box<str>)> {
    let sent = sent_texts(seen);
    let wanted: FxHashSet<&str> = sent.values().flatten().copied().collect();
    // Who holds a text, by kind and member; several that hold it are told from one.
    let mut holders: BTreeMap<(&SiteTemplate, &str), FxHashMap<&str, FxHashSet<EntityKey>>> =
        BTreeMap::new();
    for one in seen.iter().filter(|_| !wanted.is_empty()) {
        for (template, key, object) in shown(resources, one) {
            let id = resources.items.get(template).and_then(|item| item.id.as_deref());
            for (name, value) in object.iter().filter(|(name, _)| id != Some(name.as_str())) {
                if let Some(text) = value.as_str().filter(|text| wanted.contains(text)) {
                    let held = holders.entry((template, name)).or_default();
                    held.entry(text).or_default().insert(key.clone());
                }
            }
        }
    }
    let mut found = FxHashMap::default();
    for ((place, pointer), texts) in sent {
        if resources.references.contains_key(&(Arc::clone(&place), pointer.clone())) {
            continue;
        }
        let own = resources.makes.get(&place).map(|make| &make.item);
        let acted = resources.acted(&place).map(|(template, _)| template);
        let is_own = |template: &SiteTemplate| {
            let template = resources.canonical(template);
            let noun = template.noun().zip(own.and_then(|own| own.noun()));
            noun.is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
                || own == Some(template)
                || acted.as_ref() == Some(template)
                || place.template == *template
        };
        let best = holders
            .iter()
            .filter(|((template, _), _)| !is_own(template))
            .map(|((template, name), held)| {
                let one = |text: &&&str| held.get(**text).is_some_and(|keys| keys.len() == 1);
                let hits = texts.iter().filter(one).count();
                (hits, last_member(&pointer) == Some(*name), *template, *name)
            })
            .filter(|(hits, ..)| {
                *hits >= NAMING_VALUES_MIN && *hits as f64 >= NAMING_SHARE * texts.len() as f64
            })
            .max_by_key(|(hits, is_named, ..)| (*is_named, *hits));
        if let Some((_, _, template, name)) = best {
            found.insert((place, pointer), (template.clone(), name.into()));
        }
    }
    found
}

/// Credentials that were sent, with the answers that issued them.
fn issued(seen: &[Seen]) -> FxHashMap<u64, &Value> {
    let sent: FxHashSet<u64> = seen
        .iter()
        .filter_map(|one| one.exchange.request.credential.as_ref())
        .map(|sent| sent.token)
        .collect();
    let mut issued = FxHashMap::default();
    for one in seen.iter().filter(|one| !sent.is_empty() && one.exchange.is_ok()) {
        let Some(document) = one.exchange.json() else { continue };
        for text in leaves(document).into_iter().filter_map(|(_, value)| value.as_str()) {
            let token = fingerprint(&[text]);
            if sent.contains(&token) {
                issued.entry(token).or_insert(document);
            }
        }
    }
    issued
}

/// What speaks for a place being the id of the entity that an answer shows.
#[derive(Default)]
struct Votes {
    times: u32,
    entities: FxHashSet<EntityKey>,
}

fn own_views(resources: &Resources, seen: &[Seen]) -> FxHashMap<Arc<SitePlace>, OwnView> {
    let issued = issued(seen);
    if issued.is_empty() {
        return FxHashMap::default();
    }
    let mut held: FxHashMap<EntityKey, (&SiteTemplate, &Map<String, Value>)> = FxHashMap::default();
    for one in seen {
        for (template, key, object) in shown(resources, one) {
            held.insert(key, (template, object));
        }
    }
    let mut asked: FxHashMap<&Arc<SitePlace>, u32> = FxHashMap::default();
    let mut votes: BTreeMap<(&Arc<SitePlace>, &SiteTemplate, Pointer), Votes> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok() && &*one.place.method == "GET") {
        let place = &one.place;
        if resources.is_about_item(place) || resources.lists.contains_key(place) {
            continue;
        }
        let credential = one.exchange.request.credential.as_ref();
        let told = credential.and_then(|sent| issued.get(&sent.token));
        let (Some(told), Some(own)) = (told, one.exchange.json().and_then(Value::as_object)) else {
            continue;
        };
        *asked.entry(place).or_default() += 1;
        for (pointer, value) in leaves(told) {
            let Some(id) = as_segment(value) else { continue };
            for template in resources.items.keys() {
                let id_name = resources.items.get(template).and_then(|item| item.id.as_deref());
                let is_it = id_name.and_then(|name| own.get(name));
                if !is_it.is_some_and(|value| is_written(value, &id)) {
                    continue;
                }
                let segments = &one.exchange.request.segments;
                let collection = resources.collection(template, segments);
                let key = EntityKey { collection, id: id.as_str().into() };
                let same = held.get(&key).is_some_and(|(_, object)| is_same(own, object));
                if same {
                    let votes = votes.entry((place, template, pointer.clone())).or_default();
                    votes.times += 1;
                    votes.entities.insert(key);
                }
            }
        }
    }
    let mut found: FxHashMap<Arc<SitePlace>, (u32, OwnView)> = FxHashMap::default();
    for ((place, template, id), votes) in votes {
        let all = asked.get(place).copied().unwrap_or(0);
        let enough = votes.times >= OWN_TIMES_MIN
            && votes.entities.len() >= OWN_ENTITIES_MIN
            && f64::from(votes.times) >= OWN_SHARE * f64::from(all);
        let best = found.get(place).map_or(0, |(times, _)| *times);
        if enough && votes.times > best {
            let view = OwnView { item: template.clone(), id };
            found.insert(Arc::clone(place), (votes.times, view));
        }
    }
    found.into_iter().map(|(place, (_, view))| (place, view)).collect()
}

/// Whether an answer shows an entity.
fn is_same(own: &Map<String, Value>, object: &Map<String, Value>) -> bool {
    let equal = own.iter().filter(|(name, value)| object.get(*name) == Some(*value)).count();
    equal as f64 >= SAME_SHARE * own.len() as f64
}
