//! Where a consumer stands in the sequence of answers drawn for an endpoint.

use std::sync::atomic::{AtomicU64, Ordering};

use super::behavior::Behavior;
use crate::domain::random::seed::mix;
use crate::domain::status::ChainState;

/// Bits of the cursor that hold the state of the status chain.
const CHAIN_BITS: u32 = 8;

/// Number of the next draw and the state of the status chain, in one word: a draw takes the next
/// number and moves the chain in a single atomic step, so that every consumer gets its own
/// reproducible sequence without a lock.
#[derive(Debug, Default)]
pub struct SequenceState(AtomicU64);

impl SequenceState {
    /// Draws the next status for a consumer with `seed`; returns it with the seed of this draw,
    /// from which its latency follows, and its number.
    pub fn next_status(&self, behavior: &Behavior, seed: u64) -> (u16, u64, u64) {
        let mut drawn = (0, 0, 0);
        // The closure may run again when another request of the same consumer was faster; what it
        // drew before is then forgotten. Relaxed: the word guards no other memory.
        self.0.update(Ordering::Relaxed, Ordering::Relaxed, |word| {
            let number = word >> CHAIN_BITS;
            let chain = ChainState::from((word & 0xff) as u8);
            let process_seed = mix(seed, number);
            let (status, next) = behavior.draw_status(chain, process_seed);
            drawn = (status, process_seed, number);
            (number.wrapping_add(1) << CHAIN_BITS) | u64::from(u8::from(next))
        });
        drawn
    }
}
