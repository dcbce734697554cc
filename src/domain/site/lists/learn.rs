//! Learns how a list is made, by executing candidates on the collection as it was known.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::list_sample::ListSample;
use super::order::{directions, sort, wish};
use super::{ListOrder, Mark, ParameterRole, Program, looked_up};
use crate::domain::world::{ListResource, Request};

/// Share of sorts that must be in order, and of lists that a reversed order must reproduce.
const SORT_SHARE: f64 = 0.9;
const REVERSE_SHARE: f64 = 0.85;

/// Share of the values of a parameter that must name members before it is taken for a sort.
const NAMES_SHARE: f64 = 0.8;

/// Answers in which the order without a wish is looked for.
const ORDER_ANSWERS_MAX: usize = 80;

/// Rows of a collection in which members are looked for.
const ROWS_LOOKED_AT: usize = 60;

/// Members of one object in a row that are looked at.
const NESTED_MEMBERS_MAX: usize = 16;

/// Requests from which a parameter with a single value is constant.
const CONSTANT_TIMES_MIN: u32 = 8;

/// Marks of directions, with whether they mean descending.
type Directions = Vec<(Mark, bool)>;

/// Learns the program of a list from its good answers, in the order of time.
#[must_use]
pub fn learn(listing: &ListResource, samples: &[ListSample<'_>], is_view: bool) -> Program {
    let mut program = empty(samples);
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    for sample in samples {
        for (name, _) in &sample.request().query {
            *names.entry(name).or_default() += 1;
        }
    }
    program.order = plain_order(&program, samples);
    for _round in 0..2 {
        for name in names.keys() {
            if program.role(name).is_none()
                && let Some(role) = program.filter_role(name, samples)
            {
                program.roles.insert((*name).into(), role);
            }
        }
        program.learn_sorts(&names, samples);
        program.learn_reverse(&names, samples);
        program.learn_pages(&names, samples);
        program.learn_size(samples);
    }
    program.as_asked = program.keeps_asked_order(samples);
    program.learn_figures(listing, samples);
    if is_view {
        program.views = super::RowProjection::learn(&listing.id, samples);
    }
    program
}

fn empty(samples: &[ListSample<'_>]) -> Program {
    let mut members = FxHashSet::default();
    let mut shown = FxHashSet::default();
    for sample in samples.iter().rev().take(ORDER_ANSWERS_MAX) {
        for (_, row) in sample.collection.iter().take(ROWS_LOOKED_AT) {
            for (name, value) in &**row {
                match value {
                    Value::Object(inner) => {
                        let flat = inner.iter().filter(|(_, value)| !value.is_object());
                        let name = |(inner, _): (&String, _)| format!("{name}.{inner}").into();
                        members.extend(flat.map(name).take(NESTED_MEMBERS_MAX));
                    }
                    _ => _ = members.insert(Box::from(name.as_str())),
                }
            }
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
        order: ListOrder { by: None, descending: false },
        size: None,
        as_asked: false,
        figures: Vec::new(),
        next: None,
        authority: None,
        members,
        shown,
        views: Vec::new(),
    }
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

/// The order of lists that nobody asked to sort: of arrival, reversed, or by a member.
fn plain_order(program: &Program, samples: &[ListSample<'_>]) -> ListOrder {
    let asks = |sample: &ListSample<'_>| {
        let sorts = |name: &str| name.contains("sort") || name.contains("order");
        sample.request().query.iter().any(|(name, _)| sorts(name))
    };
    let plain: Vec<&ListSample<'_>> =
        samples.iter().filter(|sample| sample.ids.len() > 1 && !asks(sample)).collect();
    let mut members: Vec<&Box<str>> = program.members.iter().collect();
    members.sort();
    let by_member =
        members.into_iter().filter(|name| !name.contains('.')).map(|name| Some(name.clone()));
    let mut best = (0, ListOrder { by: None, descending: false });
    for by in std::iter::once(None).chain(by_member) {
        for descending in [false, true] {
            let order = ListOrder { by: by.clone(), descending };
            let hits = plain.iter().rev().take(ORDER_ANSWERS_MAX).filter(|sample| {
                let answered: FxHashSet<&str> = sample.ids.iter().map(String::as_str).collect();
                let mut rows = sample.all();
                rows.retain(|(id, _)| answered.contains(id));
                let known: FxHashSet<&str> = rows.iter().map(|(id, _)| *id).collect();
                sort(&mut rows, &order);
                let wanted = sample.ids.iter().map(String::as_str).filter(|id| known.contains(id));
                rows.iter().map(|(id, _)| *id).eq(wanted)
            });
            let hits = hits.count();
            // The order of arrival comes first and stays where others are only as good.
            if hits > best.0 {
                best = (hits, order);
            }
        }
    }
    best.1
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
                            | ParameterRole::Reverse(_)
                            | ParameterRole::Limit
                            | ParameterRole::Sort { .. }
                            | ParameterRole::Direction
                    )
                )
        })
    }

    fn learn_sorts(&mut self, names: &BTreeMap<&str, u32>, samples: &[ListSample<'_>]) {
        for name in names.keys() {
            if self.role(name).is_some() {
                continue;
            }
            let own: Vec<&ListSample<'_>> = samples
                .iter()
                .filter(|s| s.request().parameter(name).is_some() && s.ids.len() > 2)
                .collect();
            let named = own.iter().filter(|sample| self.sorts_by(sample, name).is_some()).count();
            if own.is_empty() || (named as f64) < NAMES_SHARE * own.len() as f64 {
                continue;
            }
            let others = names.keys().filter(|other| *other != name && self.role(other).is_none());
            let mut best: Option<(f64, Option<&str>, Directions)> = None;
            for other in std::iter::once(None).chain(others.map(|other| Some(*other))) {
                let Some((share, marks)) = self.directions_by(name, other, &own) else { continue };
                if share >= SORT_SHARE && best.as_ref().is_none_or(|(old, ..)| share > *old) {
                    best = Some((share, other, marks));
                }
            }
            let Some((_, direction, marks)) = best else { continue };
            if let Some(other) = direction {
                self.roles.insert(other.into(), ParameterRole::Direction);
            }
            let role = ParameterRole::Sort { direction: direction.map(Into::into), marks };
            self.roles.insert((*name).into(), role);
        }
    }

    /// Parameters of which one value turns the order without a wish round.
    fn learn_reverse(&mut self, names: &BTreeMap<&str, u32>, samples: &[ListSample<'_>]) {
        for name in
            names.keys().filter(|name| self.role(name).is_none()).copied().collect::<Vec<_>>()
        {
            let mut turned: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
            for sample in samples.iter().filter(|sample| sample.ids.len() > 2) {
                let Some(value) = sample.request().parameter(name) else { continue };
                let answered: FxHashSet<&str> = sample.ids.iter().map(String::as_str).collect();
                let mut rows = sample.all();
                rows.retain(|(id, _)| answered.contains(id));
                let order = ListOrder { descending: !self.order.descending, ..self.order.clone() };
                sort(&mut rows, &order);
                let known = rows.iter().map(|(id, _)| *id);
                let is_turned = rows.len() == sample.ids.len()
                    && known.eq(sample.ids.iter().map(String::as_str));
                let counts = turned.entry(value).or_default();
                counts.0 += u32::from(is_turned);
                counts.1 += 1;
            }
            let most = turned.into_iter().find(|(_, (hits, all))| {
                *hits > 1 && f64::from(*hits) >= REVERSE_SHARE * f64::from(*all)
            });
            if let Some((value, _)) = most {
                self.roles.insert(name.into(), ParameterRole::Reverse(value.into()));
            }
        }
    }

    fn sorts_by<'s>(&self, sample: &ListSample<'s>, name: &str) -> Option<(&'s str, String)> {
        wish(sample.request().parameter(name)?).filter(|(member, _)| self.members.contains(*member))
    }

    /// How many of some lists are sorted as wished, when `other` says the direction.
    fn directions_by(
        &self,
        name: &str,
        other: Option<&str>,
        own: &[&ListSample<'_>],
    ) -> Option<(f64, Directions)> {
        let mut marks: BTreeMap<Mark, (u32, u32, u32)> = BTreeMap::new();
        for sample in own {
            let Some((member, sign)) = self.sorts_by(sample, name) else { continue };
            let rows: FxHashMap<&str, &Map<String, Value>> = sample.all().into_iter().collect();
            let row = |id: &String| rows.get(id.as_str()).copied();
            let values: Vec<Option<&Value>> = sample
                .ids
                .iter()
                .filter_map(row)
                .filter_map(|row| looked_up(row, member))
                .map(Some)
                .collect();
            let (up, down) = directions(&values);
            if up && down {
                continue; // all equal: it tells nothing
            }
            let said = other.and_then(|other| sample.request().parameter(other));
            let counts = marks.entry((sign, said.map(ToOwned::to_owned))).or_default();
            counts.0 += u32::from(up);
            counts.1 += u32::from(down);
            counts.2 += 1;
        }
        let all: u32 = marks.values().map(|(_, _, n)| n).sum();
        let good: u32 = marks.values().map(|(up, down, _)| up.max(down)).sum();
        let share = f64::from(good) / f64::from(all);
        let found = marks.into_iter().map(|(mark, (up, down, _))| (mark, down > up)).collect();
        (all > 0).then_some((share, found))
    }
}
