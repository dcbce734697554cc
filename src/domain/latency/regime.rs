//! Whether the latest observations still follow a sketch, and since when they do not.

use super::RECENT_MAX;
use super::sketch::QuantileSketch;

/// Latest observations compared with the sketch: the short window sees a large change at once,
/// the long one sees a small change at all.
const WINDOWS: [usize; 3] = [32, 64, RECENT_MAX];

/// Observations that a sketch must hold before anything can deviate from it.
const REFERENCE_MIN: f64 = 64.0;

/// Scaled Kolmogorov–Smirnov distance that counts as a change. By the bound of Dvoretzky, Kiefer,
/// Wolfowitz and Massart, 2·exp(-2·3²) = 3·10⁻⁸ per look: 200,000 observations are looked at
/// 20,000 times, which leaves one false alarm in 1,600 such runs at most.
const SHIFT_AT: f64 = 3.0;

/// Scaled distance within which observations follow a sketch: 1 % of those that do lie farther.
const MATCH_WITHIN: f64 = 1.63;

/// Share of values that the estimate of the new regime is kept from being sure about.
const DOUBT: f64 = 0.02;

/// A change of regime among the latest observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RegimeShift {
    /// Index of the first observation of the new regime.
    pub(super) starts: usize,
}

/// Looks for a change between `reference` and the end of `recent`.
pub(super) fn find_shift(reference: &QuantileSketch, recent: &[u32]) -> Option<RegimeShift> {
    if reference.observations() < REFERENCE_MIN {
        return None;
    }
    let mut places = [0_u16; RECENT_MAX];
    for (place, &us) in places.iter_mut().zip(recent) {
        *place = reference.place(us);
    }
    let places = &places[..recent.len().min(RECENT_MAX)];
    WINDOWS.iter().filter(|&&window| window <= places.len()).find_map(|&window| {
        let deviation = reference.distance(&places[places.len() - window..]);
        let scaled = deviation.distance * effective(window, reference).sqrt();
        (scaled > SHIFT_AT).then(|| RegimeShift {
            starts: first_of_new(places, deviation.place, deviation.expected, deviation.found),
        })
    })
}

/// Whether `values` may well come from `reference`.
pub(super) fn matches(reference: &QuantileSketch, values: &[u32]) -> bool {
    let places: smallvec::SmallVec<[u16; RECENT_MAX]> =
        values.iter().map(|&us| reference.place(us)).collect();
    !places.is_empty()
        && reference.weight() > 0
        && reference.distance(&places).distance * effective(places.len(), reference).sqrt()
            < MATCH_WITHIN
}

/// The size of one sample that would vary as the difference between both does.
fn effective(values: usize, reference: &QuantileSketch) -> f64 {
    let (values, reference) = (values as f64, reference.observations());
    values * reference / (values + reference)
}

/// Dates the change: the start of the suffix that the new regime explains best against the old
/// one, where both are told apart by the share of values up to `split` (the maximum of the
/// log-likelihood ratio, Page 1954).
fn first_of_new(places: &[u16], split: u16, old_share: f64, new_share: f64) -> usize {
    let old = old_share.clamp(DOUBT, 1.0 - DOUBT);
    let new = new_share.clamp(DOUBT, 1.0 - DOUBT);
    let (if_below, if_above) = ((new / old).ln(), ((1.0 - new) / (1.0 - old)).ln());
    let (mut sum, mut best, mut starts) = (0.0, f64::NEG_INFINITY, places.len());
    for (at, &place) in places.iter().enumerate().rev() {
        sum += if place <= split { if_below } else { if_above };
        if sum > best {
            (best, starts) = (sum, at);
        }
    }
    starts
}
