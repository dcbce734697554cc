//! What becomes of an endpoint when its paths turn out to be several: nothing is lost.
//!
//! While all exchanges of an endpoint are kept, its parts learn them again, each its own. Later the
//! model stays whole: it goes with the part that most exchanges belong to, and answers for the
//! others until each of them has been seen again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashMap;

use super::DirectoryActor;
use super::merging::{Batches, discard};
use crate::domain::endpoint::{EndpointId, EndpointKey, Observation};
use crate::domain::path::PathTemplate;
use crate::runtime::learning::endpoint::Relearn;
use crate::runtime::learning::endpoint_handle::EndpointHandle;
use crate::runtime::persistence::pending_writes::PendingWrite;

/// Templates that borrow an endpoint, at the same time: all that a table of paths holds.
const BORROWERS_MAX: usize = 4_096;

impl DirectoryActor {
    /// Follows a template that is gone, and whose paths belong to several now.
    pub(super) fn part(
        &mut self,
        from: &PathTemplate,
        into: &[PathTemplate],
        batches: &mut Batches,
    ) {
        let Some((main, others)) = into.split_first() else { return };
        for key in self.keys_of(from) {
            self.send_gathered(&key, batches);
            match self.replay_log.take(&key) {
                Some(exchanges) => {
                    let Some(source) = self.endpoints.remove(&key) else { continue };
                    self.forget_parted(&source);
                    self.relearn(&source, exchanges, None);
                }
                None => {
                    self.fold_endpoint(&key, main, batches);
                    let heir = key.moved_to(main.clone());
                    others.iter().for_each(|part| self.lend(part, &heir.id()));
                }
            }
        }
    }

    /// Follows a template some of whose paths belong to `into` now.
    pub(super) fn split(
        &mut self,
        from: &PathTemplate,
        into: &PathTemplate,
        batches: &mut Batches,
    ) {
        for key in self.keys_of(from) {
            self.send_gathered(&key, batches);
            let Some(source) = self.endpoints.get(&key).cloned() else { continue };
            match self.replay_log.take(&key) {
                Some(exchanges) => {
                    self.replay_log.begin(&key);
                    self.relearn(&source, exchanges, Some(&key));
                }
                None => self.lend(into, source.id()),
            }
        }
    }

    /// Lets each of `exchanges`, which `source` learned, be learned where it belongs now. What
    /// belongs to `own` makes up its whole model; an endpoint of which nothing is left is gone.
    fn relearn(
        &mut self,
        source: &Arc<EndpointHandle>,
        exchanges: Vec<Arc<Observation>>,
        own: Option<&EndpointKey>,
    ) {
        let tree = self.learner.tree();
        let mut parts: FxHashMap<EndpointKey, Vec<Arc<Observation>>> = FxHashMap::default();
        for exchange in exchanges {
            let template = tree.identify(&exchange.path).template.into_owned();
            parts.entry(source.key().moved_to(template)).or_default().push(exchange);
        }
        if let Some(own) = own.filter(|own| !parts.contains_key(*own)) {
            self.endpoints.remove(own);
            self.forget_parted(source);
        }
        let mut parts: Vec<_> = parts.into_iter().collect();
        // Most exchanges first: that part is the heir.
        parts.sort_unstable_by_key(|(_, exchanges)| std::cmp::Reverse(exchanges.len()));
        let heir = parts.first().map(|(key, _)| key.clone());
        let is_gone = !self.endpoints.contains_key(source.key());
        for (key, exchanges) in parts {
            if !self.ensure_like(&key, Some(source)) {
                let lost = exchanges.len() as u64;
                self.shared.counters.dropped_endpoints.fetch_add(lost, Ordering::Relaxed);
                continue;
            }
            if is_gone && heir.as_ref() == Some(&key) {
                self.lead_on(source, &key);
            }
            let afresh = own == Some(&key);
            self.relearn_at(key, exchanges, afresh);
        }
    }

    /// Lets an endpoint learn exchanges that another one had learned, and keeps them for it.
    pub(super) fn relearn_at(
        &mut self,
        key: EndpointKey,
        exchanges: Vec<Arc<Observation>>,
        afresh: bool,
    ) {
        for exchange in &exchanges {
            self.replay_log.keep(&key, exchange);
        }
        self.send(key, Relearn { exchanges, afresh });
    }

    /// Ends an endpoint whose exchanges are learned elsewhere.
    fn forget_parted(&mut self, source: &EndpointHandle) {
        self.replay_log.outgrow(source.key());
        self.touched.remove(source.key());
        discard(source);
        let id = source.id().as_str().to_owned();
        self.shared.persistence.write(PendingWrite::Forget(vec![id]));
    }

    /// Lets the id of an endpoint that has parted lead to the part with most of its exchanges.
    fn lead_on(&mut self, source: &EndpointHandle, heir: &EndpointKey) {
        let Some(target) = self.endpoints.get(heir).cloned() else { return };
        if target.id() != source.id() {
            self.redirect(source.id(), target.id());
            self.write_fold(source, &target);
            log::info!(
                "endpoint {}: its paths are several now; {} follows",
                source.id(),
                target.id()
            );
        }
    }

    /// Lets the endpoint `lender` answer for `template` as far as it has none of its own.
    fn lend(&mut self, template: &PathTemplate, lender: &EndpointId) {
        if self.lenders.len() >= BORROWERS_MAX {
            let tree = self.learner.tree();
            self.lenders.retain(|template, _| tree.leaf(template).is_some());
        }
        if self.lenders.len() < BORROWERS_MAX {
            let lenders = self.lenders.entry(template.clone()).or_default();
            if !lenders.contains(lender) {
                lenders.push(lender.clone());
            }
        }
    }
}
