//! What the parts of one worker's client share, and the reaper of its idle sockets.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ticket::TicketTable;
use crate::http::upstream::h1::connection::BackendConnection;
use crate::http::upstream::settings::Upstream;

/// One read of an answer's head; two of awc's own 8 KiB buffers, shared by all sockets of a worker
/// because a read is used up before the next one begins.
const SCRATCH_BYTES: usize = 16 * 1024;
/// The reaper looks this often per idle limit, so that a socket outlives it by a quarter at most.
const SWEEPS_PER_IDLE_TIMEOUT: u32 = 4;
/// A backend that ends a connection so soon after an answer does so after each one.
const HASTY_CLOSE_MAX: Duration = Duration::from_secs(1);
/// For how long one hasty close is remembered: every ten seconds one request at most meets another.
const HASTY_MEMORY: Duration = Duration::from_secs(10);
/// Shortest time between two sweeps.
const SWEEP_INTERVAL_MIN: Duration = Duration::from_millis(50);

pub struct Worker {
    pub upstream: Arc<Upstream>,
    pub tickets: TicketTable,
    pub scratch: RefCell<Box<[u8]>>,
    /// Bounded by the sockets in existence: [`Worker::watch`] sweeps out the dead ones.
    sockets: RefCell<Vec<Weak<IdleSocket>>>,
    /// Sockets idle since before this moment are not reused.
    reuse_floor: Cell<Option<Instant>>,
    /// Until when requests that cannot be sent twice get connections of their own.
    hasty_until: Cell<Option<Instant>>,
}

/// What the reaper knows of a socket.
pub struct IdleSocket {
    pub connection: BackendConnection,
    /// Since when the socket is unused; absent while it serves.
    pub idle_since: Cell<Option<Instant>>,
}

impl Worker {
    pub fn new(upstream: Arc<Upstream>) -> Rc<Self> {
        let worker = Rc::new(Self {
            upstream,
            tickets: TicketTable::default(),
            scratch: RefCell::new(vec![0; SCRATCH_BYTES].into_boxed_slice()),
            sockets: RefCell::new(Vec::new()),
            reuse_floor: Cell::new(None),
            hasty_until: Cell::new(None),
        });
        actix_rt::spawn(reap(Rc::downgrade(&worker)));
        worker
    }

    /// Puts a new socket under the reaper's eye.
    pub fn watch(&self, connection: BackendConnection) -> Rc<IdleSocket> {
        let socket = Rc::new(IdleSocket { connection, idle_since: Cell::new(None) });
        let mut sockets = self.sockets.borrow_mut();
        if sockets.len() == sockets.capacity() {
            sockets.retain(|socket| socket.strong_count() > 0);
        }
        sockets.push(Rc::downgrade(&socket));
        socket
    }

    /// Gives up every socket that is idle now: one of them proved dead, and backends close their
    /// idle connections in groups.
    pub fn distrust_idle(&self) {
        self.reuse_floor.set(Some(Instant::now()));
    }

    /// Whether a socket idle since then may serve again.
    pub fn may_reuse(&self, idle_since: Instant) -> bool {
        self.reuse_floor.get().is_none_or(|floor| idle_since > floor)
    }

    /// Notes that the backend ended a connection, unused since then.
    pub fn note_close(&self, idle_since: Instant) {
        if idle_since.elapsed() <= HASTY_CLOSE_MAX {
            self.hasty_until.set(Some(Instant::now() + HASTY_MEMORY));
        }
    }

    /// Whether the backend lately ended connections right after answers. Its next close may cross a
    /// request on the wire, which must then not be sent again unless it is idempotent.
    pub fn closes_hastily(&self) -> bool {
        self.hasty_until.get().is_some_and(|until| Instant::now() < until)
    }

    fn sweep(&self) {
        let limit = self.upstream.settings.pool_idle_timeout;
        self.sockets.borrow_mut().retain(|socket| {
            let Some(socket) = socket.upgrade() else { return false };
            let Some(idle_since) = socket.idle_since.get() else { return true };
            let expired = idle_since.elapsed() >= limit || !self.may_reuse(idle_since);
            let keep = !expired && socket.connection.is_open() && socket.connection.is_silent();
            if !keep {
                socket.connection.close();
            }
            keep
        });
    }
}

/// Closes idle sockets that grew too old or whose peer spoke or left. awc itself looks at an idle
/// socket only when it wants to use it, so without this their descriptors would stay open.
async fn reap(worker: Weak<Worker>) {
    let Some(idle) = worker.upgrade().map(|worker| worker.upstream.settings.pool_idle_timeout)
    else {
        return;
    };
    let interval = (idle / SWEEPS_PER_IDLE_TIMEOUT).max(SWEEP_INTERVAL_MIN);
    loop {
        actix_rt::time::sleep(interval).await;
        match worker.upgrade() {
            Some(worker) => worker.sweep(),
            None => return,
        }
    }
}
