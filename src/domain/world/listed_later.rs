//! Finds writes whose answers do not say what became of what they sent: lists show it later.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::batch::{ItemAnswers, ItemVerdict, WriteBatch, item_place};
use super::find_sameness::same_member;
use super::list_resource::ListResource;
use super::pointer::{Pointer, arrays, at};
use super::resources::Resources;
use super::site_place::{Seen, SitePlace, by_place};

/// Lists after a write in which its items are looked for.
const LISTS_MAX: usize = 6;

/// Rows of one list that are compared.
const ROWS_MAX: usize = 500;

/// Items that must be found, and the share of all.
const FOUND_MIN: usize = 3;
const FOUND_SHARE: f64 = 0.5;

/// An item by its numbers, and the id of what came of it.
type MadeItem<'m> = ((usize, usize), &'m Map<String, Value>, String);

/// Finds such writes: posted to the path of a list, to which they add rows.
#[must_use]
pub fn unanswered(resources: &Resources, seen: &[Seen]) -> Vec<(Arc<SitePlace>, WriteBatch)> {
    let grouped = by_place(seen);
    let mut found = Vec::new();
    let mut lists: Vec<(&Arc<SitePlace>, &ListResource)> = resources.lists.iter().collect();
    lists.sort_by_key(|(place, _)| *place);
    for (list, listing) in lists {
        let post = SitePlace { method: "POST".into(), template: list.template.clone() };
        let is_own = listing.item.is_item_of(&list.template) && !listing.is_bare();
        let Some((place, writes)) = grouped.get_key_value(&post).filter(|_| is_own) else {
            continue;
        };
        if resources.makes.contains_key(place) || &*list.method != "GET" {
            continue;
        }
        let good: Vec<&Seen> = writes.iter().copied().filter(|one| one.exchange.is_ok()).collect();
        let tried = sent_places(&good).into_iter().filter_map(|sent| {
            let batch = WriteBatch {
                sent,
                answers: ItemAnswers::Listed { place: Arc::clone(list), listing: listing.clone() },
                place: Arc::new(item_place(place)),
                verdict: ItemVerdict::Members(FxHashSet::default()),
            };
            let later = ListedLater::of(&batch, place, seen)?;
            let items = |one: &&Seen| batch.items(&one.exchange.request).map_or(0, <[Value]>::len);
            let all: usize = good.iter().map(items).sum();
            let n = later.ids.len();
            (n >= FOUND_MIN && n as f64 >= FOUND_SHARE * all as f64).then_some((n, batch))
        });
        // Of equal ones the outer place.
        let best = tried.reduce(|best, next| if next.0 > best.0 { next } else { best });
        found.extend(best.map(|(_, batch)| (Arc::clone(place), batch)));
    }
    found
}

/// Where items may stand in bodies: the whole, a member of it, or arrays in it.
fn sent_places(good: &[&Seen]) -> Vec<Pointer> {
    let mut places: Vec<Pointer> = vec![Vec::new()];
    for body in good.iter().filter_map(|one| one.exchange.request.body.json()) {
        let inner = body.as_object().into_iter().flatten().filter(|(_, value)| value.is_object());
        let inner = inner.map(|(name, _)| super::pointer::member(name));
        for place in inner.chain(arrays(body).into_iter().map(|(place, _)| place)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

/// The ids of what unanswered writes made, as lists showed them later.
pub struct ListedLater {
    id: Box<str>,
    ids: FxHashMap<(usize, usize), Value>,
}

impl ListedLater {
    /// Looks for the items of all writes to a place; `None` for a batch that is answered.
    #[must_use]
    pub fn of(batch: &WriteBatch, place: &SitePlace, seen: &[Seen]) -> Option<Self> {
        let ItemAnswers::Listed { place: list, listing } = &batch.answers else { return None };
        let mut ids = FxHashMap::default();
        let mut lost = Vec::new();
        let lists: Vec<(usize, Vec<&Map<String, Value>>)> = seen
            .iter()
            .enumerate()
            .filter(|(_, one)| one.place == *list && one.exchange.is_ok())
            .map(|(number, one)| (number, rows(listing, one)))
            .collect();
        for (number, one) in seen.iter().enumerate() {
            if *one.place != *place || !one.exchange.is_ok() {
                continue;
            }
            let items = batch.items(&one.exchange.request).unwrap_or_default();
            let next = lists.partition_point(|(at, _)| *at < number);
            let later = &lists[next..lists.len().min(next + LISTS_MAX)];
            for (n, item) in items.iter().enumerate() {
                let Some(sent) = item.as_object() else { continue };
                let row = later.iter().find_map(|(_, rows)| best_row(sent, rows));
                match row.and_then(|row| row.get(&*listing.id)) {
                    Some(id) => {
                        ids.insert((number, n), id.clone());
                    }
                    None => lost.push((number, n, sent)),
                }
            }
        }
        let mut later = Self { id: listing.id.clone(), ids };
        later.find_again(batch, seen, &lost);
        Some(later)
    }

    /// What no list shows any more is known by the member that tells what is the same.
    fn find_again(
        &mut self,
        batch: &WriteBatch,
        seen: &[Seen],
        lost: &[(usize, usize, &Map<String, Value>)],
    ) {
        let mut numbers: Vec<(usize, usize)> = self.ids.keys().copied().collect();
        numbers.sort_unstable();
        let made: Vec<MadeItem<'_>> = numbers
            .iter()
            .filter_map(|(number, n)| {
                let items = batch.items(&seen[*number].exchange.request)?;
                let id = self.ids.get(&(*number, *n))?;
                Some(((*number, *n), items.get(*n)?.as_object()?, id.to_string()))
            })
            .collect();
        let pairs = made.iter().map(|(_, sent, id)| (*sent, id.as_str()));
        let Some(same) = same_member(pairs) else { return };
        let mut found = Vec::new();
        for (number, n, sent) in lost {
            let Some(value) = sent.get(&*same) else { continue };
            let mut before = made.iter().rev().filter(|(at, ..)| *at < (*number, *n));
            let known = before.find(|(_, other, _)| other.get(&*same) == Some(value));
            found.extend(known.map(|(at, ..)| ((*number, *n), *at)));
        }
        for (lost, known) in found {
            if let Some(id) = self.ids.get(&known).cloned() {
                self.ids.insert(lost, id);
            }
        }
    }

    /// What the answer to an item would have said.
    #[must_use]
    pub fn answer(&self, number: usize, item: usize) -> Option<Value> {
        let id = self.ids.get(&(number, item))?;
        Some(Value::Object([(self.id.to_string(), id.clone())].into_iter().collect()))
    }
}

fn rows<'s>(listing: &ListResource, one: &'s Seen) -> Vec<&'s Map<String, Value>> {
    let rows = one.exchange.json().and_then(|document| at(document, &listing.envelope)?.as_array());
    rows.into_iter().flatten().take(ROWS_MAX).filter_map(Value::as_object).collect()
}

/// The row that shows what was sent: all of it, or all but little and more than any other does.
fn best_row<'r>(
    sent: &Map<String, Value>,
    rows: &[&'r Map<String, Value>],
) -> Option<&'r Map<String, Value>> {
    let equal = |row: &Map<String, Value>| {
        sent.iter().filter(|(name, value)| row.get(*name).is_some_and(|v| shows(v, value))).count()
    };
    let counts: Vec<usize> = rows.iter().map(|row| equal(row)).collect();
    let (at, n) = counts.iter().copied().enumerate().max_by_key(|(_, n)| *n)?;
    let alike = counts.iter().filter(|other| **other == n).count();
    (n > 0 && alike == 1 && 3 * n >= 2 * sent.len()).then(|| rows[at])
}

/// Whether a value that is shown holds everything that was sent; servers add members.
fn shows(shown: &Value, sent: &Value) -> bool {
    match (shown, sent) {
        (Value::Object(shown), Value::Object(sent)) => {
            sent.iter().all(|(name, value)| shown.get(name).is_some_and(|v| shows(v, value)))
        }
        _ => shown == sent,
    }
}
