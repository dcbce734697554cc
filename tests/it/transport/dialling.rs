//! Ways not to get a connection.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::support::backend::Backend;
use crate::support::client::get;
use crate::support::front::{Front, settings};

/// An address whose backlog is full, so that connecting neither works nor fails.
fn unanswering() -> (TcpListener, Vec<TcpStream>, SocketAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    socket.listen(0).unwrap();
    let listener: TcpListener = socket.into();
    let addr = listener.local_addr().unwrap();
    let connect = || TcpStream::connect_timeout(&addr, Duration::from_millis(200));
    let filling = std::iter::from_fn(|| connect().ok()).take(16).collect();
    (listener, filling, addr)
}

fn refusing() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn a_host_without_an_address_is_unresolvable() {
    let front = Front::to("http://no-such-host.invalid");
    let answer = get(front.addr, "/");
    assert_eq!((answer.status, answer.get("x-mock-error")), (502, Some("upstream-unresolvable")));
}

#[test]
fn a_connection_that_is_never_accepted_is_a_timeout() {
    let (_listener, _filling, addr) = unanswering();
    let mut limits = settings(&format!("http://{addr}"));
    limits.connect_timeout = Duration::from_millis(300);
    let front = Front::start(limits);
    let start = Instant::now();
    let answer = get(front.addr, "/");
    assert_eq!((answer.status, answer.get("x-mock-error")), (504, Some("upstream-timeout")));
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[test]
fn the_next_address_is_tried() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let (_listener, _filling, silent) = unanswering();
    for dead in [refusing(), silent] {
        let mut limits = settings("http://pinned.invalid");
        limits.pinned = vec![dead, backend.addr];
        let front = Front::start(limits);
        assert_eq!(get(front.addr, "/").text(), "ok", "{dead}");
        assert!(backend.heads().pop().unwrap().contains("host: pinned.invalid\r\n"));
    }
}

#[test]
fn all_addresses_refusing_is_refused() {
    let mut limits = settings("http://pinned.invalid");
    limits.pinned = vec![refusing(), refusing()];
    let front = Front::start(limits);
    assert_eq!(get(front.addr, "/").get("x-mock-error"), Some("upstream-refused"));
}

#[test]
fn a_name_is_resolved() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let front = Front::to(&format!("http://localhost:{}", backend.addr.port()));
    assert_eq!(get(front.addr, "/").text(), "ok");
}
