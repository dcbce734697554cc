//! Which values of a creation may be the id of what it creates, and who chooses it.

use std::collections::BTreeMap;

use super::pointer::{Pointer, PointerStep, as_segment, at, is_written, last_member, leaves};
use super::resources::{IdPlace, Resources};
use super::site_place::{Seen, SitePlace};
use super::template::SiteTemplate;

/// Bytes from which a value names one thing: `1` would connect everything.
pub(super) const TELLING_BYTES_MIN: usize = 6;

/// Bytes from which two equal values are not so by chance.
pub(super) const RANDOM_BYTES_MIN: usize = 16;

/// Deepest place of an id in an answer.
pub(super) const ID_DEPTH_MAX: usize = 3;

/// Share of answers that must show the id of a creation directly below, and elsewhere.
pub(super) const OWN_SHARE: f64 = 0.3;
pub(super) const OTHER_SHARE: f64 = 0.8;

/// Times from which a request may choose the id.
const GIVEN_TIMES_MIN: u32 = 2;

/// Whether a place is called like the items, and an answer's member like their id.
#[must_use]
pub fn is_called_alike(
    resources: &Resources,
    item: &SiteTemplate,
    id: &IdPlace,
    place: &SitePlace,
) -> bool {
    let IdPlace::Body(at) = id else { return false };
    let shown = at.last().and_then(PointerStep::member);
    let own = resources.items.get(item).and_then(|item| item.id.as_deref());
    let nouns = item.noun().zip(place.template.noun());
    shown.is_some()
        && shown == own
        && nouns.is_some_and(|(items, posted)| items.eq_ignore_ascii_case(posted))
}

/// Whether a place is that of the items' id.
#[must_use]
pub fn is_id(resources: &Resources, item: &SiteTemplate, id: &IdPlace) -> bool {
    let (IdPlace::Body(at) | IdPlace::Sent(at)) = id else { return false };
    let name = at.last().and_then(PointerStep::member);
    name.is_some() && name == resources.items.get(item).and_then(|item| item.id.as_deref())
}

/// Whether a short value may be an id: it is called as that of the items, or as ids are.
#[must_use]
pub fn may_be_id(resources: &Resources, item: &SiteTemplate, id: &IdPlace) -> bool {
    let (IdPlace::Body(at) | IdPlace::Sent(at)) = id else { return true };
    let known = resources.items.get(item).and_then(|item| item.id.as_deref());
    let is_called = |name: &str| name.to_ascii_lowercase().ends_with("id");
    known.is_none() || is_id(resources, item, id) || last_member(at).is_some_and(is_called)
}

/// Where a request may choose the id: what stands there became the id whenever it stood there.
#[must_use]
pub fn given(id: &IdPlace, good: &[&Seen]) -> Option<Pointer> {
    let shown = match id {
        IdPlace::Sent(place) => return Some(place.clone()),
        IdPlace::Body(place) => place,
        IdPlace::Location => return None,
    };
    let mut votes: BTreeMap<Pointer, (u32, u32)> = BTreeMap::new();
    for seen in good {
        let new = seen.exchange.json().and_then(|document| as_segment(at(document, shown)?));
        let sent = seen.exchange.request.body.json().map(leaves).unwrap_or_default();
        for (place, value) in sent.into_iter().filter(|(place, _)| place.len() <= ID_DEPTH_MAX) {
            let is_it = new.as_deref().is_some_and(|new| is_written(value, new));
            let counts = votes.entry(place).or_default();
            counts.0 += u32::from(is_it);
            counts.1 += 1;
        }
    }
    let always = votes.into_iter().filter(|(_, (hits, all))| {
        *hits >= GIVEN_TIMES_MIN && f64::from(*hits) >= OTHER_SHARE * f64::from(*all)
    });
    always.max_by_key(|(_, (hits, _))| *hits).map(|(place, _)| place)
}
