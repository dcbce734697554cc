//! Statuses drawn: the two-state chain, frozen.

use super::is_error;

/// Where a consumer stands in the chain: at the start, after an ok, or after an error of a certain
/// status. One byte, so that callers can keep it in an atomic; any byte is a valid state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChainState(u8);

impl ChainState {
    /// Nothing was drawn yet: the first draw follows the long-run mix.
    pub const START: Self = Self(0);
    /// The last answer was no error.
    pub const OK: Self = Self(1);
    const FIRST_ERROR: u8 = 2;

    fn error(index: usize) -> Self {
        // At most STATUSES_MAX errors are known, so the index fits.
        Self(Self::FIRST_ERROR.saturating_add(index as u8))
    }

    fn error_index(self) -> Option<usize> {
        self.0.checked_sub(Self::FIRST_ERROR).map(usize::from)
    }
}

impl From<u8> for ChainState {
    fn from(byte: u8) -> Self {
        Self(byte)
    }
}

impl From<ChainState> for u8 {
    fn from(state: ChainState) -> Self {
        state.0
    }
}

/// Draws statuses in the mix and in the runs they were learned. Immutable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusSampler {
    oks: Shares,
    errors: Shares,
    error_rate: f64,
    error_after_ok: f64,
    error_after_error: f64,
    repetition: f64,
}

/// Statuses with the share of those up to and including each.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shares(Vec<(u16, f64)>);

impl StatusSampler {
    /// `persistence`: probability of an error after an error; `repetition`: that such an error
    /// copies the status of the one before.
    pub(super) fn new(mix: &[(u16, f64)], persistence: f64, repetition: f64) -> Self {
        let part = |wanted: bool| mix.iter().copied().filter(move |m| is_error(m.0) == wanted);
        let error_rate: f64 = part(true).map(|(_, share)| share).sum::<f64>().clamp(0.0, 1.0);
        let ok_rate = 1.0 - error_rate;
        // The chain's long-run error rate is a / (a + 1 - p) with p the probability of an error
        // after an error and a that of one after an ok. Solved for a, and p raised where a would
        // pass 1: with that many errors they cannot be farther apart.
        let least = if error_rate > 0.0 { (2.0 - 1.0 / error_rate).max(0.0) } else { 0.0 };
        let error_after_error = persistence.clamp(least, 1.0);
        let error_after_ok = if ok_rate <= 0.0 {
            1.0
        } else {
            (error_rate * (1.0 - error_after_error) / ok_rate).clamp(0.0, 1.0)
        };
        Self {
            oks: Shares::new(part(false)),
            errors: Shares::new(part(true)),
            error_rate,
            error_after_ok,
            error_after_error: if ok_rate <= 0.0 { 1.0 } else { error_after_error },
            repetition,
        }
    }

    /// Whether nothing was learned; every draw is then 200.
    pub fn is_empty(&self) -> bool {
        self.oks.0.is_empty() && self.errors.0.is_empty()
    }

    /// The next status after `chain` for two uniform numbers in `[0, 1)`, and where that leads.
    pub fn draw(&self, chain: ChainState, u1: f64, u2: f64) -> (u16, ChainState) {
        let error = u1 < self.error_probability(chain);
        if !error {
            return (self.oks.at(u2).map_or(200, |(_, status)| status), ChainState::OK);
        }
        let before = chain.error_index().and_then(|at| Some((at, self.errors.0.get(at)?.0)));
        // Below `repetition` the number decides to copy, above it is spread over `[0, 1)` again.
        let drawn = match before {
            Some(before) if u2 < self.repetition => Some(before),
            Some(_) => self.errors.at((u2 - self.repetition) / (1.0 - self.repetition)),
            None => self.errors.at(u2),
        };
        drawn.map_or((200, ChainState::OK), |(at, status)| (status, ChainState::error(at)))
    }

    fn error_probability(&self, chain: ChainState) -> f64 {
        match chain {
            ChainState::START => self.error_rate,
            ChainState::OK => self.error_after_ok,
            _ => self.error_after_error,
        }
    }
}

impl Shares {
    fn new(mix: impl Iterator<Item = (u16, f64)>) -> Self {
        let mut up_to = 0.0;
        let mut shares: Vec<(u16, f64)> = mix
            .map(|(status, share)| {
                up_to += share;
                (status, up_to)
            })
            .collect();
        for share in &mut shares {
            share.1 /= up_to;
        }
        Self(shares)
    }

    fn at(&self, uniform: f64) -> Option<(usize, u16)> {
        let at = self.0.partition_point(|&(_, up_to)| up_to <= uniform);
        let at = at.min(self.0.len().checked_sub(1)?);
        Some((at, self.0[at].0))
    }
}
