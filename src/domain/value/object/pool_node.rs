//! Whole records drawn: as they were in a closed world, with a part of another one elsewhere.

use crate::domain::json::Json;
use crate::domain::random::choice::Choice;
use crate::domain::random::hash;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::value::ValueModel;
use crate::domain::value::number::model::NumberModel;
use crate::domain::value::object::member_presence::{self, MemberPresence};
use crate::domain::value::object::model::ObjectModel;
use crate::domain::value::object::pooled_record::{PooledRecord, holds_hole};
use crate::domain::value::object::record_pool::{HOLE, RecordPool};
use crate::domain::value::relation::echo::Echo;
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::laws::model::LawModel;
use crate::domain::value::string::model::StringModel;

/// The records that are drawn from.
#[derive(Debug, Clone)]
pub struct PoolNode {
    pub(in crate::domain::value) choice: Choice,
    pub(in crate::domain::value) records: Box<[PooledRecord]>,
    /// What makes a new record of one that was seen; none in a closed world.
    mix: Option<Mix>,
}

/// What comes from another record, the first of these that both have: a member that hangs on
/// nothing; a text or number in the items of a list; a value from which others follow, which then
/// do; at last any member that follows from no other.
#[derive(Debug, Clone)]
struct Mix {
    free: Box<[u32]>,
    item: Option<Leaf>,
    source: Option<Leaf>,
    last: Box<[u32]>,
}

/// A value within a member of the record, by the names that lead to it.
#[derive(Debug, Clone)]
struct Leaf {
    path: u32,
    names: Box<[Box<str>]>,
}

/// Salt of the draw of a record.
pub(in crate::domain::value) const POOL: u64 = 0x900;

/// Draws of another record until it differs.
const OTHERS_MAX: u32 = 8;

impl PoolNode {
    /// `None` while records are neither those of a closed world nor may be mixed, and where one
    /// cannot be read.
    pub fn compile(pool: &RecordPool, object: &ObjectModel) -> Option<Self> {
        let is_closed = pool.is_closed();
        if !is_closed && (!pool.is_open() || is_single(object)) {
            return None;
        }
        let mut kept: Vec<(&str, u32)> =
            pool.kept.iter().map(|kept| (&*kept.json, kept.count)).collect();
        // The order of learning must not show.
        kept.sort_unstable();
        let records: Box<[PooledRecord]> =
            kept.iter().filter_map(|(json, _)| PooledRecord::read(json)).collect();
        if records.len() < kept.len() {
            return None;
        }
        let choice = Choice::new(kept.iter().map(|kept| f64::from(kept.1)));
        let mix = (!is_closed).then(|| Mix::of(&records, object));
        Some(Self { choice, records, mix })
    }
}

/// Is there but one value that the request does not say? With nothing to go with it is no record,
/// and drawn anew.
fn is_single(object: &ObjectModel) -> bool {
    let is_own = |shape: &ValueModel| !shape.echoes.iter().any(Echo::is_active);
    let own = object.members.iter().filter(|member| is_own(&member.shape));
    let parts = |shape: &ValueModel| shape.object.is_some() || shape.array.is_some();
    own.clone().count() < 2 && !own.clone().any(|member| parts(&member.shape))
}

impl Mix {
    /// The part that hangs least on the others.
    fn of(records: &[PooledRecord], object: &ObjectModel) -> Self {
        let linked = object.laws.as_deref().map(Links::of).unwrap_or_default();
        let spread = |path: u32| {
            let mut values: Vec<&[u8]> =
                records.iter().filter_map(|r| r.member(path)).map(|m| &*m.json).collect();
            let all = values.len();
            values.sort_unstable();
            values.dedup();
            values.len() as f64 / all.max(1) as f64
        };
        let has_hole =
            |path: u32| records.iter().filter_map(|r| r.member(path)).any(|member| member.has_hole);
        let members = object.members.iter().filter_map(|member| {
            let path = column::step(hash::ROOT, member.name.as_deref()?);
            (member.shape.array.is_none()).then_some((column::short(path), path, &member.shape))
        });
        let members: Vec<(u32, u64, &ValueModel)> =
            members.filter(|member| !member_presence::decides(records, member.0)).collect();
        let is_free = |(short, path, shape): &&(u32, u64, &ValueModel)| {
            !any_column(*path, shape, &|path| linked.all.contains(&path))
                && !has_hole(*short)
                && spread(*short) >= SPREAD_MIN
        };
        let free: Box<[u32]> = members.iter().filter(is_free).map(|m| m.0).collect();
        let is_last = |(short, path, shape): &&(u32, u64, &ValueModel)| {
            let is_bound = |path| linked.told.contains(&path) || linked.ordered.contains(&path);
            !any_column(*path, shape, &is_bound) && !has_hole(*short) && spread(*short) > 0.0
        };
        let last: Box<[u32]> = members.iter().filter(is_last).map(|m| m.0).collect();
        let item = |test: &dyn Fn(&ValueModel) -> bool| {
            object.members.iter().find_map(|member| {
                let item = member.shape.array.as_ref()?.item.object.as_deref()?;
                let linked = item.laws.as_deref().map(Links::of).unwrap_or_default();
                let mut names = Vec::new();
                let path = column::short(column::step(hash::ROOT, member.name.as_deref()?));
                let is_it = |path, shape: &ValueModel| test(shape) && !linked.all.contains(&path);
                leaf(item, hash::ROOT, &is_it, &mut names)
                    .then(|| Leaf { path, names: names.into() })
            })
        };
        let item = item(&is_text).or_else(|| item(&is_spread));
        let mut names = Vec::new();
        let is_source = |path, shape: &ValueModel| is_spread(shape) && !linked.told.contains(&path);
        let source = leaf(object, hash::ROOT, &is_source, &mut names).then(|| {
            let first = names.first().map_or("", |name| name);
            Leaf {
                path: column::short(column::step(hash::ROOT, first)),
                names: names.split_off(1).into(),
            }
        });
        Self { free, item, source, last }
    }
}

/// Share of different values from which those of another record make a new one.
const SPREAD_MIN: f64 = 0.3;

/// A text that is no time, of many.
fn is_text(shape: &ValueModel) -> bool {
    let is_it = |text: &StringModel| !text.vocabulary.is_closed() && text.offsets.is_empty();
    shape.text.as_deref().is_some_and(is_it)
}

/// The same, or a number of many.
fn is_spread(shape: &ValueModel) -> bool {
    let many = |number: &NumberModel| number.epochs().is_none() && !number.vocabulary.is_closed();
    is_text(shape) || shape.number.as_deref().is_some_and(many)
}

/// The first value of an object for which the test holds, by the names that lead to it.
fn leaf(
    object: &ObjectModel,
    path: u64,
    test: &dyn Fn(u32, &ValueModel) -> bool,
    names: &mut Vec<Box<str>>,
) -> bool {
    object.members.iter().any(|member| {
        let Some(name) = member.name.as_deref() else { return false };
        let path = column::step(path, name);
        names.push(name.into());
        let within = member.shape.object.as_deref();
        if test(column::short(path), &member.shape)
            || within.is_some_and(|part| leaf(part, path, test, names))
        {
            return true;
        }
        names.pop();
        false
    })
}

/// Columns that laws speak of.
#[derive(Debug, Default)]
struct Links {
    all: Vec<u32>,
    /// Those that follow from others, or tell what they go with.
    told: Vec<u32>,
    /// Those that are in order with others.
    ordered: Vec<u32>,
}

impl Links {
    fn of(laws: &LawModel) -> Self {
        let mut own = Self::default();
        for law in laws.derivations.iter().filter(|law| law.is_law()) {
            own.all.extend(law.sources());
            // What is a part of another text may as well be what the text is made of.
            let known = if law.is_part() { &mut own.all } else { &mut own.told };
            known.push(law.target);
        }
        for law in laws.arithmetic.iter().filter(|law| law.is_law()) {
            own.all.extend([law.first, law.second]);
            own.told.push(law.target);
        }
        for law in laws.orders.iter().filter(|law| law.is_law()) {
            own.ordered.extend([law.low, law.high]);
        }
        for law in laws.table.dependencies() {
            own.told.extend([law.on, law.of]);
        }
        own.all.extend(&own.told);
        own.all.extend(&own.ordered);
        own
    }
}

/// Is something true of a column of a value?
fn any_column(path: u64, shape: &ValueModel, test: &dyn Fn(u32) -> bool) -> bool {
    test(column::short(path))
        || shape.object.as_ref().is_some_and(|object| {
            object.members.iter().any(|member| {
                let Some(name) = member.name.as_deref() else { return true };
                member.shape.array.is_some()
                    || any_column(column::step(path, name), &member.shape, test)
            })
        })
}

impl PoolNode {
    /// What comes from another record: the path of a member, and its JSON.
    pub(in crate::domain::value) fn taken<'p>(
        &'p self,
        record: &PooledRecord,
        stream: &mut KeyedRng,
        mixed: &'p mut Vec<u8>,
    ) -> Option<(u32, &'p [u8])> {
        let other = |stream: &mut KeyedRng| {
            self.records.get(stream.below(self.records.len() as u32) as usize)
        };
        let mix = self.mix.as_ref()?;
        let any = |paths: &[u32], stream: &mut KeyedRng| {
            (0..OTHERS_MAX).filter(|_| !paths.is_empty()).find_map(|_| {
                let path = *paths.get(stream.below(paths.len() as u32) as usize)?;
                let own = record.member(path)?;
                let found = other(stream)?.member(path)?;
                let is_alike =
                    MemberPresence::of(Some(&own.json)) == MemberPresence::of(Some(&found.json));
                let is_other = is_alike && found.json != own.json && !found.has_hole;
                is_other.then_some((path, &*found.json))
            })
        };
        let free = any(&mix.free, stream);
        if free.is_some() {
            return free;
        }
        let leaves = mix.item.iter().chain(&mix.source);
        let path = leaves.into_iter().find_map(|leaf| {
            let own = record.member(leaf.path)?;
            (0..OTHERS_MAX).find_map(|_| {
                let found = other(stream)?.member(leaf.path)?;
                let mixed = leaf.exchange(&own.json, &found.json, stream)?;
                Some((leaf.path, mixed))
            })
        });
        let Some((path, json)) = path else { return any(&mix.last, stream) };
        *mixed = json;
        Some((path, mixed))
    }
}

impl Leaf {
    /// A value with the leaf of another one; `None` where it stays the same.
    fn exchange(&self, own: &[u8], other: &[u8], stream: &mut KeyedRng) -> Option<Vec<u8>> {
        let (mut own, other) = (Json::parse(own)?, Json::parse(other)?);
        let mut pick = |count: usize| stream.below(count.max(1) as u32) as usize;
        let theirs = match &other {
            Json::Array(items) => items.get(pick(items.len()))?,
            value => value,
        };
        let place = match &mut own {
            Json::Array(items) => {
                let at = pick(items.len());
                items.get_mut(at)?
            }
            value => value,
        };
        let (theirs, place) = (within(theirs, &self.names)?, within_mut(place, &self.names)?);
        let is_new = *theirs != *place && !holds_hole(theirs) && !holds_hole(place);
        if !is_new {
            return None;
        }
        *place = theirs.clone();
        let mut mixed = Vec::new();
        write_json(&own, &mut mixed);
        Some(mixed)
    }
}

fn within<'j, 'a>(value: &'j Json<'a>, names: &[Box<str>]) -> Option<&'j Json<'a>> {
    names.iter().try_fold(value, |value, name| value.member(name))
}

fn within_mut<'j, 'a>(value: &'j mut Json<'a>, names: &[Box<str>]) -> Option<&'j mut Json<'a>> {
    names.iter().try_fold(value, |value, name| match value {
        Json::Object(members) => {
            members.iter_mut().find(|(own, _)| **own == **name).map(|found| &mut found.1)
        }
        _ => None,
    })
}

/// Writes a value whose holes are filled with what was made up at the same places.
pub(in crate::domain::value) fn fill(json: &[u8], fresh: Option<&Json<'_>>, out: &mut Vec<u8>) {
    let Some(value) = Json::parse(json) else { return out.extend_from_slice(b"null") };
    write_json(&filled(value, fresh), out);
}

fn filled<'a>(value: Json<'a>, fresh: Option<&Json<'a>>) -> Json<'a> {
    match value {
        Json::Str(text) if text == HOLE => fresh.cloned().unwrap_or(Json::Null),
        Json::Array(items) => {
            let made: &[Json<'a>] = match fresh {
                Some(Json::Array(made)) => made,
                _ => &[],
            };
            let made = |at: usize| made.get(at % made.len().max(1));
            Json::Array(items.into_iter().enumerate().map(|(at, v)| filled(v, made(at))).collect())
        }
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let made = fresh.and_then(|fresh| fresh.member(&name));
                    let value = filled(value, made);
                    (name, value)
                })
                .collect(),
        ),
        value => value,
    }
}

fn write_json(value: &Json<'_>, out: &mut Vec<u8>) {
    // Writing what was read as JSON into a `Vec` cannot fail.
    let _ = serde_json::to_writer(out, value);
}
