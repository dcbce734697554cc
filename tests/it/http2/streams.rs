//! Many streams on one connection, and how they hold each other up: not at all.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use futures_util::future::join_all;

use crate::support::backend::Backend;
use crate::support::double::Double;
use crate::support::http2::{Http2Client, eventually, get, run, upload, whole, with};
use crate::support::settles;

const MEBIBYTE: usize = 1 << 20;

/// What the kernel's buffers and the double may hold of an answer that nobody reads.
const BUFFERED_MEBIBYTES_MAX: usize = 16;

/// Answers with the path and the body.
fn echo() -> Backend {
    Backend::start(|connection| {
        while let Some((head, body)) = connection.read_request() {
            let length = head.path().len() + body.len();
            let line =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", head.path());
            connection.write(&[line.as_bytes(), &body].concat());
        }
    })
}

#[test]
fn a_hundred_streams_at_once_get_each_its_own_answer() {
    let backend = echo();
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        for round in 0..5 {
            let exchange = |n: usize| {
                let client = client.clone();
                async move {
                    let (path, body) = (format!("/{round}/{n}"), format!("body {n};").repeat(n));
                    let request = with("POST", &path, &[]);
                    let answer = client.send(request, Some(body.as_bytes())).await.unwrap();
                    assert_eq!((answer.status, answer.text()), (200, format!("{path}{body}")));
                }
            };
            join_all((0..100).map(exchange)).await;
        }
    });
    let metrics = double.admin("GET", "/metrics").text();
    assert!(metrics.lines().any(|line| line.ends_with(" 500")), "{metrics}");
}

#[test]
fn large_bodies_pass_both_ways_within_the_windows() {
    let backend = echo();
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let exchange = |n: usize| {
            let client = client.clone();
            async move {
                let body: Vec<u8> = (0..4 * MEBIBYTE).map(|at| (at * n / 7) as u8).collect();
                let request = with("POST", "/large", &[]);
                let answer = client.send(request, Some(&body)).await.unwrap();
                assert_eq!(answer.body.len(), body.len() + 6);
                assert!(answer.body[6..] == body, "{n}");
            }
        };
        join_all((1..=3).map(exchange)).await;
    });
}

#[test]
fn events_come_one_by_one() {
    let (next, more) = mpsc::channel::<()>();
    let more = Mutex::new(more);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for n in 0..5 {
            connection.write(format!("2\r\ne{n}\r\n").as_bytes());
            more.lock().unwrap().recv().unwrap();
        }
        connection.write(b"0\r\n\r\n");
    });
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let (answer, _) = client.begin(get("/events"), true).await.unwrap();
        let mut body = answer.await.unwrap().into_body();
        for n in 0..5 {
            assert_eq!(body.data().await.unwrap().unwrap(), format!("e{n}"));
            next.send(()).unwrap();
        }
        // The end may come in a frame of its own.
        while let Some(data) = body.data().await {
            assert!(data.unwrap().is_empty());
        }
    });
}

#[test]
fn a_reader_that_stalls_holds_up_its_backend_and_no_other_stream() {
    let written = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&written);
    let backend = Backend::start(move |connection| {
        while let Some(head) = connection.read_head() {
            if head.path() != "/large" {
                connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                continue;
            }
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
            let piece = vec![b'd'; MEBIBYTE];
            while connection.write(&piece) {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let flags = ["--client-idle-timeout-ms", "2500"];
    let double = Double::with(&flags).target(backend.url()).start();
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let (answer, _) = client.begin(get("/large"), true).await.unwrap();
        let mut body = answer.await.unwrap().into_body();
        let counter = Arc::clone(&written);
        tokio::task::spawn_blocking(move || settles(&counter)).await.unwrap();
        let held = written.load(Ordering::SeqCst);
        assert!(held < BUFFERED_MEBIBYTES_MAX, "{held} MiB were taken for a client that sleeps");
        for _ in 0..20 {
            assert_eq!(client.get("/small").await.text(), "ok");
        }
        // In the end it is given up, and the connection goes on.
        let broken = loop {
            match body.data().await {
                Some(Ok(_)) => {}
                other => break other,
            }
        };
        assert!(broken.is_some_and(|end| end.is_err_and(|error| error.is_reset())));
        assert_eq!(client.get("/small").await.text(), "ok");
    });
}

#[test]
fn an_upload_is_taken_as_fast_as_the_backend_reads_and_an_early_answer_ends_it() {
    let backend = Backend::start(|connection| {
        while let Some(head) = connection.read_head() {
            if head.path() == "/small" {
                connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                continue;
            }
            connection.read_exact(MEBIBYTE);
            connection.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\nno more");
            return;
        }
    });
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        for fields in [&[][..], &[("content-length", "33554432")]] {
            let request = with("POST", "/up", fields);
            let answer = client.send(request, Some(&vec![b'u'; 32 * MEBIBYTE])).await.unwrap();
            assert_eq!((answer.status, answer.text().as_str()), (413, "no more"));
            assert_eq!(client.get("/small").await.text(), "ok");
        }
    });
}

#[test]
fn a_stream_that_is_cancelled_takes_back_its_request_and_no_other() {
    let (gone, left) = mpsc::channel::<&str>();
    let gone = Mutex::new(gone);
    let backend = Backend::start(move |connection| {
        while let Some(head) = connection.read_head() {
            let what = match head.path() {
                "/silent" => "silent",
                "/upload" => "upload",
                "/body" => "body",
                _ => {
                    connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    continue;
                }
            };
            if what == "body" {
                connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
            }
            connection.read_to_end();
            gone.lock().unwrap().send(what).unwrap();
        }
    });
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        for what in ["silent", "upload", "body"] {
            let (method, path) =
                (if what == "upload" { "POST" } else { "GET" }, format!("/{what}"));
            let asked = backend.heads().len();
            let request = with(method, &path, &[]);
            let (answer, mut stream) = client.begin(request, what != "upload").await.unwrap();
            if what == "upload" {
                stream.send_data("some".into(), false).unwrap();
            }
            let body = if what == "body" { Some(answer.await.unwrap()) } else { None };
            eventually("asked", || backend.heads().len() > asked).await;
            stream.send_reset(h2::Reason::CANCEL);
            assert_eq!(client.get("/small").await.text(), "ok");
            assert_eq!(left.recv_timeout(crate::support::backend::PATIENCE), Ok(what));
            drop(body);
        }
        // The whole connection leaves.
        let asked = backend.heads().len();
        let (_answer, _stream) = client.begin(get("/silent"), true).await.unwrap();
        eventually("asked", || backend.heads().len() > asked).await;
    });
    assert_eq!(left.recv_timeout(crate::support::backend::PATIENCE), Ok("silent"));
}

#[test]
fn what_two_streams_say_is_never_mixed_up_when_one_breaks_off() {
    let backend = Backend::start(|connection| {
        while let Some((head, body)) = connection.read_request() {
            if head.path() == "/breaks" {
                connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                return;
            }
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            connection.write(&[head.as_bytes(), &body].concat());
        }
    });
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let broken = || async {
            let (answer, _) = client.begin(get("/breaks"), true).await.unwrap();
            let mut body = answer.await.unwrap().into_body();
            let mut got = Vec::new();
            let end = loop {
                match body.data().await {
                    Some(Ok(data)) => got.extend_from_slice(&data),
                    other => break other,
                }
            };
            assert_eq!(got, b"half");
            let reason = end.unwrap().unwrap_err().reason();
            assert_eq!(reason, Some(h2::Reason::INTERNAL_ERROR));
        };
        let whole_ones = |n: usize| {
            let client = client.clone();
            async move {
                let body = format!("{n},").repeat(10_000);
                let (answer, stream) = client.begin(with("POST", "/", &[]), false).await.unwrap();
                let (_, answer) = tokio::join!(upload(stream, body.as_bytes()), answer);
                assert_eq!(whole(answer.unwrap()).await.unwrap().text(), body);
            }
        };
        tokio::join!(join_all((0..20).map(|_| broken())), join_all((0..20).map(whole_ones)));
    });
}
