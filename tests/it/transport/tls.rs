//! TLS to the backend: trust, names, times, reuse, cuts.

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use stunt_double::http::upstream::{ClientIdentity, Target, Upstream, UpstreamSettings};

use crate::support::backend::{Backend, BackendConnection};
use crate::support::client::{RawClient, get};
use crate::support::double::Double;
use crate::support::front::{Front, settings};
use crate::support::tls::{Authority, Shown};

fn url(backend: &Backend) -> String {
    format!("https://localhost:{}", backend.addr.port())
}

/// A front that trusts the authority.
fn trusting(authority: &Authority, backend: &Backend) -> Front {
    let file = authority.file();
    let mut limits = settings(&url(backend));
    limits.ca = Some(file.path().to_owned());
    Front::start(limits)
}

fn ok(connection: &mut BackendConnection) {
    while connection.read_request().is_some() {
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
}

#[test]
fn a_connection_is_reused() {
    let authority = Authority::new();
    let alpn: &[&[u8]] = &[b"h2", b"http/1.1"];
    for alpn in [alpn, &[]] {
        let backend = authority.backend(&Shown { alpn, ..Shown::default() }, ok);
        let front = trusting(&authority, &backend);
        let mut client = RawClient::connect(front.addr);
        for _ in 0..100 {
            assert_eq!(client.get("/").text(), "ok");
        }
        assert_eq!(backend.connections(), 1);
    }
}

#[test]
fn a_backend_that_asks_for_a_certificate_gets_it() {
    let authority = Authority::new();
    let shown = Shown { asks_in_return: true, ..Shown::default() };
    let backend = authority.backend(&shown, ok);
    let (ca, (certificate, key)) = (authority.file(), authority.identity());
    let with = |identity: Option<ClientIdentity>| {
        let mut limits = settings(&url(&backend));
        limits.ca = Some(ca.path().to_owned());
        limits.identity = identity;
        Front::start(limits)
    };
    let identity =
        ClientIdentity { certificate: certificate.path().to_owned(), key: key.path().to_owned() };
    assert_eq!(get(with(Some(identity.clone())).addr, "/").text(), "ok");
    assert_eq!(get(with(None).addr, "/").status, 502);
    let swapped = ClientIdentity { certificate: identity.key, key: identity.certificate };
    let mut limits = settings(&url(&backend));
    limits.identity = Some(swapped);
    let error = Upstream::new(limits).expect_err("a key is no certificate").to_string();
    assert!(error.contains(&key.path().display().to_string()) || error.contains("key"), "{error}");
}

#[test]
fn the_flags_name_the_certificate_that_the_backend_asks_for() {
    let authority = Authority::new();
    let shown = Shown { asks_in_return: true, ..Shown::default() };
    let backend = authority.backend(&shown, ok);
    let (ca, (certificate, key)) = (authority.file(), authority.identity());
    let path = |file: &tempfile::NamedTempFile| file.path().display().to_string();
    let (ca, certificate, key) = (path(&ca), path(&certificate), path(&key));
    let with = |flags: &[&str]| {
        let flags = [&["--target-ca", &ca], flags].concat();
        Double::with(&flags).target(url(&backend)).start()
    };
    let known = with(&["--target-cert", &certificate, "--target-key", &key]);
    assert_eq!((known.get("/").status, known.get("/").text().as_str()), (200, "ok"));
    let stranger = with(&[]).get("/");
    assert_eq!((stranger.status, stranger.get("x-mock-source")), (502, Some("double")));
    let ran = Command::new(env!("CARGO_BIN_EXE_stunt-double"))
        .env_clear()
        .args(["--target", &url(&backend), "--target-cert", &certificate])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(said.contains("--target-key"), "{said}");
}

#[test]
fn certificates_that_do_not_fit_are_refused() {
    let authority = Authority::new();
    let other = Authority::new();
    let wrong_name = Shown { name: Some("other.test"), ..Shown::default() };
    let expired = Shown { expired: true, ..Shown::default() };
    let h2: &'static [&'static [u8]] = &[b"h2"];
    let http2 = Shown { alpn: h2, ..Shown::default() };
    for (trusted, shown) in [
        (&authority, wrong_name),
        (&authority, expired),
        (&authority, http2),
        (&other, Shown::default()),
    ] {
        let backend = authority.backend(&shown, ok);
        let front = trusting(trusted, &backend);
        let answer = get(front.addr, "/");
        assert_eq!((answer.status, answer.get("x-mock-error")), (502, Some("upstream-tls")));
        assert_eq!(backend.heads().len(), 0);
    }
}

#[test]
fn a_tls_failure_says_which_flag_helps() {
    let authority = Authority::new();
    let ca = authority.file();
    let ca = ca.path().display().to_string();
    let wrong_name = Shown { name: Some("other.test"), ..Shown::default() };
    let expired = Shown { expired: true, ..Shown::default() };
    let plain = Backend::start(|connection| {
        connection.read_some();
        connection.write(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    for (backend, hint) in [
        (authority.backend(&wrong_name, ok), "--target-insecure"),
        (authority.backend(&expired, ok), "--target-insecure"),
        (authority.backend(&Shown::default(), ok), "--target-ca"),
        (plain, "is it TLS that the target speaks on this port?"),
    ] {
        // Without its authority, which is what the flag would name.
        let knows: &[&str] = if hint == "--target-ca" { &[] } else { &["--target-ca", &ca] };
        let double = Double::with(knows).target(url(&backend)).start();
        let answer = double.get("/");
        assert_eq!((answer.status, answer.get("x-mock-error")), (502, Some("upstream-tls")));
        let detail = answer.json()["detail"].as_str().expect("a text").to_owned();
        assert!(detail.contains(hint), "{hint}: {detail}");
        assert!(!detail.contains(&backend.addr.port().to_string()), "no address: {detail}");
    }
}

#[test]
fn insecure_accepts_any_certificate() {
    let authority = Authority::new();
    let shown = Shown { name: Some("other.test"), expired: true, ..Shown::default() };
    let backend = authority.backend(&shown, ok);
    let mut limits = settings(&url(&backend));
    limits.insecure = true;
    assert_eq!(get(Front::start(limits).addr, "/").text(), "ok");
}

#[test]
fn a_handshake_that_stalls_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut limits =
        settings(&format!("https://localhost:{}", listener.local_addr().unwrap().port()));
    limits.connect_timeout = Duration::from_millis(300);
    let answer = get(Front::start(limits).addr, "/");
    assert_eq!((answer.status, answer.get("x-mock-error")), (504, Some("upstream-timeout")));
}

#[test]
fn a_peer_without_tls_is_a_tls_fault() {
    let backend = Backend::start(|connection| {
        connection.read_some();
        connection.write(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let front = Front::start(settings(&url(&backend)));
    assert_eq!(get(front.addr, "/").get("x-mock-error"), Some("upstream-tls"));
}

#[test]
fn a_cut_body_is_a_broken_answer() {
    let authority = Authority::new();
    for (answer, announced, complete) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", true, false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", true, false),
        // Without the peer's word that this is the end, a cut and an end look the same.
        ("HTTP/1.1 200 OK\r\n\r\nshort", false, false),
        ("HTTP/1.1 200 OK\r\n\r\nshort", true, true),
    ] {
        let backend = authority.backend(&Shown::default(), move |connection| {
            connection.read_request();
            connection.write(answer.as_bytes());
            if announced {
                connection.announce_end();
            }
        });
        let front = trusting(&authority, &backend);
        let mut client = RawClient::connect(front.addr);
        client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
        let whole = client.answer().is_some_and(|got| got.complete && got.status == 200);
        assert_eq!(whole, complete, "{answer}");
    }
}

#[test]
fn uploads_interim_answers_and_idle_closes_work_as_without_tls() {
    let authority = Authority::new();
    let backend = authority.backend(&Shown::default(), |connection| {
        while let Some((head, body)) = connection.read_request() {
            let text = body.len().to_string();
            let length = text.len();
            connection.write(
                format!(
                    "HTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{text}"
                )
                .as_bytes(),
            );
            // Closes after each GET, so that the next one meets a stale connection.
            if head.line.starts_with("GET") {
                return connection.announce_end();
            }
        }
    });
    let front = trusting(&authority, &backend);
    let mut client = RawClient::connect(front.addr);
    for size in [0, 10, 100_000, 5_000_000] {
        client.send(
            format!("PUT / HTTP/1.1\r\nhost: d\r\ncontent-length: {size}\r\n\r\n").as_bytes(),
        );
        client.send(&vec![b'x'; size]);
        assert_eq!(client.answer().unwrap().text(), size.to_string());
    }
    for _ in 0..50 {
        assert_eq!(client.get("/").text(), "0");
    }
}

#[test]
fn tunnels_work_as_without_tls() {
    let authority = Authority::new();
    let backend = authority.backend(&Shown::default(), |connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n");
        while let Some(bytes) = connection.read_some() {
            connection.write(&bytes);
        }
    });
    let front = trusting(&authority, &backend);
    let mut client = RawClient::connect(front.addr);
    client.send(b"GET / HTTP/1.1\r\nhost: d\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 101);
    client.send(b"hello");
    assert_eq!(client.read_exact(5).unwrap(), b"hello");
}

#[test]
fn a_ca_file_that_is_none_stops_the_start() {
    let mut limits = UpstreamSettings::new(Target::parse("https://localhost").unwrap());
    limits.ca = Some("/nonexistent/ca.pem".into());
    assert!(Upstream::new(limits.clone()).unwrap_err().to_string().contains("/nonexistent/ca.pem"));
    let empty = tempfile::NamedTempFile::new().unwrap();
    limits.ca = Some(empty.path().to_owned());
    assert!(Upstream::new(limits).unwrap_err().to_string().starts_with("no certificate in"));
}
