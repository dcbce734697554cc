//! Writes of several at once: their items are played one after the other, each as a request of its
//! own to a place of its own, so that everything learned of single writes holds for them. A write
//! whose answer says nothing of what it made is a batch, too, be it of one.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::list_resource::ListResource;
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
const ITEM_SEGMENT: &str = "[]";

/// The place at which the items of a batch to `place` are played.
#[must_use]
pub fn item_place(place: &SitePlace) -> SitePlace {
    let mut template = place.template.clone();
    template.0.push(Some(ITEM_SEGMENT.into()));
    SitePlace { method: place.method.clone(), template }
}

/// Where a batch and its answers stand.
#[derive(Debug, Clone)]
pub struct WriteBatch {
    /// The items in the body of the request: an array, or one of them.
    pub sent: Pointer,
    /// Where their answers stand.
    pub answers: ItemAnswers,
    /// The place at which one item is played; that of the batch where it takes single items, too.
    pub place: Arc<SitePlace>,
    /// Where the answer to an item says its status, else members that the good ones have.
    pub verdict: ItemVerdict,
}

/// Where the answers to the items of a batch stand.
#[derive(Debug, Clone)]
pub enum ItemAnswers {
    /// In an array of the answer, in their order.
    Array(Pointer),
    /// Nowhere: a list shows later what became of them.
    Listed {
        /// What lists them.
        place: Arc<SitePlace>,
        /// How.
        listing: ListResource,
    },
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
        let found = at(request.body.json()?, &self.sent)?;
        let items = match (found, &self.answers) {
            (Value::Array(items), _) => items.as_slice(),
            (one, ItemAnswers::Listed { .. }) => std::slice::from_ref(one),
            _ => return None,
        };
        let are_items = items.iter().all(Value::is_object);
        are_items.then(|| &items[..items.len().min(ITEMS_MAX)])
    }

    /// One item as a request of its own.
    #[must_use]
    pub fn request(&self, whole: &Request, item: &Value) -> Request {
        let mut segments = whole.segments.clone();
        if self.place.template.0.last().is_some_and(|last| last.as_deref() == Some(ITEM_SEGMENT)) {
            segments.push(ITEM_SEGMENT.to_owned());
        }
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

    /// The items of a recorded batch with their answers, as exchanges of their own; `listed` are
    /// the ids that a list shows later, by the number of the item.
    #[must_use]
    pub fn exchanges(
        &self,
        exchange: &SiteExchange,
        listed: &dyn Fn(usize) -> Option<Value>,
    ) -> Vec<Seen> {
        let items = self.items(&exchange.request).unwrap_or_default();
        let answers: Vec<Option<Cow<'_, Value>>> = match &self.answers {
            ItemAnswers::Array(place) => {
                let answers = exchange.json().and_then(|document| at(document, place)?.as_array());
                let answers = answers.filter(|answers| answers.len() == items.len());
                answers.into_iter().flatten().map(|answer| Some(Cow::Borrowed(answer))).collect()
            }
            ItemAnswers::Listed { .. } => {
                (0..items.len()).map(|n| listed(n).map(Cow::Owned)).collect()
            }
        };
        let kind = exchange.headers.iter().filter(|(name, _)| &**name == "content-type");
        let headers: Vec<_> = kind.cloned().collect();
        let pairs = items.iter().zip(answers).take(LEARNED_ITEMS_MAX);
        pairs
            .filter_map(|(item, answer)| Some((item, answer?)))
            .map(|(item, answer)| {
                let answer = &*answer;
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
