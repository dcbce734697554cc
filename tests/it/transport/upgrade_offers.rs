//! Clients that offer HTTP/2 in clear text with every request: answered in HTTP/1.1, and learned.

use std::path::Path;
use std::process::Command;

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;

const JSON: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
    Content-Length: 8\r\n\r\n{\"id\":7}";
const OFFER: &str = "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n\
    http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n";

/// No word of the offer may reach the backend.
fn assert_declined(backend: &Backend) {
    for head in backend.heads() {
        let head = head.to_ascii_lowercase();
        for word in ["upgrade", "h2c", "http2-settings"] {
            assert!(!head.contains(word), "{head}");
        }
    }
}

fn assert_learned(double: &Double, path: &str) {
    double.flush();
    let mock = double.mock(path);
    assert_eq!((mock.status, mock.get("x-mock-source")), (200, Some("mock")), "{}", mock.text());
}

#[test]
fn an_offer_of_http_2_is_declined_and_the_exchange_learned() {
    let backend = Backend::answering(JSON);
    let double = Double::in_front_of(backend.url());
    let mut client = RawClient::connect(double.addr);
    for method in ["GET", "POST"] {
        let body = if method == "POST" { "content-length: 5\r\n\r\nhello" } else { "\r\n" };
        let request = format!("{method} /a HTTP/1.1\r\nhost: d\r\n{OFFER}{body}");
        // In one piece, and byte by byte.
        for _ in 0..3 {
            client.send(request.as_bytes());
            let answer = client.answer().expect("the connection is used on");
            assert_eq!((answer.status, answer.text().as_str()), (200, "{\"id\":7}"));
            assert_eq!((answer.get("upgrade"), answer.get("connection")), (None, None));
        }
        let mut slow = RawClient::connect(double.addr);
        for byte in request.as_bytes() {
            slow.send(&[*byte]);
        }
        assert_eq!(slow.answer().expect("an answer").text(), "{\"id\":7}");
    }
    assert_declined(&backend);
    assert_learned(&double, "/a");
}

#[test]
fn curl_that_offers_http_2_is_answered_and_learned() {
    let backend = Backend::answering(JSON);
    let double = Double::in_front_of(backend.url());
    for _ in 0..3 {
        let url = format!("http://{}/b", double.addr);
        let ran = Command::new("curl").args(["-sS", "--http2", "--noproxy", "*", &url]).output();
        let ran = ran.expect("curl is installed (.ci/run)");
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "{\"id\":7}", "{ran:?}");
    }
    assert_declined(&backend);
    assert_learned(&double, "/b");
}

#[test]
fn the_client_of_the_jdk_is_answered_and_learned() {
    let backend = Backend::answering(JSON);
    let double = Double::in_front_of(backend.url());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/transport/JdkClient.java");
    let url = format!("http://{}/c", double.addr);
    let ran = Command::new("java").arg(source).arg(&url).output();
    let ran = ran.expect("a JDK is installed (.ci/run)");
    let said = String::from_utf8_lossy(&ran.stdout);
    let expected = "200 HTTP_1_1 {\"id\":7}\n".repeat(6);
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(&ran.stderr));
    assert_declined(&backend);
    assert_learned(&double, "/c");
}
