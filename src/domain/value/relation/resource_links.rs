//! What endpoints know of each other: which object in one answer is the entity of another.
//!
//! `GET /users/{id}` answers an object that echoes the path parameter: an entity, identified by
//! that member. An object elsewhere that has the identifying member and mostly members of the
//! entity shows the same thing: the item of a list, the author of a post, the answer to a write.
//! Such objects are drawn from the entity's own model, by a seed of resource and id, so that all
//! answers agree without anything being stored.

use std::sync::Arc;

use super::echo::EchoOrigin;
use crate::domain::random::hash;
use crate::domain::value::ValueModel;
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::object::model::{Member, ObjectModel};

/// What learning links needs to know of an endpoint.
#[derive(Debug, Clone, Copy)]
pub struct EndpointView<'a> {
    /// In capitals.
    pub method: &'a str,
    /// Path with placeholders in braces.
    pub template: &'a str,
    /// The status whose bodies `model` is of.
    pub status: u16,
    /// What its JSON bodies are.
    pub model: &'a ValueModel,
    /// The moment up to which it learned, unix milliseconds.
    pub anchor_ms: i64,
}

/// One kind of entity.
#[derive(Debug)]
pub struct Resource {
    /// Hash of the detail endpoint's template.
    pub key: u64,
    /// The detail endpoint, such as `/users/{id}`.
    pub template: Box<str>,
    /// Fingerprint of the member that identifies the entity.
    pub id: u32,
    /// What the detail endpoint answers, as learned.
    pub entity: Box<ObjectModel>,
    /// The moment up to which the detail endpoint learned: its times are counted from there.
    pub anchor_ms: i64,
}

/// Cross-endpoint knowledge for coherent answers; `default()` knows nothing.
///
/// All programs that are to agree must be compiled with the same links, each with the view of its
/// own endpoint ([`ResourceLinks::seen_from`]).
#[derive(Debug, Clone, Default)]
pub struct ResourceLinks {
    resources: Arc<[Resource]>,
    /// The template of the endpoint that is compiled.
    from: Arc<str>,
}

/// Resources told apart: each keeps the shape of its entity, some 20 KiB.
const RESOURCES_MAX: usize = 256;

/// Objects an entity's model must have seen before others follow it.
const ENTITY_SEEN_MIN: u64 = 5;

/// Share of an object's members that must be the entity's.
const OVERLAP_MIN: f64 = 0.8;

/// Likeness from which the items of a list show entities whole.
const WHOLE_MIN: f64 = 0.95;

/// How deep below the root an entity may stand: `{"data": {"user": {…}}}`.
const ENVELOPE_DEPTH_MAX: usize = 2;

impl ResourceLinks {
    /// Learns which endpoints are details of a resource. The order of `views` does not matter.
    pub fn learn(views: &[EndpointView<'_>]) -> Self {
        let mut resources: Vec<Resource> = Vec::new();
        for view in views {
            let parameter =
                view.template.rsplit('/').next().and_then(|last| {
                    last.strip_prefix('{').and_then(|name| name.strip_suffix('}'))
                });
            let Some(parameter) = parameter else { continue };
            if view.method != "GET" || !(200..300).contains(&view.status) {
                continue;
            }
            if let Some((entity, id)) = entity_of(view.model, parameter, 0) {
                resources.push(Resource {
                    key: hash::hash_bytes(view.template.as_bytes()),
                    template: view.template.into(),
                    id,
                    entity: Box::new(entity.clone()),
                    anchor_ms: view.anchor_ms,
                });
            }
        }
        // Most observed first, so that the bound drops what is known least.
        resources.sort_by(|a, b| {
            b.entity.seen.cmp(&a.entity.seen).then_with(|| a.template.cmp(&b.template))
        });
        resources.dedup_by(|a, b| a.key == b.key);
        resources.truncate(RESOURCES_MAX);
        let known = Self { resources: resources.into(), from: Arc::default() };
        known.with_lists(views)
    }

    /// Adds what lists show of their items to what is known of the entities: most entities are
    /// never opened one by one.
    fn with_lists(mut self, views: &[EndpointView<'_>]) -> Self {
        let mut lists: Vec<(&EndpointView<'_>, &ObjectModel)> = Vec::new();
        for view in views.iter().filter(|v| v.method == "GET" && (200..300).contains(&v.status)) {
            lists.extend(items_of(view.model, 0).map(|items| (view, items)));
        }
        // The order of the views must not show.
        lists.sort_by_key(|(view, _)| (view.template, view.status));
        let mut seen: Vec<(u64, &ObjectModel)> = Vec::new();
        for (view, items) in lists {
            let from = self.seen_from(view.template);
            let whole = |r: &&Resource| r.overlap(items).is_some_and(|share| share >= WHOLE_MIN);
            seen.extend(from.find(items, "").filter(whole).map(|r| (r.key, items)));
        }
        // Nobody else holds them yet: `from` is gone.
        for resource in Arc::get_mut(&mut self.resources).into_iter().flatten() {
            for (_, items) in seen.iter().filter(|(key, _)| *key == resource.key) {
                resource.entity.merge((*items).clone(), &ValueLimits::default());
            }
        }
        self
    }

    /// The same links, seen from the endpoint with this template.
    #[must_use]
    pub fn seen_from(&self, template: &str) -> Self {
        Self { resources: Arc::clone(&self.resources), from: template.into() }
    }

    /// Detail templates of the resources known.
    pub fn templates(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().map(|resource| resource.template.as_ref())
    }

    /// The resource that an object at a member of this name shows.
    pub(crate) fn find(&self, object: &ObjectModel, name: &str) -> Option<&Resource> {
        let scored = self.resources.iter().filter_map(|resource| {
            let overlap = resource.overlap(object)?;
            Some((resource, overlap + self.kinship(resource, name)))
        });
        let mut scored: Vec<_> = scored.collect();
        scored.sort_by(|a, b| b.1.total_cmp(&a.1));
        match scored.as_slice() {
            // Two that fit equally well: no telling which, and a wrong link is worse than none.
            [best, second, ..] if best.1 - second.1 < AMBIGUOUS_BELOW => None,
            [best, ..] => Some(best.0),
            [] => None,
        }
    }

    /// Is the endpoint that is compiled the collection of this resource?
    pub(crate) fn is_seen_from_collection_of(&self, resource: &Resource) -> bool {
        *self.from == *resource.collection()
    }

    /// The resource that an object without an id of its own speaks of: it names the id
    /// (`product_id`), and tells something that describes it, such as the name.
    pub(crate) fn find_referenced(&self, object: &ObjectModel) -> Option<(&Resource, u32)> {
        let named = |m: &&Member| m.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("id"));
        if object.map.is_some() || object.members.iter().any(|m| named(&m)) {
            return None;
        }
        let mut references = object.members.iter().filter_map(|member| {
            let noun = referenced_noun(member.name.as_deref()?)?;
            let resource = self.resources.iter().find(|r| r.is_called(&noun))?;
            Some((resource, member.fingerprint))
        });
        let (resource, id) = references.next()?;
        // Of two, no telling which is described.
        let tells = |m: &Member| {
            describes(m) && resource.entity.members.iter().any(|e| e.fingerprint == m.fingerprint)
        };
        let is_only = references.next().is_none();
        (is_only && object.members.iter().any(tells)).then_some((resource, id))
    }

    /// How near a resource is by name: its own endpoint or collection, or the member's name.
    fn kinship(&self, resource: &Resource, name: &str) -> f64 {
        let collection = resource.collection();
        if *self.from == *resource.template || (*self.from == *collection && name.is_empty()) {
            return 1.0;
        }
        let noun = collection.rsplit('/').next().unwrap_or_default().trim_end_matches('s');
        let named = !noun.is_empty() && name.to_ascii_lowercase().contains(noun);
        if named { 0.5 } else { 0.0 }
    }
}

/// `product` of `product_id` and `productId`.
fn referenced_noun(name: &str) -> Option<String> {
    let noun = name.strip_suffix("_id").or_else(|| name.strip_suffix("Id"))?;
    (!noun.is_empty()).then(|| noun.to_ascii_lowercase())
}

/// Names that describe what they stand beside, rather than a relation to it.
const DESCRIBING: &[&str] = &[
    "name",
    "title",
    "email",
    "username",
    "login",
    "label",
    "displayname",
    "display_name",
    "full_name",
    "fullname",
    "sku",
    "avatar",
    "avatar_url",
];

/// Does a member tell what something is called or looks like?
pub(crate) fn describes(member: &Member) -> bool {
    let name = member.name.as_deref().unwrap_or_default();
    DESCRIBING.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Scores closer than this are a tie.
const AMBIGUOUS_BELOW: f64 = 0.05;

impl Resource {
    /// The path of the list: that of the detail without its last segment.
    fn collection(&self) -> &str {
        self.template.rsplit_once('/').map_or("", |(path, _)| path)
    }

    /// Is one of these called so (`category` in `/categories`)?
    fn is_called(&self, noun: &str) -> bool {
        let plural = self.collection().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        plural == noun
            || plural.strip_suffix('s') == Some(noun)
            || plural.strip_suffix("es") == Some(noun)
            || plural.strip_suffix("ies").is_some_and(|stem| noun.strip_suffix('y') == Some(stem))
    }

    /// Likeness of an object to the entity, 0 to 1; `None` when it cannot be one.
    fn overlap(&self, object: &ObjectModel) -> Option<f64> {
        if object.map.is_some() || !object.members.iter().any(|m| m.fingerprint == self.id) {
            return None;
        }
        let own = object.members.len();
        let shared = (object.members.iter())
            .filter(|m| self.entity.members.iter().any(|e| e.fingerprint == m.fingerprint))
            .count();
        let union = own + self.entity.members.len() - shared;
        // The id alone is shared by everything.
        let fits = shared >= 2 && shared as f64 >= OVERLAP_MIN * own as f64;
        fits.then(|| shared as f64 / union as f64)
    }
}

/// The objects of the list that a body is: an array at the root or in its envelope.
fn items_of(shape: &ValueModel, depth: usize) -> Option<&ObjectModel> {
    if let Some(array) = &shape.array {
        return array.item.object.as_deref();
    }
    let object = shape.object.as_deref().filter(|_| depth < ENVELOPE_DEPTH_MAX)?;
    object.members.iter().find_map(|member| items_of(&member.shape, depth + 1))
}

/// The object that echoes the parameter, and the fingerprint of the member that does.
fn entity_of<'a>(
    shape: &'a ValueModel,
    parameter: &str,
    depth: usize,
) -> Option<(&'a ObjectModel, u32)> {
    let object = shape.object.as_deref().filter(|object| object.map.is_none())?;
    let echoes = |shape: &ValueModel| {
        shape.echoes.iter().any(|echo| {
            echo.origin == EchoOrigin::Path
                && echo.is_active()
                && echo.name.as_deref() == Some(parameter)
        })
    };
    if object.seen >= ENTITY_SEEN_MIN
        && let Some(id) = object.members.iter().find(|member| echoes(&member.shape))
    {
        return Some((object, id.fingerprint));
    }
    if depth >= ENVELOPE_DEPTH_MAX {
        return None;
    }
    object.members.iter().find_map(|member| entity_of(&member.shape, parameter, depth + 1))
}
