//! A page of another origin uses the double as it uses the backend, and no cache hides a switch.

use super::echoes::backend;
use crate::support::backend::Backend;
use crate::support::client::RawAnswer;
use crate::support::double::Double;

const ORIGIN: (&str, &str) = ("origin", "http://localhost:3000");
const MOCK: (&str, &str) = ("x-mock-enabled", "true");

/// A backend whose own policy lets one page in and knows nothing of the double.
fn picky() -> Backend {
    backend(|head, _| {
        let allowed = head.get("access-control-request-headers").unwrap_or_default();
        assert!(!allowed.to_ascii_lowercase().contains("x-mock"), "{allowed}");
        let lets_in = head.get("origin").is_some_and(|origin| origin == ORIGIN.1);
        let mut headers = String::from("content-type: application/json\r\n");
        if lets_in {
            headers.push_str("access-control-allow-origin: http://localhost:3000\r\n");
            headers.push_str("access-control-allow-credentials: true\r\nvary: Origin\r\n");
            headers.push_str("access-control-expose-headers: Link\r\n");
            headers.push_str("cache-control: max-age=600\r\n");
            if head.line.starts_with("OPTIONS") {
                headers.push_str("access-control-allow-methods: GET\r\n");
                headers.push_str(&format!("access-control-allow-headers: {allowed}\r\n"));
            }
        }
        (headers, r#"{"state":"ok"}"#.to_owned())
    })
}

fn preflight(double: &Double, path: &str, method: &str, asked: &str) -> RawAnswer {
    let headers = [
        ORIGIN,
        ("access-control-request-method", method),
        ("access-control-request-headers", asked),
    ];
    double.request("OPTIONS", path, &headers, b"")
}

fn lists(answer: &RawAnswer, header: &str, name: &str) -> bool {
    let lines = answer.all(header);
    lines.iter().flat_map(|line| line.split(',')).any(|n| n.trim().eq_ignore_ascii_case(name))
}

#[test]
fn a_proxied_preflight_lets_the_doubles_own_headers_through_and_the_rest_as_it_is() {
    let backend = picky();
    let double = Double::in_front_of(backend.url());
    let answer = preflight(&double, "/things", "GET", "content-type,x-mock-enabled,X-Chaos-Level");
    assert_eq!((answer.status, answer.get("x-mock-source")), (200, Some("upstream")));
    for name in ["content-type", "x-mock-enabled", "x-chaos-level"] {
        assert!(lists(&answer, "access-control-allow-headers", name), "{}", answer.head);
    }
    assert_eq!(answer.get("access-control-allow-methods"), Some("GET"));
    let read = double.request("GET", "/things", &[ORIGIN], b"");
    for name in ["Link", "X-Mock-Source", "X-Mock-Chaos", "X-Mock-Error"] {
        assert!(lists(&read, "access-control-expose-headers", name), "{}", read.head);
    }
    let elsewhere = double.request("GET", "/things", &[("origin", "http://evil.test")], b"");
    assert_eq!(elsewhere.get("access-control-allow-origin"), None, "{}", elsewhere.head);
}

#[test]
fn a_mocked_preflight_of_a_path_that_was_never_asked_is_answered() {
    let backend = backend(|_, _| ("content-type: application/json\r\n".into(), "{}".into()));
    let double = Double::with(&["--mode", "mock"]).target(backend.url()).start();
    let answer = preflight(&double, "/never/asked", "PATCH", "x-mock-status, content-type");
    assert_eq!((answer.status, answer.get("x-mock-source")), (204, Some("double")));
    assert_eq!(answer.get("access-control-allow-origin"), Some(ORIGIN.1));
    assert_eq!(answer.get("access-control-allow-credentials"), Some("true"));
    assert_eq!(answer.get("access-control-allow-methods"), Some("PATCH"));
    assert!(lists(&answer, "access-control-allow-headers", "x-mock-status"), "{}", answer.head);
    let unknown = double.request("PATCH", "/never/asked", &[ORIGIN], b"{}");
    assert_eq!((unknown.status, unknown.get("x-mock-source")), (404, Some("double")));
    assert_eq!(unknown.get("access-control-allow-origin"), Some(ORIGIN.1));
    assert!(lists(&unknown, "access-control-expose-headers", "X-Mock-Error"), "{}", unknown.head);
    assert!(lists(&unknown, "vary", "Origin"), "{}", unknown.head);
}

#[test]
fn a_preflight_of_a_path_never_asked_follows_what_the_backend_does_elsewhere() {
    let backend = picky();
    let double = Double::in_front_of(backend.url());
    for n in 0..24 {
        let origin = [ORIGIN.1, "http://other.test"][n % 2];
        double.request("GET", "/things", &[("origin", origin)], b"");
    }
    double.flush();
    let settings = double.admin_json("PATCH", "/settings", &serde_json::json!({"mode": "mock"}));
    assert_eq!(settings.status, 200);
    let mine = preflight(&double, "/never/asked", "PATCH", "content-type");
    assert_eq!((mine.status, mine.get("access-control-allow-origin")), (204, Some(ORIGIN.1)));
    let headers = [("origin", "http://x.test"), ("access-control-request-method", "PATCH")];
    let other = double.request("OPTIONS", "/never/asked", &headers, b"");
    assert_eq!((other.status, other.get("access-control-allow-origin")), (204, None));
}

#[test]
fn a_learned_origin_is_let_in_each_time_and_a_refused_one_never() {
    let backend = picky();
    let double = Double::in_front_of(backend.url());
    for n in 0..24 {
        let origin = [ORIGIN.1, "http://other.test"][n % 2];
        double.request("GET", "/things", &[("origin", origin)], b"");
        double.get("/things");
    }
    double.flush();
    for _ in 0..20 {
        let mine = double.request("GET", "/things", &[ORIGIN, MOCK], b"");
        assert_eq!(mine.get("access-control-allow-origin"), Some(ORIGIN.1), "{}", mine.head);
        assert!(lists(&mine, "access-control-expose-headers", "X-Mock-Source"));
        let other = double.request("GET", "/things", &[("origin", "http://x.test"), MOCK], b"");
        assert_eq!(other.get("access-control-allow-origin"), None, "{}", other.head);
        let plain = double.mock("/things");
        assert_eq!(plain.get("access-control-allow-origin"), None, "{}", plain.head);
    }
}

#[test]
fn learned_without_any_origin_a_mock_lets_the_asking_one_in_unless_it_is_off() {
    let backend = backend(|_, _| ("content-type: application/json\r\n".into(), "{}".into()));
    let ask = |flags: &[&str]| {
        let double = Double::with(flags).target(backend.url()).start();
        (0..5).for_each(|_| drop(double.get("/things")));
        double.flush();
        let mocked = double.request("GET", "/things", &[ORIGIN, MOCK], b"");
        let proxied = double.request("GET", "/things", &[ORIGIN], b"");
        let allowed =
            |answer: &RawAnswer| answer.get("access-control-allow-origin").map(str::to_owned);
        (allowed(&mocked), allowed(&proxied))
    };
    let page = Some(ORIGIN.1.to_owned());
    assert_eq!(ask(&[]), (page.clone(), None));
    assert_eq!(ask(&["--cors", "permissive"]), (page.clone(), page));
    assert_eq!(ask(&["--cors", "off"]), (None, None));
}

#[test]
fn failures_and_chaos_show_a_page_their_status() {
    let double = Double::with(&[]).target("http://127.0.0.1:1").start();
    let failed = double.request("GET", "/things", &[ORIGIN], b"");
    assert_eq!((failed.status, failed.get("x-mock-source")), (502, Some("double")));
    assert_eq!(failed.get("access-control-allow-origin"), Some(ORIGIN.1), "{}", failed.head);
    let before = preflight(&double, "/things", "GET", "x-mock-enabled");
    assert_eq!(before.status, 204, "{}", before.head);
    let malformed = double.request("GET", "/things", &[ORIGIN, ("x-mock-status", "x")], b"");
    assert_eq!(malformed.status, 400);
    assert_eq!(malformed.get("access-control-allow-origin"), Some(ORIGIN.1));

    let double = Double::in_front_of_demo();
    let rule = serde_json::json!({"name": "down", "scope": {"everything": true},
        "faults": [{"type": "status", "status": 503}]});
    assert_eq!(double.admin_json("POST", "/chaos/rules", &rule).status, 201);
    let hit = double.request("GET", "/users/7", &[ORIGIN], b"");
    assert_eq!((hit.status, hit.get("x-mock-source")), (503, Some("chaos")));
    assert_eq!(hit.get("access-control-allow-origin"), Some(ORIGIN.1));
    assert!(lists(&hit, "access-control-expose-headers", "X-Mock-Chaos"));
    assert_eq!(preflight(&double, "/users/7", "GET", "x-mock-enabled").status, 204);
}

#[test]
fn no_cache_hides_a_switch_unless_freshness_is_kept() {
    let backend = picky();
    let ask = |flags: &[&str], headers: &[(&str, &str)]| {
        let double = Double::with(flags).target(backend.url()).start();
        (0..6).for_each(|_| drop(double.request("GET", "/things", &[ORIGIN], b"")));
        double.flush();
        double.request("GET", "/things", headers, b"")
    };
    let mocked = ask(&[], &[ORIGIN, MOCK]);
    assert_eq!(mocked.get("cache-control"), Some("no-cache"), "{}", mocked.head);
    assert!(lists(&mocked, "vary", "X-Mock-Enabled"), "{}", mocked.head);
    let proxied = ask(&[], &[ORIGIN]);
    assert_eq!(proxied.get("cache-control"), Some("no-cache"), "{}", proxied.head);
    let kept = ask(&["--keep-freshness"], &[ORIGIN, MOCK]);
    assert_eq!(kept.get("cache-control"), Some("max-age=600"), "{}", kept.head);
}
