//! How streams and connections end, and who is served beside them.

use std::process::Command;
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use serde_json::json;

use crate::support::backend::Backend;
use crate::support::client::get as get_over_http_1;
use crate::support::double::{Double, request};
use crate::support::http2::{FrameClient, GOAWAY, Http2Client, eventually, get, run, whole};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const BODY: &str = r#"{"id":7,"name":"Ann","tags":["a","b"],"city":"Rome"}"#;

/// Makes a rule for one path; gives what ends it.
fn cut(double: &Double, at: &str, how: &str) -> String {
    let rule = json!({
        "name": "cut", "scope": {"paths": ["/cut/**"]},
        "faults": [{"type": "connection", "at": at, "how": how}],
    });
    let made = double.admin_json("POST", "/chaos/rules", &rule);
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_cut_by_chaos_ends_its_stream_at_the_place_and_no_other() {
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    let backend = Backend::answering(format!("{json}{}\r\n\r\n{BODY}", BODY.len()));
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        for how in ["fin", "reset"] {
            for at in ["before_head", "mid_head", "mid_body"] {
                let rule = cut(&double, at, how);
                for _ in 0..5 {
                    let (answer, _) = client.begin(get("/cut/7"), true).await.unwrap();
                    let (other, _) = client.begin(get("/whole/7"), true).await.unwrap();
                    let other = whole(other.await.unwrap()).await.unwrap();
                    assert_eq!(other.text(), BODY);
                    let mut got = Vec::new();
                    let reason = match answer.await {
                        Err(error) => error.reason(),
                        Ok(answer) => {
                            assert_eq!((at, answer.status().as_u16()), ("mid_body", 200));
                            let mut body = answer.into_body();
                            loop {
                                match body.data().await {
                                    Some(Ok(data)) => got.extend_from_slice(&data),
                                    Some(Err(error)) => break error.reason(),
                                    None => panic!("{how} {at}: it looks whole"),
                                }
                            }
                        }
                    };
                    assert_eq!(reason, Some(h2::Reason::INTERNAL_ERROR), "{how} {at}");
                    let expected = if at == "mid_body" { BODY.len() / 2 } else { 0 };
                    assert_eq!(got, BODY.as_bytes()[..expected], "{how} {at}");
                }
                let path = format!("/admin/chaos/rules/{rule}");
                let gone = request(double.addr, "DELETE", &path, &[("if-match", "*")], b"");
                assert!(gone.status < 300, "{}", gone.text());
            }
        }
        assert_eq!(client.get("/cut/7").await.text(), BODY);
    });
}

#[test]
fn other_faults_act_as_over_http_1() {
    let double = Double::in_front_of_demo();
    let rule = json!({
        "name": "sick", "scope": {"everything": true}, "max_hits": 1,
        "faults": [{"type": "status", "status": 503, "retry_after_s": 5}],
    });
    assert_eq!(double.admin_json("POST", "/chaos/rules", &rule).status, 201);
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let answer = client.get("/users/1").await;
        assert_eq!((answer.status, answer.get("retry-after")), (503, Some("5")));
        assert_eq!(client.get("/users/1").await.status, 200);
    });
}

#[test]
fn an_idle_connection_is_told_that_it_ends() {
    let backend = Backend::answering(OK);
    let flags = ["--client-idle-timeout-ms", "700"];
    let double = Double::with(&flags).target(backend.url()).start();
    let start = Instant::now();
    let mut client = FrameClient::connect(double.addr);
    client.headers(1, &crate::support::http2::request("GET", "/"), true);
    let mut told = false;
    while let Some(frame) = client.frame() {
        if frame.kind == GOAWAY {
            told = true;
            assert_eq!(frame.payload[4..8], [0; 4], "NO_ERROR");
        }
    }
    let waited = start.elapsed();
    assert!(told && waited >= Duration::from_millis(700), "{told} {waited:?}");
}

#[test]
fn a_stop_lets_streams_finish_and_begins_no_more() {
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let backend = Backend::start(move |connection| {
        connection.read_head();
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200005\r\n\r\nhello");
        wait.lock().unwrap().recv().unwrap();
        connection.write(&vec![b'x'; 200_000]);
    });
    let mut double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let idle = Http2Client::connect(double.addr).await;
        let (answer, _) = client.begin(get("/slow"), true).await.unwrap();
        let answer = answer.await.unwrap();
        double.begin_stop();
        // Told by GOAWAY, which a client takes as the end of new streams.
        let is_told = |client: &Http2Client| client.is_open().now_or_never() == Some(false);
        eventually("clients are told", || is_told(&client) && is_told(&idle)).await;
        go.send(()).unwrap();
        let answer = whole(answer).await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, 200_005));
    });
}

#[test]
fn tls_offers_both_and_a_listener_without_streams_speaks_http_1_alone() {
    let backend = Backend::answering(OK);
    let double = Double::with(&["--tls-self-signed"]).target(backend.url()).start();
    let both: &[&[u8]] = &[b"h2", b"http/1.1"];
    run(async {
        let (client, _) = Http2Client::connect_tls(double.addr, both).await;
        let client = client.expect("HTTP/2");
        assert_eq!(client.get("/users/7").await.text(), "ok");
        let mocked = client.get("/admin/health/live").await;
        assert_eq!(mocked.status, 200);
        for offers in [&both[1..], &[]] {
            let (client, agreed) = Http2Client::connect_tls(double.addr, offers).await;
            assert!(client.is_none() && agreed != b"h2", "{agreed:?}");
        }
    });
    let head = &backend.heads()[0];
    assert!(head.contains("\r\nx-forwarded-proto: https\r\n"), "{head}");

    let off = ["--tls-self-signed", "--max-streams-per-connection", "0"];
    let double = Double::with(&off).target(backend.url()).start();
    run(async {
        let (_, agreed) = Http2Client::connect_tls(double.addr, both).await;
        assert_eq!(agreed, b"http/1.1");
    });
    let double = Double::with(&off[1..]).target(backend.url()).start();
    let mut client = FrameClient::connect(double.addr);
    assert!(client.raw.head().unwrap().starts_with("HTTP/1.1 400 "));
    assert_eq!(get_over_http_1(double.addr, "/").text(), "ok");
}

#[test]
fn the_admins_own_listener_speaks_it_too_and_streams_are_no_connections() {
    let backend = Backend::answering(OK);
    let flags = ["--admin-listen", "127.0.0.1:0", "--max-connections", "1"];
    let double = Double::with(&flags).target(backend.url()).start();
    run(async {
        let admin = Http2Client::connect(double.admin_addr).await;
        assert_eq!(admin.get("/admin/health/live").await.status, 200);
        drop(admin);
        let client = Http2Client::connect(double.addr).await;
        let many = (0..50).map(|_| client.get("/"));
        for answer in futures_util::future::join_all(many).await {
            assert_eq!(answer.status, 200);
        }
        // The one place is taken until the client leaves.
        let refused = get_over_http_1(double.addr, "/");
        assert_eq!(refused.status, 503);
        drop(client);
        eventually("the place is free", || get_over_http_1(double.addr, "/").status == 200).await;
    });
}

#[test]
fn curl_speaks_it_by_prior_knowledge_and_by_alpn() {
    let backend = Backend::answering(OK);
    let plain = Double::in_front_of(backend.url());
    let tls = Double::with(&["--tls-self-signed"]).target(backend.url()).start();
    for (flag, url) in [
        ("--http2-prior-knowledge", format!("http://{}/", plain.addr)),
        ("--http2", format!("https://{}/", tls.addr)),
    ] {
        let args = ["-ksS", "--noproxy", "*", "-w", " %{http_version}", flag, "-d", "a=b", &url];
        let Ok(ran) = Command::new("curl").args(args).output() else { return };
        let told = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert_eq!(told, "ok 2", "{}", String::from_utf8_lossy(&ran.stderr));
    }
}
