//! Learns the orders of a list: the one without a wish, sorts, directions, and how texts compare.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::list_sample::ListSample;
use super::member_path::MemberPath;
use super::order::{Collation, OrderPaths, RowKey, directions, nth_of};
use super::{ListOrder, ListRow, Mark, ParameterRole, Program};

/// Share of sorts that must be in order, and of lists that a reversed order must reproduce.
const SORT_SHARE: f64 = 0.9;
const REVERSE_SHARE: f64 = 0.85;

/// Share of the values of a parameter that must name members before it is taken for a sort.
const NAMES_SHARE: f64 = 0.8;

/// Answers in which orders are looked for.
const ORDER_ANSWERS_MAX: usize = 80;

/// Marks of directions, with whether they mean descending.
type Directions = Vec<(Mark, bool)>;

/// Rows that were answered, in their order, each with its place in the order of arrival.
fn placed<'s>(sample: &ListSample<'s>) -> Vec<(usize, ListRow<'s>)> {
    let all = sample.collection.iter().enumerate();
    let known: FxHashMap<&str, (usize, ListRow<'s>)> =
        all.map(|(n, (id, row))| (&**id, (n, (&**id, &**row)))).collect();
    sample.ids.iter().filter_map(|id| known.get(id.as_str()).copied()).collect()
}

impl Program {
    /// The order of lists that nobody asked to sort, with how their texts compare.
    pub(super) fn learn_plain_order(&mut self, samples: &[ListSample<'_>]) {
        let asks = |sample: &ListSample<'_>| {
            let sorts = |name: &str| {
                let value = sample.request().parameter(name).unwrap_or_default();
                !self.sort_wishes(value).is_empty()
            };
            sample.request().query.iter().any(|(name, _)| sorts(name))
        };
        let plain = samples.iter().rev().filter(|sample| sample.ids.len() > 1 && !asks(sample));
        let plain: Vec<_> = plain.take(ORDER_ANSWERS_MAX).map(placed).collect();
        let mut members: Vec<&Box<str>> = self.members.iter().collect();
        members.sort();
        // Members of the rows themselves before those of objects in them.
        members.sort_by_key(|member| member.matches('.').count());
        let by_member = members.into_iter().map(|name| vec![(name.clone(), false)]);
        let mut best = (0, ListOrder::default(), Collation::Bytes);
        for keys in std::iter::once(Vec::new()).chain(by_member) {
            let up = ListOrder { keys, descending: false };
            for (order, collation) in [
                (up.clone(), Collation::Bytes),
                (up.reversed(), Collation::Bytes),
                (up.clone(), Collation::NoCase),
                (up.reversed(), Collation::NoCase),
            ] {
                let hits = {
                    let paths = OrderPaths::of(&order, collation);
                    plain.iter().filter(|rows| paths.holds(rows)).count()
                };
                // The order of arrival comes first and stays where others are only as good.
                if hits > best.0 {
                    best = (hits, order, collation);
                }
            }
        }
        self.order = best.1;
        self.collation = best.2;
        self.learn_collation(samples);
    }

    /// Which collation puts more of the lists in order that were asked to be sorted by texts.
    fn learn_collation(&mut self, samples: &[ListSample<'_>]) {
        let (mut bytes, mut without) = (0_u32, 0_u32);
        for sample in samples.iter().rev().take(ORDER_ANSWERS_MAX) {
            let mut wished = sample.request().query.iter().map(|(_, v)| self.sort_wishes(v));
            let Some((member, _)) = wished.find_map(|wishes| wishes.into_iter().next()) else {
                continue;
            };
            let path = MemberPath::new(member);
            let rows = placed(sample);
            let keys: Vec<RowKey<'_>> =
                rows.iter().map(|(_, row)| RowKey::of(path.get(row.1))).collect();
            let is_sorted = |collation| {
                let (up, down) = directions(&keys, collation);
                u32::from(up || down)
            };
            bytes += is_sorted(Collation::Bytes);
            without += is_sorted(Collation::NoCase);
        }
        if bytes != without {
            self.collation = if without > bytes { Collation::NoCase } else { Collation::Bytes };
        }
    }

    pub(super) fn learn_sorts(&mut self, names: &BTreeMap<&str, u32>, samples: &[ListSample<'_>]) {
        for name in names.keys() {
            if self.role(name).is_some() {
                continue;
            }
            let own: Vec<&ListSample<'_>> = samples
                .iter()
                .filter(|s| s.request().parameter(name).is_some() && s.ids.len() > 2)
                .collect();
            let wishes = |sample: &ListSample<'_>| {
                self.sort_wishes(sample.request().parameter(name).unwrap_or_default()).len()
            };
            let named = own.iter().filter(|sample| wishes(sample) > 0).count();
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
            let direction = direction.map(Into::into);
            let role = |several| ParameterRole::Sort {
                direction: Option::clone(&direction),
                marks: marks.clone(),
                several,
            };
            self.roles.insert((*name).into(), role(true));
            if !self.sorts_by_several(name, &own) {
                self.roles.insert((*name).into(), role(false));
            }
        }
    }

    /// Whether lists that were asked to be sorted by several members are; so it is believed where
    /// none was.
    fn sorts_by_several(&self, name: &str, own: &[&ListSample<'_>]) -> bool {
        let (mut sorted, mut not) = (0_u32, 0_u32);
        for sample in own {
            let value = sample.request().parameter(name).unwrap_or_default();
            if self.sort_wishes(value).len() > 1 {
                let order = self.order_of(sample.request());
                let holds = OrderPaths::of(&order, self.collation).holds(&placed(sample));
                *(if holds { &mut sorted } else { &mut not }) += 1;
            }
        }
        not <= sorted
    }

    /// Parameters of which one value turns the order without a wish round.
    pub(super) fn learn_reverse(
        &mut self,
        names: &BTreeMap<&str, u32>,
        samples: &[ListSample<'_>],
    ) {
        let order = self.order.reversed();
        for name in
            names.keys().filter(|name| self.role(name).is_none()).copied().collect::<Vec<_>>()
        {
            let mut turned: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
            for sample in samples.iter().filter(|sample| sample.ids.len() > 2) {
                let Some(value) = sample.request().parameter(name) else { continue };
                let rows = placed(sample);
                let is_turned = rows.len() == sample.ids.len()
                    && OrderPaths::of(&order, self.collation).holds(&rows);
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

    /// How many of some lists are sorted as wished, when `other` says the direction.
    fn directions_by(
        &self,
        name: &str,
        other: Option<&str>,
        own: &[&ListSample<'_>],
    ) -> Option<(f64, Directions)> {
        let mut marks: BTreeMap<Mark, (u32, u32, u32)> = BTreeMap::new();
        for sample in own {
            let wished = self.sort_wishes(sample.request().parameter(name)?);
            let Some((member, sign)) = wished.into_iter().next() else { continue };
            let path = MemberPath::new(member);
            let rows = placed(sample);
            let values = rows.iter().filter_map(|(_, row)| path.get(row.1));
            let values: Vec<RowKey<'_>> = values.map(|value| RowKey::of(Some(value))).collect();
            let (up, down) = directions(&values, self.collation);
            if up && down {
                continue; // all equal: it tells nothing
            }
            let said = other.and_then(|other| sample.request().parameter(other));
            let counts = marks.entry((sign, nth_of(said, 0))).or_default();
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
