//! Trailers: fields behind a body in chunks, for those who said that they read them.

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;
use crate::support::front::Front;

/// An answer with trailers, of which the last two must not travel.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n\
    5\r\nhello\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\nX-Mock-Source: forged\r\n\r\n";

#[test]
fn trailers_of_an_answer_reach_a_client_that_takes_them() {
    let backend = Backend::answering(ANSWER);
    let front = Front::to(&backend.url());
    let double = Double::in_front_of(backend.url());
    for addr in [front.addr, double.addr] {
        let mut client = RawClient::connect(addr);
        for _ in 0..3 {
            client.send(b"GET / HTTP/1.1\r\nhost: d\r\nconnection: te\r\nte: trailers\r\n\r\n");
            let head = client.head().unwrap();
            assert!(head.contains("\r\ntrailer: X-Sum\r\n"), "{head}");
            let end = b"5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n";
            assert_eq!(client.read_exact(end.len()).unwrap(), end);
            client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
            let head = client.head().unwrap();
            assert!(!head.contains("trailer"), "{head}");
            let end = b"5\r\nhello\r\n0\r\n\r\n";
            assert_eq!(client.read_exact(end.len()).unwrap(), end);
        }
    }
    let heads = backend.heads();
    let asking = heads.iter().filter(|head| head.contains("te: trailers")).count();
    assert_eq!((heads.len(), asking), (12, 6));
}

#[test]
fn trailers_of_a_request_reach_the_backend() {
    let backend = Backend::start(|connection| {
        while let Some(head) = connection.read_head() {
            assert_eq!(head.get("connection"), head.get("te").map(|_| "te"));
            let mut tail = Vec::new();
            loop {
                let line = connection.read_line().unwrap();
                tail.extend_from_slice(line.as_bytes());
                if line == "\r\n" {
                    break;
                }
            }
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", tail.len());
            connection.write(&[head.as_bytes(), &tail].concat());
        }
    });
    let front = Front::to(&backend.url());
    let double = Double::in_front_of(backend.url());
    for addr in [front.addr, double.addr] {
        let mut client = RawClient::connect(addr);
        for (accepts, end) in [("te: trailers\r\n", "0\r\nX-Sum: 7\r\n\r\n"), ("", "0\r\n\r\n")] {
            let head = format!("POST / HTTP/1.1\r\nhost: d\r\n{accepts}transfer-encoding: chunked");
            client.send(
                format!("{head}\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\nHost: x\r\n\r\n").as_bytes(),
            );
            let answer = client.answer().unwrap();
            assert_eq!((answer.status, answer.text()), (200, format!("3\r\nabc\r\n{end}")));
        }
    }
}
