//! Finds the members of entities that say whose they are: the id of whoever made them.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::own_path::Askers;
use super::pointer::is_written;
use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Creations by different people that must show it, and their share of all.
const MADE_MIN: u32 = 3;
const PEOPLE_MIN: usize = 2;
const OWN_SHARE: f64 = 0.9;

/// Creations of one kind by people who are known, and what of them is the maker's id.
#[derive(Default)]
struct Votes<'s> {
    all: u32,
    members: BTreeMap<&'s str, (u32, FxHashSet<&'s str>)>,
}

/// Learns of each kind which member holds the id of who made it.
pub fn learn_owners(resources: &mut Resources, askers: &Askers, seen: &[Seen]) {
    let mut votes: BTreeMap<SiteTemplate, Votes<'_>> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let Some(make) = resources.makes.get(&one.place) else { continue };
        let credential = one.exchange.request.credential.as_ref();
        let Some((_, who)) = credential.and_then(|sent| askers.get(&sent.token)) else { continue };
        let Some(object) = resources.entity(&make.item, one.exchange.json(), None) else {
            continue;
        };
        let id = resources.id_member(&make.item);
        let votes = votes.entry(make.item.clone()).or_default();
        votes.all += 1;
        let named = object.iter().filter(|(name, _)| Some(name.as_str()) != id);
        for (name, _) in named.filter(|(_, value)| is_written(value, &who.id)) {
            let (times, people) = votes.members.entry(name).or_default();
            *times += 1;
            people.insert(&who.id);
        }
    }
    let owners = votes.into_iter().filter_map(|(template, votes)| {
        let is_owner = |(_, (times, people)): &(&str, (u32, FxHashSet<&str>))| {
            *times >= MADE_MIN
                && people.len() >= PEOPLE_MIN
                && f64::from(*times) >= OWN_SHARE * f64::from(votes.all)
        };
        let (name, _) = votes.members.into_iter().find(is_owner)?;
        Some((template, name.into()))
    });
    resources.owners = owners.collect();
}
