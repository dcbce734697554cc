//! Numbers as learned: a histogram of three significant digits, range, decimals, vocabulary.
//!
//! The histogram is made of the codes of [`number_code`](crate::domain::sketch::number_code).

use serde::{Deserialize, Serialize};

use crate::domain::sketch::categories::Categories;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::sketch::number_code::{NUMBER_CODES, code_of, decimals_of, keyed, unkeyed};
use crate::domain::sketch::priority_sample::PrioritySample;
use crate::domain::value::time::unix_times::UnixTimes;

/// The numbers of one position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberModel {
    /// Numbers observed, those that are times included.
    #[serde(rename = "n")]
    pub seen: u64,
    /// Written with a point or exponent.
    #[serde(rename = "f")]
    pub floats: u64,
    /// Integral, yet written with a point (`5.0`).
    #[serde(rename = "p")]
    pub point_zero: u64,
    /// Codes with decimals: see [`keyed`].
    #[serde(rename = "c")]
    pub keys: PrioritySample<i32>,
    /// Code of the smallest.
    #[serde(rename = "lo")]
    pub min_code: i32,
    /// Code of the largest.
    #[serde(rename = "hi")]
    pub max_code: i32,
    /// The few numbers there are, as written, while they are few.
    #[serde(rename = "v")]
    pub vocabulary: Categories,
    /// While nearly all of them could be times.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub(in crate::domain::value) epochs: Option<Box<UnixTimes>>,
}

heap_bytes!(NumberModel { seen, floats, point_zero, keys, min_code, max_code, vocabulary, epochs });

/// Numbers after which, each time, it is asked whether they still are times.
const TIMES_JUDGED: u64 = 16;

impl NumberModel {
    /// Learns a number written without point and exponent.
    pub fn observe_int(&mut self, value: i64) {
        self.observe_code(code_of(value as f64), 0);
    }

    /// Learns a number written with a point or an exponent.
    pub fn observe_float(&mut self, value: f64) {
        self.floats += 1;
        if value == value.trunc() {
            self.point_zero += 1;
        }
        self.observe_code(code_of(value), decimals_of(value));
    }

    fn observe_code(&mut self, code: i32, decimals: usize) {
        if self.seen == 0 {
            (self.min_code, self.max_code) = (code, code);
        }
        self.seen += 1;
        self.min_code = self.min_code.min(code);
        self.max_code = self.max_code.max(code);
        self.keys.add(keyed(code, decimals), NUMBER_CODES);
    }

    /// Learns one number, observed already, as a time; gives its unix second if it is one.
    /// Zero stands for no time.
    pub fn observe_time(&mut self, value: f64, at_ms: i64) -> Option<i64> {
        if self.epochs.is_none() {
            let epochs = UnixTimes::of(value, at_ms).filter(|_| self.seen <= self.zeros() + 1);
            self.epochs = epochs.map(Box::new);
        }
        let moment = self.epochs.as_mut()?.observe(value, at_ms);
        if self.seen.is_multiple_of(TIMES_JUDGED) && self.epochs().is_none() {
            self.epochs = None;
        }
        moment
    }

    /// The numbers as times, if they are.
    pub fn epochs(&self) -> Option<&UnixTimes> {
        let others = self.seen - self.zeros().min(self.seen);
        self.epochs.as_deref().filter(|epochs| epochs.explain(others))
    }

    fn zeros(&self) -> u64 {
        let zeros = self.keys.weights().filter(|(key, _)| unkeyed(**key).0 == 0);
        zeros.map(|(_, weight)| weight as u64).sum()
    }

    /// Adds another histogram; gives where the values of its vocabulary went.
    pub fn merge(&mut self, other: Self, candidates_max: usize) -> Vec<usize> {
        if other.seen > 0 {
            if self.seen == 0 {
                (self.min_code, self.max_code) = (other.min_code, other.max_code);
            }
            self.min_code = self.min_code.min(other.min_code);
            self.max_code = self.max_code.max(other.max_code);
        }
        match (&mut self.epochs, other.epochs) {
            (Some(own), Some(epochs)) => own.merge(*epochs),
            (own, epochs) if self.seen == 0 => *own = epochs,
            _ => {}
        }
        self.seen += other.seen;
        self.floats += other.floats;
        self.point_zero += other.point_zero;
        self.keys.merge(other.keys, NUMBER_CODES);
        self.vocabulary.merge(other.vocabulary, candidates_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_number_is_not_stored() {
        let mut shape = NumberModel::default();
        shape.observe_int(4_929_123_412_341_234);
        assert!(!serde_json::to_string(&shape).unwrap().contains("49291"));
    }
}
