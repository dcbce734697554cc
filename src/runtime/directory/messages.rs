//! Orders to the directory, as messages, and what it does on each.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix::prelude::*;

use super::{DRAIN_PAUSE, DirectoryActor};
use crate::domain::endpoint::EndpointId;
use crate::domain::path::PathLearner;
use crate::runtime::directory::merging::{Batches, discard};
use crate::runtime::directory::pace::Pace;
use crate::runtime::learning::endpoint::{MergeInbox, Publish};
use crate::runtime::learning::endpoint_handle::EndpointHandle;
use crate::runtime::learning::observation_queue::{LearningCounters, Urgency};
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::runtime::site::{self, SiteActor};

/// Something waits in the intake.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain(pub Urgency);

/// Learn, publish and hand to the persistence everything received so far. False when the site is
/// learned later, because traffic goes on.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct Settle;

/// How often an order that waits for the site looks whether traffic goes on. When it is busy, the
/// site follows at its own pace, and who waited for it would wait for as long as the traffic lasts.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// Forget one endpoint; false when there is none.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct Forget(pub EndpointId);

/// Forget everything learned.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Reset;

impl Handler<Drain> for DirectoryActor {
    type Result = ();

    fn handle(&mut self, message: Drain, ctx: &mut Self::Context) {
        match message.0 {
            Urgency::Soon => self.drain_later(DRAIN_PAUSE, ctx),
            Urgency::Now => self.drain_and_reschedule(ctx),
        }
    }
}

impl Handler<Settle> for DirectoryActor {
    type Result = ResponseActFuture<Self, bool>;

    fn handle(&mut self, _message: Settle, ctx: &mut Self::Context) -> Self::Result {
        self.drain_to_mark();
        self.learner.settle();
        self.apply_changes(&mut Batches::default());
        // Folds first: what they hand over is then published by the endpoints they hand it to.
        let folds = std::mem::take(&mut self.retiring);
        let touched: Vec<Arc<EndpointHandle>> = std::mem::take(&mut self.touched)
            .into_iter()
            .filter_map(|key| self.endpoints.get(&key).cloned())
            .collect();
        self.schedule(ctx);
        let settled = async move {
            for finished in folds {
                // An error means that the arbiter is gone: there is nothing to wait for.
                let _finished = finished.await;
            }
            let mut dead = Vec::new();
            for handle in touched {
                if !publish(&handle).await {
                    dead.push(handle);
                }
            }
            dead
        };
        Box::pin(settled.into_actor(self).then(move |dead, actor, _ctx| {
            dead.iter().for_each(|handle| actor.replace(handle));
            actor.keep_budget();
            actor.publish_catalog();
            actor.save_paths();
            // What was just published may have changed what endpoints know of each other.
            actor.relink();
            let all: Vec<_> = actor.endpoints.values().cloned().collect();
            actor.feed.send();
            let site = actor.feed.actor().clone();
            let counters = Arc::clone(&actor.shared.counters);
            let was_busy = actor.pace.is_busy();
            let compiled = async move {
                let learned = learn_site(&site, &counters, was_busy).await;
                for handle in all {
                    // Answered after the order to compile that is before it in the mailbox.
                    let _compiled = publish(&handle).await;
                }
                learned
            };
            compiled.into_actor(actor)
        }))
    }
}

/// Waits until the site has learned, unless busy traffic goes on; false when it learns later.
async fn learn_site(site: &Addr<SiteActor>, counters: &LearningCounters, was_busy: bool) -> bool {
    let arrivals = || counters.accepted.load(Ordering::Relaxed);
    let goes_on = |before| Pace::is_busy_with(arrivals() - before, LOOK_PAUSE);
    let mut before = arrivals();
    let mut is_busy = false;
    if was_busy {
        // Not ordered before it is known that the traffic has come to its end.
        tokio::time::sleep(LOOK_PAUSE).await;
        is_busy = goes_on(before);
    }
    if !is_busy {
        let mut learning = std::pin::pin!(site.send(site::LearnSite { now: true }));
        while !is_busy {
            before = arrivals();
            match tokio::time::timeout(LOOK_PAUSE, &mut learning).await {
                // An error means that its arbiter is gone: there is nothing to wait for.
                Ok(learned) => return learned.unwrap_or(true),
                Err(_elapsed) => is_busy = goes_on(before),
            }
        }
    }
    // An order nobody waits for any more is skipped. A full mailbox is that of an owner who is
    // about to learn anyway.
    let _sent = site.try_send(site::LearnSite { now: false });
    false
}

/// Asks an endpoint to merge_inbox and publish; false when its actor is gone.
async fn publish(handle: &EndpointHandle) -> bool {
    let Some(addr) = handle.addr.load_full() else { return true };
    addr.send(MergeInbox).await.is_ok() && addr.send(Publish).await.is_ok()
}

impl Handler<Forget> for DirectoryActor {
    type Result = bool;

    fn handle(&mut self, message: Forget, _ctx: &mut Self::Context) -> bool {
        let Some(handle) = self.find(&message.0) else { return false };
        self.endpoints.remove(handle.key());
        self.replay_log.outgrow(handle.key());
        let observations = handle.entrusted.load(Ordering::Relaxed);
        self.shared.counters.forgotten.fetch_add(observations, Ordering::Relaxed);
        discard(&handle);
        let template = &handle.key().template;
        if !self.endpoints.keys().any(|key| key.template == *template) {
            self.learner.forget(std::slice::from_ref(template));
            self.apply_changes(&mut Batches::default());
        }
        let id = handle.id().as_str().to_owned();
        self.shared.persistence.write(PendingWrite::Forget(vec![id]));
        self.paths_changed.mark();
        self.save_paths();
        self.publish_catalog();
        true
    }
}

impl Handler<Reset> for DirectoryActor {
    type Result = ();

    fn handle(&mut self, _message: Reset, _ctx: &mut Self::Context) {
        self.drain_to_mark();
        let gone = self.endpoints.values();
        let observations = gone.map(|handle| handle.entrusted.load(Ordering::Relaxed)).sum();
        self.shared.counters.forgotten.fetch_add(observations, Ordering::Relaxed);
        self.replay_log.clear();
        self.lenders.clear();
        self.endpoints.drain().for_each(|(_key, handle)| discard(&handle));
        self.redirects.clear();
        self.arrivals.clear();
        self.touched.clear();
        let pins = self.learner.pins().to_vec();
        self.learner = PathLearner::new(self.path_limits.clone());
        for pin in pins {
            // It was accepted before, and an empty learner accepts no less.
            let _accepted = self.learner.pin(pin);
        }
        self.shared.persistence.write(PendingWrite::Reset);
        self.paths_changed.mark();
        self.save_paths();
        self.publish_catalog();
    }
}

impl DirectoryActor {
    /// Learns what was received before now, and leaves what comes meanwhile for later.
    pub(super) fn drain_to_mark(&mut self) {
        let mark = self.shared.counters.accepted.load(Ordering::Acquire);
        while self.drain() && self.taken < mark {}
    }

    /// Drains, publishes what changed, and comes back when more waits.
    pub(super) fn drain_and_reschedule(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.drain_timer.take() {
            ctx.cancel_future(timer);
        }
        let more = self.drain();
        self.schedule(ctx);
        if more {
            self.drain_later(Duration::ZERO, ctx);
        }
    }

    /// Drains after `pause`, or when a timer comes that runs already: were each order to start one
    /// of its own, every drain out of turn would leave a timer more, for good.
    fn drain_later(&mut self, pause: Duration, ctx: &mut Context<Self>) {
        if self.drain_timer.is_none() {
            self.drain_timer = Some(ctx.run_later(pause, |actor, ctx| {
                actor.drain_timer = None;
                actor.drain_and_reschedule(ctx);
            }));
        }
    }

    /// Plans the publication of the catalogue and the save of the path learner, when due.
    fn schedule(&mut self, ctx: &mut Context<Self>) {
        if let Some(pause) = self.catalog_changed.arm() {
            ctx.run_later(pause, |actor, _ctx| {
                if actor.catalog_changed.fire() {
                    actor.publish_catalog();
                }
            });
        }
        // Any exchange may have shown a new relation.
        self.links_changed.mark();
        if let Some(pause) = self.links_changed.arm() {
            ctx.run_later(pause, |actor, _ctx| {
                let _due = actor.links_changed.fire();
                actor.relink();
            });
        }
        if let Some(pause) = self.paths_changed.arm() {
            ctx.run_later(pause, |actor, _ctx| {
                if actor.paths_changed.fire() {
                    actor.write_paths();
                }
            });
        }
        if let Some(pause) = self.evidence_changed.arm() {
            ctx.run_later(pause, |actor, _ctx| {
                if actor.evidence_changed.fire() {
                    actor.write_paths();
                }
            });
        }
        self.models_grew.mark();
        if let Some(pause) = self.models_grew.arm() {
            ctx.run_later(pause, |actor, _ctx| {
                let _due = actor.models_grew.fire();
                actor.keep_budget();
            });
        }
    }

    fn find(&self, id: &EndpointId) -> Option<Arc<EndpointHandle>> {
        // The published tables may be older than the map, so a hit is looked up again.
        if let Some(handle) = self.catalog.load().by_id(id) {
            return self.endpoints.get(handle.key()).cloned();
        }
        self.endpoints.values().find(|handle| handle.id() == id).cloned()
    }
}
