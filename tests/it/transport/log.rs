//! What a client or a backend that misbehaves leaves in the log: a few lines, with counts.

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::process::Process;

const TRIES: usize = 300;

#[test]
fn broken_requests_and_answers_are_summed_up() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            if head.path() == "/whole" {
                connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                continue;
            }
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n");
            connection.write(&[b'x'; 9_000]);
            return;
        }
    });
    let double = Process::start_with(&["--target", &backend.url()], [("RUST_LOG", "info")]);
    let started = double.log().lines().count();
    for _ in 0..TRIES {
        for broken in [
            "GARBAGE\r\n\r\n",
            "GET / HTTP/1.1\nhost: d\n\n",
            "POST / HTTP/1.1\r\nhost: d\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            "GET /cut HTTP/1.1\r\nhost: d\r\nconnection: close\r\n\r\n",
        ] {
            let mut client = RawClient::connect(double.addr);
            client.send(broken.as_bytes());
            client.read_to_end();
        }
    }
    assert_eq!(RawClient::connect(double.addr).get("/whole").text(), "ok");
    let log = double.log();
    let lines: Vec<&str> = log.lines().skip(started).collect();
    assert!(lines.len() <= 30, "{} lines of {}:\n{log}", lines.len(), 4 * TRIES);
    assert!(!log.contains("ERROR"), "{log}");
    assert!(lines.iter().any(|line| line.contains("WARN") && line.contains("malformed")), "{log}");
    assert!(lines.iter().any(|line| line.contains("answer broken off")), "{log}");
}
