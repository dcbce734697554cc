//! Numbers drawn from a learned histogram and written digit by digit.

use super::draw::{Choice, Place};
use crate::domain::schema::number::{self, NumberShape};

/// The numbers of one position.
#[derive(Debug, Clone)]
pub struct NumberNode {
    pub choice: Choice,
    /// Codes with decimals, ascending.
    pub keys: Box<[i32]>,
    /// Below and above the middle of each code: how far its numbers reach.
    pub reaches: Box<[(f64, f64)]>,
    /// None of the numbers was written with a point.
    pub integers: bool,
    /// Integral numbers are written `5.0`.
    pub point_zero: bool,
}

/// Sightings of a code from which it is a value of its own among numbers that hardly repeat, such
/// as zero among amounts: times the mean, and in all.
const ATOM_MEANS: f64 = 3.0;
const ATOM_SEEN_MIN: f64 = 3.0;

impl NumberNode {
    /// `weighted`: keys with their weights, ascending. Where numbers hardly repeat (`is_spread`),
    /// those between two that were seen are as likely as they: each code reaches half way to its
    /// neighbours. Otherwise it reaches as far as it rounds. Nothing goes beyond the range seen.
    pub fn compile(shape: &NumberShape, is_spread: bool) -> Self {
        let mut weighted: Vec<(i32, f64)> = shape.keys.weights().map(|(k, w)| (*k, w)).collect();
        weighted.sort_unstable_by_key(|w| w.0);
        let mean = weighted.iter().map(|w| w.1).sum::<f64>() / weighted.len().max(1) as f64;
        let code = |at: usize| weighted.get(at).map(|w| number::unkeyed(w.0).0);
        let reach = |at: usize| {
            let own = code(at).unwrap_or_default();
            let (middle, half) = number::value_of(own);
            let weight = weighted.get(at).map_or(0.0, |w| w.1);
            let is_atom = weight >= ATOM_SEEN_MIN && weight >= ATOM_MEANS * mean;
            let to = |other: Option<i32>, is_end: bool| match other {
                _ if is_end => 0.0,
                Some(other) if is_spread && !is_atom => {
                    ((number::value_of(other).0 - middle).abs() / 2.0).max(half)
                }
                _ => half,
            };
            // Neighbours of the same code differ in decimals alone.
            let below = (0..at).rev().filter_map(code).find(|other| *other != own);
            let above = (at + 1..weighted.len()).filter_map(code).find(|other| *other != own);
            (to(below, own == shape.min_code), to(above, own == shape.max_code))
        };
        let integers = shape.seen.saturating_sub(shape.floats);
        Self {
            choice: Choice::new(weighted.iter().map(|w| w.1)),
            reaches: (0..weighted.len()).map(reach).collect(),
            keys: weighted.iter().map(|w| w.0).collect(),
            integers: shape.floats == 0,
            point_zero: shape.point_zero > integers,
        }
    }

    pub fn write(&self, place: Place, out: &mut Vec<u8>) {
        let at = self.choice.draw(place).at;
        self.write_at(at, place.stream().fraction(), None, out);
    }

    /// Writes the number at a quantile: a greater unit never gives a smaller number.
    pub fn write_ordered(&self, unit: u32, out: &mut Vec<u8>) {
        let at = self.choice.pick(unit);
        // Rounding to fewer decimals than the neighbours could break the order.
        let finest = self.keys.iter().map(|key| number::unkeyed(*key).1).max();
        self.write_at(at, self.choice.fraction(unit, at), finest, out);
    }

    fn write_at(&self, at: usize, fraction: f64, decimals: Option<usize>, out: &mut Vec<u8>) {
        let (code, own) = self.keys.get(at).map_or((0, 0), |key| number::unkeyed(*key));
        let decimals = if self.integers { None } else { Some(decimals.unwrap_or(own)) };
        let middle = number::value_of(code).0;
        let (below, above) = self.reaches.get(at).copied().unwrap_or_default();
        let value = middle - below + fraction * (below + above);
        match decimals {
            None => {
                let (low, high) = ((middle - below).ceil(), (middle + above).floor());
                let value =
                    if low <= high { value.round().clamp(low, high) } else { middle.round() };
                out.extend_from_slice(itoa::Buffer::new().format(value as i64).as_bytes());
            }
            Some(decimals) => write_decimal(value, decimals, self.point_zero, out),
        }
    }
}

/// Writes a number with at most so many decimals, without trailing zeros.
fn write_decimal(value: f64, decimals: usize, point_zero: bool, out: &mut Vec<u8>) {
    const SCALES: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];
    let scaled = SCALES.get(decimals).map(|scale| (value * scale).round());
    let Some(scaled) = scaled.filter(|s| s.abs() < 9e15) else {
        out.extend_from_slice(ryu::Buffer::new().format(value).as_bytes());
        return;
    };
    let scale = SCALES.get(decimals).copied().unwrap_or(1.0) as u64;
    let mut digits = scaled.abs() as u64;
    // Had it ended in zero, it would have been counted with fewer decimals.
    if decimals > 0 && digits.is_multiple_of(10) {
        digits += 1;
    }
    if scaled < 0.0 {
        out.push(b'-');
    }
    out.extend_from_slice(itoa::Buffer::new().format(digits / scale).as_bytes());
    let mut rest = digits % scale;
    if rest == 0 {
        if point_zero {
            out.extend_from_slice(b".0");
        }
        return;
    }
    out.push(b'.');
    let mut unit = scale / 10;
    while rest > 0 && unit > 0 {
        out.push(b'0' + (rest / unit) as u8);
        rest %= unit;
        unit /= 10;
    }
}
