//! Bodies of any size pass through without being kept: the memory of the double, as a process of its
//! own, stays flat while one side sleeps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::process::Process;
use crate::support::settles;

const MEBIBYTE: usize = 1 << 20;
/// What the double may grow by: buffers of a few sockets, and whatever an allocator keeps of the
/// pieces that went by. A body that is kept would be 64 or 200 MiB.
const GROWTH_MEBIBYTES_MAX: usize = 24;

/// The double in front of a target, quiet.
fn process(target: &str) -> Process {
    Process::start_with(&["--target", target], [("RUST_LOG", "error")])
}

/// Resident memory, MiB.
fn memory(double: &Process) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", double.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

fn check_growth(double: &Process, before: usize, what: &str) {
    let after = memory(double);
    println!("{what}: {before} MiB before, {after} MiB after");
    assert!(after < before + GROWTH_MEBIBYTES_MAX, "{what}: from {before} to {after} MiB");
}

/// One small exchange, so that what is allocated once is there.
fn warm(double: &Process) {
    let mut client = RawClient::connect(double.addr);
    client.send(b"POST /warm HTTP/1.1\r\nhost: d\r\ncontent-length: 2\r\n\r\nhi");
    assert_eq!(client.answer().unwrap().status, 200);
}

#[test]
fn an_upload_of_64_mib_to_a_sleeping_backend_leaves_memory_flat() {
    const SIZE: usize = 64 * MEBIBYTE;
    let (wake, woken) = mpsc::channel::<()>();
    let woken = Mutex::new(woken);
    let backend = Backend::start(move |connection| {
        let head = connection.read_head().unwrap();
        if head.path() != "/warm" {
            woken.lock().unwrap().recv().unwrap();
        }
        let mut left: usize = head.get("content-length").unwrap().parse().unwrap();
        while left > 0 {
            let Some(piece) = connection.read_some() else { return };
            left -= piece.len();
        }
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    let double = process(&backend.url());
    warm(&double);
    let before = memory(&double);
    let mut client = RawClient::connect(double.addr);
    client.send(format!("POST / HTTP/1.1\r\nhost: d\r\ncontent-length: {SIZE}\r\n\r\n").as_bytes());
    let sent = Arc::new(AtomicUsize::new(0));
    let (mut stream, counter) = (client.stream().try_clone().unwrap(), Arc::clone(&sent));
    let sender = std::thread::spawn(move || {
        let piece = vec![b'u'; MEBIBYTE];
        for _ in 0..SIZE / MEBIBYTE {
            std::io::Write::write_all(&mut stream, &piece).unwrap();
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    settles(&sent);
    check_growth(&double, before, "upload, the backend asleep");
    wake.send(()).unwrap();
    sender.join().unwrap();
    assert_eq!(client.answer().unwrap().status, 200);
    check_growth(&double, before, "upload, all of it through");
}

#[test]
fn a_download_of_200_mib_to_a_sleeping_client_leaves_memory_flat() {
    const SIZE: usize = 200 * MEBIBYTE;
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let backend = Backend::start(move |connection| {
        let (head, _) = connection.read_request().unwrap();
        let size = if head.path() == "/warm" { MEBIBYTE } else { SIZE };
        let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n");
        connection.write(text.as_bytes());
        let piece = vec![b'd'; MEBIBYTE];
        for _ in 0..size / MEBIBYTE {
            if !connection.write(&piece) {
                return;
            }
            counter.fetch_add(1, Ordering::SeqCst);
        }
        connection.read_to_end();
    });
    let double = process(&backend.url());
    warm(&double);
    let before = memory(&double);
    let mut client = RawClient::connect(double.addr);
    client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
    client.head().unwrap();
    settles(&sent);
    check_growth(&double, before, "download, the client asleep");
    let mut left = SIZE;
    while left > 0 {
        left -= client.read_some().expect("the whole body").len();
    }
    check_growth(&double, before, "download, all of it through");
}
