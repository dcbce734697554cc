//! Finds what answers below an item show of it, and which rows stand in items, by comparing each
//! reading with what is there at this moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use crate::domain::world::pointer::{
    Pointer, PointerStep, as_segment, is_word, is_written, leaves,
};
use crate::domain::world::{
    EmbeddedRows, EntityKey, PartView, Resources, Seen, SitePlace, SiteTemplate, World, below,
    ids_in, single_kinds,
};

/// Readings of one place that are compared, and the entities and members that are looked at.
const READINGS_MAX: u32 = 60;
const ROWS_MAX: usize = 200;
const MEMBERS_MAX: usize = 40;

/// Entities that are looked at in one learning.
const LOOKS_MAX: usize = 300_000;

/// Depth of an item down to which parts are looked for.
const DEPTH_MAX: usize = 4;

/// Readings from which a view is believed, those that show something, different ones among them,
/// and the share of the readings that must agree: of rows nearly all, of views half, since what was
/// written to a part is known of the item only when that is read again.
const READINGS_MIN: u32 = 3;
const SHOWN_MIN: u32 = 2;
const DIFFERENT_MIN: usize = 2;
const ROWS_SHARE: f64 = 0.9;
const VIEW_SHARE: f64 = 0.5;

/// How often a candidate agreed, how often it showed something, and what.
#[derive(Default)]
struct Agreement {
    agreed: u32,
    shown: u32,
    /// Orders that rows had: as they arrived, the newest first.
    orders: [u32; 2],
    different: BTreeSet<String>,
}

impl Agreement {
    fn note(&mut self, what: &str) {
        self.agreed += 1;
        if !what.is_empty() {
            self.shown += 1;
            self.different.insert(what.to_owned());
        }
    }

    fn holds(&self, all: u32, share: f64) -> bool {
        all >= READINGS_MIN
            && self.shown >= SHOWN_MIN
            && self.different.len() >= DIFFERENT_MIN
            && f64::from(self.agreed) >= share * f64::from(all)
    }
}

/// An array of items of one kind.
#[derive(Default)]
struct SeenArray {
    /// Readings that have it.
    all: u32,
    /// Members of its rows.
    members: BTreeSet<Box<str>>,
    /// Words of the items that have it, and of those that have something else there.
    with: Vec<Words>,
    without: Vec<Words>,
}

/// Short texts and flags of an item, by member.
type Words = BTreeMap<Box<str>, Value>;

/// Longest text that is a word, bytes.
const WORD_BYTES_MAX: usize = 24;

fn words_of(object: &Map<String, Value>) -> Words {
    let words = object.iter().filter(|(_, value)| is_word(value, WORD_BYTES_MAX)).take(MEMBERS_MAX);
    words.map(|(name, value)| (name.as_str().into(), value.clone())).collect()
}

impl SeenArray {
    /// The word by which items that have the array differ from those that do not.
    fn told_by(&self) -> Option<(Box<str>, Value)> {
        let (first, rest) = self.with.split_first()?;
        let is_it = |name: &str, value: &Value| {
            rest.iter().all(|words| words.get(name) == Some(value))
                && !self.without.iter().any(|words| words.get(name) == Some(value))
        };
        let mut words = first.iter().filter(|_| !self.without.is_empty());
        let found = words.find(|(name, value)| is_it(name, value));
        found.map(|(name, value)| (name.clone(), value.clone()))
    }
}

/// An array of an item, and the rows that may stand in it: of a kind, by a member or below.
type RowsCandidate = (SiteTemplate, Box<str>, SiteTemplate, Option<Box<str>>);

/// Compares views with items while a tape is walked.
pub struct PartViews {
    /// Kinds with one collection, with its name.
    kinds: Vec<(SiteTemplate, Box<str>)>,
    looks: usize,
    readings: BTreeMap<Arc<SitePlace>, u32>,
    views: BTreeMap<(Arc<SitePlace>, usize, PartView), Agreement>,
    arrays: BTreeMap<(SiteTemplate, Box<str>), SeenArray>,
    rows: BTreeMap<RowsCandidate, Agreement>,
}

impl PartViews {
    /// Nothing compared so far.
    pub fn of(resources: &Resources) -> Self {
        Self {
            kinds: single_kinds(resources),
            looks: LOOKS_MAX,
            readings: BTreeMap::new(),
            views: BTreeMap::new(),
            arrays: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }

    /// Compares what an exchange shows with what is there at this moment.
    pub fn compare(&mut self, resources: &Resources, world: &World, one: &Seen) {
        let (exchange, template) = (&one.exchange, &one.place.template);
        let is_plain = exchange.request.query.is_empty();
        if &*one.place.method != "GET" || !exchange.is_ok() || !is_plain || self.looks == 0 {
            return;
        }
        let readings = self.readings.entry(Arc::clone(&one.place)).or_default();
        if *readings >= READINGS_MAX {
            return;
        }
        if resources.is_about_item(&one.place) {
            let object = resources.entity(template, exchange.json(), None);
            let key = resources.key(&exchange.request.segments);
            if let Some((object, key)) = object.zip(key) {
                *readings += 1;
                self.item(resources, world, (template, &key), object);
            }
            return;
        }
        let tail = template.0.iter().rev().take_while(|segment| segment.is_some()).count();
        let n = template.0.len() - tail;
        if tail == 0 || n == 0 || !resources.items.contains_key(&template.prefix(n)) {
            return;
        }
        let parent = resources.key(&exchange.request.segments[..n]);
        let held = parent.and_then(|key| world.living(&key)?.object.clone());
        if let (Some(parent), Some(document)) = (held, exchange.json()) {
            *readings += 1;
            let whole = Value::Object((*parent).clone());
            self.view(resources, world, (one, n), (&whole, document));
        }
    }

    /// Compares what stands below an item with its parts and with what they name.
    fn view(
        &mut self,
        resources: &Resources,
        world: &World,
        (one, n): (&Seen, usize),
        (parent, document): (&Value, &Value),
    ) {
        let mut note = |view: PartView, what: &str| {
            let key = (Arc::clone(&one.place), n, view);
            self.views.entry(key).or_default().note(what);
        };
        if let Some(listing) = resources.lists.get(&one.place) {
            let rows = resources.rows(listing, Some(document));
            let shown: BTreeSet<String> = rows.into_iter().map(|(id, _)| id).collect();
            for (place, rows) in parts(parent).into_iter().filter(|(_, value)| value.is_array()) {
                let ids = ids_in(rows, &listing.id).or_else(|| ids_in(rows, "id"));
                let ids: Option<BTreeSet<String>> = ids.map(|ids| ids.into_iter().collect());
                if ids.is_some_and(|ids| ids == shown) {
                    let what: Vec<&str> = shown.iter().map(String::as_str).collect();
                    note(PartView::Rows(place), &what.join(" "));
                }
            }
        }
        let envelopes = parts(document).into_iter().filter(|(place, _)| place.len() <= 1);
        let envelopes = std::iter::once((Pointer::new(), document)).chain(envelopes);
        for (envelope, shown) in envelopes.filter(|(_, v)| v.is_object() || v.is_array()) {
            for (place, _) in parts(parent).into_iter().filter(|(_, part)| *part == shown) {
                let is_empty = shown.as_array().is_some_and(Vec::is_empty);
                let what = if is_empty { String::new() } else { shown.to_string() };
                note(PartView::Part(place, envelope.clone()), &what);
            }
        }
        for (place, value) in leaves(parent).into_iter().take(MEMBERS_MAX) {
            let Some(id) = as_segment(value) else { continue };
            for (kind, collection) in &self.kinds {
                let key = EntityKey { collection: collection.clone(), id: id.as_str().into() };
                if world.living(&key).is_some()
                    && resources.entity(kind, Some(document), Some(&id)).is_some()
                {
                    note(PartView::Entity(place.clone(), kind.clone()), &id);
                }
            }
        }
    }

    /// Compares the arrays of an item with the rows that lie below it or name it.
    fn item(
        &mut self,
        resources: &Resources,
        world: &World,
        (template, key): (&SiteTemplate, &EntityKey),
        object: &Map<String, Value>,
    ) {
        let is_rows = |value: &Value| {
            let all =
                |test: fn(&Value) -> bool| value.as_array().is_some_and(|a| a.iter().all(test));
            all(Value::is_object) || all(|item| as_segment(item).is_some())
        };
        for (name, _) in object.iter().take(MEMBERS_MAX).filter(|(_, value)| !value.is_array()) {
            let array = (template.clone(), Box::from(name.as_str()));
            let seen = self.arrays.entry(array).or_default();
            if (seen.without.len() as u32) < READINGS_MAX {
                seen.without.push(words_of(object));
            }
        }
        let kinds = std::mem::take(&mut self.kinds);
        for (name, rows) in object.iter().take(MEMBERS_MAX).filter(|(_, value)| is_rows(value)) {
            let array = (template.clone(), Box::from(name.as_str()));
            let seen = self.arrays.entry(array).or_default();
            seen.all += 1;
            seen.with.push(words_of(object));
            let objects = rows.as_array().into_iter().flatten().filter_map(Value::as_object);
            seen.members
                .extend(objects.flat_map(|row| row.keys()).map(|name| Box::from(name.as_str())));
            for child in resources.items.keys().filter(|child| child.lies_below(template)) {
                let collection = below(key, child);
                let rows_there = world.rows(&collection).take(ROWS_MAX);
                let ids: Vec<&str> = rows_there.map(|(id, _)| id).collect();
                self.looks = self.looks.saturating_sub(1 + ids.len());
                let candidate = (template.clone(), name.as_str().into(), child.clone(), None);
                self.note_rows(resources, candidate, rows, &ids);
            }
            for (kind, collection) in &kinds {
                let mut naming: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
                for (id, held) in world.rows(collection).take(ROWS_MAX) {
                    let members = held.object.iter().flat_map(|object| object.iter());
                    for (by, value) in members.take(MEMBERS_MAX) {
                        self.looks = self.looks.saturating_sub(1);
                        let ids = naming.entry(by).or_default();
                        if is_written(value, &key.id) {
                            ids.push(id);
                        }
                    }
                }
                for (by, ids) in naming {
                    let by = Some(by.into());
                    let candidate = (template.clone(), name.as_str().into(), kind.clone(), by);
                    self.note_rows(resources, candidate, rows, &ids);
                }
            }
        }
        self.kinds = kinds;
    }

    fn note_rows(
        &mut self,
        resources: &Resources,
        candidate: RowsCandidate,
        rows: &Value,
        ids: &[&str],
    ) {
        let Some(id) = resources.id_member(&candidate.2) else { return };
        let Some(shown) = ids_in(rows, id) else { return };
        let is_same = shown.iter().map(String::as_str).eq(ids.iter().copied());
        let is_reversed = shown.iter().map(String::as_str).eq(ids.iter().rev().copied());
        let all: BTreeSet<&str> = shown.iter().map(String::as_str).collect();
        if all.len() == shown.len() && all == ids.iter().copied().collect() {
            let agreement = self.rows.entry(candidate).or_default();
            agreement.note(&shown.join(" "));
            agreement.orders[0] += u32::from(is_same);
            agreement.orders[1] += u32::from(is_reversed);
        }
    }

    /// Notes what was found.
    pub fn tell(self, resources: &mut Resources) {
        let mut best: BTreeMap<Arc<SitePlace>, (u32, usize, PartView)> = BTreeMap::new();
        for ((place, n, view), agreement) in self.views {
            let all = self.readings.get(&place).copied().unwrap_or(0);
            let old = best.get(&place).map_or(0, |(agreed, ..)| *agreed);
            // Of views that agree as often the one that says most of the answer comes last.
            if agreement.holds(all, VIEW_SHARE) && agreement.agreed >= old {
                best.insert(place, (agreement.agreed, n, view));
            }
        }
        resources.part_views = best
            .into_iter()
            .map(|(place, (_, n, view))| (place.template.clone(), (n, view)))
            .collect();
        let mut rows: BTreeMap<(SiteTemplate, Box<str>), (u32, EmbeddedRows)> = BTreeMap::new();
        for ((template, name, item, by), agreement) in self.rows {
            let array = (template, name);
            let Some(seen) = self.arrays.get(&array) else { continue };
            let old = rows.get(&array).map_or(0, |(agreed, _)| *agreed);
            if agreement.holds(seen.all, ROWS_SHARE) && agreement.agreed > old {
                let members: FxHashSet<Box<str>> = seen.members.iter().cloned().collect();
                let is_reversed = agreement.orders[1] > agreement.orders[0];
                let told_by = seen.told_by();
                let found = EmbeddedRows { item, by, is_reversed, members, told_by };
                rows.insert(array, (agreement.agreed, found));
            }
        }
        for ((template, name), (_, found)) in rows {
            if let Some(item) = resources.items.get_mut(&template) {
                item.embedded.push((name, found));
            }
        }
    }
}

/// Objects and arrays of a document with their places, itself left out.
fn parts(document: &Value) -> Vec<(Pointer, &Value)> {
    fn walk<'v>(value: &'v Value, place: &mut Pointer, found: &mut Vec<(Pointer, &'v Value)>) {
        let Value::Object(members) = value else { return };
        for (name, inner) in members.iter().take(MEMBERS_MAX) {
            if !(inner.is_object() || inner.is_array()) || place.len() >= DEPTH_MAX {
                continue;
            }
            place.push(PointerStep::Member(name.as_str().into()));
            found.push((place.clone(), inner));
            walk(inner, place, found);
            place.pop();
        }
    }
    let mut found = Vec::new();
    walk(document, &mut Pointer::new(), &mut found);
    found
}
