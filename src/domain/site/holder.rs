//! Entities found by what they hold.

use super::veil::Veil;
use crate::domain::world::{Entity, EntityKey, World};

/// The living entity of a collection whose member holds a text, as it is or as its stand-in.
pub fn holder(
    world: &World,
    collection: &str,
    (member, text): (&str, &str),
    veil: Option<&Veil>,
) -> Option<EntityKey> {
    let shown = veil.map(|veil| veil.text(member, text));
    let holds = |entity: &Entity| {
        let held = entity.object.as_ref().and_then(|object| object.get(member)?.as_str());
        held.is_some_and(|held| held == text || shown.as_deref() == Some(held))
    };
    let mut rows = world.rows(collection);
    let (id, _) = rows.find(|(_, entity)| holds(entity))?;
    Some(EntityKey { collection: collection.into(), id: id.into() })
}
