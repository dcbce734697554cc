//! All overrides, compiled: which one answers a request.
//!
//! Most requests match none of a thousand overrides, so the set is indexed by what is cheap to look
//! up: the endpoint, and the literal segments that a path begins with. A request goes through its
//! own path once and sees the few overrides that could mean it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use smallvec::SmallVec;

use super::answer::{Hints, OverrideAnswer};
use super::counters::{NearestMiss, OverrideCounters};
use super::override_rule::OverrideRule;
use crate::domain::chaos::{ChaosSeed, ClockReading, Responder, RuleId};
use crate::domain::matching::body_test::CompiledBodyTest;
use crate::domain::matching::path_pattern::segments;
use crate::domain::matching::{EndpointFacts, NamedTests, RequestMatcher};
use crate::domain::privacy::without_values;
use crate::domain::random::hash::{combine, hash_bytes};
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::random::seed::{mix, mix_text};
use crate::domain::request::RequestView;

/// Overrides that may exist: every answer of a large API, by hand.
pub const OVERRIDES_MAX: usize = 2_000;

/// Leading segments that the index knows; what is equal up to here is told apart by matching.
const INDEXED_SEGMENTS_MAX: usize = 12;

/// The overrides in the order in which they are asked.
#[derive(Debug, Default)]
pub struct OverrideSet {
    rules: Vec<Arc<CompiledOverride>>,
    /// Those that no path and no endpoint narrows.
    anywhere: Vec<u32>,
    by_endpoint: FxHashMap<Box<str>, Vec<u32>>,
    /// By the hash of their leading segments; what collides is told apart by matching.
    by_prefix: FxHashMap<u64, Vec<u32>>,
}

/// An override ready to be asked.
#[derive(Debug)]
pub struct CompiledOverride {
    /// As it is stored and shown.
    pub rule: Arc<OverrideRule>,
    /// Its live side, shared with the board.
    pub counters: Arc<OverrideCounters>,
    matcher: RequestMatcher,
    body: Vec<CompiledBodyTest>,
    key: u64,
}

/// A request, and who would answer it.
#[derive(Clone, Copy)]
pub struct OverrideSubject<'a> {
    /// As it came.
    pub request: &'a RequestView<'a>,
    /// The learned endpoint it belongs to; `None` while none is.
    pub endpoint: Option<EndpointFacts<'a>>,
    /// Who would answer if there was no override.
    pub source: Responder,
    /// Its body as JSON, when it is some.
    pub body: Option<&'a Value>,
}

/// What people say of one request.
#[derive(Debug, Default)]
pub struct OverrideChoice {
    /// The override that answers, its step, and the stream of its draws.
    pub answer: Option<(Arc<CompiledOverride>, usize, KeyedRng)>,
    /// Overrides whose hints hold for whatever the model draws.
    pub hints: SmallVec<[(Arc<CompiledOverride>, usize); 2]>,
}

impl OverrideChoice {
    /// What is answered; `None` when nothing is overridden but by hints.
    pub fn answered(&self) -> Option<&OverrideAnswer> {
        let (chosen, step, _) = self.answer.as_ref()?;
        chosen.rule.answers.get(*step).map(|step| &step.answer)
    }

    /// The hints, those asked last first, so that the word of the first stands.
    pub fn hints(&self) -> impl Iterator<Item = &Hints> {
        self.hints.iter().rev().filter_map(|(rule, step)| {
            match &rule.rule.answers.get(*step)?.answer {
                OverrideAnswer::Hints(hints) => Some(hints),
                _ => None,
            }
        })
    }

    /// Whether the request goes its way as if there was no override.
    pub fn is_empty(&self) -> bool {
        self.answer.is_none() && self.hints.is_empty()
    }
}

impl OverrideSet {
    /// Compiles enabled overrides, which come in the order in which they are asked.
    pub fn new<'r>(
        rules: impl IntoIterator<Item = (&'r Arc<OverrideRule>, &'r Arc<OverrideCounters>)>,
    ) -> Self {
        let mut set = Self::default();
        for (rule, counters) in rules {
            let compiled = CompiledOverride::new(rule, counters);
            if let Some(compiled) = compiled.filter(|compiled| compiled.rule.enabled) {
                set.add(compiled);
            }
        }
        set
    }

    /// Whether no override is enabled, so that requests need not be looked at.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    fn add(&mut self, compiled: CompiledOverride) {
        // Far fewer than 2^32 exist.
        let number = u32::try_from(self.rules.len()).unwrap_or(u32::MAX);
        let request = &compiled.rule.whom.request;
        if !request.paths.is_empty() {
            let prefixes: FxHashSet<Option<u64>> =
                request.paths.iter().map(|path| prefix_of(path.literal_segments())).collect();
            for prefix in prefixes {
                match prefix {
                    Some(prefix) => self.by_prefix.entry(prefix).or_default().push(number),
                    None => self.anywhere.push(number),
                }
            }
        } else if !request.endpoints.is_empty() {
            for id in &request.endpoints {
                self.by_endpoint.entry(id.as_str().into()).or_default().push(number);
            }
        } else {
            self.anywhere.push(number);
        }
        self.rules.push(Arc::new(compiled));
    }

    /// Decides and counts; `None` when no override means the request.
    pub fn choose(
        &self,
        subject: &OverrideSubject<'_>,
        clock: ClockReading,
        seed: ChaosSeed,
    ) -> Option<OverrideChoice> {
        let mut choice = OverrideChoice::default();
        for rule in self.candidates(subject) {
            if !rule.means(subject) || !rule.counters.lease.runs(&rule.rule.lease, clock) {
                continue;
            }
            let Some((step, draws)) = rule.act(subject, clock, seed) else { continue };
            if rule.rule.is_hint() {
                choice.hints.push((Arc::clone(rule), step));
                continue;
            }
            choice.answer = Some((Arc::clone(rule), step, draws));
            break;
        }
        (!choice.is_empty()).then_some(choice)
    }

    /// The overrides that mean a request, in the order in which they are asked; nothing is counted.
    pub fn matching(&self, subject: &OverrideSubject<'_>, clock: ClockReading) -> Vec<RuleId> {
        let runs = |rule: &&Arc<CompiledOverride>| {
            rule.means_silently(subject) && rule.counters.lease.runs(&rule.rule.lease, clock)
        };
        self.candidates(subject).filter(runs).map(|rule| rule.rule.id.clone()).collect()
    }

    /// Those that path and endpoint allow, in order.
    fn candidates(
        &self,
        subject: &OverrideSubject<'_>,
    ) -> impl Iterator<Item = &Arc<CompiledOverride>> {
        let mut found: SmallVec<[u32; 16]> = SmallVec::from_slice(&self.anywhere);
        if !self.by_endpoint.is_empty()
            && let Some(endpoint) = subject.endpoint
        {
            found.extend(self.by_endpoint.get(endpoint.id).into_iter().flatten().copied());
        }
        if !self.by_prefix.is_empty() {
            let mut prefix = 0;
            for segment in segments(subject.request.path).take(INDEXED_SEGMENTS_MAX) {
                prefix = combine(prefix, hash_bytes(segment.as_bytes()));
                found.extend(self.by_prefix.get(&prefix).into_iter().flatten().copied());
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|number| self.rules.get(number as usize))
    }
}

/// The key of a path's leading segments; `None` where it has none.
fn prefix_of<'s>(literal: impl Iterator<Item = &'s str>) -> Option<u64> {
    literal.take(INDEXED_SEGMENTS_MAX).fold(None, |prefix, segment| {
        Some(combine(prefix.unwrap_or(0), hash_bytes(segment.as_bytes())))
    })
}

impl CompiledOverride {
    fn new(rule: &Arc<OverrideRule>, counters: &Arc<OverrideCounters>) -> Option<Self> {
        Some(Self {
            matcher: RequestMatcher::new(&rule.whom.request, NamedTests::All)?,
            body: rule.whom.body.iter().map(CompiledBodyTest::new).collect::<Option<_>>()?,
            key: mix_text(0, rule.id.as_str()),
            rule: Arc::clone(rule),
            counters: Arc::clone(counters),
        })
    }

    /// Whether it means the request; a near miss of one that was never hit is kept.
    fn means(&self, subject: &OverrideSubject<'_>) -> bool {
        let meant = self.means_silently(subject);
        if !meant && self.counters.wants_misses() {
            self.note_miss(subject);
        }
        meant
    }

    fn means_silently(&self, subject: &OverrideSubject<'_>) -> bool {
        let whom = &self.rule.whom;
        whom.sources.contains(&subject.source)
            && self.asks_for(subject.request.method)
            && self.matcher.matches(subject.request, subject.endpoint)
            && self.body.iter().all(|test| test.holds(subject.body))
    }

    /// A browser asks by OPTIONS whether it may ask: who means that names the method.
    fn asks_for(&self, method: &str) -> bool {
        method != "OPTIONS" || !self.rule.whom.request.methods.is_empty()
    }

    fn note_miss(&self, subject: &OverrideSubject<'_>) {
        let mut because: Vec<String> = Vec::new();
        if !self.rule.whom.sources.contains(&subject.source) {
            because.push("it was proxied, and `sources` does not name `upstream`".to_owned());
        }
        let unmet = self.matcher.unmet(subject.request, subject.endpoint);
        because.extend(unmet.iter().map(ToString::to_string));
        let body = self.body.iter().filter(|test| !test.holds(subject.body));
        because.extend(body.map(|test| test.unmet().to_owned()));
        let request = subject.request;
        let count = because.len();
        let miss = || NearestMiss {
            at_ms: request.at_ms,
            method: request.method.to_owned(),
            path: subject.endpoint.map_or_else(
                || without_values(request.path),
                |endpoint| endpoint.template.to_owned(),
            ),
            because,
        };
        self.counters.note_miss(miss, count);
    }

    /// Counts a request that is meant; its step and draws, when it is acted on.
    fn act(
        &self,
        subject: &OverrideSubject<'_>,
        clock: ClockReading,
        seed: ChaosSeed,
    ) -> Option<(usize, KeyedRng)> {
        let whom = &self.rule.whom;
        let consumer = subject.request.session.map_or(0, |name| mix_text(1, name));
        self.counters.lease.count_match(whom.probability);
        // A seeded answer depends on nothing that came before it: it is the first of its kind.
        let (call, base) = match seed {
            ChaosSeed::Process(process) => (self.counters.next_call(consumer), process),
            ChaosSeed::Request(request) => (1, request),
        };
        if !whom.calls.include(call) {
            return None;
        }
        let mut draws = KeyedRng::keyed(mix(base, self.key), mix(consumer, call));
        if whom.probability < 1.0 && draws.uniform() >= whom.probability {
            return None;
        }
        let acted = match seed {
            ChaosSeed::Process(_) if self.rule.is_sequence() => self.counters.next_act(consumer),
            _ => 0,
        };
        let step = self.rule.step(acted)?;
        self.counters.lease.take_hit(&self.rule.lease, clock.now_ms).then_some((step, draws))
    }
}
