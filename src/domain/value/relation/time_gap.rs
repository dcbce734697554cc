//! Members that are times in a fixed order: created, then updated, then expired.
//!
//! Of two times in one object it is learned which comes first and how long after it the other
//! comes. A lapse of whole minutes is kept as it is, as lifetimes and deadlines are agreed on;
//! others are rounded to three digits.

use serde::{Deserialize, Serialize};

use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::{PrioritySample, SampleBounds};

/// Two times of one object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeGap {
    /// Fingerprint of the name of one.
    #[serde(rename = "a")]
    pub first: u32,
    /// Fingerprint of the name of the other one.
    #[serde(rename = "b")]
    pub second: u32,
    #[serde(rename = "n")]
    seen: u32,
    /// The first was not later than the second, and not earlier.
    #[serde(rename = "f")]
    forward: u32,
    #[serde(rename = "r")]
    backward: u32,
    /// From the first to the second, as [`code_of`].
    #[serde(rename = "g", skip_serializing_if = "PrioritySample::is_empty")]
    pub lapses: PrioritySample<i32>,
}

heap_bytes!(TimeGap { first, second, seen, forward, backward, lapses });

/// Which of two times is never later than the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// The first is never later than the second.
    Forward,
    /// The second is never later than the first.
    Backward,
}

/// Pairs of one object: all of five times.
const LAPSES_MAX: usize = 10;

/// Different lapses told apart: the usual ones and a sample of the rest.
const LAPSE_CODES: SampleBounds = SampleBounds { entries_max: 32, bytes_max: 1024 };

/// Pairs seen before an order is kept.
const SEEN_MIN: u32 = 5;

impl TimeGap {
    /// The order the two times keep, if they do. One in fifty may break it: a clock that was set.
    pub fn sequence(&self) -> Option<Sequence> {
        let keeps = |count: u32| self.seen >= SEEN_MIN && count * 50 >= self.seen * 49;
        if keeps(self.forward) {
            Some(Sequence::Forward)
        } else {
            keeps(self.backward).then_some(Sequence::Backward)
        }
    }

    /// Times in no order need no lapses.
    fn judge(&mut self) {
        const JUDGED_FROM: u32 = 16;
        let is_mixed = self.forward.max(self.backward) * 10 < self.seen * 9;
        if self.seen >= JUDGED_FROM && is_mixed {
            self.lapses = PrioritySample::default();
        }
    }
}

/// Learns the times of one object: fingerprints of the names, and unix seconds.
pub fn observe(lapses: &mut Vec<TimeGap>, moments: &[(u32, i64)]) {
    for (at, (first, from)) in moments.iter().enumerate() {
        for (second, to) in moments.get(at + 1..).unwrap_or_default() {
            let is_pair = |l: &TimeGap| l.first == *first && l.second == *second;
            let is_turned = |l: &TimeGap| l.first == *second && l.second == *first;
            let known = lapses.iter().position(|lapse| is_pair(lapse) || is_turned(lapse));
            let at = match known {
                Some(at) => at,
                None if lapses.len() < LAPSES_MAX => {
                    lapses.push(TimeGap { first: *first, second: *second, ..TimeGap::default() });
                    lapses.len() - 1
                }
                None => continue,
            };
            let Some(lapse) = lapses.get_mut(at) else { continue };
            let seconds = if is_pair(lapse) { to - from } else { from - to };
            lapse.seen = lapse.seen.saturating_add(1);
            lapse.forward += u32::from(seconds >= 0);
            lapse.backward += u32::from(seconds <= 0);
            lapse.lapses.add(code_of(seconds), LAPSE_CODES);
            lapse.judge();
        }
    }
}

/// Adds the evidence of another model.
pub fn merge(lapses: &mut Vec<TimeGap>, others: Vec<TimeGap>) {
    for other in others {
        let room = lapses.len() < LAPSES_MAX;
        let is_same = |own: &&mut TimeGap| own.first == other.first && own.second == other.second;
        match lapses.iter_mut().find(is_same) {
            Some(own) => {
                own.seen = own.seen.saturating_add(other.seen);
                own.forward = own.forward.saturating_add(other.forward);
                own.backward = own.backward.saturating_add(other.backward);
                own.lapses.merge(other.lapses, LAPSE_CODES);
                own.judge();
            }
            None if room => lapses.push(other),
            None => {}
        }
    }
}

const MINUTE_S: i64 = 60;

/// Minutes, doubled, as an odd number; or the code of so many seconds, doubled.
fn code_of(seconds: i64) -> i32 {
    let minutes = i32::try_from(seconds / MINUTE_S).ok();
    match minutes.and_then(|minutes| minutes.checked_mul(2)) {
        Some(minutes) if seconds % MINUTE_S == 0 && minutes != 0 => minutes | 1,
        _ => number_code::code_of(seconds as f64) * 2,
    }
}

/// The middle of a code and how far its lapses reach from it, seconds.
pub fn seconds_of(code: i32) -> (f64, f64) {
    if code % 2 == 0 {
        return number_code::value_of(code / 2);
    }
    (f64::from(code.div_euclid(2)) * MINUTE_S as f64, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_minutes_are_exact_and_the_rest_is_rounded() {
        for seconds in [0, 60, -60, 3_600, -86_400, 30 * 86_400] {
            assert_eq!(seconds_of(code_of(seconds)).0, seconds as f64);
        }
        let (middle, half) = seconds_of(code_of(123_457));
        assert_eq!((middle, half), (123_000.0, 500.0));
    }

    #[test]
    fn an_order_is_found_whichever_way_the_members_stand() {
        let mut lapses = Vec::new();
        for n in 0..10 {
            let (created, updated) = (1_000 * n, 1_000 * n + 7 * n);
            let turned = n % 2 == 0;
            let moments = [(1, created), (2, updated)];
            observe(&mut lapses, &if turned { [moments[1], moments[0]] } else { moments });
        }
        assert_eq!((lapses[0].first, lapses[0].sequence()), (2, Some(Sequence::Backward)));
    }

    #[test]
    fn times_in_no_order_keep_none() {
        let mut lapses = Vec::new();
        (0..40).for_each(|n| observe(&mut lapses, &[(1, 100 * (n % 3)), (2, 100)]));
        assert_eq!(lapses[0].sequence(), None);
        assert!(lapses[0].lapses.is_empty());
    }
}
