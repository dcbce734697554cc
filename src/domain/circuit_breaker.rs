//! Whether the backend is up: a circuit breaker, as a state machine without a clock.

/// Failures in a row after which the backend counts as down.
/// Three: one lost connection is no outage, and a caller of a dead backend waits at most twice.
pub const FAILURES_TO_OPEN: u32 = 3;

/// First pause before a down backend is probed again, ms: a restarting container is back in a
/// second or two.
pub const PROBE_PAUSE_MIN_MS: u64 = 1_000;

/// Longest pause between probes, ms: the most a recovered backend is left unnoticed.
pub const PROBE_PAUSE_MAX_MS: u64 = 15_000;

/// Time after which a probe that never reported counts as lost, ms, so that a hanging backend
/// cannot keep the only probe for ever.
pub const PROBE_LOST_AFTER_MS: u64 = 10_000;

/// Health of the backend as a circuit breaker: closed, open, half open.
///
/// Times are milliseconds of any monotonic clock. Only transport failures (refused, reset, timed
/// out, garbage) count: an answer with status 500 is an answer, and it is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitBreaker {
    state: HealthState,
    failures: u32,
    pause_ms: u64,
}

/// The states of [`CircuitBreaker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthState {
    /// Requests go to the backend.
    Closed,
    /// The backend is down; the next probe may go out at this time.
    Open {
        /// Milliseconds on the caller's monotonic clock.
        probe_at_ms: u64,
    },
    /// One request is out to see whether the backend is back; it counts as lost at this time.
    HalfOpen {
        /// Milliseconds on the caller's monotonic clock.
        lost_at_ms: u64,
    },
}

/// Whether a request may go to the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// The backend is up.
    Pass,
    /// The backend is down, and this request finds out whether it is back.
    Probe,
    /// The backend is down.
    Down,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self { state: HealthState::Closed, failures: 0, pause_ms: PROBE_PAUSE_MIN_MS }
    }
}

impl CircuitBreaker {
    /// The state.
    #[must_use]
    pub fn state(&self) -> HealthState {
        self.state
    }

    /// True while requests go to the backend freely.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state == HealthState::Closed
    }

    /// Asks for a request at `now_ms`; a [`Permit::Probe`] must be followed by
    /// [`Self::succeeded`] or [`Self::failed`], or it counts as lost after a while.
    pub fn admit(&mut self, now_ms: u64) -> Permit {
        match self.state {
            HealthState::Closed => Permit::Pass,
            HealthState::Open { probe_at_ms: due } | HealthState::HalfOpen { lost_at_ms: due }
                if now_ms >= due =>
            {
                self.state = HealthState::HalfOpen { lost_at_ms: now_ms + PROBE_LOST_AFTER_MS };
                Permit::Probe
            }
            HealthState::Open { .. } | HealthState::HalfOpen { .. } => Permit::Down,
        }
    }

    /// The backend answered.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The transport failed at `now_ms`.
    pub fn failed(&mut self, now_ms: u64) {
        self.failures = self.failures.saturating_add(1);
        match self.state {
            HealthState::Closed if self.failures < FAILURES_TO_OPEN => {}
            HealthState::Closed => {
                self.state = HealthState::Open { probe_at_ms: now_ms + self.pause_ms };
            }
            // Requests sent before the outage was noticed say nothing new.
            HealthState::Open { .. } => {}
            HealthState::HalfOpen { .. } => {
                self.pause_ms = (self.pause_ms * 2).min(PROBE_PAUSE_MAX_MS);
                self.state = HealthState::Open { probe_at_ms: now_ms + self.pause_ms };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_opens_after_failures_in_a_row_and_closes_after_a_probe() {
        let mut health = CircuitBreaker::default();
        health.failed(0);
        health.failed(1);
        health.succeeded();
        health.failed(2);
        health.failed(3);
        assert!(health.is_up(), "a success between failures starts the count anew");
        health.failed(4);
        assert_eq!(health.admit(5), Permit::Down);
        assert_eq!(health.admit(4 + PROBE_PAUSE_MIN_MS), Permit::Probe);
        assert_eq!(health.admit(5 + PROBE_PAUSE_MIN_MS), Permit::Down, "one probe at a time");
        health.succeeded();
        assert_eq!(health.admit(6 + PROBE_PAUSE_MIN_MS), Permit::Pass);
    }

    #[test]
    fn pauses_between_probes_double_up_to_their_bound() {
        let mut health = CircuitBreaker::default();
        let mut now = 0;
        for _ in 0..FAILURES_TO_OPEN {
            health.failed(now);
        }
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let HealthState::Open { probe_at_ms } = health.state() else { panic!("open") };
            pauses.push(probe_at_ms - now);
            now = probe_at_ms;
            assert_eq!(health.admit(now), Permit::Probe);
            health.failed(now);
        }
        assert_eq!(pauses, [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    }

    #[test]
    fn a_probe_that_never_reports_is_replaced() {
        let mut health = CircuitBreaker::default();
        (0..FAILURES_TO_OPEN).for_each(|_| health.failed(0));
        assert_eq!(health.admit(1_000), Permit::Probe);
        assert_eq!(health.admit(1_000 + PROBE_LOST_AFTER_MS - 1), Permit::Down);
        assert_eq!(health.admit(1_000 + PROBE_LOST_AFTER_MS), Permit::Probe);
    }
}
