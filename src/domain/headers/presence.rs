//! Which headers come together: sets of names counted, for requests with and without an origin.

use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use serde::{Deserialize, Serialize};

/// Sets remembered; what is rarer is drawn header by header. Answers of one status differ by
/// little (a cache hit or miss, a cookie set or not).
const SETS_MAX: usize = 32;

/// Marks sets seen on cross-origin requests, so that CORS headers answer those alone. Header
/// names therefore use the 63 bits below.
pub(super) const WITH_ORIGIN: u64 = 1 << 63;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Presence {
    sets: Vec<NameSet>,
    /// Answers whose set found no room or lost it.
    scattered: u64,
}

heap_bytes!(Presence { sets, scattered });

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct NameSet {
    mask: u64,
    count: u64,
}

no_heap!(NameSet);

impl Presence {
    pub(super) fn observe(&mut self, mask: u64) {
        self.add(NameSet { mask, count: 1 });
    }

    /// Says that the header of this bit was in every answer so far.
    pub(super) fn everywhere(&mut self, bit: u64) {
        for set in &mut self.sets {
            set.mask |= bit;
        }
    }

    /// Adds another's sets, their bits moved to where `place` says.
    pub(super) fn merge(&mut self, other: &Self, place: impl Fn(u32) -> Option<u32>) {
        self.scattered += other.scattered;
        for set in &other.sets {
            let bits = (0..63).filter(|bit| set.mask & (1 << bit) != 0).filter_map(&place);
            let mask = bits.fold(set.mask & WITH_ORIGIN, |mask, bit| mask | (1 << bit));
            self.add(NameSet { mask, count: set.count });
        }
    }

    /// Sets with their counts: those seen with (or without) an origin, or all when there are none.
    pub(super) fn sets(&self, with_origin: bool) -> Vec<(u64, u64)> {
        let wanted = |set: &&NameSet| (set.mask & WITH_ORIGIN != 0) == with_origin;
        let some: Vec<_> = self.sets.iter().filter(wanted).map(|s| (s.mask, s.count)).collect();
        if some.is_empty() { self.sets.iter().map(|s| (s.mask, s.count)).collect() } else { some }
    }

    pub(super) fn scattered(&self) -> u64 {
        self.scattered
    }

    fn add(&mut self, set: NameSet) {
        if let Some(known) = self.sets.iter_mut().find(|known| known.mask == set.mask) {
            known.count += set.count;
            return;
        }
        self.sets.push(set);
        if self.sets.len() > SETS_MAX {
            // The rarest of the old ones makes room, so that a new habit can establish itself.
            let olds = self.sets.iter().enumerate().take(SETS_MAX);
            if let Some(at) = olds.min_by_key(|(_, set)| set.count).map(|(at, _)| at) {
                self.scattered += self.sets.remove(at).count;
            }
        }
    }
}
