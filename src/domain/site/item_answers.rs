//! Items read, replaced, changed and created.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::expansion::{expand, wishes};
use super::selection::select;
use super::sources::Source;
use super::turn::{MadeAnswer, Turn};
use crate::domain::world::pointer::{Pointer, PointerStep, at, typed_like};
use crate::domain::world::{
    Deriver, Entity, EntityKey, EntityPresence, Item, SiteExchange, SiteTemplate, acted_on, below,
    mask_of, new_id,
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
        let key = resources.key(&self.request.segments)?;
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
            self.expand(template, &key, &mut shown);
            if let Some(mask) = mask_of(&resources.masks, self.place, &self.request) {
                mask.hide(&mut shown);
            }
            select(&self.endpoint.selections, &self.request, &mut shown);
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
        self.expand(template, &key, &mut object);
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

    /// Adds to an item what the request asks for.
    fn expand(&self, item: &SiteTemplate, key: &EntityKey, object: &mut Map<String, Value>) {
        let kind = self.site.resources.canonical(item);
        if let Some(expansions) = self.site.expansions.get(kind) {
            let world = (&self.site.resources, &*self.world);
            expand(expansions, world, &wishes(&self.request), (key, object));
        }
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
    pub(super) fn derive(
        &self,
        template: &SiteTemplate,
        id: &str,
        object: &mut Map<String, Value>,
    ) {
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
        if let Some(key) = self.site.resources.key(&self.request.segments) {
            self.show_below(item, &key, &mut object);
        }
        self.derive(&self.place.template, id, &mut object);
        object
    }

    /// Sets the members of an entity that count what lies below it, and the arrays that hold rows
    /// of another kind.
    pub(super) fn show_below(&self, item: &Item, key: &EntityKey, object: &mut Map<String, Value>) {
        self.count_below(item, key, object);
        for (name, rows) in &item.embedded {
            if rows.stand_in(object, name) {
                let rows = rows.rows(&self.site.resources, self.world, key);
                object.insert(name.to_string(), rows);
            }
        }
    }

    fn count_below(&self, item: &Item, key: &EntityKey, object: &mut Map<String, Value>) {
        for (name, child) in &item.counts {
            let Some(old) = object.get_mut(&**name) else { continue };
            *old = self.world.rows(&below(key, child)).count().into();
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
        let envelope = self.envelope_of(&template, &document, shown);
        let asked = (&*self.request, Some(&document));
        let mut object = acted_on(resources, self.place, &before, asked, &key);
        self.derive(&template, &key.id, &mut object);
        if let Some(item) = resources.items.get(&template) {
            self.count_below(item, &key, &mut object);
        }
        let document = Self::placed(document, &envelope, object.clone());
        MadeAnswer { key: Some(key), object: Some(object), ..MadeAnswer::of(document) }
    }

    /// Where an entity stands in an answer that shows it: in its envelope, or by itself.
    pub(super) fn envelope_of(
        &self,
        template: &SiteTemplate,
        document: &Value,
        shown: &Map<String, Value>,
    ) -> Pointer {
        let known = self.site.resources.items.get(template).map(|item| &item.envelope);
        let holds = |envelope: &&Pointer| {
            let there = at(document, envelope).and_then(Value::as_object);
            there.is_some_and(|there| std::ptr::eq(there, shown))
        };
        known.filter(holds).cloned().unwrap_or_default()
    }

    /// The answer to a deletion that shows what it deletes. What it sets meanwhile, and what a
    /// reading does not show, stands as in the recorded answer.
    pub(super) fn as_it_was(&self, status: u16, key: &EntityKey, document: Value) -> Value {
        let resources = &self.site.resources;
        let template = &self.place.template;
        let held = self.world.living(key).and_then(|held| held.object.clone());
        let item = resources.items.get(template);
        let shown = resources.entity(template, Some(&document), Some(&*key.id));
        let (Some(held), Some(item), Some(shown)) = (held, item, shown) else { return document };
        let envelope = self.envelope_of(template, &document, shown);
        let sources = self.endpoint.answers.get(&status).map(|answers| &answers.sources);
        let marks = item.soft_deletion.as_deref().unwrap_or_default();
        let is_set = |name: &str| {
            let mut place = envelope.clone();
            place.push(PointerStep::Member(name.into()));
            let source = sources.and_then(|sources| sources.get(&place));
            !item.steady.contains(name)
                && (marks.iter().any(|(mark, _)| **mark == *name)
                    || matches!(source, Some(Source::Now | Source::Fresh(_) | Source::Next(_))))
        };
        let is_whole = item.common.iter().all(|name| shown.contains_key(&**name));
        let mut was = self.as_now(item, (*held).clone());
        was.retain(|name, _| is_whole || shown.contains_key(name));
        for (name, value) in shown.iter().filter(|(name, _)| is_set(name)) {
            was.insert(name.clone(), value.clone());
        }
        for (name, value) in shown {
            let is_optional = is_whole && held.len() >= item.common.len() && self.sendable()(name);
            if !was.contains_key(name) && !is_optional {
                was.insert(name.clone(), value.clone());
            }
        }
        Self::placed(document, &envelope, was)
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
        self.world.write_members(resources, (self.place, key), &mut object, (before, sent));
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
}
