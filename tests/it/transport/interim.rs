//! Interim answers: passed on to clients that know them, asked for where a body is wanted.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;
use crate::support::front::Front;

const HINTS: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\
    Keep-Alive: timeout=5\r\nX-Mock-Source: forged\r\nContent-Length: 7\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const UPLOAD: &[u8] =
    b"POST /up HTTP/1.1\r\nhost: d\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";

#[test]
fn hints_of_the_backend_come_before_the_answer_they_belong_to() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            if head.path() == "/hinted" {
                connection.write(b"HTTP/1.1 102 Processing\r\n\r\n");
                connection.write(HINTS);
            }
            connection.write(OK);
        }
    });
    let front = Front::to(&backend.url());
    let double = Double::in_front_of(backend.url());
    for addr in [front.addr, double.addr] {
        let mut client = RawClient::connect(addr);
        for path in ["/hinted", "/plain", "/hinted"] {
            client.send(format!("GET {path} HTTP/1.1\r\nhost: d\r\n\r\n").as_bytes());
            if path == "/hinted" {
                let processing = client.head().unwrap();
                assert!(processing.starts_with("HTTP/1.1 102 Processing\r\n"), "{processing}");
                let hints = client.head().unwrap();
                assert!(hints.starts_with("HTTP/1.1 103 Early Hints\r\n"), "{hints}");
                assert!(hints.contains("\r\nlink: </a.css>; rel=preload\r\n"), "{hints}");
                for hidden in ["keep-alive", "x-mock", "content-length"] {
                    assert!(!hints.contains(hidden), "{hints}");
                }
                assert!(hints.contains("\r\nvia: 1.1 "), "{hints}");
            }
            // Nothing but the final answer comes next.
            let head = client.head().unwrap();
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            assert_eq!(client.read_exact(2).unwrap(), b"ok");
        }
        let mut old = RawClient::connect(addr);
        old.send(b"GET /hinted HTTP/1.0\r\n\r\n");
        let head = old.head().unwrap();
        assert!(head.starts_with("HTTP/1.0 200"), "HTTP/1.0 knows no hints: {head}");
    }
}

#[test]
fn a_backend_refuses_an_upload_before_its_body() {
    let backend = Backend::start(|connection| {
        let head = connection.read_head().unwrap();
        assert_eq!(head.get("expect"), Some("100-continue"));
        connection.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
        assert_eq!(connection.read_to_end(), b"", "the body was sent all the same");
    });
    let front = Front::to(&backend.url());
    let double = Double::in_front_of(backend.url());
    for addr in [front.addr, double.addr] {
        let mut client = RawClient::connect(addr);
        client.send(UPLOAD);
        let head = client.head().unwrap();
        assert!(head.starts_with("HTTP/1.1 413"), "asked for a body nobody wants: {head}");
        assert_eq!(client.read_exact(3).unwrap(), b"big");
    }
}

#[test]
fn a_body_is_asked_for_when_the_backend_asks() {
    let (ask, asked) = mpsc::channel::<()>();
    let asked = Mutex::new(asked);
    let backend = Backend::start(move |connection| {
        connection.read_head().unwrap();
        asked.lock().unwrap().recv().unwrap();
        connection.write(b"HTTP/1.1 100 Continue\r\n\r\n");
        assert_eq!(connection.read_exact(5).unwrap(), b"hello");
        connection.write(OK);
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(UPLOAD);
    client.stream().set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert_eq!(client.head(), None, "asked before the backend did");
    client.stream().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    ask.send(()).unwrap();
    assert_eq!(client.head().unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(b"hello");
    let head = client.head().unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "asked twice: {head}");
}

#[test]
fn a_backend_that_says_nothing_gets_the_body_after_a_second() {
    let backend = Backend::answering(OK);
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(UPLOAD);
    assert_eq!(client.head().unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(b"hello");
    assert_eq!(client.answer().unwrap().text(), "ok");
    // A client that does not wait needs not be asked; a mock asks for what it reads.
    client.send(&[UPLOAD, b"hello"].concat());
    assert_eq!(client.answer().unwrap().text(), "ok");
}
