//! Filters: rows that pass them, and which parameter filters what, found by executing candidates.

use rustc_hash::FxHashSet;

use super::list_sample::ListSample;
use super::operator::RowFilter;
use super::{AskedRows, ListRow, Operator, ParameterRole, Program};
use crate::domain::world::Request;

/// Share of answers that a filter must reproduce exactly.
const FILTER_SHARE: f64 = 0.85;

/// Rows below one item or another that must all hold its id.
const ROWS_OF_PARENT_MIN: usize = 3;

/// Answers of one parameter that are executed.
const ANSWERS_MAX: usize = 60;

/// How good a candidate is: share of answers, whether it is the parameter's name, how much of it
/// stands in that name, and how many answers tell.
type Score = (f64, bool, u8, u32);

impl Program {
    /// Rows that pass all known filters but that of one parameter.
    pub fn filtered<'r>(
        &self,
        request: &Request,
        rows: Vec<ListRow<'r>>,
        but: Option<&str>,
    ) -> Vec<ListRow<'r>> {
        let mut rows = rows;
        if let Some(usual) = &self.usual
            && request.parameter(&usual.unless).is_none()
        {
            usual.keep(AskedRows::Usual, &mut rows);
        }
        for (name, value) in request.query.iter().filter(|(name, _)| but != Some(name.as_str())) {
            match self.role(name) {
                Some(ParameterRole::Filter(operator, member)) => {
                    keep(&mut rows, *operator, member, value);
                }
                Some(ParameterRole::Words(words, otherwise)) => {
                    let asked = words.iter().find(|(word, _)| **word == **value);
                    if let (Some((_, asked)), Some(usual)) = (asked, &self.usual) {
                        usual.keep(*asked, &mut rows);
                    } else if let Some(member) = otherwise {
                        keep(&mut rows, Operator::Equal, member, value);
                    }
                }
                _ => {}
            }
        }
        rows
    }

    /// What a request asks of another view of the same rows, named as the list names it: what is
    /// `where.city` there may be `filter.where.city` here.
    #[must_use]
    pub fn asked_as_list(&self, request: &Request) -> Request {
        let mut own = super::asked(request, &[]).into_owned();
        for (name, _) in own.query.iter_mut().filter(|(name, _)| self.role(name).is_none()) {
            let mut ends = self.roles.keys().filter(|known| {
                known.strip_suffix(name.as_str()).is_some_and(|above| above.ends_with('.'))
            });
            if let (Some(known), None) = (ends.next(), ends.next()) {
                *name = known.to_string();
            }
        }
        own
    }

    /// Rows that pass filters that were never met, as others are named.
    pub(super) fn filtered_alike<'r>(
        &self,
        request: &Request,
        mut rows: Vec<ListRow<'r>>,
    ) -> Vec<ListRow<'r>> {
        for (name, value) in request.query.iter().filter(|(name, _)| self.role(name).is_none()) {
            if let Some((operator, member)) = self.named_alike(name) {
                keep(&mut rows, operator, &member, value);
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
        let mut own: Vec<Executed<'_>> = samples
            .iter()
            .rev()
            .filter_map(|sample| {
                let value = sample.request().parameter(name)?;
                self.is_ready(sample.request(), name).then(|| {
                    let rows = self.filtered(sample.request(), sample.all(), Some(name));
                    let cut = self.limit(sample.request()).or(self.size);
                    let answered: FxHashSet<&str> = sample.ids.iter().map(String::as_str).collect();
                    let shown = rows.iter().filter(|(id, _)| answered.contains(id));
                    let shown: Vec<ListRow<'_>> = shown.copied().collect();
                    Executed { value, all: answered.len(), rows, shown, cut }
                })
            })
            .take(ANSWERS_MAX)
            .collect();
        let values: FxHashSet<&str> = own.iter().map(|one| one.value).collect();
        if own.is_empty() || (values.len() < 2 && own.len() < 4) {
            return None;
        }
        // Lists that show something, and not all, part the candidates soonest.
        own.sort_by_key(|one| one.shown.is_empty() || one.shown.len() == one.rows.len());
        // That rows below an item all hold its id is no accident, though no other item was asked.
        let is_of_parent = super::asked::is_above(name)
            && own.iter().map(|one| one.shown.len()).sum::<usize>() >= ROWS_OF_PARENT_MIN;
        let mut best: Option<(Score, ParameterRole)> = None;
        let mut members: Vec<&str> = self.members.iter().map(|name| &**name).collect();
        members.sort_unstable();
        for operator in Operator::ALL {
            let anywhere = operator == Operator::Anywhere;
            let of = if anywhere { vec![""] } else { members.clone() };
            for member in of {
                let Some((share, telling)) = executed(&own, operator, member) else { continue };
                let same = member == name;
                let is_called = match is_of_parent {
                    true => u8::from(member.to_ascii_lowercase().ends_with("id")),
                    false => named(name, member),
                };
                let score = (share, same, is_called, telling);
                let equal = operator == Operator::Equal;
                let good = telling > 0 || (equal && (same || is_of_parent));
                if good && best.as_ref().is_none_or(|(old, _)| score > *old) {
                    best = Some((score, ParameterRole::Filter(operator, member.into())));
                }
            }
        }
        best.map(|(_, role)| role)
    }
}

/// Keeps the rows that stand in a relation.
fn keep(rows: &mut Vec<ListRow<'_>>, operator: Operator, member: &str, value: &str) {
    let condition = RowFilter::new(operator, member, value).among(rows.iter().map(|(_, row)| *row));
    rows.retain(|(_, row)| condition.holds(row));
}

/// How much of a member's path stands in the name of a parameter: its last part, or another one.
fn named(name: &str, member: &str) -> u8 {
    let mut steps = member.rsplit('.').filter(|step| !step.is_empty());
    let is_last = steps.next().is_some_and(|own| name.contains(own));
    let mut words = name.split(|c: char| !c.is_alphanumeric() && c != '_');
    let is_step = |step: &str, word: &str| step == word || step.ends_with(&format!(":{word}"));
    let is_other = words.any(|word| steps.clone().any(|step| is_step(step, word)));
    if is_last { 2 } else { u8::from(is_other) }
}

/// One recorded list on which filters are tried.
struct Executed<'e> {
    value: &'e str,
    rows: Vec<ListRow<'e>>,
    /// Rows of these that were answered.
    shown: Vec<ListRow<'e>>,
    /// How many were answered.
    all: usize,
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
        let condition = RowFilter::new(operator, member, one.value);
        let condition = condition.among(one.rows.iter().map(|(_, row)| *row));
        if one.shown.len() != one.all || !one.shown.iter().all(|(_, row)| condition.holds(row)) {
            continue;
        }
        let kept = one.rows.iter().filter(|(_, row)| condition.holds(row)).count();
        // All of them, or as many as a page holds.
        if one.all == one.cut.map_or(kept, |cut| kept.min(cut)) {
            hits += 1;
            telling += u32::from(kept > 0 && kept < one.rows.len());
        }
    }
    let share = f64::from(hits) / own.len() as f64;
    (share >= FILTER_SHARE).then_some((share, telling))
}
