//! Support of values, words and names: how many entities or requests show each.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::word_run::{Run, words};
use crate::domain::privacy::is_person;
use crate::domain::variants::rows::member_names;
use crate::domain::world::pointer::{last_member, leaves};
use crate::domain::world::{Resources, Seen, SiteExchange, fingerprint};

/// Contexts of one value that are told apart.
const CONTEXTS_MAX: usize = 64;

/// Support of the values of one member.
#[derive(Default)]
pub struct MemberSupport {
    /// Contexts in which each value stood.
    pub contexts: FxHashMap<String, FxHashSet<u64>>,
    /// Different pairs of value and context.
    pub total: FxHashSet<(u64, u64)>,
}

/// Names of members and parameters, and media types, by the exchanges that show them.
pub fn count_names(
    exchange: &SiteExchange,
    names: &mut FxHashMap<String, u32>,
    media: &mut FxHashMap<String, u32>,
) {
    let sides = [exchange.body.tree_of_any(), exchange.request.body.json()];
    for document in sides.into_iter().flatten() {
        let mut found = FxHashSet::default();
        member_names(document, &mut found);
        found.into_iter().for_each(|name| *names.entry(name).or_default() += 1);
    }
    for (name, value) in exchange.headers.iter().chain(&exchange.request.headers) {
        if matches!(&**name, "content-type" | "accept") {
            *media.entry(value.clone()).or_default() += 1;
        }
    }
    for (name, _) in &exchange.headers {
        *names.entry(name.to_string()).or_default() += 1;
    }
    for (name, _) in &exchange.request.query {
        *names.entry(name.clone()).or_default() += 1;
    }
}

/// Words of an error that its request did not bring along.
pub fn count_error_words(exchange: &SiteExchange, errors: &mut FxHashMap<String, FxHashSet<u64>>) {
    let request = &exchange.request;
    let mut brought = request.segments.join(" ").to_lowercase();
    for (_, value) in &request.query {
        brought.push(' ');
        brought.push_str(&value.to_lowercase());
    }
    for (_, value) in request.body.json().map(leaves).unwrap_or_default() {
        if let Some(text) = value.as_str() {
            brought.push(' ');
            brought.push_str(&text.to_lowercase());
        }
    }
    let asked = fingerprint(&[&request.target, &brought]);
    let text = match exchange.json() {
        Some(document) => {
            let texts: Vec<String> = leaves(document)
                .into_iter()
                .filter_map(|(place, value)| {
                    let text = value.as_str()?;
                    let name = last_member(&place).unwrap_or_default();
                    (!is_person(name, text)).then(|| text.to_owned())
                })
                .collect();
            texts.join(" ")
        }
        None => String::from_utf8_lossy(&exchange.bytes).into_owned(),
    };
    for run in words(&text).filter(|run| run.kind == Run::Word) {
        let word = run.text.to_lowercase();
        if !brought.contains(&word) {
            let requests = errors.entry(word).or_default();
            if requests.len() < CONTEXTS_MAX {
                requests.insert(asked);
            }
        }
    }
}

/// Values by member, each in the contexts of different entities or requests.
pub fn count_values(
    resources: &Resources,
    one: &Seen,
    support: &mut FxHashMap<String, MemberSupport>,
) {
    let exchange = &one.exchange;
    let request = &exchange.request;
    let mut count = |name: &str, value: &str, context: u64| {
        let support = support.entry(name.to_owned()).or_default();
        support.total.insert((fingerprint(&[value]), context));
        let contexts = support.contexts.entry(value.to_owned()).or_default();
        if contexts.len() < CONTEXTS_MAX {
            contexts.insert(context);
        }
    };
    let listing = resources.lists.get(&one.place);
    let rows = listing.map(|listing| resources.rows(listing, exchange.json())).unwrap_or_default();
    for (id, row) in &rows {
        let context = fingerprint(&["row", id]);
        let row = Value::Object((*row).clone());
        for (place, value) in leaves(&row) {
            if let Some(text) = counted(value) {
                count(last_member(&place).unwrap_or_default(), &text, context);
            }
        }
    }
    if !rows.is_empty() {
        return;
    }
    let context = match resources.items.contains_key(&one.place.template) {
        true => fingerprint(&["row", request.segments.last().map_or("", String::as_str)]),
        false => {
            let body = request.body.json().map(ToString::to_string).unwrap_or_default();
            fingerprint(&["request", &request.target, &body])
        }
    };
    for document in [exchange.json(), request.body.json()].into_iter().flatten() {
        for (place, value) in leaves(document) {
            if let Some(text) = counted(value) {
                count(last_member(&place).unwrap_or_default(), &text, context);
            }
        }
    }
}

/// Digits from which a number may be somebody's.
const LONG_NUMBER_MIN: usize = 7;

/// A text, or a number so long that it may be somebody's: one that is the same for all is not.
fn counted(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => {
            Some(number.to_string()).filter(|text| text.len() >= LONG_NUMBER_MIN).map(Cow::Owned)
        }
        _ => None,
    }
}
