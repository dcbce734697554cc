//! Times that go with the request: about now by themselves, or at a fixed distance to one that is.

use crate::domain::sketch::categories::Categories;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::PrioritySample;
use crate::domain::value::ValueModel;
use crate::domain::value::object::model::ObjectModel;
use crate::domain::value::relation::time_gap;
use crate::domain::value::relation::time_gap::TimeGap;

/// Distances so close to the observation that they are the time it takes to answer, seconds.
const JUST_NOW_S: f64 = 2.0;

/// Do times that repeat go with the request all the same? A burst of answers within one second
/// shows one time many times; if it is the second of the answer itself, it is no constant.
pub fn follows_now(shape: &ValueModel) -> bool {
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
    let mut lapses = lapse.lapses.keys().map(|code| time_gap::seconds_of(*code));
    let is_whole = |(seconds, half): (f64, f64)| half == 0.0 && seconds % 60.0 == 0.0;
    lapses.next().is_some_and(is_whole) && lapses.next().is_none()
}

/// For each member of an object, whether its times go with the request: by themselves, or at a
/// fixed distance to one that does.
pub fn following_now(object: &ObjectModel) -> Vec<bool> {
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
