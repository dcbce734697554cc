//! What somebody sees who starts the double in a terminal.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::support::double::{DemoBackend, Double, request};

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stunt-double"));
    command.env_clear().args(["--database-url", "sqlite://:memory:"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the binary, hands the address and what it said on stdout up to the line that names the
/// admin to `during`, ends it as a person does, and returns the rest of stdout and stderr.
fn run(command: &mut Command, during: impl FnOnce(std::net::SocketAddr)) -> (String, String) {
    let mut child = command.spawn().expect("starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut said = String::new();
    stdout.read_line(&mut said).expect("a first line");
    let address = said.trim().strip_prefix("listening on http://").expect("the address");
    during(address.parse().expect("an address"));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    stdout.read_to_string(&mut said).expect("text");
    let mut log = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut log).expect("text");
    assert!(child.wait().expect("ends").success());
    (said, log)
}

#[test]
fn the_start_says_in_six_lines_what_it_is_and_where() {
    let (said, log) = run(binary().args(["--listen", "127.0.0.1:0"]), |_| {});
    let lines: Vec<&str> = said.lines().collect();
    assert!((4..=6).contains(&lines.len()), "{said}");
    for part in [
        concat!("stunt-double ", env!("CARGO_PKG_VERSION")),
        "https://httpbin.org",
        "mode proxy",
        "0 endpoints known",
        "/admin/docs",
        "console on http://127.0.0.1:",
        "no target is set",
        "--target (TARGET_URL)",
        "stunt-double demo",
    ] {
        assert!(said.contains(part), "`{part}` is missing: {said}");
    }
    // Only the end is logged beside it.
    assert!(log.lines().all(|line| line.contains("stop")), "{log}");
}

#[test]
fn credentials_of_the_target_are_told_nowhere() {
    let backend = DemoBackend::start();
    let target = backend.url().replace("http://", "http://ann:hunter2@");
    let (said, log) = run(binary().args(["--listen", "127.0.0.1:0", "--target", &target]), |at| {
        let answer = request(at, "GET", "/users/7", &[], b"");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.text().contains("hunter2"));
    });
    assert!(said.contains(&backend.url()) && !said.contains("no target"), "{said}");
    for text in [said, log] {
        assert!(!text.contains("hunter2") && !text.contains("ann"), "{text}");
    }
}

#[test]
fn requests_are_logged_on_demand_by_method_and_template() {
    let backend = DemoBackend::start();
    let target = backend.url();
    let flags = ["--listen", "127.0.0.1:0", "--target", &target, "--log-requests"];
    let (_said, log) = run(binary().args(flags), |at| {
        request(at, "GET", "/users/7?q=geheim", &[], b"");
        request(at, "POST", "/admin/flush", &[], b"");
        request(at, "GET", "/users/8?q=geheim", &[], b"");
        request(at, "GET", "/users/8", &[("x-mock-enabled", "true")], b"");
    });
    let learned = "GET /users/{id}: 200 by upstream in ";
    assert!(log.contains("GET (not learned): 200 by upstream in "), "{log}");
    assert!(log.contains(learned) || log.contains("GET /users/{"), "{log}");
    assert!(log.contains("by mock in ") && log.contains(" ms"), "{log}");
    assert!(!log.contains("geheim") && !log.contains("/users/8?"), "{log}");
    let (_said, quiet) =
        run(binary().args(["--listen", "127.0.0.1:0", "--target", &target]), |at| {
            request(at, "GET", "/users/7", &[], b"");
        });
    assert!(!quiet.contains("by upstream"), "{quiet}");
}

#[test]
fn a_backend_that_fails_is_named_by_endpoint_in_the_log() {
    let backend = DemoBackend::start();
    let target = backend.url();
    let flags = ["--listen", "127.0.0.1:0", "--target", &target];
    let (_said, log) = run(binary().args(flags), |at| {
        for id in 1..=9 {
            request(at, "GET", &format!("/users/{id}"), &[], b"");
        }
        request(at, "POST", "/admin/flush", &[], b"");
        // The backend goes away.
        drop(backend);
        crate::support::eventually("the backend is gone", || {
            request(at, "GET", "/users/7", &[], b"").status >= 502
        });
    });
    assert!(log.contains("backend: GET /users/{id}: "), "{log}");
    assert!(!log.contains("/users/7"), "{log}");
}

#[test]
fn a_port_that_is_taken_is_explained() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let output = binary().args(["--listen", &address]).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let line = String::from_utf8(output.stderr).expect("text");
    for part in [address.as_str(), "something listens there already", "--listen (LISTEN)"] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn learned_endpoints_are_counted_at_the_next_start() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", dir.path().join("double.db").display());
    let backend = DemoBackend::start();
    let first = Double::with(&[]).target(backend.url()).database(&url).start();
    first.get("/users/7");
    first.flush();
    first.stop().expect("saved");
    let mut command = Command::new(env!("CARGO_BIN_EXE_stunt-double"));
    command.env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    command.args(["--listen", "127.0.0.1:0", "--database-url", &url, "--target", &backend.url()]);
    let (said, _log) = run(&mut command, |_| {});
    assert!(said.contains("double.db: 1 endpoint known"), "{said}");
}
