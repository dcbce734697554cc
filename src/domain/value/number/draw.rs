//! Numbers drawn from a learned histogram and written digit by digit.

use crate::domain::random::choice::Choice;
use crate::domain::random::entity_seed::FieldSeed;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::sketch::number_code;
use crate::domain::value::number::model::NumberModel;
use crate::domain::value::time::draw_clock::DrawClock;
use crate::domain::value::time::timestamp::{OwnTimestamp, Times, Timestamp};

/// The numbers of one position.
#[derive(Debug, Clone)]
pub struct NumberNode {
    /// Over `keys`, by how often each came.
    pub choice: Choice,
    /// Codes with decimals, ascending.
    pub keys: Box<[i32]>,
    /// The numbers of each code.
    reaches: Box<[Bucket]>,
    /// None of the numbers was written with a point.
    pub integers: bool,
    /// Integral numbers are written `5.0`.
    pub point_zero: bool,
    /// When they are, if they are times.
    pub epochs: Option<UnixTimeNode>,
}

/// Numbers of one code: its middle, and how far they reach below and above it.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    middle: f64,
    below: f64,
    above: f64,
}

/// Numbers that are times.
#[derive(Debug, Clone)]
pub struct UnixTimeNode {
    times: Times,
    /// Decimal digits below a second.
    digits: u32,
    /// They have no part below a second.
    is_whole: bool,
}

/// Sightings of a code from which it is a value of its own among numbers that hardly repeat, such
/// as zero among amounts: times the mean, and in all.
const ATOM_MEANS: f64 = 3.0;
const ATOM_SEEN_MIN: f64 = 3.0;

impl NumberNode {
    /// `weighted`: keys with their weights, ascending. Where numbers hardly repeat (`is_spread`),
    /// those between two that were seen are as likely as they: each code reaches half way to its
    /// neighbours. Otherwise it reaches as far as it rounds. Nothing goes beyond the range seen.
    pub fn compile(shape: &NumberModel, is_spread: bool) -> Self {
        let mut weighted: Vec<(i32, f64)> = shape.keys.weights().map(|(k, w)| (*k, w)).collect();
        weighted.sort_unstable_by_key(|w| w.0);
        let mean = weighted.iter().map(|w| w.1).sum::<f64>() / weighted.len().max(1) as f64;
        let code = |at: usize| weighted.get(at).map(|w| number_code::unkeyed(w.0).0);
        let reach = |at: usize| {
            let own = code(at).unwrap_or_default();
            let (middle, half) = number_code::value_of(own);
            let weight = weighted.get(at).map_or(0.0, |w| w.1);
            let is_atom = weight >= ATOM_SEEN_MIN && weight >= ATOM_MEANS * mean;
            let to = |other: Option<i32>, is_end: bool| match other {
                _ if is_end => 0.0,
                Some(other) if is_spread && !is_atom => {
                    ((number_code::value_of(other).0 - middle).abs() / 2.0).max(half)
                }
                _ => half,
            };
            // Neighbours of the same code differ in decimals alone.
            let below = (0..at).rev().filter_map(code).find(|other| *other != own);
            let above = (at + 1..weighted.len()).filter_map(code).find(|other| *other != own);
            let (below, above) =
                (to(below, own == shape.min_code), to(above, own == shape.max_code));
            Bucket { middle, below, above }
        };
        let integers = shape.seen.saturating_sub(shape.floats);
        Self {
            choice: Choice::new(weighted.iter().map(|w| w.1)),
            reaches: (0..weighted.len()).map(reach).collect(),
            keys: weighted.iter().map(|w| w.0).collect(),
            integers: shape.floats == 0,
            point_zero: shape.point_zero > integers,
            epochs: shape.epochs().and_then(|epochs| {
                let (digits, is_whole) = (epochs.digits, epochs.is_whole());
                Some(UnixTimeNode { times: Times::of_numbers(epochs)?, digits, is_whole })
            }),
        }
    }

    /// Appends the number, or the time, of this place.
    pub fn write(&self, place: FieldSeed, clock: DrawClock, out: &mut Vec<u8>) {
        if let Some((own, mut stream)) = self.moment(place, clock) {
            let moment = Timestamp { epoch_s: own.epoch_s, fraction: stream.word() };
            return self.write_moment(place, moment, out);
        }
        let at = self.choice.draw(place).at;
        self.write_at(at, place.stream().uniform(), None, out);
    }

    /// The time that would be written by itself, with what is left of its stream; `None` when
    /// these are no times, or there is none: zero.
    pub fn moment(&self, place: FieldSeed, clock: DrawClock) -> Option<(OwnTimestamp, KeyedRng)> {
        let epochs = self.epochs.as_ref()?;
        let at = self.choice.draw(place).at;
        self.keys.get(at).filter(|key| number_code::unkeyed(**key).0 != 0)?;
        let mut stream = place.stream();
        let own = epochs.times.draw(&mut stream, clock);
        Some((own, stream))
    }

    /// Writes this time in the unit of the position.
    pub fn write_moment(&self, place: FieldSeed, moment: Timestamp, out: &mut Vec<u8>) {
        let Some(epochs) = &self.epochs else { return };
        let unit = number_of(epochs.digits);
        // Of 2^64 equally likely fractions of a second, so many of the unit.
        let below = ((u128::from(moment.fraction) * u128::from(unit.unsigned_abs())) >> 64) as i64;
        let below = if epochs.is_whole { 0 } else { below };
        if self.integers {
            let value = moment.epoch_s.saturating_mul(unit).saturating_add(below);
            out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
            return;
        }
        let at = self.choice.draw(place).at;
        let decimals = self.keys.get(at).map_or(0, |key| number_code::unkeyed(*key).1);
        let fraction = moment.fraction as f64 / (u64::MAX as f64 + 1.0);
        let fraction = if epochs.is_whole { 0.0 } else { fraction };
        let value = (moment.epoch_s as f64 + fraction) * unit as f64;
        write_decimal(value, decimals, self.point_zero, out);
    }

    /// Writes the number at a quantile: a greater unit never gives a smaller number.
    pub fn write_ordered(&self, unit: u32, out: &mut Vec<u8>) {
        let at = self.choice.pick(unit);
        // Rounding to fewer decimals than the neighbours could break the order.
        let finest = self.keys.iter().map(|key| number_code::unkeyed(*key).1).max();
        self.write_at(at, self.choice.fraction(unit, at), finest, out);
    }

    fn write_at(&self, at: usize, fraction: f64, decimals: Option<usize>, out: &mut Vec<u8>) {
        let own = || self.keys.get(at).map_or(0, |key| number_code::unkeyed(*key).1);
        let decimals = if self.integers { None } else { Some(decimals.unwrap_or_else(own)) };
        let Bucket { middle, below, above } = self.reaches.get(at).copied().unwrap_or_default();
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

/// How many of its unit a second has.
fn number_of(digits: u32) -> i64 {
    10_i64.pow(digits.min(9))
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
