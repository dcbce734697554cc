//! Uploads: streamed at once, held back by a slow backend, cut short by an early answer.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::front::Front;
use crate::support::{eventually, settles};

const MEBIBYTE: usize = 1 << 20;

/// What the buffers of the kernel and the proxy may hold between a client and a backend: a send
/// and a receive buffer for each of two connections, up to 10 MiB together.
const BUFFERED_MEBIBYTES_MAX: usize = 32;

/// Sends `count` MiB from another thread, as far as the peer takes them, counting them.
fn send_mebibytes(client: &RawClient, count: usize) -> (thread::JoinHandle<()>, Arc<AtomicUsize>) {
    let mut stream = client.stream().try_clone().unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let sender = thread::spawn(move || {
        let piece = vec![b'u'; MEBIBYTE];
        while counter.load(Ordering::SeqCst) < count && stream.write_all(&piece).is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (sender, sent)
}

#[test]
fn an_early_answer_is_delivered_in_the_middle_of_an_upload() {
    const REFUSAL: &[u8] = b"HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\nno more";
    for keeps_reading in [false, true] {
        let backend = Backend::start(move |connection| {
            connection.read_head();
            connection.read_exact(MEBIBYTE);
            connection.write(REFUSAL);
            if keeps_reading {
                connection.read_to_end();
            }
        });
        let front = Front::to(&backend.url());
        for framing in ["content-length: 20971520", "transfer-encoding: chunked"] {
            let mut client = RawClient::connect(front.addr);
            client.send(format!("POST / HTTP/1.1\r\nhost: d\r\n{framing}\r\n\r\n").as_bytes());
            if framing.starts_with('t') {
                client.send(b"1400000\r\n");
            }
            let (sender, _) = send_mebibytes(&client, 20);
            let answer = client.answer().expect("an answer");
            assert_eq!((answer.status, answer.text().as_str()), (413, "no more"));
            drop(client);
            sender.join().unwrap();
        }
        // The unfinished connections are not used again.
        eventually("unfinished connections are closed", || front.upstream.open_connections() == 0);
    }
}

#[test]
fn an_upload_reaches_the_backend_as_it_comes() {
    let (arrived, arrivals) = mpsc::channel::<Vec<u8>>();
    let arrived = Mutex::new(arrived);
    let backend = Backend::start(move |connection| {
        let head = connection.read_head().unwrap();
        arrived.lock().unwrap().send(head.text.into_bytes()).unwrap();
        for _ in 0..3 {
            let piece = connection.read_exact(1).unwrap();
            arrived.lock().unwrap().send(piece).unwrap();
        }
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 3\r\n\r\n");
    let patience = Duration::from_secs(10);
    assert!(arrivals.recv_timeout(patience).unwrap().starts_with(b"POST / HTTP/1.1"));
    for byte in b"abc" {
        client.send(&[*byte]);
        assert_eq!(arrivals.recv_timeout(patience).unwrap(), [*byte]);
    }
    assert_eq!(client.answer().unwrap().status, 200);
}

#[test]
fn a_large_upload_to_a_sleeping_backend_stays_out_of_memory() {
    let (wake, woken) = mpsc::channel::<()>();
    let woken = Mutex::new(woken);
    let backend = Backend::start(move |connection| {
        let head = connection.read_head().unwrap();
        woken.lock().unwrap().recv().unwrap();
        let mut left: usize = head.get("content-length").unwrap().parse().unwrap();
        let mut sum = 0_u64;
        while left > 0 {
            let Some(piece) = connection.read_some() else { return };
            left -= piece.len();
            sum += piece.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        }
        let text = sum.to_string();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        connection.write(head.as_bytes());
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 67108864\r\n\r\n");
    let (sender, sent) = send_mebibytes(&client, 64);
    settles(&sent);
    let held = sent.load(Ordering::SeqCst);
    assert!(held < BUFFERED_MEBIBYTES_MAX, "{held} MiB were taken while the backend slept");
    wake.send(()).unwrap();
    assert_eq!(client.answer().unwrap().text(), (64 * MEBIBYTE * usize::from(b'u')).to_string());
    sender.join().unwrap();
}

#[test]
fn both_directions_flow_within_one_exchange() {
    let backend = Backend::start(|connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        // Each request chunk comes back as an answer chunk before the next one is sent.
        while let Some(line) = connection.read_line() {
            let size = usize::from_str_radix(line.trim(), 16).unwrap();
            let piece = connection.read_exact(size + 2).unwrap();
            connection.write(line.as_bytes());
            connection.write(&piece);
            if size == 0 {
                return;
            }
        }
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ntransfer-encoding: chunked\r\n\r\n");
    client.head().unwrap();
    for round in 0..200 {
        let text = format!("round {round}");
        client.send(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes());
        assert_eq!(client.read_chunk().unwrap(), text.as_bytes());
    }
    client.send(b"0\r\n\r\n");
    assert_eq!(client.read_chunk().unwrap(), b"");
}

#[test]
fn a_client_that_writes_everything_before_it_reads_is_served() {
    let backend = Backend::start(|connection| {
        let head = connection.read_head().unwrap();
        let mut left: usize = head.get("content-length").unwrap().parse().unwrap();
        connection.write(format!("HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n").as_bytes());
        while left > 0 {
            let Some(piece) = connection.read_some() else { return };
            left -= piece.len();
            if !connection.write(&piece) {
                return;
            }
        }
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    // More than the buffers of four sockets would fill the echo up; less must pass.
    client.send(b"POST / HTTP/1.1\r\nhost: d\r\ncontent-length: 2097152\r\n\r\n");
    client.send(&vec![b'e'; 2 * MEBIBYTE]);
    assert_eq!(client.answer().unwrap().body.len(), 2 * MEBIBYTE);
}

#[test]
fn a_client_that_leaves_during_its_upload_takes_the_backends_work_along() {
    let (gone, left) = mpsc::channel::<Vec<u8>>();
    let gone = Mutex::new(gone);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        let rest = connection.read_to_end();
        gone.lock().unwrap().send(rest).unwrap();
    });
    let front = Front::to(&backend.url());
    for framing in
        ["content-length: 100\r\n\r\nabc", "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"]
    {
        let mut client = RawClient::connect(front.addr);
        client.send(format!("POST / HTTP/1.1\r\nhost: d\r\n{framing}").as_bytes());
        thread::sleep(Duration::from_millis(50));
        drop(client);
        let rest = left.recv_timeout(Duration::from_secs(5)).expect("the connection is closed");
        assert!(!rest.ends_with(b"0\r\n\r\n"), "a cut upload was passed on as complete");
    }
    eventually("nothing is in flight", || front.upstream.in_flight() == 0);
}
