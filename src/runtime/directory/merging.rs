//! What becomes of endpoints when the path learner has changed its mind.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::DirectoryActor;
use crate::domain::endpoint::{EndpointId, EndpointKey};
use crate::domain::path::{PathTemplate, TemplateChange};
use crate::runtime::learning::endpoint::{Discard, Finish, MergeInbox};
use crate::runtime::learning::endpoint_handle::EndpointHandle;
use crate::runtime::learning::observation_queue::Queued;
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
                // The new sibling starts with what is seen from now on: what was learned of it
                // before is mixed into its parent and cannot be told apart.
                TemplateChange::Split { .. } => {}
            }
        }
    }

    fn fold(&mut self, old: &PathTemplate, into: &PathTemplate, batches: &mut Batches) {
        if old == into {
            return;
        }
        for key in self.keys_of(old) {
            let target = key.moved_to(into.clone());
            if let Some(batch) = batches.remove(&key) {
                // Learned by the old actor, whose last snapshot is what is folded.
                self.send_batch(key.clone(), batch);
            }
            let Some(source) = self.endpoints.remove(&key) else { continue };
            // The limit cannot refuse the target: the source has just made room.
            self.ensure(&target);
            let Some(target) = self.endpoints.get(&target).cloned() else { continue };
            self.touched.remove(&key);
            self.touched.insert(target.key().clone());
            self.redirect(source.id(), target.id());
            self.shared.counters.endpoints_merged.fetch_add(1, Ordering::Relaxed);
            self.retire(&source, &target);
        }
    }

    fn keys_of(&self, template: &PathTemplate) -> Vec<EndpointKey> {
        self.endpoints.keys().filter(|key| key.template == *template).cloned().collect()
    }

    fn redirect(&mut self, old: &EndpointId, new: &EndpointId) {
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

    fn drop_template(&mut self, template: &PathTemplate) {
        let keys = self.keys_of(template);
        let dropped: Vec<_> = keys.iter().filter_map(|key| self.endpoints.remove(key)).collect();
        dropped.iter().for_each(|handle| discard(handle));
        let ids = dropped.iter().map(|handle| handle.id().as_str().to_owned()).collect();
        self.shared.persistence.write(PendingWrite::Forget(ids));
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
