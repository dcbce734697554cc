//! Clients that say all they have to say and then only listen (`printf … | nc -N`).

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;
use crate::support::front::Front;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: d\r\n\r\n";
const JSON: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
    Content-Length: 8\r\n\r\n{\"id\":7}";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn a_client_that_ended_its_side_gets_its_answers() {
    let (wait, waits) = mpsc::channel::<Duration>();
    let waits = Mutex::new(waits);
    let backend = Backend::start(move |connection| {
        while connection.read_request().is_some() {
            // The time a backend takes; the client has ended its side long before.
            std::thread::sleep(waits.lock().unwrap().recv().unwrap());
            connection.write(OK);
        }
    });
    let front = Front::to(&backend.url());
    let double = Double::in_front_of(backend.url());
    for addr in [front.addr, double.addr] {
        for ms in [20, 600] {
            for requests in [1, 3] {
                for _ in 0..requests {
                    wait.send(Duration::from_millis(ms)).unwrap();
                }
                let mut client = RawClient::connect(addr);
                client.send(&GET.repeat(requests));
                client.finish();
                for _ in 0..requests {
                    let answer = client.answer().unwrap_or_else(|| panic!("{ms} ms: no answer"));
                    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
                }
                assert_eq!(client.read_to_end(), b"", "the connection ends behind the answers");
            }
        }
    }
}

#[test]
fn a_mock_and_an_upload_are_answered_to_a_half_closed_client() {
    let backend = Backend::answering(JSON);
    let double = Double::in_front_of(backend.url());
    double.get("/thing");
    double.flush();
    for request in [
        "GET /thing HTTP/1.1\r\nhost: d\r\nx-mock-enabled: true\r\n\r\n",
        "POST /thing HTTP/1.1\r\nhost: d\r\ncontent-length: 5\r\n\r\nhello",
        "GET /thing HTTP/1.0\r\n\r\n",
    ] {
        let mut client = RawClient::connect(double.addr);
        client.send(request.as_bytes());
        client.finish();
        let answer = client.answer().unwrap_or_else(|| panic!("{request}: no answer"));
        assert_eq!((answer.status, answer.text().as_str()), (200, "{\"id\":7}"), "{request}");
    }
}

#[test]
fn a_request_cut_in_the_middle_is_not_answered_as_whole() {
    let backend = Backend::answering(OK);
    let front = Front::to(&backend.url());
    for part in [&GET[..20], b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 5\r\n\r\nhel"] {
        let mut client = RawClient::connect(front.addr);
        client.send(part);
        client.finish();
        assert!(client.answer().is_none_or(|answer| answer.status >= 400));
    }
}

/// The other side of it, `streams::a_client_that_leaves_before_the_answer…`, needs no sleep: here
/// the client has left before its request was looked at.
#[test]
fn a_client_that_leaves_at_once_lets_the_backend_go() {
    let (gone, left) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let backend = Backend::start(move |connection| {
        if connection.read_head().is_some() {
            connection.read_to_end();
            gone.lock().unwrap().send(()).unwrap();
        }
    });
    let double = Double::in_front_of(backend.url());
    for version in ["1.1", "1.0"] {
        let mut client = RawClient::connect(double.addr);
        client.send(format!("GET / HTTP/{version}\r\nhost: d\r\n\r\n").as_bytes());
        drop(client);
        left.recv_timeout(Duration::from_secs(15)).expect("the backend's connection is closed");
    }
}
