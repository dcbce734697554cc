//! The only writer of the database: batches the newest of everything, retries what failed.
//!
//! Others hand over [`PendingWrite`]s through [`PersistenceHandle::write`]; they land in a table
//! where newer replaces older, not in a mailbox: a database that stalls can neither block a caller
//! nor grow a queue. The actor writes what waits every `flush_interval`, in transactions of some
//! dozens of endpoints, sooner when many endpoints wait, and at once on
//! [`PersistenceHandle::flush`].

pub mod pending_writes;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix::prelude::*;
use parking_lot::Mutex;

use super::clock::now_ms;
use crate::runtime::persistence::pending_writes::{PendingWrite, PendingWrites};
use crate::store::{AuditRecord, Store, StoreError};

/// Snapshots that wait before a batch is written without waiting for the interval: keeps one
/// transaction at a size that a disk takes in well under a second.
const BATCH_ENDPOINTS_MAX: usize = 500;

/// Endpoints in one transaction: some 50 ms of writing, after which somebody who waits for a small
/// change gets their turn.
const TRANSACTION_ENDPOINTS_MAX: usize = 32;

/// Longest pause between attempts while the database fails, so that a recovered one is noticed
/// soon.
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(10);

/// Pause between checks of an idle database, for readiness.
const CHECK_PAUSE: Duration = Duration::from_secs(5);

/// Why something was not made durable.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct PersistenceError(String);

/// What is known of the database, read by readiness and metrics.
#[derive(Debug, Default)]
pub struct PersistenceHealth {
    failing: AtomicBool,
    failing_since_ms: AtomicI64,
    last_error: Mutex<String>,
    /// Batches written since the start.
    pub batches_written: AtomicU64,
    /// Endpoint snapshots written since the start.
    pub endpoints_written: AtomicU64,
    /// Attempts that failed since the start.
    pub failures: AtomicU64,
}

impl PersistenceHealth {
    /// The last error and since when the database fails (unix ms), while it does.
    #[must_use]
    pub fn failing(&self) -> Option<(String, i64)> {
        self.failing.load(Ordering::Acquire).then(|| {
            (self.last_error.lock().clone(), self.failing_since_ms.load(Ordering::Relaxed))
        })
    }

    fn failed(&self, error: &str) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        error.clone_into(&mut self.last_error.lock());
        if !self.failing.load(Ordering::Relaxed) {
            self.failing_since_ms.store(now_ms(), Ordering::Relaxed);
            self.failing.store(true, Ordering::Release);
            // Logged once per outage: a periodic task must not fill the log.
            log::error!("database: {error}; what is learned is kept and written later");
        }
    }

    fn recovered(&self) {
        if self.failing.swap(false, Ordering::AcqRel) {
            log::info!("database: writable again");
        }
    }
}

/// What others hold of the persistence.
#[derive(Clone)]
pub struct PersistenceHandle {
    pending: Arc<Mutex<PendingWrites>>,
    health: Arc<PersistenceHealth>,
    addr: Addr<PersistenceActor>,
}

impl PersistenceHandle {
    /// Starts the actor on `arbiter`, writing every `interval`.
    pub fn start(store: Box<dyn Store>, interval: Duration, arbiter: &ArbiterHandle) -> Self {
        let pending = Arc::new(Mutex::new(PendingWrites::default()));
        let health = Arc::new(PersistenceHealth::default());
        let (table, shared) = (Arc::clone(&pending), Arc::clone(&health));
        let addr = PersistenceActor::start_in_arbiter(arbiter, move |_ctx| PersistenceActor {
            store,
            pending: table,
            health: shared,
            interval,
            retry_pause: interval,
            not_before: Instant::now(),
            checked_at: Instant::now(),
        });
        Self { pending, health, addr }
    }

    /// Hands something over to be written soon; never waits for the database.
    pub fn write(&self, write: PendingWrite) {
        self.write_unless(&AtomicBool::new(false), write);
    }

    /// Hands something over unless `void` is set: whoever sets it and then forgets the same thing
    /// can be sure that it does not come back.
    pub fn write_unless(&self, void: &AtomicBool, write: PendingWrite) {
        let waiting = {
            let mut pending = self.pending.lock();
            if void.load(Ordering::Acquire) {
                return;
            }
            pending.add(write);
            pending.endpoints()
        };
        if waiting == BATCH_ENDPOINTS_MAX {
            // A full mailbox is fine: the interval writes it.
            let _nudged = self.addr.try_send(WriteSoon);
        }
    }

    /// Writes everything handed over so far.
    ///
    /// # Errors
    /// [`PersistenceError`] when the database does not take it; it is kept and retried.
    pub async fn flush(&self) -> Result<(), PersistenceError> {
        self.addr.send(Flush).await.map_err(|error| PersistenceError(error.to_string()))?
    }

    /// Writes what people changed so far, ahead of what was learned.
    ///
    /// # Errors
    /// [`PersistenceError`] when the database does not take it; it is kept and retried.
    pub async fn flush_changes(&self) -> Result<(), PersistenceError> {
        self.addr.send(FlushChanges).await.map_err(|error| PersistenceError(error.to_string()))?
    }

    /// The newest entries of the audit trail.
    ///
    /// # Errors
    /// [`PersistenceError`] when the database cannot be read.
    pub async fn audit(&self, limit: usize) -> Result<Vec<AuditRecord>, PersistenceError> {
        self.addr.send(ReadAudit(limit)).await.map_err(|e| PersistenceError(e.to_string()))?
    }

    /// Health of the database.
    #[must_use]
    pub fn health(&self) -> &Arc<PersistenceHealth> {
        &self.health
    }

    /// Snapshots that wait to be written.
    #[must_use]
    pub fn endpoints_waiting(&self) -> usize {
        self.pending.lock().endpoints()
    }
}

/// The writer.
pub struct PersistenceActor {
    store: Box<dyn Store>,
    pending: Arc<Mutex<PendingWrites>>,
    health: Arc<PersistenceHealth>,
    interval: Duration,
    retry_pause: Duration,
    not_before: Instant,
    checked_at: Instant,
}

#[derive(Message)]
#[rtype(result = "()")]
struct WriteSoon;

#[derive(Message)]
#[rtype(result = "Result<(), PersistenceError>")]
struct Flush;

#[derive(Message)]
#[rtype(result = "Result<(), PersistenceError>")]
struct FlushChanges;

#[derive(Message)]
#[rtype(result = "Result<Vec<AuditRecord>, PersistenceError>")]
struct ReadAudit(usize);

impl Actor for PersistenceActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // A database that cannot be written at the start is said to be degraded from the start.
        let checked = guarded(|| self.store.check());
        let _noted = self.note(&checked);
        ctx.run_interval(self.interval, PersistenceActor::tick);
    }
}

impl Handler<WriteSoon> for PersistenceActor {
    type Result = ();

    fn handle(&mut self, _message: WriteSoon, ctx: &mut Self::Context) {
        self.tick(ctx);
    }
}

impl Handler<Flush> for PersistenceActor {
    type Result = Result<(), PersistenceError>;

    fn handle(&mut self, _message: Flush, _ctx: &mut Self::Context) -> Self::Result {
        self.write_pending()
    }
}

impl Handler<FlushChanges> for PersistenceActor {
    type Result = Result<(), PersistenceError>;

    fn handle(&mut self, _message: FlushChanges, _ctx: &mut Self::Context) -> Self::Result {
        self.write_part(0)
    }
}

impl Handler<ReadAudit> for PersistenceActor {
    type Result = Result<Vec<AuditRecord>, PersistenceError>;

    fn handle(&mut self, message: ReadAudit, _ctx: &mut Self::Context) -> Self::Result {
        let limit = message.0;
        let stored = self.store.audit(limit);
        let mut entries = stored.map_err(|error| PersistenceError(error.to_string()))?;
        // What is not written yet has happened all the same, and later.
        let waiting = self.pending.lock().audit_newest_first();
        entries.splice(..0, waiting);
        entries.truncate(limit);
        Ok(entries)
    }
}

impl PersistenceActor {
    /// The periodic part: writes when something waits and no pause after a failure is due.
    fn tick(&mut self, ctx: &mut Context<Self>) {
        let now = Instant::now();
        if now < self.not_before {
            return;
        }
        if self.pending.lock().is_empty() {
            if now.duration_since(self.checked_at) >= CHECK_PAUSE {
                self.checked_at = now;
                let checked = guarded(|| self.store.check());
                // Noted in the health; nobody waits for it.
                let _checked = self.note(&checked);
            }
        } else {
            // A failure is counted, logged once, and retried: a periodic task fails nobody.
            let written = self.write_part(TRANSACTION_ENDPOINTS_MAX);
            if written.is_ok() && !self.pending.lock().is_empty() {
                // By way of the mailbox, so that others get their turn.
                ctx.notify(WriteSoon);
            }
        }
    }

    /// Writes everything that waits now; what is added meanwhile is not waited for.
    fn write_pending(&mut self) -> Result<(), PersistenceError> {
        let mut waiting = std::mem::take(&mut *self.pending.lock());
        loop {
            let part = waiting.take_part(TRANSACTION_ENDPOINTS_MAX);
            self.write(part, &mut waiting)?;
            if waiting.is_empty() {
                return Ok(());
            }
        }
    }

    /// Writes one transaction of what waits.
    fn write_part(&mut self, endpoints_max: usize) -> Result<(), PersistenceError> {
        let part = self.pending.lock().take_part(endpoints_max);
        self.write(part, &mut PendingWrites::default())
    }

    /// Writes `taken`; what it and `rest` hold waits again when that fails.
    fn write(
        &mut self,
        mut taken: PendingWrites,
        rest: &mut PendingWrites,
    ) -> Result<(), PersistenceError> {
        if taken.is_empty() {
            // Nothing to write; but a flush must not say "durable" while the database is gone.
            let checked = guarded(|| self.store.check());
            return self.note(&checked);
        }
        let batch = taken.to_batch();
        let written = guarded(|| self.store.write(&batch));
        if written.is_ok() {
            let endpoints = u64::try_from(batch.endpoints.len()).unwrap_or(u64::MAX);
            self.health.batches_written.fetch_add(1, Ordering::Relaxed);
            self.health.endpoints_written.fetch_add(endpoints, Ordering::Relaxed);
        } else {
            taken.rejoin(std::mem::take(rest));
            self.pending.lock().restore(taken);
        }
        self.note(&written)
    }

    fn note(&mut self, outcome: &Result<(), String>) -> Result<(), PersistenceError> {
        match outcome {
            Ok(()) => {
                self.health.recovered();
                self.retry_pause = self.interval;
                self.not_before = Instant::now();
                Ok(())
            }
            Err(error) => {
                self.health.failed(error);
                self.not_before = Instant::now() + self.retry_pause;
                self.retry_pause = (self.retry_pause * 2).min(RETRY_PAUSE_MAX);
                Err(PersistenceError(error.clone()))
            }
        }
    }
}

/// Runs a store call; a panic in it is one more way to fail, and must not end the only writer.
fn guarded(call: impl FnOnce() -> Result<(), StoreError>) -> Result<(), String> {
    // The store works in transactions and keeps nothing of a failed call, so looking at it again
    // after a panic is sound.
    match std::panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_panic) => Err("the database layer panicked".into()),
    }
}
