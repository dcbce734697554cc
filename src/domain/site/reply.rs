//! Answers made after the skeleton that is nearest to the request.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::turn::{AskedFacts, SiteAnswer, Turn};
use crate::domain::media::Medium;
use crate::domain::random::seed::mix;
use crate::domain::variants::resume::resume;
use crate::domain::variants::swap::swapped;
use crate::domain::variants::{Facts, Filling, Reply, Skeleton, VariantModel, batch, reshape};
use crate::domain::words::own_address::STAND_IN;
use crate::domain::world::Request;

/// Headers of a skeleton that are given as they are; all others are drawn, as long as the
/// skeleton has them.
const OWN_HEADERS: [&str; 3] = ["content-type", "location", "content-location"];

/// Headers that are not the answer's but the message's.
const MESSAGE_HEADERS: [&str; 7] = [
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "transfer-encoding",
    "vary",
];

/// Why a GraphQL request cannot be answered.
const UNKNOWN_SELECTION: &str = "the selection names a field of which nothing was learned yet";

impl Turn<'_> {
    /// The status of all answers of this request's kind, where skeletons say it.
    pub(super) fn status_by_kind(&self) -> Option<u16> {
        let model = self.endpoint.variants.as_ref()?;
        model.status(&self.asked.as_ref()?.features)
    }

    /// Whether an answer with a status to this very request was recorded.
    pub(super) fn is_recorded(&self, status: u16) -> bool {
        let (Some(model), Some(asked)) = (&self.endpoint.variants, &self.asked) else {
            return false;
        };
        model.recorded(status, &asked.features).is_some()
    }

    /// The answer with a status after a skeleton; `None` where there is none of that status.
    pub(super) fn reply(&mut self, status: u16) -> Option<SiteAnswer> {
        let model = Arc::clone(self.endpoint.variants.as_ref()?);
        let asked = Arc::clone(self.asked.as_ref()?);
        if let Some(parts) = batch::requests(&self.request) {
            let wish = (&asked.features, self.request.header("accept"));
            // A list that is one request, and no batch, has skeletons of its own.
            let is_one = model
                .nearest(status, wish, 0)
                .is_some_and(|s| s.exchange.request.body.json().is_some_and(Value::is_array));
            if !is_one {
                return self.batch(&model, status, &parts);
            }
        }
        let request = Arc::clone(&self.request);
        let (skeleton, mut reply) = self.one(&model, status, &request, &asked)?;
        let mut answer = SiteAnswer::default();
        headers(&skeleton, &reply, &mut answer);
        let content_type = skeleton.exchange.header("content-type").unwrap_or_default();
        let Some(medium) = skeleton.exchange.body.medium() else {
            answer.body = plain(&skeleton, &reply);
            return Some(answer);
        };
        if medium != Medium::Json {
            // Lengths of messages are counted when they are written.
            name_host(&mut reply.tree, self.request.header("host").unwrap_or_default());
        }
        let tree = match medium {
            Medium::Json => selected(&model, &asked.facts, reply.tree),
            _ => reply.tree,
        };
        let mut tree = tree;
        if let (Medium::Events, Some(last)) = (medium, self.request.header("last-event-id")) {
            resume(&mut tree, last);
        }
        if medium.is_stream() && skeleton.exchange.pace.is_endless {
            go_on(&mut tree);
        }
        let pieces = medium.write(&tree, content_type);
        if medium.is_stream() {
            answer.pieces = pieces.iter().map(Vec::len).collect();
            answer.pace = skeleton.exchange.pace;
        }
        answer.body = pieces.concat();
        answer.document = (medium == Medium::Json).then_some(tree);
        Some(answer)
    }

    /// One answer for each request of a batch, in its order.
    fn batch(
        &mut self,
        model: &Arc<VariantModel>,
        status: u16,
        parts: &[Request],
    ) -> Option<SiteAnswer> {
        let mut answers = Vec::with_capacity(parts.len());
        let mut answer = SiteAnswer::default();
        for part in parts {
            let asked = AskedFacts::of(self.world, part, self.place, model);
            let (skeleton, reply) = self.one(model, status, part, &asked)?;
            headers(&skeleton, &reply, &mut answer);
            answers.push(selected(model, &asked.facts, reply.tree));
        }
        let tree = Value::Array(answers);
        answer.body = serde_json::to_vec(&tree).unwrap_or_default();
        answer.document = Some(tree);
        Some(answer)
    }

    fn one(
        &mut self,
        model: &Arc<VariantModel>,
        status: u16,
        request: &Request,
        AskedFacts { facts, features }: &AskedFacts,
    ) -> Option<(Skeleton, Reply)> {
        let derived = mix(self.process, features.hash());
        let recorded = model.recorded(status, features);
        let is_recorded = recorded.is_some();
        let wish = (features, request.header("accept"));
        let skeleton = recorded.or_else(|| model.nearest(status, wish, derived))?.clone();
        let seed = self.random();
        let place = self.place.to_string();
        let world = &mut *self.world;
        let mut next = |name: &str, highest: u64| {
            let what = format!("{place} {name}");
            let next = world.highest(&what).max(highest) + 1;
            world.raise(&what, next);
            next
        };
        let now_ms = self.now_ms;
        let next = &mut next;
        let mut filling = Filling { model, facts, now_ms, seed, derived, is_recorded, next };
        let reply = filling.fill(&skeleton);
        Some((skeleton, reply))
    }
}

/// The fields that a GraphQL request selects, where it is one.
fn selected(model: &VariantModel, facts: &Facts, tree: Value) -> Value {
    let Some(data) = tree.get("data").filter(|data| data.is_object()) else { return tree };
    if facts.0.get("graph").is_none() {
        return tree;
    }
    let side = ["body", "query"].iter().find_map(|side| facts.0.get(*side));
    let Some(text) = side.and_then(|side| side.get("query")).and_then(Value::as_str) else {
        return tree;
    };
    let lend = |name: &str, _beside: &Map<String, Value>| model.lend(name);
    match reshape(text, side.unwrap_or(&Value::Null), data, &lend) {
        Some(data) => {
            let mut tree = tree;
            tree["data"] = data;
            tree
        }
        None => {
            let error = serde_json::json!({ "message": UNKNOWN_SELECTION });
            serde_json::json!({ "errors": [error] })
        }
    }
}

/// Messages that an endless stream has before it falls silent.
const ENDLESS_MESSAGES: usize = 200;

/// Goes on with the messages that are like the last one, in their order; numbers that rose by one
/// from message to message go on rising.
fn go_on(tree: &mut Value) {
    let Some(messages) = tree.as_array_mut() else { return };
    let names = |message: &Value| -> Vec<String> {
        message.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
    };
    let Some(last) = messages.last().map(names) else { return };
    let round: Vec<Value> = messages.iter().filter(|m| names(m) == last).cloned().collect();
    let by = round.len() as u64;
    let mut rounds = 0;
    while messages.len() < ENDLESS_MESSAGES {
        rounds += 1;
        for message in &round {
            let mut next = message.clone();
            let pair = round.first().zip(round.get(1));
            if let Some((first, second)) = pair {
                rise(&mut next, first, second, rounds * by);
            }
            messages.push(next);
        }
    }
}

/// Adds to each number that rose by one between the first two messages.
fn rise(value: &mut Value, first: &Value, second: &Value, more: u64) {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse::<u64>().ok(),
        value => value.as_u64(),
    };
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                if let (Some(first), Some(second)) = (first.get(name), second.get(name)) {
                    rise(inner, first, second, more);
                }
            }
        }
        leaf => {
            let (Some(own), Some(a), Some(b)) = (number(leaf), number(first), number(second))
            else {
                return;
            };
            if a.checked_add(1) == Some(b) {
                let new = own.saturating_add(more);
                *leaf = if leaf.is_string() { new.to_string().into() } else { new.into() };
            }
        }
    }
}

/// Headers of the skeleton: what it lacks is not there, what it has is.
fn headers(skeleton: &Skeleton, reply: &Reply, answer: &mut SiteAnswer) {
    for (name, value) in &skeleton.exchange.headers {
        if MESSAGE_HEADERS.contains(&&**name) || &**name == "set-cookie" {
            continue;
        }
        if let Some((_, said)) = reply.heads.iter().find(|(known, _)| known == name) {
            let quoted = value.starts_with('"');
            answer.set(name, Some(if quoted { format!("\"{said}\"") } else { said.clone() }));
            continue;
        }
        let mut value = value.clone();
        for (old, new) in &reply.swaps {
            value = swapped(&value, old, new).unwrap_or(value);
        }
        if OWN_HEADERS.contains(&&**name) {
            answer.set(name, Some(value));
        } else {
            answer.offers.retain(|(known, _)| known != name);
            answer.offers.push((name.clone(), value));
        }
    }
    answer.keeps_only = Some(Arc::clone(&skeleton.headers));
}

fn name_host(tree: &mut Value, host: &str) {
    match tree {
        Value::String(text) if text.contains(STAND_IN) => *text = text.replace(STAND_IN, host),
        Value::Array(items) => items.iter_mut().for_each(|item| name_host(item, host)),
        Value::Object(members) => members.values_mut().for_each(|inner| name_host(inner, host)),
        _ => {}
    }
}

/// A body without structure: its text with what this request says, or its bytes as they are.
fn plain(skeleton: &Skeleton, reply: &Reply) -> Vec<u8> {
    let bytes = &skeleton.exchange.bytes;
    let Ok(text) = str::from_utf8(bytes) else { return bytes.to_vec() };
    let mut text = text.to_owned();
    for (old, new) in &reply.swaps {
        text = swapped(&text, old, new).unwrap_or(text);
    }
    text.into_bytes()
}
