//! Orders of lists: by which members, in which direction, and how texts compare.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::list_sample::ListSample;
use super::member_path::MemberPath;
use super::{ListRow, Mark, Operator, ParameterRole, Program, looked_up};
use crate::domain::world::Request;
use crate::domain::world::pointer::as_segment;

/// Lists from which rows are believed to come in the order in which they are asked for.
const ASKED_ORDERS_MIN: u32 = 3;

/// Members by which one list is sorted.
const KEYS_MAX: usize = 8;

/// The order of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOrder {
    /// The members that it follows, each with whether the last comes first; none for the order of
    /// arrival.
    pub keys: Vec<(Box<str>, bool)>,
    /// Whether the last that arrived comes first, where no member says otherwise.
    pub descending: bool,
}

impl ListOrder {
    /// The same, the other way round.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let keys = self.keys.iter().map(|(member, descending)| (member.clone(), !descending));
        Self { keys: keys.collect(), descending: !self.descending }
    }
}

/// How texts compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Collation {
    /// By their bytes.
    #[default]
    Bytes,
    /// Without case.
    NoCase,
}

impl Collation {
    fn compare(self, a: &str, b: &str) -> Ordering {
        match self {
            Self::Bytes => a.cmp(b),
            Self::NoCase if a.is_ascii() && b.is_ascii() => {
                let lower = |byte: u8| byte.to_ascii_lowercase();
                a.bytes().map(lower).cmp(b.bytes().map(lower))
            }
            Self::NoCase => {
                a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
            }
        }
    }
}

/// A value as it is sorted: numbers, texts, null, the rest.
#[derive(Debug, Clone, Copy)]
pub enum RowKey<'r> {
    /// A number, or a truth.
    Number(f64),
    /// A text.
    Text(&'r str),
    /// Nothing.
    Null,
    /// An array or an object.
    Other,
}

impl<'r> RowKey<'r> {
    /// Reads a value.
    #[must_use]
    pub fn of(value: Option<&'r Value>) -> Self {
        match value {
            Some(Value::Number(number)) => Self::Number(number.as_f64().unwrap_or_default()),
            Some(Value::Bool(value)) => Self::Number(f64::from(u8::from(*value))),
            Some(Value::String(text)) => Self::Text(text),
            None | Some(Value::Null) => Self::Null,
            Some(_) => Self::Other,
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::Null => 2,
            Self::Other => 3,
        }
    }

    /// The order of two values.
    #[must_use]
    pub fn compare(self, other: Self, collation: Collation) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(&b),
            (Self::Text(a), Self::Text(b)) => collation.compare(a, b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// Ways to the members of an order, with their directions.
pub struct OrderPaths<'o> {
    keys: Vec<(MemberPath<'o>, bool)>,
    descending: bool,
    collation: Collation,
}

impl<'o> OrderPaths<'o> {
    /// Splits the members of an order.
    #[must_use]
    pub fn of(order: &'o ListOrder, collation: Collation) -> Self {
        let keys = order.keys.iter().map(|(member, down)| (MemberPath::new(member), *down));
        Self { keys: keys.collect(), descending: order.descending, collation }
    }

    fn by(&self, nth: usize, (a, b): (RowKey<'_>, RowKey<'_>)) -> Ordering {
        let order = a.compare(b, self.collation);
        if self.keys[nth].1 { order.reverse() } else { order }
    }

    fn first<'r>(&self, row: &ListRow<'r>) -> RowKey<'r> {
        RowKey::of(self.keys.first().and_then(|(path, _)| path.get(row.1)))
    }

    /// The order of two rows of which the first members are equal.
    fn by_others(&self, a: &ListRow<'_>, b: &ListRow<'_>) -> Ordering {
        let others = self.keys.iter().enumerate().skip(1);
        others.fold(Ordering::Equal, |order, (nth, (path, _))| {
            let keys = || (RowKey::of(path.get(a.1)), RowKey::of(path.get(b.1)));
            order.then_with(|| self.by(nth, keys()))
        })
    }

    /// Whether rows stand in this order, each with its place in the order of arrival.
    pub fn holds(&self, rows: &[(usize, ListRow<'_>)]) -> bool {
        rows.windows(2).all(|pair| {
            let ((n, a), (m, b)) = (&pair[0], &pair[1]);
            if self.keys.is_empty() {
                return (n < m) != self.descending;
            }
            let order = self.by(0, (self.first(a), self.first(b)));
            order.then_with(|| self.by_others(a, b)).then(n.cmp(m)).is_lt()
        })
    }

    /// The first rows in this order, as many as are needed; equal ones keep theirs.
    #[must_use]
    pub fn sorted<'r>(&self, mut rows: Vec<ListRow<'r>>, needed: usize) -> Vec<ListRow<'r>> {
        if self.keys.is_empty() {
            if self.descending {
                rows.reverse();
            }
            return rows;
        }
        let mut keyed: Vec<(RowKey<'r>, usize)> =
            rows.iter().enumerate().map(|(n, row)| (self.first(row), n)).collect();
        let order = |(a, n): &(RowKey<'r>, usize), (b, m): &(RowKey<'r>, usize)| {
            let order = self.by(0, (*a, *b));
            order.then_with(|| self.by_others(&rows[*n], &rows[*m])).then(n.cmp(m))
        };
        if needed < keyed.len() {
            keyed.select_nth_unstable_by(needed, order);
            keyed.truncate(needed);
        }
        keyed.sort_unstable_by(order);
        keyed.into_iter().map(|(_, n)| rows[n]).collect()
    }
}

/// Words for directions.
const DIRECTIONS: [&str; 4] = ["ascending", "descending", "asc", "desc"];

fn direction(word: &str) -> Option<String> {
    DIRECTIONS.iter().find(|known| known.eq_ignore_ascii_case(word)).map(|known| (*known).into())
}

/// Wishes to sort, as they stand in a parameter: members, each with the mark of its direction;
/// none where it is no such wish.
#[must_use]
pub fn wishes(value: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    for part in value.split(',').map(str::trim).take(KEYS_MAX) {
        if let (Some(word), Some((_, mark))) = (direction(part), found.last_mut()) {
            mark.push_str(&word);
        } else if let Some(wish) = wish(part) {
            found.push(wish);
        } else {
            return Vec::new();
        }
    }
    found
}

/// A wish to sort by one member.
fn wish(value: &str) -> Option<(&str, String)> {
    let name = value.trim_start_matches(['-', '+']);
    let sign = &value[..value.len() - name.len()];
    if sign.len() > 1 {
        return None;
    }
    let marked = name.rfind([':', ' ', '.', '|', '_', '-']).and_then(|at| {
        let word = direction(&name[at + 1..])?;
        Some((&name[..at], word))
    });
    let (name, word) = marked.unwrap_or((name, String::new()));
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let is_name = !name.is_empty() && name.chars().all(plain);
    is_name.then(|| (name, format!("{sign}{word}")))
}

/// Whether values stand in ascending, and in descending order.
#[must_use]
pub fn directions(values: &[RowKey<'_>], collation: Collation) -> (bool, bool) {
    let pairs = || values.windows(2).map(|pair| pair[0].compare(pair[1], collation));
    (pairs().all(Ordering::is_le), pairs().all(Ordering::is_ge))
}

impl Program {
    /// The values by which a request asks for rows one by one, and the member that they are of.
    fn one_by_one<'r>(&self, request: &'r Request) -> Option<(Vec<&'r str>, &str)> {
        request.query.iter().find_map(|(name, value)| match self.role(name)? {
            ParameterRole::Filter(Operator::OneOf | Operator::Equal, member)
                if value.contains(',') =>
            {
                Some((value.split(',').collect(), &**member))
            }
            _ => None,
        })
    }

    /// Puts rows that are asked for one by one in the order of the asking.
    pub fn sort_as_asked(&self, request: &Request, rows: &mut [ListRow<'_>]) {
        let Some((wanted, member)) = self.one_by_one(request).filter(|_| self.as_asked) else {
            return;
        };
        let place = |row: &ListRow<'_>| {
            let own = looked_up(row.1, member).and_then(as_segment);
            wanted.iter().position(|one| own.as_deref() == Some(*one))
        };
        rows.sort_by_key(place);
    }

    /// Whether recorded lists of rows that were asked for one by one had the order of the asking,
    /// where that is another than theirs without it.
    pub fn keeps_asked_order(&self, samples: &[ListSample<'_>]) -> bool {
        let (mut kept, mut turned) = (0_u32, 0_u32);
        for sample in samples {
            let Some((wanted, member)) = self.one_by_one(sample.request()) else { continue };
            let rows: FxHashMap<&str, ListRow<'_>> =
                sample.all().into_iter().map(|row| (row.0, row)).collect();
            let own = |id: &String| {
                let row = rows.get(id.as_str())?;
                looked_up(row.1, member).and_then(as_segment)
            };
            let shown: Vec<String> = sample.ids.iter().filter_map(own).collect();
            let there: Vec<&str> =
                wanted.iter().copied().filter(|one| shown.iter().any(|own| own == one)).collect();
            if there.len() > 1 {
                let is_kept = there.iter().eq(shown.iter());
                *(if is_kept { &mut kept } else { &mut turned }) += 1;
            }
        }
        kept >= ASKED_ORDERS_MIN && kept > 4 * turned
    }

    /// The members that a value wishes to sort by; none where one of them is not there.
    #[must_use]
    pub(super) fn sort_wishes(&self, value: &str) -> Vec<(&str, String)> {
        let wishes = wishes(value);
        let named: Option<Vec<(&str, String)>> =
            wishes.into_iter().map(|(name, mark)| Some((self.member_named(name)?, mark))).collect();
        named.unwrap_or_default()
    }

    /// The order that a request wishes, or the one without a wish.
    #[must_use]
    pub fn order_of(&self, request: &Request) -> ListOrder {
        for (name, value) in &request.query {
            let Some(ParameterRole::Sort { direction, marks, several }) = self.role(name) else {
                continue;
            };
            let wishes = self.sort_wishes(value);
            if wishes.is_empty() {
                continue;
            }
            let other = direction.as_deref().and_then(|name| request.parameter(name));
            let key = |(nth, (member, sign)): (usize, (&str, String))| {
                (member.into(), descends(marks, (sign, nth_of(other, nth))))
            };
            let count = if *several { KEYS_MAX } else { 1 };
            let keys = wishes.into_iter().take(count).enumerate().map(key).collect();
            return ListOrder { keys, descending: false };
        }
        let turns = |(name, value): &(String, String)| match self.role(name) {
            Some(ParameterRole::Reverse(by)) => **by == **value,
            _ => false,
        };
        match request.query.iter().any(turns) {
            true => self.order.reversed(),
            false => self.order.clone(),
        }
    }

    /// The first rows of those that pass, in the order that is wished.
    #[must_use]
    pub(super) fn sorted<'r>(
        &self,
        request: &Request,
        rows: Vec<ListRow<'r>>,
        needed: usize,
    ) -> Vec<ListRow<'r>> {
        let order = self.order_of(request);
        OrderPaths::of(&order, self.collation).sorted(rows, needed)
    }
}

/// The direction for the nth member, where another parameter says one or several.
pub(super) fn nth_of(said: Option<&str>, nth: usize) -> Option<String> {
    let said = said?;
    Some(said.split(',').nth(nth).or_else(|| said.split(',').next())?.trim().to_owned())
}

/// Whether a mark means descending: as it was learned, or as marks mostly do.
fn descends(marks: &[(Mark, bool)], mark: Mark) -> bool {
    let known = marks.iter().find(|(known, _)| *known == mark).map(|(_, down)| *down);
    known.unwrap_or_else(|| {
        let said = mark.1.as_deref().unwrap_or_default().to_lowercase();
        mark.0.starts_with('-') || mark.0.contains("desc") || said.contains("desc")
    })
}
