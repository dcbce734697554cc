//! Every way to fail on the way to the backend: its status, its slug, and no word about where the
//! backend is.

use std::net::TcpListener;

use crate::support::backend::Backend;
use crate::support::client::{RawAnswer, RawClient};
use crate::support::double::Double;

/// Short limits for what is to run into them, generous ones for the rest.
const FLAGS: [&str; 4] = ["--first-byte-timeout-ms", "400", "--connect-timeout-ms", "5000"];

fn answer_of(target: &str, flags: &[&str], method: &str) -> RawAnswer {
    let double = Double::with(flags).target(target).start();
    double.request(method, "/secret/place", &[], b"")
}

fn check(target: &str, flags: &[&str], status: u16, slug: &str) {
    for method in ["GET", "POST"] {
        let answer = answer_of(target, flags, method);
        assert_eq!((answer.status, answer.get("x-mock-error")), (status, Some(slug)), "{target}");
        assert_eq!(answer.get("x-mock-source"), Some("double"), "{target}");
        assert_eq!(answer.get("content-type"), Some("application/problem+json"), "{target}");
        assert_eq!(answer.json()["status"], status, "{target}");
        let authority = target.split("//").nth(1).unwrap();
        let port = authority.rsplit(':').next().unwrap();
        // `Via` and `X-Mock-*` are the double's own; none of them may say more than the body.
        let told = format!("{}{}", answer.head, answer.text());
        for secret in [authority, port, "127.0.0.1", "localhost", "backend.invalid"] {
            assert!(!told.contains(secret), "`{secret}` in {told}");
        }
    }
}

fn scripted(answer: &'static str, closes: bool) -> Backend {
    Backend::start(move |connection| {
        connection.read_request();
        connection.write(answer.as_bytes());
        if !closes {
            connection.read_to_end();
        }
    })
}

#[test]
fn backends_that_cannot_be_reached() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    check(&format!("http://{unused}"), &FLAGS, 502, "upstream-refused");
    check("http://backend.invalid:8080", &FLAGS, 502, "upstream-unresolvable");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("https://localhost:{}", silent.local_addr().unwrap().port());
    check(&target, &["--connect-timeout-ms", "400"], 504, "upstream-timeout");
    let plain = Backend::start(|connection| {
        connection.read_some();
        connection.write(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    check(&format!("https://localhost:{}", plain.addr.port()), &FLAGS, 502, "upstream-tls");
}

#[test]
fn backends_that_give_no_answer() {
    for part in ["", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 103 Early Hints\r\n\r\n"] {
        check(&scripted(part, true).url(), &FLAGS, 502, "upstream-reset");
        check(&scripted(part, false).url(), &FLAGS, 504, "upstream-timeout");
    }
    let resetting = Backend::start(|connection| {
        connection.read_request();
        connection.reset();
    });
    check(&resetting.url(), &FLAGS, 502, "upstream-reset");
}

#[test]
fn backends_that_speak_garbage() {
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk",
    ] {
        check(&scripted(answer, true).url(), &FLAGS, 502, "upstream-invalid");
    }
}

#[test]
fn a_request_that_comes_back_to_the_double_ends_there() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let double = Double::in_front_of(backend.url());
    double.get("/");
    let head = backend.heads().remove(0);
    let via = head.lines().find_map(|line| line.strip_prefix("via: ")).expect("it says its name");
    let answer = double.request("GET", "/", &[("via", via)], b"");
    assert_eq!((answer.status, answer.get("x-mock-source")), (508, Some("double")));
    assert_eq!(backend.heads().len(), 1);
}

#[test]
fn limits_say_when_to_come_back() {
    let backend = Backend::start(|connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
        connection.read_to_end();
    });
    let double = Double::with(&["--max-upstream-connections", "1"]).target(backend.url()).start();
    let mut stream = RawClient::connect(double.addr);
    stream.send(b"GET /stream HTTP/1.1\r\nhost: d\r\n\r\n");
    stream.head().unwrap();
    let answer = double.get("/other");
    assert_eq!((answer.status, answer.get("x-mock-error")), (503, Some("overloaded")));
    assert_eq!(answer.get("retry-after"), Some("1"));
}
