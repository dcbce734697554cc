//! What is known at one moment: entities, credentials, values in use; one layer over another.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::entity::{Entity, EntityKey};
use super::people::People;
use super::resources::Resources;
use super::session_memory::SessionMemory;
use super::uploaded_files::UploadedFiles;

/// Entities that one consumer may hold of its own; the ones longest untouched make room.
const OWN_ENTITIES_MAX: usize = 20_000;

/// Bytes that one consumer may hold of its own: 20,000 entities of more than a KiB each.
const OWN_BYTES_MAX: u64 = 32 << 20;

/// Share of a consumer's own entities that goes when room is made, so that it is seldom made.
const MADE_ROOM_SHARE: usize = 8;

/// Bytes that a remembered key takes with its place in a map.
const MARK_BYTES: u64 = 64;

/// Keys of values that one layer remembers: credentials, values in use, values that go together.
const MARKS_MAX: usize = 100_000;

/// Whether an entity is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityPresence {
    /// It is.
    Known,
    /// It was deleted.
    Gone,
    /// It was never seen.
    Unseen,
}

/// Maps of one layer.
#[derive(Debug, Clone, Default)]
pub struct Layer {
    /// Entities by key.
    pub entities: FxHashMap<EntityKey, Arc<Entity>>,
    /// Ids of a collection in the order of their arrival.
    pub collections: FxHashMap<Box<str>, Arc<Vec<Box<str>>>>,
    /// Credentials that stood in an answer, with that answer.
    pub issued: FxHashMap<u64, Option<Arc<Value>>>,
    /// Credentials, values in use and values that stood together, as keyed hashes.
    pub marks: FxHashMap<u64, Option<Arc<Value>>>,
    /// Highest number given out, by collection or by place of an answer.
    pub highest: FxHashMap<Box<str>, u64>,
    /// Current validators by target; `None` where a write made it stale.
    pub validators: FxHashMap<Box<str>, Option<Box<str>>>,
    /// The entities whose credentials they are.
    pub askers: FxHashMap<u64, EntityKey>,
}

/// A consumer's world: its own layer over what all share.
#[derive(Debug, Clone, Default)]
pub struct World {
    base: Option<Arc<Layer>>,
    own: Layer,
    /// Requests so far.
    turns: u64,
    /// Bytes of its own entities, roughly.
    bytes: u64,
    /// Last moment given out, unix ms: times of one consumer rise strictly.
    last_ms: i64,
    /// Collections that this consumer wrote to.
    written: FxHashSet<Box<str>>,
    /// What it said, by the tokens that came of it.
    pub memory: SessionMemory,
    /// Whose credentials it got.
    pub people: People,
    /// What it uploaded.
    pub uploads: UploadedFiles,
}

/// Whether a value says nothing that what is held does not say: it is the same, or an object with
/// some of its members.
fn shows_less(held: &Value, shown: &Value) -> bool {
    match (held, shown) {
        (Value::Object(held), Value::Object(shown)) => shown
            .iter()
            .all(|(name, value)| held.get(name).is_some_and(|held| shows_less(held, value))),
        (held, shown) => held == shown,
    }
}

impl World {
    /// An empty layer over `base`.
    #[must_use]
    pub fn over(base: Arc<Layer>) -> Self {
        Self { base: Some(base), ..Self::default() }
    }

    /// A layer that was kept, with the number of its last request and its last moment; it lies over
    /// nothing until it is used.
    #[must_use]
    pub fn kept(own: Layer, (turns, last_ms): (u64, i64), written: Vec<Box<str>>) -> Self {
        let bytes = own.entities.values().map(|held| u64::from(held.weight)).sum();
        let written = written.into_iter().collect();
        // A base of its own, though empty: what lies over none is never bounded.
        Self {
            base: Some(Arc::default()),
            own,
            turns,
            bytes,
            last_ms,
            written,
            memory: SessionMemory::default(),
            people: People::default(),
            uploads: UploadedFiles::default(),
        }
    }

    /// The number of its last request, its last moment, and the collections that it wrote to.
    pub fn progress(&self) -> (u64, i64, impl Iterator<Item = &str>) {
        (self.turns, self.last_ms, self.written.iter().map(|collection| &**collection))
    }

    /// Lays this consumer's own layer over another base: learning went on.
    pub fn rebase(&mut self, base: &Arc<Layer>) {
        if !self.base.as_ref().is_some_and(|old| Arc::ptr_eq(old, base)) {
            self.base = Some(Arc::clone(base));
        }
    }

    /// Its own layer.
    #[must_use]
    pub const fn own(&self) -> &Layer {
        &self.own
    }

    /// Its own layer, alone.
    #[must_use]
    pub fn into_own(self) -> Layer {
        self.own
    }

    /// The number of this request in the consumer's sequence.
    pub const fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// The moment for the next answer, unix ms: later than the one before.
    pub fn tick(&mut self, now_ms: i64) -> i64 {
        self.last_ms = now_ms.max(self.last_ms + 1);
        self.last_ms
    }

    fn find<'w, T>(&'w self, get: impl Fn(&'w Layer) -> Option<&'w T>) -> Option<&'w T> {
        get(&self.own).or_else(|| self.base.as_deref().and_then(get))
    }

    /// An entity, deleted or not.
    #[must_use]
    pub fn entity(&self, key: &EntityKey) -> Option<&Arc<Entity>> {
        self.find(|layer| layer.entities.get(key))
    }

    /// An entity that is there.
    #[must_use]
    pub fn living(&self, key: &EntityKey) -> Option<&Arc<Entity>> {
        self.entity(key).filter(|entity| !entity.is_gone)
    }

    /// The ids of a collection, deleted ones included.
    #[must_use]
    pub fn ids(&self, collection: &str) -> &[Box<str>] {
        self.find(|layer| layer.collections.get(collection)).map_or(&[], |ids| ids)
    }

    /// Living entities of a collection, with their ids.
    pub fn rows<'w>(
        &'w self,
        collection: &'w str,
    ) -> impl Iterator<Item = (&'w str, &'w Arc<Entity>)> + 'w {
        self.ids(collection).iter().filter_map(move |id| {
            let key = EntityKey { collection: collection.into(), id: id.clone() };
            self.living(&key).map(|entity| (&**id, entity))
        })
    }

    /// Whether an entity is there. `but`: an exchange that is being explained; what only its own
    /// answer shows does not count.
    #[must_use]
    pub fn presence(
        &self,
        resources: &Resources,
        key: &EntityKey,
        but: Option<u32>,
    ) -> EntityPresence {
        let Some(entity) = self.entity(key) else {
            let number = key.id.parse::<u64>().ok();
            let range = resources.dense.get(&key.collection);
            let inside = number.zip(range).is_some_and(|(n, (lo, hi))| (*lo..=*hi).contains(&n));
            return if inside { EntityPresence::Known } else { EntityPresence::Unseen };
        };
        if entity.is_gone {
            return EntityPresence::Gone;
        }
        if let Some(but) = but
            && entity.is_seeded
            && !resources.shown_by.get(key).is_some_and(|by| by.iter().any(|n| *n != but))
        {
            return EntityPresence::Unseen;
        }
        EntityPresence::Known
    }

    /// The answer that issued a credential, when it is known and was kept.
    #[must_use]
    pub fn issued(&self, token: u64) -> Option<&Option<Arc<Value>>> {
        self.find(|layer| layer.issued.get(&token))
    }

    /// What goes with a mark.
    #[must_use]
    pub fn mark(&self, mark: u64) -> Option<&Option<Arc<Value>>> {
        self.find(|layer| layer.marks.get(&mark))
    }

    /// The current validator of a target; `Some(None)` where a write made it stale.
    #[must_use]
    pub fn validator(&self, target: &str) -> Option<&Option<Box<str>>> {
        self.find(|layer| layer.validators.get(target))
    }

    /// The highest number given out.
    #[must_use]
    pub fn highest(&self, what: &str) -> u64 {
        self.find(|layer| layer.highest.get(what)).copied().unwrap_or(0)
    }

    /// Notes a number given out.
    pub fn raise(&mut self, what: &str, number: u64) {
        let highest = self.highest(what).max(number);
        self.own.highest.insert(what.into(), highest);
    }

    /// Notes a credential that an answer issued.
    pub fn issue(&mut self, token: u64, with: Option<Arc<Value>>) {
        make_room(&mut self.own.issued);
        self.own.issued.insert(token, with);
    }

    /// Notes whose a credential is.
    pub fn know_asker(&mut self, token: u64, who: EntityKey) {
        make_room(&mut self.own.askers);
        self.own.askers.insert(token, who);
    }

    /// The entity whose a credential is.
    #[must_use]
    pub fn asker(&self, token: u64) -> Option<&EntityKey> {
        self.find(|layer| layer.askers.get(&token))
    }

    /// Notes a mark.
    pub fn set_mark(&mut self, mark: u64, with: Option<Arc<Value>>) {
        make_room(&mut self.own.marks);
        self.own.marks.insert(mark, with);
    }

    /// Notes a validator.
    pub fn set_validator(&mut self, target: &str, tag: &str) {
        make_room(&mut self.own.validators);
        self.own.validators.insert(target.into(), Some(tag.into()));
    }

    /// Puts an entity into its collection, at the end when it was not there.
    pub fn put(&mut self, key: EntityKey, new: Entity) {
        let old = self.entity(&key);
        let (is_new, was_gone) = (old.is_none(), old.is_some_and(|old| old.is_gone));
        let owner = old.filter(|old| !old.is_gone).and_then(|old| old.owner).or(new.owner);
        if is_new || was_gone {
            let mut ids: Vec<Box<str>> = self.ids(&key.collection).to_vec();
            if was_gone {
                ids.retain(|id| *id != key.id);
            }
            ids.push(key.id.clone());
            self.own.collections.insert(key.collection.clone(), Arc::new(ids));
        }
        if let Ok(number) = key.id.parse::<u64>() {
            self.raise(&key.collection.clone(), number);
        }
        self.hold(key, Entity { owner, ..new });
    }

    /// Whoever puts an entity next is who made it.
    pub fn forget_owner(&mut self, key: &EntityKey) {
        if let Some(old) = self.living(key).cloned() {
            self.hold(key.clone(), Entity { owner: None, ..(*old).clone() });
        }
    }

    /// Holds an entity in the layer of its own.
    fn hold(&mut self, key: EntityKey, new: Entity) {
        let weight = new.weigh();
        let new = Entity { weight, stamp: self.turns, ..new };
        self.bytes += u64::from(weight);
        if let Some(old) = self.own.entities.insert(key, Arc::new(new)) {
            self.bytes -= u64::from(old.weight);
        }
        if self.base.is_some()
            && (self.own.entities.len() > OWN_ENTITIES_MAX || self.bytes > OWN_BYTES_MAX)
        {
            self.make_own_room();
        }
    }

    /// Forgets the entities of its own that were longest untouched.
    fn make_own_room(&mut self) {
        let mut by_age: Vec<(u64, EntityKey)> =
            self.own.entities.iter().map(|(key, held)| (held.stamp, key.clone())).collect();
        by_age.sort();
        by_age.truncate((by_age.len() / MADE_ROOM_SHARE).max(1));
        for (_, key) in by_age {
            if let Some(old) = self.own.entities.remove(&key) {
                self.bytes -= u64::from(old.weight);
            }
            if let Some(ids) = self.own.collections.get_mut(&key.collection) {
                let base = self.base.as_deref();
                if !base.is_some_and(|base| base.entities.contains_key(&key)) {
                    Arc::make_mut(ids).retain(|id| *id != key.id);
                }
            }
        }
    }

    /// Bytes that its own layer takes, roughly.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let own = &self.own;
        let marks = own.issued.len() + own.marks.len() + own.validators.len() + own.highest.len();
        let marks = marks + own.askers.len();
        self.bytes
            + marks as u64 * MARK_BYTES
            + self.memory.weight()
            + self.people.weight()
            + self.uploads.weight()
    }

    /// Adds members to an entity, or makes it.
    pub fn put_part(&mut self, key: EntityKey, part: &Map<String, Value>, new: Entity) {
        let old = self.living(&key).cloned();
        let Some(object) = old.as_ref().and_then(|old| old.object.as_ref()) else {
            return self.put(key, Entity { object: Some(Arc::new(part.clone())), ..new });
        };
        // Lists show less of an object in a row, and wishes of a request hide members of it.
        let is_part_of = |(name, value): &(&String, &Value)| {
            object.get(*name).is_some_and(|held| shows_less(held, value))
        };
        let part: Vec<(&String, &Value)> =
            part.iter().filter(|member| !is_part_of(member)).collect();
        let same = part.is_empty();
        let is_written = old.as_ref().is_some_and(|old| old.is_written);
        let etag =
            new.etag.or_else(|| old.as_ref().and_then(|old| old.etag.clone()).filter(|_| same));
        let merged = if same {
            Arc::clone(object)
        } else {
            let mut merged = (**object).clone();
            merged.extend(part.into_iter().map(|(name, value)| (name.clone(), value.clone())));
            Arc::new(merged)
        };
        self.put(key, Entity { object: Some(merged), etag, is_written, ..new });
    }

    /// Deletes an entity; its members are remembered.
    pub fn remove(&mut self, key: &EntityKey) {
        let old = self.entity(key).cloned().unwrap_or_default();
        let gone = Entity {
            object: old.object.clone(),
            owner: old.owner,
            is_gone: true,
            ..Entity::default()
        };
        self.hold(key.clone(), gone);
        self.remove_below(key);
    }

    /// What lies below a deleted entity's path goes with it.
    fn remove_below(&mut self, key: &EntityKey) {
        let below = match &*key.collection {
            "" => key.id.to_string(),
            collection => format!("{collection}\u{1f}{}", key.id),
        };
        let is_below = |collection: &str| {
            collection
                .strip_prefix(&*below)
                .is_some_and(|r| r.is_empty() || r.starts_with('\u{1f}'))
        };
        let base = self.base.as_deref().map(|base| base.collections.keys());
        let all = self.own.collections.keys().chain(base.into_iter().flatten());
        let mut found: Vec<Box<str>> = all.filter(|c| is_below(c)).cloned().collect();
        found.sort();
        found.dedup();
        for collection in found {
            let ids: Vec<Box<str>> = self.ids(&collection).to_vec();
            for id in ids {
                let child = EntityKey { collection: collection.clone(), id };
                if let Some(old) = self.living(&child).cloned() {
                    let gone = Entity { is_gone: true, ..(*old).clone() };
                    self.hold(child, gone);
                }
            }
        }
    }

    /// Whether this consumer wrote to a collection.
    #[must_use]
    pub fn has_written(&self, collection: &str) -> bool {
        self.written.contains(collection)
    }

    /// A write makes the validators of everything below a collection stale.
    pub fn touch(&mut self, collection: &str) {
        if self.written.len() < MARKS_MAX {
            self.written.insert(collection.into());
        }
        let below: Vec<Box<str>> = {
            let own = self.own.validators.keys();
            let base = self.base.as_deref().map(|base| base.validators.keys());
            own.chain(base.into_iter().flatten())
                .filter(|target| is_below(target, collection))
                .cloned()
                .collect()
        };
        for target in below {
            self.own.validators.insert(target, None);
        }
    }
}

fn is_below(target: &str, collection: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let mut segments = path.trim_matches('/').split('/');
    collection.split('\u{1f}').all(|wanted| segments.next() == Some(wanted))
}

/// Removes some entry of a map that is full: which one is not told apart, for that would cost an
/// order of use on every request.
fn make_room<K: Eq + std::hash::Hash + Clone, V>(map: &mut FxHashMap<K, V>) {
    if map.len() >= MARKS_MAX
        && let Some(key) = map.keys().next().cloned()
    {
        map.remove(&key);
    }
}
