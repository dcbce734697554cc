//! Finds the endpoints that write several at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::batch::{
    ItemAnswers, ItemVerdict, LEARNED_ITEMS_MAX, WriteBatch, item_place, status_named,
};
use super::listed_later::{ListedLater, unanswered};
use super::pointer::{Pointer, PointerStep, arrays, at, last_member, leaves};
use super::resources::{IdPlace, Resources};
use super::site_place::{Seen, SitePlace, by_place};

/// Share of the requests with an array whose answer has one of the same length.
const PAIRED_SHARE: f64 = 0.9;

/// Requests from which an array is a batch.
const BATCHES_MIN: usize = 2;

/// Finds the endpoints that write several at once: those that answer an array of which each item
/// has the id of something, to an array of the same length.
#[must_use]
pub fn batches(resources: &Resources, seen: &[Seen]) -> FxHashMap<Arc<SitePlace>, WriteBatch> {
    let mut found = FxHashMap::default();
    for (place, own) in by_place(seen) {
        let Some(make) = resources.makes.get(&place) else { continue };
        let IdPlace::Body(id) = &make.id else { continue };
        let item = id.iter().position(|step| matches!(step, PointerStep::Item(_)));
        let good = own.into_iter().filter(|one| one.exchange.is_ok());
        let Some(answered) = item.map(|n| id[..n].to_vec()) else {
            let is_array = |one: &&Seen| one.exchange.json().is_some_and(Value::is_array);
            let good: Vec<&Seen> = good.filter(is_array).collect();
            // One or several, as the client likes: several are written as one is.
            if let Some(sent) = paired(&[], &good) {
                let answers = ItemAnswers::Array(Pointer::new());
                let verdict = ItemVerdict::Members(FxHashSet::default());
                let batch = WriteBatch { verdict, sent, answers, place: Arc::clone(&place) };
                found.insert(place, batch);
            }
            continue;
        };
        let good: Vec<&Seen> = good.collect();
        let Some(sent) = paired(&answered, &good) else { continue };
        let batch = WriteBatch {
            verdict: verdict(&answered, &good),
            sent,
            answers: ItemAnswers::Array(answered),
            place: Arc::new(item_place(&place)),
        };
        found.insert(place, batch);
    }
    found.extend(unanswered(resources, seen));
    found
}

/// Where the array stands in requests that an array at `answered` answers item by item.
fn paired(answered: &[PointerStep], good: &[&Seen]) -> Option<Pointer> {
    let mut votes: BTreeMap<Pointer, (usize, usize, usize)> = BTreeMap::new();
    for one in good {
        let answers = one.exchange.json().and_then(|document| at(document, answered)?.as_array());
        let Some(body) = one.exchange.request.body.json() else { continue };
        for (place, items) in arrays(body).into_iter().filter(|(_, items)| !items.is_empty()) {
            let counts = votes.entry(place).or_default();
            counts.0 += 1;
            if answers.is_some_and(|answers| answers.len() == items.len()) {
                counts.1 += 1;
                counts.2 += usize::from(items.len() > 1);
            }
        }
    }
    let good = votes.into_iter().filter(|(_, (all, same, several))| {
        *same >= BATCHES_MIN && *several > 0 && *same as f64 >= PAIRED_SHARE * *all as f64
    });
    good.max_by_key(|(place, (_, same, _))| (*same, std::cmp::Reverse(place.len())))
        .map(|(place, _)| place)
}

/// What tells items that went well from those that did not.
fn verdict(answered: &[PointerStep], good: &[&Seen]) -> ItemVerdict {
    let rows = |one: &&Seen| -> Vec<Value> {
        let rows = one.exchange.json().and_then(|document| at(document, answered)?.as_array());
        rows.map(|rows| rows.iter().take(LEARNED_ITEMS_MAX).cloned().collect()).unwrap_or_default()
    };
    let answers: Vec<Value> = good.iter().flat_map(rows).collect();
    let names = |answer: &Value| -> Vec<Box<str>> {
        let found = leaves(answer);
        let last = found.iter().filter_map(|(place, _)| last_member(place));
        last.map(Into::into).collect()
    };
    if let Some(first) = answers.first() {
        let is_status =
            |name: &str| answers.iter().all(|answer| status_named(answer, name).is_some());
        if let Some(name) = names(first).into_iter().find(|name| is_status(name)) {
            return ItemVerdict::Status(name);
        }
    }
    let mut shapes: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for answer in answers.iter().filter_map(Value::as_object) {
        let mut names: Vec<&str> = answer.keys().map(String::as_str).collect();
        names.sort_unstable();
        *shapes.entry(names).or_default() += 1;
    }
    let most = shapes.into_iter().max_by_key(|(_, n)| *n).map(|(names, _)| names);
    ItemVerdict::Members(most.unwrap_or_default().into_iter().map(Into::into).collect())
}

/// The exchanges, each batch followed by its items.
#[must_use]
pub fn played(batches: &FxHashMap<Arc<SitePlace>, WriteBatch>, seen: &[Seen]) -> Vec<Seen> {
    let mut all = Vec::with_capacity(seen.len());
    let later: FxHashMap<&Arc<SitePlace>, ListedLater> = batches
        .iter()
        .filter_map(|(place, batch)| Some((place, ListedLater::of(batch, place, seen)?)))
        .collect();
    for (number, one) in seen.iter().enumerate() {
        let batch = batches.get(&one.place).filter(|_| one.exchange.is_ok());
        let is_played = |batch: &WriteBatch| {
            batch.place == one.place && batch.items(&one.exchange.request).is_some()
        };
        if !batch.is_some_and(is_played) {
            all.push(one.clone());
        }
        if let Some(batch) = batch {
            let listed = |item: usize| later.get(&one.place)?.answer(number, item);
            all.extend(batch.exchanges(&one.exchange, &listed));
        }
    }
    all
}
