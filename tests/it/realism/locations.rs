//! Redirects and links of mocks lead where the request leads, on hosts that are there.

use serde_json::json;

use crate::support::backend::Backend;
use crate::support::double::Double;

const MOCK: (&str, &str) = ("x-mock-enabled", "true");

/// Old paths lead to new ones, tickets to another service, and lists to their next page.
fn backend() -> Backend {
    Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            let target = head.line.split(' ').nth(1).unwrap_or("/").to_owned();
            let host = head.get("host").unwrap_or("none").to_owned();
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            let id = path.rsplit('/').next().unwrap_or_default();
            let answer = if path.starts_with("/old/") {
                format!("HTTP/1.1 302 Found\r\nlocation: http://{host}/new/{id}\r\n")
            } else if path.starts_with("/tickets/") {
                let code = id.len() * 7919 + id.bytes().map(usize::from).sum::<usize>() * 31;
                format!("HTTP/1.1 302 Found\r\nlocation: https://pay.test:8443/t{code}/{id}\r\n")
            } else {
                let page: u32 = query.trim_start_matches("page=").parse().unwrap_or(1);
                let next = page + 1;
                format!("HTTP/1.1 200 OK\r\nlink: </items?page={next}>; rel=\"next\"\r\n")
            };
            connection.write(format!("{answer}content-length: 0\r\n\r\n").as_bytes());
        }
    })
}

fn learned(backend: &Backend, flags: &[&str]) -> Double {
    let double = Double::with(flags).target(backend.url()).start();
    for n in 1..25 {
        double.get(&format!("/old/{}", 100 + n));
        double.get(&format!("/tickets/{}", 100 + n * 7));
        double.get(&format!("/items?page={n}"));
    }
    double.flush();
    double
}

#[test]
fn a_redirect_names_the_id_and_the_host_that_were_asked_for() {
    let backend = backend();
    let double = learned(&backend, &[]);
    for id in [7, 4711, 31] {
        let answer = double.request("GET", &format!("/old/{id}"), &[MOCK], b"");
        let own = format!("http://{}/new/{id}", double.addr);
        assert_eq!((answer.status, answer.get("location")), (302, Some(own.as_str())));
        let ticket = double.request("GET", &format!("/tickets/{id}"), &[MOCK], b"");
        let location = ticket.get("location").expect("a redirect");
        assert!(location.starts_with("https://pay.test:8443/"), "{location}");
        assert!(location.ends_with(&format!("/{id}")), "{location}");
    }
}

#[test]
fn with_rewritten_locations_mocks_are_as_relative_as_proxied_answers() {
    let backend = backend();
    let double = learned(&backend, &["--rewrite-location"]);
    assert_eq!(double.get("/old/7").get("location"), Some("/new/7"));
    assert_eq!(double.mock("/old/7").get("location"), Some("/new/7"));
}

#[test]
fn the_next_page_is_the_one_behind_the_page_that_was_asked_for() {
    let backend = backend();
    let double = learned(&backend, &[]);
    for page in [2, 9, 30] {
        let answer = double.mock(&format!("/items?page={page}"));
        let next = format!("</items?page={}>; rel=\"next\"", page + 1);
        assert_eq!(answer.get("link"), Some(next.as_str()));
    }
}

/// Says of itself what it was told of the double's host, as frameworks behind a proxy do.
fn told_backend() -> Backend {
    Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            let own = head.get("x-forwarded-host").unwrap_or("none").to_owned();
            let path = head.path().to_owned();
            let id = path.rsplit('/').next().unwrap_or_default();
            let body = json!({
                "id": id.parse::<u64>().unwrap_or(0), "self": format!("http://{own}{path}"),
                "next": format!("https://{own}/things?after={id}"),
                "headers": {"X-Forwarded-Host": own},
            });
            let body = body.to_string();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-served-for: {own}\r\n\
                 content-location: http://{own}/things/{id}\r\n\
                 link: <http://{own}/things>; rel=\"collection\"\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            connection.write(&[answer.as_bytes(), body.as_bytes()].concat());
        }
    })
}

#[test]
fn a_host_that_the_backend_was_told_of_is_shown_as_the_one_that_is_asked_for() {
    let backend = told_backend();
    let ask = |double: &Double, path: &str, more: &[(&str, &str)]| {
        let answer = double.request("GET", path, more, b"");
        let body = answer.json();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let header = |name: &str| answer.get(name).unwrap_or_default().to_owned();
        [
            text(&body["self"]),
            text(&body["next"]),
            text(&body["headers"]["X-Forwarded-Host"]),
            header("x-served-for"),
            header("content-location"),
            header("link"),
        ]
    };
    let expected = |host: &str, id: u32| {
        [
            format!("http://{host}/things/{id}"),
            format!("https://{host}/things?after={id}"),
            host.to_owned(),
            host.to_owned(),
            format!("http://{host}/things/{id}"),
            format!("<http://{host}/things>; rel=\"collection\""),
        ]
    };
    for flags in [&[] as &[&str], &["--preserve-host"], &["--trusted-proxies", "127.0.0.0/8"]] {
        let double = Double::with(flags).target(backend.url()).start();
        let trusted = flags.first() == Some(&"--trusted-proxies");
        let shop = [("x-forwarded-host", "shop.test:8443")];
        for n in 1..20 {
            let path = format!("/things/{}", n * 3);
            let seen = ask(&double, &path, if trusted { &shop } else { &[] });
            let host = if trusted { "shop.test:8443".into() } else { double.addr.to_string() };
            assert_eq!(seen, expected(&host, n * 3), "the backend");
        }
        double.flush();
        let own = double.addr.to_string();
        assert_eq!(ask(&double, "/things/7", &[MOCK]), expected(&own, 7), "{flags:?}");
        // Under another name it is that one, and who may not say so is not believed.
        let host = if trusted { "shop.test:8443".to_owned() } else { own };
        let named = ask(&double, "/things/8", &[MOCK, shop[0]]);
        assert_eq!(named, expected(&host, 8), "{flags:?}");
    }
}
