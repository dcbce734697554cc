//! Who reaches the admin, and by which spelling of its path.

use super::{problem, refused_field};
use crate::support::client::RawClient;
use crate::support::double::{Double, request};

/// A route of every kind, with a method it takes.
const ROUTES: [(&str, &str); 15] = [
    ("GET", "/endpoints"),
    ("GET", "/endpoints/x"),
    ("PATCH", "/endpoints/x"),
    ("DELETE", "/endpoints/x"),
    ("GET", "/endpoints/x/sample"),
    ("GET", "/explain?path=/x"),
    ("GET", "/settings"),
    ("PATCH", "/settings"),
    ("POST", "/flush"),
    ("POST", "/reset?confirm=true"),
    ("GET", "/version"),
    ("GET", "/openapi.json"),
    ("GET", "/no/such/route"),
    ("GET", "/overrides"),
    ("POST", "/requests/verify"),
];

#[test]
fn every_route_but_health_needs_the_token() {
    let double = Double::with(&["--admin-token", "geheim"]).start();
    let ask = |method: &str, path: &str, headers: &[(&str, &str)]| {
        double.request(method, &format!("/admin{path}"), headers, b"")
    };
    for (method, path) in ROUTES {
        for given in ["", "Bearer", "Bearer falsch", "Basic geheim", "geheim", "Bearer geheimx"] {
            let answer = ask(method, path, &[("authorization", given)]);
            let document = problem(&answer, 401, "unauthorized");
            assert_eq!(answer.get("www-authenticate"), Some("Bearer"));
            assert!(!document.to_string().contains("geheim"));
        }
        let with_token = ask(method, path, &[("authorization", "bearer geheim")]);
        assert_ne!(with_token.status, 401, "{method} {path}");
    }
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(ask("GET", path, &[]).status, 200, "{path}");
    }
    assert_eq!(double.admin("GET", "/version").status, 200, "the harness sends it");
}

#[test]
fn other_spellings_of_its_path_belong_to_the_backend() {
    let double = Double::in_front_of_demo();
    let absolute = format!("http://{}/admin/version", double.addr);
    for target in [
        "/%61dmin/version",
        "/%61%64%6D%69%6e/version",
        "/admi%6e/version",
        "/admin%2fversion",
        "/admin%2Fversion",
        "/%2e/admin/version",
        "/%2e%2e/admin/version",
        "/x/%2e%2e/admin/version",
        "/admin;/version",
        "/admin;x=y/version",
        "/admin%00/version",
        "/admin%20/version",
        "/;/admin/version",
        "///admin/version",
        "/%2fadmin/version",
        "/Admin/version",
        "//admin/version",
        "/ADMIN/version",
        "/admin2/version",
        "/x/../admin/version",
        "/./admin/version",
        absolute.as_str(),
    ] {
        let answer = double.get(target);
        assert_eq!(answer.get("x-mock-source"), Some("upstream"), "{target}: {}", answer.text());
    }
    let answer = double.get("/admin/version");
    assert_eq!((answer.status, answer.get("x-mock-source")), (200, None));
}

#[test]
fn the_prefix_can_be_chosen() {
    let double = Double::with(&["--admin-prefix", "/_double/ops"]).start();
    assert_eq!(double.admin("GET", "/version").status, 200);
    assert_eq!(double.get("/admin/version").get("x-mock-source"), Some("upstream"));
    let document = double.admin("GET", "/openapi.json").json();
    assert_eq!(document["servers"][0]["url"], "/_double/ops");
}

#[test]
fn a_listener_of_its_own_takes_the_admin_off_the_public_one() {
    let double = Double::with(&["--admin-listen", "127.0.0.1:0"]).start();
    assert_ne!(double.admin_addr, double.addr);
    assert_eq!(double.admin("GET", "/version").status, 200);
    assert_eq!(double.get("/admin/version").get("x-mock-source"), Some("upstream"));
    let outside = request(double.admin_addr, "GET", "/users/7", &[], b"");
    problem(&outside, 404, "not-found");
}

#[test]
fn pages_of_other_sites_give_no_orders_to_an_open_admin() {
    let double = Double::in_front_of_demo();
    let reset = |origin: &str| {
        double.request("POST", "/admin/reset?confirm=true", &[("origin", origin)], b"")
    };
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        problem(&reset(origin), 403, "forbidden");
    }
    assert_eq!(reset(&format!("http://{}", double.addr)).status, 200);
    let read = double.request("GET", "/admin/requests", &[("origin", "http://evil.example")], b"");
    problem(&read, 403, "forbidden");
}

#[test]
fn a_rebound_name_reaches_no_open_admin() {
    let double = Double::in_front_of_demo();
    let ask = |host: &str| {
        let mut client = RawClient::connect(double.addr);
        client.send(
            format!("GET /admin/requests HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")
                .as_bytes(),
        );
        client.answer().expect("an answer")
    };
    let port = double.addr.port();
    for host in [format!("evil.example:{port}"), "evil.example".into(), "10.1.2.3".into()] {
        let document = problem(&ask(&host), 421, "misdirected");
        assert!(document["detail"].as_str().is_some_and(|hint| hint.contains("--admin-token")));
    }
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), "[::1]".into()] {
        assert_eq!(ask(&host).status, 200, "{host}");
    }
    // Whoever carries the token may come by any name, and so may all where that was allowed.
    let guarded = Double::with(&["--admin-token", "geheim"]).start();
    let headers = [("authorization", "Bearer geheim"), ("x-forwarded-host", "double.example")];
    assert_eq!(guarded.request("GET", "/admin/requests", &headers, b"").status, 200);
    let open = Double::with(&["--insecure-admin"]).start();
    let mut client = RawClient::connect(open.addr);
    client.send(b"GET /admin/version HTTP/1.1\r\nhost: double.example\r\n\r\n");
    assert_eq!(client.answer().expect("an answer").status, 200);
}

#[test]
fn orders_are_taken_as_json_only() {
    let double = Double::in_front_of_demo();
    let order = br#"{"mode": "mock"}"#;
    let send =
        |headers: &[(&str, &str)]| double.request("PATCH", "/admin/settings", headers, order);
    // Types that a page may send anywhere without a preflight, and none.
    for declared in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        problem(&send(&[("content-type", declared)]), 415, "not-json");
    }
    problem(&send(&[]), 415, "not-json");
    assert_eq!(double.admin("GET", "/settings").json()["mode"], "proxy");
    for declared in ["application/json; charset=utf-8", "application/merge-patch+json"] {
        assert_eq!(send(&[("content-type", declared)]).status, 200, "{declared}");
    }
    // Documents of other kinds are asked about first, too.
    let document = br#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}"#;
    let import =
        |headers: &[(&str, &str)]| double.request("POST", "/admin/import", headers, document);
    for declared in ["text/plain; charset=utf-8", "multipart/form-data; boundary=x"] {
        problem(&import(&[("content-type", declared)]), 415, "not-json");
    }
    problem(&import(&[]), 415, "not-json");
    assert_eq!(import(&[("content-type", "application/octet-stream")]).status, 200);
}

#[test]
fn unknown_routes_and_methods_are_told_apart() {
    let double = Double::in_front_of_demo();
    for path in ["/nope", "/assets/", "/endpoints/", "/endpoints/a/b/c", "/flush/now"] {
        problem(&double.admin("GET", path), 404, "not-found");
    }
    for (method, path, allow) in [
        ("PUT", "/endpoints", "GET, HEAD"),
        ("POST", "/endpoints/x", "GET, HEAD, PATCH, DELETE"),
        ("GET", "/flush", "POST"),
        ("DELETE", "/settings", "GET, HEAD, PATCH"),
        ("PURGE", "/version", "GET, HEAD"),
    ] {
        let answer = double.admin(method, path);
        problem(&answer, 405, "method-not-allowed");
        assert_eq!(answer.get("allow"), Some(allow), "{method} {path}");
    }
}

#[test]
fn head_is_get_without_the_body() {
    let double = Double::in_front_of_demo();
    for path in ["/version", "/endpoints", "/health/ready", "/openapi.json"] {
        let (get, head) = (double.admin("GET", path), double.admin("HEAD", path));
        assert_eq!((get.status, head.status), (200, 200), "{path}");
        assert_eq!(head.get("content-length"), get.get("content-length"), "{path}");
        assert!(head.body.is_empty());
    }
}

#[test]
fn answers_are_not_kept_by_caches() {
    let double = Double::in_front_of_demo();
    for path in ["/version", "/endpoints", "/nope", "/endpoints/x", "/chaos/rules"] {
        let answer = double.admin("GET", path);
        assert_eq!(answer.get("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.get("x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[test]
fn a_connection_serves_the_admin_and_the_backend_in_turn() {
    let double = Double::in_front_of_demo();
    let mut client = RawClient::connect(double.addr);
    for _ in 0..3 {
        assert_eq!(client.get("/admin/version").get("x-mock-source"), None);
        assert_eq!(client.get("/health").get("x-mock-source"), Some("upstream"));
    }
    refused_field(&double.admin("GET", "/version?verbose=1"), 400, "verbose");
}
