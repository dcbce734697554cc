//! The double's side of the clients: slow ones, too many, odd ones, old ones.

use std::io::{Read, Write};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;
use crate::support::eventually;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/// Long enough for good requests on a busy machine.
const LIMIT: Duration = Duration::from_millis(1_500);

fn double(backend: &Backend, flags: &[&str]) -> Double {
    Double::with(flags).target(backend.url()).start()
}

#[test]
fn a_head_that_does_not_come_to_its_end_is_given_up() {
    let backend = Backend::answering(OK);
    let double = double(&backend, &["--client-header-timeout-ms", "1500"]);
    for requests_before in [0, 1, 2] {
        let mut client = RawClient::connect(double.addr);
        for _ in 0..requests_before {
            let answer = client.get("/");
            assert_eq!((answer.status, answer.text().as_str()), (200, "ok"), "{}", answer.head);
        }
        let start = Instant::now();
        client.send(b"GET /half HTTP/1.1\r\nhost: d\r\nx: ");
        // Dripping does not help either.
        let mut drip = client.stream().try_clone().unwrap();
        thread::spawn(move || {
            while drip.write_all(b"y").is_ok() {
                thread::sleep(LIMIT / 8);
            }
        });
        let answer = client.answer().expect("an answer");
        assert_eq!((answer.status, answer.get("x-mock-error")), (408, Some("client-timeout")));
        assert_eq!(client.read_to_end(), b"", "the connection was to be closed");
        let waited = start.elapsed();
        assert!(waited >= LIMIT, "{requests_before} before: closed after {waited:?}");
    }
    assert!(backend.heads().iter().all(|head| !head.contains("/half")));
}

#[test]
fn a_body_that_stalls_is_given_up_here_and_at_the_backend() {
    let (gone, left) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        connection.read_to_end();
        gone.lock().unwrap().send(()).unwrap();
    });
    let double = double(&backend, &["--client-idle-timeout-ms", "400"]);
    for head in ["content-length: 100\r\n\r\nabc", "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"]
    {
        let mut client = RawClient::connect(double.addr);
        client.send(format!("POST / HTTP/1.1\r\nhost: d\r\n{head}").as_bytes());
        left.recv_timeout(Duration::from_secs(10)).expect("the backend is let go");
        let answer = client.answer().expect("an answer");
        assert_eq!((answer.status, answer.get("x-mock-error")), (408, Some("client-timeout")));
        client.read_to_end();
    }
}

#[test]
fn a_connection_without_a_request_is_closed_without_a_word() {
    let backend = Backend::answering(OK);
    let double = double(&backend, &["--client-header-timeout-ms", "300"]);
    assert_eq!(RawClient::connect(double.addr).read_to_end(), b"");
}

#[test]
fn the_admins_bodies_are_timed_and_checked_as_well() {
    let double = Double::with(&["--client-idle-timeout-ms", "400"]).start();
    let post = "PATCH /admin/settings HTTP/1.1\r\nhost: d\r\ncontent-type: application/json\r\n";
    for body in ["content-length: 100\r\n\r\n{", "transfer-encoding: chunked\r\n\r\n0x1\r\n"] {
        let mut client = RawClient::connect(double.addr);
        client.send(format!("{post}{body}").as_bytes());
        let answer = client.answer().expect("an answer");
        assert!((400..500).contains(&answer.status), "{}", answer.status);
        assert_eq!(client.answer().map(|answer| answer.status), None);
    }
}

#[test]
fn a_malformed_body_ends_its_own_exchange_and_not_the_one_before() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            // The second request is there, and known to be malformed, before this is answered.
            if head.path() == "/first" {
                thread::sleep(Duration::from_millis(100));
            }
            connection.write(OK.as_bytes());
        }
    });
    let double = double(&backend, &[]);
    let mut client = RawClient::connect(double.addr);
    client.send(
        b"GET /first HTTP/1.1\r\nhost: d\r\n\r\n\
        POST /second HTTP/1.1\r\nhost: d\r\ntransfer-encoding: chunked\r\n\r\nx\r\n\
        GET /third HTTP/1.1\r\nhost: d\r\n\r\n",
    );
    let statuses: Vec<_> =
        std::iter::from_fn(|| client.answer()).map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 400]);
    assert!(!String::from_utf8_lossy(&backend.received()).contains("/third"));
}

#[test]
fn a_reader_that_stalls_is_given_up_here_and_at_the_backend() {
    let (gone, left) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let chunk = [b"100000\r\n".to_vec(), vec![b'x'; 1 << 20], b"\r\n".to_vec()].concat();
        while connection.write(&chunk) {}
        gone.lock().unwrap().send(()).unwrap();
    });
    let double = double(&backend, &["--client-idle-timeout-ms", "400"]);
    let mut client = RawClient::connect(double.addr);
    client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
    left.recv_timeout(Duration::from_secs(15)).expect("the backend is let go");
}

#[test]
fn connections_beyond_the_limits_are_refused_and_places_come_back() {
    let backend = Backend::answering(OK);
    for flags in [["--max-connections", "3"], ["--max-connections-per-peer", "3"]] {
        let double = double(&backend, &flags);
        let mut held: Vec<_> = (0..3)
            .map(|_| {
                let mut client = RawClient::connect(double.addr);
                assert_eq!(client.get("/").status, 200);
                client
            })
            .collect();
        let answer = RawClient::connect(double.addr).answer().expect("a refusal");
        assert_eq!((answer.status, answer.get("x-mock-error")), (503, Some("overloaded")));
        assert_eq!((answer.get("retry-after"), answer.complete), (Some("1"), true));
        held.pop();
        eventually("the place comes back", || {
            let mut client = RawClient::connect(double.addr);
            client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
            client.answer().is_some_and(|answer| answer.status == 200)
        });
    }
}

#[test]
fn methods_and_upgrades_that_are_not_passed_on_are_refused_at_once() {
    let backend = Backend::answering(OK);
    let double = double(&backend, &[]);
    for request in [
        "CONNECT other.test:443 HTTP/1.1\r\nhost: other.test:443\r\n\r\n",
        "CONNECT / HTTP/1.1\r\nhost: d\r\n\r\n",
        "TRACE / HTTP/1.1\r\nhost: d\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: d\r\nupgrade: websocket\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: d\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        "GET / HTTP/1.0\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    ] {
        let mut client = RawClient::connect(double.addr);
        client.send(request.as_bytes());
        // Whatever follows such a head is no request.
        client.send(b"GET /smuggled HTTP/1.1\r\nhost: d\r\n\r\n");
        let answer = client.answer().unwrap_or_else(|| panic!("{request}: no answer"));
        assert!((400..600).contains(&answer.status), "{request}: {}", answer.status);
    }
    assert_eq!(backend.heads(), [""; 0]);
}

#[test]
fn a_method_of_70_kb_is_refused_by_the_double_itself() {
    let backend = Backend::answering(OK);
    let double = double(&backend, &[]);
    let mut client = RawClient::connect(double.addr);
    let method = "M".repeat(70 << 10);
    client.send(format!("{method} / HTTP/1.1\r\nhost: d\r\n\r\n").as_bytes());
    let answer = client.answer().expect("an answer");
    assert!((400..500).contains(&answer.status), "{}", answer.head);
    assert_eq!(answer.get("x-mock-source"), Some("double"), "{}", answer.head);
    assert!(answer.body.len() < 4_096, "the method is not repeated");
    assert_eq!(backend.heads(), [""; 0]);
    assert_eq!(RawClient::connect(double.addr).get("/").text(), "ok", "others are served");
}

#[test]
fn http_1_0_clients_never_get_chunks() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for answer in [chunked, OK] {
        let backend = Backend::answering(answer);
        let double = double(&backend, &[]);
        for connection in ["", "connection: keep-alive\r\n"] {
            let mut client = RawClient::connect(double.addr);
            client.send(format!("GET / HTTP/1.0\r\n{connection}\r\n").as_bytes());
            let answer = client.answer().unwrap();
            assert_eq!(answer.get("transfer-encoding"), None);
            assert!(["hello", "ok"].contains(&answer.text().as_str()), "{}", answer.text());
        }
    }
}

#[test]
fn an_answer_that_breaks_off_looks_broken_to_an_http_1_0_client() {
    // Without chunks the end of the connection is the end of the body, unless it is a reset.
    let (seen, seen_by_client) = mpsc::channel::<()>();
    let seen_by_client = Mutex::new(seen_by_client);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        seen_by_client.lock().unwrap().recv().unwrap();
    });
    let double = double(&backend, &[]);
    let mut client = RawClient::connect(double.addr);
    client.send(b"GET / HTTP/1.0\r\n\r\n");
    client.head().unwrap();
    seen.send(()).unwrap();
    let mut stream = client.stream().try_clone().unwrap();
    let ended = stream.read_to_end(&mut Vec::new());
    assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn an_answer_that_broke_off_is_answered_all_the_same() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let backend = Backend::start(move |connection| {
            connection.read_request();
            connection.write(answer.as_bytes());
        });
        let double = double(&backend, &[]);
        for _ in 0..20 {
            let mut client = RawClient::connect(double.addr);
            client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
            let got = client.answer().expect("an answer, if a broken one");
            // An error of the double's own, unless the head was passed on before the end was seen.
            let broken = got.status == 200 && !got.complete;
            assert!(broken || got.status == 502, "{answer}: {}", got.head);
        }
    }
}

#[test]
fn the_rest_of_an_upload_behind_an_early_answer_is_no_request() {
    let backend = Backend::start(|connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
        connection.read_to_end();
    });
    let double = double(&backend, &[]);
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: d\r\n\r\n";
    let mut client = RawClient::connect(double.addr);
    let length = 200_000 + smuggled.len();
    client
        .send(format!("POST / HTTP/1.1\r\nhost: d\r\ncontent-length: {length}\r\n\r\n").as_bytes());
    client.send("x".repeat(100_000).as_bytes());
    assert_eq!(client.answer().unwrap().status, 413);
    client.send("x".repeat(100_000).as_bytes());
    client.send(smuggled.as_bytes());
    client.finish();
    client.read_to_end();
    assert!(backend.heads().iter().all(|head| !head.starts_with("GET /smuggled")));
}

#[test]
fn a_length_of_zero_is_said_again() {
    let backend = Backend::answering(OK);
    let double = double(&backend, &[]);
    let mut client = RawClient::connect(double.addr);
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 200);
    assert!(backend.heads()[0].contains("content-length: 0\r\n"));
}

#[test]
fn a_head_that_is_refused_is_answered_behind_the_answer_before_it() {
    // More than the kernel takes at once, and all of it like the refusal that comes behind it.
    let body = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".repeat(200_000);
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let backend = Backend::answering(answer);
    let double = double(&backend, &[]);
    let refused = ["GET /a HTTP/1.1\r\n\r\n", "GET  /a HTTP/1.1\r\nhost: d\r\n\r\n", "x\n"];
    for head in refused {
        let mut client = RawClient::connect(double.addr);
        client.send(format!("GET /first HTTP/1.1\r\nhost: d\r\n\r\n{head}").as_bytes());
        // The first answer finds the way full.
        thread::sleep(Duration::from_millis(100));
        let first = client.answer().expect("an answer");
        assert!(first.status == 200 && first.body == body.as_bytes(), "{head:?}");
        let second = client.answer().expect("a refusal");
        assert_eq!(second.status, 400, "{head:?}");
        assert_eq!(second.json()["type"], "urn:stunt-double:problem:request-invalid", "{head:?}");
        assert_eq!(client.read_to_end(), b"", "{head:?}: the connection was to be closed");
    }
}

#[test]
fn a_head_that_is_too_large_is_said_to_be() {
    let backend = Backend::answering(OK);
    let double = double(&backend, &[]);
    let fields = "x: y\r\n".repeat(100);
    for head in [fields, format!("x: {}\r\n", "y".repeat(140_000))] {
        let mut client = RawClient::connect(double.addr);
        client.send(format!("GET / HTTP/1.1\r\nhost: d\r\n{head}\r\n").as_bytes());
        let answer = client.answer().expect("an answer");
        assert_eq!((answer.status, answer.get("x-mock-error")), (431, Some("head-too-large")));
    }
    assert!(backend.heads().is_empty());
}
