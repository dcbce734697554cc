//! Connections used again, given up, counted and limited.

use std::time::Duration;

use crate::support::backend::Backend;
use crate::support::client::{RawClient, get};
use crate::support::eventually;
use crate::support::front::{Front, settings};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Closes after each answer without announcing it.
fn closing() -> Backend {
    Backend::start(|connection| {
        connection.read_request();
        connection.write(OK);
    })
}

#[test]
fn a_backend_that_closes_after_each_answer_costs_no_get() {
    let backend = closing();
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    for _ in 0..300 {
        assert_eq!(client.get("/").status, 200);
    }
}

#[test]
fn a_backend_that_closes_after_each_answer_costs_hardly_a_post() {
    let backend = closing();
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    let mut failed = 0;
    for _ in 0..300 {
        client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 2\r\n\r\nhi");
        let answer = client.answer().unwrap();
        // A close that crosses the request on the wire cannot be told from a crash after it was
        // carried out: a POST must not be sent twice then.
        failed += usize::from(answer.status == 502);
    }
    assert!(failed <= 3, "{failed} of 300");
}

#[test]
fn a_post_is_never_sent_twice() {
    let backend = Backend::start(|connection| {
        if connection.read_request().is_some() {
            connection.write(OK);
        }
        // Takes the second request and dies without an answer.
        connection.read_request();
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    assert_eq!(client.get("/first").status, 200);
    client.send(b"POST /second HTTP/1.1\r\nhost: d\r\ncontent-length: 2\r\n\r\nhi");
    assert_eq!(client.answer().unwrap().get("x-mock-error"), Some("upstream-reset"));
    assert_eq!(backend.heads().iter().filter(|head| head.contains("/second")).count(), 1);
}

#[test]
fn an_idempotent_request_is_sent_once_more_when_a_reused_connection_dies() {
    let backend = Backend::start(|connection| {
        if connection.read_request().is_some() {
            connection.write(OK);
        }
        connection.read_request();
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    assert_eq!(client.get("/first").status, 200);
    client.send(b"PUT /second HTTP/1.1\r\nhost: d\r\ncontent-length: 2\r\n\r\nhi");
    assert_eq!(client.answer().unwrap().status, 200);
    assert_eq!(backend.heads().iter().filter(|head| head.contains("/second")).count(), 2);
}

#[test]
fn a_fresh_connection_that_dies_is_not_tried_again() {
    let backend = Backend::start(|connection| {
        connection.read_request();
    });
    let front = Front::to(&backend.url());
    assert_eq!(get(front.addr, "/").get("x-mock-error"), Some("upstream-reset"));
    assert_eq!(backend.connections(), 1);
}

#[test]
fn idle_connections_are_closed() {
    let backend = Backend::answering(OK);
    let mut limits = settings(&backend.url());
    limits.pool_idle_timeout = Duration::from_millis(200);
    let front = Front::start(limits);
    let clients: Vec<_> = (0..30)
        .map(|_| {
            std::thread::spawn({
                let addr = front.addr;
                move || assert_eq!(get(addr, "/").status, 200)
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    eventually("idle sockets are closed", || front.upstream.open_connections() == 0);
    assert_eq!(get(front.addr, "/").status, 200);
}

#[test]
fn an_idle_connection_the_backend_leaves_is_closed() {
    let backend = Backend::answering(OK);
    let mut limits = settings(&backend.url());
    limits.pool_idle_timeout = Duration::from_secs(1);
    let front = Front::start(limits);
    assert_eq!(get(front.addr, "/").status, 200);
    assert_eq!(front.upstream.open_connections(), 1);
    drop(backend);
    eventually("the left socket is closed", || front.upstream.open_connections() == 0);
}

#[test]
fn requests_beyond_the_limit_are_told_when_to_come_back() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            if head.path() == "/short" {
                connection.write(b"0\r\n\r\n");
            }
        }
    });
    let mut limits = settings(&backend.url());
    limits.max_connections = 5;
    let front = Front::with_workers(limits, 2);
    let mut streams: Vec<_> = (0..5)
        .map(|_| {
            let mut client = RawClient::connect(front.addr);
            client.send(b"GET /open HTTP/1.1\r\nhost: d\r\n\r\n");
            client.head().unwrap();
            client
        })
        .collect();
    let answer = get(front.addr, "/short");
    assert_eq!((answer.status, answer.get("x-mock-error")), (503, Some("overloaded")));
    assert_eq!(answer.get("retry-after"), Some("1"));
    streams.pop();
    eventually("the place comes back", || front.upstream.in_flight() == 4);
    assert_eq!(get(front.addr, "/short").status, 200);
}

#[test]
fn three_hundred_open_streams_do_not_starve_others() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            if head.path() == "/stream" {
                connection
                    .write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
                connection.read_to_end();
            } else {
                connection.write(OK);
            }
        }
    });
    let front = Front::to(&backend.url());
    let streams: Vec<_> = (0..300)
        .map(|_| {
            let mut client = RawClient::connect(front.addr);
            client.send(b"GET /stream HTTP/1.1\r\nhost: d\r\n\r\n");
            client.head().unwrap();
            client
        })
        .collect();
    let mut client = RawClient::connect(front.addr);
    for _ in 0..100 {
        assert_eq!(client.get("/").text(), "ok");
    }
    assert_eq!(front.upstream.in_flight(), 300);
    drop(streams);
    eventually("left streams are closed", || front.upstream.in_flight() == 0);
    eventually("their sockets, too", || front.upstream.open_connections() <= 1);
}
