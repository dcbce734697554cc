//! Finds items that have two addresses: `/users/3/orders/17` is `/orders/17`.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Ids under which both addresses must show the very same.
const SAME_MIN: u32 = 3;

/// Share of the members of an object that must be equal everywhere: some may change between two
/// readings.
const MEMBER_SHARE: f64 = 0.75;

/// Bytes from which a text that two objects have in common is of one and the same thing.
const TELLING_BYTES_MIN: usize = 10;

/// For each kind of items below others the kind with one collection whose items they are.
#[must_use]
pub fn aliases(resources: &Resources, seen: &[Seen]) -> FxHashMap<SiteTemplate, SiteTemplate> {
    let mut found = FxHashMap::default();
    let mut shown: FxHashMap<&SiteTemplate, FxHashMap<&str, &Map<String, Value>>> =
        FxHashMap::default();
    let reads = |one: &&Seen| one.exchange.is_ok() && &*one.place.method == "GET";
    for one in seen.iter().filter(reads) {
        let template = &one.place.template;
        let object = resources.entity(template, one.exchange.json(), None);
        if let Some((object, id)) = object.zip(one.exchange.request.segments.last()) {
            shown.entry(template).or_default().insert(id, object);
        }
    }
    for (nested, own) in shown.iter().filter(|(template, _)| template.variables() > 1) {
        let noun = nested.noun();
        let is_flat = |(template, _): &(&&SiteTemplate, &FxHashMap<_, _>)| {
            let nouns = template.noun().zip(noun);
            template.variables() == 1 && nouns.is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        let mut flat: Vec<_> = shown.iter().filter(is_flat).collect();
        flat.sort_by_key(|(template, _)| **template);
        for (template, others) in flat {
            let (mut same, mut different) = (0, 0);
            for (id, object) in own {
                let Some(other) = others.get(id) else { continue };
                let equal = object.iter().filter(|(name, value)| other.get(*name) == Some(value));
                let is_telling = |(_, value): &(_, &Value)| {
                    value.as_str().is_some_and(|text| text.len() >= TELLING_BYTES_MIN)
                };
                let telling = equal.clone().filter(is_telling).count();
                let equal = equal.count();
                let is_other = (equal as f64) < MEMBER_SHARE * object.len() as f64;
                same += u32::from(equal == object.len() || (telling > 0 && !is_other));
                different += u32::from(is_other);
            }
            if same >= SAME_MIN && different == 0 {
                found.insert((*nested).clone(), (*template).clone());
                break;
            }
        }
    }
    found
}
