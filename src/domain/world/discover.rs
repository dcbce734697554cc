//! Finds the resources of a site by the flow of values from answers into later paths.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::find_aliases::aliases;
use super::find_ids::{
    ID_DEPTH_MAX, OTHER_SHARE, OWN_SHARE, RANDOM_BYTES_MIN, TELLING_BYTES_MIN, given,
    is_called_alike, is_id, may_be_id,
};
use super::find_listed::{
    acted_ids, distinct_members, is_telling, listed_alone, listed_ids, rows_of, unaddressed_items,
};
use super::find_references::references;
use super::first_sight::{FirstSight, Flow, flow, is_item};
use super::form::look;
use super::list_resource::ListResource;
use super::pointer::{Pointer, PointerStep, as_segment, at, is_written, leaves, member};
use super::resources::{IdPlace, Item, Make, Resources, path_of};
use super::site_place::{Seen, SitePlace, by_place};
use super::template::{SiteTemplate, SiteTemplates};

/// Weight of an id that only the request shows, and of one that the address of the new item does.
const SENT_VOTE: f64 = 0.6;
const LOCATION_VOTE: f64 = 0.7;

/// Ids of an array of texts from which it lists them, and their share of its texts.
const BARE_IDS_MIN: usize = 3;
const BARE_SHARE: f64 = 0.6;

/// Answers that must repeat a segment of the path in one place, and the share of all.
const REPEATED_MIN: u32 = 3;
const REPEATED_SHARE: f64 = 0.9;

/// Finds what a site's exchanges show: items, creations, lists, references.
#[must_use]
pub fn discover(templates: SiteTemplates, seen: &[Seen]) -> Resources {
    let mut flow = flow(seen);
    let mut resources = Resources { templates, ..Resources::default() };
    resources.items = items(seen);
    resources.aliases = aliases(&resources, seen);
    let alone = listed_alone(&resources, seen, &|place, good| {
        addressed_listing(&resources, &flow, place, good)
    });
    let (acted, listed) = (acted_ids(&resources, seen), listed_ids(&alone, seen));
    for (id, item) in acted.iter().chain(&listed) {
        flow.entry(id).or_default().insert(item);
    }
    resources.items.extend(unaddressed_items((&acted, &listed), &alone));
    let first = FirstSight::of(&resources, &flow, seen);
    resources.guarded = seen
        .iter()
        .filter(|seen| matches!(seen.exchange.status, 401 | 403))
        .map(|seen| Arc::clone(&seen.place))
        .collect();
    // Creations first: what they say is the id of an item is its id in lists, too.
    let mut grouped: Vec<(Arc<SitePlace>, Vec<&Seen>)> = by_place(seen).into_iter().collect();
    grouped.sort_by_key(|(place, _)| &*place.method != "POST");
    for (place, own) in grouped {
        let good: Vec<&Seen> = own.iter().copied().filter(|seen| seen.exchange.is_ok()).collect();
        let is_item = resources.items.contains_key(&place.template);
        let is_document =
            resources.items.get(&place.template).is_some_and(|item| item.id.is_some());
        if good.is_empty() || (is_document && &*place.method != "POST") {
            continue;
        }
        match &*place.method {
            "POST" => {
                // An item may be a collection, too: of what lies directly below it.
                let made = creation(&resources, (&flow, &first), &place, &good)
                    .filter(|make| !is_item || make.item.is_item_of(&place.template));
                if let Some(make) = made {
                    resources.makes.insert(place, elsewhere(&resources, make));
                } else if let Some(listing) = asked_listing(&resources, &flow, &place, &good) {
                    resources.lists.insert(place, listing);
                }
            }
            // A write to a list that names no item makes one, or changes what its body names.
            "PUT" | "PATCH" if !is_item => {
                let made = creation(&resources, (&flow, &first), &place, &good)
                    .filter(|make| make.item.is_item_of(&place.template));
                if let Some(make) = made {
                    resources.makes.insert(place, elsewhere(&resources, make));
                }
            }
            "GET" => {
                let known = alone.get(&place).cloned();
                let listed = known
                    .or_else(|| listing(&resources, &flow, &place, &good))
                    .filter(|listing| !is_item || listing.item.is_item_of(&place.template));
                if let Some(listing) = listed {
                    let item = resources.canonical(&listing.item).clone();
                    resources.lists.insert(place, ListResource { item, ..listing });
                }
            }
            _ => {}
        }
    }
    keep_made(&mut resources);
    resources.actions = actions(&resources, seen);
    resources.references = references(&resources, &flow, seen);
    resources.sent_envelopes = sent_envelopes(&resources, seen);
    name_listed(&mut resources);
    resources
}

/// Rows that no path addresses are items where something makes them.
fn keep_made(resources: &mut Resources) {
    let makes = &resources.makes;
    let is_made = |item: &SiteTemplate| makes.values().any(|make| make.item == *item);
    resources.items.retain(|template, item| !item.is_unaddressed || is_made(template));
}

/// Items of which no reading said what their id is called have it from their lists.
fn name_listed(resources: &mut Resources) {
    for listing in resources.lists.values() {
        let item = resources.items.get_mut(&listing.item);
        if let Some(item) = item.filter(|item| item.id.is_none() && !listing.is_bare()) {
            // A shape that is seen only in lists.
            *item = Item { id: Some(listing.id.clone()), ..std::mem::take(item) };
        }
    }
}

fn items(seen: &[Seen]) -> FxHashMap<SiteTemplate, Item> {
    let mut votes: FxHashMap<&SiteTemplate, BTreeMap<Pointer, u32>> = FxHashMap::default();
    let mut items: FxHashMap<SiteTemplate, Item> = FxHashMap::default();
    for seen in seen.iter().filter(|seen| is_item(seen)) {
        let Some(last) = seen.exchange.request.segments.last() else { continue };
        let item = items.entry(seen.place.template.clone()).or_default();
        item.looks.insert(look(last));
        let Some(document) = seen.exchange.json() else { continue };
        for (place, value) in leaves(document) {
            // The one row of a list of one is the entity, too.
            let leads =
                |step: &PointerStep| step.member().is_some() || *step == PointerStep::Item(0);
            let named =
                place.last().is_some_and(|step| step.member().is_some()) && place.iter().all(leads);
            if named && place.len() <= ID_DEPTH_MAX && is_written(value, last) {
                *votes.entry(&seen.place.template).or_default().entry(place).or_default() += 1;
            }
        }
    }
    for (template, votes) in votes {
        let best = votes.iter().max_by_key(|(place, n)| (**n, std::cmp::Reverse(place.len())));
        let item = items.get_mut(template);
        if let (Some((place, _)), Some(item)) = (best, item)
            && let Some((PointerStep::Member(id), envelope)) = place.split_last()
        {
            item.id = Some(id.clone());
            item.envelope = envelope.to_vec();
        }
    }
    items
}

fn creation(
    resources: &Resources,
    (flow, first): (&Flow<'_>, &FirstSight<'_>),
    place: &SitePlace,
    good: &[&Seen],
) -> Option<Make> {
    let mut votes: BTreeMap<(&SiteTemplate, IdPlace), f64> = BTreeMap::new();
    // Equal ids of different collections are different ids.
    let mut counted: FxHashSet<(IdPlace, String, &[String])> = FxHashSet::default();
    // What an answer repeats of the path is what the new item lies below, and not its id.
    let mut repeated: BTreeMap<IdPlace, u32> = BTreeMap::new();
    for seen in good {
        let path = &*seen.exchange.request.segments;
        let shown = seen.exchange.json().map(leaves).unwrap_or_default();
        let sent = seen.exchange.request.body.json().map(leaves).unwrap_or_default();
        let shown = shown.into_iter().map(|(at, value)| (IdPlace::Body(at), value));
        let sent = sent.into_iter().map(|(at, value)| (IdPlace::Sent(at), value));
        for (id, value) in shown.chain(sent) {
            let Some(text) = as_segment(value) else { continue };
            if path.contains(&text) {
                *repeated.entry(id.clone()).or_default() += 1;
            }
            if depth(&id) > ID_DEPTH_MAX || !counted.insert((id.clone(), text.clone(), path)) {
                continue;
            }
            for item in flow.get(text.as_str()).into_iter().flatten() {
                let own = item.is_item_of(&place.template);
                let near = own || item.is_item_near(&place.template);
                // Below another item, of what has an address of its own: `/posts/1/comments`.
                let is_named = || is_called_alike(resources, item, &id, place);
                let is_telling = text.len() >= TELLING_BYTES_MIN;
                // What writes to the list by the items' own id makes some and changes others.
                let changes = own && &*place.method != "POST" && is_id(resources, item, &id);
                if item.fits(&place.template)
                    && (is_telling || (near && may_be_id(resources, item, &id)) || is_named())
                    && (changes || first.is_new(resources, (item, &text), seen))
                {
                    *votes.entry((item, id.clone())).or_default() += weight(&id, own);
                }
            }
        }
        if let Some(location) = seen.exchange.header("location") {
            let target = resources.templates.of(&super::message::segments(path_of(location)));
            if let Some((item, _)) = resources.items.get_key_value(&target) {
                *votes.entry((item, IdPlace::Location)).or_default() += LOCATION_VOTE;
            }
        }
    }
    let all = good.len() as f64;
    let is_repeated = |id: &IdPlace| {
        let times = repeated.get(id).copied().unwrap_or(0);
        times >= REPEATED_MIN && f64::from(times) >= REPEATED_SHARE * all
    };
    let is_enough = |item: &SiteTemplate, id: &IdPlace, votes: f64| {
        let own = item.is_item_of(&place.template)
            || item.is_item_near(&place.template)
            || is_called_alike(resources, item, id, place);
        votes >= least_share(id, own) * all || (votes >= 2.0 && is_random(id, good))
    };
    let ((item, id), _) = votes
        .into_iter()
        .filter(|((item, id), votes)| !is_repeated(id) && is_enough(item, id, *votes))
        .max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| depth(&b.0.1).cmp(&depth(&a.0.1))))?;
    let given = given(&id, good);
    Some(Make { item: item.clone(), id, given, same: None })
}

/// Whether nearly all answers show a long text as the id.
fn is_random(id: &IdPlace, good: &[&Seen]) -> bool {
    let IdPlace::Body(place) = id else { return false };
    let shown = good.iter().filter_map(|seen| as_segment(at(seen.exchange.json()?, place)?));
    shown.filter(|id| id.len() >= RANDOM_BYTES_MIN).count() as f64 >= 0.9 * good.len() as f64
}

/// How deep in a document an id stands.
fn depth(id: &IdPlace) -> usize {
    match id {
        IdPlace::Body(at) | IdPlace::Sent(at) => at.len(),
        IdPlace::Location => 1,
    }
}

/// Share of the answers that must vote for an id; `own`: directly below, or called alike.
fn least_share(id: &IdPlace, own: bool) -> f64 {
    match id {
        IdPlace::Sent(_) => SENT_VOTE * OTHER_SHARE,
        IdPlace::Location => LOCATION_VOTE * OTHER_SHARE,
        IdPlace::Body(_) if own => OWN_SHARE,
        IdPlace::Body(_) => OTHER_SHARE,
    }
}

/// What an id that flows into a path says of what creates it; `own`: directly below.
const fn weight(id: &IdPlace, own: bool) -> f64 {
    match (id, own) {
        (IdPlace::Sent(_), _) => SENT_VOTE,
        (_, true) => 1.5,
        (_, false) => 1.0,
    }
}

/// What makes items that have an address elsewhere makes them there.
fn elsewhere(resources: &Resources, make: Make) -> Make {
    Make { item: resources.canonical(&make.item).clone(), ..make }
}

/// A list that is asked for by POST: its rows are items that are known elsewhere.
fn asked_listing(
    resources: &Resources,
    flow: &Flow<'_>,
    place: &SitePlace,
    good: &[&Seen],
) -> Option<ListResource> {
    let found = listing(resources, flow, place, good).filter(|found| !found.is_bare())?;
    let item = resources.items.get(&found.item)?;
    (item.id.is_some() && !resources.items.contains_key(&place.template)).then_some(found)
}

/// An array of texts that are ids of items.
fn bare_listing(flow: &Flow<'_>, place: &SitePlace, good: &[&Seen]) -> Option<ListResource> {
    let mut votes: BTreeMap<(&SiteTemplate, Pointer), FxHashSet<&str>> = BTreeMap::new();
    let mut all: BTreeMap<Pointer, FxHashSet<&str>> = BTreeMap::new();
    for (envelope, items) in good.iter().filter_map(|seen| texts(seen.exchange.json()?)) {
        for text in items.iter().filter_map(|item| item.as_str()) {
            all.entry(envelope.clone()).or_default().insert(text);
            for item in flow.get(text).into_iter().flatten() {
                if item.fits(&place.template) {
                    votes.entry((item, envelope.clone())).or_default().insert(text);
                }
            }
        }
    }
    let ((item, envelope), known) = votes.into_iter().max_by_key(|(_, texts)| texts.len())?;
    let all = all.get(&envelope).map_or(0, FxHashSet::len);
    let enough = known.len() >= BARE_IDS_MIN && known.len() as f64 >= BARE_SHARE * all as f64;
    enough.then(|| ListResource { item: item.clone(), envelope, id: "".into() })
}

/// The array of texts that an answer is, or that one of its members is.
fn texts(document: &Value) -> Option<(Pointer, &[Value])> {
    let of = |value: &'_ Value| value.as_array().is_some_and(|a| a.iter().all(Value::is_string));
    if let Some(items) = document.as_array().filter(|_| of(document)) {
        return Some((Vec::new(), items));
    }
    let (name, items) = document.as_object()?.iter().find(|(_, value)| of(value))?;
    Some((member(name), items.as_array()?))
}

fn listing(
    resources: &Resources,
    flow: &Flow<'_>,
    place: &SitePlace,
    good: &[&Seen],
) -> Option<ListResource> {
    if let Some(found) = addressed_listing(resources, flow, place, good) {
        return Some(found);
    }
    let documents = || good.iter().filter_map(|seen| seen.exchange.json());
    if !documents().any(|document| !rows_of(document).is_empty()) {
        return bare_listing(flow, place, good);
    }
    // No row has an address: the member that tells the rows of every answer apart.
    let (envelope, id) = distinct_members(good).into_iter().next()?;
    let mut item = place.template.clone();
    item.0.push(None);
    Some(ListResource { item, envelope, id: id.into() })
}

/// A list whose rows have values that are the last segments of paths.
fn addressed_listing(
    resources: &Resources,
    flow: &Flow<'_>,
    place: &SitePlace,
    good: &[&Seen],
) -> Option<ListResource> {
    let mut votes: BTreeMap<(&SiteTemplate, Pointer, &str), f64> = BTreeMap::new();
    for seen in good {
        for (envelope, rows) in seen.exchange.json().map(rows_of).unwrap_or_default() {
            let Some(first) = rows.first().and_then(Value::as_object) else { continue };
            let telling = |name: &&String| is_telling(rows, name);
            for name in first.keys().filter(telling) {
                for row in rows.iter().take(30) {
                    let Some(text) = row.get(name).and_then(as_segment) else { continue };
                    // What the path names is what the rows belong to.
                    if seen.exchange.request.segments.contains(&text) {
                        continue;
                    }
                    for item in flow.get(text.as_str()).into_iter().flatten() {
                        let own = item.is_item_of(&place.template);
                        let known = resources.id_member(item);
                        let is_named = known == Some(name) && item.noun() == place.template.noun();
                        let is_short = !own && !is_named && text.len() < TELLING_BYTES_MIN;
                        if !item.fits(&place.template) || is_short {
                            continue;
                        }
                        let named = if known == Some(name) { 0.3 } else { 0.0 };
                        let vote = votes.entry((item, envelope.clone(), name)).or_default();
                        *vote += if own { 1.5 } else { 1.0 } + named;
                    }
                }
            }
        }
    }
    let best = votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let ((item, envelope, id), _) = best?;
    Some(ListResource { item: item.clone(), envelope, id: id.into() })
}

/// Writes to a path below an item's, of literals alone, that create nothing: actions on the item.
fn actions(resources: &Resources, seen: &[Seen]) -> FxHashMap<Arc<SitePlace>, usize> {
    let mut actions = FxHashMap::default();
    for seen in seen.iter().filter(|seen| seen.exchange.is_ok()) {
        let place = &seen.place;
        let reads = matches!(&*place.method, "GET" | "HEAD" | "OPTIONS");
        if reads || resources.makes.contains_key(place) || actions.contains_key(place) {
            continue;
        }
        let segments = &place.template.0;
        let tail = segments.iter().rev().take_while(|segment| segment.is_some()).count();
        let n = segments.len() - tail;
        let acted = place.template.prefix(n);
        if tail == 0 || !resources.items.contains_key(&acted) {
            continue;
        }
        // What answers rows and not the item asks for a list; it does nothing to the item.
        let lists = resources.lists.contains_key(place)
            && resources.entity(&acted, seen.exchange.json(), None).is_none();
        if !lists {
            actions.insert(Arc::clone(place), n);
        }
    }
    actions
}

/// Names of the members that readings of an item show.
fn shown_names<'s>(
    resources: &Resources,
    seen: &'s [Seen],
) -> FxHashMap<SiteTemplate, FxHashSet<&'s str>> {
    let mut names: FxHashMap<SiteTemplate, FxHashSet<&str>> = FxHashMap::default();
    for one in seen.iter().filter(|one| one.exchange.is_ok() && &*one.place.method == "GET") {
        let template = &one.place.template;
        if let Some(object) = resources.entity(template, one.exchange.json(), None) {
            let known = names.entry(template.clone()).or_default();
            known.extend(object.keys().map(String::as_str));
        }
    }
    names
}

/// For each write, the part of its body of which most members come back equal.
fn sent_envelopes(resources: &Resources, seen: &[Seen]) -> FxHashMap<Arc<SitePlace>, Pointer> {
    let mut found = FxHashMap::default();
    let names = shown_names(resources, seen);
    for (place, own) in by_place(seen) {
        if !matches!(&*place.method, "POST" | "PUT" | "PATCH") {
            continue;
        }
        let made = resources.makes.get(&place).map(|make| make.item.clone());
        let acted = resources.acted(&place).map(|(template, _)| template);
        let is_item = resources.items.contains_key(&place.template);
        let own_template = is_item.then(|| place.template.clone());
        let Some(template) = &made.or(acted).or(own_template) else { continue };
        let Some(item) = resources.items.get(template) else { continue };
        let mut votes: Vec<(Pointer, f64)> = Vec::new();
        for seen in own.iter().filter(|seen| seen.exchange.is_ok()) {
            let Some(body) = seen.exchange.request.body.json() else { continue };
            let Some(members) = body.as_object() else { continue };
            let shown = resources.entity(template, seen.exchange.json(), None);
            let inner = members.iter().filter(|(_, value)| value.is_object());
            let mut places: Vec<Pointer> = vec![Vec::new()];
            places.extend(inner.map(|(name, _)| member(name)));
            if !item.envelope.is_empty() && !places.contains(&item.envelope) {
                places.push(item.envelope.clone());
            }
            for pointer in places {
                let Some(part) = at(body, &pointer).and_then(Value::as_object) else { continue };
                let equal = part.iter().filter(|(name, value)| {
                    shown.is_some_and(|shown| shown.get(*name) == Some(*value))
                });
                let like_answer = if pointer == item.envelope { 0.1 } else { 0.0 };
                let known = names.get(template);
                let named = part.keys().filter(|n| known.is_some_and(|k| k.contains(n.as_str())));
                let vote = equal.count() as f64 + like_answer + 0.5 * named.count() as f64;
                // What stands in an array is one of several; a place of its own comes before it.
                let in_array = pointer.iter().any(|step| step.member().is_none());
                let vote = if in_array { vote * 0.5 } else { vote };
                match votes.iter_mut().find(|(known, _)| *known == pointer) {
                    Some((_, sum)) => *sum += vote,
                    None => votes.push((pointer, vote)),
                }
            }
        }
        // Of equal ones the first, which is the outer one.
        let best = votes.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        found.insert(place, best.map(|(pointer, _)| pointer).unwrap_or_default());
    }
    found
}
