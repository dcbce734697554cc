//! The forms of chaos rules as the description of the API shows them.
//!
//! Rules are read by the domain, which reports every mistake with the path of its field; these
//! types are never filled. Tests hold their members and bounds against what the domain takes.

#![expect(dead_code, reason = "types that describe what the domain reads and writes")]

use serde_json::Value;
use utoipa::ToSchema;

/// A chaos rule as a person writes it.
#[derive(ToSchema)]
pub struct RuleForm {
    /// A label.
    #[schema(max_length = 200, example = "checkout is flaky")]
    name: String,
    /// Whose rule it is.
    #[schema(required = false, max_length = 200, example = "web-team")]
    owner: String,
    /// Why it exists.
    #[schema(required = false, max_length = 1000)]
    reason: String,
    /// Whether it acts.
    #[schema(required = false, default = true)]
    enabled: bool,
    /// Higher ones act first; of everything but delays the first rule that asks decides.
    #[schema(required = false, default = 0, minimum = -1_000_000, maximum = 1_000_000)]
    priority: i64,
    /// Share of the matching requests that are hit. When a rule hits, all its faults act.
    #[schema(required = false, default = 1, minimum = 0, maximum = 1)]
    probability: f64,
    /// When the probability applies; always unless given.
    #[schema(required = false)]
    rate: RateForm,
    /// Makes the hits those of any rule with this number, instead of the id's.
    #[schema(required = false, minimum = 0)]
    seed: i64,
    /// Whom it means.
    scope: ScopeForm,
    /// What it does: each type once. `GET chaos/faults` lists the types with their fields.
    #[schema(min_items = 1, value_type = Vec<Object>,
        example = json!([{"type": "latency", "distribution": {"type": "fixed", "ms": 250}}]))]
    faults: Vec<Value>,
    /// Length of the lease, s; 15 minutes unless given. Not beside `expires_at`.
    #[schema(required = false, minimum = 1, example = 900)]
    ttl_s: i64,
    /// Begin of the lease; now unless given, at most 30 days ahead.
    #[schema(required = false, format = DateTime)]
    starts_at: String,
    /// End of the lease. Not beside `ttl_s`.
    #[schema(required = false, format = DateTime)]
    expires_at: String,
    /// Hits after which the rule is exhausted.
    #[schema(required = false, minimum = 1)]
    max_hits: i64,
}

/// When a rule's probability applies. Lengths in requests count those that match the scope.
#[derive(ToSchema)]
pub struct RateForm {
    /// `steady`; `bursts` {mean_on, mean_off} in requests; `first` {n}; `every` {n}; `window`
    /// {on_s, off_s}; `ramp` {from, to, over_s}.
    r#type: RateKind,
    #[schema(required = false, minimum = 1)]
    mean_on: f64,
    #[schema(required = false, minimum = 1)]
    mean_off: f64,
    #[schema(required = false, minimum = 1)]
    n: i64,
    #[schema(required = false)]
    on_s: f64,
    #[schema(required = false, minimum = 0)]
    off_s: f64,
    #[schema(required = false, minimum = 0, maximum = 1)]
    from: f64,
    #[schema(required = false, minimum = 0, maximum = 1)]
    to: f64,
    #[schema(required = false)]
    over_s: f64,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum RateKind {
    Steady,
    Bursts,
    First,
    Every,
    Window,
    Ramp,
}

/// Whom a rule means. Every part that is given must match; a list matches when one member does.
#[derive(ToSchema)]
pub struct ScopeForm {
    /// Ids of endpoints.
    #[schema(required = false, max_items = 64)]
    endpoints: Vec<String>,
    #[schema(required = false, max_items = 64, example = json!(["GET"]))]
    methods: Vec<String>,
    /// Patterns over raw paths: literal segments, `{id}`, `*`, `**`; or {regex}.
    #[schema(required = false, max_items = 64, value_type = Vec<Object>,
        example = json!(["/orders/{id}", "/cart/**", {"regex": "^/v[12]/"}]))]
    paths: Vec<Value>,
    /// `X-Mock-Session` of the consumer.
    #[schema(required = false, max_length = 128)]
    session: String,
    /// Request headers.
    #[schema(required = false, max_items = 64)]
    headers: Vec<NamedTestForm>,
    /// Query parameters.
    #[schema(required = false, max_items = 64)]
    query: Vec<NamedTestForm>,
    /// Names of routes, where the double has several backends; `default` is the one of the rest.
    #[schema(required = false, max_items = 64)]
    routes: Vec<String>,
    /// Networks of the connection's other end, in CIDR notation.
    #[schema(required = false, max_items = 64, example = json!(["10.0.0.0/8"]))]
    peers: Vec<String>,
    /// Who would answer.
    #[schema(required = false)]
    sources: Vec<SourceForm>,
    /// Endpoints that were seen to answer with a status of such a class.
    #[schema(required = false, value_type = Vec<String>, example = json!(["4xx", "5xx"]))]
    learned_statuses: Vec<String>,
    /// Must be true for a scope without any other part.
    #[schema(required = false, default = false)]
    everything: bool,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum SourceForm {
    Mock,
    Upstream,
}

/// A test of the value under a name: exactly one of `equals`, `prefix`, `regex`, `present`.
#[derive(ToSchema)]
pub struct NamedTestForm {
    name: String,
    #[schema(required = false)]
    equals: String,
    #[schema(required = false)]
    prefix: String,
    #[schema(required = false)]
    regex: String,
    #[schema(required = false)]
    present: bool,
}

/// What starts a profile: where and for how long.
#[derive(ToSchema)]
pub struct ProfileStart {
    /// Whom its rules mean.
    scope: ScopeForm,
    #[schema(required = false, max_length = 200)]
    owner: String,
    #[schema(required = false, max_length = 1000)]
    reason: String,
    #[schema(required = false, minimum = -1_000_000, maximum = 1_000_000)]
    priority: i64,
    #[schema(required = false, minimum = 1, example = 900)]
    ttl_s: i64,
    #[schema(required = false, format = DateTime)]
    starts_at: String,
    #[schema(required = false, format = DateTime)]
    expires_at: String,
    #[schema(required = false, minimum = 1)]
    max_hits: i64,
}

/// A chaos rule with its state and its figures. It can be edited and sent back.
#[derive(ToSchema)]
pub struct RuleShown {
    #[schema(example = "checkout-is-flaky")]
    id: String,
    name: String,
    owner: String,
    reason: String,
    enabled: bool,
    priority: i64,
    probability: f64,
    /// Absent when steady.
    #[schema(required = false)]
    rate: RateForm,
    #[schema(required = false)]
    seed: i64,
    scope: ScopeForm,
    #[schema(value_type = Vec<Object>)]
    faults: Vec<Value>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(required = false)]
    max_hits: i64,
    state: StateForm,
    /// Requests the scope meant while the lease ran.
    matched: u64,
    /// Of those, how many were disturbed.
    hits: u64,
    /// Of those, how many a rule before had decided already.
    shadowed: u64,
    /// Mean of the probabilities asked for; null before the first match.
    #[schema(nullable)]
    requested_rate: f64,
    /// Hits by matches; null before the first match.
    #[schema(nullable)]
    achieved_rate: f64,
    /// Where the rate behind it lies.
    achieved_interval: Option<IntervalForm>,
    /// The last hits, newest first.
    #[schema(value_type = Vec<String>)]
    last_hits_at: Vec<String>,
    /// In answers to edits: whether the edit survives a restart already.
    #[schema(required = false)]
    stored: bool,
}

/// Wilson's score interval.
#[derive(ToSchema)]
pub struct IntervalForm {
    low: f64,
    high: f64,
    #[schema(example = 0.95)]
    confidence: f64,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum StateForm {
    Active,
    Scheduled,
    Expired,
    Exhausted,
    Stopped,
    Disabled,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use utoipa::PartialSchema;

    use super::*;
    use crate::domain::chaos::rule::{FIELDS, READ_ONLY, STORED};
    use crate::domain::chaos::{ChaosLimits, ChaosRule, RuleId};

    fn members<T: PartialSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(T::schema()).expect("JSON");
        let members = schema["properties"].as_object().expect("an object");
        members.keys().cloned().collect()
    }

    #[test]
    fn the_described_members_are_those_the_domain_reads_and_writes() {
        let known = |lists: &[&[&str]]| -> BTreeSet<String> {
            lists.iter().flat_map(|list| list.iter()).map(|name| (*name).to_owned()).collect()
        };
        assert_eq!(members::<RuleForm>(), known(&[&FIELDS]));
        let mut shown = known(&[&FIELDS, &READ_ONLY, &[STORED]]);
        shown.remove("ttl_s");
        assert_eq!(members::<RuleShown>(), shown);
    }

    /// A rule that the domain takes, as the form's own examples have it.
    fn rule() -> Value {
        json!({"name": "a", "scope": {"everything": true}, "faults": [{"type": "stale"}]})
    }

    fn takes(document: &Value) -> bool {
        ChaosRule::parse(document, &ChaosLimits::default(), 0, RuleId::new("r")).is_ok()
    }

    /// The members of a schema and, of each, a value at its bound and one beyond.
    fn bounds<T: PartialSchema>() -> Vec<(String, Value, Value)> {
        let schema = serde_json::to_value(T::schema()).expect("JSON");
        let mut found = Vec::new();
        for (name, member) in schema["properties"].as_object().expect("an object") {
            let mut bound = |keyword: &str, value: fn(&Value) -> (Value, Value)| {
                if let Some(limit) = member.get(keyword).filter(|limit| !limit.is_null()) {
                    let (at, beyond) = value(limit);
                    found.push((name.clone(), at, beyond));
                }
            };
            bound("maximum", |limit| {
                let limit = limit.as_f64().expect("a number");
                (json!(limit), json!(limit + 1.0))
            });
            bound("minimum", |limit| {
                let limit = limit.as_f64().expect("a number");
                (json!(limit), json!(limit - 1.0))
            });
            bound("maxLength", |limit| {
                let length = limit.as_u64().expect("a length") as usize;
                (json!("a".repeat(length)), json!("a".repeat(length + 1)))
            });
        }
        found
    }

    #[test]
    fn the_described_bounds_are_those_the_domain_takes() {
        let mut seen = 0;
        let mut check = |name: &str, at: Value, beyond: Value, place: &dyn Fn(Value) -> Value| {
            assert!(takes(&place(at.clone())), "`{name}`: {at} is within the described bound");
            assert!(!takes(&place(beyond.clone())), "`{name}`: {beyond} is beyond it");
            seen += 1;
        };
        for (name, at, beyond) in bounds::<RuleForm>() {
            let place = |value: Value| {
                let mut rule = rule();
                rule[&name] = value;
                rule
            };
            check(&name, at, beyond, &place);
        }
        for (name, at, beyond) in bounds::<ScopeForm>() {
            let place = |value: Value| {
                let mut rule = rule();
                rule["scope"] = json!({});
                rule["scope"][&name] = value;
                rule
            };
            check(&name, at, beyond, &place);
        }
        assert!(seen >= 10, "{seen} bounds were described");
    }

    #[test]
    fn the_described_scope_has_the_members_that_the_domain_reads() {
        let mut scope = json!({});
        for name in members::<ScopeForm>() {
            scope[&name] = json!({"not": "what is expected"});
        }
        let mut rule = rule();
        rule["scope"] = scope;
        let problems = ChaosRule::parse(&rule, &ChaosLimits::default(), 0, RuleId::new("r"))
            .expect_err("every member is wrong");
        let unknown: Vec<_> =
            problems.iter().filter(|problem| problem.problem.contains("unknown field")).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
