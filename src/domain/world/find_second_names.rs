//! Finds items that paths name in two ways, and reads exchanges as naming them in one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::message::SiteExchange;
use super::pointer::{Pointer, PointerStep, at, is_written};
use super::resources::Resources;
use super::second_name::{SecondName, read_by_id};
use super::site_place::Seen;
use super::template::SiteTemplate;
use crate::domain::words::split::split;

/// Readings that one name alone must explain, different items among them, and the share of all
/// that both must explain together.
const READINGS_MIN: u32 = 3;
const ITEMS_MIN: usize = 2;
const SHARE: f64 = 0.9;

/// Members of an entity that are looked at, and rows of an answer.
const MEMBERS_MAX: usize = 40;
const ROWS_MAX: usize = 200;

/// Objects of a document in which an entity may stand: itself, and the objects in it.
fn envelopes(document: &Value) -> Vec<(Pointer, &Map<String, Value>)> {
    let Some(whole) = document.as_object() else { return Vec::new() };
    let inner = whole.iter().take(MEMBERS_MAX).filter_map(|(name, value)| {
        Some((vec![PointerStep::Member(name.as_str().into())], value.as_object()?))
    });
    std::iter::once((Pointer::new(), whole)).chain(inner).collect()
}

/// Members of one object that all hold the segment of a path.
type Holding = (Pointer, BTreeSet<Box<str>>);

/// The segments of readings of one kind, with how often, that each set of members explains.
#[derive(Default)]
struct Readings {
    all: u32,
    explained: BTreeMap<Holding, BTreeMap<String, u32>>,
}

/// Finds the items that have two names.
#[must_use]
pub fn find_second_names(resources: &Resources, seen: &[Seen]) -> Vec<SecondName> {
    let mut readings: BTreeMap<&SiteTemplate, Readings> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok() && one.exchange.request.reads()) {
        let template = &one.place.template;
        let is_listed = resources.lists.contains_key(&one.place);
        if is_listed || !template.ends_in_variable() || !resources.items.contains_key(template) {
            continue;
        }
        let own = readings.entry(template).or_default();
        own.all += 1;
        let Some((document, segment)) =
            one.exchange.json().zip(one.exchange.request.segments.last())
        else {
            continue;
        };
        for (envelope, object) in envelopes(document) {
            let members = object.iter().take(MEMBERS_MAX);
            let naming: BTreeSet<Box<str>> = members
                .filter(|(_, value)| is_written(value, segment))
                .map(|(name, _)| name.as_str().into())
                .collect();
            if !naming.is_empty() {
                let items = own.explained.entry((envelope, naming)).or_default();
                *items.entry(segment.clone()).or_default() += 1;
            }
        }
    }
    readings.into_iter().filter_map(|(item, own)| second_name(item, own)).collect()
}

/// The second name of an item, where its readings show one.
fn second_name(item: &SiteTemplate, readings: Readings) -> Option<SecondName> {
    type Named = (u32, BTreeSet<String>);
    let mut found: BTreeMap<(Pointer, Box<str>), Named> = BTreeMap::new();
    for ((envelope, names), items) in &readings.explained {
        for name in names {
            let named = found.entry((envelope.clone(), name.clone())).or_default();
            named.0 += items.values().sum::<u32>();
            named.1.extend(items.keys().cloned());
        }
    }
    let is_enough = |named: &Named| named.0 >= READINGS_MIN && named.1.len() >= ITEMS_MIN;
    let called_id = |name: &str| {
        let last = split(name).last().map(str::to_lowercase);
        last.is_some_and(|word| word == "id" || word == "uuid")
    };
    let ids = found.iter().filter(|((_, name), named)| called_id(name) && is_enough(named));
    let ((envelope, id), (by_id, with_id)) = ids.max_by_key(|(_, named)| named.0)?;
    let others = found.iter().filter(|((at, name), named)| {
        at == envelope && name != id && is_enough(named) && named.1.is_disjoint(with_id)
    });
    let ((_, member), (by_other, _)) = others.max_by_key(|(_, named)| named.0)?;
    let explained = f64::from(by_id + by_other);
    (explained >= SHARE * f64::from(readings.all)).then(|| SecondName {
        item: item.clone(),
        envelope: envelope.clone(),
        id: id.clone(),
        member: member.clone(),
    })
}

/// The exchanges with requests that name items by their second name read as naming them by the id.
#[must_use]
pub fn read_second_names(
    names: &[SecondName],
    exchanges: &[Arc<SiteExchange>],
) -> Vec<Arc<SiteExchange>> {
    let mut ids: FxHashMap<(usize, String), Value> = FxHashMap::default();
    for exchange in exchanges.iter().filter(|exchange| exchange.is_ok()) {
        for (n, name) in names.iter().enumerate() {
            for object in shown(name, exchange) {
                let text = object.get(&*name.member).and_then(Value::as_str);
                if let Some((text, id)) = text.zip(object.get(&*name.id)) {
                    ids.insert((n, text.to_owned()), id.clone());
                }
            }
        }
    }
    let id_of = |n: usize, _: &[String], text: &str| ids.get(&(n, text.to_owned())).cloned();
    exchanges.iter().map(|one| one.reread(|request| read_by_id(names, request, &id_of))).collect()
}

/// The objects of an answer, about the items or all of them, that may show such an item.
fn shown<'x>(
    name: &SecondName,
    exchange: &'x SiteExchange,
) -> impl Iterator<Item = &'x Map<String, Value>> {
    let segments = &exchange.request.segments;
    let above = name.item.0.len() - 1;
    let fits = segments.len() <= above + 1 && name.item.prefix(above).begins(segments);
    let document = exchange.json().filter(|_| fits);
    let rows = |value: &'x Value| value.as_array().into_iter().flatten().take(ROWS_MAX);
    let held = document.and_then(|document| at(document, &name.envelope));
    let listed = document.into_iter().flat_map(move |document| {
        let members = document.as_object().into_iter().flatten().map(|(_, value)| value);
        rows(document).chain(members.flat_map(rows))
    });
    held.into_iter().chain(document).chain(listed).filter_map(Value::as_object)
}
