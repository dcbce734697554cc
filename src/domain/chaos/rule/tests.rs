use serde_json::json;

use super::*;

const NOW_MS: i64 = 1_790_000_000_000;

fn document() -> Value {
    json!({
        "name": "checkout is flaky", "owner": "web-team", "reason": "retry test",
        "enabled": true, "priority": 0, "probability": 0.1,
        "scope": {
            "endpoints": ["e1"], "methods": ["GET"], "paths": ["/orders/{id}", "/cart/**"],
            "session": "ci-42",
            "headers": [{"name": "x-team", "equals": "web"}],
            "query": [{"name": "debug", "equals": "1"}],
            "peers": ["10.0.0.0/8"], "sources": ["mock", "upstream"], "everything": false
        },
        "faults": [
            {"type": "latency", "distribution": {"type": "fixed", "ms": 250}},
            {"type": "status", "status": 503, "retry_after_s": 5}
        ],
        "ttl_s": 900, "max_hits": 1000
    })
}

fn parse(document: &Value) -> Result<ChaosRule, Vec<FieldError>> {
    ChaosRule::parse(document, &ChaosLimits::default(), NOW_MS, RuleId::new("r1"))
}

fn with(field: &str, value: Value) -> Value {
    let mut document = document();
    document[field] = value;
    document
}

#[test]
fn the_rule_of_the_contract_is_read_stored_and_read_again() {
    let rule = parse(&document()).expect("valid");
    assert_eq!(rule.lease.expires_at_ms, NOW_MS + 900_000);
    assert_eq!(rule.lease.max_hits, Some(1000));
    let stored = serde_json::to_value(&rule).expect("stored");
    assert_eq!(stored["expires_at"], "2026-09-21T14:28:20Z");
    assert_eq!(serde_json::from_value::<ChaosRule>(stored).expect("read"), rule);
}

#[test]
fn an_answer_can_be_edited_and_sent_back() {
    let rule = parse(&document()).expect("valid");
    let mut answer = serde_json::to_value(&rule).expect("answered");
    for field in READ_ONLY {
        answer[field] = json!("whatever");
    }
    assert_eq!(parse(&answer).expect("valid"), rule);
}

#[test]
fn a_rule_stored_by_another_version_is_read() {
    let mut stored = serde_json::to_value(parse(&document()).expect("valid")).expect("stored");
    stored["colour"] = json!("red");
    for field in ["owner", "reason", "enabled", "priority", "probability"] {
        stored.as_object_mut().expect("object").remove(field);
    }
    let rule: ChaosRule = serde_json::from_value(stored).expect("tolerant");
    assert_eq!((rule.probability, rule.enabled), (1.0, true));
}

#[test]
fn the_lease_defaults_to_fifteen_minutes() {
    let mut document = document();
    document.as_object_mut().expect("object").remove("ttl_s");
    let rule = parse(&document).expect("valid");
    assert_eq!(rule.lease.expires_at_ms - NOW_MS, 15 * 60_000);
}

#[test]
fn a_scheduled_lease_counts_from_its_start() {
    let starts_at_ms = NOW_MS + 3_600_000;
    let starts_at = crate::domain::chaos::lease::rfc3339::format(starts_at_ms);
    let rule = parse(&with("starts_at", json!(starts_at))).expect("valid");
    assert_eq!(rule.lease.expires_at_ms, starts_at_ms + 900_000);
    let clock = ClockReading { now_ms: NOW_MS, mono_us: 0 };
    let counters = RuleCounters::begin(&rule.lease, clock);
    assert_eq!(rule.state(&counters, clock), RuleState::Scheduled);
}

fn check_refused(document: Value, field: &str) {
    let errors = parse(&document).expect_err("refused");
    assert!(errors.iter().any(|error| error.field == field), "{field}: {errors:?}");
}

#[test]
fn a_malformed_rule_names_its_field() {
    check_refused(json!([]), "");
    check_refused(json!({}), "name");
    check_refused(json!({}), "scope");
    check_refused(json!({}), "faults");
    check_refused(with("probabilty", json!(0.1)), "probabilty");
    check_refused(with("name", json!("")), "name");
    check_refused(with("name", json!("x".repeat(201))), "name");
    check_refused(with("enabled", json!("yes")), "enabled");
    check_refused(with("probability", json!(1.1)), "probability");
    check_refused(with("probability", json!(-0.1)), "probability");
    check_refused(with("probability", json!("NaN")), "probability");
    check_refused(with("priority", json!(1.5)), "priority");
    check_refused(with("seed", json!(-1)), "seed");
    check_refused(with("scope", json!({})), "scope");
    check_refused(with("scope", json!({"paths": ["/admin/**"]})), "scope.paths[0]");
    check_refused(with("faults", json!([])), "faults");
    check_refused(with("faults", json!([{"type": "status", "status": 99}])), "faults[0].status");
    let twice = json!([{"type": "stale"}, {"type": "stale"}]);
    check_refused(with("faults", twice), "faults[1].type");
    check_refused(with("rate", json!({"type": "sometimes"})), "rate.type");
    check_refused(with("rate", json!({"type": "first"})), "rate.n");
    check_refused(
        with("rate", json!({"type": "bursts", "mean_on": 0, "mean_off": 1})),
        "rate.mean_on",
    );
    check_refused(with("rate", json!({"type": "window", "on_s": 0, "off_s": 1})), "rate.on_s");
    check_refused(
        with("rate", json!({"type": "ramp", "from": 0, "to": 2, "over_s": 1})),
        "rate.to",
    );
}

#[test]
fn a_contradictory_lease_is_refused() {
    check_refused(with("expires_at", json!("2027-01-01T00:00:00Z")), "ttl_s");
    check_refused(with("ttl_s", json!(0)), "ttl_s");
    check_refused(with("ttl_s", json!(-5)), "ttl_s");
    check_refused(with("ttl_s", json!(24 * 3600 + 1)), "ttl_s");
    check_refused(with("max_hits", json!(0)), "max_hits");
    let until = |at: &str| {
        let mut document = with("expires_at", json!(at));
        document.as_object_mut().expect("object").remove("ttl_s");
        document
    };
    check_refused(until("2020-01-01T00:00:00Z"), "expires_at");
    check_refused(until("2036-01-01T00:00:00Z"), "expires_at");
    check_refused(until("tomorrow"), "expires_at");
    check_refused(with("starts_at", json!("2036-01-01T00:00:00Z")), "starts_at");
    let mut ends_first = until("2026-09-21T14:20:00Z");
    ends_first["starts_at"] = json!("2026-09-21T14:25:00Z");
    check_refused(ends_first, "expires_at");
}

#[test]
fn a_patch_changes_what_it_names() {
    let limits = ChaosLimits::default();
    let rule = parse(&document()).expect("valid");
    let later = NOW_MS + 60_000;
    let patch = json!({"probability": 0.5, "scope": {"session": null}, "max_hits": null});
    let amended = rule.patch(&patch, &limits, later).expect("valid");
    assert_eq!((amended.probability, &amended.scope.request.session), (0.5, &None));
    assert_eq!(amended.scope.request.endpoints, rule.scope.request.endpoints);
    assert_eq!(amended.lease, Lease { max_hits: None, ..rule.lease.clone() });

    let renewed = rule.patch(&json!({"ttl_s": 60}), &limits, later).expect("valid");
    assert_eq!(renewed.lease.created_at_ms, later);
    assert_eq!(renewed.lease.expires_at_ms, later + 60_000);

    let refused = rule.patch(&json!({"probability": 2}), &limits, later).expect_err("refused");
    assert_eq!(refused[0].field, "probability");
    assert!(rule.patch(&json!(7), &limits, later).is_err());
    let ended = rule.patch(&json!({"name": "b"}), &limits, NOW_MS + 900_000).expect_err("ended");
    assert_eq!(ended[0].field, "expires_at");
}

#[test]
fn the_shorthand_makes_rules_like_any_other() {
    let limits = ChaosLimits::default();
    let rules = ChaosRule::shorthand("e1", 30, true, &limits, NOW_MS);
    let [latency, errors] = &rules;
    assert_eq!((latency.probability, errors.probability), (1.0, 0.3));
    assert_eq!(latency.scope, Scope::endpoint("e1"));
    for rule in &rules {
        let document = serde_json::to_value(rule).expect("answered");
        let parsed = ChaosRule::parse(&document, &limits, NOW_MS, rule.id.clone());
        assert_eq!(parsed.as_ref(), Ok(rule));
    }
    let again = ChaosRule::shorthand("e1", 60, true, &limits, NOW_MS);
    assert_eq!(again.map(|rule| rule.id), rules.map(|rule| rule.id));
    assert!(ChaosRule::shorthand("e1", 30, false, &limits, NOW_MS).iter().all(|r| !r.enabled));
    assert!(ChaosRule::shorthand("e1", 0, true, &limits, NOW_MS).iter().all(|r| !r.enabled));
}
