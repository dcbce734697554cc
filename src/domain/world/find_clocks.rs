//! Finds the members that follow the clock.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::clock_member::{ClockMember, passed};
use super::instant::unix_ms;
use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Readings of one kind of item that are compared, and rows of one list.
const READINGS_MAX: usize = 400;
const ROWS_MAX: usize = 12;

/// Times of an entity that are looked at, and the share of the readings that must have one.
const TIMES_MAX: usize = 5;
const TIME_SHARE: f64 = 0.8;

/// Different values of a member that follows the clock, and bytes of one.
const VALUES_MAX: usize = 6;
const VALUE_BYTES_MAX: usize = 64;

/// Entities that must show a value, and the share of the readings that must follow.
const ENTITIES_MIN: usize = 3;
const FOLLOW_SHARE: f64 = 0.95;

/// One reading: when, whose id, and the members.
type Reading<'r> = (i64, String, &'r Map<String, Value>);

/// Finds the members of each kind of item that follow the clock.
pub fn learn_clocks(resources: &mut Resources, seen: &[Seen]) {
    let mut readings: BTreeMap<SiteTemplate, Vec<Reading<'_>>> = BTreeMap::new();
    for one in seen.iter().rev().filter(|one| one.exchange.is_ok() && one.exchange.request.reads())
    {
        let (request, template) = (&one.exchange.request, &one.place.template);
        let mut note = |template: &SiteTemplate, id: String, object| {
            let own = readings.entry(template.clone()).or_default();
            if own.len() < READINGS_MAX {
                own.push((request.at_ms, id, object));
            }
        };
        if let Some(object) = resources.entity(template, one.exchange.json(), None) {
            note(template, request.segments.last().cloned().unwrap_or_default(), object);
        } else if let Some(listing) = resources.lists.get(&one.place) {
            for (id, row) in resources.rows(listing, one.exchange.json()).into_iter().take(ROWS_MAX)
            {
                note(&listing.item, id, row);
            }
        }
    }
    for (template, readings) in readings {
        let clocks = clocks(&readings);
        if let Some(item) = resources.items.get_mut(&template).filter(|_| !clocks.is_empty()) {
            item.clocks = clocks;
        }
    }
}

fn clocks(readings: &[Reading<'_>]) -> Vec<ClockMember> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    let mut values: BTreeMap<&str, BTreeMap<String, BTreeSet<&str>>> = BTreeMap::new();
    for (_, id, object) in readings {
        for (name, value) in *object {
            if unix_ms(value).is_some() {
                *times.entry(name).or_default() += 1;
                continue;
            }
            let known = values.entry(name).or_default();
            if known.len() <= VALUES_MAX && !value.is_number() {
                known.entry(value.to_string()).or_default().insert(id);
            }
        }
    }
    let often = |n: &usize| *n as f64 >= TIME_SHARE * readings.len() as f64;
    let times: Vec<Box<str>> =
        times.into_iter().filter(|(_, n)| often(n)).map(|(name, _)| name.into()).collect();
    let times = &times[..times.len().min(TIMES_MAX)];
    let singles = times.iter().map(|one| vec![one.clone()]);
    let pairs = times.iter().enumerate().flat_map(|(n, one)| {
        times[n + 1..].iter().map(move |other| vec![one.clone(), other.clone()])
    });
    let ways: Vec<Vec<Box<str>>> = singles.chain(pairs).collect();
    let candidates = values.into_iter().filter(|(_, known)| {
        (2..=VALUES_MAX).contains(&known.len()) && known.keys().all(|v| v.len() <= VALUE_BYTES_MAX)
    });
    candidates.filter_map(|(name, known)| best(name, &known, &ways, readings)).collect()
}

/// The times that a member follows best, where it follows any.
fn best(
    name: &str,
    known: &BTreeMap<String, BTreeSet<&str>>,
    ways: &[Vec<Box<str>>],
    readings: &[Reading<'_>],
) -> Option<ClockMember> {
    let mut best: Option<(usize, ClockMember)> = None;
    for times in ways {
        let mut counts: BTreeMap<usize, BTreeMap<String, usize>> = BTreeMap::new();
        let mut all = 0;
        for (now, _, object) in readings {
            let (Some(passed), Some(value)) = (passed(times, object, *now), object.get(name))
            else {
                continue;
            };
            *counts.entry(passed).or_default().entry(value.to_string()).or_default() += 1;
            all += 1;
        }
        let most = |counts: &BTreeMap<String, usize>| {
            counts.iter().max_by_key(|(_, n)| **n).map(|(text, n)| (text.clone(), *n))
        };
        let most: BTreeMap<usize, (String, usize)> =
            counts.iter().filter_map(|(class, counts)| Some((*class, most(counts)?))).collect();
        let hits: usize = most.values().map(|(_, n)| n).sum();
        let told: BTreeSet<&str> = most.values().map(|(text, _)| text.as_str()).collect();
        let is_shown = |text: &&str| known.get(*text).is_some_and(|ids| ids.len() >= ENTITIES_MIN);
        let follows = told.len() > 1
            && told.iter().all(is_shown)
            && hits as f64 >= FOLLOW_SHARE * f64::from(all);
        if !follows || best.as_ref().is_some_and(|(old, _)| *old >= hits) {
            continue;
        }
        let value = |class| most.get(&class).and_then(|(text, _)| serde_json::from_str(text).ok());
        let values = (0..=times.len()).map(value).collect();
        best = Some((hits, ClockMember { name: name.into(), times: times.clone(), values }));
    }
    best.map(|(_, found)| found)
}
