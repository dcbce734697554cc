//! Times drawn: each at its distance from now or from the model's last observation.

use crate::domain::formats::timestamp;
use crate::domain::random::choice::Choice;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::PrioritySample;
use crate::domain::value::string::model::StringModel;
use crate::domain::value::time::draw_clock::DrawClock;
use crate::domain::value::time::unix_times::UnixTimes;

/// When the times of a position are.
#[derive(Debug, Clone)]
pub struct Times {
    choice: Choice,
    /// Middle and half width of each distance, ascending, seconds.
    offsets: Box<[(f64, f64)]>,
    /// Counted from the request rather than from the model's last observation.
    relative: bool,
    midnight: bool,
}

/// A time drawn for a position, before others have their say.
#[derive(Debug, Clone, Copy)]
pub struct OwnTimestamp {
    /// Unix seconds.
    pub epoch_s: i64,
    /// The position holds midnights alone, UTC.
    pub midnight: bool,
    /// Counted from the request rather than from the model's last observation.
    pub relative: bool,
    /// The earliest and the latest that the position alone would draw.
    pub range: (i64, i64),
}

/// A time as it is written: equal ones are written equally, below the second, too.
#[derive(Debug, Clone, Copy)]
pub struct Timestamp {
    /// Unix seconds.
    pub epoch_s: i64,
    /// Random bits for what is below a second.
    pub fraction: u64,
}

impl Times {
    /// Of strings that are times; `None` when none was.
    pub fn of_text(text: &StringModel) -> Option<Self> {
        let total: f64 = text.offsets.weights().map(|w| w.1).sum();
        let midnight = text.midnights as f64 >= total * 0.9;
        Self::new(&text.offsets, text.is_near(), midnight)
    }

    /// At these distances from the model's last observation.
    pub fn of_offsets(offsets: &PrioritySample<i32>) -> Option<Self> {
        Self::new(offsets, false, false)
    }

    /// Of numbers that are times; `None` when none was.
    pub fn of_numbers(epochs: &UnixTimes) -> Option<Self> {
        Self::new(&epochs.offsets, epochs.is_near(), epochs.is_midnight())
    }

    fn new(offsets: &PrioritySample<i32>, relative: bool, midnight: bool) -> Option<Self> {
        let mut weighted: Vec<(i32, f64)> = offsets.weights().map(|(c, w)| (*c, w)).collect();
        weighted.sort_unstable_by_key(|w| w.0);
        (!weighted.is_empty()).then(|| Self {
            choice: Choice::new(weighted.iter().map(|w| w.1)),
            offsets: weighted.iter().map(|w| number_code::value_of(w.0)).collect(),
            relative,
            midnight,
        })
    }

    /// Draws a distance and counts it from the clock, or from the model's last observation.
    pub fn draw(&self, stream: &mut KeyedRng, clock: DrawClock) -> OwnTimestamp {
        let unit = (stream.word() >> 32) as u32;
        let (middle, half) = self.offsets.get(self.choice.pick(unit)).copied().unwrap_or_default();
        let offset = middle + (stream.uniform() * 2.0 - 1.0) * half;
        let from = if self.relative { clock.now_s } else { clock.anchor_s };
        let end = |offset: Option<&(f64, f64)>, sign: f64| {
            let (middle, half) = offset.copied().unwrap_or_default();
            from + (middle + sign * half).round() as i64
        };
        OwnTimestamp {
            epoch_s: self.fit(from + offset.round() as i64, i64::MIN),
            midnight: self.midnight,
            relative: self.relative,
            range: (end(self.offsets.first(), -1.0), end(self.offsets.last(), 1.0)),
        }
    }

    fn fit(&self, epoch_s: i64, least: i64) -> i64 {
        at_midnight(epoch_s, self.midnight, least)
    }
}

/// The midnight before, or the one after where that would be too early.
pub fn at_midnight(epoch_s: i64, midnight: bool, least: i64) -> i64 {
    if !midnight {
        return epoch_s;
    }
    let before = epoch_s - epoch_s.rem_euclid(timestamp::DAY_S);
    if before < least { before + timestamp::DAY_S } else { before }
}
