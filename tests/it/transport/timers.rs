//! Each phase has its own limit.

use std::time::{Duration, Instant};

use crate::support::backend::Backend;
use crate::support::client::{RawClient, get};
use crate::support::front::{Front, settings};

const LIMIT: Duration = Duration::from_millis(300);

fn front(backend: &Backend) -> Front {
    let mut limits = settings(&backend.url());
    limits.first_byte_timeout = LIMIT;
    limits.idle_timeout = LIMIT;
    limits.write_stall_timeout = LIMIT;
    Front::start(limits)
}

/// Writes a part of an answer and says nothing more until the peer leaves.
fn stalling(part: &'static str) -> Backend {
    Backend::start(move |connection| {
        connection.read_request();
        connection.write(part.as_bytes());
        connection.read_to_end();
    })
}

#[test]
fn a_head_that_does_not_come_is_a_timeout() {
    for part in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nX: y\r\n", "HTTP/1.1 103 E\r\n\r\n"] {
        let backend = stalling(part);
        let front = front(&backend);
        let start = Instant::now();
        let answer = get(front.addr, "/");
        let slug = answer.get("x-mock-error");
        assert_eq!((answer.status, slug), (504, Some("upstream-timeout")), "{part}");
        assert!(start.elapsed() >= LIMIT);
    }
}

#[test]
fn a_head_that_drips_is_a_timeout() {
    let backend = Backend::start(move |connection| {
        connection.read_request();
        let mut alive = connection.write(b"HTTP/1.1 200 OK\r\nX: ");
        while alive {
            std::thread::sleep(LIMIT / 10);
            alive = connection.write(b"y");
        }
    });
    let front = front(&backend);
    assert_eq!(get(front.addr, "/").status, 504);
}

#[test]
fn a_body_that_stalls_is_cut() {
    for part in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello",
    ] {
        let backend = stalling(part);
        let front = front(&backend);
        let mut client = RawClient::connect(front.addr);
        client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
        client.head().unwrap();
        let start = Instant::now();
        let rest = client.read_to_end();
        assert!(!rest.ends_with(b"0\r\n\r\n"), "{part} looks complete");
        assert!(start.elapsed() < 10 * LIMIT, "{part}");
        assert_eq!(front.upstream.in_flight(), 0);
    }
}

#[test]
fn a_body_that_trickles_is_not_cut() {
    let backend = Backend::start(move |connection| {
        connection.read_request();
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        for byte in b"0123456789" {
            std::thread::sleep(LIMIT / 3);
            connection.write(&[*byte]);
        }
    });
    let front = front(&backend);
    let start = Instant::now();
    assert_eq!(get(front.addr, "/").text(), "0123456789");
    assert!(start.elapsed() > 2 * LIMIT, "the sum was to be beyond the limit");
}

#[test]
fn a_backend_that_takes_nothing_is_a_timeout() {
    let backend = Backend::start(|connection| {
        connection.read_head();
        std::thread::sleep(10 * LIMIT);
    });
    let front = front(&backend);
    let mut client = RawClient::connect(front.addr);
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 100000000\r\n\r\n");
    let chunk = vec![0; 1 << 20];
    let mut sender = client.stream().try_clone().unwrap();
    std::thread::spawn(move || while std::io::Write::write_all(&mut sender, &chunk).is_ok() {});
    let answer = client.answer().unwrap();
    assert_eq!((answer.status, answer.get("x-mock-error")), (504, Some("upstream-timeout")));
}

#[test]
fn a_slow_client_is_not_the_backends_fault() {
    let backend = Backend::start(|connection| {
        let (_, body) = connection.read_request().unwrap();
        connection
            .write(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes());
        connection.write(&body);
    });
    let front = front(&backend);
    let mut client = RawClient::connect(front.addr);
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 4\r\n\r\n");
    for byte in b"slow" {
        std::thread::sleep(LIMIT / 2);
        client.send(&[*byte]);
    }
    assert_eq!(client.answer().unwrap().text(), "slow");
}
