//! The mix of status codes as learned and drawn, bursts included.
//!
//! Errors come in runs: a broken dependency fails many answers in a row. A two-state chain (ok and
//! error) carries that; within a state the status is drawn from the learned mix, and an error tends
//! to repeat the status of the one before as far as it was seen to. The long-run mix of the draws
//! is the learned one, whatever the runs are.
//!
//! An error is a 5xx. The backend's own failures come in runs and are what error rates speak of
//! (RFC 9110, section 15.6), while a 4xx is caused by the request and follows the caller.

mod sampler;

#[cfg(test)]
mod tests;

use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use serde::{Deserialize, Serialize};

pub use sampler::{ChainState, StatusSampler};

/// Distinct status codes remembered. RFC 9110 and its kin define about sixty, an endpoint answers
/// with a handful; beyond this the rarest are pooled and counted.
pub const STATUSES_MAX: usize = 32;

/// Time in which an observation's weight halves, so that yesterday's outage fades.
const HALF_LIFE_MS: f64 = 21_600_000.0;

/// Fading leaves at least this many observations' weight: rare traffic keeps its rare errors.
const OBSERVATIONS_MIN: f64 = 2_000.0;

/// Weight of the prior belief that errors are independent, in errors. One observed error already
/// counts as much; after 100 errors in runs of four the runs are 3 % too short for it.
const PRIOR_ERRORS: f64 = 1.0;

/// Whether a status counts as an error: see the module's documentation.
pub fn is_error(status: u16) -> bool {
    status / 100 == 5
}

/// The statuses of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusModel {
    /// Ascending by status.
    statuses: Vec<StatusCount>,
    /// Statuses that were too many to be told apart, together: how often they were seen, and their
    /// weight, which stays in the total so that no other status is drawn more often for it.
    #[serde(skip_serializing_if = "is_empty")]
    pooled: StatusCount,
    /// Answers that followed an error.
    after_error: f64,
    /// Errors that followed an error.
    error_after_error: f64,
    /// Errors that repeated the status of the error before.
    same_after_error: f64,
    last: Option<u16>,
    at_ms: i64,
}

heap_bytes!(StatusModel {
    statuses,
    pooled,
    after_error,
    error_after_error,
    same_after_error,
    last,
    at_ms,
});

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct StatusCount {
    status: u16,
    /// Ever seen.
    observations: u64,
    /// Seen, faded by time.
    weight: f64,
}

no_heap!(StatusCount);

/// Spares storing a pool that holds nothing.
fn is_empty(pool: &StatusCount) -> bool {
    pool.observations == 0
}

impl StatusModel {
    /// Learns the status of the next answer, seen at `at_ms` (unix milliseconds).
    pub fn observe(&mut self, status: u16, at_ms: i64) {
        self.fade(at_ms, 1.0);
        self.add(StatusCount { status, observations: 1, weight: 1.0 });
        if let Some(last) = self.last.filter(|&last| is_error(last)) {
            self.after_error += 1.0;
            self.error_after_error += if is_error(status) { 1.0 } else { 0.0 };
            self.same_after_error += if status == last { 1.0 } else { 0.0 };
        }
        self.last = Some(status);
    }

    /// Adds everything `other` has learned.
    pub fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        if self.last.is_none() || (other.last.is_some() && other.at_ms > self.at_ms) {
            self.last = other.last;
        }
        let at_ms = self.at_ms.max(other.at_ms);
        self.fade(at_ms, 0.0);
        other.fade(at_ms, 0.0);
        for count in other.statuses {
            self.add(count);
        }
        self.pool(other.pooled);
        self.after_error += other.after_error;
        self.error_after_error += other.error_after_error;
        self.same_after_error += other.same_after_error;
    }

    /// Each status with its share, ascending by status; the shares sum to 1 unless nothing was
    /// seen. The share of pooled statuses is spread evenly over those that are told apart.
    pub fn mix(&self) -> Vec<(u16, f64)> {
        let total = self.weight();
        let pooled = self.pooled.weight / self.statuses.len().max(1) as f64;
        self.statuses.iter().map(|count| (count.status, (count.weight + pooled) / total)).collect()
    }

    /// How often statuses were seen that are too many to be told apart.
    pub fn pooled_observations(&self) -> u64 {
        self.pooled.observations
    }

    /// Share of errors (5xx) among the answers, 0 when nothing was seen.
    pub fn error_rate(&self) -> f64 {
        let errors: f64 = self.errors().map(|count| count.weight).sum();
        if errors > 0.0 { errors / self.weight() } else { 0.0 }
    }

    /// How often a status was seen, ever.
    pub fn observations(&self, status: u16) -> u64 {
        let at = self.statuses.binary_search_by_key(&status, |count| count.status);
        at.map_or(0, |at| self.statuses[at].observations)
    }

    /// Answers seen, ever.
    pub fn total_observations(&self) -> u64 {
        self.statuses.iter().map(|count| count.observations).sum::<u64>() + self.pooled.observations
    }

    /// Mean length of the runs that errors come in; 1 when nothing is known.
    pub fn mean_error_run(&self) -> f64 {
        1.0 / (1.0 - self.persistence()).max(f64::EPSILON)
    }

    /// Freezes the mix and its runs for drawing.
    pub fn compile(&self) -> StatusSampler {
        StatusSampler::new(&self.mix(), self.persistence(), self.repetition())
    }

    /// Probability that an error is followed by an error: the mean of a Beta distribution that
    /// starts at independence (the error rate itself) and trusts the runs as errors are seen.
    fn persistence(&self) -> f64 {
        (self.error_after_error + PRIOR_ERRORS * self.error_rate())
            / (self.after_error + PRIOR_ERRORS)
    }

    /// Probability that an error within a run is a copy of the one before, beyond chance.
    fn repetition(&self) -> f64 {
        let errors: f64 = self.errors().map(|count| count.weight).sum();
        let chance: f64 = self.errors().map(|count| (count.weight / errors).powi(2)).sum();
        if chance >= 1.0 || self.error_after_error <= 0.0 {
            return 0.0;
        }
        let same = self.same_after_error / (self.error_after_error + PRIOR_ERRORS);
        ((same - chance) / (1.0 - chance)).clamp(0.0, 1.0)
    }

    fn errors(&self) -> impl Iterator<Item = &StatusCount> {
        self.statuses.iter().filter(|count| is_error(count.status))
    }

    fn weight(&self) -> f64 {
        self.statuses.iter().map(|count| count.weight).sum::<f64>() + self.pooled.weight
    }

    fn add(&mut self, count: StatusCount) {
        match self.statuses.binary_search_by_key(&count.status, |known| known.status) {
            Ok(at) => {
                self.statuses[at].observations += count.observations;
                self.statuses[at].weight += count.weight;
            }
            Err(at) => {
                self.statuses.insert(at, count);
                if self.statuses.len() > STATUSES_MAX {
                    self.drop_rarest(count.status);
                }
            }
        }
    }

    fn pool(&mut self, count: StatusCount) {
        self.pooled.observations += count.observations;
        self.pooled.weight += count.weight;
    }

    /// Makes room: the status of least weight goes into the pool, but not the newcomer.
    fn drop_rarest(&mut self, newcomer: u16) {
        let others = self.statuses.iter().enumerate().filter(|(_, c)| c.status != newcomer);
        if let Some((at, _)) = others.min_by(|a, b| a.1.weight.total_cmp(&b.1.weight)) {
            let rarest = self.statuses.remove(at);
            self.pool(rarest);
        }
    }

    /// Lets the past fade up to `at_ms`, but not below what leaves [`OBSERVATIONS_MIN`] when
    /// `arriving` is added.
    fn fade(&mut self, at_ms: i64, arriving: f64) {
        let elapsed_ms = at_ms.saturating_sub(self.at_ms);
        if elapsed_ms <= 0 && !self.statuses.is_empty() {
            return;
        }
        self.at_ms = at_ms;
        let weight = self.weight();
        if weight <= OBSERVATIONS_MIN - arriving {
            return;
        }
        let floor = (OBSERVATIONS_MIN - arriving) / weight;
        let factor = (-(elapsed_ms as f64) / HALF_LIFE_MS).exp2().max(floor);
        for count in &mut self.statuses {
            count.weight *= factor;
        }
        self.pooled.weight *= factor;
        self.after_error *= factor;
        self.error_after_error *= factor;
        self.same_after_error *= factor;
    }
}
