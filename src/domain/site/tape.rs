//! The evidence of a site: its last exchanges, bounded by number and by bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::world::{SiteExchange, fingerprint};

/// Bounds of a tape.
#[derive(Debug, Clone, Copy)]
pub struct TapeLimits {
    /// Exchanges in all.
    pub exchanges_max: usize,
    /// Bytes in all.
    pub bytes_max: usize,
    /// Bytes of one answer.
    pub body_bytes_max: usize,
}

impl Default for TapeLimits {
    fn default() -> Self {
        Self { exchanges_max: 4_096, bytes_max: 48 << 20, body_bytes_max: 256 << 10 }
    }
}

/// The last exchanges with a backend, in the order of time.
///
/// When it is full, the oldest exchange of the most frequent group (method, first segments of the
/// path, status) makes room, so that rare endpoints are not crowded out by busy ones.
#[derive(Debug, Default)]
pub struct Tape {
    limits: TapeLimits,
    exchanges: VecDeque<(u64, Arc<SiteExchange>)>,
    groups: FxHashMap<u64, u32>,
    bytes: usize,
}

impl Tape {
    /// An empty tape.
    #[must_use]
    pub fn new(limits: TapeLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Number of exchanges.
    #[must_use]
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// Bytes that the exchanges occupy, roughly.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Records an exchange; too large ones are left out.
    pub fn record(&mut self, exchange: SiteExchange) {
        if exchange.bytes.len() > self.limits.body_bytes_max {
            return;
        }
        let group = group_of(&exchange);
        self.bytes += exchange.weight();
        *self.groups.entry(group).or_default() += 1;
        self.exchanges.push_back((group, Arc::new(exchange)));
        while self.exchanges.len() > self.limits.exchanges_max || self.bytes > self.limits.bytes_max
        {
            self.make_room();
        }
    }

    /// The exchanges, the oldest first.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Arc<SiteExchange>> {
        self.exchanges.iter().map(|(_, exchange)| Arc::clone(exchange)).collect()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::new(self.limits);
    }

    fn make_room(&mut self) {
        let most = self.groups.iter().max_by_key(|(_, n)| **n).map(|(group, _)| *group);
        let at = most.and_then(|most| self.exchanges.iter().position(|(group, _)| *group == most));
        let Some((group, exchange)) = self.exchanges.remove(at.unwrap_or(0)) else { return };
        self.bytes = self.bytes.saturating_sub(exchange.weight());
        if let Some(n) = self.groups.get_mut(&group) {
            *n -= 1;
            if *n == 0 {
                self.groups.remove(&group);
            }
        }
    }
}

/// Exchanges that are alike at first glance: method, first segment, depth and status.
fn group_of(exchange: &SiteExchange) -> u64 {
    let request = &exchange.request;
    let first = request.segments.first().map_or("", String::as_str);
    let depth = request.segments.len().to_string();
    fingerprint(&[&request.method, first, &depth, &exchange.status.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::world::Request;

    fn exchange(path: &str, status: u16) -> SiteExchange {
        let request = Request::read(("GET", path, ""), Vec::new(), b"", 0);
        SiteExchange::read(Arc::new(request), status, Vec::new(), b"{}")
    }

    #[test]
    fn the_busiest_group_makes_room_for_rare_ones() {
        let limits = TapeLimits { exchanges_max: 50, ..TapeLimits::default() };
        let mut tape = Tape::new(limits);
        tape.record(exchange("/rare", 200));
        (0..500).for_each(|n| tape.record(exchange(&format!("/busy/{n}"), 200)));
        let kept = tape.exchanges();
        assert_eq!(kept.len(), 50);
        assert!(kept.iter().any(|one| &*one.request.target == "/rare"));
        assert!(kept.iter().any(|one| &*one.request.target == "/busy/499"));
    }
}
