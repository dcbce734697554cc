//! What a write makes of the entity that is read next, learned from pairs of write and reading.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::form::raised;
use super::instant::unix_ms;
use super::pointer::{Pointer, is_written, leaves};
use super::resources::{Item, MemberSource, Resources};
use super::site_place::{Seen, SitePlace, by_place};
use super::template::SiteTemplate;

/// Leaves of an answer that may be the source of a member.
const ANSWER_LEAVES_MAX: usize = 60;

/// Time between a request and what counts as now, ms.
pub const NOW_MS: i64 = 3_000;

/// Share of readings that must agree on a source, and that must have a member at all.
const SOURCE_SHARE: f64 = 0.7;
const MEMBER_SHARE: f64 = 0.5;
const COMMON_SHARE: f64 = 0.6;

/// Deletions that must bring a time forward to their moment.
const FORWARD_MIN: u32 = 2;

/// Where a member may come from; of equally good ones the last wins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Candidate {
    Constant(String),
    Now,
    Answer(Pointer),
    Segment,
    Kept,
    Sent,
}

impl Candidate {
    const fn rank(&self) -> u8 {
        match self {
            Self::Constant(_) => 0,
            Self::Now => 1,
            Self::Answer(_) => 2,
            Self::Segment => 3,
            Self::Kept => 4,
            Self::Sent => 5,
        }
    }

    fn source(self) -> MemberSource {
        match self {
            // It was written from a value just before.
            Self::Constant(text) => {
                MemberSource::Constant(serde_json::from_str(&text).unwrap_or(Value::Null))
            }
            Self::Now => MemberSource::Now,
            Self::Answer(pointer) => MemberSource::Answer(pointer),
            Self::Segment => MemberSource::Segment,
            Self::Kept => MemberSource::Kept,
            Self::Sent => MemberSource::Sent,
        }
    }
}

/// Readings of a member, and how many agree with each candidate.
type Votes = (u32, BTreeMap<Candidate, u32>);

/// What was known of an entity that was deleted, and when it was.
type Deletion<'s> = (Option<&'s Map<String, Value>>, i64);

#[derive(Default)]
struct Follow<'s> {
    votes: BTreeMap<(Arc<SitePlace>, Box<str>), Votes>,
    readings_after: FxHashMap<Arc<SitePlace>, u32>,
    last_write: FxHashMap<EntityKey, &'s Seen>,
    last_read: FxHashMap<EntityKey, &'s Map<String, Value>>,
    deleted: FxHashMap<EntityKey, Deletion<'s>>,
    after_action: BTreeMap<Arc<SitePlace>, (u32, u32)>,
    after_deletion: BTreeMap<&'s SiteTemplate, (u32, u32)>,
    changed_by_deletion: Changed<'s>,
    ahead_of_deletion: Ahead<'s>,
    readings: BTreeMap<&'s SiteTemplate, (u32, BTreeMap<&'s str, u32>)>,
    pairs: BTreeMap<&'s SiteTemplate, u32>,
    volatile: BTreeMap<(&'s SiteTemplate, &'s str), u32>,
    /// Pairs in which a member was one higher.
    raised: BTreeMap<(&'s SiteTemplate, &'s str), u32>,
    /// Pairs in which a member stayed as it was though the write did not name it.
    steady: BTreeMap<(&'s SiteTemplate, &'s str), u32>,
}

/// Learns constructors, versions, soft deletions, common members, partial answers and views.
pub fn follow(resources: &mut Resources, seen: &[Seen]) {
    let mut follow = Follow::default();
    // What is learned is written into them; what is read of them stays as it was.
    let found = resources.clone();
    for one in seen {
        follow.step(&found, one);
    }
    let Follow {
        votes,
        readings_after,
        after_action,
        after_deletion,
        changed_by_deletion,
        ahead_of_deletion,
        readings,
        pairs,
        volatile,
        raised,
        steady,
        ..
    } = follow;
    for ((place, name), (times, candidates)) in votes {
        let all = readings_after.get(&place).copied().unwrap_or(0);
        if f64::from(times) < MEMBER_SHARE * f64::from(all) {
            continue;
        }
        let good = candidates
            .into_iter()
            .filter(|(_, n)| f64::from(*n) >= SOURCE_SHARE * f64::from(times));
        if let Some((best, _)) = good.max_by_key(|(candidate, n)| (*n, candidate.rank())) {
            resources.constructors.entry(place).or_default().push((name, best.source()));
        }
    }
    for (template, item) in &mut resources.items {
        if let Some((all, names)) = readings.get(template) {
            let common =
                names.iter().filter(|(_, n)| f64::from(**n) >= COMMON_SHARE * f64::from(*all));
            item.common = common.map(|(name, _)| (*name).into()).collect();
        }
        let pairs = pairs.get(template).copied().unwrap_or(0);
        let changed = volatile.iter().filter(|((of, _), n)| {
            *of == template && f64::from(**n) >= MEMBER_SHARE * f64::from(pairs)
        });
        item.versions = changed.map(|((_, name), _)| (*name).into()).collect();
        let rises = |name: &str| rises(template, name, (&raised, &volatile));
        item.raised = item.versions.iter().filter(|name| rises(name)).cloned().collect();
        let moved = |name: &&str| volatile.get(&(&*template, *name)).copied().unwrap_or(0);
        let kept = steady.iter().filter(|((of, name), n)| *of == template && **n > moved(name));
        item.steady = kept.map(|((_, name), _)| (*name).into()).collect();
        let (still, gone) = after_deletion.get(template).copied().unwrap_or_default();
        if still > 4 * gone && still > 0 {
            tell_deletion((template, item), still, (&changed_by_deletion, &ahead_of_deletion));
        }
    }
    let gone = after_action.into_iter().filter(|(_, (still, gone))| *gone > 4 * still);
    resources.removers = gone.map(|(place, _)| place).collect();
    resources.partial = partial(resources, seen);
    resources.views = views(resources, seen);
}

/// Members that deletions changed, with what they were afterwards.
type Changed<'s> = BTreeMap<(&'s SiteTemplate, &'s str), BTreeMap<String, u32>>;

/// Times that lay ahead of a deletion: those that became its moment, and those that did not.
type Ahead<'s> = BTreeMap<(&'s SiteTemplate, &'s str), (u32, u32)>;

/// Notes what a DELETE makes of items that stay readable after it.
fn tell_deletion(
    (template, item): (&SiteTemplate, &mut Item),
    still: u32,
    (changed, ahead): (&Changed<'_>, &Ahead<'_>),
) {
    let often = changed.iter().filter(|((of, _), _)| *of == template);
    let often = often.filter_map(|((_, name), values)| {
        let (text, n) = values.iter().max_by_key(|(_, n)| **n)?;
        // The moment of the deletion has no text.
        let value = match text.as_str() {
            "" => None,
            text => Some(serde_json::from_str(text).ok()?),
        };
        (f64::from(*n) >= MEMBER_SHARE * f64::from(still)).then(|| ((*name).into(), value))
    });
    item.soft_deletion = Some(often.collect());
    let forward = ahead.iter().filter(|((of, _), (forward, stays))| {
        *of == template && *forward >= FORWARD_MIN && *forward > 4 * stays
    });
    item.brought_forward = forward.map(|((_, name), _)| (*name).into()).collect();
}

/// Members by their kind of entity, with how often something happened to them.
type MemberCounts<'s> = BTreeMap<(&'s SiteTemplate, &'s str), u32>;

/// Whether a member that changes by itself mostly becomes one higher.
fn rises(
    template: &SiteTemplate,
    name: &str,
    (raised, volatile): (&MemberCounts<'_>, &MemberCounts<'_>),
) -> bool {
    let count = |of: &MemberCounts<'_>| of.get(&(template, name)).copied().unwrap_or(0);
    f64::from(count(raised)) >= SOURCE_SHARE * f64::from(count(volatile).max(1))
}

impl<'s> Follow<'s> {
    fn step(&mut self, resources: &'s Resources, seen: &'s Seen) {
        let exchange = &seen.exchange;
        let template = &seen.place.template;
        let is_item = resources.is_about_item(&seen.place);
        let method = &*exchange.request.method;
        if method == "GET" && resources.items.contains_key(template) {
            self.read_after_deletion(resources, seen);
            self.read_after_action(resources, seen);
        }
        if !exchange.is_ok() {
            return;
        }
        let addressed = resources.addressed(&seen.place, &exchange.request.segments);
        let key = if addressed.is_some() {
            addressed
        } else {
            let is_whole = resources.batch(&seen.place, &exchange.request).is_some();
            resources.makes.get(&seen.place).filter(|_| !is_whole).and_then(|make| {
                let id = resources.created_id(make, exchange)?;
                let collection = resources.collection(&make.item, &exchange.request.segments);
                Some(EntityKey { collection, id: id.into() })
            })
        };
        let Some(key) = key else { return self.read_rows(resources, seen) };
        match method {
            "GET" if is_item => self.read(resources, seen, key),
            "PUT" | "PATCH" | "POST" => {
                self.last_write.insert(key.clone(), seen);
                self.read_answer(resources, seen, key);
            }
            "DELETE" if is_item => {
                self.last_write.remove(&key);
                let was = self.last_read.remove(&key);
                self.deleted.insert(key, (was, exchange.request.at_ms));
            }
            "DELETE" => {
                self.last_write.insert(key, seen);
            }
            _ => {}
        }
    }

    /// Is the item still there after an action on it?
    fn read_after_action(&mut self, resources: &Resources, seen: &'s Seen) {
        let exchange = &seen.exchange;
        let Some(key) = resources.key(&exchange.request.segments) else { return };
        let Some(write) = self.last_write.get(&key) else { return };
        if !resources.actions.contains_key(&write.place) {
            return;
        }
        let counts = self.after_action.entry(Arc::clone(&write.place)).or_default();
        if exchange.is_ok() {
            counts.0 += 1;
        } else if matches!(exchange.status, 404 | 410) {
            counts.1 += 1;
            self.last_write.remove(&key);
        }
    }

    fn read_after_deletion(&mut self, resources: &Resources, seen: &'s Seen) {
        let exchange = &seen.exchange;
        let Some(key) = resources.key(&exchange.request.segments) else { return };
        let Some((was, at_ms)) = self.deleted.remove(&key) else { return };
        let template = &seen.place.template;
        let counts = self.after_deletion.entry(template).or_default();
        if !exchange.is_ok() {
            counts.1 += 1;
            return;
        }
        counts.0 += 1;
        let now = resources.entity(template, exchange.json(), Some(&*key.id));
        let (Some(was), Some(now)) = (was, now) else { return };
        let is_ahead = |value: &Value| unix_ms(value).is_some_and(|ms| ms > at_ms + NOW_MS);
        for name in was.iter().filter(|(_, value)| is_ahead(value)).map(|(name, _)| name) {
            let Some((name, now)) = now.get_key_value(name) else { continue };
            let is_now = unix_ms(now).is_some_and(|ms| (ms - at_ms).abs() < NOW_MS);
            let counts = self.ahead_of_deletion.entry((template, name)).or_default();
            *(if is_now { &mut counts.0 } else { &mut counts.1 }) += 1;
        }
        for (name, value) in now.iter().filter(|(name, value)| was.get(*name) != Some(*value)) {
            let values = self.changed_by_deletion.entry((template, name)).or_default();
            let is_now = unix_ms(value).is_some_and(|ms| (ms - at_ms).abs() < NOW_MS);
            let text = if is_now { String::new() } else { value.to_string() };
            *values.entry(text).or_default() += 1;
        }
    }

    fn read(&mut self, resources: &Resources, seen: &'s Seen, key: EntityKey) {
        let template = &seen.place.template;
        if let Some(object) = resources.entity(template, seen.exchange.json(), Some(&*key.id)) {
            self.note(resources, (template, object), key);
        }
    }

    /// What no path addresses is read in answers to what is done to it.
    fn read_answer(&mut self, resources: &'s Resources, seen: &'s Seen, key: EntityKey) {
        let acted = resources.acted(&seen.place).map(|(template, _)| template);
        let made = resources.makes.get(&seen.place).map(|make| &make.item);
        let Some(template) = acted.as_ref().or(made) else { return };
        let Some((template, item)) = resources.items.get_key_value(template) else { return };
        let shown = resources.entity(template, seen.exchange.json(), Some(&*key.id));
        if let Some(object) = shown.filter(|_| item.is_acted_on) {
            self.note(resources, (template, object), key);
        }
    }

    /// And in lists.
    fn read_rows(&mut self, resources: &'s Resources, seen: &'s Seen) {
        let Some(listing) = resources.lists.get(&seen.place) else { return };
        if !resources.items.get(&listing.item).is_some_and(|item| item.is_acted_on) {
            return;
        }
        let collection = resources.collection(&listing.item, &seen.exchange.request.segments);
        for (id, row) in resources.rows(listing, seen.exchange.json()) {
            let key = EntityKey { collection: collection.clone(), id: id.into() };
            self.note(resources, (&listing.item, row), key);
        }
    }

    /// Takes in what a reading shows of an entity.
    fn note(
        &mut self,
        resources: &Resources,
        (template, object): (&'s SiteTemplate, &'s Map<String, Value>),
        key: EntityKey,
    ) {
        let (all, names) = self.readings.entry(template).or_default();
        *all += 1;
        object.keys().for_each(|name| *names.entry(name).or_default() += 1);
        if let Some(write) = self.last_write.remove(&key) {
            let empty = Map::new();
            let sent = resources.sent(&write.place, &write.exchange.request.body).unwrap_or(&empty);
            let before = self.last_read.get(&key).copied();
            self.vote(write, object, (sent, before), &key.id);
            if let Some(before) = self.last_read.get(&key) {
                *self.pairs.entry(template).or_default() += 1;
                for (name, value) in object {
                    let by_itself =
                        before.get(name) != Some(value) && sent.get(name) != Some(value);
                    if by_itself && (value.is_string() || value.is_number()) {
                        *self.volatile.entry((template, name)).or_default() += 1;
                        if before.get(name).and_then(|old| raised(old, value)).as_ref()
                            == Some(value)
                        {
                            *self.raised.entry((template, name)).or_default() += 1;
                        }
                    }
                    if before.get(name) == Some(value) && !sent.contains_key(name) {
                        *self.steady.entry((template, name)).or_default() += 1;
                    }
                }
            }
        }
        self.last_read.insert(key, object);
    }

    fn vote(
        &mut self,
        write: &Seen,
        object: &Map<String, Value>,
        (sent, before): (&Map<String, Value>, Option<&Map<String, Value>>),
        id: &str,
    ) {
        *self.readings_after.entry(Arc::clone(&write.place)).or_default() += 1;
        let mut answer = write.exchange.json().map(leaves).unwrap_or_default();
        answer.truncate(ANSWER_LEAVES_MAX);
        for (name, value) in object {
            let entry = (Arc::clone(&write.place), name.as_str().into());
            let (times, candidates) = self.votes.entry(entry).or_default();
            *times += 1;
            let mut vote = |candidate| *candidates.entry(candidate).or_default() += 1;
            if sent.get(name) == Some(value) {
                vote(Candidate::Sent);
            }
            if before.is_some_and(|before| before.get(name) == Some(value)) {
                vote(Candidate::Kept);
            }
            if is_written(value, id) {
                vote(Candidate::Segment);
            }
            if !value.is_null() && !value.is_boolean() {
                for (pointer, other) in &answer {
                    if *other == value {
                        vote(Candidate::Answer(pointer.clone()));
                    }
                }
            }
            let moment = unix_ms(value);
            if moment.is_some_and(|ms| (ms - write.exchange.request.at_ms).abs() < NOW_MS) {
                vote(Candidate::Now);
            }
            vote(Candidate::Constant(value.to_string()));
        }
    }
}

/// Writes whose answers show less than the readings do.
fn partial(resources: &Resources, seen: &[Seen]) -> FxHashSet<Arc<SitePlace>> {
    let mut most: FxHashMap<&Arc<SitePlace>, usize> = FxHashMap::default();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let template = &one.place.template;
        if resources.items.contains_key(template) {
            let object = resources.entity(template, one.exchange.json(), None);
            let size = most.entry(&one.place).or_default();
            *size = (*size).max(object.map_or(0, Map::len));
        }
    }
    let whole = |template: &SiteTemplate| {
        most.iter()
            .find(|(place, _)| &*place.method == "GET" && place.template == *template)
            .map_or(0, |(_, size)| *size)
    };
    most.iter()
        .filter(|(place, _)| matches!(&*place.method, "PUT" | "PATCH" | "POST"))
        .filter(|(place, size)| **size < whole(&place.template))
        .map(|(place, _)| Arc::clone(place))
        .collect()
}

/// Lists whose rows have less than half of their members in common with the entity.
fn views(resources: &Resources, seen: &[Seen]) -> FxHashSet<Arc<SitePlace>> {
    let mut views = FxHashSet::default();
    for (place, own) in by_place(seen) {
        let Some(listing) = resources.lists.get(&place) else { continue };
        if listing.is_bare() {
            views.insert(place);
            continue;
        }
        let Some(item) = resources.items.get(&listing.item) else { continue };
        let mut names: FxHashSet<&str> = FxHashSet::default();
        for one in own.iter().filter(|one| one.exchange.is_ok()) {
            for (_, row) in resources.rows(listing, one.exchange.json()).into_iter().take(5) {
                names.extend(row.keys().map(String::as_str));
            }
        }
        let shared = names.iter().filter(|name| item.common.contains(**name)).count();
        if !names.is_empty() && !item.common.is_empty() && 2 * shared < names.len() {
            views.insert(place);
        }
    }
    views
}
