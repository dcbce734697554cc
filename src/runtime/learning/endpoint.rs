//! One endpoint's owner: learns its exchanges, publishes what readers need, saves itself.
//!
//! The actor is a thin shell around an `EndpointModel`. It publishes an immutable
//! [`EndpointVersion`] soon after something was learned, never more often than its cost allows, and
//! hands the same snapshot to the persistence. The snapshot is copy-on-write: the model is
//! copied once per publication, not per observation, and what was published is what a replacement
//! starts from when this actor panics.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix::prelude::*;
use arc_swap::ArcSwap;
use smallvec::SmallVec;

use super::snapshot::{EndpointChaos, EndpointSnapshot};
use crate::domain::decide::EndpointMode;
use crate::domain::endpoint::{ModelLimits, Observation};
use crate::domain::value::relation::resource_links::ResourceLinks;
#[cfg(any(test, feature = "test-util"))]
use crate::runtime::learning::PlannedFaults;
use crate::runtime::learning::endpoint_handle::{EndpointHandle, EndpointVersion};
use crate::runtime::learning::observation_queue::{LearningCounters, Queued};
use crate::runtime::persistence::PersistenceHandle;
use crate::runtime::persistence::pending_writes::PendingWrite;

/// Batches that may wait in a mailbox. The bytes behind them are bounded by the intake's budget;
/// this bounds the batches, of which the directory sends at most one per endpoint and drain.
const MAILBOX_CAPACITY: usize = 1_024;

/// Shortest pause between two publications: a mock that lags a tenth of a second behind the
/// traffic is as good as one that does not.
const PUBLISH_PAUSE_MIN: Duration = Duration::from_millis(100);

/// Longest pause between two publications.
const PUBLISH_PAUSE_MAX: Duration = Duration::from_secs(5);

/// A publication may take one part in this many of the time: 2 % of the learning thread.
const PUBLISH_COST_FACTOR: u32 = 50;

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
    snapshot: EndpointSnapshot,
    unpublished: u64,
    publish_scheduled: bool,
    publish_pause: Duration,
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

/// Change how the endpoint answers and learns.
#[derive(Message, Debug, Clone, Copy, Default)]
#[rtype(result = "()")]
pub struct Amend {
    /// New mode.
    pub mode: Option<EndpointMode>,
    /// New switch for learning.
    pub learn: Option<bool>,
}

/// Note how much chaos the endpoint was told to make.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub struct SetChaos(pub EndpointChaos);

impl EndpointActor {
    /// Starts an actor for `handle` from what the handle published last.
    pub fn start(handle: &Arc<EndpointHandle>, shared: &Arc<EndpointShared>, on: &ArbiterHandle) {
        let (owner, shared) = (Arc::clone(handle), Arc::clone(shared));
        let addr = Self::start_in_arbiter(on, move |_ctx| {
            let snapshot = EndpointSnapshot::clone(&owner.published().snapshot);
            Self {
                handle: owner,
                shared,
                snapshot,
                unpublished: 0,
                publish_scheduled: false,
                publish_pause: PUBLISH_PAUSE_MIN,
            }
        });
        handle.addr.store(Some(Arc::new(addr)));
    }

    /// Learns one exchange; false when it does not teach.
    fn learn_exchange(&mut self, observation: &Observation) -> bool {
        let values = self.handle.key().template.capture(&observation.path);
        let names = self.handle.parameters().iter().map(|name| &**name);
        let params: SmallVec<[(&str, &str); 8]> = names.zip(values.unwrap_or_default()).collect();
        let model = Arc::make_mut(&mut self.snapshot.model);
        model.observe(observation, &params, &self.shared.limits)
    }

    fn learn(&mut self, batch: Vec<Queued>) {
        for queued in batch {
            let observation = &queued.observation;
            #[cfg(any(test, feature = "test-util"))]
            self.shared.faults.inject(&observation.path);
            let learned = self.learn_exchange(observation);
            let counters = &self.shared.counters;
            let counter = if learned { &counters.learned } else { &counters.dropped_provenance };
            counter.fetch_add(1, Ordering::Relaxed);
            self.unpublished += 1;
        }
    }

    fn merge_inbox(&mut self) {
        let folded = std::mem::take(&mut *self.handle.inbox.lock());
        if folded.is_empty() {
            return;
        }
        let model = Arc::make_mut(&mut self.snapshot.model);
        for snapshot in &folded {
            model.merge(&snapshot.model, &self.shared.limits);
        }
        self.publish();
        let ids = folded.iter().map(|snapshot| snapshot.id.as_str().to_owned()).collect();
        self.save(PendingWrite::Fold { ids, into: Arc::new(self.snapshot.clone()) });
    }

    fn publish(&mut self) {
        let began = Instant::now();
        self.unpublished = 0;
        let snapshot = self.compile();
        self.save(PendingWrite::Endpoint(snapshot));
        let pause = began.elapsed() * PUBLISH_COST_FACTOR;
        self.publish_pause = pause.clamp(PUBLISH_PAUSE_MIN, PUBLISH_PAUSE_MAX);
    }

    fn save(&self, write: PendingWrite) {
        self.shared.persistence.write_unless(&self.handle.forgotten, write);
    }

    /// Makes what is known public, for the request path.
    fn compile(&self) -> Arc<EndpointSnapshot> {
        let snapshot = Arc::new(self.snapshot.clone());
        let links = self.shared.links.load_full();
        self.handle.publish(EndpointVersion::compiled(Arc::clone(&snapshot), links));
        snapshot
    }

    fn publish_soon(&mut self, ctx: &mut Context<Self>) {
        if self.unpublished == 0 || self.publish_scheduled {
            return;
        }
        self.publish_scheduled = true;
        ctx.run_later(self.publish_pause, |actor, _ctx| {
            actor.publish_scheduled = false;
            if actor.unpublished > 0 {
                actor.publish();
            }
        });
    }
}

impl Actor for EndpointActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_CAPACITY);
        // A restored endpoint is compiled here unless a request came first.
        self.handle.published().behavior();
        self.merge_inbox();
    }
}

impl Handler<Learn> for EndpointActor {
    type Result = ();

    fn handle(&mut self, message: Learn, ctx: &mut Self::Context) {
        let first = self.snapshot.model.observations == 0;
        self.learn(message.0);
        if first && self.unpublished > 0 {
            self.publish();
        }
        self.publish_soon(ctx);
    }
}

impl Handler<Relearn> for EndpointActor {
    type Result = ();

    fn handle(&mut self, message: Relearn, _ctx: &mut Self::Context) {
        if message.afresh {
            self.snapshot.model = Arc::default();
        }
        for exchange in &message.exchanges {
            let _teaches = self.learn_exchange(exchange);
        }
        self.publish();
    }
}

impl Handler<Publish> for EndpointActor {
    type Result = ();

    fn handle(&mut self, _message: Publish, _ctx: &mut Self::Context) {
        if self.unpublished > 0 {
            self.publish();
        }
    }
}

impl Handler<Recompile> for EndpointActor {
    type Result = ();

    fn handle(&mut self, _message: Recompile, _ctx: &mut Self::Context) {
        self.compile();
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
        self.compile();
        ctx.stop();
    }
}

impl Handler<Discard> for EndpointActor {
    type Result = ();

    fn handle(&mut self, _message: Discard, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

impl Handler<Amend> for EndpointActor {
    type Result = ();

    fn handle(&mut self, message: Amend, _ctx: &mut Self::Context) {
        self.snapshot.mode = message.mode.unwrap_or(self.snapshot.mode);
        self.snapshot.learn = message.learn.unwrap_or(self.snapshot.learn);
        self.publish();
    }
}

impl Handler<SetChaos> for EndpointActor {
    type Result = ();

    fn handle(&mut self, message: SetChaos, _ctx: &mut Self::Context) {
        self.snapshot.chaos = Some(message.0);
        self.publish();
    }
}
