//! Objects as learned: members, which of them come together, and maps with open keys.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::json::Json;
use crate::domain::privacy::retention;
use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::sketch::invariant;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::{PrioritySample, SampleBounds};
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::object::presence;
use crate::domain::value::object::presence::FieldState;
use crate::domain::value::object::record_pool::RecordPool;
use crate::domain::value::observe_context::ObserveContext;
use crate::domain::value::relation::count_field;
use crate::domain::value::relation::count_field::CountField;
use crate::domain::value::relation::equal_fields;
use crate::domain::value::relation::equal_fields::EqualFields;
use crate::domain::value::relation::laws::model::LawModel;
use crate::domain::value::relation::time_gap;
use crate::domain::value::relation::time_gap::TimeGap;
use crate::domain::value::string::model::StringModel;
use crate::domain::value::string::pattern;
use crate::domain::value::{IndexRemap, ValueModel};

/// One member of a record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// 32-bit hash of the name; all that is known of it at first.
    #[serde(rename = "h")]
    pub fingerprint: u32,
    /// The name, once it may be kept.
    #[serde(rename = "k", skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// The shape of the name, while the name is not kept.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    mask: Option<Box<str>>,
    /// Objects that had it.
    #[serde(rename = "c")]
    pub count: u64,
    #[serde(rename = "b")]
    bodies: u32,
    #[serde(rename = "l")]
    last_body: u64,
    /// The name says that values are secret.
    #[serde(rename = "x", skip_serializing_if = "is_false")]
    pub secret: bool,
    /// What its values were.
    #[serde(rename = "s")]
    pub shape: ValueModel,
}

heap_bytes!(Member { fingerprint, name, mask, count, bodies, last_body, secret, shape });

/// Whether a member holds the name of a person, or a list with one.
fn holds_person(name: &str, value: &Json<'_>) -> bool {
    match value {
        Json::Str(text) => retention::is_person(name, text),
        Json::Array(items) => items.iter().any(|item| holds_person(name, item)),
        _ => false,
    }
}

/// Whether what looks like a person there may be a thing.
fn holds_thing(name: &str, value: &Json<'_>) -> bool {
    matches!(value, Json::Str(text) if retention::is_thing(name, text))
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// An object whose keys are values: ids, names, languages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MapModel {
    /// What the keys were, as strings of one position.
    #[serde(rename = "k")]
    pub keys: StringModel,
    /// How many keys the objects had, by how often each size came.
    #[serde(rename = "l")]
    pub sizes: PrioritySample<i32>,
    /// All values of all keys as one position.
    #[serde(rename = "v")]
    pub value: ValueModel,
}

heap_bytes!(MapModel { keys, sizes, value });

/// The objects of one position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectModel {
    /// Objects observed.
    #[serde(rename = "n")]
    pub seen: u64,
    /// In the order in which they were first seen; empty once the object is a map.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Which members came together, and with which of few values: see [`presence`].
    #[serde(rename = "r")]
    pub rows: PrioritySample<Box<str>>,
    /// What its keys and values are, once its keys are values; `None` for a record.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub map: Option<Box<MapModel>>,
    /// Members that count the items of an array beside them, with the evidence.
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<CountField>,
    /// Members that repeat one of an object beside them, with the evidence.
    #[serde(rename = "t", skip_serializing_if = "Vec::is_empty")]
    pub twins: Vec<EqualFields>,
    /// Pairs of times, with their order and distance.
    #[serde(rename = "q", skip_serializing_if = "Vec::is_empty")]
    pub lapses: Vec<TimeGap>,
    /// What the scalars of a record have to do with each other; of an object that is a part of
    /// another one, that one knows.
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    pub laws: Option<Box<LawModel>>,
    /// Records that came whole again, or that may be kept as they are.
    #[serde(rename = "o", skip_serializing_if = "Option::is_none")]
    pub pool: Option<Box<RecordPool>>,
}

heap_bytes!(ObjectModel { seen, members, rows, map, counters, twins, lapses, laws, pool });

/// Members an object needs before it can be a map: fewer are a record with rare parts.
const MAP_MEMBERS_MIN: usize = 5;

/// Objects seen before rare members count as a sign: the first of a kind are all rare.
const MAP_SEEN_MIN: u64 = 4;

impl ObjectModel {
    /// Learns one object; gives the class of the members it has.
    pub fn observe(
        &mut self,
        members: &[(Cow<'_, str>, Json<'_>)],
        secret: bool,
        cx: &mut ObserveContext<'_>,
    ) -> Option<u8> {
        self.seen += 1;
        if cx.depth >= cx.limits.depth_max {
            return None;
        }
        cx.depth += 1;
        let is_part = std::mem::replace(&mut cx.is_part, true);
        if !is_part && self.map.is_none() && cx.limits.learns_details {
            self.laws.get_or_insert_default().observe(members, cx.body);
            if !secret {
                self.pool.get_or_insert_default().observe(members, cx);
            }
        }
        let class = if self.map.is_some() {
            self.observe_map(members, secret, cx);
            None
        } else {
            self.observe_record(members, secret, cx)
        };
        cx.is_part = is_part;
        cx.depth -= 1;
        class
    }

    fn observe_record(
        &mut self,
        members: &[(Cow<'_, str>, Json<'_>)],
        secret: bool,
        cx: &mut ObserveContext<'_>,
    ) -> Option<u8> {
        let known = self.members.len();
        let mut cells: smallvec::SmallVec<[FieldState; 48]> =
            smallvec::smallvec![FieldState::Absent; known];
        let mut moments: smallvec::SmallVec<[(u32, i64); 8]> = smallvec::SmallVec::new();
        for (ordinal, (name, value)) in members.iter().enumerate() {
            let Some(at) = self.member_at(name, ordinal, secret, cx) else { continue };
            if at >= cells.len() {
                cells.resize(at + 1, FieldState::Absent);
            }
            let member = &mut self.members[at]; // `member_at` gives an index within the members
            if cells[at] == FieldState::Absent {
                member.count += 1;
                cx.moment = None;
                cx.is_person = holds_person(name, value);
                cx.is_thing = cx.is_person && holds_thing(name, value);
                cells[at] = member.shape.observe(value, member.secret, cx);
                if let Some(moment) = cx.moment.take()
                    && !matches!(value, Json::Array(_) | Json::Object(_))
                {
                    moments.push((member.fingerprint, moment));
                }
            }
        }
        time_gap::observe(&mut self.lapses, &moments);
        count_field::observe(&mut self.counters, members);
        equal_fields::observe(&mut self.twins, members);
        let mut scratch = std::mem::take(&mut cx.scratch);
        scratch.clear();
        presence::encode(&cells, &mut scratch);
        let bounds = row_bounds(cx.limits);
        self.rows.add_with(|row| (**row).cmp(&scratch), || scratch.as_str().into(), bounds);
        cx.scratch = scratch;
        let grew = self.members.len() > known;
        if grew && self.is_map_like(cx.limits) {
            self.become_map(members.len(), cx.limits);
            return None;
        }
        Some(presence::presence_class(&cells))
    }

    /// The index of a member, which is created when there is room.
    fn member_at(
        &mut self,
        name: &str,
        ordinal: usize,
        secret: bool,
        cx: &mut ObserveContext<'_>,
    ) -> Option<usize> {
        let fingerprint = hash::fingerprint(name.as_bytes());
        let is_it = |member: &Member| member.fingerprint == fingerprint;
        // Objects mostly come with the same members in the same order.
        let at = match self.members.get(ordinal) {
            Some(member) if is_it(member) => ordinal,
            _ => match self.members.iter().position(is_it) {
                Some(at) => at,
                None => self.create_member(name, fingerprint, secret, cx)?,
            },
        };
        let member = self.members.get_mut(at)?;
        if member.bodies == 0 || member.last_body != cx.body {
            member.bodies = member.bodies.saturating_add(1);
            member.last_body = cx.body;
        }
        if member.name.is_none() && retention::may_keep_name(name, member.bodies) {
            member.name = Some(name.into());
            member.mask = None;
        }
        Some(at)
    }

    fn create_member(
        &mut self,
        name: &str,
        fingerprint: u32,
        secret: bool,
        cx: &mut ObserveContext<'_>,
    ) -> Option<usize> {
        cx.nodes_left = cx.nodes_left.checked_sub(1)?;
        let mut mask = String::new();
        pattern::write_pattern(name, [0, 0], &mut mask);
        self.members.push(Member {
            fingerprint,
            mask: Some(mask.into()),
            secret: retention::is_secret_name(name, secret),
            ..Member::default()
        });
        Some(self.members.len() - 1)
    }

    fn observe_map(
        &mut self,
        members: &[(Cow<'_, str>, Json<'_>)],
        secret: bool,
        cx: &mut ObserveContext<'_>,
    ) {
        let Some(map) = self.map.as_mut() else { return };
        let size = i32::try_from(members.len()).unwrap_or(i32::MAX);
        map.sizes.add(size, number_code::NUMBER_CODES);
        for (name, value) in members.iter().take(cx.limits.items_max) {
            map.keys.observe(name, secret, cx);
            let secret = secret || retention::is_secret_name(name, secret);
            cx.is_person = holds_person(name, value);
            cx.is_thing = false;
            map.value.observe(value, secret, cx);
        }
    }

    /// Keys are values when most of them are rare, or when they look like ids.
    fn is_map_like(&self, limits: &ValueLimits) -> bool {
        let members = self.members.len();
        if members > limits.members_max {
            return true;
        }
        let id_like = self.members.iter().filter(|m| m.is_id_like()).count();
        if id_like >= 3 && id_like * 2 >= members && self.is_homogeneous() {
            return true;
        }
        let rare = self.members.iter().filter(|m| m.count <= 2 || m.count * 20 <= self.seen);
        members >= MAP_MEMBERS_MIN
            && self.seen >= MAP_SEEN_MIN
            && rare.count() * 5 >= members * 3
            && self.is_homogeneous()
    }

    /// The values of a map are of one type; members of a record differ.
    fn is_homogeneous(&self) -> bool {
        let mut types = [0usize; 5];
        for member in &self.members {
            let shape = &member.shape;
            let has = [
                shape.trues + shape.falses > 0,
                shape.number.is_some(),
                shape.text.is_some(),
                shape.array.is_some(),
                shape.object.is_some(),
            ];
            for (count, has) in types.iter_mut().zip(has) {
                *count += usize::from(has);
            }
        }
        let total: usize = types.iter().sum();
        types.iter().any(|count| *count * 10 >= total * 9)
    }

    fn become_map(&mut self, last_size: usize, limits: &ValueLimits) {
        let mut map = Box::new(MapModel::default());
        for (cells, weight) in self.rows.weights() {
            let size = presence::decode(cells).iter().filter(|c| **c != FieldState::Absent).count();
            for _ in 0..(weight.round() as u32).min(SIZE_WEIGHT_MAX) {
                map.sizes.add(size as i32, number_code::NUMBER_CODES);
            }
        }
        if self.rows.is_empty() {
            map.sizes.add(last_size as i32, number_code::NUMBER_CODES);
        }
        for member in std::mem::take(&mut self.members) {
            map.keys.observe_shape(member.name.as_deref(), member.mask.as_deref(), member.count);
            map.value.merge(member.shape, limits);
        }
        self.rows = PrioritySample::default();
        self.laws = None;
        self.pool = None;
        self.map = Some(map);
    }

    /// Adds what another model saw; a map and a record become a map.
    pub fn merge(&mut self, mut other: Self, limits: &ValueLimits) {
        if self.map.is_some() || other.map.is_some() {
            if self.map.is_none() {
                self.become_map(0, limits);
            }
            if other.map.is_none() {
                other.become_map(0, limits);
            }
            self.seen += other.seen;
            if let (Some(own), Some(map)) = (self.map.as_mut(), other.map) {
                own.keys.merge(map.keys, limits);
                own.sizes.merge(map.sizes, number_code::NUMBER_CODES);
                own.value.merge(map.value, limits);
            }
            return;
        }
        self.seen += other.seen;
        invariant::merge(&mut self.counters, other.counters);
        invariant::merge(&mut self.twins, other.twins);
        time_gap::merge(&mut self.lapses, other.lapses);
        match (&mut self.laws, other.laws) {
            (Some(own), Some(laws)) => own.merge(*laws),
            (own, laws) => *own = own.take().or(laws),
        }
        match (&mut self.pool, other.pool) {
            (Some(own), Some(pool)) => own.merge(*pool),
            (own, pool) => *own = own.take().or(pool),
        }
        let mut places: Vec<(usize, IndexRemap)> = Vec::with_capacity(other.members.len());
        for member in other.members {
            let at = self.members.iter().position(|m| m.fingerprint == member.fingerprint);
            let at = at.unwrap_or_else(|| {
                self.members.push(Member {
                    fingerprint: member.fingerprint,
                    mask: member.mask.clone(),
                    secret: member.secret,
                    ..Member::default()
                });
                self.members.len() - 1
            });
            let own = &mut self.members[at]; // found or just pushed
            own.count += member.count;
            own.bodies = own.bodies.saturating_add(member.bodies);
            own.name = own.name.take().or(member.name);
            places.push((at, own.shape.merge(member.shape, limits)));
        }
        let rows = other.rows.map_keys(|row| relocate(&row, &places));
        self.rows.merge(rows, row_bounds(limits));
        if self.is_map_like(limits) {
            self.become_map(0, limits);
        }
    }

    /// Positions below this one.
    pub fn nodes(&self) -> usize {
        self.members.iter().map(|member| member.shape.nodes()).sum::<usize>()
            + self.map.as_ref().map_or(0, |map| map.value.nodes())
    }
}

/// Objects one row may stand for when a record turns into a map: only the mix of sizes matters.
const SIZE_WEIGHT_MAX: u32 = 64;

fn row_bounds(limits: &ValueLimits) -> SampleBounds {
    SampleBounds { entries_max: limits.rows_max, bytes_max: limits.row_bytes_max }
}

/// A row of a merged object in the order of the object it was merged into.
fn relocate(row: &str, places: &[(usize, IndexRemap)]) -> Box<str> {
    let mut cells = Vec::new();
    for (cell, (at, moved)) in presence::decode(row).into_iter().zip(places) {
        if *at >= cells.len() {
            cells.resize(at + 1, FieldState::Absent);
        }
        let follow = |index: Option<u8>, moved: &[usize]| {
            FieldState::index(index.and_then(|index| moved.get(usize::from(index)).copied()))
        };
        cells[*at] = match cell {
            FieldState::Number(index) => FieldState::Number(follow(index, &moved.numbers)),
            FieldState::Text(index) => FieldState::Text(follow(index, &moved.texts)),
            // The class hangs on the order of the members, which may have changed.
            FieldState::Object(_) => FieldState::Object(None),
            cell => cell,
        };
    }
    let mut out = String::new();
    presence::encode(&cells, &mut out);
    out.into()
}

impl Member {
    /// Does the name look like an id: a number, a UUID, a hash?
    fn is_id_like(&self) -> bool {
        let id_mask = |mask: &str| {
            pattern::runs(mask).any(|run| {
                matches!(run, pattern::CharRun::Class('h' | 'H' | 'w' | 'W' | 'm', n) if n >= 6)
                    || matches!(run, pattern::CharRun::Class('d' | 'z', n) if n >= 4)
            }) || pattern::runs(mask)
                .all(|run| matches!(run, pattern::CharRun::Class('d' | 'z', _)))
        };
        match (&self.name, &self.mask) {
            (Some(name), _) => {
                let mut mask = String::new();
                pattern::write_pattern(name, [0, 0], &mut mask);
                id_mask(&mask)
            }
            (None, Some(mask)) => id_mask(mask),
            (None, None) => false,
        }
    }
}
