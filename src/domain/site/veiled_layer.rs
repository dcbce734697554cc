//! What all consumers share, behind the veil.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::veil::Veil;
use crate::domain::world::{Entity, EntityKey, Layer, Resources};

impl Veil {
    /// The key of an entity as it is held after learning.
    #[must_use]
    pub fn entity_key(&self, resources: &Resources, key: &EntityKey) -> EntityKey {
        EntityKey { collection: self.collection(resources, &key.collection), id: self.id(&key.id) }
    }

    /// An id as it is shown.
    #[must_use]
    pub fn id(&self, id: &str) -> Box<str> {
        self.text("", id).into()
    }

    /// A collection as it is held after learning.
    #[must_use]
    pub fn collection(&self, resources: &Resources, collection: &str) -> Box<str> {
        let path: Vec<String> = collection.split('\u{1f}').map(ToOwned::to_owned).collect();
        let template = resources.templates.of(&path);
        self.path(&path, &template).join("\u{1f}").into()
    }

    /// What all consumers share, with stand-ins.
    #[must_use]
    pub fn layer(&self, resources: &Resources, layer: Layer) -> Layer {
        let mut documents: FxHashMap<usize, Arc<Value>> = FxHashMap::default();
        let mut shown = |value: Option<Arc<Value>>| {
            value.map(|value| {
                let known = documents.entry(Arc::as_ptr(&value) as usize);
                Arc::clone(known.or_insert_with(|| Arc::new(self.document(&value))))
            })
        };
        let entity = |entity: &Entity| Entity {
            object: entity.object.as_ref().map(|object| Arc::new(self.object(object))),
            etag: entity.etag.as_ref().map(|etag| self.text("", etag).into()),
            ..entity.clone()
        };
        let mut veiled = Layer::default();
        for (key, old) in &layer.entities {
            veiled.entities.insert(self.entity_key(resources, key), Arc::new(entity(old)));
        }
        for (collection, ids) in &layer.collections {
            let ids = ids.iter().map(|id| self.id(id)).collect();
            veiled.collections.insert(self.collection(resources, collection), Arc::new(ids));
        }
        for (what, number) in layer.highest {
            let what = if what.contains(' ') { what } else { self.collection(resources, &what) };
            veiled.highest.insert(what, number);
        }
        // The maps own the documents until here, so that equal addresses mean equal documents.
        veiled.issued = layer.issued.iter().map(|(k, v)| (*k, shown(v.clone()))).collect();
        veiled.marks = layer.marks.iter().map(|(k, v)| (*k, shown(v.clone()))).collect();
        let whose = |(token, key): (&u64, &EntityKey)| (*token, self.entity_key(resources, key));
        veiled.askers = layer.askers.iter().map(whose).collect();
        veiled
    }
}
