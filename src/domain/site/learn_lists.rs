//! Learns of each list who sees which rows, and how it is made from them.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::endpoint::EndpointKnowledge;
use super::lists;
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
