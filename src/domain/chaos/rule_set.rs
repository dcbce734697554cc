//! All rules, compiled: what the request path reads.
//!
//! A [`RuleSet`] never changes; whoever owns the rules compiles a new one after each edit and
//! publishes it. Only the counters, shared by all rule sets, move. Drawing takes no lock and, for a
//! request that no rule means, allocates nothing.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::Serialize;

use super::counters::RuleCounters;
use super::fault::{Fault, PlanContext};
use super::lease::ClockReading;
use super::plan::{ChaosPlan, Hit, ReplacedResponse};
use super::rate::{RateDraw, RatePattern, RateState};
use super::rule::ChaosRule;
use super::rule_id::RuleId;
use super::scope::ScopeMatcher;
use super::subject::{ChaosDrawContext, ChaosSeed, ChaosSubject};
use crate::domain::matching::EndpointFacts;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::random::seed;

/// Rules that may be kept at once, ended ones included: a request is held against each that is
/// alive, and 256 cheap refusals stay in the microseconds.
pub const RULES_MAX: usize = 256;

/// The rules that may act, in their order.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Box<[CompiledRule]>,
    level: Arc<LevelRate>,
}

/// The count behind `X-Chaos-Level`. It survives recompilation like a rule's counters.
#[derive(Debug, Default)]
pub struct LevelRate(RateState);

#[derive(Debug)]
struct CompiledRule {
    rule: Arc<ChaosRule>,
    counters: Arc<RuleCounters>,
    scope: ScopeMatcher,
    /// What the fault answers that can be made beforehand.
    answer: Option<Arc<ReplacedResponse>>,
    key: u64,
}

/// A rule that would act on a request, for `explain`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleMatch {
    /// As in the rule.
    pub id: RuleId,
    /// For people, as in the rule.
    pub name: String,
    /// Share of such requests that are hit, 0 to 1, before the pattern of the rate.
    pub probability: f64,
    /// Fault types that would act.
    pub faults: Vec<&'static str>,
    /// Fault types that do nothing when a rule before this one hits too.
    pub shadowed: Vec<&'static str>,
}

impl RuleSet {
    /// Disabled rules are left out; ended ones refuse by themselves. Rules of equal priority keep
    /// their order in `rules`.
    pub fn compile(rules: &[(Arc<ChaosRule>, Arc<RuleCounters>)], level: Arc<LevelRate>) -> Self {
        let compiled =
            rules.iter().filter(|(rule, _)| rule.enabled).filter_map(|(rule, counters)| {
                Some(CompiledRule {
                    scope: ScopeMatcher::new(&rule.scope)?,
                    key: rule.seed.unwrap_or_else(|| seed::hash_text(rule.id.as_str().as_bytes())),
                    answer: rule
                        .faults
                        .iter()
                        .find_map(|fault| fault.as_plan().prepare(&rule.name).map(Arc::new)),
                    rule: Arc::clone(rule),
                    counters: Arc::clone(counters),
                })
            });
        let mut compiled: Vec<_> = compiled.take(RULES_MAX).collect();
        compiled.sort_by_key(|rule| std::cmp::Reverse(rule.rule.priority));
        Self { rules: compiled.into(), level }
    }

    /// Whether nothing can act, except what `X-Chaos-Level` asks for.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether somebody took the rule back: deleted, disabled or stopped it. Asked by long effects
    /// that are being carried out; a rule that merely ran out lets them finish.
    pub fn is_cancelled(&self, id: &RuleId) -> bool {
        let held = self.rules.iter().find(|rule| rule.rule.id == *id);
        held.is_none_or(|rule| rule.counters.is_stopped())
    }

    /// Whether a live rule may mean requests of this endpoint, whoever sends them.
    pub fn could_match(&self, endpoint: EndpointFacts<'_>, clock: ClockReading) -> bool {
        self.rules.iter().any(|rule| rule.scope.could_match(endpoint) && rule.is_live(clock))
    }

    /// The rules that mean this request, in the order in which they act.
    pub fn matching(&self, subject: &ChaosSubject<'_>, clock: ClockReading) -> Vec<RuleMatch> {
        let mut taken = Vec::new();
        let mut matches = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.means(subject, clock)) {
            let (mut faults, mut shadowed) = (Vec::new(), Vec::new());
            for fault in &rule.rule.faults {
                match fault.as_plan().decides() {
                    Some(what) if taken.contains(&what) => shadowed.push(fault.name()),
                    Some(what) => {
                        taken.push(what);
                        faults.push(fault.name());
                    }
                    None => faults.push(fault.name()),
                }
            }
            let ChaosRule { id, name, probability, .. } = &*rule.rule;
            let (id, name, probability) = (id.clone(), name.clone(), *probability);
            matches.push(RuleMatch { id, name, probability, faults, shadowed });
        }
        matches
    }

    /// Draws what is done to this request, counting it at every rule that means it.
    pub fn draw(&self, subject: &ChaosSubject<'_>, at: ChaosDrawContext) -> Option<Box<ChaosPlan>> {
        let mut effects = None;
        for rule in self.rules.iter().filter(|rule| rule.means(subject, at.clock)) {
            rule.act(subject, at, &mut effects);
        }
        if let Some(level) = subject.level {
            self.level.act(level, subject, at, &mut effects);
        }
        effects
    }
}

impl CompiledRule {
    fn is_live(&self, clock: ClockReading) -> bool {
        self.counters.runs(&self.rule.lease, clock)
    }

    fn means(&self, subject: &ChaosSubject<'_>, clock: ClockReading) -> bool {
        self.scope.matches(subject) && self.is_live(clock)
    }

    fn act(
        &self,
        subject: &ChaosSubject<'_>,
        at: ChaosDrawContext,
        to: &mut Option<Box<ChaosPlan>>,
    ) {
        let (rule, counters) = (&*self.rule, &*self.counters);
        let elapsed_s = counters.elapsed_s(&rule.lease, at.clock);
        let (rate, stream) =
            draw_rate(&counters.rate, (&rule.rate, rule.probability), elapsed_s, at.seed, self.key);
        counters.count_match(rate.requested);
        if !rate.hit {
            return;
        }
        let tokens = rule.faults.iter().find_map(|fault| {
            let (consumer, rate) = fault.as_plan().bucket(subject)?;
            Some(counters.consumers().take(consumer, rate, counters.spent_us(at.clock)))
        });
        let now_ms = at.clock.now_ms;
        let mut context = PlanContext {
            subject,
            rule_name: &rule.name,
            draws: stream,
            now_ms,
            tokens,
            prepared: self.answer.as_ref(),
        };
        let untouched = ChaosPlan::default();
        let before = to.as_deref().unwrap_or(&untouched);
        if !rule.faults.iter().any(|fault| fault.as_plan().applies(&context, before)) {
            // A granted token is the bucket's yes, not a fault that another rule hid.
            if !tokens.is_some_and(|tokens| tokens.granted) {
                counters.count_shadowed();
            }
            return;
        }
        if !counters.take_hit(&rule.lease, now_ms) {
            return;
        }
        let effects = to.get_or_insert_default();
        plan(&rule.faults, &mut context, effects);
        effects.hits.push(Hit { rule: rule.id.clone(), ticket: rate.ticket });
    }
}

impl LevelRate {
    fn act(
        &self,
        level: u8,
        subject: &ChaosSubject<'_>,
        at: ChaosDrawContext,
        to: &mut Option<Box<ChaosPlan>>,
    ) {
        if level == 0 {
            return;
        }
        let p = f64::from(level) / 100.0;
        let key = seed::hash_text(LEVEL_RULE.as_bytes());
        let steady = RatePattern::Steady;
        let (rate, draws) = draw_rate(&self.0, (&steady, p), 0.0, at.seed, key);
        let now_ms = at.clock.now_ms;
        let mut context = PlanContext {
            subject,
            rule_name: LEVEL_RULE,
            draws,
            now_ms,
            tokens: None,
            prepared: None,
        };
        let effects = to.get_or_insert_default();
        let [latency, error] = ChaosRule::level_faults(level);
        plan(&[latency], &mut context, effects);
        if rate.hit {
            plan(&[error], &mut context, effects);
        }
        effects.hits.push(Hit { rule: RuleId::new(LEVEL_RULE), ticket: rate.ticket });
    }
}

/// Stands for a rule in the journal when the request asked for chaos itself.
pub const LEVEL_RULE: &str = "x-chaos-level";

/// Decides about a hit, and gives the stream from which its effects are drawn.
fn draw_rate(
    state: &RateState,
    (pattern, p): (&RatePattern, f64),
    elapsed_s: f64,
    from: ChaosSeed,
    key: u64,
) -> (RateDraw, KeyedRng) {
    // Hits and effects come from streams of their own, or a long delay would betray a hit.
    match from {
        ChaosSeed::Process(process) => {
            let rate = state.draw(pattern, p, elapsed_s, seed::mix(process, key));
            (rate, KeyedRng::keyed(process ^ EFFECTS, seed::mix(key, rate.ticket)))
        }
        ChaosSeed::Request(request) => {
            let rate = state.peek(pattern, p, elapsed_s, seed::mix(request, key));
            (rate, KeyedRng::keyed(request ^ EFFECTS, key))
        }
    }
}

/// Tells the stream of effects from that of hits.
const EFFECTS: u64 = 0x0065_6666_6563_7473;

fn plan(faults: &[Fault], context: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
    for fault in faults {
        let fault = fault.as_plan();
        if fault.applies(context, effects) {
            fault.plan(context, effects);
        }
    }
}
