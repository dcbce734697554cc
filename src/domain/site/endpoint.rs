//! What a site knows of one endpoint: reasons, accepted bodies, and answers to take as patterns.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::accepted::Accepted;
use super::decided_values::DecidedValue;
use super::lists::Program;
use super::selection::Selection;
use super::sources::Sources;
use super::unsent::Unsent;
use super::visibility::Visibility;
use crate::domain::outcome::{ReasonTree, Truths};
use crate::domain::variants::VariantModel;
use crate::domain::world::SiteExchange;
use crate::domain::world::form::is_token;
use crate::domain::world::pointer::Pointer;

/// Uses from which a parameter's value is a word, and words up to which they are a vocabulary.
const WORD_USES_MIN: u32 = 3;
const WORDS_MAX: usize = 8;

/// Words of accepted requests up to which they are a vocabulary, and uses of each.
const ACCEPTED_WORDS_MAX: usize = 12;
const ACCEPTED_USES_MIN: u32 = 2;

/// Share of a leaf's answers from which its status is explained.
const EXPLAINED_SHARE: f64 = 0.9;

/// Different values of one parameter that are counted.
const VALUES_MAX: usize = 64;

/// Values of query parameters that repeat.
#[derive(Debug, Clone, Default)]
pub struct QueryWords {
    values: FxHashMap<Box<str>, FxHashMap<Box<str>, u32>>,
    /// Words of accepted requests, and how many had each parameter.
    accepted: FxHashMap<Box<str>, AcceptedWords>,
    /// Parameters with a value outside those words that was refused.
    refused: FxHashSet<Box<str>>,
}

/// Accepted requests with a parameter, and how often each of its words came.
#[derive(Debug, Clone, Default)]
struct AcceptedWords {
    requests: u32,
    words: FxHashMap<Box<str>, u32>,
}

/// The words of a parameter that may name several, and their direction.
fn words_of(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(|word| word.trim_start_matches(['-', '+']))
}

impl QueryWords {
    /// Counts a value.
    pub fn observe(&mut self, name: &str, value: &str) {
        let values = self.values.entry(name.into()).or_default();
        if values.len() < VALUES_MAX || values.contains_key(value) {
            *values.entry(value.into()).or_default() += 1;
        }
    }

    /// Counts the parameter of an accepted request.
    pub fn accept(&mut self, name: &str, value: &str) {
        let AcceptedWords { requests, words } = self.accepted.entry(name.into()).or_default();
        *requests += 1;
        for word in words_of(value) {
            if words.len() < VALUES_MAX || words.contains_key(word) {
                *words.entry(word.into()).or_default() += 1;
            }
        }
    }

    /// Whether a parameter came in no accepted request; `is_one`: but in this one.
    #[must_use]
    pub fn is_strange(&self, name: &str, is_one: bool) -> bool {
        self.accepted.get(name).map_or(0, |known| known.requests) <= u32::from(is_one)
    }

    /// Whether a value has a word outside the few that were accepted.
    #[must_use]
    pub fn is_outside(&self, name: &str, value: &str, is_one: bool) -> bool {
        let Some(AcceptedWords { requests, words }) = self.accepted.get(name) else { return false };
        let is_closed = words.len() <= ACCEPTED_WORDS_MAX
            && *requests >= ACCEPTED_USES_MIN * words.len() as u32;
        // A number lies within what was accepted or outside, and an id names something that is
        // there or not: neither is a word.
        let is_none = |word: &str| word.parse::<f64>().is_ok() || is_token(word);
        if words.keys().all(|word| is_none(word)) && words_of(value).all(is_none) {
            return false;
        }
        let uses = |word: &str| words.get(word).copied().unwrap_or(0);
        is_closed && words_of(value).any(|word| uses(word) <= u32::from(is_one))
    }

    /// Notes a value of a refused request.
    pub fn refuse(&mut self, name: &str, value: &str) {
        if self.is_outside(name, value, false) {
            self.refused.insert(name.into());
        }
    }

    /// Whether a value has a word outside those that were accepted, where such ones were refused.
    #[must_use]
    pub fn is_refused(&self, name: &str, value: &str, is_one: bool) -> bool {
        self.refused.contains(name) && self.is_outside(name, value, is_one)
    }

    /// Whether a value is one of a few that come again and again.
    #[must_use]
    pub fn is_word(&self, name: &str, value: &str) -> bool {
        self.values.get(name).is_some_and(|values| {
            values.len() <= WORDS_MAX && values.get(value).is_some_and(|n| *n >= WORD_USES_MIN)
        })
    }
}

/// A recorded exchange that answers are made after.
#[derive(Debug, Clone)]
pub struct Exemplar {
    /// The exchange; its values are stand-ins where privacy asks for them.
    pub exchange: Arc<SiteExchange>,
    /// What held for its request.
    pub truths: Truths,
    /// Number of the leaf of the reasons in which it fell.
    pub leaf: u32,
    /// Members of the request's body.
    pub shape: FxHashSet<Pointer>,
    /// Its place in the order of time.
    pub number: u32,
    /// Fingerprint of the request's path and query.
    pub target: u64,
}

/// Answers with one status.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// Patterns, the oldest first.
    pub exemplars: Vec<Exemplar>,
    /// Where the values of an answer come from.
    pub sources: Sources,
    /// Members that were sent and came back, with whether they mostly did.
    pub echoed: FxHashMap<Box<str>, bool>,
    /// Values that truths decide.
    pub decided: Vec<DecidedValue>,
}

/// What a site knows of one endpoint.
#[derive(Debug, Clone, Default)]
pub struct EndpointKnowledge {
    /// Bodies that were accepted.
    pub accepted: Accepted,
    /// Queries that were accepted, each as an object of its parameters.
    pub accepted_query: Accepted,
    /// Whether members of bodies name items.
    pub has_references: bool,
    /// Parameters with small vocabularies.
    pub query_words: QueryWords,
    /// Why an answer is no server error.
    pub reasons: Option<ReasonTree>,
    /// Why an answer is a server error: nearly always chance.
    pub faults: Option<ReasonTree>,
    /// Causes that decide nothing here, because a person said so.
    pub forbidden: Vec<u16>,
    /// Causes that decide before all else, with their status, because a person said so.
    pub forced: Vec<(u16, u16)>,
    /// How often each cause was answered with each status here.
    pub met: FxHashMap<u16, Vec<(u16, u32)>>,
    /// Answers by status.
    pub answers: BTreeMap<u16, Answers>,
    /// How a list is made from its collection.
    pub program: Option<Program>,
    /// Parameters that choose what of an object is shown.
    pub selections: Vec<Selection>,
    /// Which of its rows a list shows to whom, where it is not all to all.
    pub visibility: Option<Visibility>,
    /// Whether that makes the recorded answers as they were.
    pub is_executed: bool,
    /// Skeletons of answers, and which request gets which; where answers are not drawn.
    pub variants: Option<Arc<VariantModel>>,
    /// What becomes of members that a write does not name.
    pub unsent: Unsent,
    /// Whether every good answer shows what was made: then it is made of that, and of what was
    /// sent.
    pub shows_made: bool,
    /// Whether answers issue something that later opens other endpoints.
    pub issues: bool,
    /// Whether mocks of it look at the world of their consumer.
    pub attends: bool,
    /// Whether they do so for the sake of what is recorded alone: all else is drawn.
    pub is_drawn: bool,
    /// Exchanges seen.
    pub size: u32,
    /// Statuses answered, with how often.
    pub statuses: Vec<(u16, u32)>,
}

impl EndpointKnowledge {
    /// Whether truths decide values of its answers.
    #[must_use]
    pub fn decides_values(&self) -> bool {
        self.answers.values().any(|answers| !answers.decided.is_empty())
    }

    /// How often `status` was the answer where a cause held.
    #[must_use]
    pub fn times(&self, cause: u16, status: u16) -> u32 {
        let met = self.met.get(&cause);
        met.and_then(|met| met.iter().find(|(s, _)| *s == status)).map_or(0, |(_, n)| *n)
    }

    /// Whether any status has a reason here.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        [&self.reasons, &self.faults].into_iter().flatten().any(ReasonTree::explains)
    }

    /// The statuses answered here, with how often.
    #[must_use]
    pub fn met_statuses(&self) -> Vec<(u16, u32)> {
        self.statuses.clone()
    }

    /// Whether a refusal with this status has a reason here that leaves no other.
    #[must_use]
    pub fn explains(&self, status: u16, truths: &Truths) -> bool {
        let Some(tree) = self.reasons.as_ref().filter(|_| status >= 400) else { return false };
        let (leaf, _) = tree.leaf(truths);
        !leaf.reasons.is_empty()
            && leaf.top().is_some_and(|(top, share)| top == status && share >= EXPLAINED_SHARE)
    }

    /// The recorded answer with `status` whose request is most like this one.
    #[must_use]
    pub fn most_alike(
        &self,
        status: u16,
        truths: &Truths,
        weight: &dyn Fn(u16) -> u32,
        shape: &FxHashSet<Pointer>,
        target: u64,
    ) -> Option<&Exemplar> {
        let leaf = self.reasons.as_ref().map_or(0, |tree| tree.leaf(truths).1);
        let distance = |exemplar: &Exemplar| {
            let differing = exemplar.truths.iter().filter(|n| !truths.contains(*n));
            let missing = truths.iter().filter(|n| !exemplar.truths.contains(*n));
            differing.chain(missing).map(weight).sum::<u32>()
        };
        self.answers.get(&status)?.exemplars.iter().max_by_key(|exemplar| {
            (
                exemplar.leaf == leaf,
                std::cmp::Reverse(distance(exemplar)),
                std::cmp::Reverse(exemplar.shape.symmetric_difference(shape).count()),
                exemplar.target == target,
                exemplar.number,
            )
        })
    }
}
