//! The way of an observation from the request path to the directory: never waits, always bounded.
//!
//! A request pushes its observation into an unbounded lock-free queue whose size is bounded by
//! the byte [`Budget`]; when nothing is left of it, the observation is dropped and counted. The
//! directory is woken at most twice per drain, not once per observation: by the first one, to come
//! in a while, and when a good part of the budget is used, to come now. Under load the wake-ups,
//! which cost more than the push, nearly vanish.
//!
//! An observation is shared from here on: its endpoint learns it, the tape of the site and the log
//! of young endpoints keep it, and nobody copies it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use super::budget::{Budget, Reservation};
use crate::domain::endpoint::{Observation, UNSAMPLED_WEIGHT};

/// Share of the budget above which bodies are no longer copied, in percent: the other half stays
/// for timings and statuses, which are small and always counted as long as there is room.
const SAMPLING_STOPS_AT_PERCENT: usize = 50;

/// Share of the budget from which the directory is to drain at once, in percent: what gathers while
/// it waits must not cost bodies.
const URGENT_FROM_PERCENT: usize = 10;

/// An observation with the bytes it occupies.
#[derive(Debug)]
pub struct Queued {
    /// What was seen.
    pub observation: Arc<Observation>,
    /// Released when the observation was learned or lost.
    pub reservation: Reservation,
}

/// Why observations were lost, counted since the start.
#[derive(Debug, Default)]
pub struct LearningCounters {
    /// Observations accepted for learning.
    pub accepted: AtomicU64,
    /// Observations learned by a model.
    pub learned: AtomicU64,
    /// Dropped because the queue's byte budget was used up.
    pub dropped_budget: AtomicU64,
    /// Dropped because no further endpoint may be learned.
    pub dropped_endpoints: AtomicU64,
    /// Dropped because they do not teach (defence in depth; the request path sends none).
    pub dropped_provenance: AtomicU64,
    /// Error answers on paths that no endpoint is known for; they create none.
    pub unplaced: AtomicU64,
    /// Lost with an actor that panicked.
    pub lost_in_panics: AtomicU64,
    /// Observations of models that were imported: learned elsewhere, and accepted nowhere here.
    pub imported: AtomicU64,
    /// Learned, and gone with endpoints that made room for others.
    pub evicted: AtomicU64,
    /// Learned, and forgotten because a person ordered it.
    pub forgotten: AtomicU64,
    /// Endpoints that made room for others.
    pub endpoints_evicted: AtomicU64,
    /// Bytes that the models of all endpoints occupy; a figure of a moment.
    pub models_bytes: AtomicU64,
    /// How often a model was made smaller because it had outgrown its budget.
    pub models_tightened: AtomicU64,
    /// Bodies that were not looked at because the learner was busy.
    pub bodies_unsampled: AtomicU64,
    /// Actors replaced after a panic.
    pub actors_replaced: AtomicU64,
    /// Endpoints folded into another one.
    pub endpoints_merged: AtomicU64,
}

/// The sending end; cheap to clone.
#[derive(Clone)]
pub struct ObservationSender {
    sender: mpsc::Sender<Queued>,
    budget: Arc<Budget>,
    counters: Arc<LearningCounters>,
    wake: Arc<Wake>,
}

/// Whether the directory knows that there is something to drain, and how to tell it.
struct Wake {
    pending: AtomicBool,
    urgent: AtomicBool,
    call: Box<dyn Fn(Urgency) + Send + Sync>,
}

/// When the directory is to drain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// In a while: more may gather.
    Soon,
    /// At once.
    Now,
}

/// The receiving end; one directory owns it, also across a replacement of its actor.
pub struct ObservationReceiver {
    receiver: mpsc::Receiver<Queued>,
    wake: Arc<Wake>,
}

/// Builds both ends; `wake` is called when there is something to drain and the directory was not
/// told so yet.
#[must_use]
pub fn observation_queue(
    bytes_max: usize,
    counters: Arc<LearningCounters>,
    wake: impl Fn(Urgency) + Send + Sync + 'static,
) -> (ObservationSender, ObservationReceiver) {
    let (sender, receiver) = mpsc::channel();
    let wake = Arc::new(Wake {
        pending: AtomicBool::new(false),
        urgent: AtomicBool::new(false),
        call: Box::new(wake),
    });
    let budget = Budget::new(bytes_max);
    (
        ObservationSender { sender, budget, counters, wake: Arc::clone(&wake) },
        ObservationReceiver { receiver, wake },
    )
}

impl ObservationSender {
    /// Room for a copy of a body, or `None` when the learner is behind and should be spared.
    #[must_use]
    pub fn begin_sample(&self) -> Option<Reservation> {
        let allowed = self.budget.bytes_max() / 100 * SAMPLING_STOPS_AT_PERCENT;
        if self.budget.used() >= allowed {
            self.counters.bodies_unsampled.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        self.budget.reserve(UNSAMPLED_WEIGHT)
    }

    /// Hands an observation over, with the room its sample took so far; never waits.
    pub fn observe(&self, observation: Observation, sampled: Option<Reservation>) {
        let weight = observation.weight();
        let reservation = match sampled {
            Some(mut reservation) => reservation.resize(weight).then_some(reservation),
            None => self.budget.reserve(weight),
        };
        let Some(reservation) = reservation else {
            self.counters.dropped_budget.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let observation = Arc::new(observation);
        if self.sender.send(Queued { observation, reservation }).is_err() {
            // The directory is gone: the double is shutting down.
            self.counters.dropped_budget.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.counters.accepted.fetch_add(1, Ordering::Relaxed);
        let urgent_from = self.budget.bytes_max() / 100 * URGENT_FROM_PERCENT;
        self.wake.notify(self.budget.used() > urgent_from);
    }

    /// Bytes that wait to be learned.
    #[must_use]
    pub fn bytes_waiting(&self) -> usize {
        self.budget.used()
    }

    /// The counters.
    #[must_use]
    pub fn counters(&self) -> &Arc<LearningCounters> {
        &self.counters
    }
}

impl Wake {
    fn notify(&self, is_urgent: bool) {
        // AcqRel pairs with `ObservationReceiver::take`: either this push is seen by the drain
        // that clears the flag, or this call sees the cleared flag and notifies.
        if !self.pending.swap(true, Ordering::AcqRel) {
            (self.call)(Urgency::Soon);
        }
        if is_urgent && !self.urgent.swap(true, Ordering::AcqRel) {
            (self.call)(Urgency::Now);
        }
    }
}

impl ObservationReceiver {
    /// Takes up to `max` observations; true when more may wait.
    pub fn take(&self, max: usize, into: &mut Vec<Queued>) -> bool {
        // Cleared before reading, so that what is pushed from here on notifies again.
        self.wake.urgent.swap(false, Ordering::AcqRel);
        self.wake.pending.swap(false, Ordering::AcqRel);
        into.extend(self.receiver.try_iter().take(max));
        into.len() >= max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::endpoint::{BackendId, Provenance};

    fn observation() -> Observation {
        Observation {
            at_ms: 0,
            provenance: Provenance::Upstream,
            backend: BackendId::ONLY,
            method: "GET".into(),
            path: "/".into(),
            status: 200,
            first_byte_us: 1,
            total_us: 2,
            sample: None,
        }
    }

    #[test]
    fn the_directory_is_woken_once_per_drain() {
        let notifies = Arc::new(AtomicU64::new(0));
        let ringing = Arc::clone(&notifies);
        let (sender, receiver) = observation_queue(1 << 20, Arc::default(), move |_urgency| {
            ringing.fetch_add(1, Ordering::Relaxed);
        });
        let mut drained = Vec::new();
        for _ in 0..10 {
            sender.observe(observation(), None);
        }
        assert!(!receiver.take(100, &mut drained));
        assert_eq!(drained.len(), 10);
        assert_eq!(notifies.load(Ordering::Relaxed), 1);
        sender.observe(observation(), None);
        assert_eq!(notifies.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn the_directory_is_told_once_to_come_now_when_much_has_gathered() {
        let told = Arc::new(parking_lot::Mutex::new(Vec::new()));
        let listening = Arc::clone(&told);
        let (sender, receiver) =
            observation_queue(100 * UNSAMPLED_WEIGHT, Arc::default(), move |urgency| {
                listening.lock().push(urgency);
            });
        (0..30).for_each(|_| sender.observe(observation(), None));
        assert_eq!(*told.lock(), [Urgency::Soon, Urgency::Now]);
        let mut drained = Vec::new();
        assert!(!receiver.take(100, &mut drained));
        drop(drained);
        sender.observe(observation(), None);
        assert_eq!(*told.lock(), [Urgency::Soon, Urgency::Now, Urgency::Soon]);
    }

    #[test]
    fn what_exceeds_the_budget_is_dropped_and_counted() {
        let (sender, receiver) = observation_queue(4 * UNSAMPLED_WEIGHT, Arc::default(), |_| {});
        for _ in 0..10 {
            sender.observe(observation(), None);
        }
        assert_eq!(sender.counters().accepted.load(Ordering::Relaxed), 3);
        assert_eq!(sender.counters().dropped_budget.load(Ordering::Relaxed), 7);
        assert!(sender.begin_sample().is_none(), "bodies are spared first");
        let mut drained = Vec::new();
        receiver.take(100, &mut drained);
        drop(drained);
        assert_eq!(sender.bytes_waiting(), 0);
        assert!(sender.begin_sample().is_some());
    }
}
