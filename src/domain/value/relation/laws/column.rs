//! The scalars of a record as columns, by the hash of their path.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::domain::formats::timestamp;
use crate::domain::json::Json;
use crate::domain::random::hash;

/// One scalar of a record, or what a list in it comes to.
#[derive(Debug, Clone)]
pub struct Column<'a> {
    /// Shortened hash of the path, as [`short`] makes it.
    pub path: u32,
    /// What stands there in this record.
    pub value: Scalar<'a>,
    /// It stands in the record itself; the sum of a list does not.
    pub stands: bool,
    /// Of the places of a list of scalars and of what it comes to, its path; else 0. They tell
    /// nothing of each other.
    pub list: u32,
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// Unescaped; borrowed from the document while it is learned.
    Text(Cow<'a, str>),
    /// Written without point and exponent.
    Int(i64),
    /// Written with a point or an exponent.
    Float(f64),
    /// A truth value; as an operand it is no number.
    Bool(bool),
}

/// The columns of one record.
pub type Columns<'a> = SmallVec<[Column<'a>; 32]>;

/// Members of a record, as [`Json::Object`] has them.
pub type Members<'a> = [(Cow<'a, str>, Json<'a>)];

/// Columns told apart: what two screens of a form have.
pub const COLUMNS_MAX: usize = 64;

/// Objects within a record that are followed.
const DEPTH_MAX: usize = 5;

/// Items of a tuple: coordinates with height, a box.
pub const TUPLE_MAX: usize = 4;

/// Path steps without a name.
const TUPLE: u64 = 0x7001;
const ITEM: u64 = 0x7002;
/// What a list comes to.
const COUNT: u64 = 0x7003;
const SUM: u64 = 0x7004;
const LEAST: u64 = 0x7005;
const MOST: u64 = 0x7006;
const MEAN: u64 = 0x7007;
const FIRST: u64 = 0x7008;
const LAST: u64 = 0x7009;

/// Path of the member with this name.
pub fn step(path: u64, name: &str) -> u64 {
    hash::combine(path, u64::from(hash::fingerprint(name.as_bytes())))
}

/// Path of the item of a tuple.
pub fn tuple_step(path: u64, at: usize) -> u64 {
    hash::combine(path, TUPLE + ((at as u64) << 16))
}

/// A path as columns have it.
pub fn short(path: u64) -> u32 {
    (path >> 32) as u32
}

/// Is an array a tuple: a few numbers, each known by its place?
pub fn is_tuple(items: &[Json<'_>]) -> bool {
    let is_number = |item: &Json<'_>| matches!(item, Json::Int(_) | Json::Float(_));
    (2..=TUPLE_MAX).contains(&items.len()) && items.iter().all(is_number)
}

/// The columns of a record.
pub fn columns<'a>(members: &'a Members<'a>) -> Columns<'a> {
    let mut out = Columns::new();
    let mut lists = SmallVec::new();
    collect(members, hash::ROOT, DEPTH_MAX, &mut lists, &mut out);
    for (path, items) in lists {
        if out.len() < COLUMNS_MAX {
            collect_list(items, path, &mut out);
        }
    }
    out
}

/// Lists of a record, with their paths.
type Lists<'a> = SmallVec<[(u64, &'a [Json<'a>]); 4]>;

fn collect<'a>(
    members: &'a Members<'a>,
    path: u64,
    depth: usize,
    lists: &mut Lists<'a>,
    out: &mut Columns<'a>,
) {
    for (name, value) in members {
        if out.len() >= COLUMNS_MAX {
            return;
        }
        let path = step(path, name);
        match value {
            Json::Object(members) if depth > 0 => collect(members, path, depth - 1, lists, out),
            Json::Array(items) => {
                if is_tuple(items) {
                    let list = short(path);
                    let places = items.iter().enumerate().filter_map(|(at, item)| {
                        let path = short(tuple_step(path, at));
                        Some(Column { path, value: scalar(item)?, stands: true, list })
                    });
                    out.extend(places);
                }
                lists.push((path, items));
            }
            value => {
                out.extend(scalar(value).map(|value| Column {
                    path: short(path),
                    value,
                    stands: true,
                    list: 0,
                }));
            }
        }
    }
}

fn collect_list<'a>(items: &'a [Json<'a>], path: u64, out: &mut Columns<'a>) {
    let list = if is_tuple(items) { short(path) } else { 0 };
    let column = |path, value| Column { path, value, stands: false, list };
    let made = |step: u64, value| column(short(hash::combine(path, step)), value);
    if let Ok(count) = i64::try_from(items.len()) {
        out.push(made(COUNT, Scalar::Int(count)));
    }
    for (end, item) in [(FIRST, items.first()), (LAST, items.last())] {
        let path = hash::combine(path, end);
        match item {
            Some(Json::Object(members)) => {
                for (name, value) in members {
                    let path = short(step(path, name));
                    out.extend(scalar(value).map(|value| column(path, value)));
                }
            }
            item => {
                let value = item.and_then(scalar);
                out.extend(value.map(|value| column(short(path), value)));
            }
        }
    }
    let mut leaves = Leaves::new();
    for item in items {
        leaf_numbers(item, hash::combine(path, ITEM), 2, &mut leaves);
    }
    for (leaf, numbers) in leaves.iter().filter(|(_, numbers)| numbers.len() == items.len()) {
        let mut push = |step: u64, value: f64| {
            let path = short(hash::combine(*leaf, step));
            out.push(column(path, number(value)));
        };
        let sum = tidy(numbers.iter().sum());
        push(SUM, sum);
        push(MEAN, sum / numbers.len().max(1) as f64);
        push(LEAST, numbers.iter().copied().fold(f64::INFINITY, f64::min));
        push(MOST, numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    }
}

/// Numbers told apart in the items of a list.
const LEAVES_MAX: usize = 8;

type Leaves = SmallVec<[(u64, SmallVec<[f64; 16]>); 8]>;

fn leaf_numbers(item: &Json<'_>, path: u64, depth: usize, leaves: &mut Leaves) {
    let value = match item {
        Json::Int(value) => *value as f64,
        Json::Float(value) => *value,
        Json::Object(members) if depth > 0 => {
            for (name, value) in members {
                leaf_numbers(value, step(path, name), depth - 1, leaves);
            }
            return;
        }
        _ => return,
    };
    let at = leaves.iter().position(|(known, _)| *known == path);
    if let Some((_, numbers)) = at.and_then(|at| leaves.get_mut(at)) {
        numbers.push(value);
    } else if leaves.len() < LEAVES_MAX {
        leaves.push((path, smallvec::smallvec![value]));
    }
}

/// A sum without the noise of adding in binary: to nine digits behind the point.
fn tidy(value: f64) -> f64 {
    const SCALE: f64 = 1e9;
    if value.abs() < 1e6 { (value * SCALE).round() / SCALE } else { value }
}

fn number(value: f64) -> Scalar<'static> {
    let is_whole = value == value.trunc() && value.abs() < 9e15;
    if is_whole { Scalar::Int(value as i64) } else { Scalar::Float(value) }
}

fn scalar<'a>(value: &'a Json<'a>) -> Option<Scalar<'a>> {
    Some(match value {
        Json::Str(text) => Scalar::Text(Cow::Borrowed(text)),
        Json::Int(value) => Scalar::Int(*value),
        Json::Float(value) => Scalar::Float(*value),
        Json::Bool(value) => Scalar::Bool(*value),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    })
}

impl Scalar<'_> {
    /// As it is written, without quotes.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Scalar::Text(text) => Cow::Borrowed(text),
            Scalar::Int(value) => Cow::Owned(itoa::Buffer::new().format(*value).to_owned()),
            Scalar::Float(value) => Cow::Owned(ryu::Buffer::new().format(*value).to_owned()),
            Scalar::Bool(true) => Cow::Borrowed("true"),
            Scalar::Bool(false) => Cow::Borrowed("false"),
        }
    }

    /// 32-bit hash of the text as written, by which tables and vocabularies know it.
    pub fn fingerprint(&self) -> u32 {
        hash::fingerprint(self.text().as_bytes())
    }

    /// As an operand; `None` for texts and truth values.
    pub fn number(&self) -> Option<f64> {
        match self {
            Scalar::Int(value) => Some(*value as f64),
            Scalar::Float(value) => Some(*value),
            Scalar::Text(_) | Scalar::Bool(_) => None,
        }
    }

    /// The unix second that a text stands for.
    pub fn moment(&self) -> Option<i64> {
        match self {
            // Nothing that is a time has another character in front.
            Scalar::Text(text) if text.len() >= 10 => {
                timestamp::parse(text).map(|moment| moment.epoch_s)
            }
            _ => None,
        }
    }
}

/// The column of a path.
pub fn find<'c, 'a>(columns: &'c [Column<'a>], path: u32) -> Option<&'c Scalar<'a>> {
    columns.iter().find(|column| column.path == path).map(|column| &column.value)
}
