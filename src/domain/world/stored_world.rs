//! A consumer's world as a document, so that it outlives a restart.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::entity::{Entity, EntityKey};
use super::layer::{Layer, World};

/// Writes a consumer's own layer as a document.
#[must_use]
pub fn write_world(world: &World) -> Value {
    let own = world.own();
    let (turns, last_ms, written) = world.progress();
    let entity = |(key, held): (&EntityKey, &Arc<Entity>)| {
        json!([
            key.collection,
            key.id,
            held.object.as_deref(),
            held.is_gone,
            held.is_written,
            held.owner,
            held.etag,
            held.stamp
        ])
    };
    let entities: Vec<Value> = own.entities.iter().map(entity).collect();
    let collections: Map<String, Value> =
        own.collections.iter().map(|(name, ids)| (name.to_string(), json!(**ids))).collect();
    let marks = |marks: &rustc_hash::FxHashMap<u64, Option<Arc<Value>>>| -> Value {
        marks.iter().map(|(mark, with)| json!([mark, with.as_deref()])).collect()
    };
    let numbers: Map<String, Value> =
        own.highest.iter().map(|(name, n)| (name.to_string(), json!(n))).collect();
    let validators: Map<String, Value> =
        own.validators.iter().map(|(target, tag)| (target.to_string(), json!(tag))).collect();
    let askers: Vec<Value> =
        own.askers.iter().map(|(token, key)| json!([token, key.collection, key.id])).collect();
    json!({
        "entities": entities, "askers": askers, "collections": collections,
        "issued": marks(&own.issued),
        "marks": marks(&own.marks), "highest": numbers, "validators": validators,
        "turns": turns, "last_ms": last_ms, "written": written.collect::<Vec<_>>(),
    })
}

/// Reads a world back; what is not of the form is left out.
#[must_use]
pub fn read_world(stored: &Value) -> World {
    let mut own = Layer::default();
    let items = |name: &str| stored.get(name).and_then(Value::as_array).into_iter().flatten();
    let members = |name: &str| stored.get(name).and_then(Value::as_object).into_iter().flatten();
    own.entities = items("entities").filter_map(entity).collect();
    for (name, ids) in members("collections") {
        let ids = ids.as_array().into_iter().flatten().filter_map(Value::as_str);
        own.collections.insert(name.as_str().into(), Arc::new(ids.map(Into::into).collect()));
    }
    own.issued = items("issued").filter_map(mark).collect();
    own.marks = items("marks").filter_map(mark).collect();
    own.askers = items("askers").filter_map(asker).collect();
    let number = |(name, n): (&String, &Value)| Some((name.as_str().into(), n.as_u64()?));
    own.highest = members("highest").filter_map(number).collect();
    let tag = |(target, tag): (&String, &Value)| {
        (Box::from(target.as_str()), tag.as_str().map(Into::into))
    };
    own.validators = members("validators").map(tag).collect();
    let turns = stored.get("turns").and_then(Value::as_u64).unwrap_or_default();
    let last_ms = stored.get("last_ms").and_then(Value::as_i64).unwrap_or_default();
    let written = items("written").filter_map(Value::as_str).map(Into::into).collect();
    World::kept(own, (turns, last_ms), written)
}

fn entity(stored: &Value) -> Option<(EntityKey, Arc<Entity>)> {
    let [collection, id, object, is_gone, is_written, owner, etag, stamp] =
        stored.as_array()?.as_slice()
    else {
        return None;
    };
    let key = EntityKey { collection: collection.as_str()?.into(), id: id.as_str()?.into() };
    let entity = Entity {
        object: object.as_object().map(|object| Arc::new(object.clone())),
        is_gone: is_gone.as_bool()?,
        is_written: is_written.as_bool()?,
        owner: owner.as_u64(),
        etag: etag.as_str().map(Into::into),
        stamp: stamp.as_u64()?,
        ..Entity::default()
    };
    let weight = entity.weigh();
    Some((key, Arc::new(Entity { weight, ..entity })))
}

fn asker(stored: &Value) -> Option<(u64, EntityKey)> {
    let [token, collection, id] = stored.as_array()?.as_slice() else { return None };
    let key = EntityKey { collection: collection.as_str()?.into(), id: id.as_str()?.into() };
    Some((token.as_u64()?, key))
}

fn mark(stored: &Value) -> Option<(u64, Option<Arc<Value>>)> {
    let [mark, with] = stored.as_array()?.as_slice() else { return None };
    Some((mark.as_u64()?, Some(with).filter(|with| !with.is_null()).cloned().map(Arc::new)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_written_and_read_is_the_same() {
        let mut world = World::over(Arc::default());
        let key = |id: &str| EntityKey { collection: "notes".into(), id: id.into() };
        let object = json!({"id": 7, "title": "milk"});
        let object = object.as_object().cloned().map(Arc::new);
        let (turn, now) = (world.turn(), world.tick(5_000));
        world.put(key("7"), Entity { object, is_written: true, ..Entity::default() });
        world.put(key("8"), Entity::default());
        world.remove(&key("8"));
        world.touch("notes");
        world.issue(u64::MAX, Some(Arc::new(json!({"user": "a"}))));
        let read = read_world(&write_world(&world));
        assert_eq!(read.living(&key("7")).and_then(|e| e.object.clone()).unwrap()["title"], "milk");
        assert!(read.entity(&key("8")).is_some_and(|held| held.is_gone));
        assert_eq!(read.ids("notes"), world.ids("notes"));
        assert_eq!(read.highest("notes"), 8);
        assert!(read.has_written("notes") && read.issued(u64::MAX).is_some());
        assert_eq!(read.weight(), world.weight());
        let (turns, last_ms, _) = read.progress();
        assert_eq!((turns, last_ms), (turn, now));
    }
}
