//! Induces the reasons of all endpoints, in two rounds: what is a cause here is cheaper there.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::endpoint::EndpointKnowledge;
use super::named_causes::NamedCauses;
use crate::domain::outcome::{
    Cause, CauseGroup, Causes, Credential, Example, Induction, KnownCauses, ReasonTree, Truths,
};
use crate::domain::world::{Seen, SitePlace, SiteTemplate};

/// What a truth meant elsewhere: statuses with counts.
pub type Pooled = FxHashMap<(u16, PooledOver), Vec<(u16, u32)>>;

/// Where a truth was met.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PooledOver {
    /// At a path, by any method.
    Path(SiteTemplate),
    /// Where the site is read.
    Reads,
    /// On the whole site.
    Site,
}

/// The status that stands for everything but server errors in the layer of faults.
const NO_FAULT: u16 = 0;

/// Whether the meaning of a truth may be borrowed from other endpoints.
#[must_use]
pub const fn is_pooled(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::Credential(Credential::None | Credential::Strange)
            | Cause::Owner(false)
            | Cause::Parent(false)
            | Cause::Entity(false)
            | Cause::BodyUnparsable
    )
}

fn bump(counts: &mut Vec<(u16, u32)>, status: u16, times: u32) {
    match counts.iter_mut().find(|(known, _)| *known == status) {
        Some((_, n)) => *n += times,
        None => counts.push((status, times)),
    }
}

/// Adds what truths meant on the whole site. An endpoint that is always asked in the same way says
/// nothing of credentials: a login has none, and goes well.
fn pool_site(
    endpoints: &FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    causes: &Causes,
    pooled: &mut Pooled,
) {
    let sum = |counts: &[(u16, u32)]| counts.iter().map(|(_, n)| n).sum::<u32>();
    for (place, endpoint) in endpoints {
        let all = sum(&endpoint.statuses);
        for (&number, counts) in &endpoint.met {
            let Some(cause) = causes.get(number).filter(|cause| is_pooled(cause)) else { continue };
            let is_told = cause.group() != CauseGroup::Credential || sum(counts) < all;
            for &(status, times) in counts.iter().filter(|_| is_told) {
                bump(pooled.entry((number, PooledOver::Site)).or_default(), status, times);
                if matches!(&*place.method, "GET" | "HEAD") {
                    bump(pooled.entry((number, PooledOver::Reads)).or_default(), status, times);
                }
            }
        }
    }
}

/// Induces reasons and faults of every endpoint; returns what truths meant elsewhere.
pub fn induce(
    endpoints: &mut FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    causes: &Causes,
    seen: &[Seen],
    truths: &[Truths],
) -> Pooled {
    let mut examples: FxHashMap<&Arc<SitePlace>, Vec<Example>> = FxHashMap::default();
    let mut pooled = Pooled::default();
    let mut named: FxHashMap<&Arc<SitePlace>, NamedCauses> = FxHashMap::default();
    for (one, truths) in seen.iter().zip(truths) {
        let status = one.exchange.status;
        let evidence = Example { truths: truths.clone(), status };
        examples.entry(&one.place).or_default().push(evidence);
        named.entry(&one.place).or_default().observe(&one.exchange, truths, causes);
        let Some(endpoint) = endpoints.get_mut(&one.place) else { continue };
        bump(&mut endpoint.statuses, status, 1);
        for number in truths.iter() {
            bump(endpoint.met.entry(number).or_default(), status, 1);
            if causes.get(number).is_some_and(is_pooled) {
                let here = PooledOver::Path(one.place.template.clone());
                bump(pooled.entry((number, here)).or_default(), status, 1);
            }
        }
    }
    pool_site(endpoints, causes, &mut pooled);
    let nothing = KnownCauses::default();
    let named: FxHashMap<_, _> =
        named.into_iter().map(|(place, named)| (place, named.found())).collect();
    let mut found: FxHashMap<&Arc<SitePlace>, Vec<(u16, u16)>> = FxHashMap::default();
    let mut known = KnownCauses::default();
    let forbidden = |place: &Arc<SitePlace>, endpoints: &FxHashMap<_, EndpointKnowledge>| {
        endpoints.get(place).map(|endpoint| endpoint.forbidden.clone()).unwrap_or_default()
    };
    for (place, examples) in &examples {
        let forbidden = forbidden(place, endpoints);
        let is_open = is_open(examples, causes);
        let named = &named[place];
        let first = Induction { causes, known: &nothing, named, forbidden: &forbidden, is_open };
        let tree = reasons(examples, &first);
        for cause in
            tree.causes().into_iter().filter(|(cause, _)| !may_be_owner(*cause, examples, causes))
        {
            *known.entry(cause).or_default() += 1;
            found.entry(place).or_default().push(cause);
        }
    }
    for (place, examples) in &examples {
        // An endpoint does not vouch for itself.
        let mut others = known.clone();
        for cause in found.get(place).into_iter().flatten() {
            if others.get(cause) == Some(&1) {
                others.remove(cause);
            }
        }
        let forbidden = forbidden(place, endpoints);
        let is_open = is_open(examples, causes);
        let named = &named[place];
        let first = Induction { causes, known: &nothing, named, forbidden: &forbidden, is_open };
        let second = Induction { known: &others, ..first };
        let Some(endpoint) = endpoints.get_mut(*place) else { continue };
        endpoint.faults = faults(examples, &first);
        endpoint.reasons = Some(reasons(examples, &second));
    }
    pooled
}

/// Whether a reason that says only which of a few asks may be about what belongs to others.
fn may_be_owner(cause: u16, examples: &[Example], causes: &Causes) -> bool {
    let is_owner = |number: u16| matches!(causes.get(number), Some(Cause::Owner(_)));
    causes.get(cause).is_some_and(Cause::is_bare_number)
        && examples.iter().any(|one| one.truths.iter().any(is_owner))
}

/// Whether what is known of credentials is the same for all requests of an endpoint.
fn is_open(examples: &[Example], causes: &Causes) -> bool {
    let credential = |number: &u16| {
        causes.get(*number).is_some_and(|cause| cause.group() == CauseGroup::Credential)
    };
    let held = |one: &Example| one.truths.iter().filter(credential).collect::<Vec<_>>();
    let first = examples.first().map(held);
    examples.iter().all(|one| Some(held(one)) == first)
}

/// Why statuses differ, server errors aside.
fn reasons(examples: &[Example], how: &Induction<'_>) -> ReasonTree {
    let answered: Vec<&Example> = examples.iter().filter(|one| one.status < 500).collect();
    if answered.is_empty() {
        return ReasonTree::chance(&examples.iter().collect::<Vec<_>>());
    }
    ReasonTree::induce(&answered, how)
}

/// Why answers are server errors, where any are.
fn faults(examples: &[Example], how: &Induction<'_>) -> Option<ReasonTree> {
    if !examples.iter().any(|one| one.status >= 500) {
        return None;
    }
    let layer: Vec<Example> = examples
        .iter()
        .map(|one| {
            let status = if one.status >= 500 { one.status } else { NO_FAULT };
            Example { truths: one.truths.clone(), status }
        })
        .collect();
    Some(ReasonTree::induce(&layer.iter().collect::<Vec<_>>(), how))
}
