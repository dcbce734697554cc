//! Path templates through the running double: the same as the library's, and private.

mod first_hour;
mod large_site;
mod refused_methods;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};
use stunt_double::domain::path::{BodyShape, PathLearner, PathLimits, PathObservation};
use tempfile::TempDir;

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::{Double, request};

/// A backend that answers each path with the JSON that `body` makes of it.
fn answering(body: impl Fn(&str) -> String + Send + Sync + 'static) -> Backend {
    Backend::start(move |connection| {
        while let Some((head, _body)) = connection.read_request() {
            let body = body(head.path());
            let length = body.len();
            connection.write(
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                     content-length: {length}\r\n\r\n{body}"
                )
                .as_bytes(),
            );
        }
    })
}

/// Observations by `METHOD /template`.
fn observations(double: &Double) -> BTreeMap<String, u64> {
    let list = double.admin("GET", "/endpoints?per_page=500").json();
    let items = list["items"].as_array().expect("items");
    let label = |item: &Value| {
        let text = |name: &str| item[name].as_str().expect("a text").to_owned();
        format!("{} {}", text("method"), text("path"))
    };
    let count = |item: &Value| item["observations"].as_u64().expect("a number");
    items.iter().map(|item| (label(item), count(item))).collect()
}

/// A small API's log: ids of several kinds, words that hide a parameter, fixed words among them.
fn log() -> Vec<String> {
    const OWNERS: [&str; 8] =
        ["octocat", "torvalds", "hubber", "mojombo", "defunkt", "pjhyett", "wycats", "ivey"];
    let mut paths = Vec::new();
    for round in 0..3 {
        for (at, owner) in OWNERS.iter().enumerate() {
            let n = 100 * round + at * 7;
            paths.extend([
                "/v1/search/users".to_owned(),
                format!("/v1/users/{owner}"),
                format!("/v1/users/{owner}/followers"),
                format!("/v1/repos/{owner}/p{at}x/issues/{n}"),
                format!("/v1/orders/{n}/items"),
                format!("/v1/orders/5f94c37e-826f-4ecb-9c36-7c9bc0d1e2{at:02}"),
                format!("/v1/reports/2026-11-{:02}", at + 1),
                format!("/v1/posts/{n}.json"),
                "/v1/me".to_owned(),
            ]);
        }
    }
    paths
}

#[test]
fn a_replayed_log_gives_the_templates_the_library_gives() {
    let backend = answering(|_path| "{}".to_owned());
    let double = Double::in_front_of(backend.url());
    let mut learner = PathLearner::new(PathLimits::default());
    let mut client = RawClient::connect(double.addr);
    let log = log();
    for path in &log {
        let shape = BodyShape::of_json(b"{}");
        learner.observe(&PathObservation { method: "GET", path, status: 200, media: None, shape });
        assert_eq!(client.get(path).status, 200, "{path}");
    }
    double.flush();
    learner.settle();
    let tree = learner.tree();
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for path in &log {
        let template = tree.identify(path).template.to_string();
        let explained = double.admin("GET", &format!("/explain?path={path}")).json();
        assert_eq!(explained["template"], template, "{path}");
        assert!(explained["endpoint_id"].is_string(), "{path}");
        *expected.entry(format!("GET {template}")).or_default() += 1;
    }
    assert_eq!(observations(&double), expected);
    assert!(expected.contains_key("GET /v1/posts/{id}.json"), "{expected:?}");
}

#[test]
fn words_that_differ_only_by_what_they_answer_are_told_apart() {
    const TEAMS: [&str; 8] =
        ["otter", "falcon", "badger", "heron", "lynx", "stoat", "marten", "plover"];
    let paths = || TEAMS.iter().chain(&["search", "stats"]).map(|name| format!("/teams/{name}"));
    let team = r#"{"id":1,"name":"a","members":[{"id":1}],"owner":"o","created":1,"slug":"a"}"#;
    let grouped = |search: &'static str, stats: &'static str| {
        let backend = answering(move |path| {
            let body = match path {
                "/teams/search" => search,
                "/teams/stats" => stats,
                _ => team,
            };
            body.to_owned()
        });
        let double = Double::in_front_of(backend.url());
        // One that turns out to be an endpoint of its own is one for what is seen from then on.
        for _ in 0..2 {
            paths().cycle().take(40).for_each(|path| drop(double.get(&path)));
            double.flush();
        }
        observations(&double).into_keys().collect::<Vec<_>>()
    };
    let told = grouped(
        r#"{"query":"","hits":[],"took":1,"page":1,"pages":1,"next":null}"#,
        r#"{"total":8,"active":3,"per_day":[1],"longest":9,"mean":2.5,"updated":"x"}"#,
    );
    assert_eq!(told, ["GET /teams/search", "GET /teams/stats", "GET /teams/{name}"]);
    // The same paths, and nothing but the bodies is different.
    assert_eq!(grouped(team, team), ["GET /teams/{name}"]);
}

#[test]
fn what_a_person_set_follows_the_traffic_when_templates_part() {
    let team = r#"{"id":1,"name":"a","members":[{"id":1}],"owner":"o","created":1,"slug":"a"}"#;
    let hits = r#"{"query":"","hits":[],"took":1,"page":1,"pages":1,"next":null}"#;
    let backend = answering(move |path| {
        let body = if path == "/teams/search" { hits } else { team };
        body.to_owned()
    });
    let double = Double::in_front_of(backend.url());
    let teams = ["otter", "falcon", "badger", "heron", "lynx", "stoat", "marten", "plover"];
    teams.iter().for_each(|name| drop(double.get(&format!("/teams/{name}"))));
    double.flush();
    let whole = double.endpoint_id("GET /teams/{name}");
    let set = json!({"mode": "failover"});
    double.admin_json("PATCH", &format!("/endpoints/{whole}"), &set);
    for _ in 0..2 {
        for _ in 0..4 {
            double.get("/teams/search");
            teams.iter().for_each(|name| drop(double.get(&format!("/teams/{name}"))));
        }
        double.flush();
    }
    let modes: Vec<(String, String)> = double.admin("GET", "/endpoints").json()["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| (item["path"].to_string(), item["mode"].to_string()))
        .collect();
    let failover = |path: &str| (format!("\"{path}\""), "\"failover\"".to_owned());
    assert_eq!(modes, [failover("/teams/search"), failover("/teams/{name}")]);
    assert_eq!(double.admin("GET", &format!("/endpoints/{whole}")).json()["mode"], "failover");
}

#[test]
fn a_storm_of_requests_during_merges_loses_none() {
    const CLIENTS: usize = 4;
    const ROUNDS: usize = 12;
    let backend = answering(|path| format!(r#"{{"path":"{path}"}}"#));
    let double = Double::in_front_of(backend.url());
    let name = |n: usize| {
        const HEADS: [&str; 6] = ["red", "blue", "old", "young", "quick", "slow"];
        const TAILS: [&str; 6] = ["fox", "otter", "heron", "lynx", "crow", "toad"];
        format!("{}{}", HEADS[n % 6], TAILS[n / 6 % 6])
    };
    let first = double.get(&format!("/people/{}", name(0)));
    assert_eq!(first.get("x-mock-endpoint"), Some("GET /people/redfox"), "cautious at first");
    double.flush();
    let old = double.endpoint_id("GET /people/redfox");
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let double = &double;
            scope.spawn(move || {
                let mut connection = RawClient::connect(double.addr);
                for n in 0..ROUNDS * 36 {
                    let path = format!("/people/{}", name(n * (client + 1)));
                    assert_eq!(connection.get(&path).status, 200, "{path}");
                    if n % 50 == 0 {
                        double.flush();
                    }
                }
            });
        }
    });
    double.flush();
    let counted = observations(&double);
    let all: u64 = counted.values().sum();
    assert_eq!(all, (1 + CLIENTS * ROUNDS * 36) as u64, "{counted:?}");
    assert_eq!(counted.into_keys().collect::<Vec<_>>(), ["GET /people/{name}"]);
    let redirected = double.admin("GET", &format!("/endpoints/{old}"));
    assert_eq!(redirected.json()["path"], "/people/{name}");
}

#[test]
fn templates_and_endpoints_are_the_same_after_a_restart() {
    let dir = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", dir.path().join("double.db").display());
    let backend = answering(|path| format!(r#"{{"path":"{path}"}}"#));
    let start = || Double::with(&[]).target(backend.url()).database(&url).start();
    let double = start();
    for path in log() {
        double.get(&path);
    }
    double.flush();
    let before = observations(&double);
    let explained = |double: &Double| -> BTreeSet<String> {
        let explain = |path: String| {
            let mut told = double.admin("GET", &format!("/explain?path={path}")).json();
            // Which entities are known has tests of its own.
            told.as_object_mut().expect("an object").remove("reason");
            told.to_string()
        };
        log().into_iter().map(explain).collect()
    };
    let explanations = explained(&double);
    double.stop().expect("saved");
    let double = start();
    assert_eq!(observations(&double), before);
    assert_eq!(explained(&double), explanations);
    for path in log() {
        double.get(&path);
    }
    double.flush();
    let doubled = before.into_iter().map(|(label, count)| (label, 2 * count)).collect();
    assert_eq!(observations(&double), doubled, "and it goes on as it was");
}

/// What no part of the double may know afterwards: values of path parameters, and all of queries.
fn canaries() -> Vec<String> {
    let mut canaries = Vec::new();
    for n in 0..6 {
        canaries.extend([
            format!("qanary{}", ["wolf", "stag", "bear", "hare", "vole", "newt"][n]),
            format!("qanary.ann{n}@mail.example"),
            format!("cus_9s6XKzqanary8{n}3"),
            format!("7c9bc0d1-826f-4ecb-9c36-5f94c37eca{n}{n}"),
            format!("555-010-47{n}1"),
            format!("qanary-is-a-long-story-{n}"),
        ]);
    }
    canaries
}

#[test]
fn values_in_paths_and_queries_are_found_nowhere_afterwards() {
    let dir = TempDir::new().expect("a folder");
    let file = dir.path().join("double.db");
    let backend = answering(|_path| r#"{"ok":true,"state":"fine"}"#.to_owned());
    let mut child = Command::new(env!("CARGO_BIN_EXE_stunt-double"))
        .env_clear()
        .env("RUST_LOG", "debug")
        .args(["--listen", "127.0.0.1:0", "--target", &backend.url()])
        .args(["--database-url", &format!("sqlite://{}", file.display())])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("a first line");
    let address = line.trim().strip_prefix("listening on http://").expect("the address");
    let address: std::net::SocketAddr = address.parse().expect("an address");
    let mut stderr = child.stderr.take().expect("piped");
    let log = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).expect("text");
        text
    });
    let ask = |method: &str, path: &str| request(address, method, path, &[], b"");
    for (at, canary) in canaries().iter().enumerate() {
        let places = ["people", "mailboxes", "customers", "orders", "calls", "stories"];
        let place = places[at % places.len()];
        for below in ["", "/history", "/settings"] {
            let path = format!("/{place}/{canary}{below}?token=qanaryquery{at}&to={canary}");
            assert_eq!(ask("GET", &path).status, 200, "{path}");
        }
    }
    assert_eq!(ask("POST", "/admin/flush").status, 200);
    let mut shown = String::new();
    for path in [
        "/admin/endpoints?per_page=500",
        "/admin/metrics",
        "/admin/openapi.json",
        "/admin/settings",
        "/admin/health/ready",
        "/admin/explain?path=/people/somebody",
    ] {
        shown.push_str(&ask("GET", path).text());
    }
    let list = ask("GET", "/admin/endpoints?per_page=500").json();
    for item in list["items"].as_array().expect("items") {
        let id = item["id"].as_str().expect("an id");
        for part in ["", "/schema?status=200", "/sample?seed=1", "/stats"] {
            shown.push_str(&ask("GET", &format!("/admin/endpoints/{id}{part}")).text());
        }
    }
    assert!(shown.contains("/people/{name}/history"), "the crowd was seen through");
    // What goes wrong is logged, too.
    drop(backend);
    for canary in canaries() {
        let failed = ask("GET", &format!("/people/{canary}/history?to={canary}"));
        assert_eq!(failed.status, 502, "{}", failed.text());
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-9", &pid]).status().expect("kill runs").success());
    child.wait().expect("ends");
    let log = log.join().expect("read");
    assert!(!log.is_empty(), "the log was on");
    let mut places = vec![("admin".to_owned(), shown.into_bytes()), ("log".into(), log.into())];
    for entry in fs::read_dir(dir.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        places.push((path.display().to_string(), fs::read(&path).expect("readable")));
    }
    assert!(places.iter().any(|(name, bytes)| name.ends_with("double.db") && !bytes.is_empty()));
    for (place, bytes) in &places {
        for canary in canaries().iter().map(String::as_str).chain(["qanaryquery"]) {
            let found = memchr::memmem::find(bytes, canary.as_bytes());
            let near = found.map(|at| {
                String::from_utf8_lossy(&bytes[at.saturating_sub(200)..at + 60]).into_owned()
            });
            assert!(found.is_none(), "{canary} is in {place}: {near:?}");
        }
    }
}

#[test]
fn parameters_inside_a_segment_can_be_pinned_and_are_drawn_by_name() {
    let backend = answering(|_path| r#"{"ok":true}"#.to_owned());
    let double = Double::in_front_of(backend.url());
    for path in ["/sheets/{sheet}.{format}", "/diff/{base}..{head}"] {
        let answer = double.admin_json("PUT", "/templates", &json!({ "path": path }));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    for (path, label) in [
        ("/sheets/budget.csv", "GET /sheets/{sheet}.{format}"),
        ("/diff/main..topic", "GET /diff/{base}..{head}"),
    ] {
        assert_eq!(double.get(path).get("x-mock-endpoint"), Some(label));
        double.flush();
        assert_eq!(double.mock(path).get("x-mock-source"), Some("mock"));
    }
    let id = double.endpoint_id("GET /sheets/{sheet}.{format}");
    let endpoint = double.admin("GET", &format!("/endpoints/{id}")).json();
    let names: Vec<&Value> = endpoint["parameters"]
        .as_array()
        .expect("parameters")
        .iter()
        .map(|parameter| &parameter["name"])
        .collect();
    assert_eq!(names, ["sheet", "format"]);
}
