//! Arrays as learned: lengths, the shape of the items, their order.

use serde::{Deserialize, Serialize};

use super::hash;
use super::json::Json;
use super::number;
use super::observe::Observing;
use super::shape::Shape;
use super::tally::Tally;
use crate::domain::body::BodyLimits;
use crate::domain::body::echo::{Echo, merge_echoes, observe_echo};

/// The arrays of one position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArrayShape {
    #[serde(rename = "n")]
    pub seen: u64,
    #[serde(rename = "l")]
    pub lengths: Tally<i32>,
    /// All items of all arrays.
    #[serde(rename = "i")]
    pub item: Shape,
    /// Arrays of at least [`ORDERED_FROM`] scalars, and those in ascending or descending order.
    #[serde(rename = "o")]
    pub ordered: [u64; 3],
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    pub echoes: Vec<Echo>,
}

/// Items from which an order is no accident: three fall into order one time in three, so that
/// several arrays must agree; see [`ArrayShape::order`].
pub const ORDERED_FROM: usize = 3;

/// Which way arrays run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

impl ArrayShape {
    pub fn observe(&mut self, items: &[Json<'_>], secret: bool, cx: &mut Observing<'_>) {
        self.seen += 1;
        let length = i32::try_from(items.len()).unwrap_or(i32::MAX);
        self.lengths.add(length, number::NUMBER_CODES);
        let mut buffer = itoa::Buffer::new();
        let text = buffer.format(length);
        observe_echo(&mut self.echoes, hash::hash_bytes(text.as_bytes()), cx.sources);
        self.observe_order(items);
        if cx.depth >= cx.limits.depth_max {
            return;
        }
        cx.depth += 1;
        for item in items.iter().take(cx.limits.items_max) {
            self.item.observe(item, secret, cx);
        }
        cx.depth -= 1;
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

    pub fn merge(&mut self, other: Self, limits: &BodyLimits) {
        self.seen += other.seen;
        self.lengths.merge(other.lengths, number::NUMBER_CODES);
        self.item.merge(other.item, limits);
        for (own, add) in self.ordered.iter_mut().zip(other.ordered) {
            *own += add;
        }
        merge_echoes(&mut self.echoes, other.echoes);
    }
}

/// Order of two numbers or two strings; `None` for anything else.
fn compare(a: &Json<'_>, b: &Json<'_>) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Json::Int(a), Json::Int(b)) => Some(a.cmp(b)),
        (Json::Float(a), Json::Float(b)) => a.partial_cmp(b),
        (Json::Int(a), Json::Float(b)) => (*a as f64).partial_cmp(b),
        (Json::Float(a), Json::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Json::Str(a), Json::Str(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
