//! What a consumer wrote as a document: to be looked at, and to be loaded into a session.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::learn::Site;
use crate::domain::world::pointer::as_segment;
use crate::domain::world::{Entity, EntityKey, World, segments};

/// Entities of one consumer by the path of their collection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fixture {
    /// Those that are there.
    pub entities: BTreeMap<String, Vec<Map<String, Value>>>,
    /// Ids of those that are not there any more.
    pub deleted: BTreeMap<String, Vec<String>>,
}

/// Why a fixture cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureError {
    /// Where in the document.
    pub field: String,
    /// What was expected there.
    pub problem: String,
}

impl Fixture {
    /// What a consumer wrote.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let mut fixture = Self::default();
        let own = world.own();
        let mut collections: Vec<_> = own.collections.iter().collect();
        collections.sort();
        let listed = |key: &EntityKey| own.collections.contains_key(&key.collection);
        let mut others: Vec<&EntityKey> = own.entities.keys().filter(|key| !listed(key)).collect();
        others.sort();
        let in_lists = collections.into_iter().flat_map(|(collection, ids)| {
            ids.iter().map(|id| EntityKey { collection: collection.clone(), id: id.clone() })
        });
        for key in in_lists.chain(others.into_iter().cloned()) {
            let Some(entity) = own.entities.get(&key) else { continue };
            let path = format!("/{}", key.collection.replace('\u{1f}', "/"));
            match &entity.object {
                _ if entity.is_gone => {
                    fixture.deleted.entry(path).or_default().push(key.id.into());
                }
                Some(object) => {
                    fixture.entities.entry(path).or_default().push((**object).clone());
                }
                None => {}
            }
        }
        fixture
    }

    /// Writes it into a world.
    ///
    /// # Errors
    /// [`FixtureError`] for a path that is no collection, and for entities without their id.
    pub fn load(self, site: &Site, world: &mut World, now_ms: i64) -> Result<(), FixtureError> {
        world.tick(now_ms);
        for (path, list) in self.entities {
            let (collection, id) = place(site, "entities", &path)?;
            for (n, object) in list.into_iter().enumerate() {
                let text = object.get(&*id).and_then(as_segment).ok_or_else(|| FixtureError {
                    field: format!("entities.{path}[{n}].{id}"),
                    problem: "expected the id, a text or a whole number".into(),
                })?;
                let key = EntityKey { collection: collection.clone(), id: text.into() };
                let object = Some(Arc::new(object));
                world.put(key, Entity { object, is_written: true, ..Entity::default() });
            }
        }
        for (path, ids) in self.deleted {
            let (collection, _) = place(site, "deleted", &path)?;
            for id in ids {
                let id = id.into_boxed_str();
                world.remove(&EntityKey { collection: collection.clone(), id });
            }
        }
        Ok(())
    }
}

/// The collection at a path, and the member that is the id of what it holds.
fn place(site: &Site, member: &str, path: &str) -> Result<(Box<str>, Box<str>), FixtureError> {
    let own = segments(path);
    let item: Vec<String> = own.iter().cloned().chain([String::new()]).collect();
    let mut template = site.resources.templates.of(&item);
    if let Some(last) = template.0.last_mut() {
        *last = None;
    }
    let known = site.resources.items.get(&template).and_then(|item| item.id.clone());
    let id = known.ok_or_else(|| FixtureError {
        field: format!("{member}.{path}"),
        problem: "no such collection was learned".into(),
    })?;
    Ok((own.join("\u{1f}").into(), id))
}
