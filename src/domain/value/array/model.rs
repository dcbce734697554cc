//! Arrays as learned: lengths, the shape of the items, their order.

use serde::{Deserialize, Serialize};

use crate::domain::json::Json;
use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::PrioritySample;
use crate::domain::value::ValueModel;
use crate::domain::value::array::sorted;
use crate::domain::value::array::sorted::SortedBy;
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::observe_context::ObserveContext;
use crate::domain::value::relation::echo::{Echo, EchoOrigin, merge_echoes, observe_echo};
use crate::domain::value::relation::pagination::page_request::is_page_size;

/// The arrays of one position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArrayModel {
    /// Arrays observed.
    #[serde(rename = "n")]
    pub seen: u64,
    /// How many items the arrays had, by how often each length came.
    #[serde(rename = "l")]
    pub lengths: PrioritySample<i32>,
    /// All items of all arrays.
    #[serde(rename = "i")]
    pub item: ValueModel,
    /// Arrays of at least [`ORDERED_FROM`] scalars, and those in ascending or descending order.
    #[serde(rename = "o")]
    pub ordered: [u64; 3],
    /// Sources of the request that said how many items there are.
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    pub echoes: Vec<Echo>,
    /// The members by which the items were in order, or never came twice.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub sorted: Vec<SortedBy>,
    /// What stands at each place, where all arrays are tuples of as many scalars: coordinates, a
    /// box, a version.
    #[serde(rename = "u", skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<ValueModel>,
    /// They differ in length, are long, or hold more than scalars.
    #[serde(rename = "z", skip_serializing_if = "is_false")]
    is_list: bool,
    /// The query parameter that bounds the items, if any.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub page: Option<PageBound>,
}

heap_bytes!(ArrayModel { seen, lengths, item, ordered, echoes, sorted, places, is_list, page });

fn is_false(value: &bool) -> bool {
    !*value
}

/// The evidence that a query parameter bounds the items of an array.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageBound {
    /// Hash of the source.
    #[serde(rename = "k")]
    pub source: u64,
    #[serde(rename = "t")]
    trials: u32,
    /// No more items than asked for, and exactly as many.
    #[serde(rename = "w")]
    within: u32,
    #[serde(rename = "f")]
    full: u32,
}

no_heap!(PageBound, SortedBy);

/// Answers before a parameter that by its name is the size of a page is believed to be one.
const PAGES_MIN: u32 = 3;

impl PageBound {
    /// It was never exceeded, and met at least once: a list that only happens to be short is not
    /// bounded.
    pub fn is_active(&self) -> bool {
        self.trials >= PAGES_MIN && self.within == self.trials && self.full > 0
    }

    /// Are pages mostly full?
    pub fn is_filled(&self) -> bool {
        self.full * 2 >= self.trials
    }
}

/// Items from which an order is no accident: three fall into order one time in three, so that
/// several arrays must agree; see [`ArrayModel::order`].
pub const ORDERED_FROM: usize = 3;

/// Items of the longest tuple.
const PLACES_MAX: usize = 6;

/// Arrays before they are taken for tuples.
const TUPLES_MIN: u64 = 8;

/// Which way arrays run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// No item was below the one before it.
    Ascending,
    /// No item was above the one before it.
    Descending,
}

impl ArrayModel {
    /// Learns one array; at most `items_max` of its items, and none beyond `depth_max`.
    pub fn observe(&mut self, items: &[Json<'_>], secret: bool, cx: &mut ObserveContext<'_>) {
        self.seen += 1;
        let length = i32::try_from(items.len()).unwrap_or(i32::MAX);
        self.lengths.add(length, number_code::NUMBER_CODES);
        let mut buffer = itoa::Buffer::new();
        let text = buffer.format(length);
        observe_echo(&mut self.echoes, hash::hash_bytes(text.as_bytes()), cx.sources);
        self.observe_page(length, cx);
        self.observe_order(items);
        sorted::observe(&mut self.sorted, items.get(..cx.limits.items_max).unwrap_or(items));
        if cx.depth >= cx.limits.depth_max {
            return;
        }
        cx.depth += 1;
        let is_part = std::mem::replace(&mut cx.is_part, false);
        for item in items.iter().take(cx.limits.items_max) {
            self.item.observe(item, secret, cx);
        }
        self.observe_places(items, secret, cx);
        cx.is_part = is_part;
        cx.depth -= 1;
    }

    fn observe_places(&mut self, items: &[Json<'_>], secret: bool, cx: &mut ObserveContext<'_>) {
        let is_scalar = |item: &Json<'_>| !matches!(item, Json::Array(_) | Json::Object(_));
        let is_tuple = (2..=PLACES_MAX).contains(&items.len()) && items.iter().all(is_scalar);
        if self.seen == 1 && is_tuple {
            self.places = vec![ValueModel::default(); items.len()];
        }
        if self.is_list || !is_tuple || self.places.len() != items.len() {
            return self.become_list();
        }
        for (place, item) in self.places.iter_mut().zip(items) {
            place.observe(item, secret, cx);
        }
    }

    fn become_list(&mut self) {
        self.is_list = true;
        self.places = Vec::new();
    }

    /// What stands at each place of the tuples that they are; empty where they are lists, in order,
    /// or too few.
    pub fn tuple(&self) -> &[ValueModel] {
        let is_sure = self.seen >= TUPLES_MIN && self.is_unordered();
        if is_sure { &self.places } else { &[] }
    }

    fn is_unordered(&self) -> bool {
        self.order().is_none() && sorted::keys(&self.sorted).iter().all(|key| !key.orders())
    }

    fn observe_page(&mut self, length: i32, cx: &ObserveContext<'_>) {
        let bound = cx.sources.all.iter().find_map(|source| {
            let is_size = source.origin == EchoOrigin::Query && is_page_size(&source.name);
            let size: i32 = source.value.parse().ok().filter(|_| is_size)?;
            Some((source.key, size))
        });
        let Some((source, size)) = bound else { return };
        let page = self.page.get_or_insert(PageBound { source, ..PageBound::default() });
        if page.source == source {
            page.trials = page.trials.saturating_add(1);
            page.within += u32::from(length <= size);
            page.full += u32::from(length == size);
        }
    }

    fn observe_order(&mut self, items: &[Json<'_>]) {
        if items.len() < ORDERED_FROM {
            return;
        }
        let (mut ascending, mut descending, mut distinct) = (true, true, false);
        for pair in items.windows(2) {
            let [a, b] = pair else { continue };
            let Some(order) = compare(a, b) else { return };
            ascending &= order.is_le();
            descending &= order.is_ge();
            distinct |= order.is_ne();
        }
        if distinct {
            self.ordered[0] += 1;
            self.ordered[1] += u64::from(ascending);
            self.ordered[2] += u64::from(descending);
        }
    }

    /// The order nearly all arrays had, once enough were seen.
    pub fn order(&self) -> Option<Order> {
        let [seen, ascending, descending] = self.ordered;
        // Four arrays of three agree by chance once in 1,300.
        if seen < 4 {
            None
        } else if ascending * 20 >= seen * 19 {
            Some(Order::Ascending)
        } else if descending * 20 >= seen * 19 {
            Some(Order::Descending)
        } else {
            None
        }
    }

    /// Adds what another model saw.
    pub fn merge(&mut self, other: Self, limits: &ValueLimits) {
        if self.seen == 0 {
            (self.places, self.is_list) = (other.places, other.is_list);
        } else if other.seen > 0 {
            if self.is_list || other.is_list || self.places.len() != other.places.len() {
                self.become_list();
            }
            for (own, place) in self.places.iter_mut().zip(other.places) {
                own.merge(place, limits);
            }
        }
        self.seen += other.seen;
        self.lengths.merge(other.lengths, number_code::NUMBER_CODES);
        self.item.merge(other.item, limits);
        for (own, add) in self.ordered.iter_mut().zip(other.ordered) {
            *own += add;
        }
        sorted::merge(&mut self.sorted, other.sorted);
        merge_echoes(&mut self.echoes, other.echoes);
        match (&mut self.page, other.page) {
            (Some(own), Some(page)) if own.source == page.source => {
                own.trials = own.trials.saturating_add(page.trials);
                own.within = own.within.saturating_add(page.within);
                own.full = own.full.saturating_add(page.full);
            }
            (own, page) => *own = own.take().or(page),
        }
    }
}

/// Order of two numbers, two strings, or two objects by their `id`; `None` for anything else.
fn compare(a: &Json<'_>, b: &Json<'_>) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Json::Int(a), Json::Int(b)) => Some(a.cmp(b)),
        (Json::Float(a), Json::Float(b)) => a.partial_cmp(b),
        (Json::Int(a), Json::Float(b)) => (*a as f64).partial_cmp(b),
        (Json::Float(a), Json::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Json::Str(a), Json::Str(b)) => Some(a.cmp(b)),
        (Json::Object(_), Json::Object(_)) => compare(a.member("id")?, b.member("id")?),
        _ => None,
    }
}
