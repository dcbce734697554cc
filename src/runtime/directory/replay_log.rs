//! The first exchanges of young endpoints, kept to be learned again when their template parts.
//!
//! A template is a guess while it is young: `/{name}` may turn out to be `/login` and `/logout`. A
//! model is a mixture that cannot be taken apart, but exchanges can be learned again, each where
//! it belongs. So the exchanges of an endpoint are kept as long as all of them can be: then its
//! parts are what they would have been. An endpoint that has outgrown this is never taken apart.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::endpoint::{EndpointKey, Observation};

/// Exchanges that are kept of one endpoint: templates that were seen so often seldom part.
const EXCHANGES_MAX: usize = 48;

/// Bytes that are kept of one endpoint: a handful of large bodies must not displace the rest.
const ENDPOINT_BYTES_MAX: usize = 256 * 1024;

/// Bytes that are kept in all; the oldest endpoints make room.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// All exchanges of one endpoint.
#[derive(Default)]
struct Young {
    exchanges: Vec<Arc<Observation>>,
    bytes: usize,
}

/// The exchanges of all young endpoints.
#[derive(Default)]
pub struct ReplayLog {
    young: FxHashMap<EndpointKey, Young>,
    /// Endpoints in the order in which they were begun; may name some that are no longer kept.
    order: VecDeque<EndpointKey>,
    bytes: usize,
}

impl ReplayLog {
    /// An endpoint of which nothing was learned yet.
    pub fn begin(&mut self, key: &EndpointKey) {
        if self.young.insert(key.clone(), Young::default()).is_none() {
            self.order.push_back(key.clone());
        }
    }

    /// Keeps one more exchange of an endpoint, if all before it are kept.
    pub fn keep(&mut self, key: &EndpointKey, exchange: &Arc<Observation>) {
        let Some(young) = self.young.get_mut(key) else { return };
        let bytes = exchange.weight();
        if young.exchanges.len() >= EXCHANGES_MAX || young.bytes + bytes > ENDPOINT_BYTES_MAX {
            self.outgrow(key);
            return;
        }
        young.exchanges.push(Arc::clone(exchange));
        young.bytes += bytes;
        self.bytes += bytes;
        while self.bytes > BYTES_MAX {
            let Some(oldest) = self.order.pop_front() else { break };
            self.outgrow(&oldest);
        }
    }

    /// All exchanges of an endpoint, which has none from here on; `None` when some were not kept.
    pub fn take(&mut self, key: &EndpointKey) -> Option<Vec<Arc<Observation>>> {
        let young = self.young.remove(key)?;
        self.bytes -= young.bytes;
        Some(young.exchanges)
    }

    /// Whether all exchanges of both endpoints are kept, and would be together.
    pub fn keeps_both(&self, a: &EndpointKey, b: &EndpointKey) -> bool {
        let (Some(a), Some(b)) = (self.young.get(a), self.young.get(b)) else { return false };
        a.exchanges.len() + b.exchanges.len() <= EXCHANGES_MAX
            && a.bytes + b.bytes <= ENDPOINT_BYTES_MAX
    }

    /// The endpoint is gone, or what is kept of it is no longer all.
    pub fn outgrow(&mut self, key: &EndpointKey) {
        let _gone = self.take(key);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::endpoint::{BackendId, Provenance};
    use crate::domain::path::{PathLearner, PathLimits, PathObservation};

    fn key(path: &str) -> EndpointKey {
        let mut paths = PathLearner::new(PathLimits::default());
        let observation =
            PathObservation { method: "GET", path, status: 200, media: None, shape: None };
        EndpointKey::new("GET", paths.observe(&observation))
    }

    fn exchange(path: &str) -> Arc<Observation> {
        Arc::new(Observation {
            backend: BackendId::ONLY,
            at_ms: 0,
            provenance: Provenance::Upstream,
            method: "GET".into(),
            path: path.into(),
            status: 200,
            first_byte_us: 1,
            total_us: 2,
            sample: None,
        })
    }

    #[test]
    fn all_exchanges_are_kept_or_none() {
        let (mut log, a, b) = (ReplayLog::default(), key("/a"), key("/b"));
        log.keep(&a, &exchange("/a"));
        assert!(log.take(&a).is_none(), "what came before it began is not kept");
        log.begin(&a);
        log.begin(&b);
        (0..EXCHANGES_MAX).for_each(|_| log.keep(&a, &exchange("/a")));
        log.keep(&b, &exchange("/b"));
        assert!(!log.keeps_both(&a, &b), "one too many");
        log.keep(&a, &exchange("/a"));
        assert!(log.take(&a).is_none(), "one too many for it alone");
        assert_eq!(log.take(&b).map(|kept| kept.len()), Some(1));
        assert_eq!(log.bytes, 0);
    }

    #[test]
    fn the_oldest_make_room() {
        let mut log = ReplayLog::default();
        // The method tells them apart: a path with a number in it would be one template for all.
        let template = key("/a").template;
        let numbered = |n: usize| EndpointKey::new(&format!("M{n}"), template.clone());
        let keys: Vec<EndpointKey> = (0..1_000).map(numbered).collect();
        let large = exchange(&"x".repeat(16 * 1024));
        for key in &keys {
            log.begin(key);
            log.keep(key, &large);
        }
        assert!(log.bytes <= BYTES_MAX);
        assert!(log.take(&keys[0]).is_none());
        assert_eq!(log.take(&keys[999]).map(|kept| kept.len()), Some(1));
    }
}
