//! The times of one object drawn in the order they keep.
//!
//! The first time of an object is drawn by itself: the one nearest to its observation. Each other
//! one follows the time it keeps the narrowest distance to, at a distance that was seen, and never
//! crosses one that it never crossed. Of a row without the former, it follows the next best.

use std::sync::Arc;

use crate::domain::random::choice::Choice;
use crate::domain::random::hash;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::sketch::number_code;
use crate::domain::value::ValueModel;
use crate::domain::value::object::model::ObjectModel;
use crate::domain::value::relation::time_gap;
use crate::domain::value::relation::time_gap::{Sequence, TimeGap};
use crate::domain::value::time::unix_times::NEAR_S;

use crate::domain::value::time::timestamp::{OwnTimestamp, Timestamp, at_midnight};

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
    /// Lapses as [`time_gap::seconds_of`] reads them, from the followed time on.
    lapses: Box<[(f64, f64)]>,
}

/// The place of a member in the order of its object.
#[derive(Debug, Clone)]
pub struct Timed {
    /// Shared by all members that are in it.
    pub order: Arc<TimeOrder>,
    /// Index in the order: what stands before it is drawn first.
    pub at: usize,
}

/// Times drawn together: an object keeps the pairs of five, and some more of several orders.
const TIMES_MAX: usize = 8;

impl TimeOrder {
    /// For each member of the object its place in the order, if it has one.
    pub fn compile(object: &ObjectModel) -> Vec<Option<Timed>> {
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
        || lapse.lapses.weights().map(|(code, weight)| (time_gap::seconds_of(*code).0, weight));
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
            .map(|w| time_gap::seconds_of(w.0))
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
fn distance(shape: &ValueModel) -> Option<f64> {
    let text = shape.text.as_ref().map(|text| &text.offsets).filter(|o| !o.is_empty());
    let numbers = || Some(&shape.number.as_ref()?.epochs()?.offsets);
    let offsets = text.or_else(numbers)?;
    let weights =
        || offsets.weights().map(|(code, weight)| (number_code::value_of(*code).0, weight));
    let total: f64 = weights().map(|w| w.1).sum();
    Some(weights().map(|(seconds, weight)| seconds.abs() * weight).sum::<f64>() / total)
}
