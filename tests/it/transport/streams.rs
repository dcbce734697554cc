//! Long answers: event by event, held back by a slow reader, ended by a leaving one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::front::Front;
use crate::support::{eventually, settles};

const MEBIBYTE: usize = 1 << 20;
/// What the buffers of the kernel and the proxy may hold between a backend and a client.
const BUFFERED_MEBIBYTES_MAX: usize = 32;

#[test]
fn events_pass_one_by_one() {
    for head in ["Transfer-Encoding: chunked\r\n", ""] {
        let (next, wanted) = mpsc::channel::<String>();
        let wanted = Mutex::new(wanted);
        let backend = Backend::start(move |connection| {
            connection.read_head();
            connection.write(
                format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{head}\r\n")
                    .as_bytes(),
            );
            while let Ok(event) = wanted.lock().unwrap().recv() {
                let framed = if head.is_empty() {
                    event
                } else {
                    format!("{:x}\r\n{event}\r\n", event.len())
                };
                connection.write(framed.as_bytes());
            }
        });
        let front = Front::to(&backend.url());
        let mut client = RawClient::connect(front.addr);
        client.send(b"GET / HTTP/1.1\r\nhost: d\r\naccept: text/event-stream\r\n\r\n");
        client.head().unwrap();
        for number in 0..100 {
            let event = format!("data: {number}\n\n");
            next.send(event.clone()).unwrap();
            // The backend says no more until this one is here.
            assert_eq!(client.read_chunk().unwrap(), event.as_bytes());
        }
        drop(next);
    }
}

#[test]
fn a_client_that_leaves_a_stream_ends_it_at_the_backend() {
    let (gone, left) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
        connection.read_to_end();
        gone.lock().unwrap().send(()).unwrap();
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
    client.head().unwrap();
    drop(client);
    left.recv_timeout(Duration::from_secs(5)).expect("the backend's connection is closed");
    eventually("nothing is in flight", || front.upstream.in_flight() == 0);
}

#[test]
fn a_client_that_leaves_before_the_answer_ends_the_work_at_the_backend() {
    let (gone, left) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        connection.read_to_end();
        gone.lock().unwrap().send(()).unwrap();
    });
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
    eventually("the request is on its way", || front.upstream.in_flight() == 1);
    drop(client);
    left.recv_timeout(Duration::from_secs(5)).expect("the backend's connection is closed");
    eventually("nothing is in flight", || front.upstream.in_flight() == 0);
}

#[test]
fn a_large_download_to_a_sleeping_reader_stays_out_of_memory() {
    const SIZE: usize = 200 * MEBIBYTE;
    for chunked in [false, true] {
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&sent);
        let backend = Backend::start(move |connection| {
            connection.read_head();
            let framing = if chunked {
                "Transfer-Encoding: chunked".to_owned()
            } else {
                format!("Content-Length: {SIZE}")
            };
            connection.write(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n").as_bytes());
            let piece = vec![b'd'; MEBIBYTE];
            for _ in 0..SIZE / MEBIBYTE {
                if chunked {
                    connection.write(b"100000\r\n");
                }
                if !connection.write(&piece) {
                    return;
                }
                counter.fetch_add(1, Ordering::SeqCst);
                if chunked {
                    connection.write(b"\r\n");
                }
            }
            connection.write(if chunked { b"0\r\n\r\n" } else { b"" });
            connection.read_to_end();
        });
        let front = Front::to(&backend.url());
        let mut client = RawClient::connect(front.addr);
        client.send(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n");
        client.head().unwrap();
        settles(&sent);
        let held = sent.load(Ordering::SeqCst);
        assert!(held < BUFFERED_MEBIBYTES_MAX, "{held} MiB were taken while the reader slept");
        let mut left = SIZE;
        while left > 0 {
            let piece = if chunked { client.read_chunk() } else { client.read_some() };
            left -= piece.expect("the whole body").len();
        }
    }
}
