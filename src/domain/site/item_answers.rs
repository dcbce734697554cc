//! Items read, replaced, changed and created.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::sources::Source;
use super::turn::{MadeAnswer, Turn};
use crate::domain::variants::swap::swapped;
use crate::domain::world::form::fresh;
use crate::domain::world::observe::acted_on;
use crate::domain::world::pointer::{
    Pointer, PointerStep, as_segment, at, leaves, put_at, typed_like,
};
use crate::domain::world::{
    Deriver, EmbeddedRows, Entity, EntityKey, EntityPresence, IdPlace, Item, Make, Resources,
    SiteExchange, SiteTemplate, joined, mask_of, new_id, path_last, write_members,
};

impl Turn<'_> {
    /// The answer to a request about one item; `None` where a reading finds nothing held here.
    pub(super) fn item(
        &mut self,
        pattern: &Arc<SiteExchange>,
        document: Value,
    ) -> Option<MadeAnswer> {
        let template = &self.place.template;
        let resources = &self.site.resources;
        let item = resources.items.get(template)?;
        let key = Resources::key(&self.request.segments)?;
        let before = self.world.living(&key).and_then(|entity| entity.object.clone());
        let shown = resources.entity(template, Some(&document), None).cloned();
        let in_envelope = at(&document, &item.envelope).and_then(Value::as_object).cloned();
        let was = resources.entity(template, pattern.json(), None);
        let at_envelope = pattern
            .json()
            .and_then(|document| at(document, &item.envelope)?.as_object())
            .is_some_and(|object| {
                shown.is_none() || was.is_some_and(|was| std::ptr::eq(was, object))
            });
        let envelope: &[PointerStep] = if at_envelope { &item.envelope } else { &[] };
        let reads = self.request.reads();
        if shown.is_none() && !(reads && in_envelope.is_some()) {
            return Some(MadeAnswer::of(match reads {
                true => document,
                false => self.versioned(template, &key, document),
            }));
        }
        let pattern_object = if at_envelope { in_envelope } else { shown.clone() };
        let pattern_object = pattern_object.unwrap_or_default();
        if reads || (&*self.request.method == "POST" && before.is_none()) {
            let before = before.or_else(|| self.unseen(&key, &pattern_object));
            let object = self.completed(item, &key, &*before?, &pattern_object);
            let object = self.as_now(item, object);
            let mut shown = object.clone();
            if let Some(mask) = mask_of(&resources.masks, self.place, &self.request) {
                mask.hide(&mut shown);
            }
            let document = Self::placed(document, envelope, shown);
            return Some(MadeAnswer {
                key: Some(key),
                object: Some(object),
                ..MadeAnswer::of(document)
            });
        }
        let mut object = self.changed(pattern, envelope, &pattern_object, before.as_deref(), &key);
        if let (Some(name), Some(new)) = (item.id.as_deref(), self.moves_to(item)) {
            object.insert(name.to_owned(), typed_like(&new, object.get(name)));
        }
        self.derive(template, &key.id, &mut object);
        let mut shown_part = if resources.partial.contains(self.place) {
            let kept = object.iter().filter(|(name, _)| pattern_object.contains_key(*name));
            let part: Map<String, Value> = kept.map(|(n, v)| (n.clone(), v.clone())).collect();
            let whole = Some(Arc::new(object.clone()));
            self.world.put(key.clone(), Entity { object: whole, ..Entity::default() });
            part
        } else {
            object.clone()
        };
        self.hide_unechoed(pattern.status, &pattern_object, &mut shown_part);
        let document = Self::placed(document, envelope, shown_part);
        Some(MadeAnswer { key: Some(key), object: Some(object), ..MadeAnswer::of(document) })
    }

    /// An entity that may be known from lists only: the rest as others have it.
    fn completed(
        &self,
        item: &Item,
        key: &EntityKey,
        held: &Map<String, Value>,
        pattern: &Map<String, Value>,
    ) -> Map<String, Value> {
        let is_written = self.world.living(key).is_some_and(|held| held.is_written);
        let sendable = self.sendable();
        let mut whole = held.clone();
        for (name, value) in pattern {
            let left_out = is_written && sendable(name);
            let lacks = !held.contains_key(name) && !left_out;
            if lacks && item.common.contains(name.as_str()) {
                whole.insert(name.clone(), value.clone());
            }
        }
        whole
    }

    /// The id that this request moves its item to.
    fn moves_to(&self, item: &Item) -> Option<String> {
        let resources = &self.site.resources;
        let sent = resources.sent(self.place, &self.request.body)?;
        resources.movers.contains(self.place).then_some(())?;
        new_id(sent, item.id.as_deref()?, None)
    }

    /// Sets the members of an entity that are computed.
    fn derive(&self, template: &SiteTemplate, id: &str, object: &mut Map<String, Value>) {
        if let Some(mut deriver) = Deriver::of(&self.site.resources, self.world, template) {
            deriver.set(id, object);
        }
    }

    /// What was sent and mostly does not come back stands as the recorded answer had it.
    fn hide_unechoed(&self, status: u16, was: &Map<String, Value>, shown: &mut Map<String, Value>) {
        let Some(answers) = self.endpoint.answers.get(&status) else { return };
        for (name, _) in answers.echoed.iter().filter(|(_, comes_back)| !**comes_back) {
            match was.get(&**name) {
                Some(old) => _ = shown.insert(name.to_string(), old.clone()),
                None => _ = shown.remove(&**name),
            }
        }
    }

    /// The entity of this request with what follows the clock, and what lies below it.
    fn as_now(&self, item: &Item, mut object: Map<String, Value>) -> Map<String, Value> {
        item.clocks.iter().for_each(|clock| clock.set(&mut object, self.now_ms));
        let id = self.request.segments.last().map_or("", String::as_str);
        if let Some(key) = Resources::key(&self.request.segments) {
            let which = (&self.place.template, &*key.collection, id);
            self.count_below(&item.counts, which, &mut object);
            self.embed(&item.embedded, &key, &mut object);
        }
        self.derive(&self.place.template, id, &mut object);
        object
    }

    /// Sets the arrays of an entity that hold rows of another kind.
    pub(super) fn embed(
        &self,
        embedded: &[(Box<str>, EmbeddedRows)],
        key: &EntityKey,
        object: &mut Map<String, Value>,
    ) {
        for (name, rows) in embedded {
            if let Some(old) = object.get_mut(&**name).filter(|old| old.is_array()) {
                *old = rows.rows(&self.site.resources, self.world, key);
            }
        }
    }

    /// Sets the members of an entity that count what lies below it.
    pub(super) fn count_below(
        &self,
        counts: &[(Box<str>, SiteTemplate)],
        (template, collection, id): (&SiteTemplate, &str, &str),
        object: &mut Map<String, Value>,
    ) {
        for (name, child) in counts {
            let Some(old) = object.get_mut(&**name) else { continue };
            let below = &child.0[template.0.len()..child.0.len().saturating_sub(1)];
            let literals = below.iter().flatten().map(|literal| &**literal);
            let path: Vec<String> = std::iter::once(collection)
                .chain(std::iter::once(id))
                .filter(|part| !part.is_empty())
                .chain(literals)
                .map(ToOwned::to_owned)
                .collect();
            *old = self.world.rows(&joined(&path)).count().into();
        }
    }

    /// The answer to an action on an item: the entity as it is then, where the answer shows it.
    pub(super) fn action(&self, document: Value) -> MadeAnswer {
        let resources = &self.site.resources;
        let acted = resources.acted(self.place);
        let key = resources.addressed(self.place, &self.request.segments);
        let (Some((template, _)), Some(key)) = (acted, key) else {
            return MadeAnswer::of(document);
        };
        let held = self.world.living(&key).and_then(|entity| entity.object.clone());
        let shown = resources.entity(&template, Some(&document), None);
        let (Some(before), Some(shown)) = (held, shown) else { return MadeAnswer::of(document) };
        let at_envelope = resources.items.get(&template).map(|item| item.envelope.clone());
        let in_envelope = at_envelope.filter(|envelope| {
            let there = at(&document, envelope).and_then(Value::as_object);
            there.is_some_and(|there| std::ptr::eq(there, shown))
        });
        let envelope = in_envelope.unwrap_or_default();
        let asked = (&*self.request, Some(&document));
        let mut object = acted_on(resources, self.place, &before, asked, &key);
        self.derive(&template, &key.id, &mut object);
        if let Some(item) = resources.items.get(&template) {
            let which = (&template, &*key.collection, &*key.id);
            self.count_below(&item.counts, which, &mut object);
        }
        let document = Self::placed(document, &envelope, object.clone());
        MadeAnswer { key: Some(key), object: Some(object), ..MadeAnswer::of(document) }
    }

    /// An entity that is there though it was never shown: of a range without gaps.
    fn unseen(
        &self,
        key: &EntityKey,
        pattern: &Map<String, Value>,
    ) -> Option<Arc<Map<String, Value>>> {
        let resources = &self.site.resources;
        let known = self.world.presence(resources, key, None) == EntityPresence::Known;
        let id = resources.items.get(&self.place.template)?.id.as_deref()?;
        known.then(|| {
            let mut object = pattern.clone();
            let id_value = typed_like(&key.id, pattern.get(id));
            object.insert(id.to_owned(), id_value);
            Arc::new(object)
        })
    }

    /// The entity after a PUT, PATCH or POST to it.
    fn changed(
        &self,
        pattern: &SiteExchange,
        envelope: &[PointerStep],
        shown: &Map<String, Value>,
        before: Option<&Map<String, Value>>,
        key: &EntityKey,
    ) -> Map<String, Value> {
        let resources = &self.site.resources;
        let empty = Map::new();
        let sent = resources.sent(self.place, &self.request.body).unwrap_or(&empty);
        let sent_then = resources.sent(self.place, &pattern.request.body).unwrap_or(&empty);
        let own: Vec<&String> =
            shown.keys().filter(|name| !sent_then.contains_key(*name)).collect();
        let sources = self.endpoint.answers.get(&pattern.status).map(|answers| &answers.sources);
        let item = resources.items.get(&self.place.template);
        // Another one in each answer, for each is about another entity.
        let steady = before.and(item).map(|item| &item.steady);
        let is_volatile = |name: &String| {
            let mut place: Pointer = envelope.to_vec();
            place.push(PointerStep::Member(name.as_str().into()));
            matches!(
                sources.and_then(|sources| sources.get(&place)),
                Some(Source::Now | Source::Fresh(_) | Source::Next(_))
            ) && !steady.is_some_and(|steady| steady.contains(name.as_str()))
        };
        let mut object = match before {
            None => own
                .iter()
                .filter_map(|name| Some(((*name).clone(), shown.get(*name)?.clone())))
                .collect(),
            Some(before) if &*self.request.method == "PUT" && !self.endpoint.unsent.merges => {
                let sendable = self.sendable();
                let kept = before.iter().filter(|(name, _)| !sendable(name));
                kept.map(|(name, value)| (name.clone(), value.clone())).collect()
            }
            Some(before) => before.clone(),
        };
        if before.is_some() {
            let resets = self.endpoint.unsent.resets.iter();
            object.extend(resets.map(|(name, value)| (name.clone(), value.clone())));
        }
        write_members(resources, self.place, &mut object, (before, sent));
        for name in own.iter().filter(|name| is_volatile(name)) {
            if let Some(value) = shown.get(*name) {
                object.insert((*name).clone(), value.clone());
            }
        }
        if let Some((item, before)) = item.zip(before) {
            Self::raise(item, before, &mut object);
        }
        let id = item.and_then(|item| item.id.as_deref());
        if let Some(id) = id.filter(|id| shown.contains_key(*id)) {
            let held = before.and_then(|before| before.get(id)).cloned();
            let value = held.unwrap_or_else(|| typed_like(&key.id, shown.get(id)));
            object.insert(id.to_owned(), value);
        }
        object
    }

    /// Whether a member is ever sent to this endpoint or to the one that creates.
    fn sendable(&self) -> impl Fn(&str) -> bool + '_ {
        let resources = &self.site.resources;
        let maker = resources.maker(&self.place.template);
        let has = move |place: &Arc<crate::domain::world::SitePlace>, name: &str| {
            let mut pointer = resources.sent_envelopes.get(place).cloned().unwrap_or_default();
            pointer.push(PointerStep::Member(name.into()));
            self.site.endpoints.get(place).is_some_and(|e| e.accepted.has(&pointer))
        };
        move |name| has(self.place, name) || maker.is_some_and(|maker| has(maker, name))
    }

    /// The answer to a creation.
    pub(super) fn create(
        &mut self,
        pattern: &Arc<SiteExchange>,
        mut document: Value,
    ) -> MadeAnswer {
        let site = self.site;
        let resources = &site.resources;
        let Some(make) = resources.makes.get(self.place) else { return MadeAnswer::of(document) };
        let collection = resources.collection(&make.item, &self.request.segments);
        let empty = Map::new();
        let request = Arc::clone(&self.request);
        let sent = resources.sent(self.place, &request.body).unwrap_or(&empty);
        let old = old_id(make, pattern);
        let new = self.new_id(make, &collection, sent, (old.as_ref(), &document));
        self.name_anew(pattern.status, (old.as_ref(), &new), &mut document);
        let item = resources.items.get(&make.item);
        let shown = resources.entity(&make.item, Some(&document), None).cloned();
        let was = resources.entity(&make.item, pattern.json(), None);
        let mut object = None;
        if let (Some(shown), Some(was)) = (shown, was) {
            let in_envelope = item.and_then(|item| {
                let object = at(pattern.json()?, &item.envelope)?.as_object()?;
                std::ptr::eq(object, was).then(|| item.envelope.clone())
            });
            let envelope = in_envelope.unwrap_or_default();
            let sent_then = resources.sent(self.place, &pattern.request.body).unwrap_or(&empty);
            let mut made = self.constructed(pattern.status, &shown, sent, sent_then);
            self.keep(&mut made, sent, make, &collection, (&new, &envelope));
            if let IdPlace::Body(place) = &make.id
                && let Some(name) = place.last().and_then(PointerStep::member)
            {
                made.insert(name.to_owned(), new.clone());
            }
            let own =
                item.and_then(|item| item.id.as_deref()).filter(|_| make.id == IdPlace::Location);
            if let Some((name, old)) = own.and_then(|own| Some((own, made.get(own)?)))
                && let Some(id) = as_segment(&new)
            {
                made.insert(name.to_owned(), typed_like(&id, Some(old)));
            }
            let id = as_segment(&new).unwrap_or_default();
            self.derive(&make.item, &id, &mut made);
            if let Some(item) = item.filter(|item| !item.embedded.is_empty()) {
                let key = EntityKey { collection: collection.clone(), id: id.into() };
                self.embed(&item.embedded, &key, &mut made);
            }
            document = Self::placed(document, &envelope, made.clone());
            object = Some(made);
        }
        if let (IdPlace::Body(place), false) = (&make.id, document.is_null()) {
            document = put_at(document, place, new.clone());
        }
        let id = as_segment(&new).unwrap_or_default();
        let location = pattern.header("location").zip(old).map(|(location, old)| {
            let old = as_segment(&old).unwrap_or_default();
            let (then, now) = (pattern.request.segments.join("/"), request.segments.join("/"));
            replace_last(location, &old, &id).replace(&then, &now)
        });
        let key = EntityKey { collection, id: id.into() };
        if object.is_none() {
            document = self.versioned(&make.item, &key, document);
        }
        MadeAnswer { key: Some(key), object, location, ..MadeAnswer::of(document) }
    }

    /// Whatever held the id of what was created then holds the new one.
    fn name_anew(&self, status: u16, (old, new): (Option<&Value>, &Value), document: &mut Value) {
        let Some(answers) = self.endpoint.answers.get(&status) else { return };
        let ids = old.and_then(as_segment).zip(as_segment(new));
        let Some((old, new)) = ids.filter(|(old, new)| old != new) else { return };
        for (place, _) in answers.sources.iter().filter(|(_, source)| **source == Source::OwnId) {
            let Some(held) = at(document, place) else { continue };
            let named = match held.as_str().filter(|text| **text != *old) {
                Some(text) => swapped(text, &old, &new).map(Value::from),
                None => Some(typed_like(&new, Some(held))),
            };
            if let Some(named) = named {
                *document = put_at(document.take(), place, named);
            }
        }
    }

    /// What was there before under the id that the body chooses stays where nothing new is said:
    /// members that were not sent, and that the server does not make anew.
    fn keep(
        &self,
        made: &mut Map<String, Value>,
        sent: &Map<String, Value>,
        make: &Make,
        collection: &str,
        (id, envelope): (&Value, &[PointerStep]),
    ) {
        let Some(id) = as_segment(id).filter(|_| self.given(make).is_some()) else { return };
        let key = EntityKey { collection: collection.into(), id: id.into() };
        let held = self.world.living(&key).and_then(|held| held.object.clone());
        for (name, value) in held.iter().flat_map(|held| held.iter()) {
            let mut place: Pointer = envelope.to_vec();
            place.push(PointerStep::Member(name.as_str().into()));
            let mut sources = self.endpoint.answers.values().map(|answers| &answers.sources);
            let is_made = sources.any(|sources| {
                matches!(
                    sources.get(&place),
                    Some(Source::Now | Source::Fresh(_) | Source::Next(_))
                )
            });
            if !sent.contains_key(name) && !is_made {
                made.insert(name.clone(), value.clone());
            }
        }
        let item = self.site.resources.items.get(&make.item);
        if let (Some(item), Some(held)) = (item, held) {
            Self::raise(item, &held, made);
        }
    }

    /// What a creation shows: set by the server as in the pattern, and what was sent.
    fn constructed(
        &self,
        status: u16,
        shown: &Map<String, Value>,
        sent: &Map<String, Value>,
        sent_then: &Map<String, Value>,
    ) -> Map<String, Value> {
        let echoed = self.endpoint.answers.get(&status).map(|answers| &answers.echoed);
        let comes_back =
            |name: &str| echoed.and_then(|echoed| echoed.get(name)).copied().unwrap_or(true);
        let mut made: Map<String, Value> = shown
            .iter()
            .filter(|(name, _)| !sent_then.contains_key(*name) || sent.contains_key(*name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        for (name, value) in sent.iter().filter(|(name, _)| comes_back(name)) {
            let shown = made.get(name).and_then(Value::as_object);
            let value = match (shown, value) {
                (Some(shown), Value::Object(sent)) => {
                    let then = sent_then.get(name).and_then(Value::as_object);
                    Value::Object(with_own(shown, sent, then))
                }
                _ => value.clone(),
            };
            made.insert(name.clone(), value);
        }
        made
    }

    /// The id of what is created: named by the request, given, derived, counted or new.
    fn new_id(
        &mut self,
        make: &Make,
        collection: &str,
        sent: &Map<String, Value>,
        (old, document): (Option<&Value>, &Value),
    ) -> Value {
        let resources = &self.site.resources;
        let mut status_sources = self.endpoint.answers.values().map(|answers| &answers.sources);
        let source = match &make.id {
            IdPlace::Body(place) => status_sources.find_map(|s| s.get(place)),
            IdPlace::Location | IdPlace::Sent(_) => None,
        };
        if let Some(given) = self.given(make) {
            return given;
        }
        if let Some(named) = self.named_id(make, collection) {
            return named.into();
        }
        let name = resources.items.get(&make.item).and_then(|item| item.id.as_deref());
        let given = name.and_then(|name| sent.get(name)).filter(|v| as_segment(v).is_some());
        if let (Some(given), Some(Source::Body(_))) = (given, source) {
            return given.clone();
        }
        let is_derived = matches!(
            source,
            Some(Source::Body(_) | Source::Segment(_) | Source::Part | Source::Shaped(_))
        );
        if let (IdPlace::Body(place), true) = (&make.id, is_derived)
            && let Some(derived) = at(document, place)
        {
            return derived.clone();
        }
        let Some(old) = old else { return Value::Null };
        let text = as_segment(old).unwrap_or_default();
        if text.parse::<u64>().is_ok() {
            let counter = resources.items.get(&make.item).and_then(|item| item.counter);
            let over_all = counter
                .map_or(0, |highest| highest.max(self.world.highest(&make.item.to_string())));
            let next = self.world.highest(collection).max(over_all) + 1;
            self.world.raise(collection, next);
            self.world.raise(&make.item.to_string(), next);
            return typed_like(&next.to_string(), Some(old));
        }
        // Random ids repeat once in a while; the collection knows which are taken.
        for _attempt in 0..8 {
            let new = fresh(&text, 0, &mut || self.random());
            let key = EntityKey { collection: collection.into(), id: new.as_str().into() };
            if self.world.entity(&key).is_none() {
                return new.into();
            }
        }
        text.into()
    }

    /// The id that the body chooses.
    fn given(&self, make: &Make) -> Option<Value> {
        let value = at(self.request.body.json()?, make.given.as_ref()?)?;
        as_segment(value).map(|_| value.clone())
    }

    /// An existing item that the body refers to: then nothing new is made.
    fn named_id(&self, make: &Make, collection: &str) -> Option<String> {
        let resources = &self.site.resources;
        let body = self.request.body.json()?;
        if !self.endpoint.has_references {
            return None;
        }
        leaves(body).into_iter().find_map(|(place, value)| {
            let item = resources.references.get(&(Arc::clone(self.place), place))?;
            let id = as_segment(value).filter(|_| *item == make.item)?;
            let key = EntityKey { collection: collection.into(), id: id.as_str().into() };
            (self.world.presence(resources, &key, None) == EntityPresence::Known).then_some(id)
        })
    }
}

/// What was sent with what the server adds to it: members of the recorded answer, `shown`, that
/// were not sent `then`, at any depth.
fn with_own(
    shown: &Map<String, Value>,
    sent: &Map<String, Value>,
    then: Option<&Map<String, Value>>,
) -> Map<String, Value> {
    let is_own = |name: &String| !then.is_some_and(|then| then.contains_key(name));
    let own = shown.iter().filter(|(name, _)| is_own(name));
    let mut whole: Map<String, Value> = own.map(|(n, v)| (n.clone(), v.clone())).collect();
    for (name, value) in sent {
        let inner = match (shown.get(name), value) {
            (Some(Value::Object(shown)), Value::Object(sent)) => {
                let then = then.and_then(|then| then.get(name)).and_then(Value::as_object);
                Value::Object(with_own(shown, sent, then))
            }
            _ => value.clone(),
        };
        whole.insert(name.clone(), inner);
    }
    whole
}

/// The id that the recorded creation gave.
fn old_id(make: &Make, pattern: &SiteExchange) -> Option<Value> {
    let in_body = match &make.id {
        IdPlace::Body(place) => pattern.json().and_then(|document| at(document, place)).cloned(),
        IdPlace::Location => None,
        IdPlace::Sent(place) => {
            return pattern.request.body.json().and_then(|document| at(document, place)).cloned();
        }
    };
    in_body.or_else(|| path_last(pattern.header("location")?).map(Into::into))
}

/// `text` with the last `old` in it replaced.
fn replace_last(text: &str, old: &str, new: &str) -> String {
    match text.rfind(old) {
        Some(at) if !old.is_empty() => format!("{}{new}{}", &text[..at], &text[at + old.len()..]),
        _ => text.to_owned(),
    }
}
