//! The ordinary cases.

use crate::support::backend::Backend;
use crate::support::client::{RawClient, get};
use crate::support::front::Front;

#[test]
fn an_answer_with_length_passes_and_its_connection_is_reused() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello");
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    for _ in 0..300 {
        let answer = client.get("/a?b=c");
        assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
        assert_eq!(answer.get("x-a"), Some("1"));
        assert_eq!(answer.get("content-length"), Some("5"));
    }
    assert_eq!(backend.connections(), 1);
    assert_eq!(backend.heads()[0].lines().next(), Some("GET /a?b=c HTTP/1.1"));
}

#[test]
fn a_chunked_answer_passes_and_its_connection_is_reused() {
    let backend = Backend::answering(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nX-T: 1\r\n\r\n",
    );
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    for _ in 0..50 {
        let answer = client.get("/");
        assert!(answer.complete);
        assert_eq!(answer.text(), "hello");
    }
    assert_eq!(backend.connections(), 1);
}

#[test]
fn uploads_keep_their_framing() {
    let backend = Backend::start(|connection| {
        while let Some((head, body)) = connection.read_request() {
            let length = head.get("content-length").unwrap_or("chunked").to_owned();
            let text = format!("{length}:{}", String::from_utf8_lossy(&body));
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
            connection.write(answer.as_bytes());
        }
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 5\r\n\r\nhello");
    assert_eq!(client.answer().unwrap().text(), "5:hello");
    client.send(
        b"POST / HTTP/1.1\r\nhost: d\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    );
    assert_eq!(client.answer().unwrap().text(), "chunked:hello");
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(client.answer().unwrap().text(), "0:");
    let large = vec![b'x'; 100_000];
    client.send(b"PUT / HTTP/1.1\r\nhost: d\r\ncontent-length: 100000\r\n\r\n");
    client.send(&large);
    assert_eq!(client.answer().unwrap().body.len(), large.len() + "100000:".len());
    assert_eq!(backend.connections(), 1);
}

#[test]
fn a_backend_that_is_not_there_is_refused() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let front = Front::to(&format!("http://{unused}"));
    let answer = get(front.addr, "/");
    assert_eq!((answer.status, answer.get("x-mock-error")), (502, Some("upstream-refused")));
}
