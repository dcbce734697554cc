//! Composition root: settings to store to actors to servers, and the ordered shutdown.
//!
//! ```text
//! start:  store ─▶ persistence ─▶ settings board, learning ─▶ upstream ─▶ servers, "listening on"
//! stop:   servers (in-flight answers finish) ─▶ learning (last saves) ─▶ persistence ─▶ exit
//! ```

mod announcement;
mod ask;
mod backends;
mod commands;
mod database;
mod drift;
mod logging;
mod progress;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix::{Arbiter, ArbiterHandle};

use crate::config::{Limits, ListenerTlsSettings, SessionStore, Settings, SettingsError};
use crate::domain::chaos::ChaosLimits;
use crate::domain::endpoint::{BackendId, ModelLimits};
use crate::domain::path::PathLimits;
use crate::domain::random::seed::mix_text;
use crate::domain::site::TapeLimits;
use crate::domain::value::limits::ValueLimits;
use crate::http::backend_routes::BackendRoutes;
use crate::http::data_plane::{DataPlaneShared, FailoverPatience};
use crate::http::downstream::tls::ListenerTls;
use crate::http::exchange::cors::CorsSettings;
use crate::http::exchange::session_seeds::{RequestIds, SessionSeeds};
use crate::http::server::{Capabilities, ListenError, Servers};
use crate::http::upstream::UpstreamSetupError;
use crate::runtime::chaos::ChaosHandle;
use crate::runtime::clock::now_ms;
use crate::runtime::directory::EVICTED_MAX;
use crate::runtime::journal::Journal;
#[cfg(any(test, feature = "test-util"))]
use crate::runtime::learning::PlannedFaults;
use crate::runtime::learning::endpoint_handle::ResponseCounters;
use crate::runtime::learning::{LearningConfig, LearningHandle};
use crate::runtime::overrides::OverridesHandle;
use crate::runtime::persistence::PersistenceHandle;
use crate::runtime::portable::baselines::BaselinesHandle;
use crate::runtime::portable::imports::ImportsHandle;
use crate::runtime::settings::{self, SettingsHandle};
use crate::store::{DatabaseUrl, Store, StoreError};

use backends::{Backends, upstream};

pub use announcement::Announcement;
pub use commands::run;

/// Exit code of a run-time failure.
pub const EXIT_FAILURE: u8 = 1;

/// Exit code of bad usage or settings.
pub const EXIT_USAGE: u8 = 2;

/// Time the learning side has for its last saves; with the servers' time below the 8 s after
/// which a shutdown must be over, well before containers are killed at 10 s.
const LAST_SAVE_MAX: Duration = Duration::from_secs(3);

/// Why the double did not start, in one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The database cannot be used.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// The way to the backend cannot be set up.
    #[error("backend: {0}")]
    Upstream(#[from] UpstreamSetupError),
    /// An address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

impl StartError {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_) | Self::Upstream(_) => EXIT_USAGE,
            Self::Store(_) | Self::Listen(_) => EXIT_FAILURE,
        }
    }
}

/// A running double.
pub struct App {
    servers: Servers,
    learning: LearningHandle,
    routes: BackendRoutes,
    settings: SettingsHandle,
    chaos: ChaosHandle,
    overrides: OverridesHandle,
    imports: ImportsHandle,
    shared: Arc<DataPlaneShared>,
    seed: String,
    arbiters: Vec<Arbiter>,
}

impl App {
    /// Starts a double; returns once it listens.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running then, and no file was touched that was not ours.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let url: DatabaseUrl = settings.database_url.parse().map_err(|error| {
            // The value may hold a password, so it is not repeated.
            let expected = format!("{error}");
            SettingsError::new("--database-url (DATABASE_URL)", "(hidden)", expected)
        })?;
        let store = database::open(&settings, &url).await?;
        Self::start_with_store(settings, store).await
    }

    /// Starts a double on an open store.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start_with_store(
        settings: Settings,
        store: Box<dyn Store>,
    ) -> Result<Self, StartError> {
        let config = learning_config(&settings);
        Self::assemble(settings, store, config).await
    }

    /// Starts a double whose learning fails as planned.
    ///
    /// # Errors
    /// [`StartError`].
    #[cfg(any(test, feature = "test-util"))]
    pub async fn start_with_faults(
        settings: Settings,
        store: Box<dyn Store>,
        faults: PlannedFaults,
    ) -> Result<Self, StartError> {
        let config = LearningConfig { faults, ..learning_config(&settings) };
        Self::assemble(settings, store, config).await
    }

    #[expect(clippy::unused_async, reason = "starts actors, and so runs within an actix system")]
    async fn assemble(
        settings: Settings,
        mut store: Box<dyn Store>,
        config: LearningConfig,
    ) -> Result<Self, StartError> {
        let stored = store.load()?;
        let upstream = upstream(&settings)?;
        let tls = listener_tls(&settings)?;
        let listeners = Servers::bind(&settings)?;
        let limits = &settings.limits;
        // Persistence blocks on the database and learning must not wait for it: a thread each,
        // and one more for models where there are cores to spare.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let arbiters: Vec<Arbiter> = (0..=1 + cores / 4).map(|_| Arbiter::new()).collect();
        let persistence =
            PersistenceHandle::start(store, limits.flush_interval(), &arbiters[0].handle());
        let model_limits = config.model.clone();
        let learners: Vec<ArbiterHandle> = arbiters[1..].iter().map(Arbiter::handle).collect();
        let learning =
            LearningHandle::start(config.clone(), &stored, persistence.clone(), &learners);
        let chaos = ChaosHandle::start(chaos_limits(&settings), &stored, persistence.clone());
        chaos.keep_saved(limits.flush_interval(), &arbiters[1].handle());
        let overrides =
            OverridesHandle::start(chaos_limits(&settings), &stored, persistence.clone());
        overrides.keep_saved(limits.flush_interval(), &arbiters[1].handle());
        let limits = (model_limits, chaos_limits(&settings));
        let imports = ImportsHandle::start(learning.clone(), overrides.clone(), limits, &stored);
        let board = SettingsHandle::start(
            settings.mode,
            settings.learn,
            settings.latency_scale,
            settings.privacy,
            &stored,
            persistence.clone(),
        );
        let seed = settings::seed(&settings.seed, &stored, learning.persistence());
        let shared = Arc::new(plane_shared(&settings, &seed));
        let backends = Backends { settings: settings.clone(), config, persistence, learners };
        let routes = backends.routes(&stored, learning.clone(), upstream)?;
        let baselines = BaselinesHandle::start(learning.persistence().clone(), &stored);
        let drift_watch = drift::watch(&settings, &learning, &baselines);
        let capabilities = Capabilities {
            routes: routes.clone(),
            settings: board.clone(),
            chaos: chaos.clone(),
            overrides: overrides.clone(),
            tls,
            allow_targets: Arc::new(settings.allow_targets.clone()),
            imports: imports.clone(),
            baselines,
            drift_watch,
            shared: Arc::clone(&shared),
        };
        let servers = Servers::start(&settings, listeners, capabilities)?;
        Ok(Self {
            servers,
            learning,
            routes,
            settings: board,
            chaos,
            overrides,
            imports,
            shared,
            seed,
            arbiters,
        })
    }

    /// Address of the public listener.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.servers.address()
    }

    /// Address of the admin's own listener, when it has one.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.servers.admin_address()
    }

    /// What is said of a double that has just been started.
    #[must_use]
    pub fn facts(&self) -> Announcement {
        Announcement {
            address: self.address(),
            admin_address: self.admin_address(),
            mode: self.settings.now().mode,
            seed: self.seed.clone(),
            endpoints: self.learning.catalog().len(),
        }
    }

    /// The learning side.
    #[must_use]
    pub fn learning(&self) -> &LearningHandle {
        &self.learning
    }

    /// What takes documents in.
    #[must_use]
    pub fn imports(&self) -> &ImportsHandle {
        &self.imports
    }

    /// Stops: accepts nothing more, lets answers in flight finish, saves, ends.
    ///
    /// Returns an error line when something could not be saved.
    ///
    /// # Errors
    /// What kept the last save from being made.
    pub async fn stop(self) -> Result<(), String> {
        self.shared.stopping.store(true, Ordering::Release);
        // A request that hangs on purpose must not hold up the exit.
        self.chaos.interrupt();
        self.servers.stop(&self.shared).await;
        self.chaos.save_counters();
        self.overrides.save_counters();
        let saved = tokio::time::timeout(LAST_SAVE_MAX, self.routes.flush()).await;
        for arbiter in self.arbiters {
            arbiter.stop();
            // An arbiter whose thread hangs in the database must not hold up the exit.
            if saved.is_ok() {
                let _joined = arbiter.join();
            }
        }
        match saved {
            Ok(Ok(_settled)) => Ok(()),
            Ok(Err(error)) => Err(format!("the last save failed: {error}")),
            Err(_elapsed) => Err(format!("the last save took longer than {LAST_SAVE_MAX:?}")),
        }
    }
}

/// TLS of the listeners, where the settings ask for it.
fn listener_tls(settings: &Settings) -> Result<Option<Arc<ListenerTls>>, StartError> {
    let tls = match &settings.listener_tls {
        ListenerTlsSettings::Off => return Ok(None),
        ListenerTlsSettings::Files { certificate, key } => {
            ListenerTls::from_files(certificate, key).map_err(|error| {
                let shown = certificate.display().to_string();
                SettingsError::new("--tls-cert, --tls-key", shown, error.to_string())
            })?
        }
        ListenerTlsSettings::SelfSigned => {
            let address = settings.listen.ip();
            let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
            if !address.is_unspecified() && !address.is_loopback() {
                names.push(address.to_string());
            }
            ListenerTls::self_signed(names)
                .map_err(|error| SettingsError::new("--tls-self-signed", "on", error.to_string()))?
        }
    };
    Ok(Some(Arc::new(tls)))
}

/// How learning runs with these settings.
fn learning_config(settings: &Settings) -> LearningConfig {
    let limits = &settings.limits;
    LearningConfig {
        backend: BackendId::ONLY,
        queue_bytes_max: as_usize(limits.learn_queue_max_bytes),
        endpoints_max: as_usize(limits.endpoints_max),
        models_bytes_max: as_usize(limits.model_max_bytes),
        tape: TapeLimits { bytes_max: as_usize(limits.tape_max_bytes), ..TapeLimits::default() },
        model: {
            let least = ModelLimits::new(as_usize(limits.learn_body_max_bytes));
            ModelLimits {
                bytes_max: as_usize(limits.endpoint_model_max_bytes),
                body: ValueLimits { privacy: settings.privacy, ..least.body.clone() },
                ..least
            }
        },
        paths: path_limits(limits),
        stores_sessions: settings.sessions == SessionStore::Stored,
        session_ttl: settings.session_ttl,
        veil_key: mix_text(mix_text(0, "veil"), &settings.seed.value.0),
        #[cfg(any(test, feature = "test-util"))]
        faults: PlannedFaults::from_environment(),
    }
}

/// The paths that may be known grow with the endpoints that may be; those of endpoints that made
/// room are forgotten some at a time, and need some room until then.
fn path_limits(limits: &Limits) -> PathLimits {
    let least = PathLimits::default();
    let endpoints_max = as_usize(limits.endpoints_max);
    let templates_max = endpoints_max.saturating_add(2 * EVICTED_MAX).max(least.templates_max);
    let grown = templates_max.div_ceil(least.templates_max);
    PathLimits {
        templates_max,
        nodes_max: least.nodes_max.saturating_mul(grown),
        samples_max: least.samples_max.saturating_mul(grown),
        evidence_bytes_max: least.evidence_bytes_max.saturating_mul(grown),
        pins_max: as_usize(limits.pins_max),
        ..least
    }
}

/// No rule may name the admin; on a listener of its own no rule can reach it.
fn chaos_limits(settings: &Settings) -> ChaosLimits {
    let shared = settings.admin.listen.is_none();
    ChaosLimits {
        lease_s_max: i64::try_from(settings.limits.chaos_ttl_max_s).unwrap_or(i64::MAX),
        admin_prefix: shared.then(|| settings.admin.prefix.as_str().to_owned()),
        ..ChaosLimits::default()
    }
}

fn plane_shared(settings: &Settings, seed: &str) -> DataPlaneShared {
    let draws = SessionSeeds::new(seed);
    let ids = RequestIds::new(draws.seed(), now_ms());
    DataPlaneShared {
        draws,
        ids,
        unlearned: ResponseCounters::default(),
        journal: Journal::new(as_usize(settings.limits.journal_max)),
        pages: CorsSettings {
            cors: settings.forwarding.cors,
            keeps_freshness: settings.forwarding.keep_freshness,
        },
        patience: FailoverPatience {
            times_p99: u32::try_from(settings.limits.failover_patience).unwrap_or(u32::MAX),
            least: Duration::from_millis(settings.limits.failover_patience_min_ms),
        },
        consumer_from: settings.consumer_from.clone(),
        chaos_headers_allowed: settings.allow_chaos_headers,
        target_given: settings.target.given,
        requests_logged: settings.log_requests,
        confidence_shown: settings.confidence_header,
        learn_body_max_bytes: as_usize(settings.limits.learn_body_max_bytes),
        started: Instant::now(),
        stopping: false.into(),
        in_flight: 0.into(),
    }
}

fn as_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
