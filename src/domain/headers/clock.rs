//! Values that move with the clock: dates and epoch times, learned as their distance from now.

use serde::{Deserialize, Serialize};

use crate::domain::formats::timestamp;
use crate::domain::sketch::heap_bytes::no_heap;

/// An epoch time within a year of now is one; other numbers of ten digits are something else.
const EPOCH_RANGE_MS: i64 = 366 * 86_400_000;

const SECOND_MS: i64 = 1_000;

/// How far from now a time lies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ClockOffset {
    pub(super) count: u64,
    pub(super) min_ms: i64,
    pub(super) max_ms: i64,
    /// The first time, to tell one that moves with the clock from one that stands still.
    first_at_ms: i64,
    moved: bool,
    /// Epoch times given in milliseconds rather than seconds.
    pub(super) in_ms: u64,
}

no_heap!(ClockOffset);

impl ClockOffset {
    pub(super) fn observe(&mut self, offset_ms: i64, now_ms: i64) {
        let at_ms = now_ms.saturating_add(offset_ms);
        if self.count == 0 {
            (self.min_ms, self.max_ms) = (offset_ms, offset_ms);
            self.first_at_ms = at_ms;
        }
        self.count += 1;
        self.moved |= at_ms != self.first_at_ms;
        self.min_ms = self.min_ms.min(offset_ms);
        self.max_ms = self.max_ms.max(offset_ms);
    }

    pub(super) fn observe_epoch(&mut self, number: u64, now_ms: i64) {
        let Ok(number) = i64::try_from(number) else { return };
        let is_near = |at_ms: i64| at_ms.saturating_sub(now_ms).abs() <= EPOCH_RANGE_MS;
        if is_near(number.saturating_mul(SECOND_MS)) && number > SECOND_MS {
            self.observe(number * SECOND_MS - now_ms, now_ms);
        } else if is_near(number) {
            self.in_ms += 1;
            self.observe(number - now_ms, now_ms);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other.clone();
            return;
        }
        self.count += other.count;
        self.moved |= other.moved || self.first_at_ms != other.first_at_ms;
        self.min_ms = self.min_ms.min(other.min_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
        self.in_ms += other.in_ms;
    }

    /// Whether the times move with the clock (or were seen too seldom to say otherwise), so that a
    /// mock should move them too.
    pub(super) fn moves(&self) -> bool {
        self.count > 0 && (self.moved || self.count == 1)
    }
}

/// Reads an HTTP date; unix milliseconds.
pub(super) fn parse_http_date(value: &str) -> Option<i64> {
    let at = timestamp::parse_http_date(value)?;
    Some(at.epoch_s.saturating_mul(SECOND_MS))
}

/// Writes an HTTP date, of the years that four digits can write.
pub(super) fn write_http_date(at_ms: i64, out: &mut Vec<u8>) {
    timestamp::write_http_date(at_ms.div_euclid(SECOND_MS), out);
}
