//! Finds the members of bodies that name items: by the flow of values, or by what they are called.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::first_sight::Flow;
use super::pointer::{Pointer, PointerStep, as_segment, leaves};
use super::resources::Resources;
use super::site_place::{Seen, SitePlace};
use super::template::SiteTemplate;

/// Bytes and times from which a member of a body is a reference, and the share of its values.
const REFERENCE_BYTES_MIN: usize = 8;
const REFERENCE_TIMES_MIN: u32 = 3;
const REFERENCE_SHARE: f64 = 0.8;

/// Whether a member is called like what names items of a kind: `userId`, `user_id` and `user` those
/// of `/users/{}`; `run_id` those that have a `run_id` themselves.
fn names_item(resources: &Resources, at: &Pointer, item: &SiteTemplate) -> bool {
    let Some(name) = at.last().and_then(PointerStep::member) else { return false };
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let name = plain(name);
    let own = resources.items.get(item).and_then(|item| item.id.as_deref());
    if own.is_some_and(|own| plain(own) == name) && name != "id" {
        return true;
    }
    let Some(noun) = item.noun().map(plain) else { return false };
    let stem = name.strip_suffix("id").unwrap_or(&name);
    let one = noun.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let one = one.unwrap_or_else(|| noun.strip_suffix('s').unwrap_or(&noun).to_owned());
    !stem.is_empty() && (stem == one || stem == noun)
}

/// Members of the bodies of writes that name items.
#[must_use]
pub fn references(
    resources: &Resources,
    flow: &Flow<'_>,
    seen: &[Seen],
) -> FxHashMap<(Arc<SitePlace>, Pointer), SiteTemplate> {
    let mut totals: FxHashMap<(Arc<SitePlace>, Pointer), u32> = FxHashMap::default();
    let mut hits: BTreeMap<(Arc<SitePlace>, Pointer, &SiteTemplate), u32> = BTreeMap::new();
    let writes = |seen: &&Seen| matches!(&*seen.place.method, "POST" | "PUT" | "PATCH");
    for seen in seen.iter().filter(|seen| seen.exchange.is_ok()).filter(writes) {
        let request = &seen.exchange.request;
        for (at, value) in request.body.json().map(leaves).unwrap_or_default() {
            let Some(text) = as_segment(value).filter(|_| !at.is_empty()) else { continue };
            let is_long = value.is_string() && text.len() >= REFERENCE_BYTES_MIN;
            let names = |item: &SiteTemplate| names_item(resources, &at, item);
            if !is_long && !resources.items.keys().any(names) {
                continue;
            }
            *totals.entry((Arc::clone(&seen.place), at.clone())).or_default() += 1;
            if request.segments.contains(&text) {
                continue;
            }
            for item in flow.get(text.as_str()).into_iter().flatten() {
                if item.fits(&seen.place.template) && (is_long || names(item)) {
                    *hits.entry((Arc::clone(&seen.place), at.clone(), item)).or_default() += 1;
                }
            }
        }
    }
    hits.into_iter()
        .filter(|((place, at, _), n)| {
            let all = totals.get(&(Arc::clone(place), at.clone())).copied().unwrap_or(0);
            *n >= REFERENCE_TIMES_MIN && f64::from(*n) >= REFERENCE_SHARE * f64::from(all)
        })
        .map(|((place, at, item), _)| ((place, at), item.clone()))
        .collect()
}
