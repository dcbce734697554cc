//! Chaos rules. Their number is bounded, and so is that of their series.

use prometheus::proto::{MetricFamily, MetricType};

use super::super::Admin;
use super::families::{count, family, gauge};
use crate::domain::chaos::RuleState;
use crate::domain::chaos::counters::RuleCounters;

/// What each rule did. Without rules there are no series, and so no families.
pub fn families(admin: &Admin) -> Vec<MetricFamily> {
    let (rules, clock) = (admin.chaos.rules(), admin.chaos.clock());
    let active = rules.iter().filter(|held| held.state(clock) == RuleState::Active).count();
    let mut families = vec![gauge(
        "stunt_double_chaos_rules_active",
        "Chaos rules that act.",
        // At most a few hundred.
        active as f64,
    )];
    if rules.is_empty() {
        return families;
    }
    let counted =
        |name: &str, help: &str, number: fn(&crate::domain::chaos::RuleCounters) -> u64| {
            let samples = rules
                .iter()
                .map(|held| count(&[("rule", held.rule.id.as_str())], number(&held.counters)));
            family(name, help, MetricType::COUNTER, samples.collect())
        };
    families.extend([
        counted(
            "stunt_double_chaos_rule_matched_total",
            "Requests that a chaos rule's scope meant while its lease ran.",
            RuleCounters::matched,
        ),
        counted(
            "stunt_double_chaos_rule_hits_total",
            "Requests that a chaos rule disturbed.",
            RuleCounters::hits,
        ),
        counted(
            "stunt_double_chaos_rule_shadowed_total",
            "Hits of a chaos rule that did nothing, because a rule before it had decided already.",
            RuleCounters::shadowed,
        ),
    ]);
    families
}
