//! Writes that move an item to another id: the body names the new one, the answer shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::pointer::as_segment;
use super::resources::{Resources, last_segment};
use super::site_place::{Seen, SitePlace};

/// Moves from which a write is believed to move.
const MOVES_MIN: u32 = 2;

/// The id that a body names: as the member that is the id, or at the end of a path.
#[must_use]
pub fn new_id(sent: &Map<String, Value>, id: &str, shown: Option<&str>) -> Option<String> {
    let fits = |new: &String| shown.is_none_or(|shown| shown == new.as_str());
    let named = sent.get(id).and_then(as_segment).filter(fits);
    let paths = || sent.values().filter_map(Value::as_str).filter(|text| text.contains('/'));
    named.or_else(|| paths().filter_map(last_segment).find(fits))
}

/// Finds the writes that move items.
pub fn learn_renames(resources: &mut Resources, seen: &[Seen]) {
    let mut moves: BTreeMap<Arc<SitePlace>, u32> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let (request, template) = (&one.exchange.request, &one.place.template);
        if request.reads() || !resources.is_about_item(&one.place) {
            continue;
        }
        let name = resources.items.get(template).and_then(|item| item.id.as_deref());
        let shown = resources.entity(template, one.exchange.json(), None);
        let sent = resources.sent(&one.place, &request.body);
        let (Some(name), Some(shown), Some(sent)) = (name, shown, sent) else { continue };
        let Some(new) = shown.get(name).and_then(as_segment) else { continue };
        let was = request.segments.last();
        if was.is_some_and(|was| *was != new) && self::new_id(sent, name, Some(&new)).is_some() {
            *moves.entry(Arc::clone(&one.place)).or_default() += 1;
        }
    }
    let often = moves.into_iter().filter(|(_, times)| *times >= MOVES_MIN);
    resources.movers = often.map(|(place, _)| place).collect();
}
