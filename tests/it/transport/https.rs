//! Listeners that speak HTTPS.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use rustls::{ClientConnection, StreamOwned};
use stunt_double::http::upstream::tls;

use crate::support::backend::{Backend, PATIENCE};
use crate::support::client::get;
use crate::support::double::{Double, request};

/// One request over TLS, on a connection of its own: the whole answer, and the certificate shown.
fn over_tls(double: &Double, head: &str) -> (String, Vec<u8>) {
    let stream = TcpStream::connect(double.addr).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let config = tls::client_config(None, true, None).expect("a configuration");
    let name = tls::server_name("localhost").expect("a name");
    let client = ClientConnection::new(config, name).expect("a client");
    let mut stream = StreamOwned::new(client, stream);
    stream.write_all(head.as_bytes()).expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer up to its end");
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    let shown = stream.conn.peer_certificates().expect("a certificate")[0].to_vec();
    (String::from_utf8_lossy(&answer).into_owned(), shown)
}

fn head(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n")
}

#[test]
fn a_listener_with_a_made_certificate_proxies_mocks_and_serves_the_admin() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let double = Double::with(&["--tls-self-signed"]).target(backend.url()).start();
    for _ in 0..3 {
        let (answer, _) = over_tls(&double, &head("/users", ""));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"), "{answer}");
    }
    let told = backend.heads().join("\n").to_lowercase();
    assert!(told.contains("x-forwarded-proto: https\r\n"), "{told}");
    let flush = "POST /admin/flush HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                 Content-Length: 0\r\n\r\n";
    let (answer, _) = over_tls(&double, flush);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let (answer, _) = over_tls(&double, &head("/users", "X-Mock-Enabled: true\r\n"));
    assert!(answer.to_lowercase().contains("x-mock-source: mock\r\n"), "{answer}");
}

#[test]
fn plain_http_to_a_listener_of_https_is_told_so() {
    let double = Double::with(&["--tls-self-signed"]).start();
    let answer = request(double.addr, "GET", "/", &[], b"");
    assert_eq!((answer.status, answer.get("x-mock-error")), (400, Some("request-invalid")));
    assert!(answer.text().contains("https://"), "{}", answer.text());
    // Neither a broken handshake nor a client that leaves it disturbs the next one.
    for garbage in [&b"\x16\x03\x01\x00\x05hello"[..], b"\x16", b""] {
        let mut stream = TcpStream::connect(double.addr).expect("a connection");
        stream.write_all(garbage).expect("written");
    }
    let (answer, _) = over_tls(&double, &head("/admin/health/live", ""));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn long_answers_and_uploads_pass_whole_and_a_cut_is_one() {
    let backend = Backend::start(|connection| {
        while let Some((_, body)) = connection.read_request() {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            connection.write(head.as_bytes());
            connection.write(&body);
        }
    });
    let double = Double::with(&["--tls-self-signed"]).target(backend.url()).start();
    let body = "0123456789abcdef".repeat(60_000);
    let upload = format!(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (answer, _) = over_tls(&double, &upload);
    assert!(answer.ends_with(&body), "{} bytes", answer.len());
}

#[test]
fn the_same_certificate_is_shown_to_all_and_plain_listeners_stay_plain() {
    let double = Double::with(&["--tls-self-signed"]).start();
    let shown = |_| over_tls(&double, &head("/admin/health/live", "")).1;
    let certificates: Vec<_> = (0..3).map(shown).collect();
    assert!(certificates.windows(2).all(|pair| pair[0] == pair[1]));
    let plain = Double::in_front_of_demo();
    assert_eq!(get(plain.addr, "/admin/health/live").status, 200);
}
