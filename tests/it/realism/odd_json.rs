//! JSON as backends really send it: odd values, marks and charsets, and their own address.

use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::client::RawAnswer;
use crate::support::double::Double;

/// A backend that answers each path with the bytes and the content type that `answer` makes.
fn backend(
    answer: impl Fn(&str, &str) -> (&'static str, Vec<u8>) + Send + Sync + 'static,
) -> Backend {
    Backend::start(move |connection| {
        while let Some((head, _)) = connection.read_request() {
            let host = head.get("host").unwrap_or_default();
            let (kind, body) = answer(head.path(), host);
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
            );
            connection.write(&[head.as_bytes(), &body].concat());
        }
    })
}

fn learned(backend: &Backend, path: impl Fn(usize) -> String) -> Double {
    let double = Double::in_front_of(backend.url());
    for n in 0..12 {
        assert_eq!(double.get(&path(n)).status, 200);
    }
    double.flush();
    double
}

fn body_of(double: &Double, label: &str) -> Value {
    let id = double.endpoint_id(label);
    double.admin("GET", &format!("/endpoints/{id}")).json()["answers"]["200"]["body"].clone()
}

const ODD: [&str; 8] = [
    r#"{"level":1e400,"name":"alpha","tags":["a"]}"#,
    r#"{"level":NaN,"name":"alpha","tags":["a"]}"#,
    r#"{"level":-Infinity,"name":"alpha","tags":["a"]}"#,
    r#"{"level":3,"name":"al\ud83dpha","tags":["a"]}"#,
    "{\"level\":3,\"name\":\"al\tpha\",\"tags\":[\"a\"]}",
    r#"{"level":3,"name":"alpha","tags":["a",],}"#,
    "\u{feff}{\"level\":3,\"name\":\"alpha\",\"tags\":[\"a\"]}",
    ")]}',\n{\"level\":3,\"name\":\"alpha\",\"tags\":[\"a\"]}",
];

#[test]
fn one_odd_value_does_not_hide_the_shape() {
    for odd in ODD {
        let backend = backend(move |path, _| {
            let is_odd = path.ends_with(['1', '4', '7']);
            let plain = r#"{"level":7,"name":"beta","tags":["b","c"]}"#;
            ("application/json", if is_odd { odd } else { plain }.as_bytes().to_vec())
        });
        let double = learned(&backend, |n| format!("/levels?n={n}"));
        let body = body_of(&double, "GET /levels");
        assert_eq!(body["kind"], "json", "{odd}: {body}");
        assert_eq!(body["opaque"], Value::Null, "{odd}: {body}");
        for seed in 0..20 {
            let mock = double.mock_with("/levels", &[("x-mock-seed", &seed.to_string())]);
            let json = mock.json();
            let members: Vec<&String> = json.as_object().expect("an object").keys().collect();
            assert_eq!(members, ["level", "name", "tags"], "{odd}: {json}");
            assert!(json["level"].is_number() || json["level"].is_null(), "{odd}: {json}");
        }
    }
}

/// `text` in a charset, as a backend would write it.
fn encode(charset: &str, text: &str) -> Vec<u8> {
    match charset {
        "iso-8859-1" => text.chars().map(|letter| u8::try_from(letter).expect("Latin")).collect(),
        "utf-16" => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-8" => format!("\u{feff}{text}").into_bytes(),
        other => panic!("{other}"),
    }
}

fn decode(charset: &str, bytes: &[u8]) -> String {
    match charset {
        "iso-8859-1" => bytes.iter().map(|byte| char::from(*byte)).collect(),
        "utf-16" => {
            let units: Vec<u16> =
                bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            let text = String::from_utf16(&units).expect("UTF-16");
            text.strip_prefix('\u{feff}').expect("a mark").to_owned()
        }
        "utf-8" => {
            let text = std::str::from_utf8(bytes).expect("UTF-8");
            text.strip_prefix('\u{feff}').expect("a mark").to_owned()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_charset_and_a_mark_come_back() {
    for (charset, kind) in [
        ("iso-8859-1", "application/json; charset=iso-8859-1"),
        ("utf-16", "application/json; charset=utf-16"),
        ("utf-8", "application/json"),
    ] {
        let backend = backend(move |path, _| {
            let city = ["Zürich", "Malmö"][usize::from(path.ends_with(['1', '3', '5', '7', '9']))];
            (kind, encode(charset, &format!(r#"{{"city":"{city}","size":{}}}"#, path.len())))
        });
        let double = learned(&backend, |n| format!("/cities/{n}"));
        assert_eq!(body_of(&double, "GET /cities/{id}")["kind"], "json", "{charset}");
        let mut cities = Vec::new();
        for id in 20..40 {
            let mock = double.mock(&format!("/cities/{id}"));
            assert_eq!(mock.get("content-type"), Some(kind));
            let text = decode(charset, &mock.body);
            let json: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
            cities.push(json["city"].as_str().expect("a name").to_owned());
            let head = double.request(
                "HEAD",
                &format!("/cities/{id}"),
                &[("x-mock-enabled", "true")],
                b"",
            );
            assert_eq!(head.get("content-length"), Some(mock.body.len().to_string().as_str()));
        }
        assert!(cities.iter().any(|city| city == "Zürich"), "{charset}: {cities:?}");
    }
}

#[test]
fn what_cannot_be_read_is_opaque_and_says_why() {
    for (kind, body, reason) in [
        ("application/json", b"<html>not json</html>".to_vec(), "syntax"),
        ("application/json; charset=x-unheard-of", b"{\"a\":\"\xe9\"}".to_vec(), "charset"),
        ("application/json", "[".repeat(500).into_bytes(), "too-deep"),
        ("application/json", vec![b' '; 300 << 10], "too-long"),
    ] {
        let backend = backend(move |_, _| (kind, body.clone()));
        let double = learned(&backend, |_| "/thing".to_owned());
        let body = body_of(&double, "GET /thing");
        assert_eq!(body["opaque"], json!([{ "reason": reason, "bodies": 12 }]), "{body}");
    }
}

/// The members that httpbin, Spring and hypermedia APIs put into every answer.
fn naming_itself() -> Backend {
    backend(|path, host| {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let id = bare.rsplit('/').next().unwrap_or_default();
        let body = json!({
            "url": format!("http://{host}{path}"),
            "base": format!("http://{host}{bare}"),
            "path": bare,
            "host": host,
            "_links": {
                "self": { "href": format!("http://{host}{bare}") },
                "owner": { "href": format!("http://{host}/people/{}/card", id.len() * 7) },
            },
            "size": query.len(),
        });
        ("application/json", body.to_string().into_bytes())
    })
}

fn check_own(double: &Double, backend: &Backend, path: &str, mock: &RawAnswer) {
    let host = double.addr.to_string();
    let bare = path.split('?').next().unwrap_or_default();
    let json = mock.json();
    assert_eq!(json["url"], format!("http://{host}{path}"), "{json}");
    assert_eq!(json["base"], format!("http://{host}{bare}"), "{json}");
    assert_eq!(json["path"], bare, "{json}");
    assert_eq!(json["host"], host, "{json}");
    assert_eq!(json["_links"]["self"]["href"], format!("http://{host}{bare}"), "{json}");
    let owner = json["_links"]["owner"]["href"].as_str().expect("a URL");
    let begin = format!("http://{host}/people/");
    assert!(owner.starts_with(&begin) && owner.ends_with("/card"), "{owner}");
    let text = mock.text();
    for foreign in [backend.addr.to_string(), "backend.invalid".to_owned()] {
        assert!(!text.contains(&foreign), "{foreign} in {text}");
    }
}

#[test]
fn a_url_of_the_request_is_the_doubles_own_and_no_host_or_port_is_invented() {
    let backend = naming_itself();
    let double = learned(&backend, |n| match n % 3 {
        0 => format!("/anything/{}", n + 1),
        _ => format!("/anything/{}?page={n}&sort=name", n + 1),
    });
    for path in ["/anything/5", "/anything/977", "/anything/5?page=3", "/anything/8?a=b%20c"] {
        check_own(&double, &backend, path, &double.mock(path));
    }
    let id = double.endpoint_id("GET /anything/{id}");
    let detail = double.admin("GET", &format!("/endpoints/{id}")).json();
    let echoes = detail["answers"]["200"]["body"]["echoes"].as_array().expect("echoes");
    assert!(echoes.iter().any(|echo| echo["origin"] == "url" && echo["pointer"] == "/url"));
}

#[test]
fn what_a_write_says_of_its_address_is_the_doubles_own_too() {
    let backend = Backend::start(|connection| {
        while let Some((head, body)) = connection.read_request() {
            let host = head.get("host").unwrap_or_default();
            let asked = head.get("x-forwarded-host").unwrap_or_default();
            let posted: Value = serde_json::from_slice(&body).unwrap_or_default();
            let body = json!({
                "json": posted, "url": format!("http://{host}{}", head.path()),
                "headers": { "Host": host, "X-Forwarded-Host": asked },
                "more": format!("http://{host}/notes/7/history"),
            });
            let (status, body) = match head.get("authorization") {
                Some(_) => ("201 Created", body.to_string()),
                None => ("401 Unauthorized", "{}".to_owned()),
            };
            let length = body.len();
            connection.write(
                format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\
                     content-length: {length}\r\n\r\n{body}"
                )
                .as_bytes(),
            );
        }
    });
    let double = Double::in_front_of(backend.url());
    let post = |headers: &[(&str, &str)], n: usize| {
        let body = json!({ "title": format!("t{n}") }).to_string();
        let headers = [&[("content-type", "application/json")], headers].concat();
        double.request("POST", "/notes", &headers, body.as_bytes())
    };
    for n in 0..10 {
        post(&[("authorization", "Bearer abc")], n);
        post(&[], n);
    }
    double.flush();
    let mock = post(&[("authorization", "Bearer abc"), ("x-mock-enabled", "true")], 99);
    assert_eq!(mock.status, 201, "{}", mock.text());
    let (json, host) = (mock.json(), double.addr.to_string());
    assert_eq!(json["url"], format!("http://{host}/notes"), "{json}");
    assert_eq!(
        json["more"].as_str().map(|url| url.starts_with(&format!("http://{host}/"))),
        Some(true),
        "{json}"
    );
    assert_eq!(json["headers"]["Host"], host, "{json}");
}

#[test]
fn an_address_is_the_own_one_after_a_single_answer() {
    let backend = backend(|_, host| {
        let body = json!({ "next": format!("http://{host}/page/two") });
        ("application/json", body.to_string().into_bytes())
    });
    let double = Double::in_front_of(backend.url());
    double.get("/page/one");
    double.flush();
    for _ in 0..5 {
        let mock = double.mock("/page/one").json();
        let next = mock["next"].as_str().expect("a URL").to_owned();
        assert!(next.starts_with(&format!("http://{}/", double.addr)), "{next}");
    }
}
