//! Learns how a list is made, by executing candidates on the collection as it was known.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::link_style::LinkStyle;
use super::list_sample::ListSample;
use super::member_path::member_paths;
use super::order::Collation;
use super::{ListOrder, ParameterRole, Program};
use crate::domain::world::pointer::at;
use crate::domain::world::{ListResource, Request};

/// Answers in which members are looked for.
const MEMBER_ANSWERS_MAX: usize = 80;

/// Rows of a collection in which members are looked for.
const ROWS_LOOKED_AT: usize = 60;

/// Members of a list's rows that are looked at.
const MEMBERS_MAX: usize = 256;

/// Lists without rows from which it is believed that their array is not there.
const HIDDEN_MIN: u32 = 2;

/// Requests from which a parameter with a single value is constant.
const CONSTANT_TIMES_MIN: u32 = 8;

/// Learns the program of a list from its good answers, in the order of time.
#[must_use]
pub fn learn(listing: &ListResource, samples: &[ListSample<'_>], is_view: bool) -> Program {
    let mut program = empty(listing, samples);
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    for sample in samples {
        for (name, _) in &sample.request().query {
            *names.entry(name).or_default() += 1;
        }
    }
    program.learn_plain_order(samples);
    program.learn_usual(&names, samples);
    for _round in 0..2 {
        // What was a cursor for want of something better may be a page now.
        program.roles.retain(|_, role| *role != ParameterRole::Cursor);
        for name in names.keys() {
            if program.role(name).is_none()
                && let Some(role) =
                    program.filter_role(name, samples).or_else(|| program.words_role(name, samples))
            {
                program.roles.insert((*name).into(), role);
            }
        }
        program.learn_sorts(&names, samples);
        program.learn_reverse(&names, samples);
        program.learn_pages(&names, samples);
        program.learn_links(listing, samples);
        program.learn_size(samples);
    }
    program.as_asked = program.keeps_asked_order(samples);
    program.learn_figures(listing, samples);
    if is_view {
        program.views = super::RowProjection::learn(&listing.id, samples);
    }
    program
}

fn empty(listing: &ListResource, samples: &[ListSample<'_>]) -> Program {
    let mut members: FxHashSet<Box<str>> = FxHashSet::default();
    let mut shown = FxHashSet::default();
    for sample in samples.iter().rev().take(MEMBER_ANSWERS_MAX) {
        for (_, row) in sample.collection.iter().take(ROWS_LOOKED_AT) {
            member_paths(row, &mut |name| {
                if members.len() < MEMBERS_MAX && !members.contains(name) {
                    members.insert(Box::from(name));
                }
            });
        }
    }
    for sample in samples {
        for row in sample.rows.iter().take(ROWS_LOOKED_AT) {
            shown.extend(row.keys().map(|name| Box::from(name.as_str())));
        }
    }
    Program {
        roles: FxHashMap::default(),
        constant: constant(samples),
        order: ListOrder::default(),
        collation: Collation::Bytes,
        hides_empty: hides_empty(listing, samples),
        size: None,
        as_asked: false,
        usual: None,
        figures: Vec::new(),
        links: Vec::new(),
        link_style: LinkStyle::default(),
        paging: None,
        members,
        shown,
        views: Vec::new(),
    }
}

/// Whether the array is not there where it would have no rows.
fn hides_empty(listing: &ListResource, samples: &[ListSample<'_>]) -> bool {
    if listing.envelope.is_empty() {
        return false;
    }
    let (mut hidden, mut shown) = (0_u32, 0_u32);
    for document in samples.iter().filter(|s| s.ids.is_empty()).filter_map(|s| s.exchange.json()) {
        let stands = at(document, &listing.place_in(document)).is_some();
        *(if stands { &mut shown } else { &mut hidden }) += 1;
    }
    hidden >= HIDDEN_MIN && hidden > shown
}

/// Parameters that had one value in all of many requests.
fn constant(samples: &[ListSample<'_>]) -> FxHashSet<Box<str>> {
    let mut values: FxHashMap<&str, FxHashMap<&str, u32>> = FxHashMap::default();
    for (name, value) in samples.iter().flat_map(|sample| &sample.request().query) {
        *values.entry(name).or_default().entry(value).or_default() += 1;
    }
    let single = values.into_iter().filter(|(_, values)| {
        values.len() == 1 && values.values().all(|times| *times >= CONSTANT_TIMES_MIN)
    });
    single.map(|(name, _)| name.into()).collect()
}

impl Program {
    /// Whether all other parameters of a request are understood as filters or orders.
    pub(super) fn is_ready(&self, request: &Request, but: &str) -> bool {
        request.query.iter().all(|(name, _)| {
            name == but
                || (self.role(name).is_none() && self.constant.contains(&**name))
                || matches!(
                    self.role(name),
                    Some(
                        ParameterRole::Filter(..)
                            | ParameterRole::Words(..)
                            | ParameterRole::Reverse(_)
                            | ParameterRole::Limit
                            | ParameterRole::Sort { .. }
                            | ParameterRole::Direction
                    )
                )
        })
    }
}
