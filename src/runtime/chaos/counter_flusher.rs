//! Saves counters that have moved, so that a kill cannot bring an exhausted rule back to life.

use std::time::Duration;

use actix::prelude::*;

use super::ChaosHandle;

/// Looks at the board from time to time; it has no messages and nothing to lose.
struct CounterFlusher {
    board: ChaosHandle,
    interval: Duration,
}

/// Starts it on `arbiter`; it ends with it.
pub(super) fn start(board: ChaosHandle, interval: Duration, arbiter: &ArbiterHandle) {
    CounterFlusher::start_in_arbiter(arbiter, move |_ctx| CounterFlusher { board, interval });
}

impl Actor for CounterFlusher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(self.interval, |keeper, _ctx| keeper.board.save_moved());
    }
}
