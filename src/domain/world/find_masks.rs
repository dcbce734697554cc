//! Finds the parameters that choose what of an item is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::item_mask::ItemMask;
use super::resources::Resources;
use super::site_place::{Seen, SitePlace};

/// Bytes of a value up to which it is a word that chooses a view.
const WORD_BYTES_MAX: usize = 24;

/// Pairs of a reading with the parameter and one without that must be there, and the share of them
/// in which a member is hidden.
const PAIRS_MIN: u32 = 2;
const HIDDEN_SHARE: f64 = 0.8;

/// Readings of one item since it was last written, plain or by a parameter.
#[derive(Default)]
struct Readings<'s> {
    plain: Option<&'s Map<String, Value>>,
    chosen: Vec<(&'s str, &'s str, &'s Map<String, Value>)>,
}

/// Pairs, and in how many of them each member was absent or null.
type Votes = (u32, BTreeMap<Box<str>, u32>, BTreeMap<Box<str>, u32>);

/// Votes by place, parameter and its value.
type VotesByParameter = BTreeMap<(Arc<SitePlace>, Box<str>, Box<str>), Votes>;

/// Finds the parameters that hide members of items, from pairs of readings without a write between.
pub fn learn_masks(resources: &mut Resources, seen: &[Seen]) {
    let mut readings: FxHashMap<EntityKey, Readings<'_>> = FxHashMap::default();
    let mut votes = VotesByParameter::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let request = &one.exchange.request;
        let Some(key) = resources.addressed(&one.place, &request.segments) else { continue };
        if !request.reads() {
            readings.remove(&key);
            continue;
        }
        let shown = resources.entity(&one.place.template, one.exchange.json(), Some(&*key.id));
        let Some(shown) = shown else { continue };
        let own = readings.entry(key).or_default();
        let mut compare = |(name, value): (&str, &str), plain: &Map<_, _>, chosen: &Map<_, _>| {
            let key = (Arc::clone(&one.place), name.into(), value.into());
            let (pairs, absent, null) = votes.entry(key).or_default();
            *pairs += 1;
            for (member, full) in plain.iter().filter(|(_, full): &(_, &Value)| !full.is_null()) {
                let hidden = match chosen.get(member) {
                    None => &mut *absent,
                    Some(Value::Null) => &mut *null,
                    Some(_) => continue,
                };
                let _: &Value = full;
                *hidden.entry(Box::from(member.as_str())).or_default() += 1;
            }
        };
        match request.query.as_slice() {
            [] => {
                for (name, value, chosen) in own.chosen.drain(..) {
                    compare((name, value), shown, chosen);
                }
                own.plain = Some(shown);
            }
            [(name, value)] if value.len() <= WORD_BYTES_MAX => match own.plain {
                Some(plain) => compare((name, value), plain, shown),
                None => own.chosen.push((name, value, shown)),
            },
            _ => {}
        }
    }
    for (key, (pairs, absent, null)) in votes {
        let often = |counts: BTreeMap<Box<str>, u32>| -> BTreeSet<Box<str>> {
            let enough = |n: u32| f64::from(n) >= HIDDEN_SHARE * f64::from(pairs);
            counts.into_iter().filter(|(_, n)| enough(*n)).map(|(name, _)| name).collect()
        };
        let mask = ItemMask { absent: often(absent), null: often(null) };
        if pairs >= PAIRS_MIN && mask != ItemMask::default() {
            resources.masks.insert(key, mask);
        }
    }
}
