//! Saves counters that have moved, so that a kill cannot bring an exhausted rule back to life.

use std::time::Duration;

use actix::prelude::*;

/// Looks from time to time; it has no messages and nothing to lose.
struct CounterFlusher<F> {
    save_moved: F,
    interval: Duration,
}

/// Calls `save_moved` every `interval` on `arbiter`, and ends with it.
pub(super) fn start<F>(save_moved: F, interval: Duration, arbiter: &ArbiterHandle)
where
    F: Fn() + Send + Unpin + 'static,
{
    CounterFlusher::start_in_arbiter(arbiter, move |_ctx| CounterFlusher { save_moved, interval });
}

impl<F: Fn() + Unpin + 'static> Actor for CounterFlusher<F> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(self.interval, |keeper, _ctx| (keeper.save_moved)());
    }
}
