//! Literal or value: the judgement of one position in the tree.

use crate::domain::path::infer::group::Group;
use crate::domain::path::infer::position::Position;
use crate::domain::path::infer::responses;
use crate::domain::path::infer::siblings::{Siblings, is_plural};
use crate::domain::path::infer::word_stats::WordStats;
use crate::domain::path::kind::{SegmentKind, SegmentPrior};
use crate::domain::path::tree::segment_reason::{Basis, SegmentReason};

/// The judgement of one group.
#[derive(Debug, Clone, Copy)]
pub struct SegmentClass {
    pub parameter: bool,
    pub reason: SegmentReason,
}

/// Log-odds a word needs against the verdict on its siblings as a whole. With less it goes with
/// them: one template for all is then the better guess.
const DISSENT: f32 = 1.5;
/// So many words, and nothing that is a value by its look beside them, are names until more speaks
/// for a parameter: three words seen once each may be three resources as well as one …
const FEW_MAX: usize = 3;
/// … namely in their mean log-odds, or in their answers.
const FEW_BAR: f32 = 2.0;
/// The log-odds from their answers that outweigh being few: three words whose answers have four
/// members in common have as much.
const FEW_ANSWERS: f32 = 2.5;
/// The bar right after a plural, where items stand.
const FEW_BAR_PLURAL: f32 = 1.0;
/// The bar at the front of the paths, where resources stand.
const FEW_BAR_FRONT: f32 = 4.0;
/// Log-odds beyond which one word says no more about its siblings.
const VOTE_MAX: f32 = 6.0;

impl Position<'_> {
    /// One verdict for each group, in their order.
    pub fn judge(&self) -> Vec<SegmentClass> {
        let words: Vec<&Group<'_>> =
            self.groups.iter().filter(|group| group.lean == SegmentPrior::Word).collect();
        let mut of_word = self.judge_words(&words).into_iter();
        self.groups
            .iter()
            .map(|group| {
                let (parameter, ground) = match group.lean {
                    SegmentPrior::Fixed => (false, Basis::FixedLook),
                    SegmentPrior::Value if self.is_api_version(group) => (false, Basis::FixedLook),
                    SegmentPrior::Value => (true, Basis::Look),
                    SegmentPrior::Word => of_word.next().unwrap_or((false, Basis::FirstSight)),
                };
                let reason = SegmentReason { ground, values: 1, hits: group.hits };
                SegmentClass { parameter, reason }
            })
            .collect()
    }

    /// Whether each word is a value, and why.
    fn judge_words(&self, words: &[&Group<'_>]) -> Vec<(bool, Basis)> {
        if words.is_empty() {
            return Vec::new();
        }
        let siblings = Siblings::of(self, words);
        let answers = responses::of(self, words);
        // The first run knew nothing of the rest of the API; what it said of this very position
        // must not come back as evidence from elsewhere.
        let none = WordStats::default();
        let alone: Vec<bool> = if self.lexicon.is_empty() {
            vec![false; words.len()]
        } else {
            decide(&sum(&siblings.log_odds(&none, &[]), &answers))
        };
        let paths = siblings.log_odds(self.lexicon, &alone);
        let by_paths = decide(&paths);
        let few = self.are_few_names(words, &paths);
        decide(&sum(&paths, &answers))
            .into_iter()
            .zip(by_paths)
            .zip(siblings.apart())
            .zip(&answers)
            .map(|(verdict, &answers)| match verdict {
                ((true, _), false) if few && answers < FEW_ANSWERS => (false, Basis::FewSiblings),
                (_, true) => (false, Basis::Apart),
                ((true, false), _) => (true, Basis::SameAnswers),
                ((false, true), _) => (false, Basis::OtherAnswers),
                ((true, true), _) => (true, Basis::Crowd),
                ((false, false), _) => (false, Basis::FewSiblings),
            })
            .collect()
    }

    /// Whether the words are so few, and speak so weakly for a parameter, that they are names.
    fn are_few_names(&self, words: &[&Group<'_>], log_odds: &[f32]) -> bool {
        let few = self.groups.len() == words.len() && (2..=FEW_MAX).contains(&words.len());
        let mean = log_odds.iter().sum::<f32>() / log_odds.len().max(1) as f32;
        let bar = match self.before() {
            None if self.depth == 0 => FEW_BAR_FRONT,
            Some(before) if is_plural(before) => FEW_BAR_PLURAL,
            Some(before) if SegmentKind::of(before, before.len()).lean() == SegmentPrior::Fixed => {
                FEW_BAR_FRONT
            }
            _ => FEW_BAR,
        };
        few && mean < bar
    }

    /// Dates and small numbers at the very front name a version of the whole API.
    fn is_api_version(&self, group: &Group<'_>) -> bool {
        let number = group.kind == SegmentKind::Integer && group.text.len() == 1;
        let front = self.depth == 0
            || self.depth <= 2 && matches!(self.previous, Some("api" | "rest" | "version"));
        front && (number || group.kind == SegmentKind::Date)
    }
}

fn sum(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// The siblings decide together; single words may dissent.
fn decide(log_odds: &[f32]) -> Vec<bool> {
    let vote: f32 = log_odds.iter().map(|odds| odds.clamp(-VOTE_MAX, VOTE_MAX)).sum();
    let bar = if vote > 0.0 { -DISSENT } else { DISSENT };
    log_odds.iter().map(|&odds| odds > bar).collect()
}
