//! Rows that no path addresses: written to a list, and seen there alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::find_ids::TELLING_BYTES_MIN;
use super::form::look;
use super::instant::unix_ms;
use super::list_resource::ListResource;
use super::pointer::{Pointer, arrays, as_segment, at, is_written, last_member, leaves};
use super::resources::{Item, Resources};
use super::site_place::{Seen, SitePlace, by_place};
use super::template::SiteTemplate;

/// Answers to writes in which the id of a row is looked for.
const ANSWERS_MAX: usize = 40;

/// Rows of one list whose ids are noted.
const ROWS_MAX: usize = 500;

/// An id with the template that its address has, or would have.
type NamedId = (String, SiteTemplate);

/// The arrays of objects of an answer that have rows.
#[must_use]
pub fn rows_of(document: &Value) -> Vec<(Pointer, &[Value])> {
    let mut found = arrays(document);
    found.retain(|(_, rows)| rows.first().is_some_and(Value::is_object));
    found
}

/// Whether a member is different in every row.
#[must_use]
pub fn is_telling(rows: &[Value], name: &str) -> bool {
    let mut values = FxHashSet::default();
    rows.iter().all(|row| row.get(name).and_then(as_segment).is_some_and(|v| values.insert(v)))
}

/// The members that tell the rows of all answers apart, with where the rows stand.
#[must_use]
pub fn distinct_members(good: &[&Seen]) -> Vec<(Pointer, String)> {
    let mut counts: Vec<((Pointer, String), (u32, u32))> = Vec::new();
    for seen in good {
        for (envelope, rows) in seen.exchange.json().map(rows_of).unwrap_or_default() {
            let Some(first) = rows.first().and_then(Value::as_object) else { continue };
            for name in first.keys().filter(|_| rows.len() > 1) {
                let key = (envelope.clone(), name.clone());
                let at = counts.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
                    counts.push((key, (0, 0)));
                    counts.len() - 1
                });
                counts[at].1.0 += u32::from(is_telling(rows, name));
                counts[at].1.1 += 1;
            }
        }
    }
    let always = counts.into_iter().filter(|(_, (telling, all))| telling == all && *all > 0);
    always.map(|(found, _)| found).collect()
}

/// The lists whose rows have no address, though something is posted to their path; `addressed`
/// finds the items that have one.
pub fn listed_alone(
    resources: &Resources,
    seen: &[Seen],
    addressed: &dyn Fn(&SitePlace, &[&Seen]) -> Option<ListResource>,
) -> FxHashMap<Arc<SitePlace>, ListResource> {
    let grouped = by_place(seen);
    let good = |own: &[&'_ Seen]| -> Vec<usize> {
        (0..own.len()).filter(|n| own[*n].exchange.is_ok()).collect()
    };
    let mut found = FxHashMap::default();
    for (place, own) in grouped.iter().filter(|(place, _)| &*place.method == "GET") {
        let post = SitePlace { method: "POST".into(), template: place.template.clone() };
        let Some(writes) = grouped.get(&post) else { continue };
        let writes: Vec<&Seen> = good(writes).into_iter().map(|n| writes[n]).collect();
        let own: Vec<&Seen> = good(own).into_iter().map(|n| own[n]).collect();
        if writes.is_empty() || place.template.ends_in_variable() {
            continue;
        }
        let Some((envelope, id)) = row_id(&own, &writes) else { continue };
        let known = addressed(place, &own);
        if known.is_some_and(|found| !is_named_in(resources, &found, (place, &id), &writes)) {
            continue;
        }
        let mut item = place.template.clone();
        item.0.push(None);
        found.insert(Arc::clone(place), ListResource { item, envelope, id: id.into() });
    }
    found
}

/// Whether rows only name the items that a member of theirs addresses: writes send it, it is
/// called otherwise than those items call their id, and the rows have an id of their own.
fn is_named_in(
    resources: &Resources,
    found: &ListResource,
    (place, id): (&SitePlace, &str),
    writes: &[&Seen],
) -> bool {
    let is_sent = |name: &str| {
        let bodies = writes.iter().filter_map(|write| write.exchange.request.body.json());
        let mut sent = bodies.flat_map(leaves);
        sent.any(|(at, _)| last_member(&at) == Some(name))
    };
    let is_said = |write: &&&Seen| {
        let said = write.exchange.json().map(leaves).unwrap_or_default();
        said.iter().any(|(at, _)| last_member(at) == Some(id))
    };
    !found.item.is_item_of(&place.template)
        && resources.id_member(&found.item) != Some(&*found.id)
        && *found.id != *id
        && is_sent(&found.id)
        && !is_sent(id)
        && writes.iter().any(|write| is_said(&write))
}

/// Ids that writes alone have in their path, before literals: `POST /loans/7/return`, each with
/// the template that an address would have.
#[must_use]
pub fn acted_ids(resources: &Resources, seen: &[Seen]) -> Vec<NamedId> {
    let acted = |one: &Seen| {
        let segments = &one.place.template.0;
        let n = segments.iter().rposition(Option::is_none)? + 1;
        let template = one.place.template.prefix(n);
        let acts = one.exchange.is_ok()
            && matches!(&*one.place.method, "POST" | "PUT" | "PATCH" | "DELETE")
            && n < segments.len()
            && !resources.items.contains_key(&template);
        acts.then(|| Some((one.exchange.request.segments.get(n - 1)?.clone(), template)))?
    };
    let mut found: Vec<(String, SiteTemplate)> = seen.iter().filter_map(acted).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The member that names a row: one that answers to writes say and requests do not, else one that
/// nobody sends; no moment, and one that is called an id before others.
fn row_id(lists: &[&Seen], writes: &[&Seen]) -> Option<(Pointer, String)> {
    let newest = &writes[writes.len().saturating_sub(ANSWERS_MAX)..];
    let mut sent: FxHashSet<String> = FxHashSet::default();
    let mut answered: FxHashSet<(Option<String>, String)> = FxHashSet::default();
    for write in newest {
        let body = write.exchange.request.body.json().map(leaves).unwrap_or_default();
        let said = write.exchange.json().map(leaves).unwrap_or_default();
        for (place, value) in said {
            let Some(text) = as_segment(value) else { continue };
            if !body.iter().any(|(_, sent)| is_written(sent, &text)) {
                answered.insert((last_member(&place).map(ToOwned::to_owned), text));
            }
        }
        sent.extend(body.iter().filter_map(|(place, _)| Some(last_member(place)?.to_owned())));
    }
    let documents: Vec<&Value> =
        lists.iter().rev().take(ANSWERS_MAX).filter_map(|one| one.exchange.json()).collect();
    let values = |(envelope, name): &(Pointer, String)| -> Vec<&Value> {
        let rows = documents.iter().filter_map(|document| at(document, envelope)?.as_array());
        rows.flatten().filter_map(|row| row.get(name)).collect()
    };
    let score = |found: &(Pointer, String)| {
        let values = values(found);
        let is_said = |value: &&Value| {
            let Some(text) = as_segment(value) else { return false };
            let named = (Some(found.1.clone()), text);
            let is_long = named.1.len() >= TELLING_BYTES_MIN;
            answered.contains(&named) || (is_long && answered.iter().any(|(_, t)| *t == named.1))
        };
        let is_moment = values.iter().any(|value| unix_ms(value).is_some());
        let lower = found.1.to_ascii_lowercase();
        let is_called = lower.ends_with("id") || lower.ends_with("key");
        (!is_moment, values.iter().any(is_said), !sent.contains(&found.1), is_called)
    };
    let members = distinct_members(lists);
    // Of equally good ones the first.
    members.into_iter().rev().max_by_key(score)
}

/// The ids of their rows, each with the template that an address would have.
#[must_use]
pub fn listed_ids(alone: &FxHashMap<Arc<SitePlace>, ListResource>, seen: &[Seen]) -> Vec<NamedId> {
    let mut found: BTreeMap<&SiteTemplate, FxHashSet<String>> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let Some(listing) = alone.get(&one.place) else { continue };
        let rows = one.exchange.json().and_then(|document| at(document, &listing.envelope));
        let rows = rows.and_then(Value::as_array).into_iter().flatten().take(ROWS_MAX);
        let ids = rows.filter_map(|row| as_segment(row.get(&*listing.id)?));
        found.entry(&listing.item).or_default().extend(ids);
    }
    let named = |(item, ids): (&SiteTemplate, FxHashSet<String>)| -> Vec<_> {
        let mut ids: Vec<String> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.into_iter().map(|id| (id, item.clone())).collect()
    };
    found.into_iter().flat_map(named).collect()
}

/// The items that such rows are, and those that are only acted on.
#[must_use]
pub fn unaddressed_items(
    (acted, listed): (&[NamedId], &[NamedId]),
    alone: &FxHashMap<Arc<SitePlace>, ListResource>,
) -> FxHashMap<SiteTemplate, Item> {
    let mut items: FxHashMap<SiteTemplate, Item> = FxHashMap::default();
    let unaddressed = || Item { is_unaddressed: true, ..Item::default() };
    for listing in alone.values() {
        let item = items.entry(listing.item.clone()).or_insert_with(unaddressed);
        item.id = Some(listing.id.clone());
    }
    for (id, template) in acted.iter().chain(listed) {
        items.entry(template.clone()).or_insert_with(unaddressed).looks.insert(look(id));
    }
    for (_, template) in acted {
        if let Some(item) = items.get_mut(template) {
            item.is_acted_on = true;
        }
    }
    items
}
