//! Walks through the tape twice: who was there from the start, then what held for each request.

use std::sync::Arc;

use super::cause_finder::{CauseFinder, Subject};
use super::counted::Counted;
use super::derived::Derived;
use super::endpoint::EndpointKnowledge;
use super::find_resources::show_own_paths;
use super::note_asker::note_asker;
use super::part_views::PartViews;
use super::snapshot::{Snapshot, snapshot};
use super::visibility::owners;
use crate::domain::outcome::{Cause, Causes, Credential, Truths, Validator};
use crate::domain::world::observe::accepted_mark;
use crate::domain::world::{Cascades, Entity, EntityKey, Resources, Seen, SitePlace, World};
use rustc_hash::FxHashMap;

/// Numeric ids from which a range without gaps is believed, and the share of it that was seen.
const DENSE_IDS_MIN: usize = 10;
const DENSE_SHARE: f64 = 0.8;

/// Exchanges that are kept as showing one entity.
const SHOWN_BY_MAX: usize = 3;

/// What the walk found.
pub struct Walk {
    /// What held for each exchange.
    pub truths: Vec<Truths>,
    /// The collections of lists, by the number of the exchange.
    pub snapshots: FxHashMap<u32, Snapshot>,
    /// Who made their rows.
    pub owners: FxHashMap<u32, Vec<Option<u64>>>,
    /// The world after all exchanges.
    pub world: World,
}

/// Walks through all exchanges; completes what the resources say about existence.
pub fn walk(
    resources: &mut Resources,
    endpoints: &FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    causes: &mut Causes,
    seen: &[Seen],
) -> Walk {
    let (first, arrivals) = first_pass(resources, seen);
    let mut world = seeded_world(resources, &first, arrivals);
    know_static_keys(&mut world, resources, &first, seen);
    let nobody = EndpointKnowledge::default();
    // What HTTP says itself, and what is borrowed from elsewhere, has a number though never met.
    for cause in [
        Cause::Credential(Credential::None),
        Cause::Credential(Credential::Strange),
        Cause::Owner(false),
        Cause::Parent(false),
        Cause::Entity(false),
        Cause::Entity(true),
        Cause::BodyUnparsable,
        Cause::BodyForeign,
        Cause::Condition(Validator::NoneMatchHit),
        Cause::Condition(Validator::NoneMatchMiss),
        Cause::Condition(Validator::MatchHit),
        Cause::Condition(Validator::MatchMiss),
    ] {
        causes.number(cause);
    }
    let mut truths = Vec::with_capacity(seen.len());
    let (mut counted, mut derived) = (Counted::of(resources), Derived::of(resources));
    let mut parts = PartViews::of(resources);
    let (mut snapshots, mut owned) = (FxHashMap::default(), FxHashMap::default());
    for (number, one) in seen.iter().enumerate() {
        if let Some(listing) = resources.lists.get(&one.place) {
            let request = &one.exchange.request;
            let collection = resources.collection(&listing.item, &request.segments);
            let is_view = resources.views.contains(&one.place);
            let rows = snapshot(&world, &collection, is_view, &listing.id);
            let kind = (&listing.item, &*collection);
            let whose = owners((&world, resources), kind, &rows, request);
            owned.insert(number as u32, whose);
            snapshots.insert(number as u32, rows);
        }
        let endpoint = endpoints.get(&one.place).unwrap_or(&nobody);
        let subject = Subject {
            request: &one.exchange.request,
            place: &one.place,
            training: Some((number as u32, one.exchange.is_ok())),
        };
        let mut held = Truths::default();
        CauseFinder { resources, endpoint, world: &world, veil: None }.truths(
            subject,
            &mut |cause| {
                if let Some(number) = causes.number(cause) {
                    held.insert(number);
                }
            },
        );
        truths.push(held);
        counted.compare(resources, &world, one);
        derived.compare(resources, &world, one);
        parts.compare(resources, &world, one);
        world.observe(resources, one, true);
        note_asker(resources, &mut world, None, one);
    }
    counted.tell(resources);
    derived.tell(resources);
    parts.tell(resources);
    show_own_paths(resources);
    Walk { truths, snapshots, owners: owned, world }
}

/// Requests with credentials that were never accepted from which a backend knows its own.
const STRANGERS_MIN: u32 = 3;

/// Credentials that no answer issued and that were accepted more than once are known from the
/// start, where others are refused: they were there before anybody asked. Where none is, whoever
/// comes is welcome.
fn know_static_keys(world: &mut World, resources: &Resources, last: &World, seen: &[Seen]) {
    let mut accepted: FxHashMap<u64, u32> = FxHashMap::default();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let sent = one.exchange.request.credential.as_ref();
        if let Some(sent) = sent.filter(|_| resources.guarded.contains(&one.place)) {
            *accepted.entry(sent.token).or_default() += 1;
        }
    }
    let is_stranger = |one: &&Seen| {
        let sent = one.exchange.request.credential.as_ref();
        one.exchange.status == 401 && sent.is_some_and(|sent| !accepted.contains_key(&sent.token))
    };
    if (seen.iter().filter(is_stranger).count() as u32) < STRANGERS_MIN {
        return;
    }
    let is_static = |(token, times): &(u64, u32)| *times > 1 && last.issued(*token).is_none();
    for (token, _) in accepted.into_iter().filter(is_static) {
        world.set_mark(accepted_mark(token), None);
    }
}

/// Entities that an exchange names or shows.
fn named(resources: &Resources, one: &Seen) -> Vec<EntityKey> {
    let exchange = &one.exchange;
    let request = &exchange.request;
    if !exchange.is_ok() {
        return Vec::new();
    }
    if resources.is_about_item(&one.place) {
        return resources.key(&request.segments).into_iter().collect();
    }
    if let Some(listing) = resources.lists.get(&one.place) {
        let collection = resources.collection(&listing.item, &request.segments);
        let rows = resources.rows(listing, exchange.json());
        let is_item = resources.items.contains_key(&one.place.template);
        let own = is_item.then(|| resources.key(&request.segments)).flatten();
        let key = |id: String| EntityKey { collection: collection.clone(), id: id.into() };
        return rows.into_iter().map(|(id, _)| key(id)).chain(own).collect();
    }
    let Some(make) = resources.makes.get(&one.place) else { return Vec::new() };
    let collection = resources.collection(&make.item, &request.segments);
    if resources.batch(&one.place, request).is_some() {
        return Vec::new();
    }
    let id = resources.created_id(make, exchange);
    id.map(|id| EntityKey { collection, id: id.into() }).into_iter().collect()
}

/// Which entities were there from the start, in the order of first sight; the last world.
fn first_pass(resources: &mut Resources, seen: &[Seen]) -> (World, Vec<EntityKey>) {
    let mut world = World::default();
    let mut arrivals = Vec::new();
    let mut cascades = Cascades::of(resources);
    for (number, one) in seen.iter().enumerate() {
        let keys = named(resources, one);
        let unknown: Vec<bool> = keys.iter().map(|key| world.entity(key).is_none()).collect();
        cascades.look(resources, &world, one);
        world.observe(resources, one, false);
        let reads = &*one.place.method == "GET" || resources.is_list(&one.place);
        for (key, is_new) in keys.into_iter().zip(unknown) {
            if is_new
                && reads
                && world.entity(&key).is_some()
                && resources.seeded.insert(key.clone())
            {
                arrivals.push(key.clone());
            }
            let shows = reads || resources.items.contains_key(&one.place.template);
            let by = resources.shown_by.entry(key).or_default();
            if shows && by.len() < SHOWN_BY_MAX {
                by.push(number as u32);
            }
        }
    }
    cascades.tell(resources);
    (world, arrivals)
}

/// The world at the start: what was there before anybody wrote, and ranges of ids without gaps.
fn seeded_world(resources: &mut Resources, last: &World, mut arrivals: Vec<EntityKey>) -> World {
    arrivals.sort_by_key(|key| (key.collection.clone(), key.id.parse::<u64>().unwrap_or(0)));
    let mut world = World::default();
    let mut numbers: FxHashMap<Box<str>, Vec<u64>> = FxHashMap::default();
    for key in arrivals {
        if let Ok(number) = key.id.parse() {
            numbers.entry(key.collection.clone()).or_default().push(number);
        }
        let object = last.entity(&key).and_then(|entity| entity.object.clone());
        world.put(key, Entity { object, is_seeded: true, ..Entity::default() });
    }
    for (collection, numbers) in numbers {
        let (Some(&lo), Some(&hi)) = (numbers.iter().min(), numbers.iter().max()) else { continue };
        let range = (hi - lo + 1) as f64;
        if numbers.len() >= DENSE_IDS_MIN && numbers.len() as f64 >= DENSE_SHARE * range {
            resources.dense.insert(collection, (lo, hi));
        }
    }
    world
}
