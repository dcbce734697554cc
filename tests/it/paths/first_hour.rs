//! The first exchanges with a backend: nothing is lost, and what differs stays apart.

use crate::support::backend::Backend;
use crate::support::double::Double;

use super::observations;

/// An answer with a status, a media type and a body.
type Answered = (u16, &'static str, String);

/// A backend that answers each method and path as `answer` says.
fn site(answer: impl Fn(&str, &str) -> Answered + Send + Sync + 'static) -> Backend {
    Backend::start(move |connection| {
        while let Some((head, _body)) = connection.read_request() {
            let method = head.line.split(' ').next().unwrap_or_default();
            let (status, media, body) = answer(method, head.path());
            let location = if status == 301 { "location: /users\r\n" } else { "" };
            let length = body.len();
            connection.write(
                format!(
                    "HTTP/1.1 {status} X\r\n{location}content-type: {media}\r\n\
                     content-length: {length}\r\n\r\n{body}"
                )
                .as_bytes(),
            );
        }
    })
}

#[test]
fn three_words_that_come_back_are_three_endpoints() {
    for flush_each in [false, true] {
        let backend = site(|_, _| (200, "application/json", "{\"ok\":true}".to_owned()));
        let double = Double::in_front_of(backend.url());
        for round in 1..=2 {
            for path in ["/login", "/logout", "/profile"] {
                double.get(path);
                if flush_each {
                    double.flush();
                }
            }
            double.flush();
            let known = observations(&double);
            let expected = ["GET /login", "GET /logout", "GET /profile"];
            assert!(known.keys().eq(expected), "after {round}: {known:?}");
            assert!(known.values().all(|n| *n == round), "{known:?}");
        }
        assert_eq!(double.mock("/login").status, 200);
    }
}

fn asset(path: &str) -> Answered {
    let (_, extension) = path.rsplit_once('.').unwrap_or(("", "html"));
    let media = match extension {
        "css" => "text/css",
        "js" => "text/javascript",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => "text/html",
    };
    (200, media, format!("/* {path} */"))
}

#[test]
fn a_page_of_31_assets_keeps_all_of_them_and_their_types() {
    let names = ["reset", "main", "theme", "app", "vendor", "logo", "hero", "icon"];
    let mut paths = vec!["/index.html".to_owned()];
    for (folder, extension, count) in
        [("css", "css", 7), ("js", "js", 8), ("img", "png", 7), ("static", "svg", 3)]
    {
        paths.extend(names.iter().take(count).map(|name| format!("/{folder}/{name}.{extension}")));
    }
    for (name, extension) in
        [("reset", "css"), ("logo", "png"), ("app", "js"), ("inter", "woff2"), ("icon", "svg")]
    {
        paths.push(format!("/static/{name}.{extension}"));
    }
    assert_eq!(paths.len(), 31);
    let backend = site(|_, path| asset(path));
    let double = Double::in_front_of(backend.url());
    for _ in 0..3 {
        paths.iter().for_each(|path| assert_eq!(double.get(path).status, 200));
    }
    double.flush();
    let known = observations(&double);
    assert_eq!(known.values().sum::<u64>(), 93, "{known:?}");
    for path in &paths {
        let mock = double.mock(path);
        assert_eq!(mock.status, 200, "{path} {known:?}");
        let media = mock.get("content-type").unwrap_or_default();
        assert!(media.starts_with(asset(path).1), "{path}: {media} {known:?}");
    }
}

#[test]
fn a_small_app_keeps_its_twenty_exchanges_at_every_step() {
    let backend = site(|_, path| {
        let (kind, item) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
        let body = if item.is_empty() {
            format!("[{{\"{kind}_id\":1,\"{kind}_name\":\"a\",\"{kind}_at\":2}}]")
        } else {
            format!("{{\"{kind}_id\":{item},\"{kind}_name\":\"a\",\"{kind}_at\":2}}")
        };
        (200, "application/json", body)
    });
    let double = Double::in_front_of(backend.url());
    for round in 0..5 {
        for (at, path) in ["/users", "/users/1", "/orders", "/orders/7"].iter().enumerate() {
            double.get(path);
            double.flush();
            let known = observations(&double);
            let expected = round * 4 + at as u64 + 1;
            assert_eq!(known.values().sum::<u64>(), expected, "{known:?}");
        }
    }
    for path in ["/users", "/users/1", "/orders", "/orders/7"] {
        assert_eq!(double.mock(path).status, 200, "{path}");
    }
}

#[test]
fn a_shuffled_api_keeps_every_exchange() {
    for rounds in [2u64, 7, 27] {
        let backend = site(|_, path| {
            let last = path.rsplit('/').next().unwrap_or_default();
            (200, "application/json", format!("{{\"{}\":1}}", last.len()))
        });
        let double = Double::in_front_of(backend.url());
        let mut sent = 0;
        for round in 0..rounds {
            for at in 0..9 {
                // 2 and 9 have no common factor: every round is another order of all nine.
                let (name, id) =
                    (["users", "teams", "tags"][at % 3], (at * 2 + round as usize) % 9);
                let path = match id % 3 {
                    0 => format!("/api/v2/{name}"),
                    1 => format!("/api/v2/{name}/{id}"),
                    _ => format!("/api/v2/{name}/{id}/notes"),
                };
                assert_eq!(double.get(&path).status, 200);
                sent += 1;
            }
        }
        double.flush();
        let known = observations(&double);
        assert_eq!(known.values().sum::<u64>(), sent, "{known:?}");
    }
}

#[test]
fn a_slash_at_the_end_is_told_apart_by_its_answer() {
    let backend = site(|_, path| match path {
        "/users/" => (301, "text/html", String::new()),
        _ => (200, "application/json", "[{\"id\":1,\"name\":\"a\"}]".to_owned()),
    });
    let double = Double::in_front_of(backend.url());
    for _ in 0..4 {
        double.get("/users/");
        double.get("/users");
        double.get("/teams/");
        double.get("/teams");
    }
    double.flush();
    for _ in 0..10 {
        assert_eq!(double.mock("/users").status, 200);
        assert_eq!(double.mock("/users/").status, 301);
    }
    let known = observations(&double);
    assert_eq!(known.get("GET /teams"), Some(&8), "both spellings answer alike: {known:?}");
}

#[test]
fn a_method_that_the_backend_refuses_is_no_endpoint() {
    let backend = site(|method, _| match method {
        "GET" => (200, "application/json", "{\"id\":1}".to_owned()),
        "BREW" => (501, "text/plain", String::new()),
        _ => (405, "text/plain", String::new()),
    });
    let double = Double::in_front_of(backend.url());
    for method in ["GET", "PATCH", "PUT", "BREW", "GET", "PATCH", "PUT", "BREW"] {
        double.request(method, "/users", &[], b"");
    }
    double.flush();
    let known = observations(&double);
    assert!(known.keys().eq(["GET /users"]), "{known:?}");
}
