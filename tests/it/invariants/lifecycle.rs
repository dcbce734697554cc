//! Invariants 9 and 10 on the real binary: how it starts, refuses to start, and ends.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::support::backend::Backend;
use crate::support::client::RawClient;

/// A shutdown must be over by then (containers are killed after 10 s).
const SHUTDOWN_MAX: Duration = Duration::from_secs(8);

pub struct Process {
    child: Child,
    pub address: std::net::SocketAddr,
}

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stunt-double"));
    command.env_clear().env("RUST_LOG", "warn");
    command
}

impl Process {
    pub fn start(args: &[&str]) -> Self {
        Self::spawn(binary(), args)
    }

    /// Starts it by a shell that says `limits` first, such as `ulimit -f 0`.
    pub fn start_with(limits: &str, args: &[&str]) -> Self {
        Self::spawn(limited(limits), args)
    }

    fn spawn(mut command: Command, args: &[&str]) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a first line");
        let address = line.trim().strip_prefix("listening on http://").expect("the address");
        Self { address: address.parse().expect("an address"), child }
    }

    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().expect("kill runs");
        assert!(sent.success());
    }

    pub fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().expect("ends").code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _already_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Runs the binary to its end; its exit code and what it said on stderr.
fn refused(args: &[&str]) -> (Option<i32>, String) {
    ended(binary(), args)
}

/// The same by a shell that says `limits` first.
pub fn refused_with(limits: &str, args: &[&str]) -> (Option<i32>, String) {
    ended(limited(limits), args)
}

/// The binary, started by a shell that says `limits` first and is replaced by it.
fn limited(limits: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.env_clear().env("RUST_LOG", "warn");
    let script = format!("{limits}; exec \"$0\" \"$@\"");
    command.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_stunt-double"));
    command
}

fn ended(mut command: Command, args: &[&str]) -> (Option<i32>, String) {
    let mut child = command
        .args(["--listen", "127.0.0.1:0"])
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut said = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    (child.wait().expect("ends").code(), said)
}

pub fn url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

#[test]
fn invariant_9_a_stop_lets_answers_finish_saves_and_exits_in_time() {
    let (arrived, in_flight) = mpsc::channel();
    let backend = Backend::start(move |connection| {
        while let Some((head, _body)) = connection.read_request() {
            if head.path() == "/stream" {
                // A stream that never ends by itself.
                connection.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                while connection.write(b"2\r\nhi\r\n") {
                    std::thread::sleep(Duration::from_millis(20));
                }
                return;
            }
            if head.path() == "/slow" {
                arrived.send(()).expect("the test goes on until this is answered");
                std::thread::sleep(Duration::from_millis(500));
            }
            connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    });
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().expect("a folder");
        let database = url(&folder.path().join("double.db"));
        let options = ["--target", &backend.url(), "--database-url", &database];
        let mut process = Process::start(&options);
        let mut client = RawClient::connect(process.address);
        assert_eq!(client.get("/users").status, 200);
        let mut stream = RawClient::connect(process.address);
        stream.send(b"GET /stream HTTP/1.1\r\nhost: double\r\n\r\n");
        assert!(stream.head().is_some());
        let mut slow = RawClient::connect(process.address);
        slow.send(b"GET /slow HTTP/1.1\r\nhost: double\r\n\r\n");
        in_flight.recv().expect("the request arrives at the backend");
        let asked = Instant::now();
        process.signal(signal);
        let answer = slow.answer().expect("the answer in flight finishes");
        assert_eq!(answer.body, b"ok");
        assert_eq!(process.exit_code(), Some(0), "{signal}");
        assert!(asked.elapsed() < SHUTDOWN_MAX, "{signal} took {:?}", asked.elapsed());
        // The last save held what nobody had flushed.
        let again = Process::start(&options);
        let mut client = RawClient::connect(again.address);
        client.send(b"GET /users HTTP/1.1\r\nhost: double\r\nx-mock-enabled: 1\r\n\r\n");
        assert_eq!(client.answer().expect("a mock").body.len(), 2);
    }
}

#[test]
fn invariant_10_files_that_are_not_ours_are_refused_in_one_line_and_left_untouched() {
    let folder = tempfile::tempdir().expect("a folder");
    let garbage = folder.path().join("garbage.db");
    std::fs::write(&garbage, "this is no database, and long enough to look like a page".repeat(99))
        .expect("written");
    let missing = folder.path().join("no/such/folder/double.db");
    for (path, word) in [(&garbage, "garbage.db"), (&missing, "folder")] {
        let before = std::fs::read(path).ok();
        let (code, said) = refused(&["--database-url", &url(path)]);
        assert_eq!(code, Some(1), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(word), "{said}");
        assert_eq!(std::fs::read(path).ok(), before);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("readable").collect();
    assert_eq!(left.len(), 1, "nothing is left beside the file: {left:?}");
}

#[test]
fn invariant_10_two_doubles_on_one_file_and_a_taken_port_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = url(&folder.path().join("double.db"));
    let first = Process::start(&["--database-url", &database]);
    let (code, said) = refused(&["--database-url", &database]);
    assert_eq!((code, said.trim_end().lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("another"), "{said}");
    let mut taken = binary();
    taken.args(["--database-url", "sqlite://:memory:", "--listen", &first.address.to_string()]);
    let output = taken.output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&first.address.to_string()), "{said}");
}

#[test]
fn bad_settings_end_with_one_line_and_exit_code_2() {
    for (args, word) in [
        (&["--database-url", "mysql://x"][..], "DATABASE_URL"),
        (&["--target", "not a url"], "TARGET_URL"),
        (&["--target-ca", "/no/such/file"], "/no/such/file"),
    ] {
        let (code, said) = refused(args);
        assert_eq!((code, said.trim_end().lines().count()), (Some(2), 1), "{said}");
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_dead_backend_at_the_start_is_no_reason_not_to_start() {
    let process =
        Process::start(&["--target", "http://127.0.0.1:9", "--database-url", "sqlite://:memory:"]);
    let mut client = RawClient::connect(process.address);
    let answer = client.get("/users");
    assert_eq!(answer.status, 502);
    assert!(!answer.text().contains("127.0.0.1"), "the backend is not named: {}", answer.text());
    let health = binary()
        .args(["health", "--url", &format!("http://{}", process.address)])
        .output()
        .expect("runs");
    assert_eq!(health.status.code(), Some(0), "{}", String::from_utf8_lossy(&health.stderr));
}
