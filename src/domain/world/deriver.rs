//! Computes members of entities in a world, and what goes with what is deleted.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::computation::{Computation, Tally, length_of};
use super::entity::{Entity, EntityKey};
use super::layer::World;
use super::message::{Request, SiteExchange};
use super::pointer::{as_segment, is_written, named_id};
use super::resources::Resources;
use super::sweep::Sweep;
use super::template::SiteTemplate;

/// Whether there is one collection of a kind only: nothing in its path varies but the id.
#[must_use]
fn is_single(item: &SiteTemplate) -> bool {
    item.ends_in_variable() && item.0[..item.0.len() - 1].iter().all(Option::is_some)
}

/// The kinds of which there is one collection only, with its name.
#[must_use]
pub fn single_kinds(resources: &Resources) -> Vec<(SiteTemplate, Box<str>)> {
    let single = resources.items.keys().filter(|item| is_single(item));
    let mut kinds: Vec<(SiteTemplate, Box<str>)> =
        single.map(|item| (item.clone(), resources.collection(item, &[]))).collect();
    kinds.sort();
    kinds
}

impl Tally {
    /// Counts those that `keeps` lets pass, of the collection that a request's path names, for
    /// whoever asks.
    #[must_use]
    pub fn count(
        &self,
        resources: &Resources,
        world: &World,
        (segments, asker): (&[String], Option<u64>),
        keeps: &dyn Fn(&Map<String, Value>) -> bool,
    ) -> u64 {
        let collection = resources.collection(&self.item, segments);
        let holds = |object: Option<&Map<String, Value>>| match &self.with {
            None => true,
            Some((name, value)) => object.is_some_and(|object| object.get(&**name) == Some(value)),
        };
        let is_own = |owner: Option<u64>| !self.own || (owner.is_some() && owner == asker);
        let kept = |held: &Entity| held.object.as_deref().is_none_or(keeps);
        let counts =
            |held: &Entity| holds(held.object.as_deref()) && is_own(held.owner) && kept(held);
        world.rows(&collection).filter(|(_, held)| counts(held)).count() as u64
    }
}

/// Computes members of many entities of one kind; what is counted is counted once.
pub struct Deriver<'d> {
    world: &'d World,
    derived: &'d [(Box<str>, Computation)],
    /// The collection of the other entities of each computation that has such.
    collections: Vec<Box<str>>,
    naming: FxHashMap<usize, FxHashMap<String, u64>>,
}

impl<'d> Deriver<'d> {
    /// For entities of a kind in a world; `None` where none of their members are computed.
    #[must_use]
    pub fn of(resources: &'d Resources, world: &'d World, item: &SiteTemplate) -> Option<Self> {
        let derived = &*resources.items.get(item)?.derived;
        if derived.is_empty() {
            return None;
        }
        let collection = |(_, how): &(Box<str>, Computation)| match how {
            Computation::Naming(item, _)
            | Computation::Of { item, .. }
            | Computation::Views { item, .. } => resources.collection(item, &[]),
            Computation::Length(_) | Computation::Around(..) => Box::default(),
        };
        let collections = derived.iter().map(collection).collect();
        Some(Self { world, derived, collections, naming: FxHashMap::default() })
    }

    /// Sets the computed members that an entity has.
    pub fn set(&mut self, id: &str, object: &mut Map<String, Value>) {
        for (n, (name, how)) in self.derived.iter().enumerate() {
            if !object.contains_key(&**name) {
                continue;
            }
            let value = match how {
                Computation::Length(of) => object.get(&**of).and_then(length_of).map(Value::from),
                Computation::Around(before, of, behind) => {
                    let of = object.get(&**of).and_then(as_segment);
                    of.map(|of| format!("{before}{of}{behind}").into())
                }
                Computation::Naming(_, by) => Some(self.naming(n, by, id).into()),
                Computation::Of { by, member, .. } => {
                    object.get(&**by).and_then(|by| self.named(n, by, member))
                }
                Computation::Views { id, .. } => {
                    if let Some(shown) = object.get_mut(&**name) {
                        self.renew(n, shown, id);
                    }
                    None
                }
            };
            if let Some(value) = value {
                object.insert(name.to_string(), value);
            }
        }
    }

    fn naming(&mut self, n: usize, by: &str, id: &str) -> u64 {
        let (collection, world) = (&self.collections[n], self.world);
        let counts = self.naming.entry(n).or_insert_with(|| {
            let mut counts: FxHashMap<String, u64> = FxHashMap::default();
            for (_, held) in world.rows(collection) {
                let named = held.object.as_deref().and_then(|object| object.get(by));
                if let Some(named) = named.and_then(as_segment) {
                    *counts.entry(named).or_default() += 1;
                }
            }
            counts
        });
        counts.get(id).copied().unwrap_or(0)
    }

    /// Sets the members that views of other entities have in common with them.
    fn renew(&self, n: usize, shown: &mut Value, id: &str) {
        match shown {
            Value::Array(views) => views.iter_mut().for_each(|view| self.renew(n, view, id)),
            Value::Object(view) => {
                let Some(named) = view.get(id).and_then(as_segment) else { return };
                let key = EntityKey { collection: self.collections[n].clone(), id: named.into() };
                let held = self.world.living(&key).and_then(|held| held.object.as_deref());
                let Some(held) = held else { return };
                for (name, value) in view.iter_mut().filter(|(name, _)| *name != id) {
                    if let Some(now) = held.get(name) {
                        value.clone_from(now);
                    }
                }
            }
            _ => {}
        }
    }

    fn named(&self, n: usize, by: &Value, member: &str) -> Option<Value> {
        let key = EntityKey { collection: self.collections[n].clone(), id: as_segment(by)?.into() };
        self.world.living(&key)?.object.as_deref()?.get(member).cloned()
    }
}

/// Whether a row is among those that a request names by the values of their members; without a
/// wish all are.
fn is_named(row: Option<&Map<String, Value>>, request: &Request) -> bool {
    request.query.iter().all(|(name, value)| {
        row.and_then(|row| row.get(&**name)).is_some_and(|held| is_written(held, value))
    })
}

impl World {
    /// What names a deleted entity in a member that goes with it is deleted too.
    pub fn cascade(&mut self, resources: &Resources, gone: &EntityKey) {
        for (parent, child, member) in &resources.cascades {
            if resources.collection(parent, &[]) != gone.collection {
                continue;
            }
            let collection = resources.collection(child, &[]);
            let names = |object: Option<&Map<String, Value>>| {
                let named = object.and_then(|object| named_id(object.get(&**member)?));
                named.is_some_and(|id| *id == *gone.id)
            };
            let ids: Vec<Box<str>> = self
                .rows(&collection)
                .filter(|(_, held)| names(held.object.as_deref()))
                .map(|(id, _)| id.into())
                .collect();
            for id in ids {
                let key = EntityKey { collection: collection.clone(), id };
                self.remove(&key);
                // What is gone already has no rows: this ends.
                self.cascade(resources, &key);
            }
        }
    }

    /// Deletes the rows that an answer shows; where it shows none, and a recorded exchange is
    /// learned, those that the request names.
    pub(super) fn observe_sweep(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        sweep: &Sweep,
        learning: bool,
    ) {
        let request = &exchange.request;
        let collection = resources.collection(&sweep.listing.item, &request.segments);
        let document = exchange.json();
        let gone: Vec<Box<str>> = if document.is_some_and(|document| sweep.shows_rows(document)) {
            let rows = resources.rows(&sweep.listing, document);
            rows.into_iter().map(|(id, _)| id.into()).collect()
        } else if !learning {
            return; // whoever made the answer has deleted them
        } else {
            let rows = self.rows(&collection);
            let named = rows.filter(|(_, held)| is_named(held.object.as_deref(), request));
            named.map(|(id, _)| id.into()).collect()
        };
        for id in gone {
            let key = EntityKey { collection: collection.clone(), id };
            self.remove(&key);
            self.cascade(resources, &key);
        }
    }
}
