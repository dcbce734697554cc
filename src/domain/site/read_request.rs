//! Requests read as the world of their consumer knows what they name.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::endpoint::EndpointKnowledge;
use super::learn::Site;
use crate::domain::world::{
    EntityKey, NO_ID, Request, SecondName, SitePlace, SiteTemplate, World, beside, read_by_id,
    read_call,
};

impl Site {
    /// The place of a request as it is read, and what is known of it; a HEAD is its GET.
    #[must_use]
    pub fn endpoint(&self, request: &Request) -> Option<(&Arc<SitePlace>, &EndpointKnowledge)> {
        self.known(&request.method, self.resources.templates.of(&request.segments))
    }

    /// The place of a method on a path as they are asked for, and what is known of it: where a
    /// procedure is called, as if it named an item.
    #[must_use]
    pub fn find(
        &self,
        method: &str,
        segments: &[String],
    ) -> Option<(&Arc<SitePlace>, &EndpointKnowledge)> {
        let resources = &self.resources;
        if let Some(call) = resources.call(method, segments) {
            let template = resources.templates.of(&call.segments(NO_ID));
            if let Some(known) = self.known(call.read_method(), template) {
                return Some(known);
            }
        }
        let own = match beside(&resources.calls, segments) {
            Some(own) => Some(own),
            None => resources.read_own(segments, None),
        };
        self.known(method, resources.templates.of(own.as_deref().unwrap_or(segments)))
    }

    fn known(
        &self,
        method: &str,
        template: SiteTemplate,
    ) -> Option<(&Arc<SitePlace>, &EndpointKnowledge)> {
        let mut place = SitePlace { method: method.into(), template };
        if let Some((place, endpoint)) = self.endpoints.get_key_value(&place) {
            return Some((place, endpoint));
        }
        if method != "HEAD" {
            return None;
        }
        place.method = "GET".into();
        self.endpoints.get_key_value(&place)
    }

    /// Reads a request as one about resources: calls of procedures, paths that lead whoever asks to
    /// their own, second names.
    pub(super) fn read(&self, world: &World, request: &mut Request) {
        read_call(&self.resources.calls, request);
        let who = request.credential.as_ref().and_then(|sent| world.asker(sent.token));
        if let Some(own) = self.resources.read_own(&request.segments, who.map(|key| &*key.id)) {
            request.segments = own;
        }
        self.read_by_id(world, request);
    }

    /// Reads a request that names entities by their second name as naming them by their id.
    fn read_by_id(&self, world: &World, request: &mut Request) {
        let names = &self.resources.second_names;
        let id_of = |n: usize, segments: &[String], text: &str| {
            let SecondName { item, id, member, .. } = names.get(n)?;
            let collection = self.resources.collection(item, segments);
            let key = EntityKey { collection, id: text.into() };
            if world.living(&key).is_some() {
                return None;
            }
            let told: Map<String, Value> =
                [(member.to_string(), text.into())].into_iter().collect();
            let shown = self.veil.object(&told);
            let is_it = |held: &Value| held == text || shown.get(&**member) == Some(held);
            let mut rows = world.rows(&key.collection);
            let named = rows.find_map(|(_, held)| {
                held.object.as_deref().filter(|object| object.get(&**member).is_some_and(is_it))
            });
            named?.get(&**id).cloned()
        };
        if !names.is_empty() {
            read_by_id(names, request, &id_of);
        }
    }

    /// Entities are held under stand-ins of private ids: a path that names one by its own id is
    /// read as naming its stand-in.
    pub(super) fn meet(&self, world: &World, place: &SitePlace, request: &mut Request) {
        for at in 0..place.template.0.len() {
            if place.template.0[at].is_some() {
                continue;
            }
            let Some(key) = self.resources.key(&request.segments[..=at]) else { continue };
            if world.entity(&key).is_some() {
                continue;
            }
            let id = self.veil.id(&key.id);
            let shown = EntityKey { id, ..key };
            if world.entity(&shown).is_some() {
                request.segments[at] = shown.id.into();
            }
        }
    }
}
