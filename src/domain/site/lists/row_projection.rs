//! Rows that show something else than the entity: a template of its members.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::ListRow;
use super::list_sample::ListSample;
use crate::domain::world::pointer::{Pointer, PointerStep, at};

/// Rows of one answer, and answers, that are compared with their entities.
const ROWS_MAX: usize = 12;
const ANSWERS_MAX: usize = 60;

/// Rows of one form that are compared, and forms.
const PAIRS_MAX: usize = 120;
const SHAPES_MAX: usize = 8;

/// Share of the rows that must agree on where a part comes from.
const PART_SHARE: f64 = 0.8;

/// How a row of a view is made from its entity.
#[derive(Debug, Clone, PartialEq)]
pub enum RowProjection {
    /// An object of parts.
    Object(Vec<(Box<str>, RowProjection)>),
    /// The whole entity, its id aside.
    Whole,
    /// A member of the entity.
    Member(Box<str>),
    /// The same for all.
    Constant(Value),
}

impl RowProjection {
    /// Learns the shapes from answers whose entities are known, by the names of their members.
    pub fn learn(id: &str, samples: &[ListSample<'_>]) -> Vec<(Vec<Box<str>>, Self)> {
        let mut groups: BTreeMap<Vec<&str>, Vec<Pair<'_>>> = BTreeMap::new();
        for sample in samples.iter().rev().take(ANSWERS_MAX) {
            let known: FxHashMap<&str, &Map<String, Value>> = sample.all().into_iter().collect();
            let rows = sample.ids.iter().zip(&sample.rows).take(ROWS_MAX);
            for (id, row) in rows {
                let Some(entity) = known.get(id.as_str()) else { continue };
                let mut names: Vec<&str> = row.keys().map(String::as_str).collect();
                names.sort_unstable();
                let pairs = groups.entry(names).or_default();
                if pairs.len() < PAIRS_MAX {
                    pairs.push((*row, *entity));
                }
            }
        }
        let shape = |(names, mut pairs): (Vec<&str>, Vec<Pair<'_>>)| {
            // Of an entity of which the id alone is known nothing can be learned.
            if pairs.iter().any(|(_, entity)| entity.len() > 2) {
                pairs.retain(|(_, entity)| entity.len() > 2);
            }
            let (first, _) = pairs.first()?;
            let shape = Self::Object(parts(first, &mut Vec::new(), id, &pairs));
            Some((names.into_iter().map(Into::into).collect(), shape, pairs.len()))
        };
        let mut found: Vec<(Vec<Box<str>>, Self, usize)> =
            groups.into_iter().filter_map(shape).collect();
        found.sort_by_key(|(_, _, times)| std::cmp::Reverse(*times));
        found.truncate(SHAPES_MAX);
        found.into_iter().map(|(names, shape, _)| (names, shape)).collect()
    }

    /// The row of an entity.
    #[must_use]
    pub fn row(&self, id: &str, row: ListRow<'_>) -> Value {
        match self {
            Self::Object(parts) => {
                let part =
                    |(name, shape): &(Box<str>, Self)| (name.to_string(), shape.row(id, row));
                Value::Object(parts.iter().map(part).collect())
            }
            Self::Whole => {
                let others = row.1.iter().filter(|(name, _)| *name != id);
                Value::Object(others.map(|(name, v)| (name.clone(), v.clone())).collect())
            }
            Self::Member(name) => row.1.get(&**name).cloned().unwrap_or(Value::Null),
            Self::Constant(value) => value.clone(),
        }
    }
}

type Pair<'p> = (&'p Map<String, Value>, &'p Map<String, Value>);

fn parts(
    object: &Map<String, Value>,
    place: &mut Pointer,
    id: &str,
    pairs: &[Pair<'_>],
) -> Vec<(Box<str>, RowProjection)> {
    let part = |(name, value): (&String, &Value)| {
        place.push(PointerStep::Member(name.as_str().into()));
        let shape = shape(value, place, id, pairs);
        place.pop();
        (name.as_str().into(), shape)
    };
    object.iter().map(part).collect()
}

fn shape(value: &Value, place: &mut Pointer, id: &str, pairs: &[Pair<'_>]) -> RowProjection {
    let inner = |row: &Map<String, Value>| {
        let (first, rest) = place.split_first()?;
        at(row.get(first.member()?)?, rest).cloned()
    };
    if let Value::Object(object) = value {
        let is_whole = mostly(pairs, |(row, entity)| {
            let others: Map<String, Value> = entity
                .iter()
                .filter(|(n, _)| *n != id)
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
            inner(row) == Some(Value::Object(others))
        });
        if is_whole {
            return RowProjection::Whole;
        }
        return RowProjection::Object(parts(object, place, id, pairs));
    }
    let names = pairs.first().map(|(_, entity)| entity.keys()).into_iter().flatten();
    let mut equal = names
        .filter(|name| mostly(pairs, |(row, entity)| inner(row).as_ref() == entity.get(*name)));
    match equal.next() {
        Some(name) => RowProjection::Member(name.as_str().into()),
        None => RowProjection::Constant(value.clone()),
    }
}

/// Whether most rows agree.
fn mostly(pairs: &[Pair<'_>], holds: impl Fn(&Pair<'_>) -> bool) -> bool {
    let good = pairs.iter().filter(|pair| holds(pair)).count();
    good as f64 >= PART_SHARE * pairs.len() as f64
}
