//! Answers of every framing, good and bad.

use std::sync::{Mutex, mpsc};

use crate::support::backend::Backend;
use crate::support::client::{RawAnswer, RawClient, get};
use crate::support::front::Front;

/// What a client must get for an answer of the backend.
enum Expected {
    /// This status and body, complete, and the connection used again.
    Reused(u16, &'static str),
    /// As above, on a connection that must not be used again.
    Once(u16, &'static str),
    /// A transfer the client can see to be broken, or 502 when nothing was passed on yet.
    Broken,
    /// 502 with this slug.
    Refused(&'static str),
}

use Expected::{Broken, Once, Refused, Reused};

/// Serves `answer` to the first request of a connection and a marked answer to the others. The
/// backend closes after the answer when `close` is set.
fn scripted(answer: &'static [u8], close: bool) -> Backend {
    Backend::start(move |connection| {
        while let Some((head, _)) = connection.read_request() {
            if head.path() == "/next" {
                let number = connection.index;
                connection.write(
                    format!("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nnext:{number}").as_bytes(),
                );
                continue;
            }
            connection.write(answer);
            if close {
                return;
            }
        }
    })
}

fn check(answer: &'static [u8], close: bool, expected: &Expected) {
    check_method("GET", answer, close, expected);
}

fn check_method(method: &str, answer: &'static [u8], close: bool, expected: &Expected) {
    let name = String::from_utf8_lossy(answer);
    let backend = scripted(answer, close);
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(format!("{method} / HTTP/1.1\r\nhost: d\r\n\r\n").as_bytes());
    let got = client.answer_to(method == "HEAD");
    let seen = |answer: &RawAnswer| (answer.status, answer.text(), answer.complete);
    match expected {
        Reused(status, body) | Once(status, body) => {
            let got = got.unwrap_or_else(|| panic!("{name}: no answer"));
            assert_eq!(seen(&got), (*status, (*body).to_owned(), true), "{name}");
        }
        Refused(slug) => {
            let got = got.unwrap_or_else(|| panic!("{name}: no answer"));
            assert_eq!((got.status, got.get("x-mock-error")), (502, Some(*slug)), "{name}");
            assert!(!got.head.contains("127.0.0.1"), "{name}");
        }
        Broken => {
            let broken = got.is_none_or(|got| got.status == 502 || !got.complete);
            assert!(broken, "{name}: passed as complete");
            client = RawClient::connect(front.addr);
        }
    }
    // Whatever came before, the next request gets its own answer.
    let next = client.get("/next");
    let connection = i32::from(!matches!(expected, Reused(..)));
    assert_eq!(next.text(), format!("next:{connection}"), "{name}");
}

#[test]
fn interim_answers_are_no_answers() {
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
    for interim in [
        hints.to_owned(),
        hints.repeat(3),
        "HTTP/1.1 102 Processing\r\n\r\n".to_owned(),
        "HTTP/1.1 100 Continue\r\n\r\n".to_owned(),
        "HTTP/1.1 199 Odd\r\nContent-Length: 5\r\n\r\n".to_owned(),
    ] {
        // Glued to the final answer, and apart from it.
        let glued: &'static str = format!("{interim}{last}").leak();
        check(glued.as_bytes(), false, &Reused(200, "ok"));
        let backend = Backend::start(move |connection| {
            while connection.read_request().is_some() {
                for head in interim.split_inclusive("\r\n\r\n") {
                    connection.write(head.as_bytes());
                    std::thread::yield_now();
                }
                connection.write(last.as_bytes());
            }
        });
        let front = Front::to(&backend.url());
        let mut client = RawClient::connect(front.addr);
        for _ in 0..20 {
            assert_eq!(client.get("/").text(), "ok");
        }
        assert_eq!(backend.connections(), 1);
    }
}

#[test]
fn endless_interim_answers_are_refused() {
    let endless = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100).leak();
    check(endless.as_bytes(), false, &Refused("upstream-invalid"));
}

#[test]
fn an_unsolicited_protocol_switch_is_refused() {
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    check(switch, false, &Refused("upstream-invalid"));
}

#[test]
fn answers_without_length_end_with_the_connection() {
    check(b"HTTP/1.1 200 OK\r\n\r\nto the end", true, &Once(200, "to the end"));
    check(b"HTTP/1.0 200 OK\r\n\r\nto the end", true, &Once(200, "to the end"));
    check(b"HTTP/1.1 200 OK\r\n\r\n", true, &Once(200, ""));
    check(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nx", true, &Once(200, "x"));
}

#[test]
fn http_1_0_answers_pass() {
    let keep = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok";
    check(keep, false, &Reused(200, "ok"));
    let empty = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n";
    check(empty, false, &Reused(200, ""));
    check(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false, &Once(200, "ok"));
}

#[test]
fn a_length_that_is_not_reached_is_a_broken_answer() {
    check(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", true, &Broken);
    check(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", true, &Broken);
    check(b"HTTP/1.1 200 OK\r\nContent-Le", true, &Refused("upstream-reset"));
    check(b"", true, &Refused("upstream-reset"));
}

#[test]
fn a_reset_in_the_middle_of_a_body_is_a_broken_answer() {
    for head in ["Content-Length: 10", "Transfer-Encoding: chunked", "X-No: length"] {
        let (seen, seen_by_client) = mpsc::channel::<()>();
        let seen_by_client = Mutex::new(seen_by_client);
        let backend = Backend::start(move |connection| {
            connection.read_request();
            connection.write(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n5\r\nhe").as_bytes());
            // The client has the first bytes before the reset throws the rest away.
            seen_by_client.lock().unwrap().recv().unwrap();
            connection.reset();
        });
        let front = Front::to(&backend.url());
        let mut client = RawClient::connect(front.addr);
        client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
        client.head().unwrap();
        seen.send(()).unwrap();
        let rest = String::from_utf8(client.read_to_end()).unwrap();
        assert!(!rest.ends_with("0\r\n\r\n"), "{head}: {rest:?} looks complete");
    }
}

#[test]
fn a_chunked_body_cut_at_any_offset_is_a_broken_answer() {
    let body = "5;a=b\r\nhello\r\n3\r\n123\r\n0\r\nX-T: 1\r\n\r\n";
    for cut in 0..body.len() {
        let answer =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", &body[..cut]);
        check(answer.leak().as_bytes(), true, &Broken);
    }
}

#[test]
fn chunk_sizes_may_be_padded_in_answers() {
    let padded = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        5 \r\nhello\r\n1    ;x=y\r\n!\r\n0  \r\n\r\n";
    check(padded, false, &Reused(200, "hello!"));
}

#[test]
fn bad_chunks_are_broken_answers() {
    for body in [
        "x\r\n",
        // A line feed alone, as hyper refuses it.
        "5\nhello\r\n0\r\n\r\n",
        "5 \nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhelloX\r\n",
        " 5\r\nhello\r\n",
        "-1\r\n\r\n",
        "5\r\nhello\r\n0\r\nGET / HTTP/1.1\r\n\r\n",
        "fffffffffffffffff\r\n",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        check(answer.leak().as_bytes(), false, &Broken);
    }
}

#[test]
fn answers_without_a_body_have_none_whatever_they_declare() {
    for field in ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""] {
        for status in ["204 No Content", "304 Not Modified"] {
            let answer: &'static str = format!("HTTP/1.1 {status}\r\n{field}\r\n").leak();
            check(answer.as_bytes(), false, &Reused(status[..3].parse().unwrap(), ""));
        }
        let answer: &'static str = format!("HTTP/1.1 200 OK\r\n{field}\r\n").leak();
        check_method("HEAD", answer.as_bytes(), false, &Reused(200, ""));
    }
    check(b"HTTP/1.1 204 No Content\r\n\r\nbytes", false, &Once(204, ""));
    check(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nbytes", false, &Once(304, ""));
    check_method(
        "HEAD",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbytes",
        false,
        &Once(200, ""),
    );
}

#[test]
fn head_and_not_modified_keep_the_length_they_declare() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            let status = if head.line.starts_with("HEAD") { "200 OK" } else { "304 Not Modified" };
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 1234\r\nETag: \"a\"\r\n\r\n");
            connection.write(answer.as_bytes());
        }
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    for _ in 0..3 {
        client.send(b"HEAD / HTTP/1.1\r\nhost: d\r\n\r\n");
        let answer = client.answer_to(true).unwrap();
        assert_eq!((answer.status, answer.get("content-length")), (200, Some("1234")));
        client.send(b"GET / HTTP/1.1\r\nhost: d\r\nif-none-match: \"a\"\r\n\r\n");
        let answer = client.answer().unwrap();
        assert_eq!((answer.status, answer.get("content-length")), (304, Some("1234")));
    }
    assert_eq!(backend.connections(), 1);
}

#[test]
fn contradicting_lengths_are_resolved_or_refused() {
    let both = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n\
        5\r\nhello\r\n0\r\n\r\n";
    check(both, false, &Once(200, "hello"));
    let equal = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\
        Content-Length: 5, 5\r\n\r\nhello";
    check(equal, false, &Reused(200, "hello"));
    for head in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: +5",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        check(answer.leak().as_bytes(), false, &Refused("upstream-invalid"));
    }
}

#[test]
fn bytes_beyond_the_end_belong_to_nobody() {
    check(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokSURPLUS", false, &Once(200, "ok"));
    let glued = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\
        HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforeign";
    check(glued, false, &Once(200, "ok"));
    let chunked =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nSURPLUS";
    check(chunked, false, &Once(200, "ok"));
    check(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nSURPLUS", false, &Once(200, ""));
}

#[test]
fn a_late_answer_to_nothing_never_reaches_the_next_request() {
    let (told, tell) = mpsc::channel::<()>();
    let tell = Mutex::new(tell);
    let (done, spoken) = mpsc::channel::<()>();
    let done = Mutex::new(done);
    let backend = Backend::start(move |connection| {
        while connection.read_request().is_some() {
            let own = format!("own:{}", connection.index);
            connection.write(
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{own}", own.len()).as_bytes(),
            );
            if connection.index == 0 {
                tell.lock().unwrap().recv().unwrap();
                connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforeign");
                done.lock().unwrap().send(()).unwrap();
            }
        }
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    assert_eq!(client.get("/").text(), "own:0");
    told.send(()).unwrap();
    spoken.recv().unwrap();
    assert_eq!(client.get("/").text(), "own:1");
}

#[test]
fn garbage_is_refused() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\u{16}\u{3}\u{1}",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 999999 X\r\n\r\n",
        "<html></html>\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\u{0}: b\r\n\r\n",
    ] {
        check(garbage.to_owned().leak().as_bytes(), true, &Refused("upstream-invalid"));
    }
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(200_000));
    check(endless.leak().as_bytes(), true, &Refused("upstream-invalid"));
}

#[test]
fn answers_cut_into_any_pieces_pass() {
    let bodies = [
        "Content-Length: 11\r\n\r\nhello world",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x\r\n world\r\n0\r\nT: 1\r\n\r\n",
    ];
    for (at, body) in bodies.into_iter().enumerate() {
        let whole = format!("HTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\r\n{body}");
        let length = whole.len();
        let backend = Backend::start(move |connection| {
            while let Some((head, _)) = connection.read_request() {
                let cut: usize = head.path()[1..].parse().unwrap();
                connection.write(&whole.as_bytes()[..cut]);
                // Lets the reader see the first piece alone; correctness does not depend on it.
                std::thread::sleep(std::time::Duration::from_micros(300));
                connection.write(&whole.as_bytes()[cut..]);
            }
        });
        let front = Front::to(&backend.url());
        let mut client = RawClient::connect(front.addr);
        for cut in 0..=length {
            let answer = client.get(&format!("/{cut}"));
            assert_eq!((answer.text().as_str(), answer.complete), ("hello world", true), "{cut}");
        }
        assert_eq!(backend.connections(), 1, "framing {at}");
    }
}

#[test]
fn repeated_fields_arrive_in_order() {
    let backend = Backend::answering(
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX: 1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
    );
    let front = Front::to(&backend.url());
    assert_eq!(get(front.addr, "/").all("set-cookie"), ["a=1", "b=2"]);
}
