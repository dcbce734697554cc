//! Filters: rows that pass them, and which parameter filters what, found by executing candidates.

use rustc_hash::FxHashSet;

use super::list_sample::ListSample;
use super::{ListRow, Operator, ParameterRole, Program};
use crate::domain::world::Request;

/// Share of answers that a filter must reproduce exactly.
const FILTER_SHARE: f64 = 0.85;

/// Answers of one parameter that are executed.
const ANSWERS_MAX: usize = 60;

impl Program {
    /// Rows that pass all known filters but that of one parameter.
    pub fn filtered<'r>(
        &self,
        request: &Request,
        rows: Vec<ListRow<'r>>,
        but: Option<&str>,
    ) -> Vec<ListRow<'r>> {
        let mut rows = rows;
        for (name, value) in &request.query {
            if but != Some(name.as_str())
                && let Some(ParameterRole::Filter(operator, member)) = self.role(name)
            {
                rows.retain(|(_, row)| operator.holds(row, member, value));
            }
        }
        rows
    }

    /// What a parameter filters, where executing it reproduces the recorded answers.
    pub(super) fn filter_role(
        &self,
        name: &str,
        samples: &[ListSample<'_>],
    ) -> Option<ParameterRole> {
        let own: Vec<Executed<'_>> = samples
            .iter()
            .rev()
            .filter_map(|sample| {
                let value = sample.request().parameter(name)?;
                self.is_ready(sample.request(), name).then(|| {
                    let rows = self.filtered(sample.request(), sample.all(), Some(name));
                    let cut = self.limit(sample.request()).or(self.size);
                    let answered = sample.ids.iter().map(String::as_str).collect();
                    Executed { value, rows, answered, cut }
                })
            })
            .take(ANSWERS_MAX)
            .collect();
        let values: FxHashSet<&str> = own.iter().map(|one| one.value).collect();
        if own.is_empty() || (values.len() < 2 && own.len() < 4) {
            return None;
        }
        let mut best: Option<((f64, bool, bool, u32), ParameterRole)> = None;
        let mut members: Vec<&str> = self.members.iter().map(|name| &**name).collect();
        members.sort_unstable();
        for operator in Operator::ALL {
            let anywhere = operator == Operator::Anywhere;
            let of = if anywhere { vec![""] } else { members.clone() };
            for member in of {
                let Some((share, telling)) = executed(&own, operator, member) else { continue };
                let same = member == name;
                let own = member.rsplit_once('.').map_or(member, |(_, own)| own);
                let score = (share, same, !own.is_empty() && name.contains(own), telling);
                let good = telling > 0 || (operator == Operator::Equal && same);
                if good && best.as_ref().is_none_or(|(old, _)| score > *old) {
                    best = Some((score, ParameterRole::Filter(operator, member.into())));
                }
            }
        }
        best.map(|(_, role)| role)
    }
}

/// One recorded list on which filters are tried.
struct Executed<'e> {
    value: &'e str,
    rows: Vec<ListRow<'e>>,
    answered: FxHashSet<&'e str>,
    cut: Option<usize>,
}

/// Share of the answers that a filter reproduces exactly, and how many of them are neither empty
/// nor everything; `None` when it is not good enough.
fn executed(own: &[Executed<'_>], operator: Operator, member: &str) -> Option<(f64, u32)> {
    let (mut hits, mut telling) = (0_u32, 0_u32);
    let misses_max = (1.0 - FILTER_SHARE) * own.len() as f64;
    for (nth, one) in own.iter().enumerate() {
        if (nth as f64) - f64::from(hits) > misses_max {
            return None;
        }
        let kept = one.rows.iter().filter(|(_, row)| operator.holds(row, member, one.value));
        let (mut n, mut answered) = (0, 0);
        for (id, _) in kept {
            n += 1;
            answered += usize::from(one.answered.contains(id));
        }
        // All of them, or as many as a page holds.
        let page = one.cut.map_or(n, |cut| n.min(cut));
        if answered == one.answered.len() && answered == page {
            hits += 1;
            telling += u32::from(n > 0 && n < one.rows.len());
        }
    }
    let share = f64::from(hits) / own.len() as f64;
    (share >= FILTER_SHARE).then_some((share, telling))
}
