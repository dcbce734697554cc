//! What becomes of endpoints when the path learner has changed its mind.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::DirectoryActor;
use crate::domain::endpoint::{EndpointId, EndpointKey};
use crate::domain::mode::EndpointMode;
use crate::domain::path::{PathTemplate, TemplateChange};
use crate::runtime::learning::endpoint::{Discard, Finish, MergeInbox};
use crate::runtime::learning::endpoint_handle::EndpointHandle;
use crate::runtime::learning::observation_queue::Queued;
use crate::runtime::learning::snapshot::EndpointControls;
use crate::runtime::persistence::pending_writes::PendingWrite;

/// Redirects of folded endpoints that are kept; links to older ids are dead by then.
const REDIRECTS_MAX: usize = 10_000;

/// Observations gathered during a drain, by endpoint.
pub type Batches = FxHashMap<EndpointKey, Vec<Queued>>;

impl DirectoryActor {
    /// Follows what the path learner has changed its mind about.
    pub fn apply_changes(&mut self, batches: &mut Batches) {
        for change in self.learner.take_changes() {
            self.catalog_changed.mark();
            match change {
                TemplateChange::Merged { from, into } => {
                    from.iter().for_each(|old| self.fold(old, &into, batches));
                }
                TemplateChange::Dropped { template } => self.drop_template(&template),
                TemplateChange::Split { from, into } => self.split(&from, &into, batches),
                TemplateChange::Parted { from, into } => self.part(&from, &into, batches),
            }
        }
    }

    fn fold(&mut self, old: &PathTemplate, into: &PathTemplate, batches: &mut Batches) {
        if old == into {
            return;
        }
        for key in self.keys_of(old) {
            self.fold_endpoint(&key, into, batches);
        }
    }

    /// Folds the endpoint `key` into the one of the same method at `into`.
    pub(super) fn fold_endpoint(
        &mut self,
        key: &EndpointKey,
        into: &PathTemplate,
        batches: &mut Batches,
    ) {
        let target_key = key.moved_to(into.clone());
        if target_key == *key {
            return;
        }
        // Learned by the old actor, whose last snapshot is what is folded.
        self.send_gathered(key, batches);
        let Some(source) = self.endpoints.remove(key) else { return };
        // The limit cannot refuse the target: the source has just made room.
        self.ensure_like(&target_key, Some(&source));
        let Some(target) = self.endpoints.get(&target_key).cloned() else { return };
        self.touched.remove(key);
        self.touched.insert(target_key.clone());
        self.redirect(source.id(), target.id());
        self.hand_settings_on(&source, &target);
        self.shared.counters.endpoints_merged.fetch_add(1, Ordering::Relaxed);
        if self.replay_log.keeps_both(key, &target_key) {
            // Both may part again: learned anew, and not merged, the exchanges are there only once.
            let exchanges = self.replay_log.take(key).unwrap_or_default();
            discard(&source);
            target.take_counters(&source);
            self.write_fold(&source, &target);
            self.relearn_at(target_key, exchanges, false);
        } else {
            self.replay_log.outgrow(key);
            self.replay_log.outgrow(&target_key);
            self.retire(&source, &target);
        }
    }

    /// Lets the old id lead to `target` over a restart, too. The endpoint writes itself when it has
    /// learned what was the other's.
    pub(super) fn write_fold(&self, source: &EndpointHandle, target: &EndpointHandle) {
        let ids = vec![source.id().as_str().to_owned()];
        let into = target.published().snapshot.clone();
        self.shared.persistence.write(PendingWrite::Fold { ids, into });
    }

    /// What a person set follows the traffic it was set for.
    fn hand_settings_on(&self, source: &EndpointHandle, target: &EndpointHandle) {
        let (set, known) = (source.published(), target.published());
        let (set, known) = (&set.snapshot, &known.snapshot);
        let mode = (known.mode == EndpointMode::Inherit).then_some(set.mode);
        let mode = mode.filter(|mode| *mode != EndpointMode::Inherit);
        let learn = (!set.learn).then_some(false);
        if mode.is_some() || learn.is_some() {
            log::info!("endpoint {}: what was set for {} holds for it", known.id, set.id);
            let change = |controls: &mut EndpointControls| {
                controls.mode = mode.unwrap_or(controls.mode);
                controls.learn = learn.unwrap_or(controls.learn);
            };
            target.control(change, |snapshot| {
                let write = PendingWrite::Controls(snapshot);
                self.shared.persistence.write_unless(&target.forgotten, write);
            });
        }
    }

    /// Sends what was gathered for an endpoint in this drain.
    pub(super) fn send_gathered(&mut self, key: &EndpointKey, batches: &mut Batches) {
        if let Some(batch) = batches.remove(key) {
            self.send_batch(key.clone(), batch);
        }
    }

    pub(super) fn keys_of(&self, template: &PathTemplate) -> Vec<EndpointKey> {
        self.endpoints.keys().filter(|key| key.template == *template).cloned().collect()
    }

    pub(super) fn redirect(&mut self, old: &EndpointId, new: &EndpointId) {
        if self.redirects.len() >= REDIRECTS_MAX {
            log::warn!("more than {REDIRECTS_MAX} folded endpoints: their old ids are forgotten");
            self.redirects.clear();
        }
        self.redirects.insert(old.clone(), new.clone());
        self.redirects.remove(new);
    }

    /// Ends `source` after everything it was sent, and folds its last snapshot into `target`.
    fn retire(&mut self, source: &Arc<EndpointHandle>, target: &Arc<EndpointHandle>) {
        let Some(addr) = source.addr.load_full() else { return };
        let (done, finished) = oneshot::channel();
        self.retiring.retain(|fold| !fold.is_terminated());
        self.retiring.push(finished);
        target.take_counters(source);
        target.entrusted.fetch_add(source.entrusted.load(Ordering::Relaxed), Ordering::Relaxed);
        // From here on its target saves what it learned, and takes what is still being folded into
        // it: changes of the templates follow each other faster than actors do.
        source.forgotten.store(true, Ordering::Release);
        source.successor.store(Some(Arc::clone(target)));
        let (source, target) = (Arc::clone(source), Arc::clone(target));
        let folding = async move {
            // An error means that the actor has ended already; its last publication stands.
            let _retired = addr.send(Finish).await;
            let mut inherited = std::mem::take(&mut *source.inbox.lock());
            inherited.push(Arc::clone(&source.published().snapshot));
            let target = target.hand_over(inherited);
            if let Some(addr) = target.addr.load_full() {
                // When the target has ended, its replacement absorbs the inbox at its start.
                let _absorbed = addr.send(MergeInbox).await;
            }
            // Nobody need be waiting.
            let _heard = done.send(());
        };
        self.arbiters[self.next_arbiter].spawn(folding);
    }

    /// Forgets the endpoints of a template of which no path is kept any more.
    fn drop_template(&mut self, template: &PathTemplate) {
        for key in self.keys_of(template) {
            self.evict(&key);
        }
    }

    /// Forgets an endpoint to make room; what it had learned is counted as evicted.
    pub(super) fn evict(&mut self, key: &EndpointKey) {
        let Some(handle) = self.endpoints.remove(key) else { return };
        let observations = handle.entrusted.load(Ordering::Relaxed);
        self.shared.counters.evicted.fetch_add(observations, Ordering::Relaxed);
        self.shared.counters.endpoints_evicted.fetch_add(1, Ordering::Relaxed);
        self.replay_log.outgrow(key);
        self.touched.remove(key);
        self.evicted.push(key.template.clone());
        discard(&handle);
        let id = handle.id().as_str().to_owned();
        self.shared.persistence.write(PendingWrite::Forget(vec![id]));
        self.catalog_changed.mark();
    }
}

/// Ends an endpoint's actor without a last save.
pub fn discard(handle: &EndpointHandle) {
    handle.forgotten.store(true, Ordering::Release);
    if let Some(addr) = handle.addr.load_full() {
        // A full mailbox or a dead actor: dropping the last address ends it all the same.
        let _sent = addr.try_send(Discard);
    }
    handle.addr.store(None);
}
