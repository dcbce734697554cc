//! What a request says shows in its answer, as the backend let it show.

use serde_json::{Value, json};

use crate::support::backend::{Backend, ReceivedHead};
use crate::support::double::Double;

/// A backend whose answers are made by `answer`: content type and headers, then the body.
pub fn backend(
    answer: impl Fn(&ReceivedHead, &[u8]) -> (String, String) + Send + Sync + 'static,
) -> Backend {
    Backend::start(move |connection| {
        while let Some((head, body)) = connection.read_request() {
            let (headers, body) = answer(&head, &body);
            let head =
                format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len());
            connection.write(&[head.as_bytes(), body.as_bytes()].concat());
        }
    })
}

const MOCK: (&str, &str) = ("x-mock-enabled", "true");

#[test]
fn an_id_sent_in_a_header_comes_back_in_header_and_body() {
    let backend = backend(|head, _| {
        let id = head.get("x-correlation-id").unwrap_or("none");
        let headers = format!("content-type: application/json\r\nx-trace: {id}\r\n");
        (headers, json!({ "state": "ok", "meta": { "request": id } }).to_string())
    });
    let double = Double::in_front_of(backend.url());
    for n in 0..12 {
        let id = format!("{n}canary{n}");
        double.request("GET", "/status", &[("x-correlation-id", &id)], b"");
    }
    double.flush();
    let answer = double.request("GET", "/status", &[MOCK, ("x-correlation-id", "mine")], b"");
    assert_eq!(answer.get("x-trace"), Some("mine"));
    assert_eq!(answer.json()["meta"]["request"], "mine");
    let id = double.endpoint_id("GET /status");
    let detail = double.admin("GET", &format!("/endpoints/{id}")).json();
    let answers = &detail["answers"]["200"];
    assert_eq!(answers["body"]["echoes"][0]["origin"], "header", "{answers}");
    assert!(!detail.to_string().contains("canary"), "{detail}");
}

#[test]
fn the_representation_is_the_one_that_is_preferred() {
    let backend = backend(|head, _| {
        let german = head.get("accept-language").is_some_and(|l| l.starts_with("de"));
        let language = if german { "de" } else { "en" };
        let html = head.get("accept").is_some_and(|accept| accept.contains("html"));
        let (media, body) = match html {
            true => ("text/html; charset=utf-8", "<p>hello</p>".to_owned()),
            false => ("application/json", json!({ "text": "hello" }).to_string()),
        };
        (format!("content-type: {media}\r\ncontent-language: {language}\r\n"), body)
    });
    let double = Double::in_front_of(backend.url());
    let ask = |accept: &str, language: &str, mock: &str| {
        let headers = [("accept", accept), ("accept-language", language), ("x-mock-enabled", mock)];
        let headers = if mock.is_empty() { &headers[..2] } else { &headers[..] };
        double.request("GET", "/greeting", headers, b"")
    };
    for n in 0..12 {
        let accept = ["application/json", "text/html, */*;q=0.1", "*/*"][n % 3];
        ask(accept, ["de-DE, en;q=0.5", "en"][n % 2], "");
    }
    double.flush();
    let check = |accept: &str, language: &str, media: &str, spoken: &str| {
        let answer = ask(accept, language, "true");
        assert_eq!(answer.get("content-type"), Some(media), "{accept}");
        assert_eq!(answer.get("content-language"), Some(spoken), "{language}");
        let is_json = serde_json::from_str::<Value>(&answer.text()).is_ok();
        assert_eq!(is_json, media == "application/json", "{}", answer.text());
    };
    check("application/json", "de", "application/json", "de");
    check("text/html;q=0.9, application/json;q=0.2", "en-GB", "text/html; charset=utf-8", "en");
    check("*/*", "fr, de;q=0.3", "application/json", "de");
    let id = double.endpoint_id("GET /greeting");
    let detail = double.admin("GET", &format!("/endpoints/{id}")).json();
    assert_eq!(detail["answers"]["200"]["negotiation"][0]["header"], "accept", "{detail}");
}

#[test]
fn what_is_posted_comes_back_whole() {
    let backend = backend(|head, body| {
        let posted: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = head.get("content-length").unwrap_or("0");
        let stored = json!({
            "id": format!("n{id}"),
            "tags": posted["tags"],
            "place": posted["place"],
        });
        ("content-type: application/json\r\n".to_owned(), stored.to_string())
    });
    let double = Double::in_front_of(backend.url());
    for n in 0..8 {
        let place = json!({ "city": format!("C{n}"), "at": [n, n + 1] });
        double.post("/notes", &json!({ "tags": [format!("t{n}"), "all"], "place": place }));
    }
    double.flush();
    let posted = json!({ "tags": ["mine", "new", "three"], "place": { "city": "X", "at": [] } });
    let steering = [MOCK, ("content-type", "application/json")];
    let answer = double.request("POST", "/notes", &steering, posted.to_string().as_bytes());
    assert_eq!(answer.json()["tags"], posted["tags"]);
    assert_eq!(answer.json()["place"], posted["place"]);
}

/// Unix milliseconds.
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[test]
fn what_was_issued_now_is_issued_now_and_expires_as_long_after_as_ever() {
    let backend = backend(|_, _| {
        let now_s = now_ms() / 1000;
        let expires = jiff::Timestamp::from_second(now_s + 900).expect("a time");
        let body = json!({
            "issued_at": now_s,
            "issued_at_ms": now_s * 1000,
            "expires_at": expires.to_string(),
        });
        ("content-type: application/json\r\n".to_owned(), body.to_string())
    });
    let double = Double::in_front_of(backend.url());
    for _ in 0..20 {
        double.get("/grant");
    }
    double.flush();
    for seed in 0..10 {
        let steering = [MOCK, ("x-mock-session", &seed.to_string())];
        let answer = double.request("GET", "/grant", &steering, b"").json();
        let issued = answer["issued_at"].as_i64().expect("a number");
        let expires: jiff::Timestamp =
            answer["expires_at"].as_str().and_then(|at| at.parse().ok()).expect("a time");
        assert_eq!(expires.as_second(), issued + 900, "{answer}");
        assert_eq!(answer["issued_at_ms"], issued * 1000, "{answer}");
        assert!((now_ms() / 1000 - issued).abs() <= 60, "{answer}");
    }
}
