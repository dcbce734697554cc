//! The words at one position, compared with each other and with the values beside them.

use rustc_hash::FxHashMap;

use crate::domain::path::infer::features::Features;
use crate::domain::path::infer::group::Group;
use crate::domain::path::infer::position::{Position, carriers};
use crate::domain::path::infer::word_stats::{Counts, WordStats};
use crate::domain::path::kind::{Scan, SegmentKind, SegmentPrior};
use crate::domain::words::api::share_known;

/// Words that stand at one position, and their signs as far as they do not depend on the
/// lexicon.
pub struct Siblings<'a> {
    position: &'a Position<'a>,
    words: &'a [&'a Group<'a>],
    signs: Vec<Features>,
    values: usize,
}

/// Positions elsewhere that are counted: three of them are as good as thirty.
const ELSEWHERE_MAX: u32 = 3;
/// Exchanges beyond which more of them say nothing more: the largest logs the weights were fitted
/// on have nine thousand.
const HITS_MAX: u32 = 9_000;
/// What is assumed of the siblings of a word that has none.
const ABSENT: f32 = 0.5;
/// What is assumed of their exchanges: e² is about seven.
const ABSENT_HITS_LN: f32 = 2.0;

impl<'a> Siblings<'a> {
    pub fn of(position: &'a Position<'a>, words: &'a [&'a Group<'a>]) -> Self {
        let below = carriers(position.groups.iter().map(|group| &*group.below));
        let beyond = carriers(position.groups.iter().map(|group| &*group.beyond));
        let values = position.groups.iter().filter(|g| g.lean == SegmentPrior::Value);
        let values = texts(values);
        let method_carriers = method_carriers(position.groups);
        let mut signs: Vec<Features> = words
            .iter()
            .map(|group| {
                let mut signs = own(group, position.groups.len(), &below, &beyond);
                let lonely = position.groups.len() > 1;
                let odd = (0..16).filter(|bit| {
                    lonely && group.methods >> bit & 1 == 1 && method_carriers[*bit] == 1
                });
                signs.odd_methods = count(odd.count());
                signs
            })
            .collect();
        among_others(&mut signs, words);
        around(&mut signs, position, words, values);
        Self { position, words, signs, values }
    }

    /// The log-odds of each word, with what `lexicon` knows of the rest of the API. `alone` are
    /// the verdicts on this position that `lexicon` contains, to be left out again.
    pub fn log_odds(&self, lexicon: &WordStats, alone: &[bool]) -> Vec<f32> {
        let mut signs = self.signs.clone();
        let elsewhere: Vec<Counts> = self
            .words
            .iter()
            .enumerate()
            .map(|(at, group)| {
                let counts = lexicon.word(group.hash);
                alone.get(at).map_or(counts, |&parameter| counts.without(parameter))
            })
            .collect();
        let literals = elsewhere.iter().filter(|counts| counts.literals > 0).count();
        let values = elsewhere.iter().filter(|counts| counts.parameters > 0).count();
        let after = self.after(lexicon, alone);
        let others = self.words.len() - 1;
        for (signs, counts) in signs.iter_mut().zip(&elsewhere) {
            let of_three =
                |n: u32| count(n.min(ELSEWHERE_MAX) as usize) / count(ELSEWHERE_MAX as usize);
            signs.literal_elsewhere = of_three(counts.literals);
            signs.value_elsewhere = of_three(counts.parameters);
            let share = |all: usize, own: bool| match others {
                0 => ABSENT,
                _ => count(all - usize::from(own)) / count(others),
            };
            signs.others_literal_elsewhere = share(literals, counts.literals > 0);
            signs.others_value_elsewhere = share(values, counts.parameters > 0);
            signs.parameters_after_ln = count(after.parameters as usize).ln_1p();
            signs.literals_after_ln = count(after.literals as usize).ln_1p();
            signs.combine();
        }
        signs.iter().map(Features::log_odds).collect()
    }

    fn after(&self, lexicon: &WordStats, alone: &[bool]) -> Counts {
        let (Some(previous), true) = (self.position.previous, self.position.adjacent) else {
            return Counts::default();
        };
        let counts = lexicon.after(previous);
        if alone.is_empty() {
            return counts;
        }
        counts.without(self.values > 0 || alone.contains(&true))
    }
}

/// A word seen so many times as often as its siblings on average stands apart from them …
const APART_FACTOR: f32 = 32.0;
/// … when so large a share of them was seen once. Values drawn by popularity (Zipf) repeat too
/// often for both; what does both is a resource beside a flood of paths somebody makes up.
const APART_ONCE_MIN: f32 = 0.9;
/// … and there are at least so many of them.
const APART_SIBLINGS_MIN: usize = 32;

impl Siblings<'_> {
    /// Whether each word stands apart from a crowd of siblings that were seen once.
    pub fn apart(&self) -> Vec<bool> {
        let groups = self.position.groups;
        let siblings = texts(groups.iter()) - 1;
        let once = groups.iter().map(|group| group.once).fold(0, u32::saturating_add);
        let hits: f32 = groups.iter().map(|group| group.hits as f32).sum();
        let crowd = siblings >= APART_SIBLINGS_MIN
            && count(once as usize) >= APART_ONCE_MIN * count(siblings);
        let of = |group: &&Group<'_>| {
            let own = group.hits as f32;
            crowd && own >= APART_FACTOR && own >= APART_FACTOR * (hits - own) / count(siblings)
        };
        self.words.iter().map(of).collect()
    }
}

/// Distinct texts of all `groups`.
fn texts<'g>(groups: impl Iterator<Item = &'g Group<'g>>) -> usize {
    groups.map(|group| group.texts).fold(0, u32::saturating_add) as usize
}

/// A count as a number; exact up to 2^24, and the rest does not matter here.
fn count(n: usize) -> f32 {
    n as f32
}

fn own(
    group: &Group<'_>,
    siblings: usize,
    below: &FxHashMap<u64, u32>,
    beyond: &FxHashMap<u64, u32>,
) -> Features {
    let (shared_below, density_below) = shared(&group.below, below, siblings);
    let overlap = density_below * count(group.below.len());
    let (shared_beyond, density_beyond) = shared(&group.beyond, beyond, siblings);
    let overlap_beyond = density_beyond * count(group.beyond.len());
    let scan = Scan::of(group.text);
    Features {
        hits_ln: (group.hits.clamp(1, HITS_MAX) as f32).ln(),
        once: flag(group.hits == 1),
        vocabulary: share_known(group.text),
        shared_below,
        density_below,
        overlap_ln: overlap.ln_1p(),
        unshared_ln: (count(group.below.len()) * (1.0 - shared_below)).ln_1p(),
        naturalness: scan.letters.naturalness() as f32 / 100.0,
        camel: flag(scan.case_rises > 0),
        shared_beyond,
        overlap_beyond_ln: overlap_beyond.ln_1p(),
        plain_below: flag(group.below.is_empty()),
        code: flag(group.kind == SegmentKind::Code),
        compound: flag(group.kind == SegmentKind::Compound),
        phrase: flag(group.kind == SegmentKind::Phrase),
        dotted: flag(matches!(group.kind, SegmentKind::WordFile | SegmentKind::Domain)),
        ..Features::default()
    }
}

fn flag(on: bool) -> f32 {
    f32::from(u8::from(on))
}

/// The share of `marks` that another group carries too, and the mean share of the other groups
/// that carry them.
fn shared(marks: &[u64], carriers: &FxHashMap<u64, u32>, groups: usize) -> (f32, f32) {
    if marks.is_empty() {
        return (0.0, 0.0);
    }
    let others = |mark: &u64| carriers.get(mark).map_or(0, |carriers| carriers - 1);
    let shared = marks.iter().filter(|mark| others(mark) > 0).count();
    let carried: u32 = marks.iter().map(others).sum();
    let possible = marks.len() * groups.saturating_sub(1).max(1);
    (count(shared) / count(marks.len()), carried as f32 / count(possible))
}

fn method_carriers(groups: &[Group<'_>]) -> [u32; 16] {
    let mut carriers = [0; 16];
    for group in groups {
        for (bit, carriers) in carriers.iter_mut().enumerate() {
            *carriers += u32::from(group.methods >> bit & 1);
        }
    }
    carriers
}

/// Fills in what each word's siblings are like on average, the word itself left out.
fn among_others(signs: &mut [Features], words: &[&Group<'_>]) {
    let others = words.len() - 1;
    let mut sum = Features::default();
    let (mut ends, mut joined) = (0.0, 0.0);
    let (mut first, mut second) = (0.0f32, 0.0f32);
    for (signs, group) in signs.iter().zip(words) {
        sum.once += signs.once;
        sum.hits_ln += signs.hits_ln;
        sum.vocabulary += signs.vocabulary;
        sum.overlap_ln += signs.overlap_ln;
        sum.plain_below += signs.plain_below;
        sum.code += signs.code;
        joined += signs.compound + signs.phrase;
        ends += flag(group.ends);
        if signs.hits_ln > first {
            (first, second) = (signs.hits_ln, first);
        } else {
            second = second.max(signs.hits_ln);
        }
    }
    let others_ln = count(others).ln_1p();
    for (signs, group) in signs.iter_mut().zip(words) {
        let mean = |sum: f32, own: f32, absent: f32| match others {
            0 => absent,
            _ => (sum - own) / count(others),
        };
        signs.others_ln = others_ln;
        signs.others_once = mean(sum.once, signs.once, ABSENT);
        signs.others_hits_ln = mean(sum.hits_ln, signs.hits_ln, ABSENT_HITS_LN);
        let largest = if signs.hits_ln >= first { second } else { first };
        signs.others_hits_ln_max = if others == 0 { ABSENT_HITS_LN } else { largest };
        signs.others_vocabulary = mean(sum.vocabulary, signs.vocabulary, ABSENT) * others_ln;
        signs.others_overlap_ln = mean(sum.overlap_ln, signs.overlap_ln, 0.0);
        signs.others_plain_below = mean(sum.plain_below, signs.plain_below, ABSENT);
        signs.others_code = mean(sum.code, signs.code, ABSENT);
        signs.others_compound = mean(joined, signs.compound + signs.phrase, ABSENT);
        signs.others_end = mean(ends, flag(group.ends), ABSENT);
        signs.alone = flag(others == 0);
    }
}

/// Fills in what the position as a whole is like.
fn around(signs: &mut [Features], position: &Position<'_>, words: &[&Group<'_>], values: usize) {
    let of = |lean| position.groups.iter().filter(move |group| group.lean == lean);
    let value_hits: f32 = of(SegmentPrior::Value).map(|group| group.hits as f32).sum();
    let word_hits: f32 = of(SegmentPrior::Word).map(|group| group.hits as f32).sum();
    let ends = texts(position.groups.iter().filter(|g| g.lean != SegmentPrior::Fixed && g.ends));
    let siblings = words.len() + values - 1;
    let plural = position.previous.is_some_and(is_plural) && position.adjacent;
    for (signs, group) in signs.iter_mut().zip(words) {
        signs.values_ln = count(values).ln_1p();
        signs.values_hits = value_hits / (value_hits + word_hits).max(1.0);
        signs.hits_share = group.hits as f32 / (value_hits + word_hits).max(1.0);
        signs.position_hits_ln = (value_hits + word_hits).clamp(1.0, HITS_MAX as f32).ln();
        if values > 0 {
            let mean = (value_hits / count(values)).clamp(1.0, HITS_MAX as f32);
            signs.above_values = (signs.hits_ln - mean.ln()).max(0.0);
        }
        signs.adjacent = flag(position.adjacent);
        signs.plural = flag(plural);
        signs.first = flag(position.depth == 0);
        if siblings > 0 {
            let own = flag(group.ends);
            signs.ends_oddly = (own - (count(ends) - own) / count(siblings)).abs();
        }
    }
}

pub fn is_plural(word: &str) -> bool {
    word.len() > 3 && word.ends_with('s') && !word.ends_with("ss")
}
