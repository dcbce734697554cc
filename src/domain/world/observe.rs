//! What an answer makes true: the one function that moves a world, in training and in mock.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::entity::{Entity, EntityKey};
use super::form::is_token;
use super::instant::{unix_ms, written_like};
use super::item_mask::mask_of;
use super::layer::World;
use super::message::{SiteExchange, fingerprint};
use super::part_view::{PartView, with_part};
use super::pointer::{dotted, leaves};
use super::resources::{IdPlace, Resources};
use super::site_place::{Seen, SitePlace};
use super::written_entity::{acted_on, construct, kept, shows_most, unshown};

/// Bytes of an answer up to which it is kept beside what it issued.
const RECALL_BYTES_MAX: usize = 4_096;

/// Strings of one body that are remembered as standing together.
pub const TOGETHER_MAX: usize = 8;

/// Bytes from which a string takes part in that.
const TOGETHER_BYTES_MIN: usize = 4;

/// The mark of a value in use at an endpoint.
#[must_use]
pub fn used_mark(place: &SitePlace, pointer: &str, value: &str) -> u64 {
    fingerprint(&["used", &place.to_string(), pointer, value])
}

/// The mark of a credential that was accepted.
#[must_use]
pub fn accepted_mark(token: u64) -> u64 {
    fingerprint(&["accepted", &token.to_string()])
}

/// The mark of a credential that was ended.
#[must_use]
pub fn revoked_mark(token: u64) -> u64 {
    fingerprint(&["revoked", &token.to_string()])
}

/// The mark of a value, or of two, that stood in an accepted body.
#[must_use]
pub fn together_mark(values: &[&str]) -> u64 {
    fingerprint(&[&["together"], values].concat())
}

/// The different longer strings of a body, sorted, a few; not those that are the same in all of
/// the endpoint's.
#[must_use]
pub fn telling_strings<'v>(
    resources: &Resources,
    place: &Arc<SitePlace>,
    document: &'v Value,
) -> Vec<&'v str> {
    let mut strings: Vec<&str> = leaves(document)
        .into_iter()
        .filter(|(pointer, _)| !resources.is_constant(place, pointer))
        .filter_map(|(_, value)| value.as_str())
        .filter(|text| text.len() >= TOGETHER_BYTES_MIN)
        .collect();
    strings.sort_unstable();
    strings.dedup();
    strings.truncate(TOGETHER_MAX);
    strings
}

/// All pairs of some strings.
pub fn pairs_of<'s>(strings: &'s [&'s str]) -> impl Iterator<Item = [&'s str; 2]> + 's {
    strings
        .iter()
        .enumerate()
        .flat_map(move |(n, a)| strings[n + 1..].iter().map(move |b| [*a, *b]))
}

impl World {
    /// Takes in one exchange. `learning` marks seeded entities as such.
    pub fn observe(&mut self, resources: &Resources, seen: &Seen, learning: bool) {
        let Seen { exchange, place } = seen;
        self.observe_values(resources, exchange, place);
        if !exchange.is_ok() {
            return;
        }
        let request = &exchange.request;
        if let Some(sweep) = resources.sweeps.get(place) {
            self.observe_sweep(resources, exchange, sweep, learning);
        } else if resources.is_about_item(place) {
            self.observe_item(resources, exchange, place, learning);
        } else if self.observe_part(resources, exchange, place) {
        } else if resources.actions.contains_key(place) {
            self.observe_action(resources, exchange, place);
        } else if &*request.method == "GET" || resources.is_list(place) {
            self.observe_list(resources, exchange, place, learning);
        } else {
            self.observe_creation(resources, exchange, place);
        }
    }

    /// Credentials, values in use, validators.
    fn observe_values(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        place: &Arc<SitePlace>,
    ) {
        let request = &exchange.request;
        self.people.note(exchange);
        if exchange.is_ok()
            && let Some(sent) = &request.credential
            && resources.guarded.contains(place)
        {
            self.set_mark(accepted_mark(sent.token), None);
        }
        if exchange.is_ok()
            && let Some(sent) = &request.credential
            && resources.revokers.contains(place)
        {
            self.set_mark(revoked_mark(sent.token), None);
        }
        if let Some(document) = exchange.json() {
            let mut kept: Option<Option<Arc<Value>>> = None;
            for (_, value) in leaves(document) {
                let Some(text) = value.as_str() else { continue };
                if is_token(text) {
                    let small = document.is_object() && exchange.bytes.len() <= RECALL_BYTES_MAX;
                    let with =
                        kept.get_or_insert_with(|| small.then(|| Arc::new(document.clone())));
                    self.issue(fingerprint(&[text]), with.clone());
                }
            }
        }
        let small = !exchange.is_veiled && exchange.bytes.len() <= RECALL_BYTES_MAX;
        let told = exchange.json().filter(|document| small && document.is_object());
        let told = told.filter(|_| !exchange.issued.is_empty()).map(|told| Arc::new(told.clone()));
        for token in &exchange.issued {
            self.issue(*token, told.clone());
        }
        if exchange.is_ok()
            && !matches!(&*request.method, "GET" | "HEAD" | "DELETE")
            && let Some(body) = request.body.json().filter(|body| body.is_object())
        {
            self.observe_sent(resources, exchange, place, body);
            self.observe_secrets(resources, exchange);
        }
        if request.reads()
            && exchange.status == 200
            && let Some(tag) = exchange.header("etag")
        {
            self.set_validator(&request.target, tag);
        }
    }

    fn observe_sent(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        place: &Arc<SitePlace>,
        body: &Value,
    ) {
        for (pointer, value) in leaves(body) {
            if let Some(text) = value.as_str() {
                self.set_mark(used_mark(place, &dotted(&pointer), text), None);
                self.set_mark(together_mark(&[text]), None);
            }
        }
        let small = exchange.bytes.len() <= RECALL_BYTES_MAX;
        let answer = exchange.json().filter(|_| small).map(|answer| Arc::new(answer.clone()));
        for pair in pairs_of(&telling_strings(resources, place, body)) {
            let mark = together_mark(&pair);
            if exchange.status == 201 || self.mark(mark).is_none() {
                self.set_mark(mark, answer.clone());
            }
        }
    }

    fn observe_item(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        place: &Arc<SitePlace>,
        learning: bool,
    ) {
        let request = &exchange.request;
        let Some(key) = resources.key(&request.segments) else { return };
        let template = &place.template;
        let object = resources.entity(template, exchange.json(), Some(&*key.id));
        let etag: Option<Box<str>> = exchange.header("etag").map(Into::into);
        match &*request.method {
            "DELETE" => self.observe_deletion(resources, (place, request.at_ms), &key),
            "GET" => {
                let is_seeded = learning && resources.seeded.contains(&key);
                let is_written = self.living(&key).is_some_and(|held| held.is_written);
                let mask = mask_of(&resources.masks, place, request);
                let new = Entity { is_seeded, is_written, etag, ..Entity::default() };
                match (object, mask) {
                    (None, _) => {}
                    (Some(object), Some(mask)) => {
                        let mut part = object.clone();
                        mask.strip(&mut part);
                        self.put_part(key, &part, Entity { etag: None, ..new });
                    }
                    (Some(object), None) if !request.query.is_empty() => {
                        self.put_part(key, object, new);
                    }
                    (Some(object), None) => {
                        self.put(key, Entity { object: Some(Arc::new(object.clone())), ..new });
                    }
                }
            }
            "PUT" | "PATCH" | "POST" => {
                let before = self.living(&key).and_then(|entity| entity.object.clone());
                let is_there = self.entity(&key).is_some();
                if (&*request.method != "PUT" && !is_there)
                    || (object.is_none() && &*request.method == "POST")
                {
                    return;
                }
                let before = before.map(|object| (*object).clone()).unwrap_or_default();
                let sent = resources.sent(place, &request.body);
                if let (None, Some(moved)) = (object, self.moved(resources, exchange, place)) {
                    self.remove(&key);
                    let moved_key = EntityKey { id: moved.0.into(), ..key };
                    return self.put_written(moved_key, moved.1, etag, exchange);
                }
                let new = match object {
                    Some(object) => {
                        let kept = resources.partial.contains(place);
                        let mut new = if kept { before } else { Map::new() };
                        new.extend(object.iter().map(|(k, v)| (k.clone(), v.clone())));
                        new.extend(unshown(resources, place, sent));
                        new
                    }
                    None => self.unshown_write(resources, (exchange, place, &key), before, sent),
                };
                self.put_written(key, new, etag, exchange);
            }
            _ => {}
        }
    }

    /// The entity after a write whose answer does not show it.
    fn unshown_write(
        &self,
        resources: &Resources,
        (exchange, place, key): (&SiteExchange, &Arc<SitePlace>, &EntityKey),
        before: Map<String, Value>,
        sent: Option<&Map<String, Value>>,
    ) -> Map<String, Value> {
        let sent = sent.cloned().unwrap_or_default();
        let mut new = match &*exchange.request.method {
            "PUT" => kept(resources, place, &before),
            _ => before.clone(),
        };
        self.write_members(resources, (place, key), &mut new, (Some(&before), &sent));
        construct(resources, exchange, place, new, &sent, key)
    }

    /// The id that an item was moved to, and the item.
    fn moved(
        &self,
        resources: &Resources,
        exchange: &SiteExchange,
        place: &Arc<SitePlace>,
    ) -> Option<(String, Map<String, Value>)> {
        if !resources.movers.contains(place) {
            return None;
        }
        let name = resources.items.get(&place.template)?.id.as_deref()?;
        let sent = resources.sent(place, &exchange.request.body)?;
        let shown = resources.entity(&place.template, exchange.json(), None)?;
        let new = super::pointer::as_segment(shown.get(name)?)?;
        super::find_renames::new_id(sent, name, Some(&new))?;
        let held = resources
            .key(&exchange.request.segments)
            .and_then(|key| self.living(&key).and_then(|entity| entity.object.as_deref().cloned()));
        let mut object = held.unwrap_or_default();
        let told = shown.iter().filter(|(name, v)| !v.is_null() || !object.contains_key(*name));
        let told: Vec<_> = told.map(|(name, value)| (name.clone(), value.clone())).collect();
        object.extend(told);
        Some((new, object))
    }

    /// A write to a part of an item that is shown below its path; false where it is none.
    fn observe_part(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        place: &SitePlace,
    ) -> bool {
        let request = &exchange.request;
        if request.reads() {
            return false;
        }
        let view = resources.part_views.get(&place.template);
        let Some((n, PartView::Part(part, envelope))) = view else { return false };
        let Some(key) = request.segments.get(..*n).and_then(|path| resources.key(path)) else {
            return false;
        };
        let Some(before) = self.living(&key).and_then(|held| held.object.clone()) else {
            return false;
        };
        let sent = request.body.json().and_then(|body| super::pointer::at(body, envelope));
        let Some(object) = with_part(&before, (part, sent), &request.method) else { return false };
        self.put_written(key, object, None, exchange);
        true
    }

    fn observe_action(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        place: &Arc<SitePlace>,
    ) {
        let request = &exchange.request;
        let Some((template, _)) = resources.acted(place) else { return };
        let Some(key) = resources.addressed(place, &request.segments) else { return };
        if resources.removers.contains(place) {
            self.remove(&key);
            self.touch(&key.collection);
            return self.cascade(resources, &key);
        }
        let held = self.living(&key).and_then(|entity| entity.object.clone());
        let Some(before) = held else { return };
        let object = match resources.entity(&template, exchange.json(), Some(&*key.id)) {
            Some(shown) => {
                let mut object = (*before).clone();
                object.extend(shown.iter().map(|(name, value)| (name.clone(), value.clone())));
                object
            }
            None => acted_on(resources, place, &before, (request, exchange.json()), &key),
        };
        self.put_written(key, object, exchange.header("etag").map(Into::into), exchange);
    }

    fn observe_deletion(
        &mut self,
        resources: &Resources,
        (place, at_ms): (&SitePlace, i64),
        key: &EntityKey,
    ) {
        let item = resources.items.get(&place.template);
        let soft = item.and_then(|item| Some((item, item.soft_deletion.as_ref()?)));
        if let (Some((item, changes)), Some(entity)) = (soft, self.entity(key).cloned()) {
            let mut object = entity.object.as_deref().cloned().unwrap_or_default();
            for (name, value) in changes {
                let moment = || object.get(&**name).map(|old| written_like(old, at_ms));
                if let Some(value) = value.clone().or_else(moment) {
                    object.insert(name.to_string(), value);
                }
            }
            for name in &item.brought_forward {
                let ahead = object.get_mut(&**name);
                let ahead = ahead.filter(|old| unix_ms(old).is_some_and(|ms| ms > at_ms));
                if let Some(time) = ahead {
                    *time = written_like(time, at_ms);
                }
            }
            self.put(key.clone(), Entity { object: Some(Arc::new(object)), ..Entity::default() });
            return;
        }
        self.remove(key);
        self.touch(&key.collection);
        self.cascade(resources, key);
    }

    fn put_written(
        &mut self,
        key: EntityKey,
        object: Map<String, Value>,
        etag: Option<Box<str>>,
        exchange: &SiteExchange,
    ) {
        let owner = exchange.request.credential.as_ref().map(|sent| sent.principal);
        let collection = key.collection.clone();
        let held = self.living(&key).and_then(|held| held.owner);
        if exchange.status == 201 && held.is_some() && owner.is_some() && held != owner {
            // What somebody else makes anew under the same id is theirs.
            self.forget_owner(&key);
        }
        let object = Some(Arc::new(object));
        self.put(key, Entity { object, etag, owner, is_written: true, ..Entity::default() });
        self.touch(&collection);
    }

    fn observe_list(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        place: &Arc<SitePlace>,
        learning: bool,
    ) {
        let Some(listing) = resources.lists.get(place) else { return };
        let collection = resources.collection(&listing.item, &exchange.request.segments);
        if resources.items.contains_key(&place.template)
            && let Some(key) = resources.key(&exchange.request.segments)
            && self.living(&key).is_none()
        {
            // What lists is itself an item: it is there.
            let is_seeded = learning && resources.seeded.contains(&key);
            self.put(key, Entity { is_seeded, ..Entity::default() });
        }
        let is_view = resources.views.contains(place);
        for (id, row) in resources.rows(listing, exchange.json()) {
            let key = EntityKey { collection: collection.clone(), id: id.into() };
            let is_seeded = learning && resources.seeded.contains(&key);
            let new = Entity { is_seeded, ..Entity::default() };
            if !is_view {
                self.put_part(key, row, new);
                continue;
            }
            let item = resources.items.get(&listing.item);
            let name = item.and_then(|item| item.id.as_deref()).unwrap_or(&listing.id);
            // The entity may stand in the row as a whole.
            let is_whole = |value: &&Map<String, Value>| {
                value.get(name).is_some_and(|id| super::pointer::is_written(id, &key.id))
            };
            if let Some(whole) = row.values().filter_map(Value::as_object).find(is_whole) {
                let whole = whole.clone();
                self.put_part(key, &whole, new);
            } else if self.entity(&key).is_none() && !name.is_empty() {
                let object = [(name.to_owned(), Value::from(&*key.id))].into_iter().collect();
                self.put(key, Entity { object: Some(Arc::new(object)), ..new });
            } else if self.entity(&key).is_none() {
                self.put(key, new);
            }
        }
    }

    fn observe_creation(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        place: &Arc<SitePlace>,
    ) {
        let Some(make) = resources.makes.get(place) else { return };
        if resources.batch(place, &exchange.request).is_some() {
            return; // its items are observed, each as a request of its own
        }
        let Some(id) = resources.created_id(make, exchange) else { return };
        let request = &exchange.request;
        let collection = resources.collection(&make.item, &request.segments);
        let key = EntityKey { collection, id: id.as_str().into() };
        let shown = resources.entity(&make.item, exchange.json(), Some(&id));
        let name = resources.items.get(&make.item).and_then(|item| item.id.as_deref());
        let object = match (shown, name) {
            (Some(object), Some(_))
                if object.len() > 1 && shows_most(resources, &make.item, object) =>
            {
                // A patch of what is there changes it, whatever its answer leaves out.
                let held = self.living(&key).filter(|_| &*place.method == "PATCH");
                let mut new = held.and_then(|held| held.object.as_deref().cloned());
                let new = new.get_or_insert_default();
                new.extend(object.iter().map(|(name, value)| (name.clone(), value.clone())));
                std::mem::take(new)
            }
            _ => {
                let sent = resources.sent(place, &request.body).cloned().unwrap_or_default();
                // What is sent again changes what is there.
                let is_kept = make.same.is_some() || &*place.method == "PATCH";
                let held = self.living(&key).filter(|_| is_kept).and_then(|h| h.object.clone());
                let mut new = held.as_deref().cloned().unwrap_or_default();
                new.extend(sent.clone());
                if let Some(name) = name {
                    let value = match &make.id {
                        IdPlace::Body(at) => exchange
                            .json()
                            .and_then(|document| super::pointer::at(document, at).cloned()),
                        IdPlace::Location | IdPlace::Sent(_) => None,
                    };
                    new.insert(name.to_owned(), value.unwrap_or_else(|| id.as_str().into()));
                }
                construct(resources, exchange, place, new, &sent, &key)
            }
        };
        let etag = exchange.header("etag").filter(|_| exchange.status != 200).map(Into::into);
        self.put_written(key, object, etag, exchange);
    }
}
