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
    /// Its validator as last answered.
    pub etag: Option<Box<str>>,
}
