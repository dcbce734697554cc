//! Finds the paths that are called as procedures, and reads exchanges as being about resources.
//!
//! Verbs are told by what they are called (the standard methods of Google's AIP-130 and what else
//! people write for them); that they are about an item is told by the flow of values: the same
//! parameter comes with several verbs, and what it says was shown, or chosen at a creation, before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::call::{Call, CallKind, read_call};
use super::message::{Request, SiteExchange};
use super::pointer::{as_segment, leaves};
use crate::domain::words::split::split;

/// Verbs of one collection that must be called, different items that they name, and the share of
/// those that were known before.
const VERBS_MIN: usize = 2;
const ITEMS_MIN: usize = 3;
const KNOWN_SHARE: f64 = 0.6;

/// Share of the good requests of a verb that must name an item.
const NAMED_SHARE: f64 = 0.9;

/// Members of a request that are looked at, and values of answers that are remembered.
const MEMBERS_MAX: usize = 24;
const SHOWN_MAX: usize = 200_000;

const READS: &[&str] =
    &["get", "read", "show", "detail", "details", "info", "fetch", "view", "describe", "retrieve"];
const LISTS: &[&str] = &["list", "search", "query", "all", "index", "page", "find"];
const CREATES: &[&str] = &["create", "add", "new", "insert", "register", "make"];
const UPDATES: &[&str] = &["update", "edit", "modify", "change", "save", "patch"];
const DELETES: &[&str] = &["delete", "remove", "destroy", "del"];

/// Words of a verb that say nothing of what it is done to.
const PLAIN: &[&str] = &["by", "id", "one", "info", "detail", "details"];

/// What a last segment says: what is done, and to what.
fn verb(segment: &str) -> Option<(CallKind, String)> {
    let words: Vec<String> = split(segment).map(str::to_lowercase).collect();
    let (first, rest) = words.split_first()?;
    let is_in = |table: &[&str], word: &str| table.contains(&word);
    let tables = [
        (READS, CallKind::Reads),
        (LISTS, CallKind::Lists),
        (CREATES, CallKind::Creates),
        (UPDATES, CallKind::Updates),
        (DELETES, CallKind::Deletes),
    ];
    let (_, kind) = tables.into_iter().find(|(table, _)| is_in(table, first))?;
    let lists = kind == CallKind::Reads && rest.iter().any(|word| is_in(LISTS, word));
    let kind = if lists { CallKind::Lists } else { kind };
    let noun = rest.iter().filter(|word| !is_in(PLAIN, word) && !is_in(LISTS, word));
    let noun: String = noun.map(String::as_str).collect();
    Some((kind, noun.strip_suffix('s').unwrap_or(&noun).to_owned()))
}

/// Where several verbs stand: the path above them, and what they name beside it.
type Family = (Vec<String>, String);

/// A method on a path, and what it does.
type Verb<'x> = (&'x str, &'x [String], CallKind);

/// One verb as it was called.
#[derive(Default)]
struct Called {
    /// Good requests.
    good: u32,
    /// Those of them that have a parameter, and its values, with whether each was known before.
    named: BTreeMap<Box<str>, (u32, BTreeMap<String, bool>)>,
}

/// The parameters and members of a request that may name an item.
fn naming(request: &Request) -> Vec<(&str, String)> {
    let query = request.query.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let body = request.body.json().and_then(|body| body.as_object()).into_iter().flatten();
    let body = body.filter(|(_, value)| value.is_string() || value.is_number());
    let body = body.filter_map(|(name, value)| Some((name.as_str(), as_segment(value)?)));
    query.chain(body).filter(|(_, value)| !value.is_empty()).take(MEMBERS_MAX).collect()
}

/// Finds the procedures of a site.
#[must_use]
pub fn find_calls(exchanges: &[Arc<SiteExchange>]) -> Vec<Call> {
    let good = || exchanges.iter().filter(|exchange| exchange.is_ok());
    let asked: BTreeSet<(&str, &[String])> =
        good().map(|one| (&*one.request.method, &*one.request.segments)).collect();
    let mut families: BTreeMap<Family, Vec<Verb<'_>>> = BTreeMap::new();
    for (method, path) in &asked {
        let Some((last, above)) = path.split_last() else { continue };
        if let Some((kind, noun)) = verb(last).filter(|_| !above.is_empty()) {
            families.entry((above.to_vec(), noun)).or_default().push((method, path, kind));
        }
    }
    let paths: BTreeSet<&[String]> = asked.iter().map(|(_, path)| *path).collect();
    // Where the collection itself answers, the path above is no mere name.
    families.retain(|(above, noun), verbs| {
        are_several(verbs) && !(noun.is_empty() && paths.contains(&above[..]))
    });
    if families.is_empty() {
        return Vec::new();
    }
    let called = called(good());
    let calls = families.iter().filter_map(|((above, noun), verbs)| {
        let id = item_id(verbs, &called)?;
        Some(of_family((above, noun), verbs, &id, &called))
    });
    calls.flatten().collect()
}

/// Whether verbs do several things, and one of them shows something.
fn are_several(verbs: &[Verb<'_>]) -> bool {
    let kinds: BTreeSet<CallKind> = verbs.iter().map(|(_, _, kind)| *kind).collect();
    let shows = kinds.contains(&CallKind::Reads) || kinds.contains(&CallKind::Lists);
    kinds.len() >= VERBS_MIN && shows
}

/// What good requests named, by method and path.
fn called<'x>(
    good: impl Iterator<Item = &'x Arc<SiteExchange>>,
) -> BTreeMap<(&'x str, &'x [String]), Called> {
    let mut called: BTreeMap<(&str, &[String]), Called> = BTreeMap::new();
    let mut shown: FxHashSet<String> = FxHashSet::default();
    for exchange in good {
        let request = &exchange.request;
        let verb = request.segments.last().and_then(|segment| verb(segment));
        let own = called.entry((&request.method, &request.segments)).or_default();
        own.good += 1;
        let is_made = verb.is_some_and(|(kind, _)| kind == CallKind::Creates);
        for (name, value) in naming(request) {
            let is_known = shown.contains(&value);
            if is_made && shown.len() < SHOWN_MAX {
                shown.insert(value.clone());
            }
            let (times, values) = own.named.entry(name.into()).or_default();
            *times += 1;
            let known = values.entry(value).or_default();
            *known |= is_known;
        }
        for (_, value) in exchange.json().map(leaves).unwrap_or_default() {
            if let Some(value) = as_segment(value).filter(|_| shown.len() < SHOWN_MAX) {
                shown.insert(value);
            }
        }
    }
    called
}

/// The parameter by which the verbs of a family name their item.
fn item_id(verbs: &[Verb<'_>], called: &BTreeMap<(&str, &[String]), Called>) -> Option<Box<str>> {
    let is_about_one =
        |kind| matches!(kind, CallKind::Reads | CallKind::Updates | CallKind::Deletes);
    let mut found: BTreeMap<&str, (usize, BTreeMap<&str, bool>)> = BTreeMap::new();
    for (method, path, _) in verbs.iter().filter(|(_, _, kind)| is_about_one(*kind)) {
        let Some(own) = called.get(&(*method, *path)) else { continue };
        for (name, (times, values)) in &own.named {
            if f64::from(*times) < NAMED_SHARE * f64::from(own.good) {
                continue;
            }
            let named = found.entry(name).or_default();
            named.0 += 1;
            for (value, is_known) in values {
                *named.1.entry(value).or_default() |= is_known;
            }
        }
    }
    let called_id =
        |name: &str| split(name).last().is_some_and(|word| word.eq_ignore_ascii_case("id"));
    let best = found
        .iter()
        .filter(|(_, (_, values))| are_items(values.values()))
        .max_by_key(|(name, (verbs, values))| (*verbs, called_id(name), values.len()));
    best.map(|(name, _)| (*name).into())
}

/// Whether values name items, by whether each was known before.
fn are_items<'v>(known: impl ExactSizeIterator<Item = &'v bool>) -> bool {
    let all = known.len();
    all >= ITEMS_MIN && known.filter(|known| **known).count() as f64 >= KNOWN_SHARE * all as f64
}

/// The calls of a family, and what else is done to its items beside them.
fn of_family(
    (above, noun): (&[String], &str),
    verbs: &[Verb<'_>],
    id: &str,
    called: &BTreeMap<(&str, &[String]), Called>,
) -> Vec<Call> {
    let mut collection = above.to_vec();
    if !noun.is_empty() {
        collection.push(noun.to_owned());
    }
    let names = |method: &str, path: &[String]| {
        called.get(&(method, path)).is_some_and(|own| {
            own.named
                .get(id)
                .is_some_and(|(times, _)| f64::from(*times) >= NAMED_SHARE * f64::from(own.good))
        })
    };
    let call = |method: &str, path: &[String], kind, id: Option<&str>| Call {
        method: method.into(),
        path: path.to_vec(),
        collection: collection.clone(),
        kind,
        id: id.map(Into::into),
    };
    let mut calls = Vec::new();
    for (method, path, kind) in verbs {
        match kind {
            CallKind::Creates | CallKind::Lists => calls.push(call(method, path, *kind, None)),
            CallKind::Reads | CallKind::Updates | CallKind::Deletes if names(method, path) => {
                calls.push(call(method, path, *kind, Some(id)));
            }
            _ => {}
        }
    }
    for (method, path) in called.keys() {
        let Some((last, _)) = path.split_last().filter(|(_, rest)| *rest == above) else {
            continue;
        };
        let is_own = verbs.iter().any(|(known, own, _)| known == method && own == path);
        let other = called.get(&(*method, *path)).and_then(|own| other_name(last, id, own));
        match other {
            _ if is_own => {}
            Some(other) => calls.push(call(method, path, CallKind::Reads, Some(&other))),
            None if names(method, path) => {
                calls.push(call(method, path, CallKind::Acts, Some(id)));
            }
            None => {}
        }
    }
    calls
}

/// The parameter of a procedure that shows an item by something else than its id:
/// `get-by-name?name=`.
fn other_name(verb: &str, id: &str, own: &Called) -> Option<Box<str>> {
    let words: Vec<String> = split(verb).map(str::to_lowercase).collect();
    let (first, rest) = words.split_first()?;
    let is_by = READS.contains(&&**first) || LISTS.contains(&&**first);
    if !is_by || !rest.iter().any(|word| word == "by") {
        return None;
    }
    let named = own.named.iter().filter(|(name, (times, values))| {
        ***name != *id
            && f64::from(*times) >= NAMED_SHARE * f64::from(own.good)
            && are_items(values.values())
    });
    named.max_by_key(|(_, (_, values))| values.len()).map(|(name, _)| name.clone())
}

/// The exchanges with calls read as requests about resources.
#[must_use]
pub fn read_calls(calls: &[Call], exchanges: &[Arc<SiteExchange>]) -> Vec<Arc<SiteExchange>> {
    exchanges.iter().map(|one| one.reread(|request| read_call(calls, request))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_told_by_what_they_are_called() {
        for (segment, kind, noun) in [
            ("get", CallKind::Reads, ""),
            ("getById", CallKind::Reads, ""),
            ("getUser", CallKind::Reads, "user"),
            ("getUserList", CallKind::Lists, "user"),
            ("listUsers", CallKind::Lists, "user"),
            ("create", CallKind::Creates, ""),
            ("delete_user", CallKind::Deletes, "user"),
            ("save", CallKind::Updates, ""),
        ] {
            assert_eq!(verb(segment), Some((kind, noun.to_owned())), "{segment}");
        }
        for none in ["users", "login", "7", "getaway", ""] {
            assert_eq!(verb(none), None, "{none}");
        }
    }
}
