//! What the mock says of a method or a path that the backend does not have.

use serde_json::json;
use tempfile::TempDir;

use crate::support::backend::Backend;
use crate::support::double::Double;

const MOCK: [(&str, &str); 1] = [("x-mock-enabled", "true")];

/// A backend with one list, and one item that can be replaced; other methods are refused.
fn backend() -> Backend {
    Backend::start(|connection| {
        while let Some((head, _body)) = connection.read_request() {
            let method = head.line.split(' ').next().unwrap_or_default();
            let allowed = if head.path() == "/users" { "GET, POST" } else { "GET, PUT" };
            let answer = if allowed.split(", ").any(|known| known == method) {
                let body = r#"{"id":1,"name":"a"}"#;
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\n\r\n{body}",
                    body.len()
                )
            } else if method == "BREW" {
                "HTTP/1.1 501 Not Implemented\r\ncontent-length: 0\r\n\r\n".to_owned()
            } else {
                format!(
                    "HTTP/1.1 405 Method Not Allowed\r\nallow: {allowed}\r\n\
                     content-length: 0\r\n\r\n"
                )
            };
            connection.write(answer.as_bytes());
        }
    })
}

fn refuses(double: &Double) {
    for (method, path, status, allow) in [
        ("PUT", "/users", 405, "GET, HEAD, OPTIONS, POST"),
        ("DELETE", "/users/3", 405, "GET, HEAD, OPTIONS, PUT"),
        ("BREW", "/users", 501, "GET, HEAD, OPTIONS, POST"),
    ] {
        let mock = double.request(method, path, &MOCK, b"");
        assert_eq!(mock.status, status, "{method} {path}: {}", mock.text());
        assert_eq!(mock.get("x-mock-source"), Some("mock"), "{}", mock.head);
        assert_eq!(mock.get("x-mock-reason"), Some("method-refused"), "{}", mock.head);
        // Without a length a client would wait for a body until the connection ends.
        assert_eq!(mock.get("content-length"), Some("0"), "{}", mock.head);
        assert_eq!(mock.get("allow"), Some(allow), "{method} {path}");
    }
    // What was never tried is not known to be refused.
    let untried = double.request("DELETE", "/users", &MOCK, b"");
    assert_eq!((untried.status, untried.get("x-mock-source")), (404, Some("double")));
}

#[test]
fn a_method_that_the_backend_refused_is_refused_by_its_mock() {
    let dir = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", dir.path().join("double.db").display());
    let backend = backend();
    let start = || Double::with(&[]).target(backend.url()).database(&url).start();
    let double = start();
    for round in 0..3 {
        // Refused before anything else is known of the path, and after it.
        for (method, path) in
            [("PUT", "/users"), ("GET", "/users"), ("POST", "/users"), ("BREW", "/users")]
        {
            double.request(method, path, &[], b"");
        }
        for id in 0..4 {
            let path = format!("/users/{}", round * 4 + id);
            for method in ["DELETE", "GET", "PUT"] {
                double.request(method, &path, &[], b"");
            }
        }
        double.flush();
    }
    refuses(&double);
    double.stop().expect("saved");
    let double = start();
    refuses(&double);
    // It was taught: refused no more.
    drop(backend);
}

#[test]
fn the_nearest_endpoints_of_the_same_method_are_named_first() {
    let double = Double::in_front_of_demo();
    double.learn_demo(300);
    for (method, path) in [("POST", "/orderz"), ("GET", "/orderz")] {
        let unknown = double.request(method, path, &MOCK, b"");
        assert_eq!(unknown.status, 404, "{}", unknown.text());
        let nearest = unknown.json()["nearest"].clone();
        assert_eq!(nearest[0], json!(format!("{method} /orders")), "{nearest}");
    }
}
