//! Saves counters that have moved, so that a kill cannot bring an exhausted rule back to life.

use std::time::Duration;

use actix::prelude::*;

use super::ChaosBoard;

/// Looks at the board from time to time; it has no messages and nothing to lose.
struct ChaosKeeper {
    board: ChaosBoard,
    interval: Duration,
}

/// Starts it on `arbiter`; it ends with it.
pub(super) fn start(board: ChaosBoard, interval: Duration, arbiter: &ArbiterHandle) {
    ChaosKeeper::start_in_arbiter(arbiter, move |_ctx| ChaosKeeper { board, interval });
}

impl Actor for ChaosKeeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(self.interval, |keeper, _ctx| keeper.board.save_moved());
    }
}
