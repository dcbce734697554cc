use std::net::IpAddr;

use serde_json::{Value, json};

use super::*;
use crate::domain::chaos::subject::{Responder, StatusClasses};
use crate::domain::chaos::{ChaosLimits, ChaosReport, RuleState};
use crate::domain::request::RequestView;

const CLOCK: ClockReading = ClockReading { now_ms: 1_700_000_000_000, mono_us: 1_000 };
const AT: ChaosDrawContext = ChaosDrawContext { clock: CLOCK, seed: ChaosSeed::Process(42) };

fn request() -> RequestView<'static> {
    RequestView {
        method: "GET",
        path: "/orders/42",
        query: "debug=1",
        session: Some("ci-42"),
        headers: &[("x-team", b"web")],
        peer: Some(IpAddr::from([10, 1, 2, 3])),
        ..RequestView::default()
    }
}

fn about<'a>(request: &'a RequestView<'a>) -> ChaosSubject<'a> {
    ChaosSubject {
        request,
        endpoint_id: Some("e1"),
        template: "/orders/{id}",
        source: Responder::Mock,
        learned_classes: StatusClasses::of([200]),
        learned: None,
        level: None,
    }
}

type Live = (Arc<ChaosRule>, Arc<RuleCounters>);

fn rule(id: &str, changes: Value) -> Live {
    let mut document = json!({
        "name": id, "scope": {"everything": true},
        "faults": [{"type": "status", "status": 503}],
    });
    for (field, value) in changes.as_object().expect("object") {
        document[field] = value.clone();
    }
    let id = RuleId::new(id);
    let rule = ChaosRule::parse(&document, &ChaosLimits::default(), CLOCK.now_ms, id);
    let rule = rule.unwrap_or_else(|errors| panic!("{document}: {errors:?}"));
    let counters = RuleCounters::begin(&rule.lease, CLOCK);
    (Arc::new(rule), Arc::new(counters))
}

fn book(rules: &[Live]) -> RuleSet {
    RuleSet::compile(rules, Arc::default())
}

/// What a plan is reported as when all of it is carried out.
fn report(plan: &ChaosPlan) -> String {
    let replaced = plan.answer.as_ref().map(|answer| (answer.cause, answer.status));
    let (delay_us, stale) = (plan.delay_us, plan.stale);
    ChaosReport { delay_us, replaced, stale, ..ChaosReport::default() }.to_string()
}

fn statuses(book: &RuleSet, n: usize) -> Vec<Option<u16>> {
    let draw = |_| book.draw(&about(&request()), AT)?.answer.map(|answer| answer.status);
    (0..n).map(draw).collect()
}

#[test]
fn a_rule_that_hits_applies_all_its_faults() {
    let faults = json!([
        {"type": "latency", "distribution": {"type": "fixed", "ms": 250}},
        {"type": "status", "status": 503, "retry_after_s": 5}
    ]);
    let book = book(&[rule("r1", json!({"faults": faults}))]);
    let effects = book.draw(&about(&request()), AT).expect("hit");
    assert_eq!(report(&effects), "latency;ms=250, status;code=503");
    let answer = effects.answer.as_deref().expect("replaced");
    assert_eq!(answer.headers.as_slice(), [("retry-after".into(), "5".into())]);
    assert_eq!(effects.hits.as_slice(), [Hit { rule: RuleId::new("r1"), ticket: 0 }]);
}

#[test]
fn nothing_outside_the_scope_is_touched() {
    let scopes = [
        json!({"endpoints": ["other"]}),
        json!({"methods": ["POST"]}),
        json!({"paths": ["/users/**"]}),
        json!({"paths": [{"regex": "^/u"}]}),
        json!({"session": "other"}),
        json!({"headers": [{"name": "x-team", "equals": "ios"}]}),
        json!({"query": [{"name": "debug", "equals": "2"}]}),
        json!({"peers": ["192.168.0.0/16"]}),
        json!({"sources": ["upstream"]}),
        json!({"learned_statuses": ["5xx"]}),
    ];
    for scope in scopes {
        let live = rule("r", json!({"scope": scope}));
        let book = book(std::slice::from_ref(&live));
        assert!((0..10_000).all(|_| book.draw(&about(&request()), AT).is_none()), "{scope}");
        assert_eq!((live.1.matched(), live.1.hits()), (0, 0), "{scope}");
    }
}

#[test]
fn the_same_seed_repeats_the_same_hits() {
    let run = || statuses(&book(&[rule("r1", json!({"probability": 0.1}))]), 1000);
    let hits = run();
    assert_eq!(hits, run());
    assert_eq!(hits.iter().flatten().count(), 100);
    assert_eq!(hits.iter().take(10).flatten().count(), 1);
    let other = statuses(&book(&[rule("r2", json!({"probability": 0.1}))]), 1000);
    assert_ne!(hits, other, "another rule hits elsewhere");
    let seeded = |id| statuses(&book(&[rule(id, json!({"probability": 0.1, "seed": 7}))]), 1000);
    assert_eq!(seeded("a"), seeded("b"));
}

#[test]
fn a_request_seed_gives_the_same_effects_whatever_ran_before() {
    let latency = json!([{"type": "latency",
        "distribution": {"type": "uniform", "min_ms": 1, "max_ms": 1000}}]);
    let book = book(&[rule("r1", json!({"probability": 0.5, "faults": latency}))]);
    let draw = |seed| {
        let at = ChaosDrawContext { seed: ChaosSeed::Request(seed), ..AT };
        book.draw(&about(&request()), at).map(|effects| effects.delay_us)
    };
    let before: Vec<_> = (0..50).map(draw).collect();
    (0..33).for_each(|_| drop(book.draw(&about(&request()), AT)));
    assert_eq!((0..50).map(draw).collect::<Vec<_>>(), before);
    let hits = before.iter().flatten().count();
    assert!((10..40).contains(&hits), "{hits}");
}

#[test]
fn the_first_rule_in_order_wins_and_delays_add_up() {
    let slow = |ms: u32, status: u32| {
        json!([{"type": "latency", "distribution": {"type": "fixed", "ms": ms}},
               {"type": "status", "status": status}])
    };
    let low = rule("low", json!({"priority": 1, "faults": slow(10, 500)}));
    let high = rule("high", json!({"priority": 5, "faults": slow(20, 502)}));
    let last = rule("last", json!({}));
    let book = book(&[last.clone(), low, high]);
    let effects = book.draw(&about(&request()), AT).expect("hit");
    assert_eq!(report(&effects), "latency;ms=30, status;code=502");
    let hits: Vec<_> = effects.hits.iter().map(|hit| hit.rule.as_str()).collect();
    assert_eq!(hits, ["high", "low"]);
    assert_eq!((last.1.matched(), last.1.hits(), last.1.shadowed()), (1, 0, 1));

    let matches = book.matching(&about(&request()), CLOCK);
    let ids: Vec<_> = matches.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["high", "low", "last"]);
    assert_eq!(matches[1].faults, ["latency"]);
    assert_eq!(matches[1].shadowed, ["status"]);
    assert_eq!(last.1.matched(), 1, "explaining counts nothing");
}

#[test]
fn ended_and_disabled_rules_never_act() {
    let limited = rule("limited", json!({"max_hits": 3}));
    let stopped = rule("stopped", json!({}));
    let disabled = rule("disabled", json!({"enabled": false}));
    let book = book(&[disabled.clone(), limited.clone(), stopped.clone()]);
    stopped.1.stop();
    assert_eq!(statuses(&book, 10).iter().flatten().count(), 3);
    assert_eq!(limited.0.state(&limited.1, CLOCK), RuleState::Exhausted);
    assert_eq!(stopped.0.state(&stopped.1, CLOCK), RuleState::Stopped);
    assert_eq!(disabled.0.state(&disabled.1, CLOCK), RuleState::Disabled);
    assert!(book.is_cancelled(&stopped.0.id));
    assert!(book.matching(&about(&request()), CLOCK).is_empty());

    let expiring = rule("expiring", json!({"ttl_s": 10}));
    let book = RuleSet::compile(std::slice::from_ref(&expiring), Arc::default());
    assert!(book.draw(&about(&request()), AT).is_some());
    let clock = ClockReading { now_ms: CLOCK.now_ms + 10_000, mono_us: CLOCK.mono_us + 10_000_000 };
    assert!(book.draw(&about(&request()), ChaosDrawContext { clock, ..AT }).is_none());
    assert!(book.draw(&about(&request()), AT).is_none(), "an ended rule stays dead");
}

#[test]
fn counters_survive_recompilation() {
    let live = rule("r1", json!({"max_hits": 3}));
    let first = book(std::slice::from_ref(&live));
    assert_eq!(statuses(&first, 2).iter().flatten().count(), 2);
    let second = book(std::slice::from_ref(&live));
    assert_eq!(statuses(&second, 5).iter().flatten().count(), 1);
    assert_eq!(statuses(&first, 5).iter().flatten().count(), 0);
}

#[test]
fn threads_share_rates_and_budgets() {
    let (rated, budgeted) = (
        rule("rated", json!({"probability": 0.25, "priority": 1})),
        rule("budgeted", json!({"max_hits": 100})),
    );
    let book = book(&[rated.clone(), budgeted.clone()]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1000).for_each(|_| drop(book.draw(&about(&request()), AT))));
        }
    });
    assert_eq!((rated.1.matched(), rated.1.hits()), (4000, 1000));
    assert_eq!(budgeted.1.hits(), 100);
}

#[test]
fn a_rate_limit_touches_only_what_exceeds_it() {
    let limit = json!([{"type": "rate_limit", "limit": 2, "per_s": 60}]);
    let live = rule("r1", json!({"faults": limit}));
    let book = book(std::slice::from_ref(&live));
    let draw = |session| book.draw(&about(&RequestView { session, ..request() }), AT);
    assert!(draw(Some("a")).is_none() && draw(Some("a")).is_none());
    assert!(draw(Some("b")).is_none());
    let effects = draw(Some("a")).expect("limited");
    assert_eq!(report(&effects), "rate_limit;code=429");
    let answer = effects.answer.as_deref().expect("replaced");
    assert_eq!(answer.cause, "rate_limit");
    let headers: Vec<_> = answer.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
    assert_eq!(
        headers,
        [
            "retry-after: 30",
            "ratelimit-limit: 2",
            "ratelimit-remaining: 0",
            "ratelimit-reset: 60",
            "x-ratelimit-limit: 2",
            "x-ratelimit-remaining: 0",
            "x-ratelimit-reset: 1700000060",
        ]
    );
    assert_eq!((live.1.matched(), live.1.hits(), live.1.shadowed()), (4, 1, 0));
}

#[test]
fn a_fault_that_cannot_act_here_is_no_hit() {
    let learned = json!([{"type": "latency",
        "distribution": {"type": "learned", "quantile": 0.99, "factor": 2}}]);
    let (unlearned, stale) = (
        rule("unlearned", json!({"faults": learned})),
        rule("stale", json!({"faults": [{"type": "stale"}]})),
    );
    let book = book(&[unlearned.clone(), stale.clone()]);
    let request = request();
    let upstream = ChaosSubject { source: Responder::Upstream, ..about(&request) };
    assert!(book.draw(&upstream, AT).is_none());
    assert_eq!((unlearned.1.hits(), stale.1.hits()), (0, 0));
    assert_eq!(report(&book.draw(&about(&request), AT).expect("mock")), "stale");
}

#[test]
fn a_chaos_level_acts_without_any_rule() {
    let book = RuleSet::default();
    let request = request();
    let levelled = ChaosSubject { level: Some(20), ..about(&request) };
    let drawn: Vec<_> = (0..100).map(|_| book.draw(&levelled, AT).expect("delayed")).collect();
    assert!(drawn.iter().all(|effects| effects.delay_us == 200_000));
    assert_eq!(drawn.iter().filter(|effects| effects.answer.is_some()).count(), 20);
    assert!(book.draw(&ChaosSubject { level: Some(0), ..about(&request) }, AT).is_none());
    assert!(book.draw(&about(&request), AT).is_none());
}

#[test]
fn rates_are_right_at_every_size() {
    for p in [0.01, 0.1, 1.0 / 3.0, 0.5, 0.9] {
        let live = rule("r1", json!({"probability": p}));
        let book = book(std::slice::from_ref(&live));
        for n in [10_u32, 90, 9_900] {
            statuses(&book, n as usize);
            let (matched, hits) = (live.1.matched() as f64, live.1.hits() as f64);
            assert!((hits - p * matched).abs() <= 1.0, "{hits} of {matched} at {p}");
        }
        let requested = live.1.requested_rate().expect("matched");
        assert!((requested - p).abs() < 1e-5, "{requested}");
    }
}
