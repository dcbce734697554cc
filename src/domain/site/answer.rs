//! The answer of a known resource, or with a learned reason: made after a recorded one.

use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashSet;
use serde_json::Value;

use super::endpoint::{EndpointKnowledge, Exemplar};
use super::learn::Site;
use super::turn::{MadeAnswer, SiteAnswer, Turn};
use crate::domain::outcome::Cause;
use crate::domain::world::observe::{pairs_of, telling_strings, together_mark};
use crate::domain::world::pointer::{as_segment, at, members};
use crate::domain::world::{
    Document, EntityKey, Request, SiteExchange, SitePlace, SiteTemplate, World, fingerprint,
};

/// Share of an answer's members that an earlier object must have before it is given again.
const RECALL_SHARE: f64 = 0.6;

/// How much a truth about one member of the body counts among the others.
const NAMED_WEIGHT: u32 = 3;

impl Site {
    /// Whether answers of an endpoint depend on reasons or on entities.
    #[must_use]
    pub fn engages(&self, place: &Arc<SitePlace>, endpoint: &EndpointKnowledge) -> bool {
        endpoint.is_explained() || !endpoint.forced.is_empty() || self.is_stateful(place)
    }

    /// Whether anything writes the items of a template.
    fn writes(&self, item: &SiteTemplate) -> bool {
        self.resources.maker(item).is_some()
            || ["PUT", "PATCH", "DELETE"].iter().any(|method| {
                let place = SitePlace { method: (*method).into(), template: item.clone() };
                self.endpoints.contains_key(&place)
            })
    }

    /// Whether anything writes what an endpoint shows.
    #[must_use]
    pub fn is_written(&self, place: &Arc<SitePlace>) -> bool {
        let resources = &self.resources;
        let listed = resources.lists.get(place).is_some_and(|listing| self.writes(&listing.item));
        listed || (resources.is_about_item(place) && self.writes(&place.template))
    }

    /// Whether an endpoint reads or writes entities that others write or list.
    #[must_use]
    pub fn is_stateful(&self, place: &Arc<SitePlace>) -> bool {
        let resources = &self.resources;
        let is_decided = self.endpoints.get(place).is_some_and(EndpointKnowledge::decides_values);
        let is_part = &*place.method == "GET" && resources.part_views.contains_key(&place.template);
        if is_decided || is_part {
            return true;
        }
        let written = |item: &SiteTemplate| self.writes(item);
        let listed =
            |item: &SiteTemplate| resources.lists.values().any(|listing| listing.item == *item);
        let lives = |item: &SiteTemplate| written(item) || listed(item);
        if let Some((item, _)) = resources.acted(place) {
            return lives(&item);
        }
        if resources.is_about_item(place) {
            return lives(resources.canonical(&place.template));
        }
        resources.makes.contains_key(place)
            || resources.batches.contains_key(place)
            || resources.sweeps.contains_key(place)
            || resources.own_views.get(place).is_some_and(|view| lives(&view.item))
            || resources.named_by.iter().any(|((of, _), (item, _))| of == place && lives(item))
            || resources.tallies.contains_key(place)
            || resources.lists.get(place).is_some_and(|listing| {
                resources.items.contains_key(&listing.item)
                    || written(&listing.item)
                    || self.is_executed(place)
            })
    }

    /// The recorded answer with a status that refused a method, made over for a request, and its
    /// content type: nobody's state has a part in it.
    #[must_use]
    pub fn refusal(&self, request: Request, status: u16) -> Option<(SiteAnswer, Option<String>)> {
        let mut world = World::default();
        let at_ms = request.at_ms;
        let mut turn = Turn::begin(self, &mut world, request, at_ms, 0)?;
        let kind = turn.pattern(status)?.header("content-type").map(str::to_owned);
        Some((turn.answer(status)?, kind))
    }

    /// Whether the rows of a list that nothing else shows make its answers as they were recorded.
    fn is_executed(&self, place: &Arc<SitePlace>) -> bool {
        self.endpoints.get(place).is_some_and(|endpoint| endpoint.is_executed)
            && !self.lists_others(&place.template)
    }
}

impl Turn<'_> {
    /// The recorded answer with a status that the answer is made after.
    fn pattern(&self, status: u16) -> Option<Arc<SiteExchange>> {
        // What a refusal is about counts more than what happens to hold beside it.
        let weight = |number: u16| match self.site.causes.get(number) {
            Some(Cause::State(..)) => 0,
            Some(Cause::Member(..) | Cause::QueryMember(..) | Cause::Used(_)) if status >= 400 => {
                NAMED_WEIGHT
            }
            _ => 1,
        };
        let body = self.request.body.json();
        let shape: FxHashSet<_> =
            body.map(members).unwrap_or_default().into_iter().map(|(place, _)| place).collect();
        let alike = |endpoint: &EndpointKnowledge, status: u16| {
            let target = fingerprint(&[&self.request.target]);
            let found = endpoint.most_alike(status, &self.truths, &weight, &shape, target);
            found.map(|exemplar| Arc::clone(&exemplar.exchange))
        };
        let own = alike(self.endpoint, status);
        let own = own.or_else(|| (status == 200).then(|| alike(self.endpoint, 201)).flatten());
        own.or_else(|| (status >= 400).then(|| self.foreign_pattern(status)).flatten())
    }

    /// An error of another endpoint: of the same path where there is one.
    fn foreign_pattern(&self, status: u16) -> Option<Arc<SiteExchange>> {
        let mut others: Vec<(bool, &Arc<SitePlace>, &Exemplar)> = self
            .site
            .endpoints
            .iter()
            .filter_map(|(place, endpoint)| {
                let newest = endpoint.answers.get(&status)?.exemplars.last()?;
                Some((place.template != self.place.template, place, newest))
            })
            .collect();
        others.sort_by_key(|(is_other, place, _)| (*is_other, (*place).clone()));
        others.first().map(|(_, _, exemplar)| Arc::clone(&exemplar.exchange))
    }

    /// Makes the answer with a status; `None` where nothing was recorded that could be a pattern,
    /// or where the entity asked for is not held here.
    pub fn answer(&mut self, status: u16) -> Option<SiteAnswer> {
        if !self.endpoint.decides_values()
            && self.prefers_reply(status)
            && let Some(answer) = self.reply(status)
        {
            return Some(answer);
        }
        let pattern = self.pattern(status)?;
        let is_ok = (200..300).contains(&status);
        let filled = self.fill(&pattern);
        let mut made = match filled {
            super::filled::Filled::Document(document) if is_ok => {
                let mut made = self.make(&pattern, document)?;
                for value in self.endpoint.answers.get(&status).into_iter().flat_map(|a| &a.decided)
                {
                    made.document = value.set(made.document, &self.truths);
                }
                let held = |kind: &SiteTemplate, id: &str| self.held(kind, id);
                self.site.compound.close(&self.request, &held, &mut made.document);
                made
            }
            super::filled::Filled::Document(document) => MadeAnswer::of(document),
            super::filled::Filled::Bytes(bytes) => {
                return Some(self.plain(&pattern, status, bytes));
            }
        };
        let body = match pattern.bytes.is_empty() {
            true => Vec::new(),
            // A document that was made of JSON is JSON.
            false => serde_json::to_vec(&made.document).unwrap_or_default(),
        };
        let mut answer = SiteAnswer { body, ..SiteAnswer::default() };
        for (name, value) in std::mem::take(&mut made.headers) {
            answer.set(&name, value);
        }
        self.marks(&pattern, &made, is_ok, &mut answer);
        answer.document = (!pattern.bytes.is_empty()).then_some(made.document);
        Some(answer)
    }

    /// Whether a skeleton says more than the state of entities: always where there is no state;
    /// of lists, where this very request was recorded and nothing was written since; of writes,
    /// where requests choose among answers of different forms.
    #[must_use]
    pub fn prefers_reply(&self, status: u16) -> bool {
        let Some(model) = &self.endpoint.variants else { return false };
        let resources = &self.site.resources;
        let is_several = resources.batch(self.place, &self.request).is_some()
            || resources.sweeps.contains_key(self.place);
        if is_several || self.shows_part() {
            return false;
        }
        if !model.speaks {
            let is_kept = model.recalls && self.is_recorded(status);
            return is_kept && !self.has_written();
        }
        if !self.site.is_stateful(self.place) {
            return true;
        }
        let resources = &self.site.resources;
        if resources.lists.contains_key(self.place) {
            return (!self.has_written() || self.asks_beyond()) && self.is_recorded(status);
        }
        if resources.items.contains_key(&self.place.template) {
            return self.request.reads() && !self.has_written() && self.is_recorded(status);
        }
        model.parts && !self.endpoint.shows_made && !self.endpoint.explains(status, &self.truths)
    }

    /// Whether a parameter that is a document asks for something that the list does not understand.
    fn asks_beyond(&self) -> bool {
        let is_nested = |(_, text): &(String, String)| super::lists::document(text).is_some();
        let program = self.endpoint.program.as_ref();
        self.request.query.iter().any(is_nested)
            && !program.is_some_and(|program| program.understands(&self.asked_of_list()))
    }

    /// The request with its wishes as parameters of their own.
    pub(super) fn asked_of_list(&self) -> std::borrow::Cow<'_, Request> {
        let listing = self.site.resources.lists.get(self.place);
        let above = listing.map(|listing| self.place.template.beyond(&listing.item));
        super::lists::asked(&self.request, &above.unwrap_or_default())
    }

    /// Whether the consumer wrote to the collection that the request is about.
    fn has_written(&self) -> bool {
        let resources = &self.site.resources;
        let segments = &self.request.segments;
        if let Some(listing) = resources.lists.get(self.place) {
            let collection = resources.collection(&listing.item, segments);
            return self.world.has_written(&collection);
        }
        let is_item = resources.items.contains_key(&self.place.template);
        let key = resources.key(segments).filter(|_| is_item);
        key.is_some_and(|key| self.world.has_written(&key.collection))
    }

    /// An answer without a document: its bytes, and where the entity now is.
    fn plain(&mut self, pattern: &Arc<SiteExchange>, status: u16, bytes: Vec<u8>) -> SiteAnswer {
        let mut answer = SiteAnswer { body: bytes, ..SiteAnswer::default() };
        let mut made = MadeAnswer::of(Value::Null);
        let is_ok = (200..300).contains(&status);
        let resources = &self.site.resources;
        if let Some(batch) = resources.batch(self.place, &self.request).filter(|_| is_ok) {
            self.several(batch, Value::Null);
        } else if is_ok && resources.makes.contains_key(self.place) {
            made = self.create(pattern, Value::Null);
        }
        self.marks(pattern, &made, is_ok, &mut answer);
        if status == 304
            && let Some(sent) = self.request.header("if-none-match").filter(|sent| *sent != "*")
        {
            // What it named is what is current.
            answer.set("etag", Some(sent.to_owned()));
        }
        answer
    }

    /// Content type, validators and location.
    fn marks(
        &self,
        pattern: &SiteExchange,
        made: &MadeAnswer,
        is_ok: bool,
        answer: &mut SiteAnswer,
    ) {
        if let Some(kind) = pattern.header("content-type") {
            answer.set("content-type", Some(kind.to_owned()));
        }
        if let Some(old) = pattern.header("etag") {
            let tag = self.tag(pattern, made, &answer.body, old);
            answer.set("etag", Some(tag));
        } else if is_ok {
            answer.set("etag", None);
        }
        if is_ok && pattern.header("last-modified").is_some() {
            answer.set("last-modified", http_date(self.now_ms));
        }
        if let Some(location) = &made.location {
            answer.set("location", Some(location.clone()));
        }
    }

    /// A validator: a member of the entity where it was one, kept while the entity is the same,
    /// else made of the body.
    fn tag(&self, pattern: &SiteExchange, made: &MadeAnswer, body: &[u8], old: &str) -> String {
        if let Some(object) = &made.object {
            let item = self.item_template();
            let shown =
                item.and_then(|item| self.site.resources.entity(item, pattern.json(), None));
            let bare = old.trim_start_matches("W/").trim_matches('"');
            let member = shown.and_then(|shown| {
                shown.iter().find(|(_, v)| crate::domain::world::pointer::is_written(v, bare))
            });
            let now = member.and_then(|(name, _)| object.get(name));
            if let Some(now) = now.and_then(crate::domain::world::pointer::as_segment) {
                return old.replace(bare, &now);
            }
            let held = made.key.as_ref().and_then(|key| self.world.living(key));
            if let Some(held) = held
                && self.request.reads()
                && held.object.as_deref() == Some(object)
                && let Some(etag) = &held.etag
            {
                return etag.to_string();
            }
        }
        let text = String::from_utf8_lossy(body);
        let (a, b) = (fingerprint(&[&text]), fingerprint(&["tag", &text]));
        let weak = if old.starts_with("W/") { "W/" } else { "" };
        format!("{weak}\"{a:016x}{b:016x}\"")
    }

    /// What a document becomes by entities; `None` where the entity is not held here.
    fn make(&mut self, pattern: &Arc<SiteExchange>, document: Value) -> Option<MadeAnswer> {
        let resources = &self.site.resources;
        if let Some(batch) = resources.batch(self.place, &self.request) {
            return Some(self.several(batch, document));
        }
        if let Some(sweep) = resources.sweeps.get(self.place) {
            return Some(self.sweep(sweep, document));
        }
        if resources.actions.contains_key(self.place) {
            return Some(match self.part(&document) {
                Some(part) => MadeAnswer::of(part),
                None => self.action(document),
            });
        }
        if resources.is_about_item(self.place) {
            let key = resources.key(&self.request.segments);
            return if &*self.request.method == "DELETE" || !document.is_object() {
                let document = match key {
                    Some(key) if document.is_object() => {
                        let document = self.as_it_was(pattern.status, &key, document);
                        self.versioned(&self.place.template, &key, document)
                    }
                    _ => document,
                };
                Some(MadeAnswer::of(document))
            } else {
                self.item(pattern, document)
            };
        }
        if let Some(part) = self.part(&document) {
            return Some(MadeAnswer::of(part));
        }
        if self.request.reads() || resources.is_list(self.place) {
            if let Some(listing) = resources.lists.get(self.place) {
                return self.list(listing, document);
            }
        } else if resources.makes.contains_key(self.place) {
            return Some(self.create(pattern, document));
        }
        if let Some(own) = self.own(&document) {
            return Some(MadeAnswer::of(own));
        }
        Some(MadeAnswer::of(self.tallied(self.recall(document))))
    }

    /// A document that shows the entity of who asks, as it is now.
    fn own(&self, document: &Value) -> Option<Value> {
        let resources = &self.site.resources;
        let view = resources.own_views.get(self.place)?;
        let sent = self.request.credential.as_ref()?;
        let told = self.world.issued(sent.token)?.as_deref()?;
        let id = as_segment(at(told, &view.id)?)?;
        let collection = resources.collection(&view.item, &self.request.segments);
        let key = EntityKey { collection, id: id.into() };
        let held = self.world.living(&key)?.object.clone()?;
        let mut own = document.as_object()?.clone();
        for (name, value) in &mut own {
            if let Some(held) = held.get(name) {
                *value = held.clone();
            }
        }
        Some(Value::Object(own))
    }

    /// Objects of an earlier answer: of the one that issued this credential, or whose request
    /// agreed with this body.
    fn recall(&self, mut document: Value) -> Value {
        let sent = self.request.credential.as_ref();
        let mut old = sent.and_then(|sent| self.world.issued(sent.token)).cloned().flatten();
        let all = self.site.causes.find(&Cause::Together("all".into()));
        if all.is_some_and(|all| self.truths.contains(all))
            && let Document::Json(body) = &self.request.body
        {
            let strings = telling_strings(&self.site.resources, self.place, body);
            let known =
                pairs_of(&strings).find_map(|pair| self.world.mark(together_mark(&pair)).cloned());
            old = known.unwrap_or(old);
        }
        let Some(Value::Object(old)) = old.as_deref() else { return document };
        let Some(own) = document.as_object_mut() else { return document };
        for (name, part) in old {
            let Value::Object(part) = part else { continue };
            if own.get(name).is_some_and(Value::is_object) {
                own.insert(name.clone(), Value::Object(part.clone()));
                continue;
            }
            let shared = part.keys().filter(|name| own.contains_key(*name)).count();
            if shared >= 2 && shared as f64 >= RECALL_SHARE * own.len() as f64 {
                for (name, value) in
                    part.iter().filter(|(name, _)| own.contains_key(*name)).collect::<Vec<_>>()
                {
                    own.insert(name.clone(), value.clone());
                }
            }
        }
        document
    }
}

fn http_date(now_ms: i64) -> Option<String> {
    let moment = Timestamp::from_millisecond(now_ms).ok()?;
    Some(moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}
