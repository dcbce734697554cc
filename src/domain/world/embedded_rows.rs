//! Rows of another kind as they stand in an item now.

use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::layer::World;
use super::part_view::{EmbeddedRows, below};
use super::pointer::is_written;
use super::resources::Resources;

impl EmbeddedRows {
    /// The rows that an item has now.
    #[must_use]
    pub fn rows(&self, resources: &Resources, world: &World, parent: &EntityKey) -> Value {
        let collection = self.collection(resources, parent);
        let id = resources.id_member(&self.item).unwrap_or_default().to_owned();
        let names = |object: Option<&Map<String, Value>>| match &self.by {
            None => true,
            Some(by) => object
                .and_then(|object| object.get(&**by))
                .is_some_and(|value| is_written(value, &parent.id)),
        };
        let row = |object: Option<&Map<String, Value>>| -> Option<Value> {
            let object = object?;
            if self.members.is_empty() {
                return object.get(&id).cloned();
            }
            let shown = object.iter().filter(|(name, _)| self.members.contains(name.as_str()));
            Some(Value::Object(shown.map(|(n, v)| (n.clone(), v.clone())).collect()))
        };
        let held = world.rows(&collection).map(|(_, held)| held.object.as_deref());
        let mut rows: Vec<Value> = held.filter(|object| names(*object)).filter_map(row).collect();
        if self.is_reversed {
            rows.reverse();
        }
        Value::Array(rows)
    }

    /// The collection of the rows of an item.
    #[must_use]
    pub fn collection(&self, resources: &Resources, parent: &EntityKey) -> Box<str> {
        match &self.by {
            Some(_) => resources.collection(&self.item, &[]),
            None => below(parent, &self.item),
        }
    }
}
