use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::chaos::ChaosLimits;

const CLOCK: ClockReading = ClockReading { now_ms: 1_700_000_000_000, mono_us: 0 };
const SEED: ChaosSeed = ChaosSeed::Process(7);

type Held = (Arc<OverrideRule>, Arc<OverrideCounters>);

fn held(number: usize, document: &Value) -> Held {
    let id = RuleId::new(format!("o{number}"));
    let rule = OverrideRule::parse(document, &ChaosLimits::default(), CLOCK.now_ms, id);
    let rule = rule.unwrap_or_else(|errors| panic!("{document}: {errors:?}"));
    let counters = Arc::new(OverrideCounters::begin(&rule.lease, CLOCK));
    (Arc::new(rule), counters)
}

fn of(matches: &[Value]) -> (OverrideSet, Vec<Held>) {
    let answer = json!({"type": "exactly", "status": 418});
    let document = |whom: &Value| json!({"name": "o", "match": whom, "answer": answer});
    let held: Vec<Held> =
        matches.iter().enumerate().map(|(n, whom)| held(n, &document(whom))).collect();
    (OverrideSet::new(held.iter().map(|(rule, counters)| (rule, counters))), held)
}

fn request() -> RequestView<'static> {
    RequestView {
        method: "POST",
        path: "/orders/42/items",
        query: "debug=1&q=a+b",
        session: Some("ci"),
        headers: &[("x-team", b"web"), ("accept", b"application/json")],
        ..RequestView::default()
    }
}

const ENDPOINT: EndpointFacts<'static> =
    EndpointFacts { id: "e1", method: "POST", template: "/orders/{id}/items", route: "" };

fn chosen(set: &OverrideSet, request: &RequestView<'_>, body: Option<&Value>) -> Option<String> {
    let endpoint = Some(ENDPOINT);
    let subject = OverrideSubject { request, endpoint, source: Responder::Mock, body };
    let choice = set.choose(&subject, CLOCK, SEED)?;
    choice.answer.map(|(rule, _, _)| rule.rule.id.to_string())
}

#[track_caller]
fn check(whom: Value, expected: bool) {
    let (set, _) = of(std::slice::from_ref(&whom));
    let body = json!({"sku": "A-1", "n": 2});
    assert_eq!(chosen(&set, &request(), Some(&body)).is_some(), expected, "{whom}");
}

#[test]
fn every_condition_narrows() {
    check(json!({"endpoints": ["e1"]}), true);
    check(json!({"endpoints": ["e2"]}), false);
    check(json!({"methods": ["POST"]}), true);
    check(json!({"methods": ["GET"]}), false);
    check(json!({"paths": ["/orders/{id}/items"]}), true);
    check(json!({"paths": ["/orders/42/items"]}), true);
    check(json!({"paths": ["/orders/43/items", "/**/items"]}), true);
    check(json!({"paths": ["/orders/**"], "endpoints": ["e1"]}), true);
    check(json!({"paths": ["/orders/**"], "endpoints": ["e2"]}), false);
    check(json!({"paths": [{"regex": "^/orders/\\d+"}]}), true);
    check(json!({"paths": ["/order/**"]}), false);
    check(json!({"session": "ci"}), true);
    check(json!({"session": "other"}), false);
    check(json!({"headers": [{"name": "X-Team", "equals": "web"}]}), true);
    // Who describes one request means every mark of it.
    check(
        json!({"headers": [{"name": "x-team", "equals": "web"},
        {"name": "x-none", "present": true}]}),
        false,
    );
    check(
        json!({"query": [{"name": "debug", "equals": "1"}, {"name": "q", "equals": "a b"}]}),
        true,
    );
    check(
        json!({"query": [{"name": "debug", "equals": "1"}, {"name": "q", "equals": "a"}]}),
        false,
    );
    check(json!({"body": [{"pointer": "/sku", "regex": "^A"}, {"contains": {"n": 2}}]}), true);
    check(json!({"body": [{"pointer": "/sku", "regex": "^A"}, {"contains": {"n": 3}}]}), false);
    check(json!({"methods": ["POST"], "sources": ["upstream"]}), false);
    check(json!({"methods": ["POST"], "sources": ["upstream", "mock"]}), true);
}

#[test]
fn the_first_in_order_answers_and_hints_fall_through() {
    let hint = json!({"name": "h", "match": {"methods": ["POST"]},
        "answer": {"type": "hints", "members": [{"at": "/a", "value": 1}]}});
    let answer = |status: u16| {
        json!({"name": "a", "match": {"paths": ["/orders/**"]},
            "answer": {"type": "exactly", "status": status}})
    };
    let held: Vec<Held> = [answer(201), hint, answer(202)]
        .iter()
        .enumerate()
        .map(|(n, document)| held(n, document))
        .collect();
    let order = [&held[1], &held[2], &held[0]];
    let set = OverrideSet::new(order.map(|(rule, counters)| (rule, counters)));
    let request = request();
    let subject =
        OverrideSubject { request: &request, endpoint: None, source: Responder::Mock, body: None };
    let choice = set.choose(&subject, CLOCK, SEED).expect("chosen");
    assert_eq!(choice.hints().count(), 1);
    assert_eq!(choice.answer.as_ref().map(|(rule, ..)| rule.rule.id.as_str()), Some("o2"));
    let ids: Vec<String> = set.matching(&subject, CLOCK).iter().map(ToString::to_string).collect();
    assert_eq!(ids, ["o1", "o2", "o0"]);
    assert_eq!(held[0].1.lease.matched(), 0, "explaining and losing count nothing");
}

#[test]
fn a_preflight_is_left_alone_unless_it_is_named() {
    let (set, _) = of(&[json!({"paths": ["/orders/**"]})]);
    assert_eq!(chosen(&set, &RequestView { method: "OPTIONS", ..request() }, None), None);
    let (set, _) = of(&[json!({"paths": ["/orders/**"], "methods": ["OPTIONS"]})]);
    assert!(chosen(&set, &RequestView { method: "OPTIONS", ..request() }, None).is_some());
}

#[test]
fn calls_and_steps_are_counted_for_each_consumer() {
    let document = json!({"name": "a", "match": {"paths": ["/orders/**"], "calls": {"from": 2}},
        "answer": {"type": "exactly", "status": 503, "times": 2}});
    let held = [held(0, &document)];
    let set = OverrideSet::new(held.iter().map(|(rule, counters)| (rule, counters)));
    let calls = |session: &'static str| -> Vec<bool> {
        let request = RequestView { session: Some(session), ..request() };
        (0..5).map(|_| chosen(&set, &request, None).is_some()).collect()
    };
    assert_eq!(calls("a"), [false, true, true, false, false]);
    assert_eq!(calls("b"), [false, true, true, false, false]);
    assert_eq!((held[0].1.lease.matched(), held[0].1.lease.hits()), (10, 4));
}

#[test]
fn a_share_of_the_calls_is_hit_and_the_same_ones_again() {
    let whom = json!({"paths": ["/orders/**"], "probability": 0.25});
    let hits = || -> Vec<bool> {
        let (set, _) = of(std::slice::from_ref(&whom));
        (0..2_000).map(|_| chosen(&set, &request(), None).is_some()).collect()
    };
    let once = hits();
    let share = once.iter().filter(|hit| **hit).count();
    // Five standard deviations of a binomial of 2,000 and 1/4 are 97.
    assert!((403..=597).contains(&share), "{share}");
    assert_eq!(once, hits());
}

#[test]
fn of_one_that_was_never_hit_the_nearest_miss_is_told() {
    let (set, held) = of(&[json!({"paths": ["/orders/{id}/items"], "methods": ["POST"],
        "headers": [{"name": "x-team", "equals": "mobile"}]})]);
    let far = RequestView { method: "GET", headers: &[], ..request() };
    assert!(chosen(&set, &far, None).is_none());
    assert_eq!(held[0].1.nearest_miss().expect("a miss").because.len(), 2);
    assert!(chosen(&set, &request(), None).is_none());
    let miss = held[0].1.nearest_miss().expect("a miss");
    assert_eq!(miss.because, ["header `x-team` differs"]);
    assert_eq!((miss.method.as_str(), miss.path.as_str()), ("POST", "/orders/{id}/items"));
    let hit = RequestView { headers: &[("x-team", b"mobile")], ..request() };
    assert!(chosen(&set, &hit, None).is_some());
    assert_eq!(held[0].1.nearest_miss(), None);
}

#[test]
fn a_lease_or_its_hits_end_an_override() {
    let document = json!({"name": "a", "match": {"methods": ["POST"]}, "max_hits": 2, "ttl_s": 60,
        "answer": {"type": "exactly"}});
    let held = [held(0, &document)];
    let set = OverrideSet::new(held.iter().map(|(rule, counters)| (rule, counters)));
    let hit = || chosen(&set, &request(), None).is_some();
    assert_eq!([hit(), hit(), hit()], [true, true, false]);
    let (rule, _) = &held[0];
    let renewed = Arc::new(OverrideCounters::begin(&rule.lease, CLOCK));
    let set = OverrideSet::new([(rule, &renewed)]);
    let request = request();
    let subject =
        OverrideSubject { request: &request, endpoint: None, source: Responder::Mock, body: None };
    let later = ClockReading { now_ms: CLOCK.now_ms + 60_000, ..CLOCK };
    assert!(set.choose(&subject, later, SEED).is_none());
}

fn any_word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", "{id}", "*", "**", "a*"])
}

fn any_match() -> impl Strategy<Value = Value> {
    let path =
        prop::collection::vec(any_word(), 0..4).prop_map(|words| format!("/{}", words.join("/")));
    (
        prop::option::of(prop::collection::vec(path, 1..3)),
        prop::option::of(prop::sample::select(vec!["GET", "POST"])),
        prop::option::of(prop::sample::select(vec!["e1", "e2"])),
        prop::option::of(prop::sample::select(vec!["s1", "s2"])),
        prop::option::of(prop::sample::select(vec!["1", "2"])),
    )
        .prop_map(|(paths, method, endpoint, session, value)| {
            let mut whom = json!({"headers": [{"name": "x-h", "present": true}]});
            let mut put = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    whom[name] = value;
                }
            };
            put("paths", paths.map(|paths| json!(paths)));
            put("methods", method.map(|method| json!([method])));
            put("endpoints", endpoint.map(|id| json!([id])));
            put("session", session.map(|name| json!(name)));
            put("query", value.map(|value| json!([{"name": "q", "equals": value}])));
            whom
        })
}

proptest! {
    /// The index finds exactly what asking each override by itself finds: none acts outside its
    /// match, and none that matches is passed over.
    #[test]
    fn an_override_never_acts_outside_its_match(
        matches in prop::collection::vec(any_match(), 1..12),
        words in prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "ab", ""]), 0..5),
        method in prop::sample::select(vec!["GET", "POST", "PUT", "OPTIONS"]),
        id in prop::sample::select(vec!["e1", "e3"]),
        session in prop::sample::select(vec!["s1", "s3"]),
        query in prop::sample::select(vec!["q=1", "q=3", ""]),
        has_header in any::<bool>(),
    ) {
        let path = format!("/{}", words.join("/"));
        let headers: &[(&str, &[u8])] = if has_header { &[("x-h", b"1")] } else { &[] };
        let request = RequestView {
            method, path: &path, query, session: Some(session), headers, ..RequestView::default()
        };
        let endpoint = Some(EndpointFacts { id, method, template: &path, route: "" });
        check_index(&matches, &request, endpoint);
    }
}

fn check_index(matches: &[Value], request: &RequestView<'_>, endpoint: Option<EndpointFacts<'_>>) {
    let (set, held) = of(matches);
    let subject = OverrideSubject { request, endpoint, source: Responder::Mock, body: None };
    let alone = |(rule, _): &&Held| {
        let matcher = RequestMatcher::new(&rule.whom.request, NamedTests::All).expect("compiles");
        let meant = matcher.matches(request, endpoint);
        assert_eq!(meant, matcher.unmet(request, endpoint).is_empty());
        meant && (request.method != "OPTIONS" || !rule.whom.request.methods.is_empty())
    };
    let expected: Vec<RuleId> =
        held.iter().filter(alone).map(|(rule, _)| rule.id.clone()).collect();
    assert_eq!(set.matching(&subject, CLOCK), expected);
    let choice = set.choose(&subject, CLOCK, SEED).and_then(|choice| choice.answer);
    let first = choice.map(|(rule, _, _)| rule.rule.id.clone());
    assert_eq!(first, expected.first().cloned());
}
