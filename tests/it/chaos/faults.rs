//! Every fault against raw sockets on both sides: exact bytes and exact ends, on mocks and on
//! proxied answers, with small, large, sized and chunked bodies.

use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{delay, make, rule, status};
use crate::support::backend::{Backend, PATIENCE, find};
use crate::support::client::RawClient;
use crate::support::double::Double;

/// How the client saw a connection end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Fin,
    Reset,
}

/// Everything a client got for one request on a connection of its own, and how that ended.
#[derive(Debug)]
struct Exchange {
    bytes: Vec<u8>,
    end: End,
}

impl Exchange {
    fn head(&self) -> &str {
        let end = find(&self.bytes, b"\r\n\r\n").map_or(self.bytes.len(), |at| at + 4);
        std::str::from_utf8(&self.bytes[..end]).expect("a head")
    }

    /// What follows the head, framing and all.
    fn body(&self) -> &[u8] {
        find(&self.bytes, b"\r\n\r\n").map_or(&[], |at| &self.bytes[at + 4..])
    }

    /// The value of a field of the head.
    fn field(&self, name: &str) -> Option<&str> {
        crate::support::backend::fields(self.head()).find(|(n, _)| *n == name).map(|(_, v)| v)
    }
}

/// Sends a GET and reads until the connection ends.
fn exchange(addr: SocketAddr, path: &str, headers: &str) -> Exchange {
    exchange_raw(
        addr,
        &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"),
    )
}

fn exchange_raw(addr: SocketAddr, request: &str) -> Exchange {
    let mut client = RawClient::connect(addr);
    assert!(client.send(request.as_bytes()));
    read_to_end(client.stream())
}

fn read_to_end(mut stream: &TcpStream) -> Exchange {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
    let end = loop {
        match stream.read(&mut piece) {
            Ok(0) => break End::Fin,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break End::Reset,
            Err(error) => panic!("neither an end nor a reset after {bytes:?}: {error}"),
        }
    };
    Exchange { bytes, end }
}

const SMALL: &str = r#"{"id":7,"name":"Ann","tags":["a","b"],"address":{"city":"Rome"}}"#;

/// Larger than the buffers on the way, and small enough to be learned.
const LARGE_BYTES: usize = 200_000;

/// `/small/7` and `/large/7` are sized, `/chunked/7` comes in three chunks.
fn backend() -> Backend {
    Backend::start(|connection| {
        while let Some((head, _body)) = connection.read_request() {
            let json = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\netag: \"e1\"\r\n";
            let answer = match head.path().split('/').nth(1) {
                Some("large") => {
                    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(LARGE_BYTES - 11));
                    format!("{json}content-length: {LARGE_BYTES}\r\n\r\n{body}")
                }
                Some("chunked") => {
                    let (one, rest) = SMALL.split_at(20);
                    let (two, three) = rest.split_at(20);
                    let chunks = [one, two, three].map(|c| format!("{:x}\r\n{c}\r\n", c.len()));
                    format!("{json}transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n", chunks.concat())
                }
                _ => format!("{json}content-length: {}\r\n\r\n{SMALL}", SMALL.len()),
            };
            connection.write(answer.as_bytes());
        }
    })
}

/// A double that knows the endpoints of the backend.
fn double(backend: &Backend) -> Double {
    let double = Double::in_front_of(backend.url());
    // Enough for the learned contract to say what is required.
    for n in 1..=20 {
        for kind in ["small", "large", "chunked"] {
            double.get(&format!("/{kind}/{n}"));
        }
    }
    double.flush();
    double
}

const MOCK: &str = "x-mock-enabled: true\r\n";
const PROXY: &str = "";

/// Runs `check` with the fault acting, and makes sure that the answers are whole again afterwards.
fn with_fault(double: &Double, fault: Value, check: impl FnOnce()) {
    make(double, &rule(fault));
    check();
    double.admin("POST", "/chaos/stop");
    let after = exchange(double.addr, "/small/7", PROXY);
    assert_eq!((after.body(), after.end), (SMALL.as_bytes(), End::Fin));
    assert_eq!(after.field("x-mock-chaos"), None);
}

#[test]
fn a_connection_is_cut_where_and_how_the_rule_says() {
    let backend = backend();
    let double = double(&backend);
    for (how, end) in [("fin", End::Fin), ("reset", End::Reset)] {
        let cut = |at: &str| json!({"type": "connection", "at": at, "how": how});
        with_fault(&double, cut("before_head"), || {
            let asked = backend.heads().len();
            for mode in [MOCK, PROXY] {
                let seen = exchange(double.addr, "/small/7", mode);
                assert_eq!((seen.bytes.as_slice(), seen.end), (&b""[..], end), "{how} {mode}");
            }
            // An upload that nobody reads must not turn an orderly end into a reset.
            let upload = "POST /small/7 HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nsome body";
            assert_eq!(exchange_raw(double.addr, upload).end, end);
            assert_eq!(backend.heads().len(), asked, "the backend is not asked");
        });
        with_fault(&double, cut("mid_head"), || {
            for (path, mode) in [("/small/7", MOCK), ("/small/7", PROXY), ("/chunked/7", PROXY)] {
                let seen = exchange(double.addr, path, mode);
                let text = String::from_utf8_lossy(&seen.bytes).into_owned();
                assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{how} {path}: {text:?}");
                assert!(!text.contains("\r\n\r\n"), "{how} {path}: {text:?}");
                assert_eq!(seen.end, end, "{how} {path} {mode}");
            }
        });
        with_fault(&double, cut("mid_body"), || {
            let half = |path: &str, mode: &str| {
                let seen = exchange(double.addr, path, mode);
                let length: usize =
                    seen.field("content-length").expect("sized").parse().expect("a number");
                assert_eq!(seen.body().len(), length / 2, "{how} {path} {mode}");
                assert_eq!(seen.end, end, "{how} {path} {mode} {}", seen.head());
                seen
            };
            assert_eq!(half("/small/7", PROXY).body(), &SMALL.as_bytes()[..SMALL.len() / 2]);
            half("/small/7", MOCK);
            half("/large/7", PROXY);
            half("/large/7", MOCK);
            let seen = exchange(double.addr, "/chunked/7", PROXY);
            assert_eq!(seen.body(), chunk(&SMALL[..20]).as_bytes(), "one chunk and no end");
            assert_eq!(seen.end, end);
        });
    }
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

#[test]
fn a_body_is_cut_after_the_bytes_that_are_named() {
    let backend = backend();
    let double = double(&backend);
    for (after, passes) in [(0, 0), (1, 1), (30, 30), (1_000_000, SMALL.len() - 1)] {
        let fault = json!({"type": "connection", "at": "mid_body", "how": "fin",
            "after_bytes": after});
        with_fault(&double, fault, || {
            let seen = exchange(double.addr, "/small/7", PROXY);
            assert_eq!(seen.body(), &SMALL.as_bytes()[..passes], "after {after}");
        });
    }
    let late = json!({"type": "connection", "at": "mid_body", "after_bytes": 1_000_000});
    with_fault(&double, late, || {
        let seen = exchange(double.addr, "/chunked/7", PROXY);
        assert!(!seen.body().ends_with(b"0\r\n\r\n"), "all chunks, but not the last one");
        assert_eq!(seen.end, End::Reset);
    });
}

#[test]
fn a_cut_leaves_earlier_answers_of_its_connection_whole() {
    let backend = backend();
    let double = double(&backend);
    for at in ["before_head", "mid_head", "mid_body"] {
        let mut cut = rule(json!({"type": "connection", "at": at, "how": "fin"}));
        cut["scope"] = json!({"paths": ["/small/8"]});
        make(&double, &cut);
        let get = |n: u32| format!("GET /small/{n} HTTP/1.1\r\nhost: x\r\n\r\n");
        let mut client = RawClient::connect(double.addr);
        // Sent at once: the first answer may still be in the double's buffer when the second is cut.
        assert!(client.send([get(7), get(8), get(9)].concat().as_bytes()));
        let first = client.answer().expect("the first answer");
        assert_eq!((first.text().as_str(), first.complete), (SMALL, true), "{at}");
        let rest = client.read_to_end();
        let heads = rest.windows(9).filter(|window| window == b"HTTP/1.1 ").count();
        assert_eq!(heads, usize::from(at != "before_head"), "the third is not answered: {at}");
        double.admin("POST", "/chaos/stop");
    }
}

#[test]
fn a_hanging_request_is_never_answered_and_ends_after_its_limit() {
    let backend = backend();
    let double = double(&backend);
    with_fault(&double, json!({"type": "hang", "max_ms": 150}), || {
        for mode in [MOCK, PROXY] {
            let began = Instant::now();
            let seen = exchange(double.addr, "/small/7", mode);
            assert_eq!((seen.bytes.as_slice(), seen.end), (&b""[..], End::Fin), "{mode}");
            assert!(began.elapsed() >= Duration::from_millis(150), "{:?}", began.elapsed());
        }
    });
}

#[test]
fn latency_is_added_and_said() {
    let backend = backend();
    let double = double(&backend);
    with_fault(&double, delay(120), || {
        for mode in [MOCK, PROXY] {
            let began = Instant::now();
            let seen = exchange(double.addr, "/small/7", mode);
            assert!(began.elapsed() >= Duration::from_millis(120), "{:?}", began.elapsed());
            assert_eq!(seen.field("x-mock-chaos"), Some("latency;ms=120"));
        }
    });
}

#[test]
fn a_status_replaces_the_answer_with_the_body_that_is_asked_for() {
    let backend = backend();
    let double = double(&backend);
    let fault = |body: Value| {
        json!({"type": "status", "status": 503, "retry_after_s": 7,
        "body": body, "headers": [{"name": "x-why", "value": "test"}]})
    };
    let asked = backend.heads().len();
    let bodies = [
        (json!({"type": "empty"}), "", None),
        (json!({"type": "json", "value": {"a": 1}}), r#"{"a":1}"#, Some("application/json")),
        (
            json!({"type": "text", "text": "out of order", "content_type": "text/html"}),
            "out of order",
            Some("text/html"),
        ),
    ];
    for (body, expected, content_type) in bodies {
        let id = make(&double, &rule(fault(body)));
        for mode in [MOCK, PROXY] {
            let seen = exchange(double.addr, "/small/7", mode);
            assert!(seen.head().starts_with("HTTP/1.1 503 "), "{}", seen.head());
            assert_eq!(seen.body(), expected.as_bytes());
            assert_eq!(seen.field("content-type"), content_type);
            assert_eq!(seen.field("content-length"), Some(&*expected.len().to_string()));
            assert_eq!((seen.field("retry-after"), seen.field("x-why")), (Some("7"), Some("test")));
            assert_eq!(seen.field("cache-control"), Some("no-store"), "it must not outlive it");
        }
        super::change(&double, "DELETE", &id, Some("*"), &json!({}));
    }
    make(&double, &rule(status(503)));
    let problem = exchange(double.addr, "/small/7", PROXY);
    assert_eq!(problem.field("content-type"), Some("application/problem+json"));
    let document: Value = serde_json::from_slice(problem.body()).expect("JSON");
    assert_eq!(
        (&document["status"], &document["title"]),
        (&json!(503), &json!("Service Unavailable"))
    );
    let head = "HEAD /small/7 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert_eq!(exchange_raw(double.addr, head).body(), b"");
    assert_eq!(backend.heads().len(), asked, "the backend is not asked");
}

#[test]
fn a_rate_limit_answers_429_to_the_consumer_that_exceeds_it() {
    let backend = backend();
    let double = double(&backend);
    make(&double, &rule(json!({"type": "rate_limit", "limit": 2, "per_s": 3600})));
    let ask = |session: &str| {
        let header = format!("x-mock-session: {session}\r\n");
        exchange(double.addr, "/small/7", &header)
    };
    let codes = |session: &str| [(); 3].map(|()| ask(session).head()[9..12].to_owned());
    assert_eq!(codes("one"), ["200", "200", "429"]);
    assert_eq!(codes("two"), ["200", "200", "429"]);
    let limited = ask("one");
    assert_eq!(limited.field("x-mock-chaos"), Some("rate_limit;code=429"));
    assert_eq!(limited.field("ratelimit-remaining"), Some("0"));
    let retry: u64 = limited.field("retry-after").expect("said").parse().expect("seconds");
    assert!((1..=1800).contains(&retry), "{retry}");
}

#[test]
fn a_throttled_body_comes_in_drips_and_whole() {
    let backend = backend();
    let double = double(&backend);
    let fault = json!({"type": "throttle", "chunk_bytes": 16, "every_ms": 20});
    with_fault(&double, fault, || {
        for (path, mode) in [("/small/7", MOCK), ("/small/7", PROXY), ("/chunked/7", PROXY)] {
            let began = Instant::now();
            let seen = exchange(double.addr, path, mode);
            assert!(seen.body().len() > 16, "{path} {mode}");
            // Three pauses at least: more than 48 bytes in drips of 16.
            assert!(began.elapsed() >= Duration::from_millis(60), "{path}: {:?}", began.elapsed());
        }
        assert_eq!(exchange(double.addr, "/small/7", PROXY).body(), SMALL.as_bytes());
        let chunked = exchange(double.addr, "/chunked/7", PROXY);
        let drips = [
            &SMALL[..16],
            &SMALL[16..20],
            &SMALL[20..36],
            &SMALL[36..40],
            &SMALL[40..56],
            &SMALL[56..],
        ];
        let expected = drips.map(chunk).concat() + "0\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(chunked.body()), expected);
    });
}

#[test]
fn stop_lets_a_drip_in_flight_run_free() {
    let backend = backend();
    let double = double(&backend);
    // 200,000 bytes, ten a minute.
    make(&double, &rule(json!({"type": "throttle", "chunk_bytes": 10, "every_ms": 60_000})));
    let mut client = RawClient::connect(double.addr);
    client.send(b"GET /large/7 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    client.head().expect("a head");
    double.admin("POST", "/chaos/stop");
    assert_eq!(client.read_to_end().len(), LARGE_BYTES);
}

#[test]
fn a_truncated_body_has_intact_framing() {
    let backend = backend();
    let double = double(&backend);
    let keep = json!({"type": "truncate", "keep_bytes": 25});
    with_fault(&double, keep, || {
        let seen = exchange(double.addr, "/small/7", PROXY);
        assert_eq!((seen.body(), seen.end), (&SMALL.as_bytes()[..25], End::Fin));
        assert_eq!(seen.field("content-length"), Some("25"));
        assert_eq!(seen.field("etag"), None, "a cache must not take it for the whole");
        assert_eq!(exchange(double.addr, "/large/7", PROXY).body().len(), 25);
        assert_eq!(exchange(double.addr, "/small/7", MOCK).body().len(), 25);
        let seen = exchange(double.addr, "/chunked/7", PROXY);
        let expected = chunk(&SMALL[..20]) + &chunk(&SMALL[20..25]) + "0\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(seen.body()), expected);
    });
    with_fault(&double, json!({"type": "truncate", "keep_ratio": 0.25}), || {
        let quarter = &SMALL.as_bytes()[..SMALL.len() / 4];
        assert_eq!(exchange(double.addr, "/small/7", PROXY).body(), quarter);
        let seen = exchange(double.addr, "/chunked/7", PROXY);
        assert_eq!((seen.body(), seen.field("content-length")), (quarter, Some("16")));
        assert_eq!(exchange(double.addr, "/large/7", PROXY).body().len(), LARGE_BYTES / 4);
    });
}

#[test]
fn the_next_request_of_a_connection_follows_a_truncated_answer() {
    let backend = backend();
    let double = double(&backend);
    make(&double, &rule(json!({"type": "truncate", "keep_bytes": 5})));
    let mut client = RawClient::connect(double.addr);
    for path in ["/small/7", "/chunked/7", "/large/7", "/small/8"] {
        let answer = client.get(path);
        assert_eq!((answer.body.len(), answer.complete), (5, true), "{path}");
    }
}

#[test]
fn a_corrupted_body_breaks_the_contract_and_stays_json() {
    let backend = backend();
    let double = double(&backend);
    let original: Value = serde_json::from_str(SMALL).expect("JSON");
    for kind in ["drop_field", "null", "wrong_type", "empty_list", "huge_list"] {
        with_fault(&double, json!({"type": "corrupt", "kinds": [kind]}), || {
            for (path, mode) in [("/small/7", MOCK), ("/small/7", PROXY), ("/chunked/7", PROXY)] {
                let answer = double.request("GET", path, &headers(mode), b"");
                assert!(answer.complete, "{kind} {path}");
                let expected = format!("corrupt;kind={kind}");
                let chaos = answer.get("x-mock-chaos");
                assert_eq!(chaos, Some(&*expected), "{path} {mode} {}", answer.text());
                let damaged: Value = serde_json::from_slice(&answer.body).expect("still JSON");
                assert_ne!(damaged, original, "{kind} {path} {mode}");
            }
        });
    }
}

fn headers(mode: &str) -> Vec<(&str, &str)> {
    mode.lines().filter_map(|line| line.split_once(": ")).collect()
}

#[test]
fn a_corrupted_body_can_be_no_json_at_all() {
    let backend = backend();
    let double = double(&backend);
    let corrupt = |kind: &str| json!({"type": "corrupt", "kinds": [kind]});
    for (path, mode) in [("/small/7", MOCK), ("/small/7", PROXY), ("/chunked/7", PROXY)] {
        let ask = || double.request("GET", path, &headers(mode), b"");
        with_fault(&double, corrupt("broken_json"), || {
            assert!(serde_json::from_slice::<Value>(&ask().body).is_err(), "{path} {mode}");
        });
        with_fault(&double, corrupt("wrong_charset"), || {
            assert!(std::str::from_utf8(&ask().body).is_err(), "{path} {mode}");
        });
        with_fault(&double, corrupt("wrong_content_type"), || {
            let answer = ask();
            assert_ne!(answer.get("content-type"), Some("application/json"), "{path} {mode}");
            assert_eq!(answer.all("content-type").len(), 1);
            assert!(serde_json::from_slice::<Value>(&answer.body).is_ok());
        });
    }
}

#[test]
fn a_coded_body_is_decoded_before_it_is_corrupted_and_what_cannot_be_is_left() {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(SMALL.as_bytes()).expect("in memory");
    let coded = encoder.finish().expect("in memory");
    let sent = coded.clone();
    let backend = Backend::start(move |connection| {
        while let Some((head, _body)) = connection.read_request() {
            let coding = if head.path() == "/odd" { "secret" } else { "gzip" };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                 content-encoding: {coding}\r\ncontent-length: {}\r\n\r\n",
                sent.len()
            );
            connection.write(&[head.as_bytes(), &sent].concat());
        }
    });
    let double = Double::in_front_of(backend.url());
    make(&double, &rule(json!({"type": "corrupt", "kinds": ["null"]})));
    let answer = double.get("/users/7");
    assert_eq!(answer.get("content-encoding"), None);
    assert!(answer.text().contains("null"), "{}", answer.text());
    let odd = double.get("/odd");
    assert_eq!((&odd.body, odd.get("x-mock-chaos")), (&coded, None), "not touched, not claimed");
}

#[test]
fn headers_are_dropped_changed_and_repeated() {
    let backend = backend();
    let double = double(&backend);
    let edits = json!([
        {"action": "drop", "name": "etag"},
        {"action": "drop", "name": "x-not-there"},
        {"action": "set", "name": "content-type", "value": "text/plain"},
        {"action": "set", "name": "x-new", "value": "1"},
        {"action": "duplicate", "name": "x-new"},
        {"action": "duplicate", "name": "vary", "value": "origin"},
    ]);
    with_fault(&double, json!({"type": "headers", "edits": edits}), || {
        for mode in [MOCK, PROXY] {
            let answer = double.request("GET", "/small/7", &headers(mode), b"");
            assert_eq!(answer.get("etag"), None);
            assert_eq!(answer.all("content-type"), ["text/plain"]);
            assert_eq!(answer.all("x-new"), ["1", "1"]);
            assert_eq!(answer.all("vary"), ["origin"]);
            assert_eq!(answer.get("x-mock-chaos"), Some("headers;edits=5"), "what was there");
        }
        assert_eq!(double.get("/small/7").text(), SMALL);
    });
}

#[test]
fn a_stale_mock_is_an_earlier_version_of_the_same_entity() {
    let double = Double::in_front_of_demo();
    for n in 1..=30 {
        double.get(&format!("/users/{n}"));
    }
    double.flush();
    let fresh = double.mock("/users/7").json();
    make(&double, &rule(json!({"type": "stale"})));
    let answer = double.mock("/users/7");
    assert_eq!(answer.get("x-mock-chaos"), Some("stale"));
    let stale = answer.json();
    assert_eq!(
        (&stale["id"], stale.as_object().map(serde_json::Map::len)),
        (&fresh["id"], fresh.as_object().map(serde_json::Map::len))
    );
    assert_ne!(stale, fresh);
    assert_eq!(double.mock("/users/7").json(), stale, "a cache does not change its mind");
    assert_eq!(double.get("/users/7").get("x-mock-chaos"), None, "never on proxied answers");
}

#[test]
fn faults_of_one_rule_act_together() {
    let backend = backend();
    let double = double(&backend);
    let mut both = rule(delay(50));
    both["faults"] = json!([
        delay(50),
        {"type": "truncate", "keep_bytes": 30},
        {"type": "throttle", "chunk_bytes": 10, "every_ms": 20},
        {"type": "headers", "edits": [{"action": "drop", "name": "etag"}]},
        {"type": "connection", "at": "mid_body", "how": "reset", "after_bytes": 25},
    ]);
    make(&double, &both);
    let began = Instant::now();
    let seen = exchange(double.addr, "/small/7", PROXY);
    assert!(began.elapsed() >= Duration::from_millis(50 + 2 * 20));
    assert_eq!((seen.body(), seen.end), (&SMALL.as_bytes()[..25], End::Reset));
    assert_eq!(seen.field("content-length"), Some("30"));
    let chaos = seen.field("x-mock-chaos").expect("said");
    for part in ["latency;ms=50", "connection;at=mid_body", "throttle", "truncate", "headers"] {
        assert!(chaos.contains(part), "{part}: {chaos}");
    }
}

#[test]
fn bodiless_answers_are_left_alone_by_faults_of_bodies() {
    let backend = Backend::start(|connection| {
        while let Some((head, _body)) = connection.read_request() {
            let answer = match head.path() {
                "/none" => "HTTP/1.1 204 No Content\r\n\r\n",
                "/same" => "HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\n\r\n",
                _ => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
            };
            connection.write(answer.as_bytes());
        }
    });
    let double = Double::in_front_of(backend.url());
    let mut all = rule(json!({"type": "corrupt"}));
    all["faults"] = json!([
        {"type": "corrupt"}, {"type": "truncate"}, {"type": "throttle", "bytes_per_s": 10},
        {"type": "connection", "at": "mid_body"},
    ]);
    make(&double, &all);
    let mut client = RawClient::connect(double.addr);
    for (method, path, status) in [("GET", "/none", 204), ("GET", "/same", 304), ("HEAD", "/", 200)]
    {
        client.send(format!("{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
        let answer = client.answer_to(method == "HEAD").expect("an answer");
        assert_eq!((answer.status, answer.get("x-mock-chaos")), (status, None), "{path}");
    }
}

#[test]
fn a_body_that_does_not_end_is_not_waited_for_longer_than_its_rule_lasts() {
    let backend = Backend::start(|connection| {
        while let Some((head, _body)) = connection.read_request() {
            let kind =
                if head.path() == "/events" { "text/event-stream" } else { "application/json" };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n"
            );
            connection.write((head + &chunk("data: 1")).as_bytes());
            // Nothing more, until the client leaves.
            connection.read_to_end();
        }
    });
    let double = Double::in_front_of(backend.url());
    let mut both = rule(json!({"type": "corrupt"}));
    both["faults"] = json!([{"type": "corrupt"}, {"type": "truncate"}]);
    make(&double, &both);
    let get = |path: &str| {
        let mut client = RawClient::connect(double.addr);
        client.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
        client
    };
    let mut events = get("/events");
    assert!(!events.head().expect("at once").contains("x-mock-chaos"));
    assert_eq!(events.read_chunk().as_deref(), Some(&b"data: 1"[..]));
    let mut json = get("/json");
    crate::support::eventually("it is hit", || {
        double.admin("GET", "/chaos/rules").json()["items"][0]["hits"] == 2
    });
    double.admin("POST", "/chaos/stop");
    assert!(!json.head().expect("now").contains("x-mock-chaos"));
    assert_eq!(json.read_chunk().as_deref(), Some(&b"data: 1"[..]));
}

#[test]
fn a_tunnel_is_delayed_and_cut_like_any_answer() {
    let backend = Backend::start(|connection| {
        while connection.read_head().is_some() {
            let head =
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket";
            connection.write(format!("{head}\r\n\r\nhello world").as_bytes());
            connection.read_to_end();
        }
    });
    let double = Double::in_front_of(backend.url());
    let mut both = rule(delay(20));
    both["faults"] = json!([
        delay(20),
        {"type": "corrupt"},
        {"type": "connection", "at": "mid_body", "how": "reset", "after_bytes": 5},
    ]);
    make(&double, &both);
    let began = Instant::now();
    let seen = exchange_raw(
        double.addr,
        "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
    assert!(began.elapsed() >= Duration::from_millis(20));
    assert!(seen.head().starts_with("HTTP/1.1 101 "), "{}", seen.head());
    assert_eq!((seen.body(), seen.end), (&b"hello"[..], End::Reset));
    let chaos = seen.field("x-mock-chaos").expect("said");
    assert_eq!(chaos, "latency;ms=20, connection;at=mid_body;how=reset");
}

#[test]
fn a_truncation_behind_the_end_of_a_body_is_none() {
    let backend = backend();
    let double = double(&backend);
    with_fault(&double, json!({"type": "truncate", "keep_bytes": 10_000}), || {
        let seen = exchange(double.addr, "/small/7", PROXY);
        assert_eq!((seen.body(), seen.field("x-mock-chaos")), (SMALL.as_bytes(), None));
        assert_eq!(seen.field("etag"), Some("\"e1\""));
    });
}

#[test]
fn a_client_that_waits_for_an_interrupted_shutdown_is_not_kept() {
    let backend = backend();
    let mut double = double(&backend);
    make(&double, &rule(json!({"type": "hang", "max_ms": 600_000})));
    let mut client = RawClient::connect(double.addr);
    client.send(b"GET /small/7 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    crate::support::eventually("it is hit", || {
        double.admin("GET", "/chaos/rules").json()["items"][0]["hits"] == 1
    });
    double.begin_stop();
    let answer = client.answer().expect("hanging ends with the double");
    assert_eq!(answer.text(), SMALL);
    assert!(PATIENCE > Duration::from_secs(1));
}
