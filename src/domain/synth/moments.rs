//! Times drawn: each at its distance from now or from the model's last observation, and those of
//! one object in the order they keep.
//!
//! The first time of an object is drawn by itself: the one nearest to its observation. Each other
//! one follows the time it keeps the narrowest distance to, at a distance that was seen, and never
//! crosses one that it never crossed. Of a row without the former, it follows the next best.

use std::sync::Arc;

use super::pattern::Clock;
use crate::domain::format::time;
use crate::domain::random::choice::Choice;
use crate::domain::random::hash;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::schema::epoch::UnixTimes;
use crate::domain::schema::lapse::{self, Sequence, TimeGap};
use crate::domain::schema::object::ObjectShape;
use crate::domain::schema::shape::Shape;
use crate::domain::schema::text::{NEAR_S, TextShape};
use crate::domain::sketch::categories::Categories;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::PrioritySample;

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
    midnight: bool,
    relative: bool,
    /// The earliest and the latest that the position alone would draw.
    range: (i64, i64),
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
    pub fn of_text(text: &TextShape) -> Option<Self> {
        let total: f64 = text.offsets.weights().map(|w| w.1).sum();
        let midnight = text.midnights as f64 >= total * 0.9;
        Self::new(&text.offsets, text.is_near(), midnight)
    }

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

    pub fn draw(&self, stream: &mut KeyedRng, clock: Clock) -> OwnTimestamp {
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
fn at_midnight(epoch_s: i64, midnight: bool, least: i64) -> i64 {
    if !midnight {
        return epoch_s;
    }
    let before = epoch_s - epoch_s.rem_euclid(time::DAY_S);
    if before < least { before + time::DAY_S } else { before }
}

/// Distances so close to the observation that they are the time it takes to answer, seconds.
const JUST_NOW_S: f64 = 2.0;

/// Do times that repeat go with the request all the same? A burst of answers within one second
/// shows one time many times; if it is the second of the answer itself, it is no constant.
pub fn follows_now(shape: &Shape) -> bool {
    let text = shape
        .text
        .as_ref()
        .is_some_and(|text| is_followed(&text.offsets, text.is_near(), &text.vocabulary));
    text || shape.number.as_ref().is_some_and(|number| {
        let epochs = number.epochs();
        epochs.is_some_and(|e| is_followed(&e.offsets, e.is_near(), &number.vocabulary))
    })
}

fn is_followed<S: Default>(
    offsets: &PrioritySample<i32>,
    is_near: bool,
    values: &Categories<S>,
) -> bool {
    let seconds = || offsets.keys().map(|code| number_code::value_of(*code).0);
    let is_just_now = || seconds().all(|s| s.abs() <= JUST_NOW_S);
    let spread = || {
        let (low, high) = seconds().fold((f64::MAX, f64::MIN), |(l, h), s| (l.min(s), h.max(s)));
        high - low
    };
    let differ = values.is_open() || values.candidates().len() > 1;
    !offsets.is_empty() && is_near && (is_just_now() || (differ && spread() <= JUST_NOW_S))
}

/// Always the same distance, in whole minutes: a lifetime. Within a burst a constant keeps its
/// distance to now as well, but hardly such a one.
fn is_agreed(lapse: &TimeGap) -> bool {
    let mut lapses = lapse.lapses.keys().map(|code| lapse::seconds_of(*code));
    let is_whole = |(seconds, half): (f64, f64)| half == 0.0 && seconds % 60.0 == 0.0;
    lapses.next().is_some_and(is_whole) && lapses.next().is_none()
}

/// For each member of an object, whether its times go with the request: by themselves, or at a
/// fixed distance to one that does.
pub fn following_now(object: &ObjectShape) -> Vec<bool> {
    let alone: Vec<bool> = object.members.iter().map(|m| follows_now(&m.shape)).collect();
    if !alone.contains(&true) {
        return alone;
    }
    let follows = |fingerprint: u32| {
        let member = object.members.iter().position(|m| m.fingerprint == fingerprint);
        member.is_some_and(|at| alone.get(at) == Some(&true))
    };
    let is_tied = |fingerprint: u32| {
        object.lapses.iter().any(|lapse| {
            let other = match fingerprint {
                f if f == lapse.first => lapse.second,
                f if f == lapse.second => lapse.first,
                _ => return false,
            };
            lapse.sequence().is_some() && is_agreed(lapse) && follows(other)
        })
    };
    object.members.iter().zip(&alone).map(|(m, alone)| *alone || is_tied(m.fingerprint)).collect()
}

/// The times of an object that keep an order, in the order in which they are drawn.
#[derive(Debug)]
pub struct TimeOrder {
    times: Box<[TimedMember]>,
}

#[derive(Debug)]
struct TimedMember {
    /// Index of the member in its object.
    member: u32,
    /// Earlier times that this one may follow, the best first.
    followed: Box<[Followed]>,
    /// Earlier times, and whether this one is never before them (else never after).
    bounds: Box<[(usize, bool)]>,
}

/// A time to follow at a distance.
#[derive(Debug)]
struct Followed {
    at: usize,
    /// How much the distance varies, seconds.
    width: f64,
    choice: Choice,
    /// Lapses as [`lapse::seconds_of`] reads them, from the followed time on.
    lapses: Box<[(f64, f64)]>,
}

/// The place of a member in the order of its object.
#[derive(Debug, Clone)]
pub struct Timed {
    pub order: Arc<TimeOrder>,
    pub at: usize,
}

/// Times drawn together: an object keeps the pairs of five, and some more of several orders.
const TIMES_MAX: usize = 8;

impl TimeOrder {
    /// For each member of the object its place in the order, if it has one.
    pub fn compile(object: &ObjectShape) -> Vec<Option<Timed>> {
        let index = |fingerprint: u32| {
            object.members.iter().position(|m| m.fingerprint == fingerprint && m.name.is_some())
        };
        let pairs: Vec<Pair<'_>> = (object.lapses.iter())
            .filter_map(|l| Some((index(l.first)?, index(l.second)?, l, l.sequence()?)))
            .filter(|(_, _, lapse, _)| !lapse.lapses.is_empty())
            .collect();
        let mut timed: Vec<(f64, usize)> = Vec::new();
        for at in pairs.iter().flat_map(|pair| [pair.0, pair.1]) {
            if timed.iter().all(|(_, known)| *known != at) {
                timed.extend(object.members.get(at).and_then(|m| Some((distance(&m.shape)?, at))));
            }
        }
        let order = in_order(timed, &pairs);
        let times = order.iter().enumerate().map(|(at, member)| {
            let earlier = &order[..at]; // `at` is below the length
            TimedMember::compile(*member, earlier, &pairs)
        });
        let shared = Arc::new(TimeOrder { times: times.collect() });
        let place = |member: usize| {
            let at = order.iter().position(|known| *known == member)?;
            Some(Timed { order: Arc::clone(&shared), at })
        };
        (0..object.members.len()).map(place).collect()
    }
}

/// Two members, by index, and what is known of them.
type Pair<'a> = (usize, usize, &'a TimeGap, Sequence);

/// The time nearest to its observation first, then always the one that keeps the narrowest
/// distance to one that is there (Prim 1957): created, then expired an hour later, then updated.
fn in_order(mut timed: Vec<(f64, usize)>, pairs: &[Pair<'_>]) -> Vec<usize> {
    timed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut order: Vec<usize> = Vec::new();
    while !timed.is_empty() && order.len() < TIMES_MAX {
        let width = |member: usize| {
            let ties = pairs.iter().filter(|(first, second, ..)| {
                (*first == member && order.contains(second))
                    || (*second == member && order.contains(first))
            });
            ties.map(|(.., lapse, _)| width_of(lapse)).fold(f64::INFINITY, f64::min)
        };
        let widths: Vec<f64> = timed.iter().map(|(_, member)| width(*member)).collect();
        let narrowest = (0..timed.len()).min_by(|a, b| widths[*a].total_cmp(&widths[*b]));
        order.push(timed.remove(narrowest.unwrap_or(0)).1);
    }
    order
}

/// How much the distance of two times varies, seconds: its mean deviation.
fn width_of(lapse: &TimeGap) -> f64 {
    let weights =
        || lapse.lapses.weights().map(|(code, weight)| (lapse::seconds_of(*code).0, weight));
    let total: f64 = weights().map(|w| w.1).sum();
    let mean = weights().map(|(seconds, weight)| seconds * weight).sum::<f64>() / total;
    weights().map(|(seconds, weight)| (seconds - mean).abs() * weight).sum::<f64>() / total
}

impl TimedMember {
    fn compile(member: usize, earlier: &[usize], pairs: &[Pair<'_>]) -> Self {
        let mut followed: Vec<Followed> = Vec::new();
        let mut bounds = Vec::new();
        for (at, other) in earlier.iter().enumerate() {
            for (first, second, lapse, sequence) in pairs {
                let is_second = (first, second) == (other, &member);
                if !is_second && (first, second) != (&member, other) {
                    continue;
                }
                bounds.push((at, is_second == (*sequence == Sequence::Forward)));
                followed.push(Followed::compile(at, lapse, if is_second { 1.0 } else { -1.0 }));
            }
        }
        followed.sort_by(|a, b| a.width.total_cmp(&b.width));
        Self { member: member as u32, followed: followed.into(), bounds: bounds.into() }
    }
}

impl Followed {
    fn compile(at: usize, lapse: &TimeGap, sign: f64) -> Self {
        let mut weighted: Vec<(i32, f64)> = lapse.lapses.weights().map(|(c, w)| (*c, w)).collect();
        // The order of learning must not show.
        weighted.sort_unstable_by_key(|w| w.0);
        let lapses: Box<[(f64, f64)]> = (weighted.iter())
            .map(|w| lapse::seconds_of(w.0))
            .map(|(middle, half)| (sign * middle, half))
            .collect();
        let choice = Choice::new(weighted.iter().map(|w| w.1));
        Self { at, width: width_of(lapse), choice, lapses }
    }

    fn draw(&self, from: i64, stream: &mut KeyedRng) -> i64 {
        let unit = (stream.word() >> 32) as u32;
        let (middle, half) = self.lapses.get(self.choice.pick(unit)).copied().unwrap_or_default();
        from + (middle + (stream.uniform() * 2.0 - 1.0) * half).round() as i64
    }
}

impl Timed {
    /// The time of this member. `own` draws what a member would be by itself, with a stream of
    /// its place; `None` when it is not there or not a time.
    pub fn draw(&self, own: impl Fn(u32) -> Option<(OwnTimestamp, KeyedRng)>) -> Option<Timestamp> {
        let mut drawn = [None; TIMES_MAX];
        let mut fraction = None;
        for (at, timed) in self.order.times.iter().enumerate().take(self.at + 1) {
            let Some((own, mut stream)) = own(timed.member) else { continue };
            let of = |at: usize| -> Option<OwnTimestamp> { drawn.get(at).copied().flatten() };
            fraction = fraction.or_else(|| Some(stream.clone().word()));
            // What is about now and what is long ago go together only at a fixed distance.
            let followed = timed.followed.iter().find_map(|followed| {
                let before = of(followed.at)?;
                let goes = before.relative == own.relative || followed.width <= NEAR_S as f64;
                goes.then_some((followed, before))
            });
            let mut epoch_s = own.epoch_s;
            if let Some((followed, before)) = followed {
                epoch_s = followed.draw(before.epoch_s, &mut stream);
                // At a fixed distance it goes wherever the other goes.
                if before.relative == own.relative && followed.width > 0.0 {
                    epoch_s = epoch_s.clamp(own.range.0, own.range.1.max(own.range.0));
                }
            }
            let (mut least, mut most) = (i64::MIN, i64::MAX);
            for (other, is_after) in &timed.bounds {
                let Some(other) = of(*other) else { continue };
                if *is_after {
                    least = least.max(other.epoch_s);
                } else {
                    most = most.min(other.epoch_s);
                }
            }
            epoch_s = epoch_s.min(most).max(least);
            epoch_s = at_midnight(epoch_s, own.midnight, least);
            drawn[at] = Some(OwnTimestamp { epoch_s, ..own }); // `at` is below `TIMES_MAX`
        }
        let epoch_s = drawn.get(self.at).copied().flatten()?.epoch_s;
        let fraction = hash::combine(fraction.unwrap_or(0), epoch_s as u64);
        Some(Timestamp { epoch_s, fraction })
    }
}

/// How far from their observation the times of a position typically are, seconds; `None` when it
/// holds no times.
fn distance(shape: &Shape) -> Option<f64> {
    let text = shape.text.as_ref().map(|text| &text.offsets).filter(|o| !o.is_empty());
    let numbers = || Some(&shape.number.as_ref()?.epochs()?.offsets);
    let offsets = text.or_else(numbers)?;
    let weights =
        || offsets.weights().map(|(code, weight)| (number_code::value_of(*code).0, weight));
    let total: f64 = weights().map(|w| w.1).sum();
    Some(weights().map(|(seconds, weight)| seconds.abs() * weight).sum::<f64>() / total)
}
