//! Literal or value: the judgement of one position in the tree.

use crate::domain::path::infer::group::Group;
use crate::domain::path::infer::position::Position;
use crate::domain::path::infer::siblings::Siblings;
use crate::domain::path::infer::word_stats::WordStats;
use crate::domain::path::kind::{SegmentKind, SegmentPrior};
use crate::domain::path::tree::trie::{Basis, Reason};

/// The judgement of one group.
#[derive(Debug, Clone, Copy)]
pub struct SegmentClass {
    pub parameter: bool,
    pub reason: Reason,
}

/// Log-odds a word needs against the verdict on its siblings as a whole. With less it goes with
/// them: one template for all is then the better guess.
const DISSENT: f32 = 1.5;
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
                let reason = Reason { ground, values: 1, hits: group.hits };
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
        let answers = siblings.answers();
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
        decide(&sum(&paths, &answers))
            .into_iter()
            .zip(by_paths)
            .zip(siblings.apart())
            .map(|verdict| match verdict {
                (_, true) => (false, Basis::Apart),
                ((true, false), _) => (true, Basis::SameAnswers),
                ((false, true), _) => (false, Basis::OtherAnswers),
                ((true, true), _) => (true, Basis::Crowd),
                ((false, false), _) => (false, Basis::FewSiblings),
            })
            .collect()
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
