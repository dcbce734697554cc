//! Writes of several at once: their items are played one after the other, each as a request of its
//! own to a place of its own, so that everything learned of single writes holds for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::discover::by_place;
use super::message::{Document, MessagePace, Request, SiteExchange};
use super::pointer::{Pointer, PointerStep, arrays, at, last_member, leaves};
use super::resources::{IdPlace, Resources, Seen, SitePlace};
use super::template::SiteTemplate;

/// Share of the requests with an array whose answer has one of the same length.
const PAIRED_SHARE: f64 = 0.9;

/// Requests from which an array is a batch.
const BATCHES_MIN: usize = 2;

/// Items of one batch that are played.
const ITEMS_MAX: usize = 1_000;

/// Items of one batch that are learned from.
const LEARNED_ITEMS_MAX: usize = 20;

/// The status of an item that failed where the answer has no number for it.
const FAILED: u16 = 409;

/// The last segment of the place of the items: no path has it.
const ITEM_SEGMENT: &str = "[]";

/// Where a batch and its answers stand.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The items in the body of the request.
    pub sent: Pointer,
    /// Their answers in the answer.
    pub answered: Pointer,
    /// The place at which one item is played.
    pub place: Arc<SitePlace>,
    /// Where the answer to an item says its status, else members that the good ones have.
    verdict: Verdict,
}

#[derive(Debug, Clone)]
enum Verdict {
    /// The name of a member that is a status of HTTP.
    Status(Box<str>),
    /// Members that an item which went well has.
    Members(FxHashSet<Box<str>>),
}

impl Batch {
    /// The items that a request sends.
    #[must_use]
    pub fn items<'r>(&self, request: &'r Request) -> Option<&'r [Value]> {
        let items = at(request.body.json()?, &self.sent)?.as_array()?;
        let are_items = items.iter().all(Value::is_object);
        are_items.then(|| &items[..items.len().min(ITEMS_MAX)])
    }

    /// One item as a request of its own.
    #[must_use]
    pub fn request(&self, whole: &Request, item: &Value) -> Request {
        let mut segments = whole.segments.clone();
        segments.push(ITEM_SEGMENT.to_owned());
        Request {
            segments,
            query: Vec::new(),
            body: Document::Json(item.clone()),
            has_body: true,
            ..whole.clone()
        }
    }

    fn status(&self, whole: u16, answer: &Value) -> u16 {
        match &self.verdict {
            Verdict::Status(name) => status_named(answer, name).unwrap_or(whole),
            Verdict::Members(names) => {
                let is_good = names.iter().all(|name| answer.get(&**name).is_some());
                if is_good { whole } else { FAILED }
            }
        }
    }

    /// The items of a recorded batch with their answers, as exchanges of their own.
    fn exchanges(&self, exchange: &SiteExchange) -> Vec<Seen> {
        let items = self.items(&exchange.request).unwrap_or_default();
        let answers = exchange.json().and_then(|document| at(document, &self.answered)?.as_array());
        let Some(answers) = answers.filter(|answers| answers.len() == items.len()) else {
            return Vec::new();
        };
        let kind = exchange.headers.iter().filter(|(name, _)| &**name == "content-type");
        let headers: Vec<_> = kind.cloned().collect();
        let pairs = items.iter().zip(answers).take(LEARNED_ITEMS_MAX);
        pairs
            .map(|(item, answer)| {
                let one = SiteExchange {
                    request: Arc::new(self.request(&exchange.request, item)),
                    status: self.status(exchange.status, answer),
                    headers: headers.clone(),
                    bytes: serde_json::to_vec(answer).unwrap_or_default().into(),
                    body: Document::Json(answer.clone()),
                    issued: Vec::new(),
                    is_veiled: exchange.is_veiled,
                    pace: MessagePace::default(),
                };
                Seen { exchange: Arc::new(one), place: Arc::clone(&self.place) }
            })
            .collect()
    }
}

/// Finds the endpoints that write several at once: those that answer an array of which each item
/// has the id of something, to an array of the same length.
#[must_use]
pub fn batches(resources: &Resources, seen: &[Seen]) -> FxHashMap<Arc<SitePlace>, Batch> {
    let mut found = FxHashMap::default();
    for (place, own) in by_place(seen) {
        let Some(make) = resources.makes.get(&place) else { continue };
        let IdPlace::Body(id) = &make.id else { continue };
        let item = id.iter().position(|step| matches!(step, PointerStep::Item(_)));
        let Some(answered) = item.map(|n| id[..n].to_vec()) else { continue };
        let good: Vec<&Seen> = own.into_iter().filter(|one| one.exchange.is_ok()).collect();
        let Some(sent) = paired(&answered, &good) else { continue };
        let mut template: SiteTemplate = place.template.clone();
        template.0.push(Some(ITEM_SEGMENT.into()));
        let batch = Batch {
            verdict: verdict(&answered, &good),
            sent,
            answered,
            place: Arc::new(SitePlace { method: place.method.clone(), template }),
        };
        found.insert(place, batch);
    }
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
fn verdict(answered: &[PointerStep], good: &[&Seen]) -> Verdict {
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
            |name: &Box<str>| answers.iter().all(|answer| status_named(answer, name).is_some());
        if let Some(name) = names(first).into_iter().find(is_status) {
            return Verdict::Status(name);
        }
    }
    let mut shapes: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for answer in answers.iter().filter_map(Value::as_object) {
        let mut names: Vec<&str> = answer.keys().map(String::as_str).collect();
        names.sort_unstable();
        *shapes.entry(names).or_default() += 1;
    }
    let most = shapes.into_iter().max_by_key(|(_, n)| *n).map(|(names, _)| names);
    Verdict::Members(most.unwrap_or_default().into_iter().map(Into::into).collect())
}

/// A status of HTTP at a member of this name, however deep.
fn status_named(answer: &Value, name: &str) -> Option<u16> {
    let found = leaves(answer);
    let named = found.iter().find(|(place, _)| last_member(place) == Some(name));
    let number = named.and_then(|(_, value)| value.as_u64())?;
    u16::try_from(number).ok().filter(|status| (200..600).contains(status))
}

/// The exchanges, each batch followed by its items.
#[must_use]
pub fn played(batches: &FxHashMap<Arc<SitePlace>, Batch>, seen: &[Seen]) -> Vec<Seen> {
    let mut all = Vec::with_capacity(seen.len());
    for one in seen {
        all.push(one.clone());
        if let Some(batch) = batches.get(&one.place).filter(|_| one.exchange.is_ok()) {
            all.extend(batch.exchanges(&one.exchange));
        }
    }
    all
}
