//! Finds what deletes several at once.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::resources::Resources;
use super::site_place::{Seen, SitePlace};
use super::sweep::Sweep;

/// Deletions after which what was listed before is gone, from which more are believed, and their
/// share.
const SWEEPS_MIN: u32 = 2;
const SWEEPS_SHARE: f64 = 0.8;

/// Rows that a list showed.
type Rows = FxHashSet<String>;

/// Finds what deletes rows of lists: what the list of the same target showed before is not there
/// afterwards.
pub fn learn_sweeps(resources: &mut Resources, seen: &[Seen]) {
    let lists = resources.lists.iter().filter(|(place, _)| &*place.method == "GET");
    let sweeps: FxHashMap<&Arc<SitePlace>, Sweep> = seen
        .iter()
        .map(|one| &one.place)
        .filter(|place| &*place.method == "DELETE" && !resources.is_about_item(place))
        .filter_map(|place| {
            // What lists items of another address takes them off, and deletes none.
            let (list, listing) = lists.clone().find(|(of, listing)| {
                of.template == place.template && listing.item.is_item_of(&of.template)
            })?;
            let sweep = Sweep { list: Arc::clone(list), listing: listing.clone() };
            Some((place, sweep))
        })
        .collect();
    if sweeps.is_empty() {
        return;
    }
    let mut shown: FxHashMap<&str, Rows> = FxHashMap::default();
    let mut swept: FxHashMap<&str, &Arc<SitePlace>> = FxHashMap::default();
    let mut votes: FxHashMap<&Arc<SitePlace>, (u32, u32)> = FxHashMap::default();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let target = &*one.exchange.request.target;
        if sweeps.contains_key(&one.place) {
            swept.insert(target, &one.place);
        } else if let Some(listing) = resources.lists.get(&one.place) {
            let rows = resources.rows(listing, one.exchange.json());
            let rows: Rows = rows.into_iter().map(|(id, _)| id).collect();
            let before = shown.insert(target, rows).unwrap_or_default();
            if let Some(place) = swept.remove(target).filter(|_| !before.is_empty()) {
                let is_gone = !before.is_subset(&shown[target]);
                let vote = votes.entry(place).or_default();
                *(if is_gone { &mut vote.0 } else { &mut vote.1 }) += 1;
            }
        }
    }
    let believed = votes.into_iter().filter(|(_, (gone, stay))| {
        *gone >= SWEEPS_MIN && f64::from(*gone) >= SWEEPS_SHARE * f64::from(gone + stay)
    });
    let found: FxHashMap<Arc<SitePlace>, Sweep> = believed
        .filter_map(|(place, _)| Some((Arc::clone(place), sweeps.get(place)?.clone())))
        .collect();
    resources.sweeps = found;
}
