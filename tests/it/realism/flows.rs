//! Flows over several requests: logins, walks, retries, and bodies as the client can read them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::echoes::backend;
use crate::support::backend::Backend;
use crate::support::client::RawAnswer;
use crate::support::double::Double;
use crate::support::eventually;

const MOCK: (&str, &str) = ("x-mock-enabled", "true");
const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A service with a session: who logs in is greeted by name.
fn greeter() -> Backend {
    let sessions: Mutex<BTreeMap<String, String>> = Mutex::default();
    backend(move |head, body| {
        let mut sessions = sessions.lock().expect("no test panics in here");
        if head.path() == "/login" {
            let form = String::from_utf8_lossy(body).into_owned();
            let user = form.split('&').find_map(|pair| pair.strip_prefix("user="));
            let number = sessions.len() as u128 + 1;
            let sid = format!("{:032x}", 0x9e37_79b9_7f4a_7c15_f39c_u128.wrapping_mul(number));
            sessions.insert(sid.clone(), user.unwrap_or_default().to_owned());
            return (format!("set-cookie: sid={sid}; Path=/\r\n"), String::new());
        }
        let cookie = head.get("cookie").unwrap_or_default();
        let user = cookie.split("sid=").nth(1).and_then(|sid| sessions.get(sid.trim()));
        let page = match user {
            Some(user) => format!("<!doctype html><html><h1>Welcome {user}</h1></html>"),
            None => "<!doctype html><html><h1>Please sign in</h1></html>".to_owned(),
        };
        ("content-type: text/html\r\n".to_owned(), page)
    })
}

fn cookie(answer: &RawAnswer) -> String {
    let set = answer.get("set-cookie").expect("a cookie");
    set.split(';').next().unwrap_or_default().to_owned()
}

#[test]
fn who_logged_in_is_greeted_by_the_name_that_was_sent_and_who_did_not_is_not() {
    let backend = greeter();
    let double = Double::in_front_of(backend.url());
    let visit = |name: &str, steering: &[(&str, &str)]| -> (String, String) {
        let headers = |more: &[(&'static str, String)]| {
            let own = more.iter().map(|(name, value)| (*name, value.clone()));
            let all = steering.iter().map(|(name, value)| (*name, (*value).to_owned()));
            all.map(|(n, v)| (n.to_owned(), v))
                .chain(own.map(|(n, v)| (n.to_owned(), v)))
                .collect::<Vec<_>>()
        };
        let ask = |method: &str, path: &str, more: &[(&'static str, String)], body: &str| {
            let own = headers(more);
            let own: Vec<(&str, &str)> = own.iter().map(|(n, v)| (&**n, &**v)).collect();
            double.request(method, path, &own, body.as_bytes())
        };
        let before = ask("GET", "/home", &[], "").text();
        let form = [("content-type", FORM.1.to_owned())];
        let login = ask("POST", "/login", &form, &format!("user={name}&pin=1"));
        let sid = [("cookie", cookie(&login))];
        (before, ask("GET", "/home", &sid, "").text())
    };
    for n in 0..16 {
        visit(&format!("guest{n}"), &[]);
    }
    double.flush();
    for name in ["wilhelmina", "quirin", "oluwaseun"] {
        let (before, after) = visit(name, &[MOCK, ("x-mock-session", name)]);
        assert!(before.contains("Please sign in"), "{before}");
        assert!(after.contains(&format!("Welcome {name}<")), "{after}");
    }
}

/// Entries behind an opaque cursor, 43 of them, that nothing ever writes.
fn feed(query: &str) -> Value {
    let asked = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    let from: usize = asked("after=").map_or(0, |at| at[3..].parse().unwrap_or(0));
    let size: usize = asked("limit=").and_then(|n| n.parse().ok()).unwrap_or(10);
    let rows: Vec<Value> = (from..43)
        .take(size)
        .map(|n| json!({ "key": format!("e-{n:05}"), "weight": n % 7 }))
        .collect();
    let next = (from + size < 43).then(|| format!("pos{}", from + size));
    json!({ "rows": rows, "more": next.is_some(), "after": next })
}

#[test]
fn a_walk_that_was_recorded_ends_with_every_item_once() {
    let backend = backend(|head, _| {
        let (_, query) = head.path().split_once('?').unwrap_or((head.path(), ""));
        ("content-type: application/json\r\n".to_owned(), feed(query).to_string())
    });
    let double = Double::in_front_of(backend.url());
    let walk = |limit: usize, headers: &[(&str, &str)]| -> Vec<String> {
        let (mut after, mut keys) = (String::new(), Vec::new());
        for _page in 0..50 {
            let path = format!("/feed?limit={limit}{after}");
            let page = double.request("GET", &path, headers, b"").json();
            let rows = page["rows"].as_array().cloned().unwrap_or_default();
            keys.extend(rows.iter().map(|row| row["key"].as_str().unwrap_or_default().to_owned()));
            match page["after"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return keys,
            }
        }
        panic!("it does not end: {} keys", keys.len());
    };
    for n in 0..8 {
        walk([5, 10, 20][n % 3], &[]);
    }
    double.flush();
    for limit in [5, 10, 20] {
        let keys = walk(limit, &[MOCK]);
        let different: std::collections::BTreeSet<&String> = keys.iter().collect();
        assert_eq!((keys.len(), different.len()), (43, 43), "limit {limit}");
    }
}

#[test]
fn what_is_refused_the_first_time_passes_the_second() {
    let seen: Mutex<BTreeMap<String, u32>> = Mutex::default();
    let backend = Backend::start(move |connection| {
        while let Some((head, _)) = connection.read_request() {
            let mut seen = seen.lock().expect("no test panics in here");
            let times =
                seen.entry(head.get("x-client").unwrap_or_default().to_owned()).or_default();
            *times += 1;
            let (status, body) = match *times % 2 {
                1 => ("429 Too Many Requests\r\nretry-after: 1", "{\"error\":\"slow down\"}"),
                _ => ("200 OK", "{\"ok\":true}"),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            connection.write(&[head.as_bytes(), body.as_bytes()].concat());
        }
    });
    let double = Double::in_front_of(backend.url());
    for n in 0..40 {
        let client = format!("c-{:08x}", 0x9e37_79b9_u32.wrapping_mul(n / 2 + 1));
        double.request("GET", "/limited", &[("x-client", &client)], b"");
    }
    double.flush();
    for client in ["another-1", "another-2", "another-3"] {
        let ask = || double.request("GET", "/limited", &[MOCK, ("x-client", client)], b"").status;
        assert_eq!((ask(), ask()), (429, 200), "{client}");
    }
}

#[test]
fn a_header_that_repeats_one_of_the_request_does_so_in_the_mock() {
    let calls = AtomicUsize::new(0);
    let backend = backend(move |head, body| {
        let id = calls.fetch_add(1, Ordering::SeqCst);
        let text = serde_json::from_slice::<Value>(body).unwrap_or_default()["text"].clone();
        let applied = head.get("prefer").map(|p| format!("preference-applied: {p}\r\n"));
        let note = match head.get("prefer") {
            Some(prefer) if prefer.contains("minimal") => json!({ "state": "kept" }),
            _ => json!({ "state": "kept", "text": text, "rank": id % 5 }),
        };
        let head = format!("content-type: application/json\r\n{}", applied.unwrap_or_default());
        (head, note.to_string())
    });
    let double = Double::in_front_of(backend.url());
    let ask = |prefer: Option<&str>, headers: &[(&str, &str)]| {
        let mut headers = [headers, &[JSON]].concat();
        headers.extend(prefer.map(|prefer| ("prefer", prefer)));
        double.request("POST", "/notes", &headers, br#"{"text":"hello"}"#)
    };
    let wishes = [Some("return=minimal"), Some("return=representation"), None];
    for n in 0..30 {
        ask(wishes[n % 3], &[]);
    }
    double.flush();
    for wish in wishes {
        let answer = ask(wish, &[MOCK]);
        assert_eq!(answer.get("preference-applied"), wish, "{}", answer.head);
        assert_eq!(answer.json().get("text").is_some(), wish != Some("return=minimal"));
    }
}

#[test]
fn a_body_comes_in_the_coding_that_the_backend_gives_to_who_accepts_it() {
    let plain = json!({ "state": "ok", "size": 40 }).to_string().into_bytes();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&plain).expect("to memory");
    let coded = encoder.finish().expect("to memory");
    let backend = Backend::start(move |connection| {
        while let Some((head, _)) = connection.read_request() {
            let codings = head.get("accept-encoding").unwrap_or_default();
            let is_coded = codings.contains("gzip");
            let (label, body) =
                if is_coded { ("content-encoding: gzip\r\n", &coded) } else { ("", &plain) };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nvary: accept-encoding\r\n\
                 {label}content-length: {}\r\n\r\n",
                body.len()
            );
            connection.write(&[head.as_bytes(), body].concat());
        }
    });
    let double = Double::in_front_of(backend.url());
    for n in 0..12 {
        let codings = ["gzip, br", "identity"][n % 2];
        double.request("GET", "/state", &[("accept-encoding", codings)], b"");
    }
    double.flush();
    let coded = double.mock_with("/state", &[("accept-encoding", "gzip, br")]);
    assert_eq!(coded.get("content-encoding"), Some("gzip"), "{}", coded.head);
    let mut text = String::new();
    let mut decoder = flate2::read::GzDecoder::new(&coded.body[..]);
    decoder.read_to_string(&mut text).expect("it is gzip");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON")["state"], "ok");
    let plain = double.mock_with("/state", &[("accept-encoding", "identity")]);
    assert_eq!((plain.get("content-encoding"), &plain.json()["state"]), (None, &json!("ok")));
}

#[test]
fn a_stream_that_its_client_ends_goes_on_in_the_mock() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            let is_feed = head.path() == "/feed";
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
            connection.write(head.as_bytes());
            for n in 1..200 {
                let data = json!({ "n": n, "state": "on" });
                let event = format!("id: {n}\nevent: tick\ndata: {data}\n\n");
                if !is_feed || !connection.write(event.as_bytes()) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(4));
            }
        }
    });
    let double = Double::in_front_of(backend.url());
    let listen = |headers: &str, events: usize| -> String {
        let mut stream = TcpStream::connect(double.addr).expect("the double listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        let head =
            format!("GET /feed HTTP/1.1\r\nhost: d\r\naccept: text/event-stream\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).expect("the head is sent");
        let mut text = String::new();
        let mut piece = [0; 4096];
        while text.matches("event: tick").count() < events {
            let n = stream.read(&mut piece).expect("it goes on");
            assert_ne!(n, 0, "it ended: {text}");
            text.push_str(&String::from_utf8_lossy(&piece[..n]));
        }
        text
    };
    for round in 1..=6 {
        listen("", 5);
        // The double notices that its client has left when it writes again.
        eventually("the journal holds the stream", || {
            double.admin("GET", "/requests/count?path=/feed").json()["count"] == round
        });
    }
    double.flush();
    let text = listen("x-mock-enabled: true\r\n", 20);
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    assert!(text.contains("id: 20\n") && text.contains("\"n\":20"), "{text}");
}
