//! The truths about a request in a world: one code for learning and for answering.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::compared_members::{same_members, times};
use super::endpoint::EndpointKnowledge;
use super::header_causes::headers;
use super::holder::holder;
use super::rivals::rivals;
use super::veil::Veil;
use crate::domain::outcome::{Cause, Validator, VersionSent, Violation};
use crate::domain::world::form::{TextForm, form, look, slug};
use crate::domain::world::observe::used_mark;
use crate::domain::world::pointer::{
    PointerStep, as_segment, at, dotted, is_written, last_member, leaves,
};
use crate::domain::world::{
    Document, Entity, EntityKey, EntityPresence, Request, Resources, SitePlace, SiteTemplate,
    World, is_secret,
};

/// Bytes of a text below which it may be a state of its entity.
const STATE_BYTES_MAX: usize = 20;

/// Members of an entity that are looked at for its state.
const STATE_MEMBERS_MAX: usize = 64;

/// Bytes from which a text as it stands in addresses is no id by accident.
const SLUG_BYTES_MIN: usize = 3;

/// Begins the names of members of what stands above in the path.
const ABOVE: &str = "above.";

/// A request to be looked at.
#[derive(Clone, Copy)]
pub struct Subject<'s> {
    /// The request.
    pub request: &'s Request,
    /// Where it belongs.
    pub place: &'s Arc<SitePlace>,
    /// In training the number of the exchange, and whether it was accepted: it does not vouch for
    /// itself.
    pub training: Option<(u32, bool)>,
}

/// What the truths of a request are looked up in.
#[derive(Clone, Copy)]
pub struct CauseFinder<'v> {
    /// The site's resources.
    pub resources: &'v Resources,
    /// What is known of the endpoint.
    pub endpoint: &'v EndpointKnowledge,
    /// The consumer's world.
    pub world: &'v World,
    /// What entities are held under, where they are; none while learning.
    pub veil: Option<&'v Veil>,
}

impl CauseFinder<'_> {
    /// Gives every truth about a request to `put`.
    pub fn truths(&self, subject: Subject<'_>, put: &mut dyn FnMut(Cause)) {
        self.credential(subject, put);
        let entity = self.existence(subject, put).or_else(|| self.given(subject));
        let entity = entity.filter(|entity| !entity.is_gone);
        if let Some(entity) = entity {
            self.version(subject, entity, put);
            state(entity, "", put);
            changes(entity, subject.request, put);
        }
        self.conditions(subject, entity, put);
        self.body(subject, put);
        self.query(subject, put);
        headers(subject.request, put);
    }

    /// Existence and ownership of what the path names; the entity it addresses.
    fn existence(&self, subject: Subject<'_>, put: &mut dyn FnMut(Cause)) -> Option<&Entity> {
        let (request, template) = (subject.request, &subject.place.template);
        let but = subject.training.map(|(number, _)| number);
        let variables: Vec<usize> =
            (0..template.0.len()).filter(|at| template.0[*at].is_none()).collect();
        let last = template.0.len().saturating_sub(1);
        let parent = match template.ends_in_variable() {
            true => variables.len().checked_sub(2).map(|at| variables[at]),
            false => variables.last().copied(),
        };
        let acted = self.resources.actions.get(subject.place).copied();
        let mut addressed = None;
        let mut owner_told = false;
        let asker = request.credential.as_ref().and_then(|sent| self.world.asker(sent.token));
        for &at in variables.iter().rev() {
            let Some(key) = self.resources.key(&request.segments[..=at]) else { continue };
            let entity = self.world.entity(&key).map(Arc::as_ref);
            let owner = entity.and_then(|entity| entity.owner);
            if let Some(asker) = asker.filter(|asker| asker.collection == key.collection)
                && !owner_told
            {
                owner_told = true;
                put(Cause::Owner(*asker == key));
            }
            if !owner_told
                && let Some(is_own) = self.is_owned(asker, entity, || template.prefix(at + 1))
            {
                owner_told = true;
                put(Cause::Owner(is_own));
            }
            if let (Some(owner), Some(sent), false) = (owner, &request.credential, owner_told) {
                owner_told = true;
                put(Cause::Owner(owner == sent.principal));
            }
            let Some(item) = self.resources.items.get(&template.prefix(at + 1)) else { continue };
            let presence = self.world.presence(self.resources, &key, but);
            let is_known = presence == EntityPresence::Known;
            if acted == Some(at + 1) {
                addressed = entity;
            }
            if at == last {
                addressed = entity;
                put(Cause::Entity(is_known));
                if presence == EntityPresence::Gone {
                    put(Cause::EntityGone);
                }
                if !item.looks.contains(&look(&key.id)) {
                    put(Cause::EntityOdd);
                }
            } else if Some(at) == parent {
                put(Cause::Parent(is_known));
                // Whether something may be made below it may depend on its state.
                let above = entity.filter(|entity| !entity.is_gone && !request.reads());
                if let Some(above) = above.filter(|_| acted.is_none()) {
                    state(above, ABOVE, put);
                }
            }
        }
        addressed
    }

    /// Whether an entity is whoever asks's, by its member that says whose it is.
    fn is_owned(
        &self,
        asker: Option<&EntityKey>,
        entity: Option<&Entity>,
        kind: impl Fn() -> SiteTemplate,
    ) -> Option<bool> {
        if self.resources.owners.is_empty() {
            return None;
        }
        let (asker, object) = asker.zip(entity?.object.as_deref())?;
        let name = self.resources.owners.get(self.resources.canonical(&kind()))?;
        Some(is_written(object.get(&**name)?, &asker.id))
    }

    /// The entity whose id the body chooses.
    fn given(&self, subject: Subject<'_>) -> Option<&Entity> {
        let make = self.resources.makes.get(subject.place)?;
        let id = at(subject.request.body.json()?, make.given.as_ref()?).and_then(as_segment)?;
        let collection = self.resources.collection(&make.item, &subject.request.segments);
        self.world.living(&EntityKey { collection, id: id.into() }).map(Arc::as_ref)
    }

    fn version(&self, subject: Subject<'_>, entity: &Entity, put: &mut dyn FnMut(Cause)) {
        let Some(object) = entity.object.as_deref() else { return };
        let request = subject.request;
        let made = self.resources.makes.get(subject.place).map(|make| &make.item);
        let item = self.resources.items.get(made.unwrap_or(&subject.place.template));
        let names = item.map_or(&[][..], |item| &item.versions);
        let names: Vec<&str> =
            names.iter().map(|name| &**name).filter(|name| object.contains_key(*name)).collect();
        if names.is_empty() || request.reads() {
            return;
        }
        let sent = self.resources.sent(subject.place, &request.body);
        let mut given: Vec<String> = names
            .iter()
            .filter_map(|name| sent.and_then(|sent| sent.get(*name)).and_then(as_segment))
            .collect();
        let bare = |name: &str| name.trim_matches('_').to_owned();
        let parameters = request
            .query
            .iter()
            .filter(|(name, _)| names.iter().any(|known| bare(known) == bare(name)));
        given.extend(parameters.map(|(_, value)| value.clone()));
        given.extend(request.header("if-match").map(|tag| bare_tag(tag).to_owned()));
        let current = names.iter().filter_map(|name| object.get(*name).and_then(as_segment));
        let hit = current.into_iter().any(|now| given.contains(&now));
        put(Cause::Version(match (given.is_empty(), hit) {
            (true, _) => VersionSent::None,
            (false, true) => VersionSent::Hit,
            (false, false) => VersionSent::Miss,
        }));
        if !hit {
            put(Cause::Version(VersionSent::Stale));
        }
    }

    fn conditions(
        &self,
        subject: Subject<'_>,
        entity: Option<&Entity>,
        put: &mut dyn FnMut(Cause),
    ) {
        let request = subject.request;
        let by_target = self.world.validator(&request.target);
        let current = entity
            .and_then(|entity| entity.etag.as_deref())
            .or_else(|| by_target.and_then(|tag| tag.as_deref()));
        let matches = |sent: &str| {
            if sent.trim() == "*" {
                return entity.is_some();
            }
            let tags: Vec<&str> = sent.split(',').map(bare_tag).collect();
            current.is_some_and(|current| tags.contains(&bare_tag(current)))
        };
        if let Some(sent) = request.header("if-none-match") {
            let hit = matches(sent);
            put(Cause::Condition(if hit {
                Validator::NoneMatchHit
            } else {
                Validator::NoneMatchMiss
            }));
        }
        if let Some(sent) = request.header("if-match") {
            let hit = matches(sent);
            put(Cause::Condition(if hit { Validator::MatchHit } else { Validator::MatchMiss }));
        }
    }

    fn body(&self, subject: Subject<'_>, put: &mut dyn FnMut(Cause)) {
        let request = subject.request;
        match &request.body {
            Document::Unparsable => {
                put(Cause::BodyUnparsable);
                put(Cause::AnyViolation);
                put(Cause::AnyRefused);
            }
            _ if !request.has_body => put(Cause::BodyNone),
            document => {
                let Some(body) = document.tree() else { return };
                let violates = self.violations(subject, body, put);
                if self.endpoint.accepted.is_foreign(body) {
                    put(Cause::BodyForeign);
                }
                if self.conflicts(subject, body, put) || violates {
                    put(Cause::AnyRefused);
                }
                self.references(subject, body, put);
                times(request, body, put);
                same_members(body, put);
                self.own_secrets(subject, body, put);
                self.together(subject, body, put);
            }
        }
    }

    /// Gives the confirmed violations; whether there is any.
    fn violations(&self, subject: Subject<'_>, body: &Value, put: &mut dyn FnMut(Cause)) -> bool {
        let mut found = false;
        let is_one = subject.training.is_some_and(|(_, accepted)| accepted);
        let accepted = &self.endpoint.accepted;
        for violated in accepted.violations(body, is_one) {
            if !accepted.is_confirmed(&violated) {
                continue;
            }
            found = true;
            let (how, place): (Violation, _) = violated;
            if how == Violation::Extra {
                // One extra member is refused as another one is.
                put(Cause::Member(how, "*".into()));
            }
            put(Cause::Member(how, dotted(&place).into()));
            if !how.is_weak() {
                put(Cause::AnyViolation);
            }
        }
        found
    }

    /// Gives the values that are in use; whether a refusal ever spoke of the member of one.
    fn conflicts(&self, subject: Subject<'_>, body: &Value, put: &mut dyn FnMut(Cause)) -> bool {
        let accepted = &self.endpoint.accepted;
        let mut disputed = false;
        for (place, value) in leaves(body) {
            // What names something is in use there, and many may have one password.
            if self.names_something(subject, &place) || last_member(&place).is_some_and(is_secret) {
                continue;
            }
            if self.is_taken_id(subject, &place, value) {
                put(Cause::Used(dotted(&place).into()));
                put(Cause::AnyUsed);
                disputed = true;
                continue;
            }
            let Some(text) = value.as_str() else { continue };
            if self.is_taken_slug(subject, text) {
                put(Cause::Used(dotted(&place).into()));
                put(Cause::AnyUsed);
                disputed |= accepted.is_disputed(&place);
                continue;
            }
            if accepted.is_telling(&place)
                && self.is_in_use(subject, &dotted(&place), last_member(&place), place.len(), text)
            {
                put(Cause::Used(dotted(&place).into()));
                put(Cause::AnyUsed);
                disputed |= accepted.is_disputed(&place);
            }
        }
        disputed
    }

    /// Does a place of the body name something, by its id or by what it holds?
    fn names_something(&self, subject: Subject<'_>, place: &[PointerStep]) -> bool {
        if !self.endpoint.has_references {
            return false;
        }
        let known = (Arc::clone(subject.place), place.to_vec());
        self.resources.named_by.contains_key(&known)
            || self.resources.references.contains_key(&known)
    }

    /// Does the body choose an id that a living entity has?
    fn is_taken_id(&self, subject: Subject<'_>, place: &[PointerStep], value: &Value) -> bool {
        let Some(make) = self.resources.makes.get(subject.place) else { return false };
        let id = self.resources.items.get(&make.item).and_then(|item| item.id.as_deref());
        let is_named = id.is_some() && id == last_member(place);
        if !is_named && make.given.as_deref() != Some(place) {
            return false;
        }
        let Some(text) = as_segment(value) else { return false };
        let collection = self.resources.collection(&make.item, &subject.request.segments);
        let key = EntityKey { collection, id: text.into() };
        self.world.living(&key).is_some()
    }

    /// Does a living entity have the id that is made of a text?
    fn is_taken_slug(&self, subject: Subject<'_>, text: &str) -> bool {
        let Some(make) = self.resources.makes.get(subject.place) else { return false };
        let id = slug(text);
        if id.len() < SLUG_BYTES_MIN || id == text {
            return false;
        }
        let collection = self.resources.collection(&make.item, &subject.request.segments);
        self.world.living(&EntityKey { collection, id: id.into() }).is_some()
    }

    /// Is a unique value taken? By a living entity where those show it, else by what was accepted.
    fn is_in_use(
        &self,
        subject: Subject<'_>,
        place: &str,
        name: Option<&str>,
        depth: usize,
        value: &str,
    ) -> bool {
        let template = &subject.place.template;
        let is_item = self.resources.items.contains_key(template);
        let made = self.resources.makes.get(subject.place).map(|make| &make.item);
        let is_item = is_item && made.is_none();
        let item = made.or_else(|| is_item.then_some(template));
        if let (Some(item), Some(name), true) = (item, name, depth <= 2) {
            let collection = self.resources.collection(item, &subject.request.segments);
            let own = self.resources.key(&subject.request.segments);
            let mut shown = false;
            for id in self.world.ids(&collection) {
                let key = EntityKey { collection: collection.clone(), id: id.clone() };
                let Some(entity) = self.world.entity(&key) else { continue };
                let Some(held) = entity.object.as_ref().and_then(|object| object.get(name)) else {
                    continue;
                };
                shown = true;
                if !entity.is_gone && held.as_str() == Some(value) && own.as_ref() != Some(&key) {
                    return true;
                }
            }
            if shown {
                return false;
            }
        }
        !is_item && self.world.mark(used_mark(subject.place, place, value)).is_some()
    }

    fn references(&self, subject: Subject<'_>, body: &Value, put: &mut dyn FnMut(Cause)) {
        if !self.endpoint.has_references {
            return;
        }
        let but = subject.training.map(|(number, _)| number);
        for (place, value) in leaves(body) {
            let name = last_member(&place).unwrap_or_default();
            let known = (Arc::clone(subject.place), place.clone());
            let segments = &subject.request.segments;
            if let Some((item, member)) = self.resources.named_by.get(&known) {
                let collection = self.resources.collection(item, segments);
                let text = value.as_str().unwrap_or_default();
                let holder = holder(self.world, &collection, (member, text), self.veil);
                let named = holder.as_ref().and_then(|key| self.world.living(key));
                let presence = holder.as_ref();
                let presence = presence.map(|key| self.world.presence(self.resources, key, but));
                let is_known = presence == Some(EntityPresence::Known);
                put(Cause::Reference(name.into(), is_known));
                if let Some(named) = named {
                    state(named, &format!("{name}."), put);
                }
                continue;
            }
            let Some(item) = self.resources.references.get(&known) else { continue };
            let Some(id) = as_segment(value) else { continue };
            let asked = (&**subject.place, subject.request);
            rivals(self.resources, self.world, asked, (name, value), put);
            let collection = self.resources.collection(item, segments);
            let key = EntityKey { collection, id: id.into() };
            let presence = self.world.presence(self.resources, &key, but);
            put(Cause::Reference(name.into(), presence == EntityPresence::Known));
            if let Some(named) = self.world.living(&key) {
                state(named, &format!("{name}."), put);
            }
        }
    }
}

/// A validator without its weakness and quotes.
fn bare_tag(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

/// The words of an entity; `side` is put before the names of its members.
fn state(entity: &Entity, side: &str, put: &mut dyn FnMut(Cause)) {
    let empty = Map::new();
    let object = entity.object.as_deref().unwrap_or(&empty);
    for (name, value) in object.iter().take(STATE_MEMBERS_MAX) {
        if let Some(word) = word_of(value) {
            put(Cause::State(format!("{side}{name}").into(), word.into()));
        }
    }
}

/// Which members of an entity a write names, and with which words.
fn changes(entity: &Entity, request: &Request, put: &mut dyn FnMut(Cause)) {
    let sent = request.body.json().and_then(Value::as_object);
    let Some((object, sent)) = entity.object.as_deref().zip(sent) else { return };
    for (name, value) in sent.iter().take(STATE_MEMBERS_MAX) {
        let Some(held) = object.get(name) else { continue };
        put(Cause::Sends(name.as_str().into()));
        if let Some((word, _)) = word_of(value).zip(word_of(held)) {
            put(Cause::Says(name.as_str().into(), word.into()));
        }
    }
}

/// A value that may be a word of a small vocabulary.
fn word_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".into()),
        Value::Bool(value) => Some(value.to_string()),
        Value::String(text) if text.len() < STATE_BYTES_MAX && form(text) == TextForm::Other => {
            Some(text.clone())
        }
        _ => None,
    }
}
