//! Requests and answers, one by one.

use std::future::poll_fn;

use crate::support::backend::Backend;
use crate::support::double::Double;
use crate::support::http2::{Http2Client, get, run, upload, whole, with};

/// Answers with what it was asked, as JSON, and as the path says.
fn backend() -> Backend {
    Backend::start(|connection| {
        while let Some((head, body)) = connection.read_request() {
            let answer = match head.path() {
                "/none" => "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n".to_owned(),
                "/unmodified" => "HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\n\r\n".to_owned(),
                "/chunked" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
                    Connection: close\r\nKeep-Alive: timeout=5\r\n\r\n\
                    3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
                    .to_owned(),
                "/empty" => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
                _ if head.line.starts_with("HEAD ") => {
                    "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n".to_owned()
                }
                _ => {
                    let body = String::from_utf8(body).unwrap();
                    let length = body.len() + 11;
                    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
                    format!("{json}Content-Length: {length}\r\n\r\n{{\"body\":\"{body}\"}}")
                }
            };
            connection.write(answer.as_bytes());
        }
    })
}

#[test]
fn every_kind_of_exchange_passes() {
    let backend = backend();
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let answer = client.get("/users/7?a=%2F").await;
        assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"body":""}"#));
        assert_eq!(answer.get("x-mock-source"), Some("upstream"));
        assert_eq!(answer.get("content-length"), Some("11"));
        let sized = with("POST", "/sized", &[("content-length", "5")]);
        let answer = client.send(sized, Some(b"hello")).await.unwrap();
        assert_eq!(answer.text(), r#"{"body":"hello"}"#);
        let answer = client.send(with("PUT", "/unsized", &[]), Some(b"hello")).await.unwrap();
        assert_eq!(answer.text(), r#"{"body":"hello"}"#);
        let answer = client.get("/chunked").await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
        for name in ["connection", "keep-alive", "transfer-encoding", "content-length"] {
            assert_eq!(answer.get(name), None, "{name}");
        }
        for (path, status) in [("/none", 204), ("/unmodified", 304), ("/empty", 200)] {
            let answer = client.get(path).await;
            assert_eq!((answer.status, answer.body.len()), (status, 0), "{path}");
        }
        let answer = client.send(with("HEAD", "/h", &[]), None).await.unwrap();
        assert_eq!((answer.status, answer.get("content-length")), (200, Some("7")));
        assert!(answer.body.is_empty());
    });
    let heads = backend.heads();
    assert!(heads.iter().all(|head| head.contains("\r\nvia: 2.0 ")), "{heads:#?}");
    assert!(heads[0].starts_with("GET /users/7?a=%2F HTTP/1.1\r\n"), "{}", heads[0]);
    assert!(heads[0].contains("\r\nx-forwarded-host: localhost\r\n"), "{}", heads[0]);
    assert!(heads[1].contains("\r\ncontent-length: 5\r\n"), "{}", heads[1]);
    assert!(heads[2].contains("\r\ntransfer-encoding: chunked\r\n"), "{}", heads[2]);
}

#[test]
fn what_is_learned_over_http_2_is_mocked_over_both() {
    let double = Double::in_front_of_demo();
    run(async {
        let client = Http2Client::connect(double.addr).await;
        for n in 1..=8 {
            assert_eq!(client.get(&format!("/users/{n}")).await.status, 200);
        }
        double.flush();
        assert_eq!(double.observations("GET /users/{id}"), 8);
        let request = with("GET", "/users/3", &[("x-mock-enabled", "true")]);
        let mocked = client.send(request, None).await.unwrap();
        assert_eq!((mocked.status, mocked.get("x-mock-source")), (200, Some("mock")));
        let over_http_1 = double.mock("/users/3");
        assert_eq!(mocked.body, over_http_1.body);
        // The admin is reached in the same way.
        let live = client.get("/admin/health/live").await;
        assert_eq!(live.status, 200);
        let refused = client.send(with("TRACE", "/users/3", &[]), None).await.unwrap();
        assert_eq!((refused.status, refused.get("x-mock-error")), (405, Some("method-refused")));
    });
}

#[test]
fn cookies_sent_one_by_one_arrive_as_one_field() {
    let backend = backend();
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let request = with("GET", "/", &[("cookie", "a=1"), ("x", "y"), ("cookie", "b=2")]);
        assert_eq!(client.send(request, None).await.unwrap().status, 200);
    });
    let heads = backend.heads();
    assert!(heads[0].contains("\r\ncookie: a=1; b=2\r\n"), "{}", heads[0]);
}

#[test]
fn hints_and_the_wish_for_a_body_come_as_interim_answers() {
    let backend = Backend::start(|connection| {
        while let Some(head) = connection.read_head() {
            if head.get("expect").is_some() {
                connection.write(b"HTTP/1.1 100 Continue\r\n\r\n");
                connection.read_exact(5);
            } else {
                connection.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
            }
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let (mut answer, _) = client.begin(get("/hinted"), true).await.unwrap();
        let hints = poll_fn(|cx| answer.poll_informational(cx)).await.unwrap().unwrap();
        assert_eq!(hints.status(), 103);
        assert_eq!(hints.headers()["link"], "</a.css>");
        assert_eq!(whole(answer.await.unwrap()).await.unwrap().text(), "ok");
        let fields = [("expect", "100-continue"), ("content-length", "5")];
        let (mut answer, stream) = client.begin(with("POST", "/up", &fields), false).await.unwrap();
        let asked = poll_fn(|cx| answer.poll_informational(cx)).await.unwrap().unwrap();
        assert_eq!(asked.status(), 100);
        upload(stream, b"hello").await.unwrap();
        assert_eq!(whole(answer.await.unwrap()).await.unwrap().text(), "ok");
    });
}

#[test]
fn trailers_pass_in_both_directions_for_those_who_take_them() {
    let backend = Backend::start(|connection| {
        while let Some(head) = connection.read_head() {
            let mut tail = String::new();
            while head.get("transfer-encoding").is_some() && !tail.ends_with("\r\n\r\n") {
                tail += &connection.read_line().unwrap();
            }
            connection.write(
                b"HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n\
                  5\r\nhello\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\n\r\n",
            );
        }
    });
    let double = Double::in_front_of(backend.url());
    run(async {
        let client = Http2Client::connect(double.addr).await;
        let request = with("POST", "/sum", &[("te", "trailers")]);
        let (answer, mut stream) = client.begin(request, false).await.unwrap();
        stream.send_data("abc".into(), false).unwrap();
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-of-request", "8".parse().unwrap());
        stream.send_trailers(trailers).unwrap();
        let answer = whole(answer.await.unwrap()).await.unwrap();
        assert_eq!((answer.text().as_str(), answer.get("trailer")), ("hello", Some("X-Sum")));
        let trailers = answer.trailers.expect("trailers");
        assert_eq!((trailers.len(), trailers["x-sum"].to_str().unwrap()), (1, "7"));
        let answer = client.get("/sum").await;
        assert_eq!((answer.text().as_str(), answer.trailers), ("hello", None));
    });
    let received = String::from_utf8(backend.received()).unwrap();
    assert!(received.contains("3\r\nabc\r\n0\r\nx-of-request: 8\r\n\r\n"), "{received}");
}
