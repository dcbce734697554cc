//! Redirects and links of mocks lead where the request leads, on hosts that are there.

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
