//! Numbers that are counted within something: issues of a project, positions on an invoice.

use serde_json::{Map, Value};

/// A member that counts items within a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupNumber {
    /// The member.
    pub name: Box<str>,
    /// The member whose value names the group; without one it is the collection, by its path.
    pub by: Option<Box<str>>,
    /// The number of the first of a group.
    pub first: u64,
}

impl GroupNumber {
    /// The number of the next item of the group to which a new one belongs, of a collection with
    /// these rows.
    #[must_use]
    pub fn next<'r>(
        &self,
        rows: impl Iterator<Item = &'r Map<String, Value>>,
        made: &Map<String, Value>,
    ) -> u64 {
        let group = self.by.as_deref().and_then(|by| made.get(by));
        let is_in = |row: &&Map<String, Value>| {
            self.by.as_deref().is_none_or(|by| group.is_some() && row.get(by) == group)
        };
        let numbers = rows.filter(is_in).filter_map(|row| row.get(&*self.name)?.as_u64());
        numbers.max().map_or(self.first, |last| last.saturating_add(1))
    }
}
