//! Clients that break the protocol, or use it to do harm.

use std::io::Write as _;
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::support::backend::{Backend, PATIENCE};
use crate::support::client::RawClient;
use crate::support::double::Double;
use crate::support::eventually;
use crate::support::http2::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, FrameClient, GOAWAY, HEADERS, Http2Client,
    PREFACE, RST_STREAM, SETTINGS, StreamOutcome, block, frame, get, request, run,
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const PING: u8 = 6;
const PROTOCOL_ERROR: u32 = 1;
const COMPRESSION_ERROR: u32 = 9;
const REFUSED_STREAM: u32 = 7;

/// Two fields of a request, one of which may be missing from it or beside it.
type Fields<'a> = Vec<(&'a str, &'a str)>;

fn beside<'a>(more: &[(&'a str, &'a str)]) -> Fields<'a> {
    [&request("POST", "/outer")[..], more].concat()
}

fn without<'a>(name: &str, more: &[(&'a str, &'a str)]) -> Fields<'a> {
    let mut fields = request("POST", "/outer");
    fields.retain(|(had, _)| *had != name);
    [&fields[..], more].concat()
}

#[test]
fn malformed_requests_end_their_stream_and_nothing_of_them_reaches_the_backend() {
    let backend = Backend::answering(OK);
    let double = Double::in_front_of(backend.url());
    let smuggled = "x\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: d\r\n\r\n";
    let cases: Vec<Fields<'_>> = vec![
        // Fields of the connection (RFC 9113, section 8.2.2).
        beside(&[("connection", "close")]),
        beside(&[("keep-alive", "5")]),
        beside(&[("proxy-connection", "keep-alive")]),
        beside(&[("transfer-encoding", "chunked")]),
        beside(&[("upgrade", "websocket")]),
        beside(&[("te", "gzip")]),
        // Whom it is for.
        beside(&[("host", "other.test")]),
        beside(&[("host", "double.test"), ("host", "double.test")]),
        without(":authority", &[("host", "a"), ("host", "b")]),
        // Pseudo-fields.
        without(":method", &[]),
        without(":scheme", &[]),
        without(":path", &[]),
        [&request("GET", "")[..], &[]].concat(),
        [&request("GET", "outer")[..], &[]].concat(),
        [&request("GET", "http://evil.test/")[..], &[]].concat(),
        [&request("GET", "*")[..], &[]].concat(),
        beside(&[(":path", "/again")]),
        beside(&[("x", "y"), (":path", "/late")]),
        beside(&[(":status", "200")]),
        beside(&[(":protocol", "websocket")]),
        // Bytes that end a line somewhere else.
        [&request("GET", "/a b")[..], &[]].concat(),
        [&request("GET", "/a\r\nx: y")[..], &[]].concat(),
        [&request("GET /smuggled HTTP/1.1\r\nx:", "/")[..], &[]].concat(),
        beside(&[("x", smuggled)]),
        beside(&[("x", "a\nb")]),
        beside(&[("x", "a\rb")]),
        beside(&[("x", "a\0b")]),
        beside(&[("x", " a")]),
        beside(&[("x", "a\t")]),
        beside(&[("x\r\ny", "a")]),
        beside(&[("x: y", "a")]),
        beside(&[("X-Upper", "a")]),
        // Lengths.
        beside(&[("content-length", "3"), ("content-length", "4")]),
        beside(&[("content-length", "+4")]),
        beside(&[("content-length", "0x4")]),
        beside(&[("content-length", "4, 4")]),
        beside(&[("content-length", "99999999999999999999")]),
    ];
    for fields in &cases {
        let mut client = FrameClient::connect(double.addr);
        client.headers(1, fields, false);
        client.send(DATA, END_STREAM, 1, b"abcd");
        let ended = client.outcome(1);
        let [stream, connection, coding] = [
            StreamOutcome::Reset(PROTOCOL_ERROR),
            StreamOutcome::GoneAway(PROTOCOL_ERROR),
            StreamOutcome::GoneAway(COMPRESSION_ERROR),
        ];
        let expected = [stream, connection, coding];
        assert!(expected.contains(&ended), "{ended:?} of {fields:?}");
        if ended == stream {
            // The connection goes on.
            client.headers(3, &request("GET", "/after"), true);
            assert_eq!(client.outcome(3), StreamOutcome::Answered, "{fields:?}");
        }
    }
    // Whom nothing says it, HTTP/1.1 refuses; CONNECT is refused there, too.
    for fields in
        [without(":authority", &[]), vec![(":method", "CONNECT"), (":authority", "inner.test:443")]]
    {
        let mut client = FrameClient::connect(double.addr);
        client.headers(1, &fields, true);
        assert_eq!(client.outcome(1), StreamOutcome::Answered, "{fields:?}");
    }
    let heads = backend.heads();
    assert!(heads.iter().all(|head| head.starts_with("GET /after ")), "{heads:#?}");
}

#[test]
fn a_body_that_is_not_as_long_as_it_says_is_no_request() {
    let backend = Backend::recording(OK);
    let double = Double::in_front_of(backend.url());
    for (body, more) in [(&b"abc"[..], ""), (b"abcde", ""), (b"", "end")] {
        let mut client = FrameClient::connect(double.addr);
        let fields = beside(&[("content-length", "4")]);
        if more.is_empty() {
            client.headers(1, &fields, false);
            client.send(DATA, END_STREAM, 1, body);
        } else {
            client.headers(1, &fields, true);
        }
        assert_eq!(client.outcome(1), StreamOutcome::Reset(PROTOCOL_ERROR), "{body:?}");
        client.headers(3, &request("GET", "/after"), true);
        assert_eq!(client.outcome(3), StreamOutcome::Answered, "{body:?}");
    }
    for stream in backend.streams() {
        let text = String::from_utf8_lossy(&stream).into_owned();
        // No request was completed by what is not its own.
        assert!(!text.contains("abcde") && !text.contains("abcGET"), "{text}");
        if text.contains("POST ") {
            assert!(!text.contains("GET /after"), "{text}");
        }
    }
}

#[test]
fn a_list_of_fields_that_is_too_large_gets_431_and_the_next_request_an_answer() {
    let backend = Backend::answering(OK);
    let double = Double::in_front_of(backend.url());
    let (large, many) = ("v".repeat(15_000), vec![("x", "y"); 100]);
    let names: Vec<String> = (0..9).map(|n| format!("x-{n}")).collect();
    let large: Fields<'_> = names.iter().map(|name| (name.as_str(), large.as_str())).collect();
    run(async {
        let client = Http2Client::connect(double.addr).await;
        for fields in [large, many] {
            let answer = client.send(crate::support::http2::with("GET", "/", &fields), None).await;
            let answer = answer.unwrap();
            assert_eq!(answer.status, 431, "{}", answer.text());
            assert_eq!(client.get("/").await.text(), "ok");
        }
    });
}

#[test]
fn a_flood_of_continuations_is_bounded() {
    let double = Double::in_front_of_demo();
    for payload in [&block(&[("x", "y")])[..], b""] {
        let mut client = FrameClient::connect(double.addr);
        client.send(HEADERS, 0, 1, &block(&request("GET", "/users/1")));
        let mut sent = 0;
        while sent < 100_000 && client.send(CONTINUATION, 0, 1, payload) {
            sent += 1;
        }
        let ended = client.outcome(1);
        let calm = matches!(ended, StreamOutcome::GoneAway(_) | StreamOutcome::Closed);
        assert!(calm && sent < 100_000, "{ended:?} after {sent}");
    }
    assert_eq!(double.get("/users/1").status, 200);
}

#[test]
fn streams_that_are_opened_to_be_cancelled_end_the_connection() {
    let backend = Backend::answering(OK);
    let double = Double::in_front_of(backend.url());
    let mut client = FrameClient::connect(double.addr);
    let cancel = 8_u32.to_be_bytes();
    let fields = block(&request("GET", "/reset"));
    let mut id = 1;
    while id < 200_000 {
        let opened = frame(HEADERS, END_HEADERS | END_STREAM, id, &fields);
        if !client.raw.send(&[opened, frame(RST_STREAM, 0, id, &cancel)].concat()) {
            break;
        }
        id += 2;
    }
    assert!(id < 200_000, "it was let go on for ever");
    let asked = backend.heads().len();
    assert!(asked < 1_000, "{asked} requests reached the backend");
    // Others never notice.
    run(async { assert_eq!(Http2Client::connect(double.addr).await.get("/").await.text(), "ok") });
}

#[test]
fn a_client_that_cancels_in_turns_with_the_server_is_bounded_as_well() {
    let backend = Backend::start(|connection| {
        connection.read_head();
        connection.read_to_end();
    });
    let double = Double::in_front_of(backend.url());
    let mut client = FrameClient::connect(double.addr);
    let cancel = 8_u32.to_be_bytes();
    let fields = block(&request("GET", "/reset"));
    // A ping after each pair, so that the stream has begun before it is cancelled.
    let start = Instant::now();
    let ended = (1..20_000).step_by(2).find(|id| {
        let opened = frame(HEADERS, END_HEADERS | END_STREAM, *id, &fields);
        client.raw.send(&[opened, frame(PING, 0, 0, b"12345678")].concat());
        loop {
            match client.frame() {
                Some(frame) if frame.kind == PING => break,
                Some(frame) if frame.kind != GOAWAY => {}
                _gone => return true,
            }
        }
        client.send(RST_STREAM, 0, *id, &cancel);
        false
    });
    // A machine so slow that they come one by one need not end them.
    let a_second = 10_000.0 / start.elapsed().as_secs_f64();
    assert!(ended.is_some() || a_second < 64.0, "{a_second} cancellations a second were borne");
    assert_eq!(double.admin("GET", "/health/live").status, 200);
}

#[test]
fn more_streams_than_allowed_are_refused_and_the_others_go_on() {
    let backend = Backend::start(|connection| {
        connection.read_head();
        connection.read_to_end();
    });
    let flags = ["--max-streams-per-connection", "5"];
    let double = Double::with(&flags).target(backend.url()).start();
    let mut client = FrameClient::connect(double.addr);
    for id in [1, 3, 5, 7, 9] {
        client.headers(id, &request("GET", "/open"), true);
    }
    eventually("five are open", || backend.heads().len() == 5);
    client.headers(11, &request("GET", "/open"), true);
    assert_eq!(client.outcome(11), StreamOutcome::Reset(REFUSED_STREAM));
    let cancel = 8_u32.to_be_bytes();
    client.send(RST_STREAM, 0, 1, &cancel);
    client.headers(13, &request("GET", "/open"), true);
    eventually("one made room", || backend.heads().len() == 6);
}

#[test]
fn what_does_not_come_to_its_end_is_given_up() {
    let double = Double::with(&["--client-header-timeout-ms", "800"]).start();
    let settings = frame(SETTINGS, 0, 0, b"");
    let headers = frame(HEADERS, 0, 1, &block(&request("GET", "/users/1")));
    let begun = |more: &[u8]| [PREFACE, &settings, more].concat();
    for (what, bytes) in [
        ("half a preface", PREFACE[..20].to_vec()),
        ("one byte of it", PREFACE[..1].to_vec()),
        ("a preface alone", PREFACE.to_vec()),
        ("half a frame", begun(&headers[..20])),
        ("the head of a frame", begun(&headers[..5])),
        ("fields without an end", begun(&headers)),
    ] {
        let start = Instant::now();
        let mut client = RawClient::connect(double.addr);
        client.send(&bytes);
        // Dripping does not help.
        let mut drip = client.stream().try_clone().unwrap();
        let dripping = what == "half a frame";
        let dripper = thread::spawn(move || {
            while dripping && drip.write_all(b"\0").is_ok() {
                thread::sleep(Duration::from_millis(90));
            }
        });
        let told = client.read_to_end();
        let waited = start.elapsed();
        let window = Duration::from_millis(790)..PATIENCE / 2;
        assert!(window.contains(&waited), "{what}: {waited:?} {told:?}");
        let _ = client.stream().shutdown(Shutdown::Both);
        dripper.join().unwrap();
    }
}

#[test]
fn a_client_of_http_1_1_is_served_however_its_bytes_come() {
    let backend = Backend::answering(OK);
    let double = Double::in_front_of(backend.url());
    for head in [
        "POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 0\r\n\r\n",
        "PRIME / HTTP/1.1\r\nhost: d\r\n\r\n",
    ] {
        let mut client = RawClient::connect(double.addr);
        for _ in 0..2 {
            for byte in head.as_bytes() {
                client.send(std::slice::from_ref(byte));
            }
            assert_eq!(client.answer().expect("an answer").text(), "ok", "{head}");
        }
    }
    // A preface that turns out to be none is a request that is none.
    let mut client = RawClient::connect(double.addr);
    client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\rX");
    client.finish();
    assert_eq!(client.answer().expect("an answer").status, 400);
    // Nothing, and a part of it, without more.
    for bytes in [&b""[..], b"PRI"] {
        let mut client = RawClient::connect(double.addr);
        client.send(bytes);
        client.finish();
        client.read_to_end();
    }
}

/// Panics of the code under test in this process.
fn panics() -> &'static AtomicUsize {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(|location| location.file().to_owned());
            if place.is_some_and(|file| file.contains("downstream") || file.contains("/h2-")) {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            before(panic);
        }));
    });
    &PANICS
}

/// A frame as a client might send it, then changed here and there.
fn mutated(random: &mut SmallRng, stream: u32) -> Vec<u8> {
    let fields = block(&request(["GET", "POST"][random.random_range(0..2)], "/users/1"));
    let noise: Vec<u8> = (0..random.random_range(0..40)).map(|_| random.random()).collect();
    let mut bytes = match random.random_range(0..9) {
        0..=2 => frame(HEADERS, random.random_range(0..64), stream, &fields),
        3 => frame(DATA, random.random_range(0..16), stream, &noise),
        4 => frame(RST_STREAM, 0, stream, &random.random_range(0_u32..14).to_be_bytes()),
        5 => frame(SETTINGS, random.random_range(0..2), 0, &noise),
        6 => frame(8, 0, random.random_range(0..4), &random.random::<u32>().to_be_bytes()),
        7 => frame(CONTINUATION, random.random_range(0..8), stream, &fields),
        _ => frame(random.random_range(0..12), random.random(), stream, &noise),
    };
    for _ in 0..[0, 0, 1, 2, 5][random.random_range(0..5)] {
        let at = random.random_range(0..bytes.len());
        bytes[at] = random.random();
    }
    bytes
}

#[test]
fn mutated_frames_bring_nothing_down() {
    let panics = panics();
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20);
    let mut random = SmallRng::seed_from_u64(seed);
    let backend = Backend::recording(OK);
    let flags = ["--client-header-timeout-ms", "2000"];
    let double = Double::with(&flags).target(backend.url()).start();
    let mut frames = 0;
    while frames < 20_000 {
        let mut client = FrameClient::connect(double.addr);
        let count = random.random_range(1..40);
        let mut bytes = Vec::new();
        for n in 0..count {
            bytes.extend(mutated(&mut random, 2 * random_stream(n) + 1));
        }
        frames += count;
        client.raw.send(&bytes);
        if random.random_range(0..4) == 0 {
            client.raw.reset();
        } else {
            client.raw.finish();
            client.raw.read_to_end();
        }
    }
    assert_eq!(panics.load(Ordering::SeqCst), 0, "seed {seed}");
    served(double.addr);
    // Whatever came through came as one request after the other.
    for stream in backend.streams() {
        let text = String::from_utf8_lossy(&stream);
        let heads = text.matches("HTTP/1.1\r\n").count();
        assert_eq!(text.matches("\r\nhost: ").count(), heads, "seed {seed}: {text}");
    }
}

/// Mostly new streams, in order.
fn random_stream(n: u32) -> u32 {
    n - n % 3 / 2
}

/// Both protocols are served.
fn served(addr: SocketAddr) {
    run(async {
        let client = Http2Client::connect(addr).await;
        let answer = client.send(get("/users/1"), None).await.unwrap();
        assert_eq!(answer.text(), "ok");
    });
    assert_eq!(crate::support::client::get(addr, "/users/1").text(), "ok");
}

#[test]
fn a_window_that_is_never_opened_costs_a_stream_and_no_more() {
    let backend = Backend::answering(OK);
    let flags = ["--client-idle-timeout-ms", "600"];
    let double = Double::with(&flags).target(backend.url()).start();
    let mut client = FrameClient { raw: RawClient::connect(double.addr) };
    // SETTINGS_INITIAL_WINDOW_SIZE = 0.
    let no_window = [0, 4, 0, 0, 0, 0];
    client.raw.send(&[PREFACE, &frame(SETTINGS, 0, 0, &no_window)].concat());
    client.headers(1, &request("GET", "/"), true);
    assert_eq!(client.outcome(1), StreamOutcome::Reset(8));
}

#[test]
fn a_flood_of_settings_and_pings_is_answered_or_ended_but_never_hoarded() {
    let double = Double::in_front_of_demo();
    for flood in [frame(SETTINGS, 0, 0, b""), frame(PING, 0, 0, b"12345678")] {
        let mut client = FrameClient::connect(double.addr);
        // A client that never reads: in the end the kernel's buffers are full, and it waits.
        client.raw.stream().set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let many = flood.repeat(1_000);
        let sent = (0..8_000).take_while(|_| client.raw.send(&many)).count();
        assert!(
            sent < 8_000,
            "{} MiB taken of a client that does not read",
            (sent * many.len()) >> 20
        );
    }
    assert_eq!(double.get("/users/1").status, 200);
}
