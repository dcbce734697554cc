//! Others of what is to be made: who names the same item, and in which state they are.

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::asker_words::words_of;
use crate::domain::outcome::Cause;
use crate::domain::world::{Request, Resources, SitePlace, World};

/// Others that are looked at, the newest.
const RIVALS_MAX: usize = 64;

/// Gives the words of the entities that name in a member what the request does.
pub fn rivals(
    resources: &Resources,
    world: &World,
    (place, request): (&SitePlace, &Request),
    (member, value): (&str, &Value),
    put: &mut dyn FnMut(Cause),
) {
    let Some(make) = resources.makes.get(place) else { return };
    let collection = resources.collection(&make.item, &request.segments);
    let mut told: FxHashSet<(String, String)> = FxHashSet::default();
    let held = world.rows(&collection).filter_map(|(_, held)| held.object.as_deref());
    let mut same: Vec<_> = held.filter(|object| object.get(member) == Some(value)).collect();
    for object in same.drain(..).rev().take(RIVALS_MAX) {
        told.extend(words_of(object));
    }
    let mut told: Vec<(String, String)> = told.into_iter().collect();
    told.sort_unstable();
    for (name, word) in told {
        put(Cause::Rival(member.into(), name.into(), word.into()));
    }
}
