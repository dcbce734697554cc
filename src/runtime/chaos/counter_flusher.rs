//! Saves counters that have moved, so that a kill cannot bring an exhausted rule back to life.

use std::time::Duration;

use actix::prelude::*;

use super::ChaosHandle;

/// Looks at the handle from time to time; it has no messages and nothing to lose.
struct CounterFlusher {
    handle: ChaosHandle,
    interval: Duration,
}

/// Starts it on `arbiter`; it ends with it.
pub(super) fn start(handle: ChaosHandle, interval: Duration, arbiter: &ArbiterHandle) {
    CounterFlusher::start_in_arbiter(arbiter, move |_ctx| CounterFlusher { handle, interval });
}

impl Actor for CounterFlusher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(self.interval, |flusher, _ctx| flusher.handle.save_moved());
    }
}
