//! The rows of a collection at one moment.

use std::sync::Arc;

use super::lists::KnownRow;
use crate::domain::world::World;

/// Rows of a collection that are remembered for one list.
const SNAPSHOT_MAX: usize = 2_000;

/// A collection at one moment.
pub type Snapshot = Vec<KnownRow>;

/// The living rows of a collection; rows of a view may know no more than their id.
pub fn snapshot(world: &World, collection: &str, is_view: bool, id: &str) -> Snapshot {
    world
        .rows(collection)
        .take(SNAPSHOT_MAX)
        .filter_map(|(key, entity)| match (&entity.object, is_view) {
            (Some(object), false) => Some((key.into(), Arc::clone(object))),
            (None, false) => None,
            (object, true) => {
                let mut object = object.as_deref().cloned().unwrap_or_default();
                object.insert(id.to_owned(), key.into());
                Some((key.into(), Arc::new(object)))
            }
        })
        .collect()
}
