//! Finds numbers that are counted within something.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::group_number::GroupNumber;
use super::pointer::as_segment;
use super::resources::{Make, Resources};
use super::site_place::{Seen, SitePlace, by_place};

/// Steps from one number to the next from which they are believed to be counted, the groups in
/// which they begin anew, and the share of the steps that must be one.
const STEPS_MIN: u32 = 6;
const GROUPS_MIN: usize = 3;
const STEPS_SHARE: f64 = 0.9;

/// Members of an answer, and of a body, that are looked at.
const MEMBERS_MAX: usize = 40;

/// Finds what is counted within groups.
pub fn learn_group_numbers(resources: &mut Resources, seen: &[Seen]) {
    let mut found = Vec::new();
    for (place, own) in by_place(seen) {
        let Some(make) = resources.makes.get(&place) else { continue };
        let made = created(resources, &place, make, &own);
        let names = made.iter().flat_map(|one| one.object.iter()).take(MEMBERS_MAX);
        let id = resources.id_member(&make.item);
        let numbers: BTreeSet<&str> = names
            .filter(|(name, value)| value.is_u64() && id != Some(name.as_str()))
            .map(|(name, _)| name.as_str())
            .collect();
        let groups: BTreeSet<&str> = made.iter().flat_map(|one| one.sent.iter().copied()).collect();
        for name in numbers {
            let bys = groups.iter().filter(|by| **by != name).map(|by| Some(*by));
            let number = std::iter::once(None).chain(bys).find_map(|by| counted(&made, name, by));
            found.extend(number.map(|number| (make.item.clone(), number)));
        }
    }
    for (item, number) in found {
        if let Some(item) = resources.items.get_mut(&item) {
            item.numbered.push(number);
        }
    }
}

/// An item as its creation answered it.
struct Created<'s> {
    collection: Box<str>,
    object: &'s Map<String, Value>,
    /// Members of it that the request sent, and that may name something.
    sent: Vec<&'s str>,
}

fn created<'s>(
    resources: &Resources,
    place: &SitePlace,
    make: &Make,
    own: &[&'s Seen],
) -> Vec<Created<'s>> {
    let good = own.iter().filter(|one| one.exchange.is_ok());
    let made = good.filter_map(|one| {
        let object = resources.entity(&make.item, one.exchange.json(), None)?;
        let sent = resources.sent(place, &one.exchange.request.body);
        let sent = sent.into_iter().flatten().take(MEMBERS_MAX);
        let sent = sent.filter(|(name, value)| object.get(*name) == Some(value));
        let sent = sent.filter(|(_, value)| as_segment(value).is_some());
        Some(Created {
            collection: resources.collection(&make.item, &one.exchange.request.segments),
            object,
            sent: sent.map(|(name, _)| name.as_str()).collect(),
        })
    });
    made.collect()
}

/// Whether a number is counted within the groups that a member names.
fn counted(made: &[Created<'_>], name: &str, by: Option<&str>) -> Option<GroupNumber> {
    let mut last: FxHashMap<(&str, Option<String>), u64> = FxHashMap::default();
    let mut firsts = Vec::new();
    let (mut steps, mut ones) = (0_u32, 0_u32);
    for one in made {
        let number = one.object.get(name)?.as_u64()?;
        let group = match by {
            Some(by) => Some(as_segment(one.object.get(by)?)?),
            None => None,
        };
        match last.insert((&one.collection, group), number) {
            Some(before) => {
                steps += 1;
                ones += u32::from(number == before.saturating_add(1));
            }
            None => firsts.push(number),
        }
    }
    let first = *firsts.first()?;
    let begin = firsts.iter().filter(|number| **number == first).count();
    let is_counted = steps >= STEPS_MIN
        && firsts.len() >= GROUPS_MIN
        && f64::from(ones) >= STEPS_SHARE * f64::from(steps)
        && begin as f64 >= STEPS_SHARE * firsts.len() as f64;
    is_counted.then(|| GroupNumber { name: name.into(), by: by.map(Into::into), first })
}
