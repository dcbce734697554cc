//! One endpoint's owner: learns its exchanges, publishes what readers need, saves itself.
//!
//! The actor is a thin shell around an `EndpointModel`. It publishes an immutable
//! `EndpointVersion` when a reader would see a difference (see `publication`), and hands the same
//! snapshot to the persistence. The snapshot is copy-on-write: the model is
//! copied once per publication, not per observation, and what was published is what a replacement
//! starts from when this actor panics.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix::prelude::*;
use arc_swap::ArcSwap;
use smallvec::SmallVec;

use super::publication::{LATEST, Publication, SOON};
use super::snapshot::EndpointSnapshot;
use crate::domain::endpoint::{EndpointModel, ModelLimits, Observation, predict};
use crate::domain::value::relation::resource_links::ResourceLinks;
use crate::runtime::debounced::Debounced;
#[cfg(any(test, feature = "test-util"))]
use crate::runtime::learning::PlannedFaults;
use crate::runtime::learning::endpoint_handle::EndpointHandle;
use crate::runtime::learning::observation_queue::{LearningCounters, Queued};
use crate::runtime::persistence::PersistenceHandle;
use crate::runtime::persistence::pending_writes::PendingWrite;

/// Batches that may wait in a mailbox. The bytes behind them are bounded by the intake's budget;
/// this bounds the batches, of which the directory sends at most one per endpoint and drain.
const MAILBOX_CAPACITY: usize = 1_024;

/// Steps in which a model may be made coarser: after six, 16 positions and two statuses are left.
const TIGHTENING_STEPS_MAX: u32 = 8;

/// What all endpoint actors share.
pub struct EndpointShared {
    /// Where snapshots go.
    pub persistence: PersistenceHandle,
    /// Bounds of models.
    pub limits: ModelLimits,
    /// Counters of learning.
    pub counters: Arc<LearningCounters>,
    /// What is known across endpoints.
    pub links: ArcSwap<ResourceLinks>,
    /// Faults that tests plan by name.
    #[cfg(any(test, feature = "test-util"))]
    pub faults: PlannedFaults,
}

/// The owner of one endpoint.
pub struct EndpointActor {
    handle: Arc<EndpointHandle>,
    shared: Arc<EndpointShared>,
    model: Arc<EndpointModel>,
    /// How often its model has outgrown its budget, and the limits since then.
    tightened: Option<(u32, Box<ModelLimits>)>,
    publication: Publication,
    /// Publishes when a reader would see a difference.
    visible: Debounced,
    /// Publishes and saves whatever was learned.
    late: Debounced,
}

/// Exchanges to learn.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Learn(pub Vec<Queued>);

/// Exchanges to learn again, because the template under which they were learned has parted.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Relearn {
    /// In the order in which they came.
    pub exchanges: Vec<Arc<Observation>>,
    /// Whether they are all that is known of the endpoint.
    pub afresh: bool,
}

/// An order to learn so many exchanges.
pub trait Exchanges: Message<Result = ()> {
    /// Number of exchanges.
    fn count(&self) -> u64;
    /// Whether they replace what was learned before.
    fn afresh(&self) -> bool;
}

impl Exchanges for Learn {
    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn afresh(&self) -> bool {
        false
    }
}

impl Exchanges for Relearn {
    fn count(&self) -> u64 {
        self.exchanges.len() as u64
    }

    fn afresh(&self) -> bool {
        self.afresh
    }
}

/// Remember that the backend refuses a method at this endpoint's template.
#[derive(Message)]
#[rtype(result = "()")]
pub struct NoteRefusal {
    /// The method.
    pub method: Box<str>,
    /// 405 or 501.
    pub status: u16,
}

/// Publish now if anything is unpublished.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Publish;

/// Publish even when nothing new was learned: what is known across endpoints has changed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Recompile;

/// Fold what waits in the handle's inbox into this endpoint.
#[derive(Message)]
#[rtype(result = "()")]
pub struct MergeInbox;

/// Publish a last time, and end.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Finish;

/// End without a trace.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Discard;

impl EndpointActor {
    /// Starts an actor for `handle` from what the handle published last.
    pub fn start(handle: &Arc<EndpointHandle>, shared: &Arc<EndpointShared>, on: &ArbiterHandle) {
        let (owner, shared) = (Arc::clone(handle), Arc::clone(shared));
        let addr = Self::start_in_arbiter(on, move |_ctx| {
            let model = Arc::clone(&owner.published().snapshot.model);
            Self {
                handle: owner,
                shared,
                publication: Publication::new(model.observations),
                model,
                tightened: None,
                visible: Debounced::new(SOON),
                late: Debounced::new(LATEST),
            }
        });
        handle.addr.store(Some(Arc::new(addr)));
    }

    /// Learns one exchange; false when it does not teach.
    fn learn_exchange(&mut self, observation: &Observation) -> bool {
        let values = self.handle.key().template.capture(&observation.path);
        let names = self.handle.parameters().iter().map(|name| &**name);
        let params: SmallVec<[(&str, &str); 8]> = names.zip(values.unwrap_or_default()).collect();
        let limits = self.tightened.as_ref().map_or(&self.shared.limits, |(_, limits)| limits);
        // Predicted before it teaches: what was learned of it would only remember it.
        let score = self
            .model
            .fidelity
            .wants(self.model.observations, observation.at_ms)
            .then(|| predict(&self.model, observation, limits))
            .flatten();
        let model = Arc::make_mut(&mut self.model);
        if let Some(score) = score {
            model.fidelity.add(&score);
        }
        model.observe(observation, &params, limits)
    }

    /// Makes the model smaller when it has outgrown its budget: coarser step by step, and what it
    /// learns from then on within the same limits.
    fn keep_budget(&mut self) -> usize {
        let bytes_max = self.shared.limits.bytes_max;
        let mut bytes = self.model.bytes();
        while bytes > bytes_max {
            let (steps, limits) =
                self.tightened.get_or_insert_with(|| (0, Box::new(self.shared.limits.clone())));
            Arc::make_mut(&mut self.model).tighten(limits);
            bytes = self.model.bytes();
            self.shared.counters.models_tightened.fetch_add(1, Ordering::Relaxed);
            if bytes <= bytes_max || *steps >= TIGHTENING_STEPS_MAX {
                break;
            }
            *steps += 1;
            **limits = self.shared.limits.tightened(*steps);
        }
        bytes
    }

    fn learn(&mut self, batch: Vec<Queued>) {
        // Copied here when it is public, not by each exchange.
        let began = Instant::now();
        Arc::make_mut(&mut self.model);
        self.publication.copied(began.elapsed());
        let known = self.model.answers.len();
        for queued in batch {
            let observation = &queued.observation;
            #[cfg(any(test, feature = "test-util"))]
            self.shared.faults.inject(&observation.path);
            let learned = self.learn_exchange(observation);
            let counters = &self.shared.counters;
            let counter = if learned { &counters.learned } else { &counters.dropped_provenance };
            counter.fetch_add(1, Ordering::Relaxed);
            if learned {
                self.publication.learned(self.model.answers.len() != known);
            }
        }
    }

    fn merge_inbox(&mut self) {
        let folded = std::mem::take(&mut *self.handle.inbox.lock());
        if folded.is_empty() {
            return;
        }
        let model = Arc::make_mut(&mut self.model);
        for snapshot in &folded {
            model.merge(&snapshot.model, &self.shared.limits);
        }
        // What was imported comes under the endpoint's own id, which leads nowhere else.
        let others = folded.iter().filter(|snapshot| snapshot.id != *self.handle.id());
        let ids = others.map(|snapshot| snapshot.id.as_str().to_owned()).collect();
        self.publish_with(|into| Some(PendingWrite::Fold { ids, into }));
        self.publication.saved();
    }

    /// Makes what is known public, and saves it when it is worth that.
    fn publish(&mut self) {
        if self.publication.is_worth_saving() {
            self.publish_and_save();
        } else {
            self.publish_with(|_snapshot| None);
        }
    }

    fn publish_and_save(&mut self) {
        // What stays published for a while keeps no room for what may never come.
        Arc::make_mut(&mut self.model).compact();
        self.publish_with(|snapshot| Some(PendingWrite::Endpoint(snapshot)));
        self.publication.saved();
    }

    fn publish_with(&mut self, write: impl FnOnce(Arc<EndpointSnapshot>) -> Option<PendingWrite>) {
        let began = Instant::now();
        let bytes = self.keep_budget();
        self.handle.model_bytes.store(bytes, Ordering::Relaxed);
        let links = self.shared.links.load_full();
        self.handle.publish(Arc::clone(&self.model), links, |snapshot| {
            if let Some(write) = write(snapshot) {
                self.shared.persistence.write_unless(&self.handle.forgotten, write);
            }
        });
        self.visible.set_pause(self.publication.published(began.elapsed()));
    }

    /// Plans the publications that are due.
    fn schedule(&mut self, ctx: &mut Context<Self>) {
        if self.publication.is_due() {
            self.visible.mark();
        }
        if self.publication.is_unsaved() {
            self.late.mark();
        }
        if let Some(pause) = self.visible.arm() {
            ctx.run_later(pause, |actor, _ctx| {
                if actor.visible.fire() && actor.publication.unpublished() > 0 {
                    actor.publish();
                }
            });
        }
        if let Some(pause) = self.late.arm() {
            ctx.run_later(pause, |actor, _ctx| {
                if actor.late.fire() && actor.publication.is_unsaved() {
                    actor.publish_and_save();
                }
            });
        }
    }
}

impl Actor for EndpointActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_CAPACITY);
        self.merge_inbox();
    }
}

impl Handler<Learn> for EndpointActor {
    type Result = ();

    fn handle(&mut self, message: Learn, ctx: &mut Self::Context) {
        let first = self.model.observations == 0;
        self.learn(message.0);
        if first && self.publication.unpublished() > 0 {
            self.publish();
        }
        self.schedule(ctx);
    }
}

impl Handler<Relearn> for EndpointActor {
    type Result = ();

    fn handle(&mut self, message: Relearn, _ctx: &mut Self::Context) {
        if message.afresh {
            self.model = Arc::default();
            self.publication = Publication::default();
        }
        for exchange in &message.exchanges {
            if self.learn_exchange(exchange) {
                self.publication.learned(true);
            }
        }
        self.publish_and_save();
    }
}

impl Handler<NoteRefusal> for EndpointActor {
    type Result = ();

    fn handle(&mut self, message: NoteRefusal, _ctx: &mut Self::Context) {
        if self.model.refused.status(&message.method) != Some(message.status)
            && Arc::make_mut(&mut self.model).refused.note(&message.method, message.status)
        {
            self.publish_and_save();
        }
    }
}

impl Handler<Publish> for EndpointActor {
    type Result = ();

    fn handle(&mut self, _message: Publish, _ctx: &mut Self::Context) {
        if self.publication.is_unsaved() {
            self.publish_and_save();
        }
    }
}

impl Handler<Recompile> for EndpointActor {
    type Result = ();

    fn handle(&mut self, _message: Recompile, _ctx: &mut Self::Context) {
        // With what is public already: publishing more would cost a copy of the model.
        let model = Arc::clone(&self.handle.published().snapshot.model);
        self.handle.publish(model, self.shared.links.load_full(), drop);
    }
}

impl Handler<MergeInbox> for EndpointActor {
    type Result = ();

    fn handle(&mut self, _message: MergeInbox, _ctx: &mut Self::Context) {
        self.merge_inbox();
    }
}

impl Handler<Finish> for EndpointActor {
    type Result = ();

    fn handle(&mut self, _message: Finish, ctx: &mut Self::Context) {
        // Not saved: the endpoint it is folded into writes both changes at once.
        self.publish_with(|_snapshot| None);
        ctx.stop();
    }
}

impl Handler<Discard> for EndpointActor {
    type Result = ();

    fn handle(&mut self, _message: Discard, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
