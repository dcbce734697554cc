//! The entity after a write, as the next reading will show it.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::form::raised;
use super::instant::written_like;
use super::layer::World;
use super::message::{Request, SiteExchange};
use super::placement::Placement;
use super::pointer::{as_segment, is_written, typed_like};
use super::resources::{MemberSource, Resources};
use super::site_place::SitePlace;
use super::template::SiteTemplate;

/// Whether an object has most of what readings of an item show; where there are none it does.
#[must_use]
pub fn shows_most(resources: &Resources, item: &SiteTemplate, object: &Map<String, Value>) -> bool {
    let common = resources.items.get(item).map(|item| &item.common);
    common.is_none_or(|common| {
        2 * common.iter().filter(|name| object.contains_key(&***name)).count() >= common.len()
    })
}

/// What was sent, where the next reading shows it, whatever the answer to the write does.
#[must_use]
pub fn unshown(
    resources: &Resources,
    place: &Arc<SitePlace>,
    sent: Option<&Map<String, Value>>,
) -> Vec<(String, Value)> {
    let told = |(name, source): &(Box<str>, MemberSource)| {
        let told = sent.filter(|_| *source == MemberSource::Sent)?.get(&**name)?;
        Some((name.to_string(), told.clone()))
    };
    resources.constructors.get(place).into_iter().flatten().filter_map(told).collect()
}

/// What a write that replaces leaves of an entity: all where such writes change only what they
/// name, else the members that readings after them showed as they were.
#[must_use]
pub fn kept(
    resources: &Resources,
    place: &Arc<SitePlace>,
    before: &Map<String, Value>,
) -> Map<String, Value> {
    if resources.keeping.contains(place) {
        return before.clone();
    }
    let sources = resources.constructors.get(place).into_iter().flatten();
    let kept = sources.filter(|(_, source)| *source == MemberSource::Kept);
    let kept = kept.filter_map(|(name, _)| before.get_key_value(&**name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

impl World {
    /// Writes what was sent into an entity.
    pub fn write_members(
        &self,
        resources: &Resources,
        (place, key): (&Arc<SitePlace>, &EntityKey),
        object: &mut Map<String, Value>,
        (before, sent): (Option<&Map<String, Value>>, &Map<String, Value>),
    ) {
        let ways = resources.merges.get(place);
        let placed = resources.items.get(&place.template).map_or(&[][..], |item| &item.placed);
        for (name, value) in sent {
            if let Some(placement) = placed.iter().find(|placed| *placed.sent == **name) {
                let was = before.and_then(|before| before.get(&*placement.held));
                match self.placed(placement, &key.collection, (was, value)) {
                    Some(new) => _ = object.insert(placement.held.to_string(), new),
                    None => _ = object.remove(&*placement.held),
                }
                continue;
            }
            let way = ways.and_then(|ways| ways.iter().find(|(known, _)| **known == *name));
            let old = before.and_then(|before| before.get(name));
            let new = match way.zip(old) {
                Some(((_, way), old)) => way.merged(old, value),
                None => value.clone(),
            };
            object.insert(name.clone(), new);
        }
    }

    /// What a member is after it was sent under another name, or its id was: as another entity of
    /// the kind shows it, else as it was with another id. `None` where nothing is named.
    #[must_use]
    pub fn placed(
        &self,
        placement: &Placement,
        collection: &str,
        (was, sent): (Option<&Value>, &Value),
    ) -> Option<Value> {
        let Some(name) = placement.id.as_deref() else { return Some(sent.clone()) };
        let sent = as_segment(sent).filter(|sent| !sent.is_empty())?;
        let is_it = |shown: &&Value| shown.get(name).is_some_and(|id| is_written(id, &sent));
        if let Some(was) = was.filter(is_it) {
            return Some(was.clone());
        }
        let mut held = self.rows(collection).filter_map(|(_, held)| held.object.as_deref());
        let alike = held.find_map(|object| object.get(&*placement.held).filter(is_it));
        if let Some(alike) = alike {
            return Some(alike.clone());
        }
        let mut new = was.and_then(Value::as_object).cloned().unwrap_or_default();
        new.insert(name.to_owned(), typed_like(&sent, new.get(name)));
        Some(Value::Object(new))
    }
}

/// The entity after an action on it, as readings after such actions showed.
#[must_use]
pub fn acted_on(
    resources: &Resources,
    place: &Arc<SitePlace>,
    before: &Map<String, Value>,
    (request, answer): (&Request, Option<&Value>),
    key: &EntityKey,
) -> Map<String, Value> {
    let mut object = before.clone();
    let sent = resources.sent(place, &request.body);
    for (name, source) in resources.constructors.get(place).into_iter().flatten() {
        let value = match source {
            MemberSource::Sent => sent.and_then(|sent| sent.get(&**name)).cloned(),
            MemberSource::Answer(at) => answer.and_then(|a| super::pointer::at(a, at)).cloned(),
            MemberSource::Segment => Some(super::pointer::typed_like(&key.id, before.get(&**name))),
            MemberSource::Constant(value) => Some(value.clone()),
            MemberSource::Now => before.get(&**name).map(|old| written_like(old, request.at_ms)),
            MemberSource::Kept => None,
        };
        if let Some(value) = value {
            object.insert(name.to_string(), value);
        }
    }
    let acted = resources.acted(place).and_then(|(template, _)| resources.items.get(&template));
    for name in acted.map_or(&[][..], |item| &item.raised) {
        let keeps = |(known, source): &(Box<str>, MemberSource)| {
            known == name && *source == MemberSource::Kept
        };
        let is_kept = resources.constructors.get(place).is_some_and(|own| own.iter().any(keeps));
        let old = before.get(&**name).filter(|_| !is_kept);
        if let Some(new) = old.and_then(|old| raised(old, object.get(&**name).unwrap_or(old))) {
            object.insert(name.to_string(), new);
        }
    }
    object
}

/// The entity as the next reading will show it, where the answer to the write does not.
#[must_use]
pub fn construct(
    resources: &Resources,
    exchange: &SiteExchange,
    place: &Arc<SitePlace>,
    mut object: Map<String, Value>,
    sent: &Map<String, Value>,
    key: &EntityKey,
) -> Map<String, Value> {
    for (name, source) in resources.constructors.get(place).into_iter().flatten() {
        let value = match source {
            MemberSource::Answer(pointer) => {
                exchange.json().and_then(|document| super::pointer::at(document, pointer)).cloned()
            }
            MemberSource::Segment => {
                let like = object.get(&**name);
                Some(super::pointer::typed_like(&key.id, like))
            }
            MemberSource::Constant(value) if !object.contains_key(&**name) => Some(value.clone()),
            MemberSource::Now => {
                object.get(&**name).map(|old| written_like(old, exchange.request.at_ms))
            }
            MemberSource::Constant(_) | MemberSource::Sent | MemberSource::Kept => None,
        };
        let free = !sent.contains_key(&**name) || !object.contains_key(&**name);
        if let Some(value) = value
            && (free || !matches!(source, MemberSource::Constant(_)))
        {
            object.insert(name.to_string(), value);
        }
    }
    let body = exchange.request.body.json().unwrap_or(&Value::Null);
    for (name, default) in resources.defaults.get(place).into_iter().flatten() {
        let is_told = object.contains_key(&**name);
        let is_free = !is_told || (default.renews() && !sent.contains_key(&**name));
        if is_free && let Some(value) = default.value(body, exchange.request.at_ms) {
            object.insert(name.to_string(), value);
        }
    }
    object
}
