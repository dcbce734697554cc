//! Pages of lists: limits, page numbers, offsets, continuations, and the numbers beside rows.

use std::collections::BTreeMap;

use super::list_sample::ListSample;
use super::order::sort;
use super::{Figure, ParameterRole, Program, Spot};
use crate::domain::world::pointer::{leaves, typed_like};
use crate::domain::world::{ListResource, Request, pairs, segments};

/// Share of lists with a limit that must be cut by it.
const CUT_SHARE: f64 = 0.3;

/// Answers in which cuts are looked for.
const CUT_ANSWERS_MAX: usize = 80;

/// Share of pages that must be reproduced exactly.
const PAGE_SHARE: f64 = 0.8;

/// Share of answers that must agree on what a number counts.
const FIGURE_SHARE: f64 = 0.7;

/// Depth up to which numbers beside rows are looked for.
const FIGURE_DEPTH_MAX: usize = 3;

/// Headers whose numbers say nothing about the list.
const FRAMING: [&str; 4] = ["content-length", "date", "connection", "keep-alive"];

fn number(request: &Request, name: &str) -> Option<usize> {
    request.parameter(name)?.parse().ok()
}

impl Program {
    pub(super) fn learn_pages(&mut self, names: &BTreeMap<&str, u32>, samples: &[ListSample<'_>]) {
        let numeric: Vec<&str> = names
            .keys()
            .copied()
            .filter(|name| {
                let mut own = samples.iter().filter_map(|s| s.request().parameter(name));
                self.role(name).is_none() && own.all(|value| value.parse::<usize>().is_ok())
            })
            .collect();
        for name in &numeric {
            // A limit: never more, and as many when there are more.
            let own: Vec<(usize, usize)> = samples
                .iter()
                .filter_map(|s| Some((number(s.request(), name)?, s.ids.len())))
                .filter(|(limit, _)| *limit > 0)
                .collect();
            let cut = own.iter().filter(|(limit, n)| limit == n).count() as f64;
            let bounded = own.iter().all(|(limit, n)| n <= limit);
            let often = cut >= CUT_SHARE * own.len() as f64 || self.cuts(name, samples);
            if !own.is_empty() && bounded && often {
                self.roles.insert((*name).into(), ParameterRole::Limit);
            }
        }
        for name in numeric {
            if self.role(name).is_none()
                && let Some(role) = self.page_role(name, samples)
            {
                self.roles.insert(name.into(), role);
            }
        }
        self.learn_next(samples);
    }

    /// Whether lists are cut where there is more than a parameter allows; lists that are shorter
    /// than it say nothing.
    fn cuts(&self, name: &str, samples: &[ListSample<'_>]) -> bool {
        let (mut cut, mut all) = (0_u32, 0_u32);
        for sample in samples.iter().rev().take(CUT_ANSWERS_MAX) {
            let Some(limit) = number(sample.request(), name).filter(|limit| *limit > 0) else {
                continue;
            };
            let others = sample.request().query.iter().all(|(other, _)| {
                other == name || self.role(other).is_some() || self.constant.contains(&**other)
            });
            if others && self.filtered(sample.request(), sample.all(), None).len() > limit {
                all += 1;
                cut += u32::from(sample.ids.len() == limit);
            }
        }
        cut > 1 && f64::from(cut) >= PAGE_SHARE * f64::from(all)
    }

    pub(super) fn limit(&self, request: &Request) -> Option<usize> {
        let limits = |name: &str| self.role(name) == Some(&ParameterRole::Limit);
        request.query.iter().find(|(name, _)| limits(name)).and_then(|(_, v)| v.parse().ok())
    }

    fn page_role(&self, name: &str, samples: &[ListSample<'_>]) -> Option<ParameterRole> {
        let understood = |request: &Request| {
            request.query.iter().all(|(other, _)| {
                other == name || self.role(other).is_some() || self.constant.contains(&**other)
            })
        };
        let own: Vec<&ListSample<'_>> = samples
            .iter()
            .filter(|s| number(s.request(), name).is_some() && understood(s.request()))
            .collect();
        let unlimited = own.iter().filter(|sample| self.limit(sample.request()).is_none());
        let size = unlimited.map(|sample| sample.ids.len()).max().unwrap_or(0);
        let mut best: Option<(usize, ParameterRole)> = None;
        for role in [
            ParameterRole::Page(1, size),
            ParameterRole::Page(0, size),
            ParameterRole::Offset(size),
        ] {
            let hits = own.iter().filter(|sample| self.reproduces(&role, name, sample)).count();
            let good = hits as f64 >= PAGE_SHARE * own.len() as f64;
            if hits > 0 && good && best.as_ref().is_none_or(|(old, _)| hits > *old) {
                best = Some((hits, role));
            }
        }
        best.map(|(_, role)| role)
    }

    fn reproduces(&self, role: &ParameterRole, name: &str, sample: &ListSample<'_>) -> bool {
        let request = sample.request();
        let (Some(value), ParameterRole::Page(_, default) | ParameterRole::Offset(default)) =
            (number(request, name), role)
        else {
            return false;
        };
        let size = self.limit(request).unwrap_or(*default);
        let mut rows = self.filtered(request, sample.all(), None);
        sort(&mut rows, &self.order_of(request));
        let start = start(role, value, size);
        let page = rows.iter().skip(start).take(size).map(|(id, _)| *id);
        size > 0 && page.eq(sample.ids.iter().map(String::as_str))
    }

    /// A link to the same list with one more parameter is a continuation.
    fn learn_next(&mut self, samples: &[ListSample<'_>]) {
        let mut links: BTreeMap<(Spot, Box<str>), u32> = BTreeMap::new();
        for sample in samples {
            let request = sample.request();
            let mut note = |address: &str| {
                let other =
                    authority(address).filter(|(_, host)| request.header("host") != Some(host));
                self.authority = other.map(|(whole, _)| whole.into());
            };
            for (name, value) in &sample.exchange.headers {
                if &**name != "link"
                    && let Some(parameter) = continues(request, value)
                {
                    note(value);
                    *links.entry((Spot::Header(name.clone()), parameter)).or_default() += 1;
                }
            }
            for (place, value) in sample.exchange.json().map(leaves).unwrap_or_default() {
                if place.len() <= 2
                    && let Some(address) = value.as_str()
                    && let Some(parameter) = continues(request, address)
                {
                    note(address);
                    *links.entry((Spot::Body(place), parameter)).or_default() += 1;
                }
            }
        }
        if let Some((next, _)) = links.into_iter().max_by_key(|(_, n)| *n) {
            self.roles.entry(next.1.clone()).or_insert(ParameterRole::Cursor);
            self.next = Some(next);
        }
    }

    /// Lists without a wish that are always cut at the same length have a size.
    pub(super) fn learn_size(&mut self, samples: &[ListSample<'_>]) {
        let free = samples.iter().filter(|sample| {
            let cuts = |name: &str| {
                matches!(self.role(name), Some(ParameterRole::Limit | ParameterRole::Cursor))
            };
            !sample.request().query.iter().any(|(name, _)| cuts(name))
        });
        let mut cut: BTreeMap<usize, u32> = BTreeMap::new();
        let mut longest = 0;
        for sample in free {
            longest = longest.max(sample.ids.len());
            if sample.ids.len() < self.filtered(sample.request(), sample.all(), None).len() {
                *cut.entry(sample.ids.len()).or_default() += 1;
            }
        }
        let most = cut.into_iter().max_by_key(|(_, n)| *n).map(|(length, _)| length);
        self.size = most.filter(|length| *length == longest && *length >= 2);
    }

    pub(super) fn learn_figures(&mut self, listing: &ListResource, samples: &[ListSample<'_>]) {
        let mut votes: BTreeMap<Spot, (u32, BTreeMap<Figure, u32>)> = BTreeMap::new();
        // A flag that is always the same tells nothing of what it depends on.
        let mut flags: BTreeMap<Spot, [bool; 2]> = BTreeMap::new();
        for sample in samples {
            let filtered = self.filtered(sample.request(), sample.all(), None).len();
            let counts = PagesCounted {
                filtered,
                shown: sample.ids.len(),
                all: sample.collection.len(),
                from: self.slice(sample.request()).0,
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

/// Rows before the page that a parameter asks for.
pub(super) fn start(role: &ParameterRole, value: usize, size: usize) -> usize {
    match role {
        ParameterRole::Page(base, _) => {
            value.saturating_sub(usize::try_from(*base).unwrap_or(0)) * size
        }
        ParameterRole::Offset(_) => value,
        _ => 0,
    }
}

/// Scheme with host of an absolute address, and the host alone.
fn authority(address: &str) -> Option<(&str, &str)> {
    let start = address.find("://")? + 3;
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    Some((&address[..end], &address[start..end]))
}

/// The parameter in which an address of the same list differs from the request.
fn continues(request: &Request, address: &str) -> Option<Box<str>> {
    let (before, query) = address.split_once('?')?;
    let path = match before.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => before,
    };
    if segments(path) != request.segments {
        return None;
    }
    let differs = |(name, value): &(String, String)| request.parameter(name) != Some(value);
    pairs(query).into_iter().find(differs).map(|(name, _)| name.into())
}

/// A number in the type of the value that it replaces.
pub(super) fn figure_like(value: usize, like: Option<&serde_json::Value>) -> serde_json::Value {
    match like {
        Some(serde_json::Value::String(_)) => value.to_string().into(),
        Some(serde_json::Value::Bool(_)) => (value > 0).into(),
        like => typed_like(&value.to_string(), like.or(Some(&serde_json::Value::from(0)))),
    }
}
