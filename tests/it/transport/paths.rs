//! Paths arrive as they were sent, and only at the target.

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::front::Front;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[test]
fn path_bytes_arrive_unchanged() {
    let backend = Backend::answering(OK);
    let front = Front::to(&backend.url());
    let mut client = RawClient::connect(front.addr);
    let paths = [
        "/a%2Fb",
        "/%2e%2e/x",
        "/a/../b",
        "/./a",
        "//a//b",
        "/a;b=c",
        "/a%00b",
        "/?",
        "/a?",
        "/a?b?c",
        "/a?b=%20+&c",
        "/%",
        "/%zz",
        "/a%C3%A9",
        "/~!$&'()*+,=:@",
        "/a|b",
        "/a?{}",
    ];
    for path in paths {
        assert_eq!(client.get(path).status, 200, "{path}");
        let head = backend.heads().pop().unwrap();
        assert_eq!(head.lines().next(), Some(format!("GET {path} HTTP/1.1").as_str()));
    }
}

#[test]
fn paths_no_uri_may_have_are_refused_or_arrive_unchanged() {
    let backend = Backend::answering(OK);
    let front = Front::to(&backend.url());
    for path in ["/a\\b", "/a\"b", "/é", "/a<b>", "/a^`b"] {
        let answer = RawClient::connect(front.addr).get(path);
        if answer.status == 200 {
            let head = backend.heads().pop().unwrap();
            assert_eq!(head.lines().next(), Some(format!("GET {path} HTTP/1.1").as_str()));
        } else {
            assert_eq!(answer.status, 400, "{path}");
        }
    }
}

#[test]
fn the_base_path_of_the_target_comes_first() {
    let backend = Backend::answering(OK);
    let front = Front::to(&format!("{}/api/v1/", backend.url()));
    RawClient::connect(front.addr).get("/users//7?x=1");
    assert!(backend.heads()[0].starts_with("GET /api/v1/users//7?x=1 HTTP/1.1\r\n"));
}

#[test]
fn no_target_form_and_no_host_leads_to_another_host() {
    let backend = Backend::answering(OK);
    let front = Front::to(&backend.url());
    for request in [
        "GET http://127.0.0.1:1/x HTTP/1.1\r\nhost: 127.0.0.1:1\r\n\r\n",
        "GET http://user@other.test/x HTTP/1.1\r\nhost: d\r\n\r\n",
        "GET /x HTTP/1.1\r\nhost: other.test\r\n\r\n",
        "GET /x HTTP/1.1\r\nhost: \r\n\r\n",
        "GET //other.test/x HTTP/1.1\r\nhost: d\r\n\r\n",
    ] {
        let mut client = RawClient::connect(front.addr);
        client.send(request.as_bytes());
        let answer = client.answer().unwrap();
        assert_eq!(answer.status, 200, "{request}");
        let head = backend.heads().pop().unwrap();
        assert!(head.contains(&format!("host: {}\r\n", backend.addr)), "{head}");
        assert!(head.starts_with("GET /x ") || head.starts_with("GET //other.test/x "), "{head}");
    }
}
