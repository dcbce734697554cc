//! A bounded table in memory: what the sample backend has instead of a database.

use std::collections::{BTreeMap, VecDeque};

use super::page::{HtmlPage, Listing};

/// Rows by key. Clients may add up to `added_max` rows to the seeded ones; after that each new row
/// pushes out the oldest added one, so that a long run neither grows nor starts to fail.
pub(super) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    added: VecDeque<K>,
    added_max: usize,
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    pub(super) fn seeded(rows: impl IntoIterator<Item = (K, V)>, added_max: usize) -> Self {
        Self { rows: rows.into_iter().collect(), added: VecDeque::new(), added_max }
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.rows.get(key).cloned()
    }

    /// Adds a row and returns the key that had to go for it.
    pub(super) fn insert(&mut self, key: K, row: V) -> Option<K> {
        self.added.push_back(key.clone());
        self.rows.insert(key, row);
        if self.added.len() <= self.added_max {
            return None;
        }
        let oldest = self.added.pop_front()?;
        self.rows.remove(&oldest).map(|_| oldest)
    }

    /// Changes a row in place and returns it as it is now.
    pub(super) fn update(&mut self, key: &K, change: impl FnOnce(&mut V)) -> Option<V> {
        let row = self.rows.get_mut(key)?;
        change(row);
        Some(row.clone())
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        self.added.retain(|added| added != key);
        self.rows.remove(key)
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.rows.retain(|_, row| keep(row));
        self.added.retain(|key| self.rows.contains_key(key));
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &V> {
        self.rows.values()
    }

    /// One page of the rows that `keep` accepts, in key order.
    pub(super) fn page(&self, page: HtmlPage, keep: impl Fn(&V) -> bool) -> Listing<V> {
        let matching = self.rows.values().filter(|row| keep(row));
        let total = matching.clone().count();
        Listing {
            items: matching.skip(page.skipped()).take(page.per_page).cloned().collect(),
            page: page.page,
            per_page: page.per_page,
            total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_drops_the_oldest_added_row_and_keeps_the_seeded_ones() {
        let mut table = Table::seeded([(1, "seed")], 2);
        assert_eq!(table.insert(2, "a"), None);
        assert_eq!(table.insert(3, "b"), None);
        assert_eq!(table.insert(4, "c"), Some(2));
        assert_eq!(table.rows().copied().collect::<Vec<_>>(), ["seed", "b", "c"]);
    }

    #[test]
    fn a_removed_row_makes_room() {
        let mut table = Table::seeded([(1, "seed")], 1);
        table.insert(2, "a");
        table.remove(&2);
        assert_eq!(table.insert(3, "b"), None);
        assert_eq!(table.get(&3), Some("b"));
    }

    #[test]
    fn a_page_counts_all_matching_rows() {
        let table = Table::seeded((0..10).map(|n| (n, n)), 0);
        let listing = table.page(HtmlPage { page: 2, per_page: 2 }, |n| n % 2 == 0);
        assert_eq!((listing.items, listing.total), (vec![4, 6], 5));
    }
}
