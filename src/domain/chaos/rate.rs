//! How often a rule hits: a rate that is right after ten requests, not only after ten thousand.
//!
//! Independent coin flips at 10 % leave one run of ten in three without any hit. Counting every
//! tenth request is exact but periodic: a client that loops over ten calls would lose the same one
//! each time. So hits are *rounded online*: after `n` requests at probability `p` there have been
//! either `floor(n p)` or `ceil(n p)` hits, the upper one with probability `frac(n p)`, which makes
//! every single request be hit with probability exactly `p`, and the positions irregular.
//!
//! With `f = frac(n p)` before a request and the one remembered bit "at the upper value", the
//! conditional probabilities follow (the sum `f + p` reaching 1 means that the floor moves up):
//!
//! ```text
//!               at the lower value          at the upper value
//! f + p < 1     p / (1 - f), then upper     0
//! f + p >= 1    1                           (f + p - 1) / f, then upper
//! ```
//!
//! `p` may differ from request to request (ramps): then the same holds for the sum of all `p`.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::validation::{FieldErrors, ObjectReader};

/// When a rule's `probability` applies. Lengths in requests count those that match the scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RatePattern {
    /// Always.
    #[default]
    Steady,
    /// In bursts: a two-state Markov chain whose stays have these mean lengths, in requests.
    Bursts {
        /// Mean length of a burst, requests, at least 1.
        mean_on: f64,
        /// Mean length of a pause, requests, at least 1.
        mean_off: f64,
    },
    /// For the first `n` requests.
    First {
        /// Requests from the beginning of the lease, at least 1.
        n: u64,
    },
    /// For each `n`-th request.
    Every {
        /// 1 is every request, 10 the 10th, the 20th and so on.
        n: u64,
    },
    /// For `on_s` seconds, then not for `off_s` seconds, and so on from the start of the lease.
    Window {
        /// Seconds, at least [`SECONDS_MIN`].
        on_s: f64,
        /// Seconds; 0 leaves no pause.
        off_s: f64,
    },
    /// Scaled by a factor that goes from `from` to `to` over `over_s` seconds and stays there.
    Ramp {
        /// Factor at the start of the lease, 0 to 1.
        from: f64,
        /// Factor at the end of the ramp, 0 to 1.
        to: f64,
        /// Length of the ramp, seconds, at least [`SECONDS_MIN`].
        over_s: f64,
    },
}

/// What was decided about one matching request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateDraw {
    /// How many requests the rule had counted before this one.
    pub ticket: u64,
    /// The probability that was asked for, the pattern included.
    pub requested: f64,
    /// Whether the rule acts on this request.
    pub hit: bool,
}

/// The count a rate rests on. Shared by all threads, without a lock.
#[derive(Debug, Default)]
pub struct RateState {
    tickets: AtomicU64,
    word: AtomicU64,
}

/// Burst lengths and counts beyond this are longer than any lease can use.
const REQUESTS_MAX: i64 = 1_000_000_000;
/// Windows and ramps longer than the longest lease (a week) would never show.
const SECONDS_MAX: f64 = super::lease::LEASE_S_CEILING as f64;

impl RatePattern {
    /// Reads it at `path`; `None` when something is wrong, which `problems` then holds.
    pub fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
        let fields: &[&'static str] = match kind {
            "steady" => &["type"],
            "bursts" => &["type", "mean_on", "mean_off"],
            "first" | "every" => &["type", "n"],
            "window" => &["type", "on_s", "off_s"],
            "ramp" => &["type", "from", "to", "over_s"],
            _ => {
                let expected = "`steady`, `bursts`, `first`, `every`, `window`, `ramp`";
                problems.add(format!("{path}.type"), format!("expected one of {expected}"));
                return None;
            }
        };
        let reader = ObjectReader::open(value, path, fields, problems)?;
        // All are asked for before one is missed, so that every mistake is reported.
        let number =
            |name, range| if reader.require(name) { reader.number(name, range) } else { None };
        let count =
            || if reader.require("n") { reader.integer("n", 1..=REQUESTS_MAX) } else { None };
        match kind {
            "bursts" => {
                let requests = 1.0..=REQUESTS_MAX as f64;
                let (on, off) = (number("mean_on", requests.clone()), number("mean_off", requests));
                Some(Self::Bursts { mean_on: on?, mean_off: off? })
            }
            "first" => Some(Self::First { n: count()?.unsigned_abs() }),
            "every" => Some(Self::Every { n: count()?.unsigned_abs() }),
            "window" => {
                let (on, off) =
                    (number("on_s", SECONDS_MIN..=SECONDS_MAX), number("off_s", 0.0..=SECONDS_MAX));
                Some(Self::Window { on_s: on?, off_s: off? })
            }
            "ramp" => {
                let (from, to) = (number("from", 0.0..=1.0), number("to", 0.0..=1.0));
                let over_s = number("over_s", SECONDS_MIN..=SECONDS_MAX);
                Some(Self::Ramp { from: from?, to: to?, over_s: over_s? })
            }
            _ => Some(Self::Steady),
        }
    }

    /// Whether `probability` applies all the time, which rules leave unsaid.
    pub fn is_steady(&self) -> bool {
        *self == Self::Steady
    }

    /// The factor on the probability for request number `ticket`, `elapsed_s` into the lease.
    fn factor(&self, ticket: u64, elapsed_s: f64, bursting: bool) -> f64 {
        let open = match *self {
            Self::Steady => true,
            Self::Bursts { .. } => bursting,
            Self::First { n } => ticket < n,
            Self::Every { n } => (ticket + 1).is_multiple_of(n.max(1)),
            Self::Window { on_s, off_s } => elapsed_s % (on_s + off_s) < on_s,
            Self::Ramp { from, to, over_s } => {
                return from + (to - from) * (elapsed_s / over_s).clamp(0.0, 1.0);
            }
        };
        f64::from(u8::from(open))
    }

    /// Whether the chain is in its burst at this request.
    fn bursting(&self, ticket: u64, before: bool, uniform: f64) -> bool {
        let Self::Bursts { mean_on, mean_off } = *self else { return false };
        match (ticket, before) {
            (0, _) => uniform < mean_on / (mean_on + mean_off),
            (_, true) => uniform >= 1.0 / mean_on,
            (_, false) => uniform < 1.0 / mean_off,
        }
    }
}

/// Below a tenth of a second a window or ramp is noise beside network jitter.
const SECONDS_MIN: f64 = 0.1;

impl RateState {
    /// Continues from what [`RateState::parts`] gave.
    pub fn from_parts(tickets: u64, word: u64) -> Self {
        Self { tickets: AtomicU64::new(tickets), word: AtomicU64::new(word) }
    }

    /// The count and the packed rounding, for [`RateState::from_parts`] after a restart.
    pub fn parts(&self) -> (u64, u64) {
        (self.tickets.load(Ordering::Relaxed), self.word.load(Ordering::Relaxed))
    }

    /// Counts one request and decides about it. `elapsed_s` is the time since the lease began.
    pub fn draw(&self, pattern: &RatePattern, p: f64, elapsed_s: f64, seed: u64) -> RateDraw {
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        let mut draws = KeyedRng::keyed(seed, ticket);
        let (for_burst, for_hit) = (draws.uniform(), draws.uniform());
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let before = Rounding::unpack(word);
            let bursting = pattern.bursting(ticket, before.bursting, for_burst);
            let requested = p * pattern.factor(ticket, elapsed_s, bursting);
            let (after, hit) = before.step(requested, bursting, for_hit);
            let (relaxed, next) = (Ordering::Relaxed, after.pack());
            match self.word.compare_exchange_weak(word, next, relaxed, relaxed) {
                Ok(_) => return RateDraw { ticket, requested, hit },
                Err(current) => word = current,
            }
        }
    }

    /// Decides about one request for itself, from `seed` alone and without counting it. Bursts
    /// count with their long-run share, since the chain's state belongs to the counted requests.
    pub fn peek(&self, pattern: &RatePattern, p: f64, elapsed_s: f64, seed: u64) -> RateDraw {
        let ticket = self.tickets.load(Ordering::Relaxed);
        let factor = match *pattern {
            RatePattern::Bursts { mean_on, mean_off } => mean_on / (mean_on + mean_off),
            RatePattern::Every { n } => 1.0 / n.max(1) as f64,
            _ => pattern.factor(ticket, elapsed_s, false),
        };
        let requested = p * factor;
        RateDraw { ticket, requested, hit: KeyedRng::keyed(seed, 0).uniform() < requested }
    }
}

/// The online rounding, packed into one word so that one exchange moves it.
#[derive(Clone, Copy, Debug)]
struct Rounding {
    /// `frac` of the sum of all probabilities, in units of 2^-62.
    fraction: u64,
    /// Whether the hits stand at the upper of the two allowed values.
    upper: bool,
    bursting: bool,
}

/// One, in the fixed point of [`Rounding::fraction`].
const ONE: u64 = 1 << 62;

impl Rounding {
    fn unpack(word: u64) -> Self {
        Self { fraction: word & (ONE - 1), upper: word >> 63 == 1, bursting: word >> 62 & 1 == 1 }
    }

    fn pack(self) -> u64 {
        self.fraction | u64::from(self.upper) << 63 | u64::from(self.bursting) << 62
    }

    fn step(self, p: f64, bursting: bool, uniform: f64) -> (Self, bool) {
        // 2^62 is a power of two: the product is exact, and at most `ONE` since p <= 1.
        let step = ((p.clamp(0.0, 1.0) * ONE as f64) as u64).min(ONE);
        let sum = self.fraction + step;
        let below = |part: u64, whole: u64| uniform * (whole as f64) < part as f64;
        let (fraction, hit, upper) = if sum < ONE {
            let hit = !self.upper && below(step, ONE - self.fraction);
            (sum, hit, self.upper || hit)
        } else {
            let hit = !self.upper || below(sum - ONE, self.fraction);
            (sum - ONE, hit, self.upper && hit)
        };
        (Self { fraction, upper, bursting }, hit)
    }
}
