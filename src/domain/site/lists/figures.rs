//! Numbers beside the rows of a list: what they count, and how they are written.

use std::collections::BTreeMap;

use super::list_sample::ListSample;
use super::pages::number;
use super::{Figure, ParameterRole, Program, Spot};
use crate::domain::world::pointer::{leaves, typed_like};
use crate::domain::world::{ListResource, Request};

/// Share of answers that must agree on what a number counts.
const FIGURE_SHARE: f64 = 0.7;

/// Depth up to which numbers beside rows are looked for.
const FIGURE_DEPTH_MAX: usize = 3;

/// Headers whose numbers say nothing about the list.
const FRAMING: [&str; 4] = ["content-length", "date", "connection", "keep-alive"];

impl Program {
    pub(super) fn learn_figures(&mut self, listing: &ListResource, samples: &[ListSample<'_>]) {
        let mut votes: BTreeMap<Spot, (u32, BTreeMap<Figure, u32>)> = BTreeMap::new();
        // A flag that is always the same tells nothing of what it depends on.
        let mut flags: BTreeMap<Spot, [bool; 2]> = BTreeMap::new();
        for sample in samples {
            let rows = self.passing(sample.request(), sample.all());
            let counts = PagesCounted {
                filtered: rows.len(),
                shown: sample.ids.len(),
                all: sample.collection.len(),
                from: self.slice(sample.request(), &rows).0,
            };
            let figures = self.figures_of(sample.request(), counts);
            let mut vote = |spot: Spot, (value, is_flag): (usize, bool)| {
                let (times, votes) = votes.entry(spot).or_default();
                *times += 1;
                for (figure, _) in figures
                    .iter()
                    .filter(|(figure, own)| *own == value && (*figure == Figure::More) == is_flag)
                {
                    *votes.entry(*figure).or_default() += 1;
                }
            };
            for (name, value) in &sample.exchange.headers {
                if let (false, Ok(value)) = (FRAMING.contains(&&**name), value.parse()) {
                    vote(Spot::Header(name.clone()), (value, false));
                }
            }
            if listing.envelope.is_empty() {
                continue;
            }
            for (place, value) in sample.exchange.json().map(leaves).unwrap_or_default() {
                let beside =
                    place.len() <= FIGURE_DEPTH_MAX && !place.starts_with(&listing.envelope);
                let number = value.as_u64().map(|number| number as usize);
                let flag = value.as_bool().map(usize::from);
                if let (true, Some(flag)) = (beside, flag) {
                    flags.entry(Spot::Body(place.clone())).or_default()[flag.min(1)] = true;
                }
                if let (true, Some(number)) = (beside, number.or(flag)) {
                    vote(Spot::Body(place), (number, flag.is_some()));
                }
            }
        }
        for (spot, (times, votes)) in votes {
            let best =
                votes.into_iter().max_by_key(|(figure, n)| (*n, *figure == Figure::Filtered));
            let varies = flags.get(&spot).is_none_or(|seen| *seen == [true, true]);
            if let Some((figure, n)) = best
                && varies
                && f64::from(n) >= FIGURE_SHARE * f64::from(times)
            {
                self.figures.push((spot, figure));
            }
        }
    }

    /// What a number beside a list may count: rows that pass, of this page, of the collection.
    pub(super) fn figures_of(
        &self,
        request: &Request,
        PagesCounted { filtered, shown, all, from }: PagesCounted,
    ) -> Vec<(Figure, usize)> {
        let more = usize::from(from + shown < filtered);
        let mut figures = vec![
            (Figure::Filtered, filtered),
            (Figure::Shown, shown),
            (Figure::All, all),
            (Figure::More, more),
        ];
        for (name, role) in &self.roles {
            match role {
                ParameterRole::Page(base, _) => {
                    let first = usize::try_from(*base).unwrap_or(0);
                    figures.push((Figure::Number, number(request, name).unwrap_or(first)));
                }
                ParameterRole::Offset(_) => {
                    figures.push((Figure::Start, number(request, name).unwrap_or(0)));
                }
                _ => {}
            }
        }
        if let Some(size) = self.limit(request).or(self.size).filter(|size| *size > 0) {
            figures.push((Figure::Size, size));
            figures.push((Figure::Pages, filtered.div_ceil(size)));
        }
        figures
    }
}

/// Rows of a list, counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct PagesCounted {
    /// Rows that pass the filters.
    pub filtered: usize,
    /// Rows of the answer.
    pub shown: usize,
    /// Rows of the collection.
    pub all: usize,
    /// Rows before the answer's first one.
    pub from: usize,
}

/// A number in the type of the value that it replaces.
pub(super) fn figure_like(value: usize, like: Option<&serde_json::Value>) -> serde_json::Value {
    match like {
        Some(serde_json::Value::String(_)) => value.to_string().into(),
        Some(serde_json::Value::Bool(_)) => (value > 0).into(),
        like => typed_like(&value.to_string(), like.or(Some(&serde_json::Value::from(0)))),
    }
}
