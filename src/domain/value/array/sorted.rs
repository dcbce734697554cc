//! Lists in the order of a member of their items, and lists in which nothing comes twice.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::json::Json;
use crate::domain::random::hash;

/// How the lists of a position stood in order by one member of their items.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SortedBy {
    /// Fingerprint of the member's name; 0 for items that are scalars themselves.
    #[serde(rename = "m")]
    member: u32,
    #[serde(rename = "n")]
    seen: u32,
    #[serde(rename = "u")]
    ascending: u32,
    #[serde(rename = "d")]
    descending: u32,
    /// No value came twice in one list.
    #[serde(rename = "s")]
    distinct: u32,
    /// The items were numbered from nought, and from one.
    #[serde(rename = "z", skip_serializing_if = "has_none")]
    numbered: [u32; 2],
}

fn has_none(numbered: &[u32; 2]) -> bool {
    *numbered == [0, 0]
}

/// An order that the lists of a position keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    member: u32,
    /// `None` where the values are only different ones.
    order: Option<Ordering>,
    is_distinct: bool,
    /// The number of the first item, where they are numbered.
    numbered: Option<i64>,
}

/// Members that a list is looked at by.
const MEMBERS_MAX: usize = 12;

/// Lists of two items and more before an order is kept: two items are in some order by accident
/// one time in two.
const SEEN_MIN: u32 = 8;

/// Notes in which order a list is.
pub fn observe(all: &mut Vec<SortedBy>, items: &[Json<'_>]) {
    if items.len() < 2 {
        return;
    }
    let names: Vec<Option<&str>> = match items.first() {
        Some(Json::Object(members)) => {
            members.iter().take(MEMBERS_MAX).map(|(name, _)| Some(name.as_ref())).collect()
        }
        _ => vec![None],
    };
    for name in names {
        let member = name.map_or(0, |name| hash::fingerprint(name.as_bytes()));
        let values = || items.iter().map(|item| value(item, member));
        if values().any(|value| value.is_none()) {
            continue;
        }
        let at = all.iter().position(|known| known.member == member);
        let at = match at {
            Some(at) => at,
            None if all.len() < MEMBERS_MAX => {
                all.push(SortedBy { member, ..SortedBy::default() });
                all.len() - 1
            }
            None => continue,
        };
        let Some(known) = all.get_mut(at) else { continue };
        let values: Vec<&Json<'_>> = values().flatten().collect();
        let runs = |wrong: Ordering| {
            values
                .windows(2)
                .all(|two| compare(two.first().copied(), two.last().copied()) != Some(wrong))
        };
        known.seen = known.seen.saturating_add(1);
        known.ascending += u32::from(runs(Ordering::Greater));
        known.descending += u32::from(runs(Ordering::Less));
        known.distinct += u32::from(are_distinct(&values));
        for (from, count) in (0i64..).zip(&mut known.numbered) {
            let mut places = (from..).zip(&values);
            *count += u32::from(places.all(|(at, value)| **value == Json::Int(at)));
        }
    }
}

/// Adds the evidence of another model.
pub fn merge(all: &mut Vec<SortedBy>, others: Vec<SortedBy>) {
    for other in others {
        match all.iter_mut().find(|own| own.member == other.member) {
            Some(own) => {
                own.seen = own.seen.saturating_add(other.seen);
                own.ascending += other.ascending;
                own.descending += other.descending;
                own.distinct += other.distinct;
                own.numbered[0] += other.numbered[0];
                own.numbered[1] += other.numbered[1];
            }
            None => all.push(other),
        }
    }
    all.truncate(MEMBERS_MAX);
}

/// The orders that all lists kept.
pub fn keys(all: &[SortedBy]) -> Vec<SortKey> {
    let key = |known: &SortedBy| {
        let always = |count: u32| known.seen >= SEEN_MIN && count == known.seen;
        // What never changes within a list is in both.
        let order = match (always(known.ascending), always(known.descending)) {
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            _ => None,
        };
        let numbered = (0i64..).zip(known.numbered).find(|(_, count)| always(*count));
        let numbered = numbered.map(|(from, _)| from);
        let is_distinct = always(known.distinct);
        let key = SortKey { member: known.member, order, is_distinct, numbered };
        (order.is_some() || is_distinct).then_some(key)
    };
    all.iter().filter_map(key).collect()
}

impl SortKey {
    /// Hash of what no two items of a list share, of an item; `None` where they may share it.
    pub fn distinct(self, item: &Json<'_>) -> Option<u64> {
        let is_drawn = self.is_distinct && self.numbered.is_none();
        is_drawn.then(|| value(item, self.member).map(Json::stable_hash)).flatten()
    }

    /// Does it say in which order items come?
    pub fn orders(self) -> bool {
        self.order.is_some()
    }

    /// Puts the values of a list in order, each among the items. Of scalars those that came
    /// before are left out.
    pub fn arrange(self, items: &mut Vec<Json<'_>>) {
        if self.is_distinct && self.member == 0 {
            let mut at = 0;
            while at < items.len() {
                let (before, rest) = items.split_at(at);
                match rest.first() {
                    Some(item) if before.contains(item) => drop(items.remove(at)),
                    _ => at += 1,
                }
            }
        }
        if let Some(from) = self.numbered {
            for (number, item) in (from..).zip(items) {
                if let Some(own) = value_mut(item, self.member) {
                    *own = Json::Int(number);
                }
            }
            return;
        }
        let Some(order) = self.order else { return };
        let mut values: Vec<Json<'_>> =
            items.iter().filter_map(|item| value(item, self.member)).cloned().collect();
        if values.len() != items.len() {
            return;
        }
        values.sort_by(|a, b| {
            let ascending = compare(Some(a), Some(b)).unwrap_or(Ordering::Equal);
            if order == Ordering::Less { ascending } else { ascending.reverse() }
        });
        for (item, sorted) in items.iter_mut().zip(values) {
            if let Some(own) = value_mut(item, self.member) {
                *own = sorted;
            }
        }
    }
}

fn is_it(name: &str, member: u32) -> bool {
    hash::fingerprint(name.as_bytes()) == member
}

/// The scalar that an item is in order by.
fn value<'i, 'a>(item: &'i Json<'a>, member: u32) -> Option<&'i Json<'a>> {
    let value = match item {
        Json::Object(members) => &members.iter().find(|(name, _)| is_it(name, member))?.1,
        item if member == 0 => item,
        _ => return None,
    };
    matches!(value, Json::Int(_) | Json::Float(_) | Json::Str(_)).then_some(value)
}

fn value_mut<'i, 'a>(item: &'i mut Json<'a>, member: u32) -> Option<&'i mut Json<'a>> {
    match item {
        Json::Object(members) => {
            members.iter_mut().find(|(name, _)| is_it(name, member)).map(|found| &mut found.1)
        }
        item => (member == 0).then_some(item),
    }
}

fn are_distinct(values: &[&Json<'_>]) -> bool {
    let mut hashes: Vec<u64> = values.iter().map(|value| value.stable_hash()).collect();
    hashes.sort_unstable();
    hashes.windows(2).all(|two| two.first() != two.last())
}

fn compare(a: Option<&Json<'_>>, b: Option<&Json<'_>>) -> Option<Ordering> {
    match (a?, b?) {
        (Json::Int(a), Json::Int(b)) => Some(a.cmp(b)),
        (Json::Str(a), Json::Str(b)) => Some(a.cmp(b)),
        (a, b) => number(a)?.partial_cmp(&number(b)?),
    }
}

fn number(value: &Json<'_>) -> Option<f64> {
    match value {
        Json::Int(value) => Some(*value as f64),
        Json::Float(value) => Some(*value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_the_order_that_lists_had() {
        let mut all = Vec::new();
        for n in 0..10 {
            let text = format!(
                concat!(
                    r#"[{{"id":{},"at":"a{}","x":3}},{{"id":{},"at":"b","x":1}},"#,
                    r#"{{"id":{},"at":"c","x":{}}}]"#
                ),
                n + 40,
                n,
                n + 20,
                n,
                n
            );
            let Some(Json::Array(items)) = Json::parse(text.as_bytes()) else { panic!("no list") };
            observe(&mut all, &items);
        }
        let drawn = br#"[{"id":1,"at":"q","x":7},{"id":9,"at":"a","x":8},{"id":4,"at":"z","x":9}]"#;
        let Some(Json::Array(mut items)) = Json::parse(drawn) else { panic!("no list") };
        keys(&all).into_iter().for_each(|key| key.arrange(&mut items));
        let sorted = serde_json::to_string(&items).unwrap();
        let expected =
            r#"[{"id":9,"at":"a","x":7},{"id":4,"at":"q","x":8},{"id":1,"at":"z","x":9}]"#;
        assert_eq!(sorted, expected);
    }

    #[test]
    fn scalars_that_never_came_twice_come_once() {
        let mut all = Vec::new();
        for n in 0..10 {
            let text = format!(r#"["b{n}","a","c"]"#);
            let Some(Json::Array(items)) = Json::parse(text.as_bytes()) else { panic!("no list") };
            observe(&mut all, &items);
        }
        let Some(Json::Array(mut items)) = Json::parse(br#"["x","y","x"]"#) else {
            panic!("no list")
        };
        keys(&all).into_iter().for_each(|key| key.arrange(&mut items));
        assert_eq!(serde_json::to_string(&items).unwrap(), r#"["x","y"]"#);
    }
}
