//! What endpoints know of each other: which object in one answer is the entity of another.
//!
//! `GET /users/{id}` answers an object that echoes the path parameter: an entity, identified by
//! that member. An object elsewhere that has the identifying member and mostly members of the
//! entity shows the same thing: the item of a list, the author of a post, the answer to a write.
//! Such objects are drawn from the entity's own model, by a seed of resource and id, so that all
//! answers agree without anything being stored.

use std::sync::Arc;

use super::BodyModel;
use super::echo::EchoOrigin;
use crate::domain::schema::hash;
use crate::domain::schema::object::ObjectShape;
use crate::domain::schema::shape::Shape;

/// What learning links needs to know of an endpoint.
#[derive(Debug, Clone, Copy)]
pub struct EndpointView<'a> {
    pub method: &'a str,
    pub template: &'a str,
    pub status: u16,
    pub model: &'a BodyModel,
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
    pub entity: Box<ObjectShape>,
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
            if let Some((entity, id)) = entity_of(view.model.shape(), parameter, 0) {
                resources.push(Resource {
                    key: hash::hash_bytes(view.template.as_bytes()),
                    template: view.template.into(),
                    id,
                    entity: Box::new(entity.clone()),
                    anchor_ms: view.model.anchor_ms(),
                });
            }
        }
        // Most observed first, so that the bound drops what is known least.
        resources.sort_by(|a, b| {
            b.entity.seen.cmp(&a.entity.seen).then_with(|| a.template.cmp(&b.template))
        });
        resources.dedup_by(|a, b| a.key == b.key);
        resources.truncate(RESOURCES_MAX);
        Self { resources: resources.into(), from: Arc::default() }
    }

    /// The same links, seen from the endpoint with this template.
    pub fn seen_from(&self, template: &str) -> Self {
        Self { resources: Arc::clone(&self.resources), from: template.into() }
    }

    /// Detail templates of the resources known.
    pub fn templates(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().map(|resource| resource.template.as_ref())
    }

    /// The resource that an object at a member of this name shows.
    pub(crate) fn find(&self, object: &ObjectShape, name: &str) -> Option<&Resource> {
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

    /// How near a resource is by name: its own endpoint or collection, or the member's name.
    fn kinship(&self, resource: &Resource, name: &str) -> f64 {
        let collection = resource.template.rsplit_once('/').map_or("", |(path, _)| path);
        if *self.from == *resource.template || (*self.from == *collection && name.is_empty()) {
            return 1.0;
        }
        let noun = collection.rsplit('/').next().unwrap_or_default().trim_end_matches('s');
        let named = !noun.is_empty() && name.to_ascii_lowercase().contains(noun);
        if named { 0.5 } else { 0.0 }
    }
}

/// Scores closer than this are a tie.
const AMBIGUOUS_BELOW: f64 = 0.05;

impl Resource {
    /// Likeness of an object to the entity, 0 to 1; `None` when it cannot be one.
    fn overlap(&self, object: &ObjectShape) -> Option<f64> {
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

/// The object that echoes the parameter, and the fingerprint of the member that does.
fn entity_of<'a>(
    shape: &'a Shape,
    parameter: &str,
    depth: usize,
) -> Option<(&'a ObjectShape, u32)> {
    let object = shape.object.as_deref().filter(|object| object.map.is_none())?;
    let echoes = |shape: &Shape| {
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
