//! Which entries of a batch are written: keys that fit an index, and of each key the latest.

use std::hash::Hash;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::KEY_BYTES_MAX;

/// The entries whose `key` is the last of its value, in their order.
///
/// One statement writes many rows, and PostgreSQL refuses to touch a row twice in a statement.
pub(super) fn latest<'a, T, K: Hash + Eq>(
    entries: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> Vec<&'a T> {
    let mut seen = FxHashSet::with_capacity_and_hasher(entries.len(), FxBuildHasher);
    let mut kept: Vec<_> = entries.iter().rev().filter(|entry| seen.insert(key(entry))).collect();
    kept.reverse();
    kept
}

/// Whether `key` fits the indexes of both databases.
///
/// An entry that does not is left out and reported: within a batch it would fail the whole
/// transaction, now and on every retry, and nothing would be stored any more.
pub(super) fn fits(what: &str, key: &str) -> bool {
    let fits = key.len() <= KEY_BYTES_MAX;
    if !fits {
        let length = key.len();
        log::error!(
            "{what} with a key of {length} bytes is not stored: the most is {KEY_BYTES_MAX}"
        );
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_entry_of_a_key_stands_and_order_is_kept() {
        let entries = [("a", 1), ("b", 2), ("a", 3), ("c", 4)];
        assert_eq!(latest(&entries, |(key, _)| *key), [&("b", 2), &("a", 3), &("c", 4)]);
    }

    #[test]
    fn a_key_at_the_limit_fits_and_one_byte_more_does_not() {
        assert!(fits("pin", &"x".repeat(KEY_BYTES_MAX)));
        assert!(!fits("pin", &"x".repeat(KEY_BYTES_MAX + 1)));
    }
}
