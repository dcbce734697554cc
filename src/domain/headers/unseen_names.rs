//! Names seen once: remembered by hash alone until they come again.

use serde::{Deserialize, Serialize};

use crate::domain::privacy::{OCCURRENCES_MIN, is_sensitive_value};
use crate::domain::random::seed::hash_text;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// Names waiting to be seen again; the oldest gives way.
const PENDING_MAX: usize = 64;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct UnseenNames {
    /// Hash and sightings.
    names: Vec<(u64, u64)>,
}

heap_bytes!(UnseenNames { names });

impl UnseenNames {
    /// Counts a sighting; once the name has support and shows no sign of being content, says how
    /// often it was seen before.
    pub(super) fn promote(&mut self, name: &str) -> Option<u64> {
        let hash = hash_text(name.as_bytes());
        let before = match self.names.iter().position(|&(known, _)| known == hash) {
            Some(at) => self.names.remove(at).1,
            None => 0,
        };
        if before + 1 >= OCCURRENCES_MIN && !is_sensitive_value(name) {
            return Some(before);
        }
        self.names.push((hash, before + 1));
        if self.names.len() > PENDING_MAX {
            self.names.remove(0);
        }
        None
    }
}
