//! An entity, and the place where it is held.

use std::sync::Arc;

use serde_json::{Map, Value};

/// An entity's place: its collection, variables filled in, and its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityKey {
    /// Segments of the collection's path, joined.
    pub collection: Box<str>,
    /// Last segment of the item's path.
    pub id: Box<str>,
}

/// One entity; replaced as a whole, never edited.
#[derive(Debug, Clone, Default)]
pub struct Entity {
    /// Its members, as far as they are known.
    pub object: Option<Arc<Map<String, Value>>>,
    /// Whether it was deleted.
    pub is_gone: bool,
    /// Whether it was there before anybody wrote.
    pub is_seeded: bool,
    /// Whether a write made it what it is: what its sender left out is not there.
    pub is_written: bool,
    /// Keyed hash of whoever created it.
    pub owner: Option<u64>,
    /// Bytes that it takes, roughly.
    pub weight: u32,
    /// The consumer's request that touched it last.
    pub stamp: u64,
    /// Its validator as last answered.
    pub etag: Option<Box<str>>,
}

/// Bytes of an entity without members: its key twice, its place in two maps.
const ENTITY_BYTES: usize = 192;

/// Bytes of a value beside its text.
const VALUE_BYTES: usize = 40;

impl Entity {
    /// Bytes that it takes, roughly.
    #[must_use]
    pub fn weigh(&self) -> u32 {
        let members = self.object.as_deref().map_or(0, weigh_members);
        u32::try_from(ENTITY_BYTES + members).unwrap_or(u32::MAX)
    }
}

fn weigh_members(members: &Map<String, Value>) -> usize {
    members.iter().map(|(name, value)| name.len() + VALUE_BYTES + weigh(value)).sum()
}

fn weigh(value: &Value) -> usize {
    match value {
        Value::String(text) => VALUE_BYTES + text.len(),
        Value::Array(items) => VALUE_BYTES + items.iter().map(weigh).sum::<usize>(),
        Value::Object(members) => VALUE_BYTES + weigh_members(members),
        _ => VALUE_BYTES,
    }
}
