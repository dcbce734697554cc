//! Seeds of mocked answers, and where each consumer stands in its sequence of them.

use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::domain::chaos::ChaosSeed;
use crate::domain::endpoint::{ResponseSeeds, SequenceState, StatusDraw};
use crate::domain::random::seed::{mix, mix_text};
use crate::domain::status::ChainState;
use crate::http::data_plane::DataPlane;
use crate::http::exchange::incoming_request::IncomingRequest;
use crate::runtime::learning::endpoint_handle::{EndpointHandle, EndpointVersion};

/// Shards of the table of named consumers; requests without a name never touch it.
const SHARDS: usize = 16;

/// Cursors in one shard; beyond it the shard starts anew, and its consumers' sequences with it.
/// 4,096 x 16 pairs of consumer and endpoint: a team's whole CI run, in a few MiB.
const CURSORS_PER_SHARD_MAX: usize = 4_096;

/// Where the answers of all consumers are drawn from.
pub struct SessionSeeds {
    seed: u64,
    named: [Mutex<FxHashMap<u64, Arc<SequenceState>>>; SHARDS],
}

impl SessionSeeds {
    /// Draws from the text of the process seed.
    #[must_use]
    pub fn new(seed: &str) -> Self {
        Self { seed: mix_text(0, seed), named: Default::default() }
    }

    /// The process seed as a number.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Draws the next status for a consumer: its own sequence per endpoint, whatever others do.
    #[must_use]
    pub fn next(
        &self,
        session: Option<&str>,
        endpoint: &EndpointHandle,
        published: &EndpointVersion,
    ) -> StatusDraw {
        let own = mix_text(self.seed, endpoint.id().as_str());
        let (status, process, sequence) = match session {
            None => endpoint.cursor.next_status(published.behavior(), own),
            Some(session) => {
                let consumer = mix_text(own, session);
                self.cursor(consumer).next_status(published.behavior(), consumer)
            }
        };
        let seeds = ResponseSeeds { process, entity: self.seed, sequence, is_timeless: false };
        StatusDraw { status, seeds }
    }

    /// Draws a status from `X-Mock-Seed`, the model and the request alone.
    #[must_use]
    pub fn seeded(seed: &str, method: &str, path: &str, published: &EndpointVersion) -> StatusDraw {
        // A stream of its own, so that no text equals a process seed by chance.
        let entity = mix_text(mix_text(1, "x-mock-seed"), seed);
        let process = mix_text(mix_text(entity, method), path);
        let (status, _next) = published.behavior().draw_status(ChainState::START, process);
        let seeds = ResponseSeeds { process, entity, sequence: 0, is_timeless: true };
        StatusDraw { status, seeds }
    }

    fn cursor(&self, consumer: u64) -> Arc<SequenceState> {
        let shard = &self.named[(consumer % SHARDS as u64) as usize];
        let mut shard = shard.lock();
        if shard.len() >= CURSORS_PER_SHARD_MAX && !shard.contains_key(&consumer) {
            shard.clear();
        }
        Arc::clone(shard.entry(consumer).or_default())
    }
}

/// Where what people ordered (chaos, overrides) draws from for a request: from `X-Mock-Seed` and
/// the request alone, or from the process seed.
#[must_use]
pub fn draw_seed(received: &IncomingRequest<'_>, plane: &DataPlane) -> ChaosSeed {
    match &received.steering.seed {
        Some(seed) => {
            let request = mix_text(mix_text(0, seed), received.path_and_query());
            ChaosSeed::Request(mix_text(request, received.method()))
        }
        None => ChaosSeed::Process(plane.shared.draws.seed()),
    }
}

/// Ids of exchanges: unique over instances and restarts, cheap to make.
pub struct RequestIds {
    /// Of this run: eight hexadecimal digits and a dash.
    prefix: String,
    next: std::sync::atomic::AtomicU64,
}

impl RequestIds {
    /// Ids of an instance that was started at this moment with this seed.
    #[must_use]
    pub fn new(seed: u64, started_at_ms: i64) -> Self {
        let instance = mix(mix(seed, started_at_ms.unsigned_abs()), u64::from(std::process::id()));
        let prefix = format!("{:08x}-", instance >> 32);
        Self { prefix, next: std::sync::atomic::AtomicU64::new(1) }
    }

    /// The next id, e.g. `9f3c21aa-1f`.
    #[must_use]
    pub fn next(&self) -> String {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let digits = (u64::BITS - number.leading_zeros()).div_ceil(4);
        let mut id = String::with_capacity(self.prefix.len() + digits as usize);
        id.push_str(&self.prefix);
        for digit in (0..digits).rev() {
            // A nibble is a hexadecimal digit.
            id.extend(char::from_digit((number >> (4 * digit)) as u32 & 0xf, 16));
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_in_hexadecimal_behind_the_mark_of_their_run() {
        let ids = RequestIds::new(7, 1_790_000_000_000);
        let drawn: Vec<String> = (0..300).map(|_| ids.next()).collect();
        let (mark, first) = drawn[0].split_once('-').unwrap();
        assert_eq!((mark.len(), first), (8, "1"));
        assert_eq!(drawn[299], format!("{mark}-12c"));
        assert!(!RequestIds::new(8, 1_790_000_000_000).next().starts_with(mark));
    }
}
