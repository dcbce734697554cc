//! Requests within requests: two parsers must never disagree about where one ends.

use std::thread;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nhost: d\r\n\r\n";

#[test]
fn known_classes_are_refused_and_nothing_of_a_second_request_gets_through() {
    let backend = Backend::answering(OK);
    let double = Double::with(&[]).target(backend.url()).start();
    let post = "POST /outer HTTP/1.1\r\nhost: d\r\n";
    let chunked = "transfer-encoding: chunked\r\n";
    let heads = [
        // CL.TE, TE.CL and their order.
        format!("{post}content-length: 6\r\n{chunked}\r\n0\r\n\r\n"),
        format!("{post}{chunked}content-length: 4\r\n\r\n5c\r\n"),
        // TE.TE: codings hidden, doubled, unknown.
        format!("{post}{chunked}{chunked}\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: xchunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding : chunked\r\n\r\n0\r\n\r\n"),
        format!("{post} transfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding:\u{b}chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}x: y\r\n\ttransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: identity\r\ncontent-length: 0\r\n\r\n"),
        "POST /outer HTTP/1.0\r\nhost: d\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        // Lengths: doubled, contradicting, signed, hexadecimal, listed, empty, too large.
        format!("{post}content-length: 0\r\ncontent-length: 44\r\n\r\n"),
        format!("{post}content-length: 0\r\ncontent-length: 0\r\n\r\n"),
        format!("{post}content-length: +0\r\n\r\n"),
        format!("{post}content-length: -1\r\n\r\n"),
        format!("{post}content-length: 0x2c\r\n\r\n"),
        format!("{post}content-length: 0, 44\r\n\r\n"),
        format!("{post}content-length: \r\n\r\n"),
        format!("{post}content-length: 99999999999999999999\r\n\r\n"),
        // Folding, bare CR, NUL, blanks in names.
        format!("{post}x: a\r\n b\r\n\r\n"),
        format!("{post}x: a\rcontent-length: 44\r\n\r\n"),
        format!("{post}x: a\0b\r\n\r\n"),
        format!("{post}na me: a\r\n\r\n"),
        format!("{post}: a\r\n\r\n"),
        format!("{post}no colon\r\n\r\n"),
        // Chunks: odd sizes, line ends, surplus.
        format!("{post}{chunked}\r\n0x0\r\n\r\n"),
        format!("{post}{chunked}\r\n-0\r\n\r\n"),
        format!("{post}{chunked}\r\n1\r\naXX\r\n0\r\n\r\n"),
        format!("{post}{chunked}\r\n1\naX\r\n0\r\n\r\n"),
        format!("{post}{chunked}\r\nfffffffffffffffff\r\n\r\n"),
        format!("{post}{chunked}\r\n1;\n\r\na\r\n0\r\n\r\n"),
        // Hosts and request lines.
        "GET /outer HTTP/1.1\r\n\r\n".to_owned(),
        "GET /outer HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".to_owned(),
        "GET /outer HTTP/2.0\r\nhost: d\r\n\r\n".to_owned(),
        "GET /outer\r\n\r\n".to_owned(),
        "GET  /outer HTTP/1.1\r\nhost: d\r\n\r\n".to_owned(),
        "GET /outer HTTP/1.1\r\nhost: a b\r\n\r\n".to_owned(),
        "GET /outer HTTP/1.1\r\nhost: a/b\r\n\r\n".to_owned(),
        "GET /outer HTTP/1.1\r\nhost: user@d\r\n\r\n".to_owned(),
        "GET /outer HTTP/1.1\r\nhost: \u{e9}\r\n\r\n".to_owned(),
    ];
    for head in heads {
        let mut client = RawClient::connect(double.addr);
        client.send(format!("{head}{SMUGGLED}").as_bytes());
        let first = client.answer();
        let status = first.map(|answer| answer.status);
        assert!(
            status.is_none_or(|status| (400..600).contains(&status)),
            "{head:?}: answered {status:?}"
        );
        let second = client.answer().map(|answer| answer.status);
        assert!(second.is_none_or(|status| status == 400), "{head:?}: then answered {second:?}");
    }
    let received = String::from_utf8_lossy(&backend.received()).into_owned();
    assert!(!received.contains("smuggled"), "{received}");
}

#[test]
fn a_body_is_never_a_request() {
    // CL.0, 0.CL: methods that seldom have a body.
    let backend = Backend::answering(OK);
    let double = Double::with(&[]).target(backend.url()).start();
    for method in ["GET", "HEAD", "DELETE", "OPTIONS", "POST"] {
        let mut client = RawClient::connect(double.addr);
        let length = SMUGGLED.len();
        let head =
            format!("{method} /outer HTTP/1.1\r\nhost: d\r\ncontent-length: {length}\r\n\r\n");
        client.send(format!("{head}{SMUGGLED}").as_bytes());
        assert_eq!(client.answer_to(method == "HEAD").unwrap().status, 200);
    }
    let heads = backend.heads();
    assert_eq!(heads.len(), 5, "{heads:?}");
    assert!(heads.iter().all(|head| head.contains(" /outer ")), "{heads:?}");
}

/// How many mutated connections a plain test run tries; `STUNT_DOUBLE_MUTATIONS` sets another
/// number (the acceptance run: 100000).
const MUTATIONS: u64 = 3_000;
const THREADS: u64 = 32;
/// After how long without an answer a client leaves.
const SILENCE_MAX: Duration = Duration::from_millis(500);

/// A request as a strict reader sees it.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Seen {
    line: String,
    body: Vec<u8>,
}

/// Reads requests from `bytes` as RFC 9112 has them: those before the first fault, and what is
/// left there. Written for this test, independently of every parser under test.
fn strict_requests(mut bytes: &[u8]) -> (Vec<Seen>, &[u8]) {
    let mut seen = Vec::new();
    while let Some((request, rest)) = strict_request(bytes) {
        seen.push(request);
        bytes = rest;
    }
    (seen, bytes)
}

/// A line without its end, one character for each byte.
fn line(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    // Lone carriage returns and other controls belong nowhere.
    if line.iter().any(|byte| *byte < b' ' && *byte != b'\t' || *byte == 0x7f) {
        return None;
    }
    Some((line.iter().map(|byte| char::from(*byte)).collect(), &bytes[end + 1..]))
}

fn strict_request(bytes: &[u8]) -> Option<(Seen, &[u8])> {
    let (mut request_line, mut rest) = line(bytes)?;
    // Empty lines before a request are to be ignored (RFC 9112, section 2.2).
    while request_line.is_empty() {
        (request_line, rest) = line(rest)?;
    }
    let words: Vec<&str> = request_line.split(' ').collect();
    let [method, target, version] = words[..] else { return None };
    if method.is_empty() || target.is_empty() || !["HTTP/1.0", "HTTP/1.1"].contains(&version) {
        return None;
    }
    let (mut length, mut chunked, mut hosts) = (None, 0, 0);
    loop {
        let (field, after) = line(rest)?;
        rest = after;
        if field.is_empty() {
            break;
        }
        let (name, value) = field.split_once(':')?;
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            return None;
        }
        match name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let digits = value.trim();
                let number = digits.chars().all(|c| c.is_ascii_digit()).then(|| digits.parse());
                if length.replace(number?.ok()?).is_some() {
                    return None;
                }
            }
            "transfer-encoding" if value.trim().eq_ignore_ascii_case("chunked") => chunked += 1,
            "transfer-encoding" => return None,
            "host" => hosts += 1,
            _ => {}
        }
    }
    let (body, rest) = match (length, chunked) {
        (_, 2..) | (Some(_), 1) => return None,
        (None, 1) if version == "HTTP/1.0" => return None,
        (None, 1) => strict_chunks(rest)?,
        (Some(length), _) => (rest.get(..length)?.to_vec(), &rest[length..]),
        (None, _) => (Vec::new(), rest),
    };
    if hosts > 1 || hosts == 0 && version == "HTTP/1.1" {
        return None;
    }
    Some((Seen { line: request_line, body }, rest))
}

fn strict_chunks(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let (size, after) = line(rest)?;
        let digits = size.split(';').next()?;
        let size = usize::from_str_radix(digits.trim(), 16).ok()?;
        if digits.starts_with(['+', '-']) {
            return None;
        }
        rest = after;
        if size == 0 {
            // actix-http skips trailers unread up to an empty line, and takes CRLF only for a line
            // end there.
            let trailers = if rest.starts_with(b"\r\n") { 0 } else { after_blank(rest)? };
            return Some((body, &rest[trailers + 2..]));
        }
        body.extend(rest.get(..size)?);
        (_, rest) = line(rest.get(size..)?).filter(|(end, _)| end.is_empty())?;
    }
}

/// Where the CRLF of the first empty line is.
fn after_blank(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 2)
}

/// Two or three good requests in a row, with a few bytes changed.
fn mutated(random: &mut SmallRng, tag: u64) -> Vec<u8> {
    const SPICES: [&str; 20] = [
        "\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        "\0",
        ":",
        ";",
        ",",
        "0",
        "5",
        "chunked",
        "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: 0\r\n",
        "\r\n\r\n",
        "GET /x HTTP/1.1\r\n",
        "Connection: close\r\n",
        "HTTP/1.0",
        "identity",
    ];
    let mut bytes = Vec::new();
    for at in 0..random.random_range(2..=3) {
        let path = format!("/{tag}-{at}");
        let request = match random.random_range(0..3) {
            0 => format!("GET {path} HTTP/1.1\r\nHost: d\r\n\r\n"),
            1 => format!("POST {path} HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n\r\nhello"),
            _ => format!(
                "POST {path} HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n\
                 5\r\nhello\r\n0\r\n\r\n"
            ),
        };
        bytes.extend(request.bytes());
    }
    for _ in 0..random.random_range(0..=2) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..4) {
            0 => drop(bytes.remove(at)),
            1 => bytes[at] = random.random(),
            2 => {
                let end = (at + random.random_range(1..20)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => drop(bytes.splice(at..at, SPICES[random.random_range(0..SPICES.len())].bytes())),
        }
    }
    bytes
}

#[test]
fn mutated_requests_arrive_as_a_strict_parser_reads_them_or_not_at_all() {
    let count = std::env::var("STUNT_DOUBLE_MUTATIONS").map_or(MUTATIONS, |n| n.parse().unwrap());
    let backend = Backend::recording(OK);
    let double = Double::with(&["--learn", "off"]).target(backend.url()).start();
    let addr = double.addr;
    let sent: Vec<_> = (0..THREADS)
        .map(|thread| {
            thread::spawn(move || {
                let mut random = SmallRng::seed_from_u64(thread);
                (0..count / THREADS)
                    .map(|at| {
                        let mut bytes = mutated(&mut random, thread * count + at);
                        bytes.extend(b"GET /end HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n");
                        let mut client = RawClient::connect(addr);
                        // Whoever sent half a request leaves when no more comes.
                        client.stream().set_read_timeout(Some(SILENCE_MAX)).unwrap();
                        client.send(&bytes);
                        client.read_to_end();
                        bytes
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let sent: Vec<Vec<u8>> = sent.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    // What arrived, by the independent parser: whole requests and nothing else.
    let mut arrived = std::collections::HashMap::<String, usize>::new();
    for stream in backend.streams() {
        let (requests, rest) = strict_requests(&stream);
        // A connection may end within one request, whose upload was cut; never behind it.
        assert!(is_cut_upload(rest), "{}", show(rest));
        for request in requests {
            *arrived.entry(key(&request)).or_default() += 1;
        }
    }
    let mut expected = std::collections::HashMap::<String, usize>::new();
    for bytes in &sent {
        for request in strict_requests(bytes).0 {
            *expected.entry(key(&request)).or_default() += 1;
        }
    }
    let mut wrong = Vec::new();
    for (request, count) in &arrived {
        let of = expected.get(request).copied().unwrap_or(0);
        if *count > of {
            let tag = request.split(['/', '-']).nth(1).unwrap_or_default();
            let origins = sent.iter().map(|bytes| show(bytes)).filter(|text| text.contains(tag));
            wrong.push(format!(
                "arrived {count} times, sent {of} times: {request:?} of {:?}",
                origins.take(1).collect::<Vec<_>>()
            ));
        }
    }
    assert_eq!(wrong, [""; 0]);
    // Every connection begins with a request that is a good one more often than not.
    let (arrived, expected) = (arrived.values().sum::<usize>(), expected.values().sum::<usize>());
    println!("{count} connections: {expected} requests by the strict parser, {arrived} arrived");
    assert!(arrived * 2 > expected, "{arrived} of {expected} arrived");
}

/// Method, target and body: what of a request must arrive unchanged.
fn key(request: &Seen) -> String {
    let mut words = request.line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    // A fragment is no part of what is requested; the server side cuts it off.
    let target = target.split('#').next().unwrap();
    format!("{method} {target} {}", show(&request.body))
}

/// Nothing, or a request whose body did not come to its end.
fn is_cut_upload(rest: &[u8]) -> bool {
    let text = show(rest);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return rest.is_empty() };
    let body: Vec<char> = body.chars().collect();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    if let Some(length) = length {
        return body.len() < length.parse::<usize>().unwrap();
    }
    head.contains("transfer-encoding: chunked") && are_cut_chunks(&body)
}

fn are_cut_chunks(mut body: &[char]) -> bool {
    loop {
        let Some(end) = body.iter().position(|c| *c == '\n') else { return true };
        let size: String = body[..end].iter().collect();
        let Ok(size) = usize::from_str_radix(size.trim_end(), 16) else { return false };
        if size == 0 {
            return false;
        }
        let Some(rest) = body.get(end + 1 + size + 2..) else { return true };
        body = rest;
    }
}

/// One character for each byte.
fn show(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
