//! Looks in the background at whether the backend has moved away from a baseline, and tells.
//!
//! ```text
//! every few seconds: published model ─▶ compared with the baseline ─▶ metric
//!                                                   │ two looks agree on news
//!                                                   ▼ bounded queue
//!                             a thread of its own: POST, again after 1, 5 and 25 s
//! ```
//!
//! A look reads what was published and compares on a thread that may wait, so that neither requests
//! nor learning wait for it; a webhook that hangs holds up nothing but the news behind it. What is
//! posted is the document of `GET {admin}/drift`: names of members and shares, never a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use parking_lot::Mutex;

use super::baselines::{Baseline, BaselinesHandle};
use super::drift::Drift;
use crate::domain::portable::PortableError;
use crate::domain::portable::diff::drift_alarm::DriftAlarm;
use crate::runtime::catalog::Catalog;
use crate::runtime::learning::LearningHandle;

/// News that may wait for a slow webhook; what comes beyond is dropped and counted as failed.
const WAITING_MAX: usize = 8;

/// Pauses before the attempts to post: a receiver that restarts is back by the last.
const ATTEMPTS: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25)];

/// Posts a document; the status that came back, or why none did, without the address.
pub type PostDocument = Box<dyn Fn(&[u8]) -> Result<u16, String> + Send>;

/// What is watched for.
#[derive(Debug, Clone)]
pub struct DriftWatchConfig {
    /// Name of the baseline; it may be kept later.
    pub against: String,
    /// Time between two looks.
    pub interval: Duration,
}

/// Watches for drift while it is held.
#[derive(Clone)]
pub struct DriftWatch {
    shared: Arc<Watched>,
}

#[derive(Default)]
struct Watched {
    /// What the last look saw; `None` while there is no such baseline.
    latest: Mutex<Option<Arc<Drift>>>,
    posted: AtomicU64,
    failed: AtomicU64,
}

/// Model and baseline as they were at a look: while both stay, another look sees the same.
type Seen = (i64, u64);

impl DriftWatch {
    /// Starts to look; call it within an actix system. Without `post` there is the metric alone.
    #[must_use]
    pub fn start(
        config: DriftWatchConfig,
        learning: LearningHandle,
        baselines: BaselinesHandle,
        post: Option<PostDocument>,
    ) -> Self {
        let shared: Arc<Watched> = Arc::default();
        let news = post.and_then(|post| {
            let (sender, news) = sync_channel(WAITING_MAX);
            let told = Arc::clone(&shared);
            // A thread of its own, which an exit does not wait for.
            let thread = std::thread::Builder::new().name("drift-webhook".to_owned());
            let spawned = thread.spawn(move || deliver(&news, &post, &told));
            let failed = |error| log::error!("drift webhook: no thread: {error}");
            spawned.map_err(failed).ok().map(|_| sender)
        });
        actix::spawn(watch(config, learning, baselines, Arc::clone(&shared), news));
        Self { shared }
    }

    /// What the last look saw; `None` while there is no such baseline.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<Drift>> {
        self.shared.latest.lock().clone()
    }

    /// News that the webhook took, and news that it did not.
    #[must_use]
    pub fn told(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.shared.posted), read(&self.shared.failed))
    }
}

async fn watch(
    config: DriftWatchConfig,
    learning: LearningHandle,
    baselines: BaselinesHandle,
    shared: Arc<Watched>,
    news: Option<SyncSender<Vec<u8>>>,
) {
    let (mut alarm, mut seen) = (DriftAlarm::default(), None::<Seen>);
    loop {
        tokio::time::sleep(config.interval).await;
        let catalog = learning.catalog_full();
        let Some(baseline) = baselines.get(&config.against) else {
            (seen, *shared.latest.lock()) = (None, None);
            continue;
        };
        let state = (baseline.created_at_ms, published_observations(&catalog));
        if seen != Some(state) {
            match look(baseline, catalog).await {
                Ok(drift) => *shared.latest.lock() = Some(Arc::new(drift)),
                Err(error) => {
                    log::error!("drift against {}: {error}", config.against);
                    continue;
                }
            }
            seen = Some(state);
        }
        // What has not changed agrees with the look before.
        let Some(drift) = shared.latest.lock().clone() else { continue };
        if alarm.is_news(drift.severity) {
            say(&drift, &shared, news.as_ref());
        }
    }
}

fn published_observations(catalog: &Catalog) -> u64 {
    catalog.endpoints().map(|known| known.published().snapshot.model.observations).sum()
}

async fn look(baseline: Baseline, catalog: Arc<Catalog>) -> Result<Drift, String> {
    let compared = tokio::task::spawn_blocking(move || Drift::since(&baseline, &catalog)).await;
    let text = |error: PortableError| error.to_string();
    compared.map_err(|error| error.to_string())?.map_err(text)
}

fn say(drift: &Drift, shared: &Watched, news: Option<&SyncSender<Vec<u8>>>) {
    let severity = drift.severity.map_or("none", |severity| severity.as_str());
    let (against, count) = (&drift.against, drift.findings.len());
    log::warn!("drift against {against}: {severity}, {count} findings");
    let Some(news) = news else { return };
    let is_taken = serde_json::to_vec(drift).is_ok_and(|document| news.try_send(document).is_ok());
    if !is_taken {
        shared.failed.fetch_add(1, Ordering::Relaxed);
        log::error!("drift webhook: too slow, this news is dropped");
    }
}

/// Posts what comes until the watch ends.
fn deliver(news: &Receiver<Vec<u8>>, post: &PostDocument, told: &Watched) {
    for document in news {
        let taken = ATTEMPTS.iter().any(|pause| {
            std::thread::sleep(*pause);
            match post(&document) {
                Ok(200..300) => true,
                Ok(status) => {
                    log::warn!("drift webhook: answered {status}");
                    false
                }
                Err(error) => {
                    log::warn!("drift webhook: {error}");
                    false
                }
            }
        });
        let counter = if taken { &told.posted } else { &told.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
