//! Protocol switches: raw bytes both ways, and none of the client's before the backend agreed.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;
use crate::support::eventually;
use crate::support::front::Front;

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nhost: d\r\nconnection: Upgrade\r\n\
    upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAA\r\n\r\n";
const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Accept: BBBB\r\n\r\n";

#[test]
fn bytes_are_echoed_through_a_tunnel() {
    let backend = Backend::start(|connection| {
        let head = connection.read_head().unwrap();
        assert_eq!(head.get("connection"), Some("upgrade"));
        assert_eq!(head.get("upgrade"), Some("websocket"));
        assert_eq!(head.get("sec-websocket-key"), Some("AAAA"));
        connection.write(SWITCH);
        while let Some(bytes) = connection.read_some() {
            connection.write(&bytes);
        }
    });
    let front = Front::to(&backend.url());
    let double = Double::in_front_of(backend.url());
    for addr in [front.addr, double.addr] {
        let mut client = RawClient::connect(addr);
        client.send(REQUEST);
        let answer = client.answer().unwrap();
        assert_eq!((answer.status, answer.get("sec-websocket-accept")), (101, Some("BBBB")));
        assert_eq!(answer.get("upgrade"), Some("websocket"));
        for size in [1, 100, 100_000] {
            let bytes: Vec<u8> = (0..size).map(|at| at as u8).collect();
            client.send(&bytes);
            assert_eq!(client.read_exact(size).unwrap(), bytes);
        }
    }
}

#[test]
fn early_bytes_wait_for_the_backends_agreement() {
    let (seen, seen_early) = mpsc::channel::<bool>();
    let (agree, agreed) = mpsc::channel::<()>();
    let seen = Mutex::new(seen);
    let agreed = Mutex::new(agreed);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        connection.socket().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        seen.lock().unwrap().send(connection.read_some().is_some()).unwrap();
        agreed.lock().unwrap().recv().unwrap();
        connection.write(SWITCH);
        while let Some(bytes) = connection.read_some() {
            connection.write(&bytes);
        }
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(&[REQUEST, b"early"].concat());
    assert!(!seen_early.recv().unwrap(), "bytes were passed on before 101");
    agree.send(()).unwrap();
    assert_eq!(client.answer().unwrap().status, 101);
    assert_eq!(client.read_exact(5).unwrap(), b"early");
}

#[test]
fn a_refusal_is_an_ordinary_answer_and_early_bytes_are_thrown_away() {
    let backend = Backend::start(|connection| {
        while let Some(_head) = connection.read_head() {
            connection.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        }
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(&[REQUEST, b"GET /smuggled HTTP/1.1\r\nhost: d\r\n\r\n"].concat());
    let answer = client.answer().unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (403, "no"));
    client.read_to_end();
    assert!(backend.heads().iter().all(|head| !head.contains("smuggled")));
    assert!(!String::from_utf8_lossy(&backend.received()).contains("smuggled"));
    eventually("the connection is closed", || front.upstream.open_connections() == 0);
}

#[test]
fn either_end_closes_a_tunnel() {
    let (gone, left) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let backend = Backend::start(move |connection| {
        let head = connection.read_head().unwrap();
        connection.write(SWITCH);
        if head.path() == "/chat" {
            connection.read_to_end();
            gone.lock().unwrap().send(()).unwrap();
        }
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(REQUEST);
    assert_eq!(client.answer().unwrap().status, 101);
    drop(client);
    left.recv_timeout(Duration::from_secs(5)).expect("the backend sees the client leave");

    let mut client = RawClient::connect(front.addr);
    client.send(&String::from_utf8_lossy(REQUEST).replace("/chat", "/bye").into_bytes());
    assert_eq!(client.answer().unwrap().status, 101);
    assert_eq!(client.read_to_end(), b"");
    eventually("no tunnel is open", || front.upstream.in_flight() == 0);
}
