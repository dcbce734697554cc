//! Writes of several at once: their items are played one after the other, each as a request of its
//! own to a place of its own, so that everything learned of single writes holds for them.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::message::{Document, MessagePace, Request, SiteExchange};
use super::pointer::{Pointer, at, last_member, leaves};
use super::site_place::{Seen, SitePlace};

/// Items of one batch that are played.
const ITEMS_MAX: usize = 1_000;

/// Items of one batch that are learned from.
pub const LEARNED_ITEMS_MAX: usize = 20;

/// The status of an item that failed where the answer has no number for it.
const FAILED: u16 = 409;

/// The last segment of the place of the items: no path has it.
pub const ITEM_SEGMENT: &str = "[]";

/// Where a batch and its answers stand.
#[derive(Debug, Clone)]
pub struct WriteBatch {
    /// The items in the body of the request.
    pub sent: Pointer,
    /// Their answers in the answer.
    pub answered: Pointer,
    /// The place at which one item is played.
    pub place: Arc<SitePlace>,
    /// Where the answer to an item says its status, else members that the good ones have.
    pub verdict: ItemVerdict,
}

/// What tells items that went well from those that did not.
#[derive(Debug, Clone)]
pub enum ItemVerdict {
    /// The name of a member that is a status of HTTP.
    Status(Box<str>),
    /// Members that an item which went well has.
    Members(FxHashSet<Box<str>>),
}

impl WriteBatch {
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
            ItemVerdict::Status(name) => status_named(answer, name).unwrap_or(whole),
            ItemVerdict::Members(names) => {
                let is_good = names.iter().all(|name| answer.get(&**name).is_some());
                if is_good { whole } else { FAILED }
            }
        }
    }

    /// The items of a recorded batch with their answers, as exchanges of their own.
    #[must_use]
    pub fn exchanges(&self, exchange: &SiteExchange) -> Vec<Seen> {
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

/// A status of HTTP at a member of this name, however deep.
#[must_use]
pub fn status_named(answer: &Value, name: &str) -> Option<u16> {
    let found = leaves(answer);
    let named = found.iter().find(|(place, _)| last_member(place) == Some(name));
    let number = named.and_then(|(_, value)| value.as_u64())?;
    u16::try_from(number).ok().filter(|status| (200..600).contains(status))
}
