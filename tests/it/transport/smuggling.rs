//! Requests within requests: two parsers must never disagree about where one ends.

use std::collections::HashMap;
use std::io::Read;
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
fn known_classes_get_400_and_a_close_and_nothing_of_a_second_request_gets_through() {
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
        format!("{post}{chunked}\r\n1 \r\na\r\n0\r\n\r\n"),
        format!("{post}{chunked}\r\n1;{}\r\na\r\n0\r\n\r\n", "x".repeat(300)),
        // Trailers: requests, no fields, folded, bare line feeds, without an end.
        format!("{post}{chunked}\r\n0\r\n{}", SMUGGLED.trim_end()),
        format!("{post}{chunked}\r\n0\r\nno colon\r\n\r\n"),
        format!("{post}{chunked}\r\n0\r\n x: y\r\n\r\n"),
        format!("{post}{chunked}\r\n0\r\nx: y\r\n z\r\n\r\n"),
        format!("{post}{chunked}\r\n0\r\nx: y\n\r\n"),
        format!("{post}{chunked}\r\n0\r\n\n"),
        format!("{post}{chunked}\r\n0\r\nx: {}\r\n\r\n", "y".repeat(20_000)),
        // Line feeds without their carriage returns.
        "POST /outer HTTP/1.1\nhost: d\ncontent-length: 0\n\n".to_owned(),
        format!("{post}content-length: 0\n\r\n"),
        format!("{post}content-length: 0\r\n\n"),
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
        let answer = client.answer().unwrap_or_else(|| panic!("{head:?}: no answer"));
        assert_eq!(answer.status, 400, "{head:?}");
        assert_eq!(answer.get("x-mock-error"), Some("request-invalid"), "{head:?}");
        assert_eq!(answer.get("content-type"), Some("application/problem+json"), "{head:?}");
        let second = client.answer().map(|answer| answer.status);
        assert_eq!(second, None, "{head:?}: the connection was to be closed");
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
const SILENCE_MAX: Duration = Duration::from_millis(250);

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
    let line = bytes[..end].strip_suffix(b"\r")?;
    // Lone carriage returns and other controls belong nowhere.
    if line.iter().any(|byte| *byte < b' ' && *byte != b'\t' || *byte == 0x7f) {
        return None;
    }
    Some((line.iter().map(|byte| char::from(*byte)).collect(), &bytes[end + 1..]))
}

/// Name and value of a field line.
fn field(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.split_once(':')?;
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    (!name.is_empty() && name.chars().all(token)).then(|| (name.to_ascii_lowercase(), value.trim()))
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
        let (text, after) = line(rest)?;
        rest = after;
        if text.is_empty() {
            break;
        }
        let (name, value) = field(&text)?;
        match name.as_str() {
            "content-length" => {
                let digits = value;
                let number = digits.chars().all(|c| c.is_ascii_digit()).then(|| digits.parse());
                if length.replace(number?.ok()?).is_some() {
                    return None;
                }
            }
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => chunked += 1,
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
        if digits.len() > 16 || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        let size = usize::from_str_radix(digits, 16).ok()?;
        rest = after;
        if size == 0 {
            break;
        }
        body.extend(rest.get(..size)?);
        (_, rest) = line(rest.get(size..)?).filter(|(end, _)| end.is_empty())?;
    }
    loop {
        let (text, after) = line(rest)?;
        rest = after;
        if text.is_empty() {
            return Some((body, rest));
        }
        field(&text)?;
    }
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

/// What one client sent, and how it was answered.
struct Sent {
    bytes: Vec<u8>,
    statuses: Vec<String>,
    /// The double closed the connection; otherwise the client left, perhaps too early.
    closed: bool,
}

/// Sends mutated requests on a connection each.
fn send_mutated(addr: std::net::SocketAddr, thread: u64, count: u64) -> Vec<Sent> {
    let mut random = SmallRng::seed_from_u64(thread);
    (0..count / THREADS)
        .map(|at| {
            let mut bytes = mutated(&mut random, thread * count + at);
            bytes.extend(END);
            let mut client = RawClient::connect(addr);
            // Whoever sent half a request leaves when no more comes.
            client.stream().set_read_timeout(Some(SILENCE_MAX)).unwrap();
            client.send(&bytes);
            let mut answers = Vec::new();
            let closed = client.stream().read_to_end(&mut answers).is_ok();
            let answers = show(&answers);
            let statuses = answers.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].to_owned());
            Sent { bytes, statuses: statuses.collect(), closed }
        })
        .collect()
}

const END: &[u8] = b"GET /end HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n";

#[test]
fn mutated_requests_arrive_as_a_strict_parser_reads_them_or_are_refused() {
    let count = std::env::var("STUNT_DOUBLE_MUTATIONS").map_or(MUTATIONS, |n| n.parse().unwrap());
    let backend = Backend::recording(OK);
    let double = Double::with(&["--learn", "off"]).target(backend.url()).start();
    let addr = double.addr;
    let clients: Vec<_> =
        (0..THREADS).map(|at| thread::spawn(move || send_mutated(addr, at, count))).collect();
    let sent: Vec<Sent> = clients.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    // What arrived, by the independent parser: whole requests and nothing else.
    let mut arrived = HashMap::<String, usize>::new();
    for stream in backend.streams() {
        let (requests, rest) = strict_requests(&stream);
        // A connection may end within one request, whose upload was cut; never behind it.
        assert!(is_cut_upload(rest), "{}", show(rest));
        for request in requests {
            *arrived.entry(key(&request)).or_default() += 1;
        }
    }
    // Of each connection, those that were answered by the backend: answers come in order.
    let (mut read, mut answered) = (HashMap::<String, usize>::new(), HashMap::new());
    for Sent { bytes, statuses, closed } in &sent {
        let requests = strict_requests(bytes).0;
        let good = statuses.iter().filter(|status| *status == "200").count();
        let before_end = show(&bytes[..bytes.len() - END.len()]).to_ascii_lowercase();
        let ended = before_end.contains("close") || before_end.contains("http/1.0");
        let explained = !closed || ended || good < statuses.len();
        assert!(good <= requests.len(), "{statuses:?} for {}", bytes.escape_ascii());
        assert!(good == requests.len() || explained, "{statuses:?} for {}", bytes.escape_ascii());
        for (at, request) in requests.iter().map(key).enumerate() {
            let by_backend = statuses.get(at).is_some_and(|status| status == "200");
            *answered.entry(request.clone()).or_default() += usize::from(by_backend);
            *read.entry(request).or_default() += 1;
        }
    }
    let of = |counts: &HashMap<String, usize>, key: &str| counts.get(key).copied().unwrap_or(0);
    for (request, count) in &arrived {
        let read = of(&read, request);
        assert!(*count <= read, "{request:?} arrived {count} times and was sent {read} times");
    }
    for (request, count) in &answered {
        let arrived = of(&arrived, request);
        assert!(arrived >= *count, "{request:?} arrived {arrived} of {count} answered times");
    }
    let sum = |counts: &HashMap<String, usize>| counts.values().sum::<usize>();
    let (read, arrived, answered) = (sum(&read), sum(&arrived), sum(&answered));
    let closed = sent.iter().filter(|sent| sent.closed).count();
    println!(
        "{count} connections, {closed} closed by the double: {read} requests read, {arrived} \
         arrived, {answered} answered"
    );
    // Every connection begins with a request that is a good one more often than not.
    assert!(answered * 2 > read, "{answered} of {read} answered");
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
