//! Finds the members of bodies that name items: by the flow of values, or by what they are called.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::first_sight::Flow;
use super::pointer::{Pointer, PointerStep, as_segment, leaves};
use super::resources::{Item, Resources};
use super::site_place::{Seen, SitePlace};
use super::template::SiteTemplate;

/// Bytes and times from which a member of a body is a reference, and the share of its values.
const REFERENCE_BYTES_MIN: usize = 8;
const REFERENCE_TIMES_MIN: u32 = 3;
const REFERENCE_SHARE: f64 = 0.8;

/// What members may be called that name the items of a kind: `userId`, `user_id` and `user` those
/// of `/users/{}`; `run_id` those that have a `run_id` themselves.
struct ItemNames<'r> {
    item: &'r SiteTemplate,
    /// What their own id is called, unless that is `id`.
    id: Option<String>,
    /// What many and one of them are called.
    nouns: Option<[String; 2]>,
}

/// A name without case and joints.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-'], "")
}

impl<'r> ItemNames<'r> {
    fn of((item, known): (&'r SiteTemplate, &Item)) -> Self {
        let noun = item.noun().map(plain);
        let nouns = noun.map(|many| {
            let one = many.strip_suffix("ies").map(|stem| format!("{stem}y"));
            let one = one.unwrap_or_else(|| many.strip_suffix('s').unwrap_or(&many).to_owned());
            [many, one]
        });
        Self { item, id: known.id.as_deref().map(plain).filter(|id| id != "id"), nouns }
    }

    /// Whether a plain name is one of theirs.
    fn hold(&self, name: &str) -> bool {
        let stem = name.strip_suffix("id").unwrap_or(name);
        let is_noun = |nouns: &[String; 2]| !stem.is_empty() && nouns.iter().any(|n| n == stem);
        self.id.as_deref() == Some(name) || self.nouns.as_ref().is_some_and(is_noun)
    }
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
    let names: Vec<ItemNames<'_>> = resources.items.iter().map(ItemNames::of).collect();
    let writes = |seen: &&Seen| matches!(&*seen.place.method, "POST" | "PUT" | "PATCH");
    for seen in seen.iter().filter(|seen| seen.exchange.is_ok()).filter(writes) {
        let request = &seen.exchange.request;
        for (at, value) in request.body.json().map(leaves).unwrap_or_default() {
            let Some(text) = as_segment(value).filter(|_| !at.is_empty()) else { continue };
            let is_long = value.is_string() && text.len() >= REFERENCE_BYTES_MIN;
            let name = at.last().and_then(PointerStep::member).map(plain);
            let of_name = |names: &&ItemNames<'_>| name.as_deref().is_some_and(|n| names.hold(n));
            let named: Vec<&SiteTemplate> =
                names.iter().filter(of_name).map(|names| names.item).collect();
            if !is_long && named.is_empty() {
                continue;
            }
            *totals.entry((Arc::clone(&seen.place), at.clone())).or_default() += 1;
            if request.segments.contains(&text) {
                continue;
            }
            for item in flow.get(text.as_str()).into_iter().flatten() {
                if item.fits(&seen.place.template) && (is_long || named.contains(item)) {
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
