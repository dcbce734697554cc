//! Writes of several at once, answered item by item, and deletions of several.

use std::sync::Arc;

use serde_json::Value;

use super::cause_finder::Subject;
use super::decide::{DecisionCase, StatusDecision};
use super::lists::ListRow;
use super::snapshot::snapshot;
use super::turn::{MadeAnswer, Turn};
use super::visibility::{asker, owners};
use crate::domain::outcome::Cause;
use crate::domain::random::seed::mix;
use crate::domain::world::pointer::put_at;
use crate::domain::world::{
    Deriver, EntityKey, ItemAnswers, SitePlace, SiteTemplate, Sweep, WriteBatch,
};

impl Turn<'_> {
    /// Plays the items of a batch one after the other; each sees what those before it did.
    pub(super) fn several(&mut self, batch: &WriteBatch, document: Value) -> MadeAnswer {
        let whole = Arc::clone(&self.request);
        let items = batch.items(&whole).unwrap_or_default();
        let answers = items.iter().map(|item| self.play(batch, item).unwrap_or(Value::Null));
        let answers = Value::Array(answers.collect());
        match &batch.answers {
            ItemAnswers::Array(place) => MadeAnswer::of(put_at(document, place, answers)),
            ItemAnswers::Listed { .. } => MadeAnswer::of(document),
        }
    }

    /// Decides for the items of a batch, each as a request of its own: what refuses one of them
    /// refuses all. `None` where the request is no such batch, or its items have a place of their
    /// own and with it answers of their own.
    pub(super) fn decide_items(&self, chance: u16) -> Option<Option<StatusDecision>> {
        let batch = self.site.resources.batch(self.place, &self.request)?;
        if batch.place != *self.place {
            return None;
        }
        let mut decided = None;
        for item in batch.items(&self.request).unwrap_or_default() {
            let request = batch.request(&self.request, item);
            let subject = Subject { request: &request, place: self.place, training: None };
            let truths = self.site.truths(self.world, subject, self.endpoint);
            decided = self.site.decide(&DecisionCase {
                place: self.place,
                endpoint: self.endpoint,
                request: &request,
                truths: &truths,
                chance,
                draw: mix(self.seed, 2),
            });
            if decided.as_ref().is_some_and(|decided| decided.status >= 400) {
                break;
            }
        }
        Some(decided)
    }

    /// Deletes what a list with the same wishes would show; of it what belongs to whoever asks,
    /// where deletions of one item are refused to others.
    pub(super) fn sweep(&mut self, sweep: &Sweep, document: Value) -> MadeAnswer {
        let site = self.site;
        let (resources, listing) = (&site.resources, &sweep.listing);
        let collection = resources.collection(&listing.item, &self.request.segments);
        let mut rows = snapshot(self.world, &collection, false, &listing.id);
        if self.minds_owners(&listing.item) {
            let world = (&*self.world, resources);
            let owners = owners(world, (&listing.item, &collection), &rows, &self.request);
            let asker = asker(&self.request);
            let mut whose = owners.iter();
            rows.retain(|_| whose.next().is_some_and(|owner| *owner == asker));
        }
        if let Some(mut deriver) = Deriver::of(resources, self.world, &listing.item) {
            rows.iter_mut().for_each(|(id, row)| deriver.set(id, Arc::make_mut(row)));
        }
        let program = site.endpoints.get(&sweep.list).and_then(|list| list.program.as_ref());
        let mut listed: Vec<ListRow<'_>> = rows.iter().map(|(id, row)| (&**id, &**row)).collect();
        if let Some(program) = program {
            listed = program.filtered(&program.asked_as_list(&self.request), listed, None);
        }
        let gone: Vec<Box<str>> = listed.iter().map(|(id, _)| (*id).into()).collect();
        let shown = listed.into_iter().map(|(_, row)| Value::Object(row.clone()));
        let shown = Value::Array(shown.collect());
        if sweep.shows_rows(&document) {
            let place = listing.place_in(&document);
            return MadeAnswer::of(put_at(document, &place, shown));
        }
        for id in gone {
            let key = EntityKey { collection: collection.clone(), id };
            self.world.remove(&key);
            self.world.cascade(resources, &key);
        }
        MadeAnswer::of(document)
    }

    /// Whether deletions of an item that belongs to somebody else are refused.
    fn minds_owners(&self, item: &SiteTemplate) -> bool {
        let place = SitePlace { method: "DELETE".into(), template: item.clone() };
        let number = self.site.causes.find(&Cause::Owner(false));
        let endpoint = self.site.endpoints.get(&place);
        let Some((number, endpoint)) = number.zip(endpoint) else { return false };
        let met = endpoint.met.get(&number).into_iter().flatten();
        let (refused, all) = met.fold((0, 0), |(refused, all), (status, n)| {
            (refused + if *status >= 400 { *n } else { 0 }, all + n)
        });
        refused * 2 > all
    }

    fn play(&mut self, batch: &WriteBatch, item: &Value) -> Option<Value> {
        let (place, endpoint) = self.site.endpoints.get_key_value(&batch.place)?;
        let request = Arc::new(batch.request(&self.request, item));
        let subject = Subject { request: &request, place, training: None };
        let truths = self.site.truths(self.world, subject, endpoint);
        let good = endpoint.statuses.iter().filter(|(status, _)| (200..300).contains(status));
        let chance = good.max_by_key(|(_, n)| *n).map(|(status, _)| *status)?;
        let seed = self.random();
        let mut turn = Turn {
            site: self.site,
            world: &mut *self.world,
            request,
            place,
            endpoint,
            truths,
            now_ms: self.now_ms,
            seed,
            process: self.process,
            asked: None,
        };
        let status = turn.decide(chance).map_or(chance, |decided| decided.status);
        let answer = turn.answer(status)?;
        turn.observe(status, Vec::new(), &answer);
        answer.document
    }
}
