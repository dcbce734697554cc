//! The answers to what creates an item.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::sources::Source;
use super::turn::{MadeAnswer, Turn};
use crate::domain::variants::swap::swapped;
use crate::domain::world::form::fresh;
use crate::domain::world::pointer::{
    Pointer, PointerStep, as_segment, at, leaves, put_at, typed_like,
};
use crate::domain::world::{
    EntityKey, EntityPresence, IdPlace, Item, Make, SiteExchange, path_last,
};

impl Turn<'_> {
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
            let recorded = pattern.json();
            let recorded = recorded.map(|recorded| self.envelope_of(&make.item, recorded, was));
            let envelope = recorded.unwrap_or_default();
            let sent_then = resources.sent(self.place, &pattern.request.body).unwrap_or(&empty);
            let mut made = self.constructed(pattern.status, &shown, sent, sent_then);
            let left_out = sent_then.keys().filter(|name| !sent.contains_key(*name));
            let default = |name: &String| self.left_out(pattern.status, make, name);
            made.extend(left_out.filter_map(|name| Some((name.clone(), default(name)?))));
            self.place(item.filter(|_| was.len() > 1), &collection, sent, &mut made);
            // An answer that says the id alone goes on saying nothing else.
            if was.len() > 1 {
                self.keep(&mut made, sent, make, &collection, (&new, &envelope));
            }
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
            if let Some(item) = item {
                self.number(item, &collection, sent, &mut made);
            }
            self.derive(&make.item, &id, &mut made);
            let key = EntityKey { collection: collection.clone(), id: id.as_str().into() };
            self.embed(item, &key, &mut made);
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

    /// What was named by an id is shown as the objects that have it.
    fn place(
        &self,
        item: Option<&Item>,
        collection: &str,
        sent: &Map<String, Value>,
        made: &mut Map<String, Value>,
    ) {
        for placement in item.map_or(&[][..], |item| &item.placed) {
            let Some(named) = sent.get(&*placement.sent) else { continue };
            match self.world.placed(placement, collection, (made.get(&*placement.held), named)) {
                Some(new) => _ = made.insert(placement.held.to_string(), new),
                None => _ = made.remove(&*placement.held),
            }
        }
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
        let is_found = self.given(make).is_some() || make.same.is_some();
        let Some(id) = as_segment(id).filter(|_| is_found) else { return };
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

    /// Sets the members that count items within something.
    fn number(
        &self,
        item: &Item,
        collection: &str,
        sent: &Map<String, Value>,
        made: &mut Map<String, Value>,
    ) {
        for numbering in &item.numbered {
            if made.contains_key(&*numbering.name) && !sent.contains_key(&*numbering.name) {
                let rows = self.world.rows(collection);
                let rows = rows.filter_map(|(_, held)| held.object.as_deref());
                let next = numbering.next(rows, made);
                made.insert(numbering.name.to_string(), next.into());
            }
        }
    }

    /// Sets arrays of rows: an answer to a creation may show nothing where readings have them.
    fn embed(&self, item: Option<&Item>, key: &EntityKey, made: &mut Map<String, Value>) {
        for (name, rows) in item.map_or(&[][..], |item| &item.embedded) {
            if made.get(&**name).is_some_and(Value::is_array) {
                let rows = rows.rows(&self.site.resources, self.world, key);
                made.insert(name.to_string(), rows);
            }
        }
    }

    /// What stands in the answers to creations that did not send a member, where it is the same in
    /// all of them.
    fn left_out(&self, status: u16, make: &Make, name: &str) -> Option<Value> {
        let resources = &self.site.resources;
        let exemplars = &self.endpoint.answers.get(&status)?.exemplars;
        let mut values = exemplars.iter().filter_map(|one| {
            let sent = resources.sent(self.place, &one.exchange.request.body)?;
            let shown = resources.entity(&make.item, one.exchange.json(), None)?;
            (!sent.contains_key(name)).then(|| shown.get(name))
        });
        let first = values.next()??;
        values.all(|value| value == Some(first)).then(|| first.clone())
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
        if let Some(same) = self.same_id(make, collection, sent) {
            return typed_like(&same, old);
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

    /// What is there already with the member that tells what is the same.
    fn same_id(&self, make: &Make, collection: &str, sent: &Map<String, Value>) -> Option<String> {
        let name = make.same.as_deref()?;
        let value = sent.get(name)?;
        let is_it = |object: &Map<String, Value>| object.get(name) == Some(value);
        let mut rows = self.world.rows(collection);
        rows.find(|(_, held)| held.object.as_deref().is_some_and(is_it)).map(|(id, _)| id.into())
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
