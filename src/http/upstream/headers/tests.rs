use super::*;

fn header_policy() -> HeaderPolicy {
    HeaderPolicy {
        links: RouteLinks::default(),
        target: Target::parse("http://api.example:8080/base").unwrap(),
        preserve_host: false,
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        rewrite_location: false,
        pseudonym: "stunt-double-1".into(),
    }
}

/// An answer to a client that asked this host.
fn seen_at(host: &str) -> ResponseContext<'_> {
    ResponseContext { client_host: Some(host), ..ResponseContext::default() }
}

fn facts(peer: &str) -> ForwardContext<'static> {
    ForwardContext {
        peer: Some(peer.parse().unwrap()),
        scheme: "http",
        version: Version::HTTP_11,
        tunnel: false,
        trailers: false,
    }
}

fn fields(lines: &[(&str, &str)]) -> FieldLines {
    let field = |(name, value): &(&str, &str)| {
        (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    lines.iter().map(field).collect()
}

fn lines(headers: &FieldLines) -> Vec<String> {
    headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
}

/// Names in any order (the map of the server side has none), values of one name in theirs.
fn by_name(mut headers: FieldLines) -> Vec<String> {
    headers.sort_by(|(left, _), (right, _)| left.as_str().cmp(right.as_str()));
    lines(&headers)
}

fn map(headers: &FieldLines) -> HeaderMap {
    headers.iter().cloned().collect()
}

#[test]
fn requests_lose_what_belongs_to_the_hop_and_gain_what_the_hop_knows() {
    fn check(peer: &str, received: &[(&str, &str)], expected: &[&str]) {
        let received = fields(received);
        let sent = request_headers(&map(&received), facts(peer), &header_policy()).unwrap();
        let mut expected = expected.to_vec();
        expected.sort_by_key(|line| line.split_once(':').map(|(name, _)| name));
        assert_eq!(by_name(sent), expected);
    }
    check(
        "192.0.2.1",
        &[
            ("host", "double.local"),
            ("connection", "close, X-Secret, content-type, host, via"),
            ("x-secret", "hop"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("content-length", "5"),
            ("expect", "100-continue"),
            ("upgrade", "h2c"),
            ("content-type", "a/b"),
            ("x-mock-seed", "1"),
            ("x-forwarded-for", "6.6.6.6"),
            ("forwarded", "for=6.6.6.6"),
            ("accept", "a"),
            ("accept", "b"),
        ],
        &[
            "host: api.example:8080",
            "content-type: a/b",
            "accept: a",
            "accept: b",
            "via: 1.1 stunt-double-1",
            "x-forwarded-for: 192.0.2.1",
            "x-forwarded-proto: http",
            "x-forwarded-host: double.local",
        ],
    );
    check(
        "10.1.2.3",
        &[("host", "double.local"), ("x-forwarded-for", "8.8.8.8"), ("x-forwarded-proto", "https")],
        &[
            "host: api.example:8080",
            "x-forwarded-for: 8.8.8.8",
            "x-forwarded-proto: https",
            "via: 1.1 stunt-double-1",
            "x-forwarded-for: 10.1.2.3",
            "x-forwarded-host: double.local",
        ],
    );
}

#[test]
fn loops_are_found_in_any_member_of_via() {
    fn check(via: &[&str], is_loop: bool) {
        let received = fields(&via.iter().map(|value| ("via", *value)).collect::<Vec<_>>());
        let outcome = request_headers(&map(&received), facts("192.0.2.1"), &header_policy());
        assert_eq!(outcome.is_err(), is_loop, "{via:?}");
    }
    check(&["1.1 other"], false);
    check(&["1.1 stunt-double-12"], false);
    check(&["1.1 other, 1.0 stunt-double-1 (comment)"], true);
    check(&["1.1 other", "HTTP/1.1   Stunt-Double-1"], true);
}

#[test]
fn the_clients_host_is_kept_when_asked() {
    let received = fields(&[("host", "double.local")]);
    let header_policy = HeaderPolicy { preserve_host: true, ..header_policy() };
    let sent = request_headers(&map(&received), facts("192.0.2.1"), &header_policy).unwrap();
    assert_eq!(lines(&sent)[0], "host: double.local");
}

#[test]
fn upgrade_goes_along_with_a_tunnel_only() {
    let received = fields(&[("upgrade", "websocket"), ("connection", "upgrade")]);
    let facts = ForwardContext { tunnel: true, ..facts("192.0.2.1") };
    let sent = request_headers(&map(&received), facts, &header_policy()).unwrap();
    assert!(lines(&sent).contains(&"upgrade: websocket".to_owned()));
}

#[test]
fn responses_lose_hop_fields_and_the_doubles_own_names() {
    let received = fields(&[
        ("connection", "keep-alive, x-hop"),
        ("keep-alive", "timeout=5"),
        ("x-hop", "1"),
        ("x-mock-source", "forged"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    ]);
    let sent = response_headers(&received, ResponseContext::default(), &header_policy());
    assert_eq!(lines(&sent), ["set-cookie: a=1", "set-cookie: b=2", "via: 1.1 stunt-double-1"]);
}

#[test]
fn locations_inside_the_target_become_paths_of_the_double() {
    fn check(location: &str, expected: &str) {
        let header_policy = HeaderPolicy { rewrite_location: true, ..header_policy() };
        let received = fields(&[("location", location)]);
        let sent = response_headers(&received, seen_at("d:1"), &header_policy);
        assert_eq!(lines(&sent)[0], format!("location: {expected}"));
    }
    check("http://api.example:8080/base/a?b#c", "/a?b#c");
    check("//API.example:8080/base", "/");
    check("http://api.example:8080/base?q", "/?q");
    check("http://api.example:8080/basement", "http://api.example:8080/basement");
    check("https://api.example:8080/base/a", "https://api.example:8080/base/a");
    check("http://other/base/a", "http://other/base/a");
    check("/base/a", "/base/a");
}

#[test]
fn cookie_domains_of_the_target_become_the_doubles() {
    fn check(cookie: &str, expected: &str) {
        let header_policy = HeaderPolicy { rewrite_location: true, ..header_policy() };
        let received = fields(&[("set-cookie", cookie)]);
        let sent = response_headers(&received, seen_at("double:8000"), &header_policy);
        assert_eq!(lines(&sent)[0], format!("set-cookie: {expected}"));
    }
    check("a=1; Domain=api.example; Path=/", "a=1; Domain=double; Path=/");
    check("a=1; domain=.example", "a=1; Domain=double");
    check("a=1; Domain=xample", "a=1; Domain=xample");
    check("a=1; Domain=other.test", "a=1; Domain=other.test");
    check("domain=api.example; Path=/", "domain=api.example; Path=/");
    check("a=1; Domain=api.example.evil", "a=1; Domain=api.example.evil");
}
