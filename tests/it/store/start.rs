//! The start of the double beside that of its database server, in any order.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::database::{Postgres, PostgresServer};

/// A double whose log is read line by line while it starts.
struct Starting {
    child: Child,
    log: BufReader<std::process::ChildStderr>,
}

impl Starting {
    fn new(database_url: &str, wait_s: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stunt-double"))
            .env_clear()
            .args(["--listen", "127.0.0.1:0", "--target", "http://127.0.0.1:9"])
            .env("DATABASE_URL", database_url)
            .env("DATABASE_WAIT_S", wait_s)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// Reads the log up to a line that holds `words`.
    fn until(&mut self, words: &str) -> String {
        let mut read = String::new();
        loop {
            let mut line = String::new();
            let length = self.log.read_line(&mut line).unwrap();
            assert_ne!(length, 0, "it ended without `{words}`: {read}");
            if line.contains(words) {
                return line;
            }
            read.push_str(&line);
        }
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for its end: the exit code and what it had still to say.
    fn ended(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        let _already_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn a_start_waits_for_a_database_server_that_comes_later() {
    let server = Arc::new(PostgresServer::start());
    let database = Postgres::on(server.clone());
    let url = server.url(database.name());
    server.stop();
    let mut starting = Starting::new(&url, "120");
    let line = starting.until("waiting for it");
    assert!(line.contains("is unavailable"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
    server.resume();
    let mut first = String::new();
    let stdout = starting.child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut first).unwrap();
    assert!(first.starts_with("listening on http://"), "{first:?}");
}

#[test]
fn a_start_is_refused_in_one_line_once_the_wait_for_the_server_is_over() {
    let server = PostgresServer::start();
    let url = server.url("double");
    server.stop();
    let mut starting = Starting::new(&url, "1");
    starting.until("waiting for it, 1 s more at most");
    let (code, said) = starting.ended();
    assert_eq!(code, Some(1));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("stunt-double: database: `postgres://double@"), "{said}");
    let (code, said) = Starting::new(&url, "0").ended();
    assert_eq!(code, Some(1));
    assert!(!said.contains("waiting"), "{said}");
}

#[test]
fn a_server_that_refuses_is_not_waited_for() {
    let server = PostgresServer::start();
    let (code, said) = Starting::new(&server.url("missing"), "120").ended();
    assert_eq!(code, Some(1));
    assert!(said.contains("does not exist"), "{said}");
    assert!(!said.contains("waiting"), "{said}");
}

#[test]
fn a_start_that_waits_ends_when_it_is_told_to() {
    let server = PostgresServer::start();
    let url = server.url("double");
    server.stop();
    for signal in ["-TERM", "-INT"] {
        let mut starting = Starting::new(&url, "120");
        starting.until("waiting for it");
        starting.signal(signal);
        assert_eq!(starting.ended().0, Some(0), "{signal}");
    }
}
