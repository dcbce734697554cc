//! Learns of each list who sees which rows, and how it is made from them.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::endpoint::EndpointKnowledge;
use super::lists;
use super::selection::{Selection, ShownObject, choices};
use super::snapshot::Snapshot;
use super::visibility::{SeenList, Visibility, asker};
use crate::domain::world::pointer::{as_segment, at};
use crate::domain::world::{Resources, Seen, SitePlace, SiteTemplate};

/// Who made the rows of collections, by the number of the exchange that lists them.
type Owners = FxHashMap<u32, Vec<Option<u64>>>;

/// Who sees which rows; rows that a list hides are no part of what it is made from.
pub(super) fn learn_visibility(
    resources: &Resources,
    endpoints: &mut FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    seen: &[Seen],
    (snapshots, owners): (&mut FxHashMap<u32, Snapshot>, &Owners),
) {
    let mut rules: Vec<(&SiteTemplate, Visibility)> = Vec::new();
    let mut silent: Vec<(&Arc<SitePlace>, &SiteTemplate, Vec<u32>)> = Vec::new();
    let mut lists: Vec<_> = resources.lists.iter().collect();
    lists.sort_by_key(|(place, _)| *place);
    for (place, listing) in lists {
        let own: Vec<u32> = (0..seen.len() as u32)
            .filter(|number| seen[*number as usize].place == *place)
            .filter(|number| seen[*number as usize].exchange.is_ok())
            .collect();
        let lists: Vec<SeenList<'_>> = own
            .iter()
            .filter_map(|number| {
                let exchange = &seen[*number as usize].exchange;
                let request = &exchange.request;
                let is_plain = request.query.is_empty() && (request.reads() || !request.has_body);
                let rows = snapshots.get(number).filter(|_| is_plain)?;
                let at = at(exchange.json()?, &listing.place_in(exchange.json()?))?.as_array()?;
                let ids = at.iter().filter_map(|row| match listing.is_bare() {
                    true => row.as_str().map(ToOwned::to_owned),
                    false => as_segment(row.get(&*listing.id)?),
                });
                let known: FxHashSet<String> = ids.collect();
                let ids = rows.iter().map(|(id, _)| &**id).filter(|id| known.contains(*id));
                let ids: FxHashSet<&str> = ids.collect();
                // A row that was not known before says nothing of who sees what.
                let is_known = ids.len() == known.len();
                let owners = owners.get(number).filter(|_| is_known)?;
                let at_ms = request.at_ms;
                Some(SeenList { asker: asker(request), at_ms, rows, owners, ids })
            })
            .collect();
        if lists.is_empty() {
            silent.push((place, &listing.item, own));
            continue;
        }
        let Some(rule) = Visibility::learn(&lists) else { continue };
        drop(lists);
        rules.push((&listing.item, rule.clone()));
        hide(rule, (place, own), endpoints, (seen, snapshots, owners));
    }
    // A list that is never asked for without a wish hides what another one of the same items does.
    for (place, item, own) in silent {
        if let Some((_, rule)) = rules.iter().find(|(known, _)| *known == item) {
            hide(rule.clone(), (place, own), endpoints, (seen, snapshots, owners));
        }
    }
}

/// Exchanges, the collections of lists among them, and who made their rows.
type Recorded<'r> = (&'r [Seen], &'r mut FxHashMap<u32, Snapshot>, &'r Owners);

fn hide(
    rule: Visibility,
    (place, own): (&Arc<SitePlace>, Vec<u32>),
    endpoints: &mut FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    (seen, snapshots, owners): Recorded<'_>,
) {
    let Some(endpoint) = endpoints.get_mut(place) else { return };
    for number in own {
        if let (Some(rows), Some(owners)) = (snapshots.get_mut(&number), owners.get(&number)) {
            rule.keep(rows, owners, &seen[number as usize].exchange.request);
        }
    }
    endpoint.visibility = Some(rule);
}

/// How each list is made from its collection.
pub(super) fn learn_lists(
    resources: &Resources,
    endpoints: &mut FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    seen: &[Seen],
    snapshots: &FxHashMap<u32, Snapshot>,
) {
    for (place, listing) in &resources.lists {
        let above = place.template.beyond(&listing.item);
        let own: Vec<_> = seen
            .iter()
            .enumerate()
            .filter(|(_, one)| one.place == *place && one.exchange.is_ok())
            .map(|(number, one)| (number, lists::asked_exchange(&one.exchange, &above)))
            .collect();
        let samples: Vec<lists::ListSample<'_>> = own
            .iter()
            .filter_map(|(number, exchange)| {
                let rows = resources.rows(listing, exchange.json());
                let (ids, rows) = rows.into_iter().unzip();
                let collection = snapshots.get(&(*number as u32))?;
                Some(lists::ListSample { exchange, collection, ids, rows })
            })
            .collect();
        if let Some(endpoint) = endpoints.get_mut(place) {
            let is_view = resources.views.contains(place);
            let program = lists::learn(listing, &samples, is_view);
            let item = resources.items.get(&listing.item);
            endpoint.is_executed = program.makes(listing, item, &samples);
            endpoint.program = Some(program);
        }
    }
}

/// Learns the selections of all lists and items.
pub(super) fn learn_selections(
    resources: &Resources,
    endpoints: &mut FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    seen: &[Seen],
) {
    let mut grouped: FxHashMap<&Arc<SitePlace>, Vec<&Seen>> = FxHashMap::default();
    for one in seen.iter().filter(|one| one.exchange.is_ok() && one.exchange.request.reads()) {
        grouped.entry(&one.place).or_default().push(one);
    }
    for (place, own) in grouped {
        let Some(endpoint) = endpoints.get_mut(place) else { continue };
        if own.iter().all(|one| one.exchange.request.query.is_empty()) {
            continue;
        }
        let asked: Vec<_> =
            own.iter().map(|one| lists::asked(&one.exchange.request, &[])).collect();
        let choices: Vec<_> = asked.iter().map(|request| choices(request)).collect();
        let mut shown = Vec::new();
        for (one, choices) in own.iter().zip(&choices) {
            let objects = objects(resources, one).into_iter().take(CHOSEN_ROWS_MAX);
            shown.extend(objects.map(|object| ShownObject { choices, object }));
        }
        endpoint.selections = Selection::learn(&shown);
    }
}

/// Rows of one answer that are looked at for what was chosen of them.
const CHOSEN_ROWS_MAX: usize = 8;

/// The rows of a list, or the entity that a reading shows.
fn objects<'s>(resources: &Resources, one: &'s Seen) -> Vec<&'s Map<String, Value>> {
    let document = one.exchange.json();
    if let Some(listing) = resources.lists.get(&one.place) {
        let rows = document.and_then(|document| at(document, &listing.place_in(document)));
        return rows
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .collect();
    }
    resources.entity(&one.place.template, document, None).into_iter().collect()
}
