//! Evidence that members of an object always agree: one counts another's items, or repeats it.

use crate::domain::sketch::heap_bytes::heap_bytes;
use serde::{Deserialize, Serialize};

/// How often the members that `names` names agreed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Invariant<N> {
    /// Fingerprints of the names.
    #[serde(flatten)]
    pub names: N,
    #[serde(rename = "h")]
    hits: u32,
    #[serde(rename = "t")]
    trials: u32,
    /// The first value that agreed, and whether another one did.
    #[serde(rename = "f")]
    first: u32,
    #[serde(rename = "d")]
    varied: bool,
}

heap_bytes!(Invariant<N> { names, hits, trials, first, varied });

/// Agreements, of different values, before the members are kept in agreement.
const HITS_MIN: u32 = 5;

/// Trials after which an agreement that failed often is forgotten.
const TRIALS_JUDGED: u32 = 8;

/// Agreements of one kind that one object remembers.
const AGREEMENTS_MAX: usize = 4;

impl<N> Invariant<N> {
    /// Whether a synthesised object keeps it.
    pub fn is_active(&self) -> bool {
        // One in fifty may be a page in transition or a coincidence of values.
        self.varied && self.hits >= HITS_MIN && self.hits * 50 >= self.trials * 49
    }
}

/// Counts one trial; `value` is what agreed when it is a hit.
pub fn note<N: PartialEq>(all: &mut Vec<Invariant<N>>, names: N, value: u32, hit: bool) {
    if let Some(known) = all.iter_mut().find(|known| known.names == names) {
        known.trials = known.trials.saturating_add(1);
        known.hits = known.hits.saturating_add(u32::from(hit));
        known.varied |= hit && known.first != value;
    } else if hit && all.len() < AGREEMENTS_MAX {
        all.push(Invariant { names, hits: 1, trials: 1, first: value, varied: false });
    }
}

/// Makes room by forgetting what agreed by chance.
pub fn forget_chance<N>(all: &mut Vec<Invariant<N>>) {
    all.retain(|known| known.trials < TRIALS_JUDGED || known.hits * 2 >= known.trials);
}

/// Adds the evidence of another model.
pub fn merge<N: PartialEq>(all: &mut Vec<Invariant<N>>, others: Vec<Invariant<N>>) {
    for other in others {
        let room = all.len() < AGREEMENTS_MAX;
        match all.iter_mut().find(|own| own.names == other.names) {
            Some(own) => {
                own.hits = own.hits.saturating_add(other.hits);
                own.trials = own.trials.saturating_add(other.trials);
                own.varied |= other.varied || own.first != other.first;
            }
            None if room => all.push(other),
            None => {}
        }
    }
}
