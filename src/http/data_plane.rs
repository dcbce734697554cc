//! What a worker needs to answer requests: a few capabilities, each with its own verbs.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::upstream::headers::HeaderPolicy;
use super::upstream::{FaultOrigin, UpstreamClient, UpstreamError};
use crate::config::ConsumerFrom;
use crate::domain::circuit_breaker::{CircuitBreaker, Permit};
use crate::domain::mode::Mode;
use crate::http::exchange::cors::CorsSettings;
use crate::http::exchange::session_seeds::{RequestIds, SessionSeeds};
use crate::runtime::chaos::ChaosHandle;
use crate::runtime::journal::Journal;
use crate::runtime::learning::LearningHandle;
use crate::runtime::learning::endpoint_handle::ResponseCounters;
use crate::runtime::overrides::OverridesHandle;
use crate::runtime::settings::SettingsHandle;

/// The data plane of one worker for one backend.
pub struct DataPlane {
    /// What is learned, and where observations go.
    pub learning: LearningHandle,
    /// Mode, learning switch, latency factor.
    pub settings: SettingsHandle,
    /// Chaos rules.
    pub chaos: ChaosHandle,
    /// What people say is answered.
    pub overrides: OverridesHandle,
    /// The way to the backend; one per worker.
    pub upstream: UpstreamClient,
    /// Header rules.
    pub header_policy: Rc<HeaderPolicy>,
    /// Health of the backend.
    pub health: Arc<BackendHealth>,
    /// Who answers for this backend, where it is not the mode of the whole double.
    pub mode: Option<Mode>,
    /// The beginning of the path that the backend does not see.
    pub hidden_prefix: Rc<str>,
    /// What all workers share.
    pub shared: Arc<DataPlaneShared>,
}

/// What the data planes of all workers share.
pub struct DataPlaneShared {
    /// Seeds of mocked answers.
    pub draws: SessionSeeds,
    /// Ids of exchanges.
    pub ids: RequestIds,
    /// Answers on paths that belong to no learned endpoint.
    pub unlearned: ResponseCounters,
    /// The last exchanges.
    pub journal: Journal,
    /// How pages of other origins, and the caches of browsers, are answered.
    pub pages: CorsSettings,
    /// How long failover waits for a backend that hangs.
    pub patience: FailoverPatience,
    /// Who a consumer is that names no session.
    pub consumer_from: ConsumerFrom,
    /// Whether `X-Chaos-Level` from clients counts.
    pub chaos_headers_allowed: bool,
    /// Whether a target was set; otherwise the default, a public echo service, stands in.
    pub target_given: bool,
    /// Whether each request is logged with a line.
    pub requests_logged: bool,
    /// Whether mocks say how far they can be believed.
    pub confidence_shown: bool,
    /// Bytes of one body that are copied for learning.
    pub learn_body_max_bytes: usize,
    /// Set when the shutdown has begun; readiness then says no.
    pub stopping: AtomicBool,
    /// Answers that are not finished yet, bodies included.
    pub in_flight: AtomicUsize,
    /// Moment from which seconds are counted for sampling.
    pub started: Instant,
}

/// How long failover waits before a mock answers in the place of a backend that hangs.
#[derive(Debug, Clone, Copy)]
pub struct FailoverPatience {
    /// So many times the 99th percentile that the endpoint has taught.
    pub times_p99: u32,
    /// At least so long.
    pub least: Duration,
}

/// Health of the backend, shared: a lock only where the state may change.
pub struct BackendHealth {
    /// True while no failure stands: then successes need not be reported.
    healthy: AtomicBool,
    state: Mutex<CircuitBreaker>,
    epoch: Instant,
}

impl Default for BackendHealth {
    fn default() -> Self {
        Self { healthy: AtomicBool::new(true), state: Mutex::default(), epoch: Instant::now() }
    }
}

impl BackendHealth {
    /// Whether a request may go to the backend.
    #[must_use]
    pub fn admit(&self) -> Permit {
        if self.healthy.load(Ordering::Acquire) {
            return Permit::Pass;
        }
        self.state.lock().admit(self.now_ms())
    }

    /// The backend answered.
    pub fn succeeded(&self) {
        if !self.healthy.load(Ordering::Acquire) {
            let mut state = self.state.lock();
            if !state.is_up() {
                log::info!("backend: answers again");
            }
            state.succeeded();
            self.healthy.store(true, Ordering::Release);
        }
    }

    /// The way to the backend failed.
    pub fn failed(&self, error: &UpstreamError) {
        if error.origin() != FaultOrigin::Upstream {
            return;
        }
        let mut state = self.state.lock();
        let was_up = state.is_up();
        state.failed(self.now_ms());
        self.healthy.store(false, Ordering::Release);
        if was_up && !state.is_up() {
            log::warn!("backend: down ({error})");
        }
    }

    /// Whether the backend counts as up.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.healthy.load(Ordering::Acquire) || self.state.lock().is_up()
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// One answer in flight; a shutdown waits for it until it is dropped.
pub struct InFlight(Arc<DataPlaneShared>);

impl InFlight {
    /// Counts an answer from now on.
    #[must_use]
    pub fn begin(shared: &Arc<DataPlaneShared>) -> Self {
        shared.in_flight.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(shared))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}
