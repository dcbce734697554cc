//! The evidence of a site: its last exchanges, bounded by number and by bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::world::{Request, SiteExchange, fingerprint};

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

/// What a tape holds.
pub trait Taped {
    /// Number of the exchanges that are like this one at first glance.
    fn group(&self) -> u64;
    /// Bytes that it occupies, roughly.
    fn weight(&self) -> usize;
    /// Bytes of the answer's body.
    fn body_bytes(&self) -> usize;
}

impl Taped for SiteExchange {
    fn group(&self) -> u64 {
        let Request { method, segments, .. } = &*self.request;
        group_of(method, segments.iter().map(String::as_str), self.status)
    }

    fn weight(&self) -> usize {
        self.weight()
    }

    fn body_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// The number of the exchanges of one method, first segment, depth and status.
#[must_use]
pub fn group_of<'a>(method: &str, segments: impl Iterator<Item = &'a str>, status: u16) -> u64 {
    let mut segments = segments.peekable();
    let first = segments.peek().copied().unwrap_or_default();
    fingerprint(&[method, first, &segments.count().to_string(), &status.to_string()])
}

/// The last exchanges with a backend, in the order of time.
///
/// When it is full, the oldest exchanges of the most frequent groups make room, some at a time, so
/// that rare endpoints are not crowded out by busy ones.
#[derive(Debug)]
pub struct Tape<T = SiteExchange> {
    limits: TapeLimits,
    exchanges: VecDeque<(u64, Arc<T>)>,
    groups: FxHashMap<u64, usize>,
    bytes: usize,
}

/// One part in this many makes room at a time: looking for what goes costs a look at everything.
const ROOM_SHARE: usize = 16;

impl<T: Taped> Tape<T> {
    /// An empty tape.
    #[must_use]
    pub fn new(limits: TapeLimits) -> Self {
        Self { limits, exchanges: VecDeque::new(), groups: FxHashMap::default(), bytes: 0 }
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
    pub fn record(&mut self, exchange: impl Into<Arc<T>>) {
        let exchange = exchange.into();
        if exchange.body_bytes() > self.limits.body_bytes_max {
            return;
        }
        let group = exchange.group();
        self.bytes += exchange.weight();
        *self.groups.entry(group).or_default() += 1;
        self.exchanges.push_back((group, exchange));
        if self.exchanges.len() > self.limits.exchanges_max || self.bytes > self.limits.bytes_max {
            self.make_room();
        }
    }

    /// The exchanges, the oldest first.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Arc<T>> {
        self.exchanges.iter().map(|(_, exchange)| Arc::clone(exchange)).collect()
    }

    /// The exchanges, the oldest first; none are left.
    pub fn take(&mut self) -> Vec<Arc<T>> {
        let taken = std::mem::replace(self, Self::new(self.limits));
        taken.exchanges.into_iter().map(|(_, exchange)| exchange).collect()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::new(self.limits);
    }

    fn make_room(&mut self) {
        let TapeLimits { exchanges_max, bytes_max, .. } = self.limits;
        let exchanges = exchanges_max - exchanges_max / ROOM_SHARE;
        let bytes = bytes_max - bytes_max / ROOM_SHARE;
        let mut excess = self.exchanges.len().saturating_sub(exchanges);
        let share = self.share_of(exchanges.min(self.exchanges.len()));
        let mut over: FxHashMap<u64, usize> =
            self.groups.iter().map(|(group, n)| (*group, n.saturating_sub(share))).collect();
        let mut held = self.bytes;
        self.exchanges.retain(|(group, exchange)| {
            let left = over.get_mut(group).filter(|left| **left > 0);
            let Some(left) = left.filter(|_| excess > 0) else { return true };
            *left -= 1;
            excess -= 1;
            held -= exchange.weight();
            false
        });
        // Few large exchanges: the oldest go, whatever their group.
        while held > bytes && self.exchanges.len() > 1 {
            if let Some((_, oldest)) = self.exchanges.pop_front() {
                held -= oldest.weight();
            }
        }
        self.bytes = held;
        self.groups.clear();
        for (group, _) in &self.exchanges {
            *self.groups.entry(*group).or_default() += 1;
        }
    }

    /// The size to which the largest groups are to shrink, so that `wanted` exchanges are left.
    fn share_of(&self, wanted: usize) -> usize {
        let left = |share: usize| self.groups.values().map(|n| (*n).min(share)).sum::<usize>();
        let (mut fits, mut exceeds) = (0, wanted + 1);
        while exceeds - fits > 1 {
            let middle = fits.midpoint(exceeds);
            if left(middle) <= wanted { fits = middle } else { exceeds = middle }
        }
        fits
    }
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
        assert!((47..=50).contains(&kept.len()), "{}", kept.len());
        assert!(kept.iter().any(|one| &*one.request.target == "/rare"));
        assert!(kept.iter().any(|one| &*one.request.target == "/busy/499"));
    }

    #[test]
    fn the_bytes_are_bounded_whatever_is_in_them() {
        let limits = TapeLimits { bytes_max: 100_000, ..TapeLimits::default() };
        let mut tape = Tape::new(limits);
        (0..500).for_each(|n| tape.record(exchange(&format!("/{n}/{}", "x".repeat(n)), 200)));
        assert!(tape.bytes() <= 100_000);
        let held: usize = tape.exchanges().iter().map(|one| one.weight()).sum();
        assert_eq!(held, tape.bytes());
        assert!(tape.len() > 50);
        assert!(!tape.take().is_empty());
        assert!(tape.is_empty() && tape.bytes() == 0);
    }
}
