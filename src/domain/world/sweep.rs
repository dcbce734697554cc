//! What deletes several at once: a DELETE to the path of a list, with the wishes of a list.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::layer::World;
use super::list_resource::ListResource;
use super::message::{Request, SiteExchange};
use super::pointer::{at, is_written};
use super::resources::Resources;
use super::site_place::{Seen, SitePlace};

/// Deletions after which what was listed before is gone, from which more are believed, and their
/// share.
const SWEEPS_MIN: u32 = 2;
const SWEEPS_SHARE: f64 = 0.8;

/// What deletes rows of a list.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The list of the same path.
    pub list: Arc<SitePlace>,
    /// How that lists.
    pub listing: ListResource,
}

impl Sweep {
    /// Whether an answer shows the rows that were deleted.
    #[must_use]
    pub fn shows_rows(&self, document: &Value) -> bool {
        at(document, &self.listing.place_in(document)).is_some_and(Value::is_array)
    }
}

/// Whether a row is among those that a request names by the values of their members; without a
/// wish all are.
fn is_named(row: Option<&Map<String, Value>>, request: &Request) -> bool {
    request.query.iter().all(|(name, value)| {
        row.and_then(|row| row.get(&**name)).is_some_and(|held| is_written(held, value))
    })
}

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

impl World {
    /// Deletes the rows that an answer shows; where it shows none, and a recorded exchange is
    /// learned, those that the request names.
    pub(super) fn observe_sweep(
        &mut self,
        resources: &Resources,
        exchange: &SiteExchange,
        sweep: &Sweep,
        learning: bool,
    ) {
        let request = &exchange.request;
        let collection = resources.collection(&sweep.listing.item, &request.segments);
        let document = exchange.json();
        let gone: Vec<Box<str>> = if document.is_some_and(|document| sweep.shows_rows(document)) {
            let rows = resources.rows(&sweep.listing, document);
            rows.into_iter().map(|(id, _)| id.into()).collect()
        } else if !learning {
            return; // whoever made the answer has deleted them
        } else {
            let rows = self.rows(&collection);
            let named = rows.filter(|(_, held)| is_named(held.object.as_deref(), request));
            named.map(|(id, _)| id.into()).collect()
        };
        for id in gone {
            let key = EntityKey { collection: collection.clone(), id };
            self.remove(&key);
            self.cascade(resources, &key);
        }
    }
}
