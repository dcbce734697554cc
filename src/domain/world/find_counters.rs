//! Finds the counters that serve all collections of one kind: comments of any post share one.

use std::collections::BTreeMap;

use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Creations in another collection than the last one from which a counter is believed to be one
/// for all; each must have gone on where the other collection was.
const CHANGES_MIN: u32 = 2;

/// The ids of one kind of item, in the order in which they were given.
#[derive(Default)]
struct Counter {
    highest: u64,
    /// The collection that has the highest one.
    of: Box<str>,
    went_on: u32,
    began_anew: u32,
}

/// Finds the kinds of items whose ids are counted over all collections, with the highest id.
pub fn learn_counters(resources: &mut Resources, seen: &[Seen]) {
    let mut counters: BTreeMap<SiteTemplate, Counter> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let Some(make) = resources.makes.get(&one.place) else { continue };
        if make.item.0.iter().filter(|segment| segment.is_none()).count() < 2 {
            continue; // there is one collection only
        }
        let id = resources.created_id(make, &one.exchange).and_then(|id| id.parse().ok());
        let Some(id): Option<u64> = id else { continue };
        let collection = resources.collection(&make.item, &one.exchange.request.segments);
        let counter = counters.entry(make.item.clone()).or_default();
        if counter.highest > 0 && *counter.of != *collection {
            let counts =
                if id > counter.highest { &mut counter.went_on } else { &mut counter.began_anew };
            *counts += 1;
        }
        if id > counter.highest {
            (counter.highest, counter.of) = (id, collection);
        }
    }
    for (template, counter) in counters {
        let is_one = counter.went_on >= CHANGES_MIN && counter.began_anew == 0;
        if let (true, Some(item)) = (is_one, resources.items.get_mut(&template)) {
            item.counter = Some(counter.highest);
        }
    }
}
