//! What a rule has done, and whether it may still act: atomics shared by all threads.
//!
//! One [`RuleCounters`] belongs to one lease. It survives every recompilation of the rules, and its
//! [`CountersSnapshot`] survives a restart. A lease once seen to have ended stays ended: the end is
//! latched here, so a wall clock that jumps back revives nothing.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::lease::{ClockReading, Lease};
use super::rate::RateState;
use crate::domain::chaos::token_buckets::TokenBuckets;

/// Whether a rule acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleState {
    /// Begun on both clocks, and ended on neither: requests are held against it.
    Active,
    /// Its start lies ahead.
    Scheduled,
    /// Its time is over. Latched: no clock brings it back.
    Expired,
    /// It had as many hits as its lease allows.
    Exhausted,
    /// A person ended it before its time.
    Stopped,
    /// Switched off by its `enabled`, while its lease goes on.
    Disabled,
}

/// The live side of a rule.
#[derive(Debug)]
pub struct RuleCounters {
    /// What of the lease had passed, in whole or in part in earlier processes, at `begun_us`.
    spent_us: u64,
    begun_us: u64,
    /// The lease on the monotonic clock.
    starts_us: u64,
    expires_us: u64,
    /// 0 while running, else the latched end.
    ended: AtomicU8,
    pub(super) rate: RateState,
    matched: AtomicU64,
    hits: AtomicU64,
    shadowed: AtomicU64,
    /// Sum of the probabilities asked for, in millionths.
    requested: AtomicU64,
    recent_hits: [AtomicI64; RECENT_HITS],
    consumers: OnceLock<TokenBuckets>,
}

/// Times of the last hits kept per rule: a glance; the journal has the rest.
pub const RECENT_HITS: usize = 8;
/// NTP steps the wall clock by less than this; a larger step back across a restart means that the
/// time slept is unknown, so the lease counts as over.
pub const CLOCK_STEP_MS_MAX: i64 = 10_000;
/// Scale of [`RuleCounters::requested`]: fine enough for any rate, and 10^13 requests fit.
const MILLIONTHS: f64 = 1e6;

const RUNNING: u8 = 0;
const EXPIRED: u8 = 1;
const STOPPED: u8 = 2;

/// What of [`RuleCounters`] is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CountersSnapshot {
    /// Requests that the scope meant.
    pub matched: u64,
    /// Requests of these on which the rule acted.
    pub hits: u64,
    /// Requests on which it did nothing, because a rule before had decided the same thing.
    pub shadowed: u64,
    /// Sum of the probabilities asked for, in millionths: what `hits` is compared with.
    pub requested_millionths: u64,
    /// Requests the rate has numbered; first half of what [`RateState::parts`] gives.
    pub tickets: u64,
    /// Where the rounding of hits stands; second half of what [`RateState::parts`] gives.
    pub rate_word: u64,
    /// Time of the lease spent so far, on the monotonic clock.
    pub spent_us: u64,
    /// Wall clock of this snapshot.
    pub saved_at_ms: i64,
    /// `expired` or `stopped`, once it is so.
    pub ended: Option<RuleState>,
    /// Unix ms of the last [`RECENT_HITS`] hits, newest first.
    pub recent_hits_at_ms: Vec<i64>,
}

impl RuleCounters {
    /// A lease that begins now.
    pub fn begin(lease: &Lease, clock: ClockReading) -> Self {
        let snapshot = CountersSnapshot { saved_at_ms: clock.now_ms, ..Default::default() };
        Self::restore(lease, &snapshot, clock)
    }

    /// Continues after a restart. Of the wall clock and the time already spent the one that leaves
    /// less counts; a wall clock that went back by more than [`CLOCK_STEP_MS_MAX`] ends the lease.
    pub fn restore(lease: &Lease, saved: &CountersSnapshot, clock: ClockReading) -> Self {
        let us = |ms: i64| u64::try_from(ms).unwrap_or(0).saturating_mul(1000);
        let length_us = us(lease.expires_at_ms.saturating_sub(lease.created_at_ms));
        let remaining_us = us(lease.expires_at_ms.saturating_sub(clock.now_ms))
            .min(length_us.saturating_sub(saved.spent_us));
        let went_back = clock.now_ms < saved.saved_at_ms.saturating_sub(CLOCK_STEP_MS_MAX);
        let ended = match saved.ended {
            Some(RuleState::Stopped) => STOPPED,
            Some(RuleState::Expired) => EXPIRED,
            _ if went_back || remaining_us == 0 => EXPIRED,
            _ => RUNNING,
        };
        let wait_us = us(lease.starts_at_ms.saturating_sub(clock.now_ms));
        let recent = |at: usize| AtomicI64::new(*saved.recent_hits_at_ms.get(at).unwrap_or(&0));
        Self {
            spent_us: saved.spent_us,
            begun_us: clock.mono_us,
            starts_us: clock.mono_us.saturating_add(wait_us),
            expires_us: clock.mono_us.saturating_add(remaining_us),
            ended: AtomicU8::new(ended),
            rate: RateState::from_parts(saved.tickets, saved.rate_word),
            matched: AtomicU64::new(saved.matched),
            hits: AtomicU64::new(saved.hits),
            shadowed: AtomicU64::new(saved.shadowed),
            requested: AtomicU64::new(saved.requested_millionths),
            recent_hits: std::array::from_fn(recent),
            consumers: OnceLock::new(),
        }
    }

    /// The counters of a rule that was edited: the same ones while its lease goes on, new ones when
    /// it was renewed.
    pub fn carried_over(
        self: &Arc<Self>,
        old: &Lease,
        new: &Lease,
        clock: ClockReading,
    ) -> Arc<Self> {
        if old.is_same_span(new) { Arc::clone(self) } else { Arc::new(Self::begin(new, clock)) }
    }

    /// What is to be stored now. Counters move on meanwhile, so that two of them may differ by the
    /// requests in between.
    pub fn snapshot(&self, clock: ClockReading) -> CountersSnapshot {
        let (tickets, rate_word) = self.rate.parts();
        CountersSnapshot {
            matched: self.matched.load(Ordering::Relaxed),
            hits: self.hits(),
            shadowed: self.shadowed.load(Ordering::Relaxed),
            requested_millionths: self.requested.load(Ordering::Relaxed),
            tickets,
            rate_word,
            spent_us: self.spent_us(clock),
            saved_at_ms: clock.now_ms,
            ended: match self.ended.load(Ordering::Relaxed) {
                EXPIRED => Some(RuleState::Expired),
                STOPPED => Some(RuleState::Stopped),
                _ => None,
            },
            recent_hits_at_ms: self.recent_hits_at_ms(),
        }
    }

    /// Ends the lease for good, whatever the clocks say. Plans already drawn are ended by whoever
    /// carries them out.
    pub fn stop(&self) {
        self.end(STOPPED);
    }

    /// Whether [`Self::stop`] ended the lease.
    pub fn is_stopped(&self) -> bool {
        self.ended.load(Ordering::Relaxed) == STOPPED
    }

    /// Whether the lease runs: begun on both clocks, and ended on neither.
    pub fn runs(&self, lease: &Lease, clock: ClockReading) -> bool {
        if self.ended.load(Ordering::Relaxed) != RUNNING {
            return false;
        }
        if clock.now_ms >= lease.expires_at_ms || clock.mono_us >= self.expires_us {
            self.end(EXPIRED);
            return false;
        }
        self.has_begun(lease, clock) && lease.max_hits.is_none_or(|max| self.hits() < max)
    }

    /// The state of a rule under this lease, as far as the lease decides it.
    pub fn state(&self, lease: &Lease, clock: ClockReading) -> RuleState {
        let runs = self.runs(lease, clock);
        match self.ended.load(Ordering::Relaxed) {
            STOPPED => RuleState::Stopped,
            EXPIRED => RuleState::Expired,
            _ if lease.max_hits.is_some_and(|max| self.hits() >= max) => RuleState::Exhausted,
            _ if runs => RuleState::Active,
            _ => RuleState::Scheduled,
        }
    }

    /// Seconds since the lease began to act.
    pub fn elapsed_s(&self, lease: &Lease, clock: ClockReading) -> f64 {
        let scheduled_ms = lease.starts_at_ms.saturating_sub(lease.created_at_ms).max(0);
        (self.spent_us(clock) as f64 / 1e6 - scheduled_ms as f64 / 1e3).max(0.0)
    }

    /// Time spent since the lease was made, on the monotonic clock of this and earlier processes.
    pub fn spent_us(&self, clock: ClockReading) -> u64 {
        self.spent_us.saturating_add(clock.mono_us.saturating_sub(self.begun_us))
    }

    /// Requests that the scope meant, since the lease was made.
    pub fn matched(&self) -> u64 {
        self.matched.load(Ordering::Relaxed)
    }

    /// Requests on which the rule acted: at most the lease's `max_hits`.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Hits that did nothing because a rule before had already decided the same thing.
    pub fn shadowed(&self) -> u64 {
        self.shadowed.load(Ordering::Relaxed)
    }

    /// The mean probability asked for, patterns included; `None` before the first match.
    pub fn requested_rate(&self) -> Option<f64> {
        let matched = self.matched();
        let requested = self.requested.load(Ordering::Relaxed) as f64 / MILLIONTHS;
        (matched > 0).then(|| requested / matched as f64)
    }

    /// The last hits, newest first.
    pub fn recent_hits_at_ms(&self) -> Vec<i64> {
        let times = self.recent_hits.iter().map(|at| at.load(Ordering::Relaxed));
        let mut times: Vec<i64> = times.filter(|at| *at != 0).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        times
    }

    pub(in crate::domain) fn count_match(&self, requested: f64) {
        self.matched.fetch_add(1, Ordering::Relaxed);
        self.requested.fetch_add((requested * MILLIONTHS).round() as u64, Ordering::Relaxed);
    }

    pub(super) fn count_shadowed(&self) {
        self.shadowed.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes one of the lease's hits; false when none is left. Exact under concurrency.
    pub(in crate::domain) fn take_hit(&self, lease: &Lease, now_ms: i64) -> bool {
        let max = lease.max_hits.unwrap_or(u64::MAX);
        let take = |hits: u64| (hits < max).then(|| hits + 1);
        let Ok(before) = self.hits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) else {
            return false;
        };
        if let Some(slot) = self.recent_hits.get(before as usize % RECENT_HITS) {
            slot.store(now_ms, Ordering::Relaxed);
        }
        true
    }

    /// The token buckets of this rule, made when first asked for: few rules limit rates.
    pub(super) fn consumers(&self) -> &TokenBuckets {
        self.consumers.get_or_init(TokenBuckets::default)
    }

    fn has_begun(&self, lease: &Lease, clock: ClockReading) -> bool {
        clock.now_ms >= lease.starts_at_ms && clock.mono_us >= self.starts_us
    }

    fn end(&self, how: u8) {
        // The first end is kept: a rule that was stopped did not expire, and the reverse.
        let relaxed = Ordering::Relaxed;
        let _first = self.ended.compare_exchange(RUNNING, how, relaxed, relaxed);
    }
}
