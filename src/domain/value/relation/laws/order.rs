//! Numbers and times that are never above another: least and most, part and whole, start and end.

use serde::{Deserialize, Serialize};

use crate::domain::sketch::heap_bytes::no_heap;
use crate::domain::sketch::number_code;
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::laws::column::{Column, Scalar};

/// Two columns, the first of which was never above the second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderLaw {
    /// Path hash of the column that was never above.
    #[serde(rename = "l")]
    pub low: u32,
    /// Path hash of the column that was never below.
    #[serde(rename = "h")]
    pub high: u32,
    #[serde(rename = "n")]
    seen: u32,
    /// Were they never equal either?
    #[serde(rename = "s")]
    pub is_strict: bool,
    /// Codes of the highest of the low ones and of the lowest of the high ones.
    #[serde(rename = "m")]
    most: i32,
    #[serde(rename = "k")]
    least: i32,
}

no_heap!(OrderLaw);

/// Records before an order is kept: by accident it holds in one of two.
const SEEN_MIN: u32 = 16;

/// Pairs of one record; they die soon.
pub const ORDERS_MAX: usize = 160;

/// A number or a time as a place on its line.
fn place(value: &Scalar<'_>) -> Option<(bool, f64)> {
    match value {
        Scalar::Text(_) => value.moment().map(|second| (true, second as f64)),
        value => value.number().map(|number| (false, number)),
    }
}

impl OrderLaw {
    /// Every two columns of a record that are in order.
    pub fn find(columns: &[Column<'_>]) -> Vec<Self> {
        let mut found = Vec::new();
        let places: Vec<(u32, bool, f64)> = columns
            .iter()
            .filter(|column| column.stands)
            .filter_map(|column| place(&column.value).map(|(time, at)| (column.path, time, at)))
            .collect();
        for (low, is_time, from) in &places {
            for (high, other_is_time, to) in &places {
                if low != high && is_time == other_is_time && from <= to && found.len() < ORDERS_MAX
                {
                    let (most, least) = (number_code::code_of(*from), number_code::code_of(*to));
                    let (low, high) = (*low, *high);
                    found.push(Self { low, high, seen: 0, is_strict: true, most, least });
                }
            }
        }
        found
    }

    /// Are the two in order in a record? One that lacks a part says nothing.
    pub fn observe(&mut self, columns: &[Column<'_>]) -> bool {
        let at = |path| column::find(columns, path).and_then(place);
        let (Some((_, low)), Some((_, high))) = (at(self.low), at(self.high)) else { return true };
        self.seen = self.seen.saturating_add(1);
        self.is_strict &= low < high;
        self.most = self.most.max(number_code::code_of(low));
        self.least = self.least.min(number_code::code_of(high));
        low <= high
    }

    /// Has it held often enough, of numbers that might as well be in another order?
    pub fn is_law(&self) -> bool {
        self.seen >= SEEN_MIN && self.most > self.least
    }

    /// Is a record in this order?
    pub fn holds(&self, columns: &[Column<'_>]) -> bool {
        let at = |path| column::find(columns, path).and_then(place);
        match (at(self.low), at(self.high)) {
            (Some((_, low)), Some((_, high))) => low < high || (low == high && !self.is_strict),
            _ => true,
        }
    }

    /// Adds the evidence for the same two columns.
    pub fn merge(&mut self, other: &Self) {
        self.seen = self.seen.saturating_add(other.seen);
        self.is_strict &= other.is_strict;
        self.most = self.most.max(other.most);
        self.least = self.least.min(other.least);
    }
}
