use std::net::IpAddr;

use serde_json::json;

use super::*;
use crate::domain::chaos::subject::{ChaosSubject, StatusClasses};
use crate::domain::matching::PathPattern;
use crate::domain::matching::path_pattern::CompiledPath;
use crate::domain::request::RequestView;

fn request() -> RequestView<'static> {
    RequestView {
        method: "GET",
        path: "/orders/42",
        query: "debug=1&name=a%20b+c&flag",
        session: Some("ci-42"),
        headers: &[("x-team", b"web"), ("x-team", b"mobile"), ("accept", b"application/json")],
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
        learned_classes: StatusClasses::of([200, 404]),
        learned: None,
        level: None,
    }
}

fn parsed(scope: &Value) -> Result<Scope, Vec<String>> {
    let problems = FieldErrors::default();
    let scope = Scope::parse(scope, "scope", &ChaosLimits::default(), &problems);
    let text = |error: crate::domain::validation::FieldError| {
        format!("{}: {}", error.field, error.problem)
    };
    problems.or(scope).map_err(|errors| errors.into_iter().map(text).collect())
}

fn check(scope: Value, expected: bool) {
    let parsed = parsed(&scope).unwrap_or_else(|errors| panic!("{scope}: {errors:?}"));
    let matcher = ScopeMatcher::new(&parsed).expect("compiles");
    assert_eq!(matcher.matches(&about(&request())), expected, "{scope}");
    let stored: Scope =
        serde_json::from_value(serde_json::to_value(&parsed).expect("stored")).expect("read");
    assert_eq!(stored, parsed, "{scope}");
}

#[test]
fn every_part_that_is_given_must_match() {
    check(json!({"everything": true}), true);
    check(json!({"endpoints": ["e0", "e1"]}), true);
    check(json!({"endpoints": ["e0"]}), false);
    check(json!({"methods": ["get"]}), true);
    check(json!({"methods": ["POST", "HEAD"]}), false);
    check(json!({"session": "ci-42"}), true);
    check(json!({"session": "ci-4"}), false);
    check(json!({"sources": ["mock"]}), true);
    check(json!({"sources": ["upstream"]}), false);
    check(json!({"sources": ["mock", "upstream"]}), true);
    check(json!({"learned_statuses": ["4xx", "5xx"]}), true);
    check(json!({"learned_statuses": ["5xx"]}), false);
    check(json!({"everything": true, "methods": ["PUT"]}), false);
    check(json!({"endpoints": ["e1"], "session": "other"}), false);
}

#[test]
fn peers_are_networks_or_addresses() {
    check(json!({"peers": ["10.0.0.0/8"]}), true);
    check(json!({"peers": ["192.168.0.0/16", "10.1.2.3"]}), true);
    check(json!({"peers": ["10.1.2.4", "::/0"]}), false);
    let scope = parsed(&json!({"peers": ["10.0.0.0/8"]})).expect("valid");
    let matcher = ScopeMatcher::new(&scope).expect("compiles");
    let mapped = "::ffff:10.9.9.9".parse().ok();
    assert!(matcher.matches(&about(&RequestView { peer: mapped, ..request() })));
    assert!(!matcher.matches(&about(&RequestView { peer: None, ..request() })));
}

#[test]
fn headers_and_parameters_are_tested_by_value() {
    check(json!({"headers": [{"name": "X-Team", "equals": "mobile"}]}), true);
    check(json!({"headers": [{"name": "x-team", "equals": "we"}]}), false);
    check(json!({"headers": [{"name": "x-team", "prefix": "we"}]}), true);
    check(json!({"headers": [{"name": "x-team", "regex": "^m.b"}]}), true);
    check(json!({"headers": [{"name": "x-team", "present": true}]}), true);
    check(json!({"headers": [{"name": "x-none", "present": true}]}), false);
    check(json!({"headers": [{"name": "x-none", "present": false}]}), true);
    check(json!({"query": [{"name": "debug", "equals": "1"}]}), true);
    check(json!({"query": [{"name": "debug", "equals": "10"}]}), false);
    check(json!({"query": [{"name": "name", "equals": "a b c"}]}), true);
    check(json!({"query": [{"name": "flag", "equals": ""}]}), true);
    check(json!({"query": [{"name": "flag", "present": true}]}), true);
    check(json!({"query": [{"name": "bug", "present": true}]}), false);
}

#[test]
fn path_patterns_know_templates() {
    let check = |pattern: &str, path: &str, template: Option<&str>, expected: bool| {
        let pattern = PathPattern::Glob(pattern.to_owned());
        let compiled = CompiledPath::new(&pattern).expect("compiles");
        let got = compiled.matches(path, template);
        assert_eq!(got, expected, "{pattern:?} on {path} of {template:?}");
    };
    check("/orders/{id}", "/orders/42", Some("/orders/{id}"), true);
    check("/orders/{id}", "/orders/42", Some("/orders/{slug}"), true);
    check("/orders/{id}", "/orders/stats", Some("/orders/stats"), false);
    check("/orders/{id}", "/orders/new", None, true);
    check("/orders/{id}", "/orders/", None, false);
    check("/orders/{id}", "/orders/42/items", Some("/orders/{id}/items"), false);
    check("/orders/42", "/orders/42", Some("/orders/{id}"), true);
    check("/orders/43", "/orders/42", Some("/orders/{id}"), false);
    check("/orders/*", "/orders/stats", Some("/orders/stats"), true);
    check("/cart/**", "/cart", None, true);
    check("/cart/**", "/cart/a/b/c", None, true);
    check("/cart/**", "/carts", None, false);
    check("/**/items", "/a/b/items", None, true);
    check("/**/items", "/items", None, true);
    check("/**/items/*", "/a/items/b/items/c", None, true);
    check("/**/items/*", "/a/items/b/items/c/d", None, false);
    check("/v*/users", "/v12/users", None, true);
    check("/v*/users", "/w12/users", None, false);
    check("/*.json", "/a.json", None, true);
    check("/a*b*c", "/abc", None, true);
    check("/a*b*c", "/acb", None, false);
    check("/a*a", "/a", None, false);
    check("**", "/anything/at/all", None, true);
    check("/", "/", None, true);
    check("/", "/x", None, false);
    // Misaligned with its path, a template tells nothing.
    check("/orders/{id}", "/orders/42", Some("/{path}"), true);
}

#[test]
fn a_regular_expression_sees_the_raw_path() {
    check(json!({"paths": [{"regex": "^/orders/\\d+$"}]}), true);
    check(json!({"paths": [{"regex": "^/order/"}, "/orders/{id}"]}), true);
    check(json!({"paths": [{"regex": "^/users"}]}), false);
}

#[test]
fn deep_patterns_cost_linear_work() {
    let pattern = PathPattern::Glob(format!("/{}x", "**/a/".repeat(100)));
    let compiled = CompiledPath::new(&pattern).expect("compiles");
    assert!(!compiled.matches(&"/a".repeat(30_000), None));
}

fn check_refused(scope: Value, field: &str) {
    let errors = parsed(&scope).expect_err("refused");
    assert!(errors.iter().any(|error| error.starts_with(field)), "{scope}: {errors:?}");
}

#[test]
fn a_malformed_scope_names_its_field() {
    check_refused(json!({}), "scope: is empty");
    check_refused(json!({"everything": false}), "scope: is empty");
    check_refused(json!([]), "scope: expected an object");
    check_refused(json!({"endpoint": "x"}), "scope.endpoint: unknown field");
    check_refused(json!({"endpoints": []}), "scope.endpoints: expected 1 to 64");
    check_refused(json!({"endpoints": "x"}), "scope.endpoints: expected a list");
    check_refused(json!({"endpoints": [7]}), "scope.endpoints[0]: expected text");
    check_refused(json!({"methods": ["GE T"]}), "scope.methods[0]");
    check_refused(json!({"paths": ["orders"]}), "scope.paths[0]");
    check_refused(json!({"paths": [{"regex": "("}]}), "scope.paths[0].regex: bad regular");
    check_refused(json!({"paths": [{"regex": "(a{1000}){1000}"}]}), "scope.paths[0].regex");
    check_refused(json!({"session": ""}), "scope.session");
    check_refused(json!({"sources": ["both"]}), "scope.sources[0]: unknown variant");
    check_refused(json!({"peers": ["10.0.0.0/33"]}), "scope.peers[0]");
    check_refused(json!({"headers": [{"name": "a"}]}), "scope.headers[0]: expected exactly one");
    check_refused(json!({"headers": [{"equals": "a"}]}), "scope.headers[0].name: is required");
    let two = json!({"headers": [{"name": "a", "equals": "b", "prefix": "c"}]});
    check_refused(two, "scope.headers[0]: expected exactly one");
    check_refused(json!({"query": [{"name": "a", "regex": "["}]}), "scope.query[0].regex: bad");
    check_refused(json!({"learned_statuses": ["6xx"]}), "scope.learned_statuses[0]");
}

#[test]
fn the_admin_cannot_be_named() {
    for path in ["/admin", "/admin/**", "/admin/health/live", "/admin*"] {
        check_refused(json!({"paths": ["/x", path]}), "scope.paths[1]: names the admin");
    }
    let pattern = json!({"paths": [{"regex": "^\\/admin/.*"}]});
    check_refused(pattern, "scope.paths[0].regex: names the admin");
    check(json!({"paths": ["/administrators/**"]}), false);
    let own_listener = ChaosLimits { admin_prefix: None, ..ChaosLimits::default() };
    let problems = FieldErrors::default();
    let scope = json!({"paths": ["/admin/users"]});
    assert!(Scope::parse(&scope, "scope", &own_listener, &problems).is_some());
}

#[test]
fn a_stored_scope_with_an_unknown_part_is_refused() {
    let newer = json!({"session": "a", "tenants": ["b"], "everything": false});
    assert!(serde_json::from_value::<Scope>(newer).is_err());
}
