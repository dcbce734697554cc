//! Finds what members are that nobody sends and no answer to a write says: from the first reading
//! of what was made.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::instant::unix_ms;
use super::member_default::MemberDefault;
use super::pointer::{Pointer, as_segment, leaves};
use super::resources::Resources;
use super::site_place::{Seen, SitePlace};

/// Readings from which a default is learned, and those that are kept of one member.
const READINGS_MIN: usize = 3;
const READINGS_MAX: usize = 96;

/// Share of the readings that must agree, and that must have the member at all.
const AGREEING_SHARE: f64 = 0.9;
const MEMBER_SHARE: f64 = 0.5;

/// Words that one place of the body may have to choose by, bytes of one, and readings of each.
const WORDS_MAX: usize = 16;
const WORD_BYTES_MAX: usize = 40;
const USES_MIN: usize = 2;

/// Moments are told apart by this many ms near the write, and by a share of their distance.
const NEAR_MS: i64 = 3_000;
const DISTANCE_SHARE: i64 = 50;

/// How near to its usual distance a moment is that was set again, ms.
const RENEWED_MS: i64 = 1_000;

/// What one reading showed.
struct Reading<'s> {
    sent: &'s Value,
    value: &'s Value,
    at_ms: i64,
    /// Whether it was there before.
    again: bool,
}

/// Learns the defaults of all that is made and not shown by the answer.
pub fn learn_defaults(resources: &mut Resources, seen: &[Seen]) {
    let mut made: FxHashMap<EntityKey, &Seen> = FxHashMap::default();
    let mut known: FxHashSet<EntityKey> = FxHashSet::default();
    let mut readings: BTreeMap<(Arc<SitePlace>, &str), Vec<Reading<'_>>> = BTreeMap::new();
    let mut all: FxHashMap<Arc<SitePlace>, usize> = FxHashMap::default();
    let mut sent_times: BTreeMap<(Arc<SitePlace>, &str), usize> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        if let Some(key) = made_unshown(resources, one) {
            made.insert(key, one);
            continue;
        }
        for (key, object) in shown(resources, one) {
            let Some(write) = made.remove(&key) else { continue };
            let again = !known.insert(key);
            let Some(sent) = write.exchange.request.body.json() else { continue };
            let named = resources.sent(&write.place, &write.exchange.request.body);
            *all.entry(Arc::clone(&write.place)).or_default() += 1;
            for name in named.into_iter().flat_map(Map::keys) {
                *sent_times.entry((Arc::clone(&write.place), name)).or_default() += 1;
            }
            let is_sent = |name: &str| named.is_some_and(|named| named.contains_key(name));
            for (name, value) in object.iter().filter(|(name, _)| !is_sent(name)) {
                let of = readings.entry((Arc::clone(&write.place), name)).or_default();
                if of.len() < READINGS_MAX {
                    of.push(Reading { sent, value, at_ms: write.exchange.request.at_ms, again });
                }
            }
        }
    }
    let mut found: Vec<(Arc<SitePlace>, Box<str>, MemberDefault)> = Vec::new();
    for (key, readings) in &readings {
        let (place, name) = key;
        let sent = sent_times.get(key).copied().unwrap_or(0);
        let times = all.get(place).copied().unwrap_or(0).saturating_sub(sent).min(READINGS_MAX);
        let id = resources.makes.get(place).and_then(|make| resources.id_member(&make.item));
        if readings.len() >= READINGS_MIN
            && readings.len() as f64 >= MEMBER_SHARE * times as f64
            && id != Some(*name)
            && let Some(default) = default_of(readings)
        {
            found.push((Arc::clone(place), (*name).into(), default));
        }
    }
    for (place, name, default) in found {
        resources.defaults.entry(place).or_default().push((name, default));
    }
}

/// The entity that a write makes, where its answer says next to nothing of it.
fn made_unshown(resources: &Resources, one: &Seen) -> Option<EntityKey> {
    let make = resources.makes.get(&one.place)?;
    let exchange = &one.exchange;
    if resources.batch(&one.place, &exchange.request).is_some() {
        return None;
    }
    let shown = resources.entity(&make.item, exchange.json(), None);
    if shown.is_some_and(|shown| shown.len() > 1) {
        return None;
    }
    let id = resources.created_id(make, exchange)?;
    let collection = resources.collection(&make.item, &exchange.request.segments);
    Some(EntityKey { collection, id: id.into() })
}

/// The entities that a reading shows.
fn shown<'s>(resources: &Resources, one: &'s Seen) -> Vec<(EntityKey, &'s Map<String, Value>)> {
    let exchange = &one.exchange;
    if &*one.place.method != "GET" {
        return Vec::new();
    }
    if resources.is_about_item(&one.place) {
        let Some(key) = resources.key(&exchange.request.segments) else { return Vec::new() };
        let object = resources.entity(&one.place.template, exchange.json(), Some(&key.id));
        return object.map(|object| (key, object)).into_iter().collect();
    }
    let Some(listing) = resources.lists.get(&one.place) else { return Vec::new() };
    let is_alone = resources.items.get(&listing.item).is_some_and(|item| item.is_unaddressed);
    let collection = resources.collection(&listing.item, &exchange.request.segments);
    let rows = resources.rows(listing, exchange.json()).into_iter().filter(|_| is_alone);
    rows.map(|(id, row)| (EntityKey { collection: collection.clone(), id: id.into() }, row))
        .collect()
}

fn default_of(readings: &[Reading<'_>]) -> Option<MemberDefault> {
    let agrees = |n: usize| n as f64 >= AGREEING_SHARE * readings.len() as f64;
    let mut values: BTreeMap<String, (usize, &Value)> = BTreeMap::new();
    for one in readings {
        values.entry(one.value.to_string()).or_insert((0, one.value)).0 += 1;
    }
    let (most, value) = values.into_values().max_by_key(|(n, _)| *n)?;
    if agrees(most) {
        return Some(MemberDefault::Constant(value.clone()));
    }
    after(readings)
        .or_else(|| chosen(readings))
        // What has no rule is mostly this.
        .or_else(|| (most > 1).then(|| MemberDefault::Constant(value.clone())))
}

/// A moment at always the same distance from the write.
fn after(readings: &[Reading<'_>]) -> Option<MemberDefault> {
    let distance = |one: &Reading<'_>| Some(unix_ms(one.value)? - one.at_ms);
    let all: Option<Vec<(i64, bool)>> =
        readings.iter().map(|one| Some((distance(one)?, one.again))).collect();
    let all = all?;
    let mut distances: Vec<i64> =
        all.iter().filter(|(_, again)| !again).map(|(ms, _)| *ms).collect();
    if distances.is_empty() {
        distances = all.iter().map(|(ms, _)| *ms).collect();
    }
    distances.sort_unstable();
    let middle = distances[distances.len() / 2];
    let near = NEAR_MS.max(middle.abs() / DISTANCE_SHARE);
    let same = distances.iter().filter(|ms| (**ms - middle).abs() <= near).count();
    let ms = if middle.abs() < NEAR_MS { 0 } else { (middle + 500).div_euclid(1_000) * 1_000 };
    let like = readings.last()?.value.clone();
    let again = || all.iter().filter(|(_, again)| *again).map(|(ms, _)| *ms);
    let renews = again().next().is_some() && again().all(|ms| (ms - middle).abs() <= RENEWED_MS);
    (same as f64 >= AGREEING_SHARE * distances.len() as f64).then_some(MemberDefault::After {
        like,
        ms,
        renews,
    })
}

/// What a word of the body chooses: the place with the fewest words at which each has one value.
fn chosen(readings: &[Reading<'_>]) -> Option<MemberDefault> {
    let mut places: BTreeMap<Pointer, usize> = BTreeMap::new();
    for (place, value) in readings.iter().flat_map(|one| leaves(one.sent)) {
        if as_segment(value).is_some_and(|word| word.len() <= WORD_BYTES_MAX) {
            *places.entry(place).or_default() += 1;
        }
    }
    let always = places.into_iter().filter(|(_, n)| *n == readings.len());
    let tables = always.filter_map(|(place, _)| {
        let mut table: BTreeMap<Box<str>, (usize, &Value)> = BTreeMap::new();
        for one in readings {
            let word = super::pointer::at(one.sent, &place).and_then(as_segment)?;
            if table.len() > WORDS_MAX {
                return None;
            }
            let (uses, known) = table.entry(word.into()).or_insert((0, one.value));
            if *known != one.value {
                return None;
            }
            *uses += 1;
        }
        let differs = table.values().any(|(_, value)| Some(*value) != first(&table));
        let is_used = table.len() * USES_MIN <= readings.len();
        (differs && is_used).then_some((place, table))
    });
    let (by, table) = tables.min_by_key(|(_, table)| table.len())?;
    let values = table.into_iter().map(|(word, (_, value))| (word, value.clone())).collect();
    Some(MemberDefault::Chosen { by, values })
}

fn first<'v>(table: &BTreeMap<Box<str>, (usize, &'v Value)>) -> Option<&'v Value> {
    table.values().next().map(|(_, value)| *value)
}
