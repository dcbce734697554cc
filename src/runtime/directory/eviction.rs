//! Who makes room when the table of endpoints or the memory of their models is full.
//!
//! The least useful endpoint goes, of those that may: what a person pinned or changed stays, and
//! what was mocked of late. Usefulness is what would be lost: observations, of which half count for
//! each hour that the endpoint was not seen.

use std::sync::atomic::Ordering;

use rustc_hash::FxHashSet;

use super::merging::Batches;
use super::{DirectoryActor, EVICTED_MAX};
use crate::domain::endpoint::EndpointKey;
use crate::domain::mode::EndpointMode;
use crate::domain::path::PathTemplate;
use crate::runtime::clock::now_ms;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// Endpoints looked at when room is to be made: a bound on the work for one newcomer, and enough to
/// meet one that is hardly used where a few in a hundred are.
const ROOM_LOOKS_MAX: usize = 64;

/// A mock within the last hour is recent: half of what is known counts no more by then, too.
const RECENT_MS: i64 = 3_600_000;

impl DirectoryActor {
    /// Forgets the least useful of the endpoints looked at; false when all of them must stay.
    pub(super) fn make_room(&mut self) -> bool {
        let now = now_ms();
        let mut least: Option<(f64, EndpointKey)> = None;
        for _look in 0..ROOM_LOOKS_MAX {
            let Some(key) = self.arrivals.pop_front() else { break };
            let Some(handle) = self.endpoints.get(&key) else { continue };
            let use_of_it = (!self.must_stay(handle, now)).then(|| handle.usefulness(now));
            let least_by_now = least.as_ref().is_none_or(|(least, _)| use_of_it < Some(*least));
            self.arrivals.push_back(key.clone());
            if let Some(use_of_it) = use_of_it.filter(|_| least_by_now) {
                least = Some((use_of_it, key));
            }
        }
        let Some((_, key)) = least else { return false };
        self.evict(&key);
        true
    }

    /// Whether an endpoint never makes room: a person pinned or changed it, or it was mocked of
    /// late.
    fn must_stay(&self, handle: &EndpointHandle, now_ms: i64) -> bool {
        let pinned =
            self.pins.iter().any(|known| known.pin.template == *handle.key().template.as_str());
        let version = handle.published();
        let set = version.snapshot.mode != EndpointMode::Inherit
            || !version.snapshot.learn
            || version.snapshot.chaos.is_some_and(|chaos| chaos.active);
        pinned || set || handle.mocked_at_ms(now_ms) > now_ms - RECENT_MS
    }

    /// Forgets the paths of endpoints that made room, so that the tree has room for newcomers.
    pub(super) fn forget_evicted(&mut self) {
        if self.evicted.len() < EVICTED_MAX {
            return;
        }
        let mut gone: FxHashSet<PathTemplate> = self.evicted.drain(..).collect();
        // Some of them came back, or live on under another method.
        self.endpoints.keys().for_each(|key| _ = gone.remove(&key.template));
        self.learner.forget(&gone.into_iter().collect::<Vec<_>>());
        self.apply_changes(&mut Batches::default());
        self.paths_changed.mark();
    }

    /// Keeps the models of all endpoints within their budget; those that must stay may exceed it.
    pub(super) fn keep_budget(&mut self) {
        let mut bytes = self.models_bytes();
        while bytes > self.models_bytes_max && self.make_room() {
            bytes = self.models_bytes();
        }
        self.shared.counters.models_bytes.store(bytes as u64, Ordering::Relaxed);
    }

    /// What the models of all endpoints occupy.
    fn models_bytes(&self) -> usize {
        self.endpoints.values().map(|handle| handle.model_bytes.load(Ordering::Relaxed)).sum()
    }
}
