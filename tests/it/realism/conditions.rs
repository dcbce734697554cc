//! What is asked of a representation is answered by that representation, and by nothing else.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::backend::Backend;
use crate::support::double::Double;

const BODY: &str = r#"{"name":"report","pages":[1,2,3,4,5,6,7,8]}"#;

/// A backend that keeps the rules: validators, ranges and 405.
fn backend() -> Backend {
    let sent = AtomicUsize::new(0);
    Backend::start(move |connection| {
        while let Some((head, _)) = connection.read_request() {
            let own = "\"5f2c9a\"";
            let answer = if head.line.starts_with("POST") {
                let turn = sent.fetch_add(1, Ordering::SeqCst) % 2;
                let status = ["201 Created", "405 Method Not Allowed"][turn];
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")
            } else if head.get("if-none-match") == Some(own) {
                format!("HTTP/1.1 304 Not Modified\r\netag: {own}\r\n\r\n")
            } else if head.get("range") == Some("bytes=0-9") {
                let part = &BODY[..10];
                format!(
                    "HTTP/1.1 206 Partial Content\r\ncontent-type: application/json\r\n\
                     content-range: bytes 0-9/{}\r\ncontent-length: 10\r\n\r\n{part}",
                    BODY.len()
                )
            } else {
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\netag: {own}\r\n\
                     accept-ranges: bytes\r\ncontent-length: {}\r\n\r\n{}",
                    BODY.len(),
                    if head.line.starts_with("HEAD") { "" } else { BODY }
                )
            };
            connection.write(answer.as_bytes());
        }
    })
}

/// A double that has seen every kind of request often.
fn learned(backend: &Backend) -> Double {
    let double = Double::in_front_of(backend.url());
    for _ in 0..12 {
        double.get("/report");
        double.request("GET", "/report", &[("if-none-match", "\"5f2c9a\"")], b"");
        double.request("GET", "/report", &[("range", "bytes=0-9")], b"");
        double.request("POST", "/report", &[], b"");
    }
    double.flush();
    double
}

#[test]
fn a_304_comes_for_the_mocks_own_validator_and_for_nothing_else() {
    let backend = backend();
    let double = learned(&backend);
    for _ in 0..30 {
        let whole = double.mock("/report");
        assert_eq!(whole.status, 200, "{}", whole.head);
        let etag = whole.get("etag").expect("a validator").to_owned();
        let held = double.mock_with("/report", &[("if-none-match", &etag)]);
        assert_eq!((held.status, held.get("etag")), (304, Some(etag.as_str())), "{}", held.head);
        let other = double.mock_with("/report", &[("if-none-match", "\"other\"")]);
        assert_eq!(other.status, 200, "{}", other.head);
    }
}

#[test]
fn a_range_gets_its_own_part_and_nobody_else_gets_one() {
    let backend = backend();
    let double = learned(&backend);
    let whole = double.mock("/report");
    for (range, part) in [("bytes=0-3", 0..4), ("bytes=-5", whole.body.len() - 5..whole.body.len())]
    {
        let answer = double.mock_with("/report", &[("range", range)]);
        assert_eq!(answer.status, 206, "{}", answer.head);
        let expected = format!("bytes {}-{}/{}", part.start, part.end - 1, whole.body.len());
        assert_eq!(answer.get("content-range"), Some(expected.as_str()));
        assert_eq!(answer.body, whole.body[part]);
    }
    let outside = double.mock_with("/report", &[("range", "bytes=100000-")]);
    assert_eq!(outside.status, 416, "{}", outside.head);
    let all = format!("bytes */{}", whole.body.len());
    assert_eq!(outside.get("content-range"), Some(all.as_str()));
    for _ in 0..30 {
        let plain = double.mock("/report");
        assert_eq!((plain.status, plain.get("content-range")), (200, None), "{}", plain.head);
    }
}

#[test]
fn head_and_options_are_answered_from_what_was_learned_of_get() {
    let backend = backend();
    let double = learned(&backend);
    let get = double.mock("/report");
    let mock = [("x-mock-enabled", "true")];
    let head = double.request("HEAD", "/report", &mock, b"");
    assert_eq!((head.status, head.get("content-type")), (200, get.get("content-type")));
    assert_eq!(head.get("content-length"), Some(get.body.len().to_string().as_str()));
    assert_eq!(head.get("etag"), get.get("etag"));
    let options = double.request("OPTIONS", "/report", &mock, b"");
    assert_eq!((options.status, options.get("x-mock-source")), (204, Some("mock")));
    assert_eq!(options.get("allow"), Some("GET, HEAD, OPTIONS, POST"));
    let steering = [mock[0], ("x-mock-status", "405")];
    let refused = double.request("POST", "/report", &steering, b"");
    assert_eq!((refused.status, refused.get("allow")), (405, Some("GET, HEAD, OPTIONS")));
}

/// A backend that takes a write only from whom knows the version that it replaces.
fn versioned() -> Backend {
    let version = AtomicUsize::new(1);
    Backend::start(move |connection| {
        while let Some((head, body)) = connection.read_request() {
            let now = || format!("\"v{}\"", version.load(Ordering::SeqCst));
            let is_write = head.line.starts_with("PUT");
            let answer = if is_write && head.get("if-match").is_some_and(|tag| tag != now()) {
                "HTTP/1.1 412 Precondition Failed\r\ncontent-length: 0\r\n\r\n".to_owned()
            } else {
                if is_write {
                    version.fetch_add(1, Ordering::SeqCst);
                }
                let text = String::from_utf8_lossy(&body);
                let body = if is_write { &*text } else { r#"{"title":"plan"}"# };
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\netag: {}\r\n\
                     content-length: {}\r\n\r\n{body}",
                    now(),
                    body.len()
                )
            };
            connection.write(answer.as_bytes());
        }
    })
}

#[test]
fn a_write_with_a_learned_validator_fails_for_another_version_and_only_then() {
    let backend = versioned();
    let double = Double::in_front_of(backend.url());
    let put = |double: &Double, headers: &[(&str, &str)]| {
        let json = [("content-type", "application/json")];
        double.request("PUT", "/notes/7", &[&json, headers].concat(), br#"{"title":"plan"}"#)
    };
    for _ in 0..15 {
        let tag = double.get("/notes/7").get("etag").expect("a version").to_owned();
        assert_eq!(put(&double, &[("if-match", &tag)]).status, 200);
        assert_eq!(put(&double, &[("if-match", &tag)]).status, 412, "it is another version now");
        assert_eq!(put(&double, &[]).status, 200);
    }
    double.flush();
    let mock = ("x-mock-enabled", "true");
    for _ in 0..8 {
        let held = double.mock("/notes/7");
        let tag = held.get("etag").expect("a version").to_owned();
        let other = put(&double, &[mock, ("if-match", "\"another\"")]);
        assert_eq!(other.status, 412, "{}", other.head);
        let mine = put(&double, &[mock, ("if-match", &tag)]);
        assert_eq!(mine.status, 200, "{tag}: {}", mine.head);
        let plain = put(&double, &[mock]);
        assert_eq!(plain.status, 200, "{}", plain.head);
    }
}

#[test]
fn what_is_asked_for_in_vain_is_hinted_at() {
    let double = Double::in_front_of_demo();
    let status = double.request("GET", "/users/7", &[("x-mock-status", "404")], b"");
    assert!(status.get("x-mock-hint").is_some_and(|hint| hint.contains("X-Mock-Enabled")));
    let level = double.request("GET", "/users/7", &[("x-chaos-level", "50")], b"");
    assert!(level.get("x-mock-hint").is_some_and(|hint| hint.contains("--allow-chaos-headers")));
    assert_eq!(double.get("/users/7").get("x-mock-hint"), None);
    let typo = double.request("GET", "/users/7", &[("x-mock-enable", "secret-9")], b"");
    assert_eq!((typo.status, typo.json()["nearest"].as_str()), (400, Some("x-mock-enabled")));
    assert!(!typo.text().contains("secret-9"), "{}", typo.text());
}
