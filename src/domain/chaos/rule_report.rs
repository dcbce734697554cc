//! A rule as the admin answers it: what was asked for, what was done, and how sure that is.

use serde::{Serialize, Serializer};

use super::counters::{RuleCounters, RuleState};
use super::lease::{ClockReading, rfc3339};
use super::rule::ChaosRule;

/// The rule with its state and its figures.
#[derive(Clone, Debug, Serialize)]
pub struct RuleReport<'a> {
    /// What was asked for.
    #[serde(flatten)]
    pub rule: &'a ChaosRule,
    /// Whether it acts.
    pub state: RuleState,
    /// Requests the scope meant while the lease ran.
    pub matched: u64,
    /// Of those, how many were disturbed.
    pub hits: u64,
    /// Of those, how many were drawn but hidden by a rule before, or could not act.
    pub shadowed: u64,
    /// Mean of the probabilities asked for, patterns included; `null` before the first match.
    pub requested_rate: Option<f64>,
    /// `hits / matched`.
    pub achieved_rate: Option<f64>,
    /// Where the rate behind `achieved_rate` lies; `None` before the first match.
    pub achieved_interval: Option<RateInterval>,
    /// The last hits, newest first.
    #[serde(serialize_with = "times")]
    pub last_hits_at: Vec<i64>,
}

/// Where the rate behind a share of hits lies, with this confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RateInterval {
    /// Its lower end, 0 to 1.
    pub low: f64,
    /// Its upper end, 0 to 1.
    pub high: f64,
    /// Chance that the rate lies between them.
    pub confidence: f64,
}

impl<'a> RuleReport<'a> {
    /// The report of a rule at the time of `clock`.
    pub fn new(rule: &'a ChaosRule, counters: &RuleCounters, clock: ClockReading) -> Self {
        // Read in this order, hits never exceed matches although both move meanwhile.
        let (hits, shadowed) = (counters.hits(), counters.shadowed());
        let matched = counters.matched().max(hits);
        Self {
            rule,
            state: rule.state(counters, clock),
            matched,
            hits,
            shadowed,
            requested_rate: counters.requested_rate(),
            achieved_rate: (matched > 0).then(|| hits as f64 / matched as f64),
            achieved_interval: RateInterval::of(hits, matched),
            last_hits_at: counters.recent_hits_at_ms(),
        }
    }
}

/// 97.5 % of a normal distribution lie below this: two-sided 95 %.
const Z: f64 = 1.959_963_985;

impl RateInterval {
    /// Wilson's score interval (JASA 22, 1927): sound for small counts and for 0 and all hits,
    /// where the textbook interval has no width. `None` without matches.
    pub fn of(hits: u64, matched: u64) -> Option<Self> {
        if matched == 0 {
            return None;
        }
        let n = matched as f64;
        let (share, z2) = (hits as f64 / n, Z * Z);
        let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let spread = (share * (1.0 - share) / n + z2 / (4.0 * n * n)).max(0.0).sqrt();
        let half = Z * spread / (1.0 + z2 / n);
        let (low, high) = ((centre - half).max(0.0), (centre + half).min(1.0));
        Some(Self { low, high, confidence: 0.95 })
    }
}

fn times<S: Serializer>(times_ms: &[i64], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(times_ms.iter().map(|at_ms| rfc3339::format(*at_ms)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::chaos::RuleId;
    use crate::domain::chaos::{ChaosLimits, rule};

    fn check(hits: u64, matched: u64, low: f64, high: f64) {
        let interval = RateInterval::of(hits, matched).expect("matched");
        let off = (interval.low - low).abs().max((interval.high - high).abs());
        assert!(off < 1e-4, "{hits} of {matched}: {interval:?}");
    }

    #[test]
    fn the_interval_is_wilsons() {
        check(1, 10, 0.0179, 0.4042);
        check(0, 10, 0.0, 0.2775);
        check(10, 10, 0.7225, 1.0);
        check(1000, 10_000, 0.0943, 0.1060);
        assert_eq!(RateInterval::of(0, 0), None);
    }

    #[test]
    fn a_report_can_be_edited_and_sent_back() {
        let document = json!({"name": "a", "scope": {"everything": true},
            "faults": [{"type": "stale"}], "probability": 0.5});
        let (limits, clock) = (ChaosLimits::default(), ClockReading { now_ms: 0, mono_us: 0 });
        let parse = |document| ChaosRule::parse(document, &limits, 0, RuleId::new("r1"));
        let rule = parse(&document).expect("valid");
        let counters = RuleCounters::begin(&rule.lease, clock);
        counters.count_match(0.5);
        assert!(counters.take_hit(&rule.lease, 1000));
        let report = serde_json::to_value(RuleReport::new(&rule, &counters, clock)).expect("JSON");
        assert_eq!((&report["state"], &report["achieved_rate"]), (&json!("active"), &json!(1.0)));
        assert_eq!(report["last_hits_at"], json!(["1970-01-01T00:00:01Z"]));
        for field in rule::READ_ONLY {
            assert!(report.get(field).is_some(), "`{field}` is read only but not answered");
        }
        assert_eq!(parse(&report).expect("valid"), rule);
    }
}
