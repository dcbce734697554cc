//! The reasons of an endpoint as people look at them: what decides, in order, with the evidence.

use std::sync::Arc;

use super::corrections::names_place;
use super::endpoint::EndpointKnowledge;
use super::learn::Site;
use crate::domain::outcome::{Cause, CauseGroup, ReasonTree, StatusCounts};
use crate::domain::world::SitePlace;

/// Truths that decide nothing and are shown beside the reasons, at most.
const CANDIDATES_MAX: usize = 100;

/// What a truth is at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonState {
    /// A person wants it to decide.
    Forced,
    /// It decides.
    Active,
    /// A person wants it not to decide.
    Forbidden,
    /// It was met and decides nothing.
    Candidate,
}

/// One reason of an endpoint, or a truth that could be one.
#[derive(Debug, Clone)]
pub struct ReasonDescription {
    /// Its slug.
    pub slug: String,
    /// Its text.
    pub text: String,
    /// What kind of truth it is.
    pub group: CauseGroup,
    /// What it is here.
    pub state: ReasonState,
    /// Bits by which it shortens the statuses, its price paid; none where it does not decide.
    pub gain_bits: Option<f64>,
    /// The status that it leads to most often, or was forced to.
    pub status: Option<u16>,
    /// Statuses of the exchanges for which it held.
    pub held: StatusCounts,
    /// Statuses of those beside them for which it did not.
    pub missing: StatusCounts,
}

impl ReasonDescription {
    /// Exchanges that agree with "it holds, so this status", and those that contradict.
    #[must_use]
    pub fn evidence(&self) -> (u32, u32) {
        let Some(status) = self.status else { return (0, 0) };
        let of = |counts: &StatusCounts, wanted: bool| -> u32 {
            counts.iter().filter(|(s, _)| (*s == status) == wanted).map(|(_, n)| n).sum()
        };
        let agree = of(&self.held, true) + of(&self.missing, false);
        (agree, of(&self.held, false) + of(&self.missing, true))
    }
}

impl Site {
    /// The places that an endpoint of this method and template stands for.
    #[must_use]
    pub fn places(&self, method: &str, path: &str) -> Vec<&Arc<SitePlace>> {
        let named = self
            .endpoints
            .keys()
            .filter(|place| names_place((method, path), &self.resources.shown_place(place)));
        let mut places: Vec<&Arc<SitePlace>> = named.collect();
        places.sort();
        places
    }

    /// What decides at an endpoint, in the order in which it is looked at, and what could.
    #[must_use]
    pub fn reasons(&self, method: &str, path: &str) -> Vec<ReasonDescription> {
        let mut found = Vec::new();
        for place in self.places(method, path) {
            let Some(endpoint) = self.endpoints.get(place) else { continue };
            let mut own = self.active(endpoint);
            self.add_said(endpoint, &mut own);
            self.add_candidates(endpoint, &mut own);
            for one in own {
                if !found.iter().any(|known: &ReasonDescription| known.slug == one.slug) {
                    found.push(one);
                }
            }
        }
        found.sort_by_key(|one| one.state);
        found
    }

    fn active(&self, endpoint: &EndpointKnowledge) -> Vec<ReasonDescription> {
        let trees = [&endpoint.reasons, &endpoint.faults].into_iter().flatten();
        let splits = trees.flat_map(ReasonTree::splits);
        let described = splits.filter_map(|(number, gain, held, missing)| {
            let sides = (held.clone(), missing.clone());
            self.described(number, ReasonState::Active, sides, Some(gain))
        });
        described.collect()
    }

    fn add_said(&self, endpoint: &EndpointKnowledge, found: &mut Vec<ReasonDescription>) {
        for (number, status) in &endpoint.forced {
            let sides = Self::sides(endpoint, *number);
            if let Some(one) = self.described(*number, ReasonState::Forced, sides, None) {
                found.retain(|known| known.slug != one.slug);
                found.push(ReasonDescription { status: Some(*status), ..one });
            }
        }
        for number in &endpoint.forbidden {
            let sides = Self::sides(endpoint, *number);
            found.extend(self.described(*number, ReasonState::Forbidden, sides, None));
        }
    }

    fn add_candidates(&self, endpoint: &EndpointKnowledge, found: &mut Vec<ReasonDescription>) {
        let mut others: Vec<ReasonDescription> = endpoint
            .met
            .keys()
            .filter_map(|number| {
                let sides = Self::sides(endpoint, *number);
                self.described(*number, ReasonState::Candidate, sides, None)
            })
            .filter(|one| !found.iter().any(|known| known.slug == one.slug))
            .collect();
        others.sort_by(|a, b| a.slug.cmp(&b.slug));
        others.dedup_by(|a, b| a.slug == b.slug);
        found.extend(others.into_iter().take(CANDIDATES_MAX));
    }

    /// Statuses with and without a truth, over all exchanges of the endpoint.
    fn sides(endpoint: &EndpointKnowledge, number: u16) -> (StatusCounts, StatusCounts) {
        let held: StatusCounts = endpoint.met.get(&number).into_iter().flatten().copied().collect();
        let of = |status: u16| held.iter().find(|(s, _)| *s == status).map_or(0, |(_, n)| *n);
        let rest = endpoint.statuses.iter().map(|(s, n)| (*s, n.saturating_sub(of(*s))));
        let missing = rest.filter(|(_, n)| *n > 0).collect();
        (held, missing)
    }

    fn described(
        &self,
        number: u16,
        state: ReasonState,
        (held, missing): (StatusCounts, StatusCounts),
        gain_bits: Option<f64>,
    ) -> Option<ReasonDescription> {
        let cause: Cause = self.veil.cause(self.causes.get(number)?);
        let status = held.iter().max_by_key(|(_, n)| *n).map(|(status, _)| *status);
        Some(ReasonDescription {
            slug: cause.slug(),
            text: cause.to_string(),
            group: cause.group(),
            state,
            gain_bits,
            // The layer of faults writes "no fault" as 0.
            status: status.filter(|status| *status > 0),
            held: held.into_iter().filter(|(status, _)| *status > 0).collect(),
            missing: missing.into_iter().filter(|(status, _)| *status > 0).collect(),
        })
    }
}
