//! A double whose disk is full, limited or gone, on the real binary: it starts, serves and says so.

use super::lifecycle::{Process, refused_with, url};
use crate::support::backend::Backend;
use crate::support::client::{RawAnswer, RawClient};

fn backend() -> Backend {
    Backend::start(|connection| {
        while connection.read_request().is_some() {
            let body = r#"{"id": 7, "name": "Ada", "tags": ["a", "b"], "at": "2026-11-05"}"#;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
            connection.write(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes());
        }
    })
}

fn ask(process: &Process, method: &str, path: &str, headers: &str) -> RawAnswer {
    let mut client = RawClient::connect(process.address);
    client.send(format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").as_bytes());
    client.answer().expect("an answer")
}

fn mock(process: &Process, path: &str) -> RawAnswer {
    ask(process, "GET", path, "x-mock-enabled: 1\r\nx-mock-latency: off\r\n")
}

/// A database in which `GET /users/{id}` is learned.
fn learned(backend: &Backend, database: &str) {
    let mut process = Process::start(&["--target", &backend.url(), "--database-url", database]);
    for id in 1..=20 {
        assert_eq!(ask(&process, "GET", &format!("/users/{id}"), "").status, 200);
    }
    assert_eq!(ask(&process, "POST", "/admin/flush", "").status, 200);
    process.signal("-TERM");
    assert_eq!(process.exit_code(), Some(0));
}

#[test]
fn a_disk_that_takes_nothing_does_not_keep_the_double_from_serving() {
    let backend = backend();
    let folder = tempfile::tempdir().expect("a folder");
    let database = url(&folder.path().join("double.db"));
    learned(&backend, &database);
    let options = ["--target", &backend.url(), "--database-url", &database];

    // No file may grow: what a full disk does, and SIGXFSZ, which ends a process by default.
    let process = Process::start_with("ulimit -f 0", &options);
    assert_eq!(mock(&process, "/users/7").status, 200, "what is learned is served");
    assert_eq!(ask(&process, "GET", "/users/8", "").status, 200, "and the proxy goes on");
    assert_eq!(ask(&process, "POST", "/admin/flush", "").status, 503, "nothing was stored");
    let ready = ask(&process, "GET", "/admin/health/ready", "");
    assert_eq!(ready.status, 503, "{}", ready.text());
    assert!(ready.text().contains("database"), "{}", ready.text());
    assert_eq!(ask(&process, "GET", "/admin/health/live", "").status, 200);
    drop(process);

    let (code, said) =
        refused_with("ulimit -f 0", &[&options[..], &["--require-writable"]].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("database"), "{said}");
}

#[test]
fn a_file_that_may_not_grow_any_more_is_a_full_disk_and_no_signal_ends_the_double() {
    let backend = backend();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("double.db");
    let options = ["--target", &backend.url(), "--database-url", &url(&path)];
    learned(&backend, &url(&path));
    // In blocks of 512 bytes: the file and its log have room for a little more.
    let blocks = std::fs::metadata(&path).expect("there").len() / 512 + 64;
    let process = Process::start_with(&format!("ulimit -f {blocks}"), &options);
    let refused = (0..60).any(|n| {
        for m in 0..20 {
            let word = ["alpha", "beta", "gamma", "delta"][m % 4];
            ask(&process, "GET", &format!("/{word}{n}/things{m}"), "");
        }
        ask(&process, "POST", "/admin/flush", "").status == 503
    });
    assert!(refused, "the limit was reached");
    assert_eq!(mock(&process, "/users/7").status, 200, "the double is alive and serves");
}

#[test]
fn a_database_file_that_is_removed_is_made_anew_with_everything() {
    let backend = backend();
    let folder = tempfile::tempdir().expect("a folder");
    let database = url(&folder.path().join("double.db"));
    let options = ["--target", &backend.url(), "--database-url", &database];
    learned(&backend, &database);
    let mut process = Process::start(&options);
    for entry in std::fs::read_dir(folder.path()).expect("readable") {
        std::fs::remove_file(entry.expect("readable").path()).expect("removed");
    }
    assert_eq!(ask(&process, "GET", "/orders", "").status, 200);
    assert_eq!(ask(&process, "POST", "/admin/flush", "").status, 200, "made anew");
    process.signal("-TERM");
    assert_eq!(process.exit_code(), Some(0));
    let again = Process::start(&options);
    assert_eq!(mock(&again, "/users/7").status, 200, "what was learned before is there");
    assert_eq!(mock(&again, "/orders").status, 200, "and what was learned after");
}

#[test]
fn a_restart_shows_the_same_world() {
    let backend = backend();
    let folder = tempfile::tempdir().expect("a folder");
    let database = |name: &str| url(&folder.path().join(name));
    let world = |database: &str| {
        let options = ["--target", &backend.url(), "--database-url", database];
        let mut process = Process::start(&options);
        let body = mock(&process, "/users/7").body;
        process.signal("-TERM");
        assert_eq!(process.exit_code(), Some(0));
        body
    };
    learned(&backend, &database("a.db"));
    let first = world(&database("a.db"));
    assert_eq!(world(&database("a.db")), first);
    let copy = |name: &str| {
        std::fs::copy(folder.path().join("a.db"), folder.path().join(name)).expect("copied");
    };
    copy("b.db");
    assert_eq!(world(&database("b.db")), first, "the seed goes with the database");
}
