//! Ids of items as they come up in paths and answers, and which were known before.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::find_ids::RANDOM_BYTES_MIN;
use super::message::SiteExchange;
use super::pointer::{PointerStep, as_segment, leaves};
use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Last segments of item paths, with the templates in which they stand.
pub type Flow<'s> = FxHashMap<&'s str, FxHashSet<&'s SiteTemplate>>;

/// Whether an exchange is about one item.
#[must_use]
pub fn is_item(seen: &Seen) -> bool {
    seen.exchange.is_ok() && seen.place.template.ends_in_variable()
}

/// The last segments of all item paths.
#[must_use]
pub fn flow(seen: &[Seen]) -> Flow<'_> {
    let mut flow = Flow::default();
    for seen in seen.iter().filter(|seen| is_item(seen)) {
        if let Some(last) = seen.exchange.request.segments.last() {
            flow.entry(last).or_default().insert(&seen.place.template);
        }
    }
    flow
}

/// Which ids were known before an exchange: what is created is new.
#[derive(Debug)]
pub struct FirstSight<'s> {
    /// The first exchange that reads or lists an id, or names it in its path; equal ids of
    /// different collections are different ids.
    known: FxHashMap<(&'s SiteTemplate, Box<str>, &'s str), usize>,
    /// Exchanges by their address in memory.
    numbers: FxHashMap<*const SiteExchange, usize>,
}

impl<'s> FirstSight<'s> {
    /// Looks through all exchanges, in the order of time.
    #[must_use]
    pub fn of(resources: &Resources, flow: &Flow<'s>, seen: &'s [Seen]) -> Self {
        let items = &resources.items;
        let mut first = Self { known: FxHashMap::default(), numbers: FxHashMap::default() };
        for (number, one) in seen.iter().enumerate() {
            first.numbers.insert(Arc::as_ptr(&one.exchange), number);
            if is_item(one)
                && let Some(last) = one.exchange.request.segments.last()
            {
                let collection = resources.collection(&one.place.template, path_of(one));
                first.known.entry((&one.place.template, collection, last)).or_insert(number);
            }
            if !one.exchange.is_ok() {
                continue;
            }
            let reads = &*one.place.method == "GET";
            for (place, value) in one.exchange.json().map(leaves).unwrap_or_default() {
                let Some(text) = as_segment(value) else { continue };
                let Some((text, templates)) = flow.get_key_value(text.as_str()) else { continue };
                let name = place.last().and_then(PointerStep::member);
                // Numbers are ids of many things: the item itself shows it, or what lists it.
                let from = &one.place.template;
                let named = |template: &&&SiteTemplate| {
                    let near = || {
                        **template == from
                            || template.is_item_of(from)
                            || template.is_item_near(from)
                    };
                    // What no reading is shows an id that is nobody else's.
                    (if reads { near() } else { text.len() >= RANDOM_BYTES_MIN })
                        && name.is_some()
                        && items.get(**template).and_then(|i| i.id.as_deref()) == name
                };
                for template in templates.iter().filter(named) {
                    let collection = resources.collection(template, path_of(one));
                    first.known.entry((template, collection, text)).or_insert(number);
                }
            }
        }
        first
    }

    /// Whether an id was not known before an exchange.
    #[must_use]
    pub fn is_new(
        &self,
        resources: &Resources,
        (item, id): (&SiteTemplate, &str),
        seen: &Seen,
    ) -> bool {
        let number = self.numbers.get(&Arc::as_ptr(&seen.exchange));
        let known = self.known.get(&(item, resources.collection(item, path_of(seen)), id));
        known.is_none_or(|known| number.is_some_and(|number| known >= number))
    }
}

fn path_of(seen: &Seen) -> &[String] {
    &seen.exchange.request.segments
}
