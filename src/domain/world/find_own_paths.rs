//! Finds whose entities credentials belong to, by what a login says, and the paths at which
//! whoever asks finds their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::entity::EntityKey;
use super::find_holders::shown;
use super::form::is_token;
use super::message::{SiteExchange, fingerprint};
use super::own_path::{Askers, OwnPath};
use super::pointer::{as_segment, at, leaves};
use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Readings that must show the asker's own entity, different ones among them, and the share of all.
const READINGS_MIN: u32 = 3;
const ENTITIES_MIN: usize = 2;
const OWN_SHARE: f64 = 0.8;

/// Credentials that stand in an answer, as keyed hashes.
pub fn issued_by(exchange: &SiteExchange) -> Vec<u64> {
    let told = exchange.json().map(leaves).unwrap_or_default();
    let texts = told.into_iter().filter_map(|(_, value)| value.as_str());
    let tokens = texts.filter(|text| is_token(text)).map(|text| fingerprint(&[text]));
    tokens.chain(exchange.issued.iter().copied()).collect()
}

/// The kind and member by which a request names an entity, with the text that does.
#[must_use]
pub fn named<'r>(
    resources: &'r Resources,
    one: &'r Seen,
) -> Option<(&'r SiteTemplate, &'r str, &'r str)> {
    let body = one.exchange.request.body.json()?;
    resources.named_by.iter().find_map(|((place, pointer), (item, member))| {
        let text = (*place == one.place).then(|| at(body, pointer)?.as_str()).flatten()?;
        Some((item, &**member, text))
    })
}

/// Finds whose the issued credentials are: of the entity that the login named by what it holds.
#[must_use]
pub fn askers(resources: &Resources, seen: &[Seen]) -> Askers {
    let mut found = Askers::default();
    for one in seen.iter().filter(|one| one.exchange.is_ok() && !one.exchange.issued.is_empty()) {
        if let Some((item, key)) = account(resources, one) {
            let issued = one.exchange.issued.iter();
            found.extend(issued.map(|token| (*token, (item.clone(), key.clone()))));
        }
    }
    if !resources.named_by.is_empty() {
        find_named(resources, seen, &mut found);
    }
    find_shown(resources, seen, &mut found);
    found
}

/// The account that a registration made.
#[must_use]
pub fn account<'r>(resources: &'r Resources, one: &Seen) -> Option<(&'r SiteTemplate, EntityKey)> {
    let make = resources.makes.get(&one.place)?;
    let id = resources.created_id(make, &one.exchange)?;
    let collection = resources.collection(&make.item, &one.exchange.request.segments);
    Some((&make.item, EntityKey { collection, id: id.into() }))
}

/// A credential that somebody is shown of themselves is theirs, too: keys of an account.
fn find_shown(resources: &Resources, seen: &[Seen], found: &mut Askers) {
    let sent = seen.iter().filter_map(|one| one.exchange.request.credential.as_ref());
    let used: FxHashSet<u64> = sent.map(|sent| sent.token).collect();
    for one in seen.iter().filter(|one| one.exchange.is_ok() && one.exchange.request.reads()) {
        let sent = one.exchange.request.credential.as_ref();
        let Some((item, key)) = sent.and_then(|sent| found.get(&sent.token)).cloned() else {
            continue;
        };
        if resources.entity(&item, one.exchange.json(), Some(&key.id)).is_some() {
            let tokens = issued_by(&one.exchange).into_iter().filter(|token| used.contains(token));
            for token in tokens {
                found.entry(token).or_insert_with(|| (item.clone(), key.clone()));
            }
        }
    }
}

/// Of whom a login names.
fn find_named(resources: &Resources, seen: &[Seen], found: &mut Askers) {
    let mut holders: FxHashMap<(&SiteTemplate, &str, &str), EntityKey> = FxHashMap::default();
    let wanted: FxHashSet<(&SiteTemplate, &str)> =
        resources.named_by.values().map(|(item, member)| (item, &**member)).collect();
    for one in seen {
        for (item, key, object) in shown(resources, one) {
            for (_, member) in wanted.iter().filter(|(of, _)| *of == item) {
                if let Some(text) = object.get(*member).and_then(|value| value.as_str()) {
                    holders.insert((item, member, text), key.clone());
                }
            }
        }
    }
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let tokens = issued_by(&one.exchange);
        let Some((item, member, text)) = named(resources, one).filter(|_| !tokens.is_empty())
        else {
            continue;
        };
        if let Some(key) = holders.get(&(item, member, text)) {
            found.extend(tokens.into_iter().map(|token| (token, (item.clone(), key.clone()))));
        }
    }
}

/// Finds the paths of literals whose readings show the entity of whoever asks.
#[must_use]
pub fn own_paths(resources: &Resources, askers: &Askers, seen: &[Seen]) -> Vec<OwnPath> {
    #[derive(Default)]
    struct Votes {
        all: u32,
        own: u32,
        entities: FxHashSet<EntityKey>,
    }
    let mut votes: BTreeMap<(&SiteTemplate, &SiteTemplate), Votes> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok() && &*one.place.method == "GET") {
        let path = &one.place.template;
        let credential = one.exchange.request.credential.as_ref();
        let Some((item, key)) = credential.and_then(|sent| askers.get(&sent.token)) else {
            continue;
        };
        if path.variables() > 0 || item.variables() != 1 || resources.lists.contains_key(&one.place)
        {
            continue;
        }
        let votes = votes.entry((path, item)).or_default();
        votes.all += 1;
        if resources.entity(item, one.exchange.json(), Some(&key.id)).is_some() {
            votes.own += 1;
            votes.entities.insert(key.clone());
        }
    }
    let own = votes.into_iter().filter(|(_, votes)| {
        votes.own >= READINGS_MIN
            && votes.entities.len() >= ENTITIES_MIN
            && f64::from(votes.own) >= OWN_SHARE * f64::from(votes.all)
    });
    own.map(|((path, item), _)| OwnPath { path: path.clone(), item: item.clone() }).collect()
}

/// Who is shown themselves at such a path is known from then on: accounts that were there before
/// anybody registered.
pub fn recognise(resources: &Resources, own: &[OwnPath], seen: &[Seen], askers: &mut Askers) {
    for one in seen.iter().filter(|one| one.exchange.is_ok() && one.exchange.request.reads()) {
        let path = own.iter().find(|own| own.path == one.place.template);
        let sent = one.exchange.request.credential.as_ref();
        let Some((path, sent)) = path.zip(sent) else { continue };
        if let Some(key) = shown_account(resources, path, &one.exchange) {
            askers.entry(sent.token).or_insert_with(|| (path.item.clone(), key));
        }
    }
    find_shown(resources, seen, askers);
}

/// The account that an answer at an own path shows.
#[must_use]
pub fn shown_account(
    resources: &Resources,
    own: &OwnPath,
    exchange: &SiteExchange,
) -> Option<EntityKey> {
    let object = resources.entity(&own.item, exchange.json(), None)?;
    let id = as_segment(object.get(resources.id_member(&own.item)?)?)?;
    Some(EntityKey { collection: resources.collection(&own.item, &[]), id: id.into() })
}

/// The exchanges with requests to such paths read as what they stand for.
#[must_use]
pub fn read_own(
    own: &[OwnPath],
    askers: &Askers,
    exchanges: &[Arc<SiteExchange>],
) -> Vec<Arc<SiteExchange>> {
    let read = |exchange: &Arc<SiteExchange>| {
        let request = &exchange.request;
        let who = request.credential.as_ref().and_then(|sent| askers.get(&sent.token));
        let id = who.map(|(_, key)| &*key.id);
        match own.iter().find_map(|own| own.segments(&request.segments, id)) {
            None => Arc::clone(exchange),
            Some(segments) => exchange.reread(|request| {
                request.segments = segments;
                true
            }),
        }
    };
    exchanges.iter().map(read).collect()
}
