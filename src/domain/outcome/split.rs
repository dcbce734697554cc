//! The best reason for a set of examples, if one pays for itself.

use rustc_hash::FxHashSet;

use super::cause::{Cause, CauseGroup};
use super::counts::KnownCauses;
use super::counts::{self, StatusCounts};
use super::price;
use super::truths::{Causes, Example};

/// Bits by which the statuses must get shorter beyond the price of the reason: at 2, one endpoint
/// of pure chance in 8,000 gets a reason, and a cause needs about eight examples on each side.
pub const GAIN_BITS_MIN: f64 = 2.0;

/// Examples that each side must have: a reason is never learned from one.
const SIDE_MIN: u32 = 2;

/// Of a run of equal (truth, status), this many count: bursts are not independent evidence.
const RUN_COUNTS_MAX: u32 = 2;

/// Share of one status from which a side counts as decided by the earlier stage.
const PURE_SHARE: f64 = 0.95;

/// Share of the gain of one who is refused by number from which a reason that says who that is
/// goes first.
const TELLING_SHARE: f64 = 0.25;

/// Splits that are looked at together with the best one below them.
const LOOK_AHEAD_MAX: usize = 6;

/// A split by one cause.
#[derive(Debug, Clone)]
pub struct Split {
    /// Bits that it saves, its price paid.
    pub gain: f64,
    /// The cause.
    pub cause: u16,
    /// Statuses of the examples with it.
    pub with: StatusCounts,
    /// Statuses of those without.
    pub without: StatusCounts,
}

/// What induction needs besides the examples.
#[derive(Debug, Clone, Copy)]
pub struct Induction<'i> {
    /// The numbering of the causes.
    pub causes: &'i Causes,
    /// Causes found at other endpoints of the site.
    pub known: &'i KnownCauses,
    /// Causes that refusals here name in their words, with the status of those.
    pub named: &'i FxHashSet<(u16, u16)>,
    /// Causes that must not be a reason here: a person said so.
    pub forbidden: &'i [u16],
    /// Whether no credential is told from another here: what says 401 then is what the request
    /// shows instead, as where people log in.
    pub is_open: bool,
}

/// Counts by status.
pub fn counts_of(examples: &[&Example]) -> StatusCounts {
    let mut counts = StatusCounts::new();
    examples.iter().for_each(|example| counts::add(&mut counts, example.status, 1));
    counts
}

/// The split that explains the examples best, or `None`: then what they show is chance.
pub fn best(examples: &[&Example], counts: &StatusCounts, how: &Induction<'_>) -> Option<Split> {
    let kinds = counts.len() + 1;
    let all = counts::total(counts);
    let on = by_literal(examples);
    let varying: Vec<u16> = (0..on.len() as u16)
        .filter(|number| !how.forbidden.contains(number))
        .filter(|number| (1..all).contains(&counts::total(&on[usize::from(*number)])))
        .collect();
    let choice = ((varying.len() + 1) as f64).log2();
    let whole = counts::bits(counts, kinds);
    let mut candidates: Vec<Split> = varying
        .iter()
        .filter_map(|&cause| {
            let with = on[usize::from(cause)].clone();
            let without = counts::without(counts, &with);
            let sides = counts::total(&with).min(counts::total(&without));
            let gain = whole
                - counts::bits(&with, kinds)
                - counts::bits(&without, kinds)
                - how.price(cause, (&with, &without), choice)?;
            (sides >= SIDE_MIN).then_some(Split { gain, cause, with, without })
        })
        .collect();
    candidates.sort_by(|a, b| {
        b.gain.total_cmp(&a.gain).then_with(|| how.name(a.cause).cmp(&how.name(b.cause)))
    });
    let good: Vec<&Split> = candidates
        .iter()
        .take_while(|split| split.gain >= GAIN_BITS_MIN)
        .filter(|split| how.thinned_gain(examples, split, kinds, choice) >= how.least(split.cause))
        .collect();
    let Some(first) = good.first() else {
        return how.look_ahead(examples, &candidates, &varying, (kinds, choice));
    };
    // That it is one of few who is refused says nothing of anybody else: who that is does.
    // Where it is refused elsewhere, too, it is about who asks.
    let is_known = || how.known.contains_key(&(first.cause, top_refusal(first)));
    let telling = (how.is_bare(first) && !is_known()).then(|| {
        let says_who = |split: &&Split| how.says_who(split);
        let one = good.iter().copied().find(says_who).cloned();
        one.filter(|split| split.gain >= TELLING_SHARE * first.gain).or_else(|| {
            let others: Vec<Split> = candidates.iter().filter(says_who).cloned().collect();
            let named: Vec<u16> =
                varying.iter().copied().filter(|cause| !how.is_bare_cause(*cause)).collect();
            let pair = how.look_ahead(examples, &others, &named, (kinds, choice));
            pair.filter(|split| split.gain >= TELLING_SHARE * first.gain)
        })
    });
    telling.flatten().or_else(|| {
        let best = how.earliest(first, &good);
        Some(how.refused_elsewhere(best, &good).unwrap_or(best).clone())
    })
}

/// The status of most of those with a cause.
fn top_refusal(split: &Split) -> u16 {
    counts::top(&split.with).map_or(0, |(status, _)| status)
}

/// For each cause the statuses of the examples that have it.
fn by_literal(examples: &[&Example]) -> Vec<StatusCounts> {
    let mut on: Vec<StatusCounts> = Vec::new();
    for example in examples {
        for number in example.truths.iter() {
            let at = usize::from(number);
            if at >= on.len() {
                on.resize(at + 1, StatusCounts::new());
            }
            counts::add(&mut on[at], example.status, 1);
        }
    }
    on
}

/// Counts with and without a cause, of every run in time only the first examples.
fn thinned(examples: &[&Example], cause: u16) -> (StatusCounts, StatusCounts) {
    let (mut with, mut without) = (StatusCounts::new(), StatusCounts::new());
    let (mut last, mut run) = (None, 0);
    for example in examples {
        let this = (example.truths.contains(cause), example.status);
        run = if last == Some(this) { run + 1 } else { 1 };
        last = Some(this);
        if run <= RUN_COUNTS_MAX {
            let side = if this.0 { &mut with } else { &mut without };
            counts::add(side, this.1, 1);
        }
    }
    (with, without)
}

impl Induction<'_> {
    fn name(&self, cause: u16) -> Option<&Cause> {
        self.causes.get(cause)
    }

    fn group(&self, cause: u16) -> CauseGroup {
        self.name(cause).map_or(CauseGroup::State, Cause::group)
    }

    fn price(&self, cause: u16, sides: (&StatusCounts, &StatusCounts), choice: f64) -> Option<f64> {
        let about = (self.known, self.named, self.is_open);
        Some(price::bits((cause, self.name(cause)?), sides, choice, about))
    }

    fn thinned_gain(&self, examples: &[&Example], split: &Split, kinds: usize, choice: f64) -> f64 {
        let (with, without) = thinned(examples, split.cause);
        let price = self.price(split.cause, (&split.with, &split.without), choice);
        gain(&with, &without, kinds) - price.unwrap_or(f64::INFINITY)
    }

    /// Bits that must be left when runs are thinned: a name with its password is no accident, and
    /// whoever tries others tries them in a row.
    fn least(&self, cause: u16) -> f64 {
        let is_login = self
            .name(cause)
            .is_some_and(|cause| matches!(cause, Cause::Together(how) if &**how == "all"));
        if is_login { 0.0 } else { GAIN_BITS_MIN }
    }

    fn is_bare_cause(&self, cause: u16) -> bool {
        self.name(cause).is_some_and(Cause::is_bare_number)
    }

    /// Whether a reason says only which of a few asks.
    fn is_bare(&self, split: &Split) -> bool {
        self.is_bare_cause(split.cause)
    }

    /// The reason that is about who asks and refuses elsewhere, too, where one of whose something
    /// is explains no more.
    fn refused_elsewhere<'s>(&self, best: &Split, good: &[&'s Split]) -> Option<&'s Split> {
        let is_about_owner = matches!(self.name(best.cause), Some(Cause::Owner(_)));
        let is_it = |split: &&&Split| {
            self.is_bare(split)
                && split.gain >= best.gain
                && self.known.contains_key(&(split.cause, top_refusal(split)))
        };
        good.iter().find(is_it).copied().filter(|_| is_about_owner)
    }

    /// Whether a reason says who asks, and not only which of a few that is.
    fn says_who(&self, split: &Split) -> bool {
        self.group(split.cause) == CauseGroup::Owner && !self.is_bare(split)
    }

    /// The earlier stage goes first where it explains a status of its own alone; this decides
    /// only combinations that were never seen. Within one stage the better reason stays first:
    /// that two of those who are refused live in one town is not why.
    fn earliest<'s>(&self, first: &'s Split, good: &[&'s Split]) -> &'s Split {
        let mut best = first;
        for split in good.iter().filter(|split| !self.is_bare(split)) {
            let (own, other) = (self.group(split.cause), self.group(best.cause));
            let goes_first = own != other && (!self.owns_a_side(best) || own < other);
            if goes_first && self.owns_a_side(split) {
                best = split;
            }
        }
        best
    }

    /// Does a side hold one status only, of the kind that the cause's stage decides?
    fn owns_a_side(&self, split: &Split) -> bool {
        let group = self.group(split.cause);
        [&split.with, &split.without].into_iter().any(|side| {
            counts::top(side).is_some_and(|(status, n)| {
                let pure = f64::from(n) >= PURE_SHARE * f64::from(counts::total(side));
                status >= 300 && price::suits(group, status, self.is_open) && pure
            })
        })
    }

    /// Two reasons that pay only together.
    fn look_ahead(
        &self,
        examples: &[&Example],
        candidates: &[Split],
        varying: &[u16],
        (kinds, choice): (usize, f64),
    ) -> Option<Split> {
        let mut best: Option<Split> = None;
        for split in candidates.iter().take(LOOK_AHEAD_MAX) {
            let mut below = [0.0_f64; 2];
            for (side, counts) in [(0, &split.with), (1, &split.without)] {
                if counts.len() < 2 {
                    continue;
                }
                let part: Vec<&Example> = examples
                    .iter()
                    .copied()
                    .filter(|example| example.truths.contains(split.cause) == (side == 0))
                    .collect();
                for &cause in varying.iter().filter(|other| **other != split.cause) {
                    let gain = self.gain_below(&part, counts, cause, (kinds, choice));
                    below[side] = below[side].max(gain);
                }
            }
            let (sum, most) = (split.gain + below[0] + below[1], below[0].max(below[1]));
            let better = best.as_ref().is_none_or(|best| sum > best.gain);
            if most >= GAIN_BITS_MIN && sum >= 2.0 * GAIN_BITS_MIN && better {
                best = Some(Split { gain: sum, ..split.clone() });
            }
        }
        best
    }

    fn gain_below(
        &self,
        part: &[&Example],
        counts: &StatusCounts,
        cause: u16,
        (kinds, choice): (usize, f64),
    ) -> f64 {
        let holding: Vec<&Example> =
            part.iter().copied().filter(|example| example.truths.contains(cause)).collect();
        let with = counts_of(&holding);
        let without = counts::without(counts, &with);
        if counts::total(&with).min(counts::total(&without)) < SIDE_MIN {
            return 0.0;
        }
        let (thin_with, thin_without) = thinned(part, cause);
        let all = gain(&with, &without, kinds).min(gain(&thin_with, &thin_without, kinds));
        all - self.price(cause, (&with, &without), choice).unwrap_or(f64::INFINITY)
    }
}

/// Bits saved by telling two sides apart, before any price.
fn gain(with: &StatusCounts, without: &StatusCounts, kinds: usize) -> f64 {
    let mut both = with.clone();
    without.iter().for_each(|(status, n)| counts::add(&mut both, *status, *n));
    counts::bits(&both, kinds) - counts::bits(with, kinds) - counts::bits(without, kinds)
}
