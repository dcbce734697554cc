//! Finds the members by which a creation finds what is there already: who sends the same labels,
//! the same address or the same name again changes it, and makes nothing new.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::resources::Resources;
use super::site_place::{Seen, by_place};

/// Times from which it is no chance that an id came again with a value.
const AGAIN_MIN: u32 = 2;

/// Members of one body that are looked at.
const MEMBERS_MAX: usize = 24;

/// The member that was the same whenever the id was, and never otherwise; `made` are bodies with
/// the ids of what came of them, in the order of time.
#[must_use]
pub fn same_member<'m>(
    made: impl Iterator<Item = (&'m Map<String, Value>, &'m str)>,
) -> Option<Box<str>> {
    #[derive(Default)]
    struct Kept {
        ids: FxHashMap<String, String>,
        values: FxHashMap<String, String>,
        again: u32,
        is_refuted: bool,
    }
    let mut members: BTreeMap<&str, Kept> = BTreeMap::new();
    let (mut all, mut names) = (0_u32, BTreeMap::<&str, u32>::new());
    for (body, id) in made {
        all += 1;
        for (name, value) in body.iter().take(MEMBERS_MAX) {
            *names.entry(name).or_default() += 1;
            let value = value.to_string();
            let kept = members.entry(name).or_default();
            let known = kept.ids.insert(value.clone(), id.to_owned());
            let held = kept.values.insert(id.to_owned(), value.clone());
            let same_id = known.as_deref().is_some_and(|known| known == id);
            kept.is_refuted |= known.is_some() && !same_id;
            kept.is_refuted |= held.is_some_and(|held| held != value);
            kept.again += u32::from(same_id);
        }
    }
    let always = |name: &str| names.get(name) == Some(&all);
    let good = members
        .into_iter()
        .filter(|(name, kept)| !kept.is_refuted && kept.again >= AGAIN_MIN && always(name));
    good.max_by_key(|(name, kept)| (kept.again, std::cmp::Reverse(*name)))
        .map(|(name, _)| name.into())
}

/// Finds the members by which creations find what is there.
pub fn learn_sameness(resources: &mut Resources, seen: &[Seen]) {
    let mut found = Vec::new();
    for (place, own) in by_place(seen) {
        let Some(make) = resources.makes.get(&place).filter(|make| make.given.is_none()) else {
            continue;
        };
        let made: Vec<(&Map<String, Value>, String)> = own
            .iter()
            .filter(|one| one.exchange.is_ok())
            .filter(|one| resources.batch(&place, &one.exchange.request).is_none())
            .filter_map(|one| {
                let sent = resources.sent(&place, &one.exchange.request.body)?;
                Some((sent, resources.created_id(make, &one.exchange)?))
            })
            .collect();
        let same = same_member(made.iter().map(|(sent, id)| (*sent, id.as_str())));
        found.extend(same.map(|same| (place, same)));
    }
    for (place, same) in found {
        if let Some(make) = resources.makes.get_mut(&place) {
            make.same = Some(same);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn same(made: &[(Value, &str)]) -> Option<Box<str>> {
        same_member(made.iter().filter_map(|(body, id)| Some((body.as_object()?, *id))))
    }

    #[test]
    fn what_is_sent_again_with_the_same_member_is_the_same() {
        let body = |mail: &str, note: &str| json!({"mail": mail, "note": note, "kind": "a"});
        let made = [
            (body("a@x", "one"), "1"),
            (body("b@x", "one"), "2"),
            (body("a@x", "two"), "1"),
            (body("b@x", "three"), "2"),
            (body("c@x", "three"), "3"),
        ];
        assert_eq!(same(&made).as_deref(), Some("mail"));
        assert_eq!(same(&made[..3]), None, "once is no rule");
        let others: Vec<(Value, &str)> = made
            .iter()
            .zip(["1", "2", "3", "4", "5"])
            .map(|((b, _), id)| (b.clone(), id))
            .collect();
        assert_eq!(same(&others), None, "each makes a new one");
    }
}
