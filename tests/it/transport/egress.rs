//! What stands between the double and its backend: proxies of the environment, credentials.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;

use stunt_double::http::upstream::{EgressProxy, Target, UpstreamSettings};

use crate::support::backend::Backend;
use crate::support::client::get;
use crate::support::double::{Double, request};
use crate::support::front::{Front, settings};
use crate::support::process::Process;
use crate::support::tls::{Authority, Shown};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Settings for a target that is reached through a proxy.
fn through(proxy: &Backend, target: &str) -> UpstreamSettings {
    let value = format!("http://us:er%40@{}", proxy.addr);
    let found = EgressProxy::for_target(&Target::parse(target).unwrap(), |name| {
        (name == "all_proxy").then(|| value.clone())
    });
    let mut settings = settings(target);
    settings.proxy = found.unwrap();
    settings
}

/// A proxy that opens a tunnel to wherever the test's backend is.
fn tunnelling(to: std::net::SocketAddr) -> Backend {
    Backend::start(move |connection| {
        let head = connection.read_head().unwrap();
        assert_eq!(head.line, format!("CONNECT localhost:{} HTTP/1.1", to.port()));
        assert_eq!(head.get("proxy-authorization"), Some("Basic dXM6ZXJA"));
        let mut backend = TcpStream::connect(to).unwrap();
        connection.write(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n");
        let (mut from, mut back) =
            (backend.try_clone().unwrap(), connection.socket().try_clone().unwrap());
        let answers = thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count) = from.read(&mut piece) {
                if count == 0 || back.write_all(&piece[..count]).is_err() {
                    break;
                }
            }
        });
        while let Some(bytes) = connection.read_some() {
            if backend.write_all(&bytes).is_err() {
                break;
            }
        }
        drop(backend.shutdown(std::net::Shutdown::Both));
        answers.join().unwrap();
    })
}

#[test]
fn a_target_in_clear_text_is_asked_for_by_its_whole_address() {
    let proxy = Backend::answering(OK);
    let front = Front::start(through(&proxy, "http://api.test:8080/v1"));
    for path in ["/a?b=c", "/d"] {
        assert_eq!(get(front.addr, path).text(), "ok");
    }
    let heads = proxy.heads();
    assert!(heads[0].starts_with("GET http://api.test:8080/v1/a?b=c HTTP/1.1\r\n"), "{heads:?}");
    assert!(heads[1].starts_with("GET http://api.test:8080/v1/d HTTP/1.1\r\n"), "{heads:?}");
    assert!(heads[0].contains("host: api.test:8080\r\n"), "{heads:?}");
    assert!(heads[0].contains("proxy-authorization: Basic dXM6ZXJA\r\n"), "{heads:?}");
    assert_eq!(proxy.connections(), 1, "connections to the proxy are kept");
}

#[test]
fn a_target_behind_tls_is_reached_through_a_tunnel() {
    let authority = Authority::new();
    let backend = authority.backend(&Shown::default(), |connection| {
        while connection.read_request().is_some() {
            connection.write(OK);
        }
    });
    let proxy = tunnelling(backend.addr);
    let target = format!("https://localhost:{}", backend.addr.port());
    let file = authority.file();
    let mut settings = through(&proxy, &target);
    settings.ca = Some(file.path().to_owned());
    let front = Front::start(settings);
    for _ in 0..3 {
        assert_eq!(get(front.addr, "/secret").text(), "ok");
    }
    let heads = backend.heads();
    assert!(heads[0].starts_with("GET /secret HTTP/1.1\r\n"), "{heads:?}");
    assert!(!heads[0].contains("proxy-authorization"), "{heads:?}");
}

#[test]
fn a_proxy_that_refuses_is_a_backend_out_of_reach() {
    let proxy = Backend::answering(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n".to_vec(),
    );
    let front = Front::start(through(&proxy, "https://localhost:1"));
    let answer = get(front.addr, "/");
    assert_eq!((answer.status, answer.get("x-mock-error")), (502, Some("upstream-unreachable")));
}

#[test]
fn the_environment_of_the_process_counts() {
    let (proxy, backend) = (Backend::answering(OK), Backend::answering(OK));
    let run = |variables: &[(&str, &str)]| {
        let (url, proxy_url) = (backend.url(), proxy.url());
        let variables = variables.iter().map(|(name, value)| match *value {
            "" => (*name, proxy_url.as_str()),
            value => (*name, value),
        });
        let double = Process::start_with(&["--target", &url], variables);
        assert_eq!(get(double.addr, "/x").text(), "ok");
        (proxy.connections(), backend.connections())
    };
    assert_eq!(run(&[("HTTP_PROXY", "")]), (1, 0));
    assert_eq!(run(&[("HTTP_PROXY", ""), ("NO_PROXY", "example.com,127.0.0.1")]), (1, 1));
    assert_eq!(run(&[("HTTPS_PROXY", "")]), (1, 2), "the target is in clear text");
    let refused = Command::new(env!("CARGO_BIN_EXE_stunt-double"))
        .args(["--target", "http://a.test", "--listen", "127.0.0.1:0"])
        .args(["--database-url", "sqlite://:memory:"])
        .env("HTTP_PROXY", "socks5://me:secret@p:1")
        .stdout(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("`HTTP_PROXY`"), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn credentials_of_the_target_are_sent_and_a_clients_own_go_before_them() {
    let backend = Backend::answering(OK);
    let url = format!("http://user:s%40cret@{}", backend.addr);
    let (front, double) = (Front::to(&url), Double::in_front_of(&url));
    for addr in [front.addr, double.addr] {
        let before = backend.heads().len();
        assert_eq!(get(addr, "/").text(), "ok");
        request(addr, "GET", "/", &[("authorization", "Bearer mine")], b"");
        let heads = backend.heads().split_off(before);
        assert!(heads[0].contains("authorization: Basic dXNlcjpzQGNyZXQ=\r\n"), "{heads:?}");
        assert!(heads[1].contains("authorization: Bearer mine\r\n"), "{heads:?}");
        assert!(!heads[1].contains("Basic"), "{heads:?}");
    }
}
