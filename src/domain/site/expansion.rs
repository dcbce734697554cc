//! Parameters that ask for more of an item: `?include=author`, `?_embed=comments`,
//! `?expand=customer`. What they add stands in the item where it was asked for, and nowhere else:
//! the entity that a member names, or those that name the item.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::lists::asked;
use super::selection::choices;
use crate::domain::world::pointer::{as_segment, is_written};
use crate::domain::world::{
    EmbeddedRows, EntityKey, Request, Resources, Seen, SiteTemplate, World, below, objects,
    single_kinds,
};

/// Objects with a member and without that must be there, and the share of either that must agree
/// with what was asked for.
const OBJECTS_MIN: u32 = 3;
const AGREED_SHARE: f64 = 0.9;

/// Objects of one kind, and rows of one list, that are looked at.
const OBJECTS_MAX: usize = 2_000;
const ROWS_MAX: usize = 8;

/// Words of a wish.
const WORD_BYTES_MAX: usize = 40;

/// What one word of a parameter adds to items of a kind.
#[derive(Debug, Clone)]
pub struct Expansion {
    /// The member that is added.
    member: Box<str>,
    /// The parameters and words that ask for it.
    asked_by: Wishes,
    /// Of what it is made; where that is not known it is what was seen.
    source: Option<ExpansionSource>,
}

/// Of what an added member is made.
#[derive(Debug, Clone)]
enum ExpansionSource {
    /// The entities that name the item, or lie below it.
    Rows(EmbeddedRows),
    /// The entity of a kind that a member of the item names.
    Named(Box<str>, SiteTemplate),
}

/// A parameter with one of its words.
type Wish = (Box<str>, Box<str>);

/// What a request asks for.
pub type Wishes = BTreeSet<Wish>;

/// The wishes of a request.
#[must_use]
pub fn wishes(request: &Request) -> Wishes {
    if request.query.is_empty() {
        return Wishes::new();
    }
    let request = asked(request, &[]);
    let mut found = Wishes::new();
    for (name, words) in choices(&request) {
        let words = words.into_iter().filter(|word| word.len() <= WORD_BYTES_MAX);
        found.extend(words.map(|word| (name.as_str().into(), word.into())));
    }
    found
}

/// An object that an answer showed, with what was asked for.
struct Shown<'s> {
    wishes: &'s Wishes,
    key: EntityKey,
    object: &'s Map<String, Value>,
}

/// Finds what parameters add to items, by kind.
#[must_use]
pub fn learn_expansions(
    resources: &Resources,
    world: &World,
    seen: &[Seen],
) -> FxHashMap<SiteTemplate, Vec<Expansion>> {
    let reads = |one: &&Seen| one.exchange.is_ok() && one.exchange.request.reads();
    let all: Vec<(Wishes, &Seen)> =
        seen.iter().filter(reads).map(|one| (wishes(&one.exchange.request), one)).collect();
    let mut kinds: BTreeMap<&SiteTemplate, Vec<Shown<'_>>> = BTreeMap::new();
    for (wishes, one) in &all {
        let (request, document) = (&one.exchange.request, one.exchange.json());
        if let Some(listing) = resources.lists.get(&one.place) {
            let kind = resources.canonical(&listing.item);
            let collection = resources.collection(&listing.item, &request.segments);
            for (id, object) in resources.rows(listing, document).into_iter().take(ROWS_MAX) {
                let key = EntityKey { collection: collection.clone(), id: id.into() };
                kinds.entry(kind).or_default().push(Shown { wishes, key, object });
            }
        } else if resources.is_about_item(&one.place)
            && let Some(key) = resources.key(&request.segments)
            && let Some(object) = resources.entity(&one.place.template, document, None)
        {
            let kind = resources.canonical(&one.place.template);
            kinds.entry(kind).or_default().push(Shown { wishes, key, object });
        }
    }
    let mut found = FxHashMap::default();
    for (kind, mut shown) in kinds {
        if shown.iter().all(|one| one.wishes.is_empty()) {
            continue;
        }
        shown.truncate(OBJECTS_MAX);
        let added = of_kind(resources, world, kind, &shown);
        if !added.is_empty() {
            found.insert(kind.clone(), added);
        }
    }
    found
}

fn of_kind(
    resources: &Resources,
    world: &World,
    kind: &SiteTemplate,
    shown: &[Shown<'_>],
) -> Vec<Expansion> {
    let is_whole = |(_, value): &(&String, &Value)| value.is_object() || value.is_array();
    let mut members: BTreeSet<&str> = BTreeSet::new();
    // How often each wish was had, and with which members.
    let mut asked: BTreeMap<&Wish, u32> = BTreeMap::new();
    let mut had: BTreeMap<(&str, &Wish), u32> = BTreeMap::new();
    for one in shown {
        let own = one.object.iter().filter(is_whole);
        members.extend(own.map(|(name, _)| name.as_str()));
        for wish in one.wishes {
            *asked.entry(wish).or_default() += 1;
            for name in one.object.keys() {
                *had.entry((name, wish)).or_default() += 1;
            }
        }
    }
    let mut found = Vec::new();
    for member in members {
        let has = |one: &&Shown<'_>| one.object.contains_key(member);
        let (mut with, mut plain, mut odd) = (0_u32, 0_u32, 0_u32);
        let adds = |(wish, asked): &(&&Wish, &u32)| {
            let had = had.get(&(member, **wish)).copied().unwrap_or(0);
            **asked >= OBJECTS_MIN && f64::from(had) >= AGREED_SHARE * f64::from(**asked)
        };
        let asked_by: Wishes = asked.iter().filter(adds).map(|(wish, _)| (*wish).clone()).collect();
        // The word that names the member, where others came with it by chance.
        let is_named = |wish: &&Wish| *wish.1 == *member;
        let named: Wishes = asked_by.iter().filter(is_named).cloned().collect();
        let asked_by = if named.is_empty() { asked_by } else { named };
        for one in shown {
            let asks = asked_by.iter().any(|wish| one.wishes.contains(wish));
            match (asks, has(&one)) {
                (true, _) => with += 1,
                (false, false) => plain += 1,
                (false, true) => odd += 1,
            }
        }
        let is_asked = with >= OBJECTS_MIN && plain >= OBJECTS_MIN;
        if is_asked && f64::from(odd) <= (1.0 - AGREED_SHARE) * f64::from(plain) {
            let own: Vec<&Shown<'_>> = shown.iter().filter(has).collect();
            let source = source(resources, world, kind, (member, &own));
            found.push(Expansion { member: member.into(), asked_by, source });
        }
    }
    found
}

/// Of what the values of a member are made: of entities that are there.
fn source(
    resources: &Resources,
    world: &World,
    kind: &SiteTemplate,
    (member, shown): (&str, &[&Shown<'_>]),
) -> Option<ExpansionSource> {
    let is_array = shown.iter().all(|one| one.object.get(member).is_some_and(Value::is_array));
    let views =
        shown.iter().flat_map(|one| objects(&one.object[member]).map(move |view| (*one, view)));
    let views: Vec<(&Shown<'_>, &Map<String, Value>)> = views.collect();
    for (item, collection) in single_kinds(resources) {
        let Some(id) = resources.id_member(&item) else { continue };
        let is_there = |view: &Map<String, Value>, collection: &str| {
            let named = view.get(id).and_then(as_segment);
            named.is_some_and(|named| {
                let key = EntityKey { collection: collection.into(), id: named.into() };
                world.entity(&key).is_some()
            })
        };
        if views.is_empty() || !views.iter().all(|(_, view)| is_there(view, &collection)) {
            continue;
        }
        if is_array {
            let names = |by: &str| {
                views.iter().all(|(one, view)| {
                    view.get(by).is_some_and(|value| is_written(value, &one.key.id))
                })
            };
            let by = views[0].1.keys().find(|by| names(by))?;
            let members = views.iter().flat_map(|(_, view)| view.keys());
            return Some(ExpansionSource::Rows(EmbeddedRows {
                members: members.map(|name| name.as_str().into()).collect(),
                item,
                by: Some(by.as_str().into()),
                is_reversed: false,
                told_by: None,
            }));
        }
        let names = |by: &str| {
            views.iter().all(|(one, view)| {
                let named = view.get(id).and_then(as_segment);
                one.object.get(by).is_some_and(|value| {
                    named.as_deref().is_some_and(|named| is_written(value, named))
                })
            })
        };
        let by = shown[0].object.keys().find(|by| names(by))?;
        return Some(ExpansionSource::Named(by.as_str().into(), item));
    }
    below_it(resources, world, kind, (member, shown))
}

/// Rows that lie below the item.
fn below_it(
    resources: &Resources,
    world: &World,
    kind: &SiteTemplate,
    (member, shown): (&str, &[&Shown<'_>]),
) -> Option<ExpansionSource> {
    let mut children: Vec<&SiteTemplate> =
        resources.items.keys().filter(|child| child.lies_below(kind)).collect();
    children.sort();
    children.into_iter().find_map(|child| {
        let id = resources.id_member(child)?;
        let mut members = rustc_hash::FxHashSet::default();
        for one in shown {
            let collection = below(&one.key, child);
            for view in objects(one.object.get(member)?) {
                let key = EntityKey {
                    collection: collection.clone(),
                    id: as_segment(view.get(id)?)?.into(),
                };
                world.entity(&key)?;
                members.extend(view.keys().map(|name| Box::from(name.as_str())));
            }
        }
        let rows = EmbeddedRows {
            item: child.clone(),
            by: None,
            is_reversed: false,
            members,
            told_by: None,
        };
        (!rows.members.is_empty()).then_some(ExpansionSource::Rows(rows))
    })
}

/// Adds to an item what a request asks for, and takes away what it does not.
pub fn expand(
    expansions: &[Expansion],
    (resources, world): (&Resources, &World),
    wishes: &Wishes,
    (key, object): (&EntityKey, &mut Map<String, Value>),
) {
    for one in expansions {
        if !one.asked_by.iter().any(|wish| wishes.contains(wish)) {
            object.remove(&*one.member);
            continue;
        }
        let value = match &one.source {
            None => continue,
            Some(ExpansionSource::Rows(rows)) => Some(rows.rows(resources, world, key)),
            Some(ExpansionSource::Named(by, item)) => {
                object.get(&**by).and_then(as_segment).and_then(|id| {
                    let collection = resources.collection(item, &[]);
                    let held = world.living(&EntityKey { collection, id: id.into() });
                    held.and_then(|held| held.object.as_deref().cloned().map(Value::Object))
                })
            }
        };
        match value {
            Some(value) => _ = object.insert(one.member.to_string(), value),
            None => _ = object.remove(&*one.member),
        }
    }
}
