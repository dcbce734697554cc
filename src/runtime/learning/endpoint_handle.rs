//! What others hold of an endpoint: what it published, its counters, and a few verbs.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use actix::Addr;
use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::Bytes;
use parking_lot::Mutex;

use super::endpoint::EndpointActor;
use super::histogram::DurationHistogram;
use super::minute_series::MinuteSeries;
use super::snapshot::{EndpointControls, EndpointSnapshot};
use crate::domain::endpoint::{Behavior, EndpointId, EndpointKey, EndpointModel, SequenceState};
use crate::domain::random::seed::mix;
use crate::domain::value::relation::resource_links::ResourceLinks;

/// Bodies of one endpoint that are copied for learning in one second. What the first 250 bodies of
/// a second did not show, the first 250 of the next ones will; at some 25 µs for copy, headers and
/// body it bounds the cost to about 0.6 % of a core an endpoint.
const BODIES_PER_SECOND_MAX: u64 = 250;

/// Answers with one status to reads after which not every body is copied any more: of so many, one
/// in two, of twice as many, one in three. A value that stands in a hundredth of the bodies has
/// been seen five times by then; timings and statuses are counted all the same.
const KNOWN_WELL_FROM: u64 = 500;

/// Answers of the backend from which an endpoint is no longer new: until then every body is looked
/// at, however fast they come. Which values a member takes at all, and which records come again
/// elsewhere, shows in the first of them; at 25 µs each it costs 25 ms once.
const NEW_UNTIL: u64 = 1_000;

/// The least share of the bodies of a well-known endpoint, as one in so many: what changes in a
/// backend shows within a minute of quiet traffic.
const BODIES_ONE_IN_MAX: u64 = 8;

/// What an endpoint made public last: the model as data, and compiled to draw from.
#[derive(Debug)]
pub struct EndpointVersion {
    /// The endpoint as data, for the admin, the database and a replacement of the actor.
    pub snapshot: Arc<EndpointSnapshot>,
    links: Arc<ResourceLinks>,
    /// Shared by the versions that differ in what a person set alone.
    behavior: Arc<OnceLock<Behavior>>,
    /// Whether somebody asked for the behaviour.
    read: AtomicBool,
    /// Hundredths of the fidelity's score.
    confidence: Option<u8>,
}

impl EndpointVersion {
    /// A snapshot that is compiled when somebody first asks for its behaviour: compiling costs up
    /// to some milliseconds and its result tens of kilobytes, which endpoints that are only proxied
    /// need not pay.
    #[must_use]
    pub fn new(snapshot: Arc<EndpointSnapshot>, links: Arc<ResourceLinks>) -> Self {
        let score = snapshot.model.fidelity.score();
        let confidence = score.map(|known| (known.score * 100.0).round() as u8);
        let read = AtomicBool::new(false);
        Self { snapshot, links, behavior: Arc::default(), read, confidence }
    }

    /// The same, compiled at once: the request path is to find it ready.
    #[must_use]
    pub fn compiled(snapshot: Arc<EndpointSnapshot>, links: Arc<ResourceLinks>) -> Self {
        let published = Self::new(snapshot, links);
        published.compile();
        published
    }

    /// The same model with other settings of a person.
    fn controlled(&self, controls: EndpointControls) -> Self {
        Self {
            snapshot: Arc::new(self.snapshot.controlled(controls)),
            links: Arc::clone(&self.links),
            behavior: Arc::clone(&self.behavior),
            read: AtomicBool::new(self.read.load(Ordering::Relaxed)),
            confidence: self.confidence,
        }
    }

    /// How well the model predicted exchanges before it learned them, in hundredths, as of the
    /// publication; `None` while there is not enough to say.
    #[must_use]
    pub const fn confidence(&self) -> Option<u8> {
        self.confidence
    }

    /// Whether its behaviour was asked for: then the next version is compiled before a request
    /// needs it.
    #[must_use]
    pub fn was_read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }

    /// The endpoint as a drawing machine, for the request path.
    pub fn behavior(&self) -> &Behavior {
        // Looked at first: a store by every mock would bounce the line between the workers.
        if !self.was_read() {
            self.read.store(true, Ordering::Relaxed);
        }
        self.compile()
    }

    fn compile(&self) -> &Behavior {
        self.behavior.get_or_init(|| {
            let links = self.links.seen_from(self.snapshot.key.template.as_str());
            Behavior::compile(&self.snapshot.model, &links)
        })
    }
}

/// Who produced the answers of an endpoint, counted.
#[derive(Debug, Default)]
pub struct ResponseCounters {
    /// By the backend.
    pub upstream: AtomicU64,
    /// Synthesised.
    pub mock: AtomicU64,
    /// Synthesised while the backend was down.
    pub failover: AtomicU64,
    /// Said by people.
    pub overridden: AtomicU64,
    /// Replaced by chaos.
    pub chaos: AtomicU64,
    /// Errors of the double itself.
    pub error: AtomicU64,
    /// From the request's arrival to the answer's head.
    pub durations: DurationHistogram,
    /// The last hour.
    pub minutes: MinuteSeries,
}

/// One endpoint, as the request path and the admin see it.
pub struct EndpointHandle {
    id: EndpointId,
    key: EndpointKey,
    label: Bytes,
    parameters: Box<[Box<str>]>,
    published: ArcSwap<EndpointVersion>,
    /// What a person set. It acts at once, not when learning comes to it, so it is changed here and
    /// not by the actor; what is published repeats it.
    controls: Mutex<EndpointControls>,
    /// Who produced its answers.
    pub answers: ResponseCounters,
    /// Where consumers without a name stand in the sequence of drawn answers.
    pub cursor: SequenceState,
    sampled: AtomicU64,
    /// Bytes that its model occupied when it was published last.
    pub(in crate::runtime) model_bytes: AtomicUsize,
    /// How many mocks there were when that was looked at last, and when the number last moved.
    mocks_noted: AtomicU64,
    mocked_at_ms: AtomicI64,
    /// Observations that its model holds once all that was sent is learned; kept by the directory.
    pub(in crate::runtime) entrusted: AtomicU64,
    pub(in crate::runtime) addr: ArcSwapOption<Addr<EndpointActor>>,
    /// Set when the endpoint is forgotten: its actor may still be learning, and must not save.
    pub(in crate::runtime) forgotten: AtomicBool,
    /// Snapshots of endpoints to be folded into this one.
    pub(in crate::runtime) inbox: Mutex<Vec<Arc<EndpointSnapshot>>>,
    /// The endpoint that this one is folded into, from the moment that is decided.
    pub(in crate::runtime) successor: ArcSwapOption<EndpointHandle>,
}

impl EndpointHandle {
    pub(in crate::runtime) fn new(published: EndpointVersion) -> Self {
        let EndpointSnapshot { id, key, model, .. } = &*published.snapshot;
        let (published_before, model_bytes) = (model.observations, model.bytes());
        Self {
            id: id.clone(),
            label: Bytes::from(key.to_string()),
            parameters: key.template.parameters().into_iter().map(|p| p.name.into()).collect(),
            key: key.clone(),
            controls: Mutex::new(published.snapshot.controls()),
            published: ArcSwap::from_pointee(published),
            answers: ResponseCounters::default(),
            cursor: SequenceState::default(),
            sampled: AtomicU64::new(0),
            model_bytes: AtomicUsize::new(model_bytes),
            mocks_noted: AtomicU64::new(0),
            mocked_at_ms: AtomicI64::new(i64::MIN),
            entrusted: AtomicU64::new(published_before),
            addr: ArcSwapOption::empty(),
            forgotten: AtomicBool::new(false),
            inbox: Mutex::default(),
            successor: ArcSwapOption::empty(),
        }
    }

    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &EndpointId {
        &self.id
    }

    /// Method and template.
    #[must_use]
    pub fn key(&self) -> &EndpointKey {
        &self.key
    }

    /// `METHOD /template`, as in `X-Mock-Endpoint`.
    #[must_use]
    pub fn label(&self) -> &Bytes {
        &self.label
    }

    /// Names of the template's parameters, from left to right, each unique.
    #[must_use]
    pub fn parameters(&self) -> &[Box<str>] {
        &self.parameters
    }

    /// What it published last; wait-free.
    #[must_use]
    pub fn published(&self) -> arc_swap::Guard<Arc<EndpointVersion>> {
        self.published.load()
    }

    /// Makes `model` public and hands the snapshot to `save`, which must not wait: what a person
    /// sets meanwhile is saved after it.
    pub(in crate::runtime) fn publish(
        &self,
        model: Arc<EndpointModel>,
        links: Arc<ResourceLinks>,
        save: impl FnOnce(Arc<EndpointSnapshot>),
    ) {
        let before = self.published.load();
        let snapshot =
            Arc::new(EndpointSnapshot { model, ..EndpointSnapshot::clone(&before.snapshot) });
        let version = if before.was_read() {
            EndpointVersion::compiled(snapshot, links)
        } else {
            EndpointVersion::new(snapshot, links)
        };
        drop(before);
        let controls = self.controls.lock();
        let version = version.controlled(*controls);
        let snapshot = Arc::clone(&version.snapshot);
        version.read.store(false, Ordering::Relaxed);
        self.published.store(Arc::new(version));
        save(snapshot);
    }

    /// Changes what a person sets, at once, and hands the snapshot to `save`, which must not wait.
    pub(in crate::runtime) fn control(
        &self,
        change: impl FnOnce(&mut EndpointControls),
        save: impl FnOnce(Arc<EndpointSnapshot>),
    ) {
        let mut controls = self.controls.lock();
        change(&mut controls);
        let version = self.published.load().controlled(*controls);
        let snapshot = Arc::clone(&version.snapshot);
        self.published.store(Arc::new(version));
        save(snapshot);
    }

    /// Whether the bodies of an exchange at `second` (of any clock) should be copied for learning.
    /// `read_as`: the status with which a request that only reads was answered; what writes is
    /// looked at each time, because what follows hangs on it.
    #[must_use]
    pub fn wants_sample(&self, second: u64, read_as: Option<u16>) -> bool {
        if self.answers.upstream.load(Ordering::Relaxed) < NEW_UNTIL {
            return true;
        }
        if read_as.is_some_and(|status| !self.is_drawn(status)) {
            return false;
        }
        // Second in the upper, count in the lower 32 bits. Losing a race costs one sample more or
        // less, so Relaxed and a plain store are enough.
        let word = self.sampled.load(Ordering::Relaxed);
        if word >> 32 != second & 0xffff_ffff {
            self.sampled.store((second << 32) | 1, Ordering::Relaxed);
            return true;
        }
        if word & 0xffff_ffff >= BODIES_PER_SECOND_MAX {
            return false;
        }
        self.sampled.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// Whether the next answer with `status` is among those of which the body is copied: by chance,
    /// because every second request may well be another client's.
    fn is_drawn(&self, status: u16) -> bool {
        let published = self.published();
        let answers = &published.snapshot.model.answers;
        let known = answers.get(&status).map_or(0, |answer| answer.observations);
        let one_in = (1 + known / KNOWN_WELL_FROM).min(BODIES_ONE_IN_MAX);
        let number = self.answers.upstream.load(Ordering::Relaxed);
        mix(number, known).is_multiple_of(one_in)
    }

    /// Leaves `snapshots` to be folded into this endpoint, or into the one it is folded into by
    /// now; the one that has them.
    pub(in crate::runtime) fn hand_over(
        self: &Arc<Self>,
        snapshots: Vec<Arc<EndpointSnapshot>>,
    ) -> Arc<Self> {
        let mut successor = Arc::clone(self);
        loop {
            {
                // Whoever empties this inbox for good has named the successor before.
                let mut inbox = successor.inbox.lock();
                if successor.successor.load().is_none() {
                    inbox.extend(snapshots);
                    break;
                }
            }
            let Some(next) = successor.successor.load_full() else { continue };
            successor = next;
        }
        successor
    }

    /// The actor is gone: how many of the observations it was sent went with it. What waits to be
    /// folded into this endpoint is not among them.
    pub(in crate::runtime) fn lose_unpublished(&self) -> u64 {
        let published = self.published().snapshot.model.observations;
        let waiting: u64 =
            self.inbox.lock().iter().map(|snapshot| snapshot.model.observations).sum();
        let lost = self.entrusted.load(Ordering::Relaxed).saturating_sub(published + waiting);
        self.entrusted.fetch_sub(lost, Ordering::Relaxed);
        lost
    }

    /// How much would be lost with this endpoint at `now_ms`: its observations, of which half count
    /// for each hour that it was not seen.
    pub(in crate::runtime) fn usefulness(&self, now_ms: i64) -> f64 {
        const HALF_LIFE_MS: f64 = 3_600_000.0;
        let version = self.published();
        let model = &version.snapshot.model;
        let unseen_ms = (now_ms - model.last_seen_at_ms).max(0);
        // Exact to 2^53, far beyond what matters here.
        model.observations as f64 * (-(unseen_ms as f64) / HALF_LIFE_MS).exp2()
    }

    /// When it was last found mocked more often than before, unix ms; `i64::MIN` when never. Nobody
    /// keeps the time of each mock: one writer, the directory, looks now and then.
    pub(in crate::runtime) fn mocked_at_ms(&self, now_ms: i64) -> i64 {
        let mocks = self.answers.mock.load(Ordering::Relaxed)
            + self.answers.failover.load(Ordering::Relaxed);
        if self.mocks_noted.swap(mocks, Ordering::Relaxed) != mocks {
            self.mocked_at_ms.store(now_ms, Ordering::Relaxed);
        }
        self.mocked_at_ms.load(Ordering::Relaxed)
    }

    /// Adds the counters of an endpoint that was folded into this one.
    pub(in crate::runtime) fn take_counters(&self, other: &Self) {
        let pairs = [
            (&self.answers.upstream, &other.answers.upstream),
            (&self.answers.mock, &other.answers.mock),
            (&self.answers.failover, &other.answers.failover),
            (&self.answers.overridden, &other.answers.overridden),
            (&self.answers.chaos, &other.answers.chaos),
            (&self.answers.error, &other.answers.error),
        ];
        for (ours, theirs) in pairs {
            ours.fetch_add(theirs.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        }
        self.answers.durations.take(&other.answers.durations);
    }
}

impl std::fmt::Debug for EndpointHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointHandle").field("key", &self.key).finish_non_exhaustive()
    }
}
