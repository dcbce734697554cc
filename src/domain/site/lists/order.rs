//! Orders of lists: which member, and in which direction.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::list_sample::ListSample;
use super::{ListOrder, ListRow, Mark, Operator, ParameterRole, Program, looked_up};
use crate::domain::world::Request;
use crate::domain::world::pointer::as_segment;

/// Lists from which rows are believed to come in the order in which they are asked for.
const ASKED_ORDERS_MIN: u32 = 3;

/// A wish to sort, as it stands in a parameter: the member and the mark of its direction.
#[must_use]
pub fn wish(value: &str) -> Option<(&str, String)> {
    let name = value.trim_start_matches(['-', '+']);
    let sign = &value[..value.len() - name.len()];
    if sign.len() > 1 {
        return None;
    }
    let (name, word) = ["asc", "desc", "ASC", "DESC"]
        .iter()
        .find_map(|word| {
            let rest = name.strip_suffix(word)?;
            let rest = rest.strip_suffix([':', ',', ' '])?;
            Some((rest, word.to_lowercase()))
        })
        .unwrap_or((name, String::new()));
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let is_name = !name.is_empty() && name.chars().all(plain);
    is_name.then(|| (name, format!("{sign}{word}")))
}

/// The order of values of any kind: numbers, texts, null, the rest.
#[must_use]
pub fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let rank = |value: Option<&Value>| match value {
        Some(Value::Number(_) | Value::Bool(_)) => 0,
        Some(Value::String(_)) => 1,
        None | Some(Value::Null) => 2,
        Some(_) => 3,
    };
    let number = |value: Option<&Value>| match value {
        Some(Value::Number(number)) => number.as_f64().unwrap_or_default(),
        Some(Value::Bool(true)) => 1.0,
        _ => 0.0,
    };
    match (a, b) {
        (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)).then_with(|| number(a).total_cmp(&number(b))),
    }
}

/// Sorts rows; rows that are equal keep their order.
pub fn sort(rows: &mut [ListRow<'_>], order: &ListOrder) {
    match &order.by {
        None if order.descending => rows.reverse(),
        None => {}
        Some(member) => {
            let by = |row: &ListRow<'_>, other: &ListRow<'_>| {
                compare(looked_up(row.1, member), looked_up(other.1, member))
            };
            rows.sort_by(|a, b| if order.descending { by(b, a) } else { by(a, b) });
        }
    }
}

/// Whether values stand in ascending, and in descending order.
#[must_use]
pub fn directions(values: &[Option<&Value>]) -> (bool, bool) {
    let pairs = || values.windows(2).map(|pair| compare(pair[0], pair[1]));
    (pairs().all(Ordering::is_le), pairs().all(Ordering::is_ge))
}

impl Program {
    /// The values by which a request asks for rows one by one, and the member that they are of.
    fn one_by_one<'r>(&self, request: &'r Request) -> Option<(Vec<&'r str>, &str)> {
        request.query.iter().find_map(|(name, value)| match self.role(name)? {
            ParameterRole::Filter(Operator::OneOf, member) => {
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

    /// The order that a request wishes, or the one without a wish.
    #[must_use]
    pub fn order_of(&self, request: &Request) -> ListOrder {
        for (name, value) in &request.query {
            let Some(ParameterRole::Sort { direction, marks }) = self.role(name) else { continue };
            let Some((member, sign)) = wish(value) else { continue };
            if !self.members.contains(member) {
                continue;
            }
            let other = direction.as_deref().and_then(|name| request.parameter(name));
            let mark: Mark = (sign, other.map(ToOwned::to_owned));
            let known = marks.iter().find(|(known, _)| *known == mark).map(|(_, down)| *down);
            let descending = known.unwrap_or_else(|| {
                let said = other.unwrap_or_default().to_lowercase();
                mark.0.starts_with('-') || mark.0.contains("desc") || said.contains("desc")
            });
            return ListOrder { by: Some(member.into()), descending };
        }
        let turns = |(name, value): &(String, String)| match self.role(name) {
            Some(ParameterRole::Reverse(by)) => **by == **value,
            _ => false,
        };
        let descending = self.order.descending ^ request.query.iter().any(turns);
        ListOrder { descending, ..self.order.clone() }
    }
}
