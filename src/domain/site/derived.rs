//! Finds computed members, by computing candidates at each reading while a tape is walked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::text_shape::is_public;
use super::visibility::asker;
use crate::domain::world::pointer::{Pointer, as_segment, is_word, is_written, leaves};
use crate::domain::world::{
    Computation, EntityKey, Resources, Seen, SitePlace, SiteTemplate, Tally, World, length_of,
    mask_of, objects, single_kinds,
};

/// Readings of one kind of item that are compared, and rows of one list.
const READINGS_MAX: u32 = 400;
const ROWS_MAX: usize = 6;

/// Entities of one kind that are counted, members of an entity that are looked at, and answers of
/// one place whose numbers are compared with counts.
const COUNTED_MAX: usize = 200;
const MEMBERS_MAX: usize = 40;
const TALLIES_MAX: u32 = 200;

/// Members that are looked at in one learning, some dozen milliseconds; what is read beyond them is
/// not compared.
const LOOKS_MAX: usize = 2_000_000;

/// Readings and different values from which a member is believed to be computed, and the share of
/// the readings that must agree.
const READINGS_MIN: u32 = 4;
const VALUES_MIN: usize = 3;
const AGREED_SHARE: f64 = 0.9;

/// Bytes of a text from which it is no accident that two entities share it.
const TEXT_BYTES_MIN: usize = 3;

/// Members of an object in an entity that may be the id of another entity.
const VIEW_IDS_MAX: usize = 8;

/// Bytes of what stands around another member.
const AROUND_BYTES_MAX: usize = 40;

/// Bytes of a word that may choose what is counted.
const WORD_BYTES_MAX: usize = 24;

/// Readings, those that agree, and the values of a member.
#[derive(Default)]
struct Agreement {
    all: u32,
    agreed: u32,
    values: BTreeSet<String>,
}

impl Agreement {
    fn holds(&self) -> bool {
        self.all >= READINGS_MIN
            && self.values.len() >= VALUES_MIN
            && f64::from(self.agreed) >= AGREED_SHARE * f64::from(self.all)
    }
}

/// A number of an answer, and what it may count.
type CountCandidate = (Pointer, SiteTemplate, CountedBy);

/// Which entities a number counts: all, those with a value, or one's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum CountedBy {
    All,
    With(Box<str>, String),
    Own,
}

/// Whether the items of a kind stand beside a path: `/users/{}/orders/{}` beside
/// `/users/{}/orders/count`.
fn is_beside(kind: &SiteTemplate, path: &SiteTemplate) -> bool {
    kind.0.len() == path.0.len() && kind.0[..kind.0.len() - 1] == path.0[..path.0.len() - 1]
}

/// Whether an object is an entity of a collection, or a part of one: what both have is the same,
/// and that is more than the id. `None` where there is no such entity.
fn is_view(world: &World, collection: &str, view: &Map<String, Value>, id: &str) -> Option<bool> {
    let own = view.get(id)?;
    let key = EntityKey { collection: collection.into(), id: as_segment(own)?.into() };
    let held = world.living(&key)?.object.as_deref()?;
    if held.get(id) != Some(own) {
        return None;
    }
    let both = view.iter().filter(|(name, _)| *name != id);
    let both = both.filter_map(|(name, value)| Some((value, held.get(name)?)));
    both.map(|(value, now)| value == now).reduce(|a, b| a && b)
}

/// The text with another member in it as a whole word.
fn around_of(text: &str, other: &str, value: &Value) -> Option<Computation> {
    let part = as_segment(value).filter(|part| !part.is_empty() && part.len() < text.len())?;
    let at = text.rfind(&part)?;
    let (before, behind) = (&text[..at], &text[at + part.len()..]);
    let is_whole = !before.ends_with(char::is_alphanumeric)
        && !behind.starts_with(char::is_alphanumeric)
        && before.len() + behind.len() <= AROUND_BYTES_MAX;
    let is_public = !before.contains("://") && is_public(before) && is_public(behind);
    (is_whole && is_public).then(|| Computation::Around(before.into(), other.into(), behind.into()))
}

/// Compares members with what they may be computed from.
#[derive(Default)]
pub struct Derived {
    /// Kinds with one collection, with its name.
    kinds: Vec<(SiteTemplate, Box<str>)>,
    /// Kinds with a collection below each item of another kind.
    siblings: Vec<SiteTemplate>,
    /// Members that may still be looked at.
    looks: usize,
    readings: BTreeMap<SiteTemplate, u32>,
    /// Readings of each member, and its values.
    members: BTreeMap<(SiteTemplate, Box<str>), (u32, BTreeSet<String>)>,
    /// How many of them agree with a candidate.
    found: BTreeMap<(SiteTemplate, Box<str>, Computation), u32>,
    /// How many have another length; a reading that does not show the other member says nothing.
    differ: BTreeMap<(SiteTemplate, Box<str>, Computation), u32>,
    answers: BTreeMap<Arc<SitePlace>, u32>,
    tallies: BTreeMap<Arc<SitePlace>, BTreeMap<CountCandidate, Agreement>>,
}

impl Derived {
    /// Nothing compared so far.
    pub fn of(resources: &Resources) -> Self {
        let siblings = resources.items.keys().filter(|item| item.variables() > 1).cloned();
        Self {
            kinds: single_kinds(resources),
            siblings: siblings.collect(),
            looks: LOOKS_MAX,
            ..Self::default()
        }
    }

    /// Compares what an exchange shows with what is there at this moment.
    pub fn compare(&mut self, resources: &Resources, world: &World, one: &Seen) {
        let (exchange, template) = (&one.exchange, &one.place.template);
        let is_masked = mask_of(&resources.masks, &one.place, &exchange.request).is_some();
        if !exchange.request.reads() || !exchange.is_ok() || is_masked {
            return;
        }
        if let Some(listing) = resources.lists.get(&one.place) {
            if !resources.views.contains(&one.place) {
                for (id, row) in resources.rows(listing, exchange.json()).into_iter().take(ROWS_MAX)
                {
                    self.entity(world, &listing.item, &id, row);
                }
            }
        } else if let Some(object) = resources.entity(template, exchange.json(), None) {
            let id = exchange.request.segments.last().cloned().unwrap_or_default();
            self.entity(world, template, &id, object);
        } else {
            self.answer(resources, world, one);
        }
    }

    fn entity(
        &mut self,
        world: &World,
        template: &SiteTemplate,
        id: &str,
        object: &Map<String, Value>,
    ) {
        let readings = self.readings.entry(template.clone()).or_default();
        if *readings >= READINGS_MAX || self.looks == 0 {
            return;
        }
        *readings += 1;
        self.looks = self.looks.saturating_sub(object.len().min(MEMBERS_MAX) * self.kinds.len());
        let mut agreed: Vec<(&str, Computation)> = self.of_others(world, (template, id), object);
        for (name, how, is_view) in self.views(world, template, object) {
            if is_view {
                agreed.push((name, how));
            } else {
                *self.differ.entry((template.clone(), name.into(), how)).or_default() += 1;
            }
        }
        let naming = self.naming(world, id);
        for (name, value) in object.iter().take(MEMBERS_MAX) {
            if let Some(number) = value.as_u64() {
                for (other, length) in
                    object.iter().filter_map(|(other, value)| Some((other, length_of(value)?)))
                {
                    let how = Computation::Length(other.as_str().into());
                    if length == number {
                        agreed.push((name.as_str(), how));
                    } else {
                        let key = (template.clone(), name.as_str().into(), how);
                        *self.differ.entry(key).or_default() += 1;
                    }
                }
                let equal = naming.iter().filter(|(_, count)| *count == number);
                agreed.extend(equal.map(|(how, _)| (name.as_str(), how.clone())));
            } else if let Some(text) = value.as_str() {
                let around = object.iter().filter(|(other, _)| *other != name);
                let around = around.filter_map(|(other, value)| around_of(text, other, value));
                agreed.extend(around.map(|how| (name.as_str(), how)));
            } else if objects(value).next().is_none() {
                continue;
            }
            let key = (template.clone(), name.as_str().into());
            let (all, values) = self.members.entry(key).or_default();
            *all += 1;
            values.insert(value.to_string());
        }
        for (name, how) in agreed {
            *self.found.entry((template.clone(), name.into(), how)).or_default() += 1;
        }
    }

    /// How many entities of each kind name this one in each member.
    fn naming(&mut self, world: &World, id: &str) -> Vec<(Computation, u64)> {
        let mut found = Vec::new();
        for (kind, collection) in &self.kinds {
            let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
            for (_, held) in world.rows(collection).take(COUNTED_MAX) {
                for (name, value) in held.object.iter().flat_map(|object| object.iter()) {
                    self.looks = self.looks.saturating_sub(1);
                    *counts.entry(name).or_default() += u64::from(is_written(value, id));
                }
            }
            let naming =
                |(by, count): (&str, u64)| (Computation::Naming(kind.clone(), by.into()), count);
            found.extend(counts.into_iter().map(naming));
        }
        found
    }

    /// Members that show parts of other entities, each with its id, or that differ from them.
    fn views<'o>(
        &self,
        world: &World,
        template: &SiteTemplate,
        object: &'o Map<String, Value>,
    ) -> Vec<(&'o str, Computation, bool)> {
        let mut found = Vec::new();
        for (name, value) in object.iter().take(MEMBERS_MAX) {
            let Some(first) = objects(value).next() else { continue };
            let ids = first.iter().filter(|(_, value)| as_segment(value).is_some());
            for (id, _) in ids.take(VIEW_IDS_MAX) {
                for (kind, collection) in self.kinds.iter().filter(|(kind, _)| kind != template) {
                    let views = objects(value).take(ROWS_MAX);
                    let agree = views.filter_map(|view| is_view(world, collection, view, id));
                    if let Some(is_view) = agree.reduce(|a, b| a && b) {
                        let how = Computation::Views { item: kind.clone(), id: id.as_str().into() };
                        found.push((name.as_str(), how, is_view));
                    }
                }
            }
        }
        found
    }

    /// Texts that stand in an entity which another member names, too.
    fn of_others<'o>(
        &self,
        world: &World,
        (template, own): (&SiteTemplate, &str),
        object: &'o Map<String, Value>,
    ) -> Vec<(&'o str, Computation)> {
        let is_text = |value: &Value| value.as_str().is_some_and(|t| t.len() >= TEXT_BYTES_MIN);
        let mut found = Vec::new();
        for (by, id) in object.iter().take(MEMBERS_MAX) {
            let Some(id) = as_segment(id) else { continue };
            for (kind, collection) in &self.kinds {
                let key = EntityKey { collection: collection.clone(), id: id.as_str().into() };
                let other = world.living(&key).and_then(|held| held.object.as_deref());
                let Some(other) = other.filter(|_| kind != template || id != own) else {
                    continue;
                };
                for (name, value) in
                    object.iter().filter(|(name, value)| *name != by && is_text(value))
                {
                    for (member, _) in other.iter().filter(|(_, theirs)| *theirs == value) {
                        let (by, member) = (by.as_str().into(), member.as_str().into());
                        found.push((
                            name.as_str(),
                            Computation::Of { by, item: kind.clone(), member },
                        ));
                    }
                }
            }
        }
        found
    }

    /// Compares the numbers of an answer that shows no entity with counts.
    fn answer(&mut self, resources: &Resources, world: &World, one: &Seen) {
        // What a request wishes chooses what is counted.
        if !one.exchange.request.query.is_empty() {
            return;
        }
        let answers = self.answers.entry(Arc::clone(&one.place)).or_default();
        let template = &one.place.template;
        if *answers >= TALLIES_MAX || template.ends_in_variable() || self.looks == 0 {
            return;
        }
        let segments = &one.exchange.request.segments;
        let kinds: Vec<(SiteTemplate, Box<str>)> = match template.variables() {
            0 => self.kinds.clone(),
            _ => self
                .siblings
                .iter()
                .filter(|kind| is_beside(kind, template))
                .map(|kind| (kind.clone(), resources.collection(kind, segments)))
                .collect(),
        };
        *answers += 1;
        let numbers: Vec<(Pointer, u64)> = one
            .exchange
            .json()
            .map(leaves)
            .unwrap_or_default()
            .into_iter()
            .take(MEMBERS_MAX)
            .filter_map(|(place, value)| Some((place, value.as_u64()?)))
            .collect();
        if numbers.is_empty() {
            return;
        }
        let asker = asker(&one.exchange.request);
        let own = self.tallies.entry(Arc::clone(&one.place)).or_default();
        for (kind, collection) in &kinds {
            let mut counts: BTreeMap<CountedBy, u64> =
                [(CountedBy::All, 0), (CountedBy::Own, 0)].into_iter().collect();
            for (_, held) in world.rows(collection).take(COUNTED_MAX) {
                *counts.entry(CountedBy::All).or_default() += 1;
                let is_own = held.owner.is_some() && held.owner == asker;
                *counts.entry(CountedBy::Own).or_default() += u64::from(is_own);
                for (name, value) in held.object.iter().flat_map(|object| object.iter()) {
                    self.looks = self.looks.saturating_sub(1);
                    if is_word(value, WORD_BYTES_MAX) {
                        let key = CountedBy::With(name.as_str().into(), value.to_string());
                        *counts.entry(key).or_default() += 1;
                    }
                }
            }
            for (place, number) in &numbers {
                for (with, _) in counts.iter().filter(|(_, count)| *count == number) {
                    let agreement =
                        own.entry((place.clone(), kind.clone(), with.clone())).or_default();
                    agreement.agreed += 1;
                    agreement.values.insert(number.to_string());
                }
            }
        }
    }

    /// Notes what was found.
    pub fn tell(self, resources: &mut Resources) {
        let mut best: BTreeMap<(SiteTemplate, Box<str>), (u32, Computation)> = BTreeMap::new();
        for ((template, name, how), agreed) in self.found {
            let Some((all, values)) = self.members.get(&(template.clone(), name.clone())) else {
                continue;
            };
            let candidate = (template, name, how);
            let differ = self.differ.get(&candidate).copied().unwrap_or(0);
            let (template, name, how) = candidate;
            let all = match how {
                Computation::Length(_) | Computation::Views { .. } => agreed + differ,
                _ => *all,
            };
            if (Agreement { all, agreed, values: values.clone() }).holds() {
                let old = best.entry((template, name)).or_insert((0, how.clone()));
                if agreed > old.0 {
                    *old = (agreed, how);
                }
            }
        }
        for ((template, name), (_, how)) in best {
            if let Some(item) = resources.items.get_mut(&template) {
                item.derived.push((name, how));
            }
        }
        for (place, candidates) in self.tallies {
            let all = self.answers.get(&place).copied().unwrap_or(0);
            let mut found: BTreeMap<Pointer, (u32, Tally)> = BTreeMap::new();
            for ((number, item, with), agreement) in candidates {
                if !(Agreement { all, ..agreement }).holds() {
                    continue;
                }
                let own = with == CountedBy::Own;
                let with = match with {
                    CountedBy::With(name, value) => {
                        serde_json::from_str(&value).ok().map(|value| (name, value))
                    }
                    CountedBy::All | CountedBy::Own => None,
                };
                let tally = (agreement.agreed, Tally { item, with, own });
                let old = found.entry(number).or_insert_with(|| tally.clone());
                if tally.0 > old.0 {
                    *old = tally;
                }
            }
            let found: Vec<_> = found.into_iter().map(|(at, (_, tally))| (at, tally)).collect();
            if !found.is_empty() {
                resources.tallies.insert(place, found);
            }
        }
    }
}
