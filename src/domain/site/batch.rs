//! A write of several at once, answered item by item.

use std::sync::Arc;

use serde_json::Value;

use super::cause_finder::Subject;
use super::turn::{MadeAnswer, Turn};
use crate::domain::world::pointer::put_at;
use crate::domain::world::{ItemAnswers, WriteBatch};

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
