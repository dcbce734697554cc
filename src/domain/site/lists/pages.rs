//! Pages of lists: limits, page numbers, offsets, continuations, and the numbers beside rows.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::list_sample::ListSample;
use super::{ListRow, ParameterRole, Program};
use crate::domain::world::Request;

/// Share of lists with a limit that must be cut by it.
const CUT_SHARE: f64 = 0.3;

/// Answers in which cuts are looked for.
const CUT_ANSWERS_MAX: usize = 80;

/// Different ids from which a parameter names the row at which a page begins.
const KEYS_MIN: usize = 2;

/// Share of pages that must be reproduced exactly.
const PAGE_SHARE: f64 = 0.8;

/// The number that a parameter says; of several values the last one.
pub(super) fn number(request: &Request, name: &str) -> Option<usize> {
    let value = request.parameter(name)?;
    value.rsplit(',').next()?.trim().parse().ok()
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
        // What cuts most lists first: what else bounds them has to be looked at beside it.
        let mut limits: Vec<(f64, &str)> = numeric
            .iter()
            .filter_map(|name| Some((self.limit_share(name, samples)?, *name)))
            .collect();
        limits.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        for (_, name) in limits {
            if !self.is_shorter_than(name, samples) {
                self.roles.insert(name.into(), ParameterRole::Limit);
            }
        }
        let others: Vec<&str> =
            names.keys().copied().filter(|name| self.role(name).is_none()).collect();
        for name in others {
            let paged = numeric.contains(&name).then(|| self.page_role(name, samples)).flatten();
            let keyed = self.key_role(name, samples);
            let best = match (paged, keyed) {
                (Some((pages, _)), Some((keys, role))) if keys > pages => Some(role),
                (Some((_, role)), _) | (None, Some((_, role))) => Some(role),
                (None, None) => None,
            };
            if let Some(role) = best {
                self.roles.insert(name.into(), role);
            }
        }
    }

    /// How many lists a parameter cuts: it bounds all of them, and often they are as long.
    fn limit_share(&self, name: &str, samples: &[ListSample<'_>]) -> Option<f64> {
        let own: Vec<(usize, usize)> = samples
            .iter()
            .filter_map(|s| Some((number(s.request(), name)?, s.ids.len())))
            .filter(|(limit, _)| *limit > 0)
            .collect();
        let cut = own.iter().filter(|(limit, n)| limit == n).count() as f64;
        let bounded = own.iter().all(|(limit, n)| n <= limit);
        let often = cut >= CUT_SHARE * own.len() as f64 || self.cuts(name, samples);
        (!own.is_empty() && bounded && often).then(|| cut / own.len() as f64)
    }

    /// Whether lists are cut where there is more than a parameter allows; lists that are shorter
    /// than it say nothing.
    fn cuts(&self, name: &str, samples: &[ListSample<'_>]) -> bool {
        let (cut, all) = self.cut_and_longer(name, samples);
        cut > 1 && f64::from(cut) >= PAGE_SHARE * f64::from(all)
    }

    /// Whether lists are shorter than a parameter allows, though there are more rows.
    fn is_shorter_than(&self, name: &str, samples: &[ListSample<'_>]) -> bool {
        let (cut, all) = self.cut_and_longer(name, samples);
        f64::from(cut) < PAGE_SHARE * f64::from(all)
    }

    /// Lists that are as long as a parameter says, of those of which there are more rows.
    fn cut_and_longer(&self, name: &str, samples: &[ListSample<'_>]) -> (u32, u32) {
        let (mut cut, mut all) = (0_u32, 0_u32);
        for sample in samples.iter().rev().take(CUT_ANSWERS_MAX) {
            let Some(limit) = number(sample.request(), name).filter(|limit| *limit > 0) else {
                continue;
            };
            let others = self.is_understood(sample.request(), name);
            let begins = !self.skips(sample.request());
            if others && begins && self.filtered(sample.request(), sample.all(), None).len() > limit
            {
                all += 1;
                cut += u32::from(sample.ids.len() == limit);
            }
        }
        (cut, all)
    }

    /// Whether all parameters of a request but one are understood.
    fn is_understood(&self, request: &Request, but: &str) -> bool {
        request.query.iter().all(|(name, _)| {
            name == but || self.role(name).is_some() || self.constant.contains(&**name)
        })
    }

    /// Whether a request asks for rows behind the first ones.
    fn skips(&self, request: &Request) -> bool {
        use ParameterRole::{After, Before, Cursor, Offset, Page};
        request.query.iter().any(|(name, _)| {
            matches!(self.role(name), Some(Page(..) | Offset(_) | Cursor | After | Before))
        })
    }

    pub(super) fn limit(&self, request: &Request) -> Option<usize> {
        let limits = |name: &str| self.role(name) == Some(&ParameterRole::Limit);
        let (name, _) = request.query.iter().find(|(name, _)| limits(name))?;
        number(request, name)
    }

    /// Whether it is the number of a page or of a row, with how many pages it reproduces.
    fn page_role(&self, name: &str, samples: &[ListSample<'_>]) -> Option<(usize, ParameterRole)> {
        let own: Vec<&ListSample<'_>> = samples
            .iter()
            .filter(|s| {
                number(s.request(), name).is_some() && self.is_understood(s.request(), name)
            })
            .collect();
        // An empty page is what every role makes of a number that is large enough.
        let full = own.iter().filter(|sample| !sample.ids.is_empty()).count();
        let unlimited = own.iter().filter(|sample| self.limit(sample.request()).is_none());
        let size = unlimited.map(|sample| sample.ids.len()).max().unwrap_or(0);
        let steps = |sample: &&ListSample<'_>| {
            let size = self.limit(sample.request()).unwrap_or(size);
            let value = number(sample.request(), name).unwrap_or(0);
            (value.is_multiple_of(size.max(1)), value >= size.max(2))
        };
        let counts_rows = own.iter().all(|s| steps(s).0) && own.iter().any(|s| steps(s).1);
        let mut best: Option<((usize, usize, bool), ParameterRole)> = None;
        for role in [
            ParameterRole::Page(1, size),
            ParameterRole::Page(0, size),
            ParameterRole::Offset(size),
        ] {
            let made: Vec<bool> = own
                .iter()
                .filter(|sample| self.reproduces(&role, name, sample))
                .map(|sample| !sample.ids.is_empty())
                .collect();
            let hits = made.iter().filter(|is_full| **is_full).count();
            let fits = matches!(role, ParameterRole::Offset(_)) == counts_rows;
            let score = (hits, made.len(), fits);
            let good = hits as f64 >= PAGE_SHARE * full as f64;
            if hits > 0 && good && best.as_ref().is_none_or(|(old, _)| score > *old) {
                best = Some((score, role));
            }
        }
        best.map(|((hits, ..), role)| (hits, role))
    }

    fn reproduces(&self, role: &ParameterRole, name: &str, sample: &ListSample<'_>) -> bool {
        let request = sample.request();
        let (Some(value), ParameterRole::Page(_, default) | ParameterRole::Offset(default)) =
            (number(request, name), role)
        else {
            return false;
        };
        let size = self.limit(request).unwrap_or(*default);
        let start = start(role, value, size);
        let rows = self.filtered(request, sample.all(), None);
        let rows = self.sorted(request, rows, start.saturating_add(size));
        let page = rows.iter().skip(start).take(size).map(|(id, _)| *id);
        size > 0 && page.eq(sample.ids.iter().map(String::as_str))
    }

    /// Whether it is the id of the row behind which a page begins, or before which it ends, with
    /// how many pages it reproduces.
    fn key_role(&self, name: &str, samples: &[ListSample<'_>]) -> Option<(usize, ParameterRole)> {
        let named = |sample: &ListSample<'_>| {
            let value = sample.request().parameter(name);
            value.is_some_and(|value| sample.collection.iter().any(|(id, _)| **id == *value))
        };
        let own: Vec<&ListSample<'_>> = samples
            .iter()
            .filter(|sample| !sample.ids.is_empty() && named(sample))
            .filter(|sample| self.is_understood(sample.request(), name))
            .collect();
        let values: FxHashSet<_> = own.iter().map(|s| s.request().parameter(name)).collect();
        if values.len() < KEYS_MIN {
            return None;
        }
        let longest = own.iter().map(|sample| sample.ids.len()).max().unwrap_or(0);
        let hits = |role: &ParameterRole| {
            own.iter()
                .filter(|sample| {
                    let request = sample.request();
                    let value = request.parameter(name).unwrap_or_default();
                    let size = self.limit(request).or(self.size).unwrap_or(longest);
                    let rows = self.passing(request, sample.all());
                    let Some((from, to)) = beside(role, value, &rows, size) else { return false };
                    let ids = sample.ids.iter().map(String::as_str);
                    rows[from..to].iter().map(|(id, _)| *id).eq(ids)
                })
                .count()
        };
        let all = [ParameterRole::After, ParameterRole::Before];
        let best = all.into_iter().map(|role| (hits(&role), role)).max_by_key(|(hits, _)| *hits);
        best.filter(|(hits, _)| *hits >= KEYS_MIN && *hits as f64 >= PAGE_SHARE * own.len() as f64)
    }

    /// The rows that pass; in the order that is wished where a page begins at one of them.
    pub(super) fn passing<'r>(
        &self,
        request: &Request,
        rows: Vec<ListRow<'r>>,
    ) -> Vec<ListRow<'r>> {
        let rows = self.filtered(request, rows, None);
        self.sorted(request, rows, usize::MAX)
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

/// Where the page begins and ends that stands beside the row with an id.
pub(super) fn beside(
    role: &ParameterRole,
    id: &str,
    rows: &[ListRow<'_>],
    size: usize,
) -> Option<(usize, usize)> {
    let at = rows.iter().position(|(known, _)| *known == id)?;
    match role {
        ParameterRole::After => Some((at + 1, (at + 1).saturating_add(size).min(rows.len()))),
        ParameterRole::Before => Some((at.saturating_sub(size), at)),
        _ => None,
    }
}
