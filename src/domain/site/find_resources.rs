//! Which resources a tape shows, and what they do.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::asker_words::asker_words;
use super::corrections::{SiteCorrections, correct_resources};
use crate::domain::world::form::is_token;
use crate::domain::world::pointer::{Pointer, leaves};
use crate::domain::world::{
    PartView, People, Resources, Seen, SiteExchange, SitePlace, SiteTemplates,
    askers as find_askers, batches, discover, find_calls, find_second_names, follow, learn_clocks,
    learn_counters, learn_defaults, learn_group_numbers, learn_holders, learn_masks, learn_merging,
    learn_owners, learn_placements, learn_renames, learn_revokers, learn_sameness, learn_sweeps,
    own_paths, played, read_calls, read_own, read_second_names, recognise,
};

/// Finds resources in exchanges in the order of time. With them come the exchanges at their
/// places: first as they were, then with a batch played as the writes that it stands for.
pub fn find_resources(exchanges: &[Arc<SiteExchange>], said: &SiteCorrections) -> Found {
    let calls = find_calls(exchanges);
    if calls.is_empty() {
        return with_second_names(exchanges, said);
    }
    let (mut resources, whole, seen) = with_second_names(&read_calls(&calls, exchanges), said);
    resources.calls = calls;
    (resources, whole, seen)
}

/// The same where paths name items in two ways.
fn with_second_names(exchanges: &[Arc<SiteExchange>], said: &SiteCorrections) -> Found {
    let found = found_in(SiteTemplates::find(exchanges), exchanges, said);
    let names = find_second_names(&found.0, &found.2);
    if names.is_empty() {
        return with_own_paths(found, exchanges, said);
    }
    let read = read_second_names(&names, exchanges);
    let found = found_in(SiteTemplates::find(&read), &read, said);
    let (mut resources, whole, seen) = with_own_paths(found, &read, said);
    resources.second_names = names;
    (resources, whole, seen)
}

/// Resources, and the exchanges at their places before and after batches are played.
type Found = (Resources, Vec<Seen>, Vec<Seen>);

/// The same where paths lead whoever asks to their own.
fn with_own_paths(
    (mut resources, whole, seen): Found,
    exchanges: &[Arc<SiteExchange>],
    said: &SiteCorrections,
) -> Found {
    let mut askers = find_askers(&resources, &seen);
    let own = own_paths(&resources, &askers, &seen);
    if own.is_empty() {
        learn_owners(&mut resources, &askers, &seen);
        return (resources, whole, seen);
    }
    recognise(&resources, &own, &seen, &mut askers);
    // Paths are known as they are asked for, and as they are read.
    let read = read_own(&own, &askers, exchanges);
    let both: Vec<Arc<SiteExchange>> = exchanges.iter().chain(&read).map(Arc::clone).collect();
    let (mut resources, whole, seen) = found_in(SiteTemplates::find(&both), &read, said);
    resources.own_paths = own;
    learn_owners(&mut resources, &askers, &seen);
    show_own_paths(&mut resources);
    (resources, whole, seen)
}

/// What is found at an own path is the entity itself, and a DELETE there removes it.
pub fn show_own_paths(resources: &mut Resources) {
    for own in resources.own_paths.clone() {
        let envelope = resources.items.get(&own.item).map(|item| item.envelope.clone());
        let view = PartView::Part(Pointer::new(), envelope.unwrap_or_default());
        let template = own.template();
        let deletes = SitePlace { method: "DELETE".into(), template: template.clone() };
        if let Some((place, _)) = resources.actions.get_key_value(&deletes) {
            resources.removers.insert(Arc::clone(place));
        }
        resources.part_views.insert(template, (own.item.0.len(), view));
    }
}

fn found_in(
    templates: SiteTemplates,
    exchanges: &[Arc<SiteExchange>],
    said: &SiteCorrections,
) -> Found {
    let whole = placed(&templates, exchanges);
    let mut resources = discover(templates, &whole);
    correct_resources(&mut resources, &said.resources);
    let batches = batches(&resources, &whole);
    let seen = played(&batches, &whole);
    if !batches.is_empty() {
        resources = discover(resources.templates, &seen);
        correct_resources(&mut resources, &said.resources);
        resources.batches = batches;
    }
    resources.constants = constants(&seen);
    follow(&mut resources, &seen);
    learn_sameness(&mut resources, &seen);
    learn_defaults(&mut resources, &seen);
    learn_clocks(&mut resources, &seen);
    learn_counters(&mut resources, &seen);
    learn_group_numbers(&mut resources, &seen);
    learn_masks(&mut resources, &seen);
    learn_renames(&mut resources, &seen);
    learn_revokers(&mut resources, &seen);
    resources.askers = askers(&seen);
    resources.askers_told = seen.iter().any(|one| tells_of_asker(&one.exchange));
    learn_holders(&mut resources, &seen);
    learn_merging(&mut resources, &seen);
    learn_placements(&mut resources, &seen);
    learn_sweeps(&mut resources, &seen);
    (resources, whole, seen)
}

/// Bodies from which a member is believed to have one text, and its share of them: somebody may
/// have tried another one.
const CONSTANT_MIN: u32 = 5;
const CONSTANT_SHARE: f64 = 0.8;

/// Members of bodies that have one text in the requests of an endpoint: `grant_type=password`.
fn constants(seen: &[Seen]) -> FxHashMap<Arc<SitePlace>, Vec<Pointer>> {
    /// How often a place had each text.
    type Uses<'t> = FxHashMap<&'t str, u32>;
    let mut texts: FxHashMap<(&Arc<SitePlace>, Pointer), Uses<'_>> = FxHashMap::default();
    for one in seen {
        let Some(body) = one.exchange.request.body.tree() else { continue };
        for (pointer, value) in leaves(body) {
            let Some(text) = value.as_str() else { continue };
            let uses = texts.entry((&one.place, pointer)).or_default();
            *uses.entry(text).or_default() += 1;
        }
    }
    let mut found: FxHashMap<Arc<SitePlace>, Vec<Pointer>> = FxHashMap::default();
    for ((place, pointer), uses) in texts {
        let all: u32 = uses.values().sum();
        let most = uses.values().copied().max().unwrap_or(0);
        if most >= CONSTANT_MIN && f64::from(most) >= CONSTANT_SHARE * f64::from(all) {
            found.entry(Arc::clone(place)).or_default().push(pointer);
        }
    }
    found
}

/// Requests from which somebody asks often, and how many such are told apart: the accounts of a
/// test suite, and not the customers of a shop.
const OFTEN_MIN: u32 = 10;
const ASKERS_MAX: usize = 8;

/// Whose credentials come often.
fn askers(seen: &[Seen]) -> Vec<u64> {
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    for sent in seen.iter().filter_map(|one| one.exchange.request.credential.as_ref()) {
        *counts.entry(sent.principal).or_default() += 1;
    }
    let mut often: Vec<(u64, u32)> = counts.into_iter().filter(|(_, n)| *n >= OFTEN_MIN).collect();
    often.sort_unstable();
    let is_few = (2..=ASKERS_MAX).contains(&often.len());
    often.into_iter().filter(|_| is_few).map(|(principal, _)| principal).collect()
}

/// Whether an answer that issues a credential says words of who gets it.
fn tells_of_asker(exchange: &SiteExchange) -> bool {
    let document = exchange.json().filter(|document| document.is_object());
    document.is_some_and(|document| {
        let issues = |(_, value): &(_, &Value)| value.as_str().is_some_and(is_token);
        leaves(document).iter().any(issues) && !asker_words(document).is_empty()
    })
}

fn placed(templates: &SiteTemplates, exchanges: &[Arc<SiteExchange>]) -> Vec<Seen> {
    let mut places: FxHashMap<SitePlace, Arc<SitePlace>> = FxHashMap::default();
    let mut people = People::default();
    let mut named = |exchange: &Arc<SiteExchange>| {
        let sent = exchange.request.credential.as_ref();
        let is_anybodys = sent.is_some_and(|sent| people.of(sent.token).is_some());
        let named = is_anybodys.then(|| exchange.reread(|request| people.name(request)));
        people.note(exchange);
        named.unwrap_or_else(|| Arc::clone(exchange))
    };
    exchanges
        .iter()
        .map(|exchange| {
            let template = templates.of(&exchange.request.segments);
            let place = SitePlace { method: exchange.request.method.clone(), template };
            let shared = places.entry(place.clone()).or_insert_with(|| Arc::new(place));
            Seen { exchange: named(exchange), place: Arc::clone(shared) }
        })
        .collect()
}
