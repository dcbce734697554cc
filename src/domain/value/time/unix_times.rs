//! Numbers that are times: seconds since 1970, or thousandths, millionths, billionths of them.
//!
//! Only the distance from the moment of observation is kept, rounded as all numbers are. A number
//! that merely looks like a time is drawn no worse for it: its distances are its distribution.

use serde::{Deserialize, Serialize};

use crate::domain::formats::timestamp;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::PrioritySample;

/// When the numbers of one position are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnixTimes {
    /// Decimal digits below a second: 0, 3, 6 or 9.
    #[serde(rename = "u")]
    pub digits: u32,
    #[serde(rename = "c")]
    count: u64,
    /// Seconds from the moment of observation, as number codes.
    #[serde(rename = "o")]
    pub offsets: PrioritySample<i32>,
    /// Times within [`NEAR_S`] of the observation.
    #[serde(rename = "n")]
    near: u64,
    /// Times at midnight UTC, and times without a part below the second.
    #[serde(rename = "m")]
    midnights: u64,
    #[serde(rename = "w")]
    whole: u64,
}

heap_bytes!(UnixTimes { digits, count, offsets, near, midnights, whole });

/// How close to the request a time must be to be taken as relative to it: two days, so that
/// "expires tomorrow" is.
pub const NEAR_S: i64 = 2 * timestamp::DAY_S;

/// A time lies within twenty years of its observation; what is further away is something else.
const RANGE_S: f64 = 20.0 * 366.0 * 86_400.0;

/// Numbers before they are believed to be times.
const COUNT_MIN: u64 = 3;

impl UnixTimes {
    /// Of the unit that makes `value` a time near `at_ms`; `None` when none does.
    pub fn of(value: f64, at_ms: i64) -> Option<Self> {
        let digits = [0, 3, 6, 9].into_iter().find(|digits| is_time(value, *digits, at_ms))?;
        Some(Self { digits, ..Self::default() })
    }

    /// Learns one number; gives the unix second that it stands for.
    pub fn observe(&mut self, value: f64, at_ms: i64) -> Option<i64> {
        if !is_time(value, self.digits, at_ms) {
            return None;
        }
        let seconds = value / unit(self.digits);
        let offset = seconds - at_ms as f64 / 1e3;
        self.count += 1;
        self.near += u64::from(offset.abs() <= NEAR_S as f64);
        self.midnights += u64::from(seconds.rem_euclid(timestamp::DAY_S as f64) == 0.0);
        self.whole += u64::from(seconds == seconds.trunc());
        self.offsets.add(number_code::code_of(offset), number_code::NUMBER_CODES);
        Some(seconds.floor() as i64)
    }

    /// Adds what another model saw, if its unit is the same.
    pub fn merge(&mut self, other: Self) {
        if self.digits != other.digits {
            return;
        }
        self.count += other.count;
        self.near += other.near;
        self.midnights += other.midnights;
        self.whole += other.whole;
        self.offsets.merge(other.offsets, number_code::NUMBER_CODES);
    }

    /// Are so many of `numbers` times that the rest may be left out?
    pub fn explain(&self, numbers: u64) -> bool {
        self.count >= COUNT_MIN && self.count * 10 >= numbers * 9
    }

    /// Are the times counted from the request?
    pub fn is_near(&self) -> bool {
        self.near * 10 >= self.count * 9
    }

    /// Whether nearly all are midnights, UTC.
    pub fn is_midnight(&self) -> bool {
        self.midnights * 10 >= self.count * 9
    }

    /// Whether nearly all are whole seconds.
    pub fn is_whole(&self) -> bool {
        self.whole * 10 >= self.count * 9
    }
}

/// How many of its unit a second has.
pub fn unit(digits: u32) -> f64 {
    10f64.powi(digits as i32)
}

fn is_time(value: f64, digits: u32, at_ms: i64) -> bool {
    (value / unit(digits) - at_ms as f64 / 1e3).abs() <= RANGE_S
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_MS: i64 = 1_790_000_000_000;

    #[test]
    fn units_are_told_by_magnitude() {
        for (value, digits) in [(1.79e9, 0), (1.790_000_000_123e9, 0), (1.79e12, 3), (1.79e18, 9)] {
            assert_eq!(UnixTimes::of(value, AT_MS).map(|e| e.digits), Some(digits), "{value}");
        }
        for value in [0.0, 17.0, 1.79e8, 1.79e10, 9.9e14, -1.79e9] {
            assert_eq!(UnixTimes::of(value, AT_MS), None, "{value}");
        }
    }

    #[test]
    fn times_close_to_their_observation_are_near() {
        let mut epochs = UnixTimes::of(1.79e9, AT_MS).unwrap();
        for n in 0..10 {
            let at_ms = AT_MS + n * 86_400_000;
            assert_eq!(epochs.observe((at_ms / 1000 + 60) as f64, at_ms), Some(at_ms / 1000 + 60));
        }
        assert!(epochs.explain(10) && epochs.is_near() && !epochs.is_midnight());
        assert!(!epochs.explain(20));
    }
}
