//! Laws of a site: learned from a plain backend, it answers as that one does, whoever asks.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Turn;
use super::corrections::SiteCorrections;
use super::learn::Site;
use crate::domain::random::seed::mix;
use crate::domain::world::{Request, SiteExchange, World, account_credentials};

/// Small deterministic random numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = mix(self.0, 1);
        (self.0 % n.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What is asked of a backend, and what it says.
pub(super) type Asked<'a> = (&'a str, &'a str, Value);
pub(super) type Said = (u16, Value);

/// Records what a backend says.
pub(super) struct Recording {
    exchanges: Vec<Arc<SiteExchange>>,
    now_ms: i64,
}

impl Recording {
    pub(super) const fn new() -> Self {
        Self { exchanges: Vec::new(), now_ms: 1_790_000_000_000 }
    }

    pub(super) fn note(&mut self, asked: &Asked<'_>, said: &Said) {
        self.note_as(None, asked, said);
    }

    pub(super) fn note_as(
        &mut self,
        token: Option<&str>,
        asked: &Asked<'_>,
        (status, said): &Said,
    ) {
        self.now_ms += 1_000;
        let request = Arc::new(request(token, asked, self.now_ms));
        let bytes = if said.is_null() { Vec::new() } else { said.to_string().into_bytes() };
        let headers = vec![("content-type".into(), "application/json".to_owned())];
        let issued = account_credentials(&request, *status);
        let read = SiteExchange::read(request, *status, headers, &bytes);
        self.exchanges.push(Arc::new(SiteExchange { issued, ..read }));
    }

    pub(super) fn exchanges(&self) -> &[Arc<SiteExchange>] {
        &self.exchanges
    }

    pub(super) fn learn(&self) -> Site {
        Site::learn(&self.exchanges, 7, &SiteCorrections::default())
    }
}

fn request(token: Option<&str>, (method, target, body): &Asked<'_>, at_ms: i64) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let mut headers = vec![("content-type".into(), "application/json".to_owned())];
    // A credential with its scheme is sent as it is.
    let scheme = |token: &str| if token.contains(' ') { "" } else { "Bearer " };
    let value = |token: &str| format!("{}{token}", scheme(token));
    headers.extend(token.map(|token| ("authorization".into(), value(token))));
    Request::read((method, path, query), headers, &bytes, at_ms)
}

/// Asks the site in the place of its backend.
pub(super) fn ask(site: &Site, world: &mut World, asked: Asked<'_>) -> Said {
    ask_as(None, site, world, asked)
}

/// Asks with a token.
pub(super) fn ask_as(
    token: Option<&str>,
    site: &Site,
    world: &mut World,
    asked: Asked<'_>,
) -> Said {
    let now = world.tick(1_800_000_000_000);
    let request = request(token, &asked, now);
    let mut turn = Turn::begin(site, world, request, now, 11).expect("learned");
    // The most common one that is good, if any is.
    let usual = turn.endpoint.statuses.iter().max_by_key(|(status, n)| (*status < 300, *n));
    let chance = usual.map_or(404, |(status, _)| *status);
    let status = turn.decide(chance).map_or(chance, |decided| decided.status);
    let answer = turn.answer(status).unwrap_or_default();
    turn.observe(status, Vec::new(), &answer);
    (status, answer.document.unwrap_or(Value::Null))
}

/// A backend of notes without anything odd.
#[derive(Debug, Clone, Default)]
struct Notes {
    rows: Vec<Map<String, Value>>,
    last: u64,
}

impl Notes {
    fn seeded() -> Self {
        let mut notes = Self::default();
        for n in 0..24 {
            notes.post(
                &json!({"title": format!("note {n}"), "kind": KINDS[n % 3], "size": n * 7 % 11}),
            );
        }
        notes
    }

    fn post(&mut self, sent: &Value) -> Said {
        let Some(object) = sent.as_object().filter(|sent| sent.contains_key("title")) else {
            return (422, json!({"error": "title is missing"}));
        };
        self.last += 1;
        let mut row = object.clone();
        row.insert("id".into(), self.last.into());
        self.rows.push(row.clone());
        (201, Value::Object(row))
    }

    fn say(&mut self, (method, target, body): &Asked<'_>) -> Said {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(id) = path.strip_prefix("/notes/") else {
            return if *method == "POST" { self.post(body) } else { self.list(query) };
        };
        let at = self.rows.iter().position(|row| id.parse().is_ok_and(|id: u64| row["id"] == id));
        let Some(at) = at else { return (404, json!({"error": "no such note"})) };
        match *method {
            "DELETE" => {
                self.rows.remove(at);
                return (204, Value::Null);
            }
            "PUT" => {
                let mut row = body.as_object().cloned().unwrap_or_default();
                row.insert("id".into(), self.rows[at]["id"].clone());
                self.rows[at] = row;
            }
            "PATCH" => self.rows[at].extend(body.as_object().cloned().unwrap_or_default()),
            _ => {}
        }
        (200, Value::Object(self.rows[at].clone()))
    }

    fn list(&self, query: &str) -> Said {
        let all = crate::domain::world::pairs(query);
        let get = |name: &str| all.iter().find(|(known, _)| known == name).map(|(_, v)| &**v);
        let mut rows: Vec<&Map<String, Value>> = self.rows.iter().collect();
        if let Some(kind) = get("kind") {
            rows.retain(|row| row.get("kind").and_then(Value::as_str) == Some(kind));
        }
        if get("sort").is_some() {
            rows.sort_by_key(|row| row.get("size").and_then(Value::as_i64));
        }
        let total = rows.len();
        let number = |name: &str| get(name).and_then(|text| text.parse::<usize>().ok());
        let limit = number("limit").unwrap_or(usize::MAX);
        let from = (number("page").unwrap_or(1) - 1).saturating_mul(limit);
        let rows: Vec<&Map<String, Value>> = rows.into_iter().skip(from).take(limit).collect();
        (200, json!({"items": rows, "total": total}))
    }
}

const KINDS: [&str; 3] = ["open", "done", "draft"];

/// A request that a front end or its tests may send, on an item that may be there or not.
fn any(dice: &mut Dice, ids: &[u64], n: usize) -> (&'static str, String, Value) {
    let id = if dice.below(6) == 0 { 50_000 + n as u64 } else { *dice.of(ids) };
    let item = format!("/notes/{id}");
    let kind = *dice.of(&KINDS);
    let whole = json!({"title": format!("note of {n}"), "kind": kind, "size": dice.below(90)});
    match dice.below(12) {
        0 => ("GET", "/notes".into(), Value::Null),
        1 => ("GET", format!("/notes?kind={kind}"), Value::Null),
        2 => ("GET", "/notes?sort=size".into(), Value::Null),
        3 => ("GET", format!("/notes?page={}&limit=5", 1 + dice.below(7)), Value::Null),
        4 => ("POST", "/notes".into(), json!({"kind": kind})),
        5 | 6 => ("POST", "/notes".into(), whole),
        7 => ("PUT", item, whole),
        8 => ("PATCH", item, json!({"kind": kind})),
        9 if dice.below(2) == 0 => ("DELETE", item, Value::Null),
        _ => ("GET", item, Value::Null),
    }
}

fn ids(rows: &[Map<String, Value>]) -> Vec<u64> {
    rows.iter().filter_map(|row| row["id"].as_u64()).collect()
}

#[test]
fn five_consumers_walk_as_if_each_had_a_plain_backend_of_its_own() {
    let mut dice = Dice(5);
    let mut backend = Notes::seeded();
    let mut recording = Recording::new();
    let mut send = |backend: &mut Notes, asked: Asked<'_>| {
        let said = backend.say(&asked);
        recording.note(&asked, &said);
    };
    send(&mut backend, ("GET", "/notes", Value::Null));
    for n in 0..700 {
        let (method, target, body) = any(&mut dice, &ids(&backend.rows), n);
        send(&mut backend, (method, &target, body));
        if method == "DELETE" {
            send(&mut backend, ("GET", &target, Value::Null));
        }
    }
    send(&mut backend, ("GET", "/notes", Value::Null));
    let site = recording.learn();
    // What was there before is shown in other words; from there on all is as it was sent.
    let mut first = World::over(Arc::clone(&site.base));
    let (_, seen) = ask(&site, &mut first, ("GET", "/notes", Value::Null));
    let rows = seen["items"].as_array().expect("a list").iter();
    let rows: Vec<Map<String, Value>> = rows.filter_map(|row| row.as_object().cloned()).collect();
    assert_eq!(ids(&rows), ids(&backend.rows), "who is there");
    let plain = Notes { rows, last: backend.last };
    let mut all: Vec<(World, Notes)> =
        (0..5).map(|_| (World::over(Arc::clone(&site.base)), plain.clone())).collect();
    for n in 0..WALK {
        let (world, plain) = &mut all[dice.below(5)];
        let (method, target, body) = any(&mut dice, &ids(&plain.rows), 1_000 + n);
        let asked = (method, target.as_str(), body);
        let wanted = plain.say(&asked);
        let got = ask(&site, world, asked.clone());
        assert_eq!(got.0, wanted.0, "operation {n}: {asked:?} {got:?}");
        if wanted.0 < 300 {
            assert_eq!(got.1, wanted.1, "operation {n}: {asked:?}");
        }
    }
}

/// Operations of the walk.
const WALK: usize = 10_000;

/// A store of documents: ids may be chosen, revisions must be the current one, several are written
/// at once, and lists are asked for by POST.
#[derive(Default)]
struct Documents {
    rows: Vec<Map<String, Value>>,
    made: u64,
}

impl Documents {
    fn write(&mut self, sent: &Value) -> Said {
        self.made += 1;
        let own = || format!("{:08x}-doc-{}", mix(self.made, 3) as u32, self.made);
        let id = sent["_id"].as_str().map_or_else(own, ToOwned::to_owned);
        let at = self.rows.iter().position(|row| row["_id"] == json!(id));
        let held = at.map(|at| &self.rows[at]["_rev"]);
        if held != sent.get("_rev") {
            return (409, json!({"id": id, "error": "conflict", "reason": "not current"}));
        }
        let rev = format!("{:016x}", mix(self.made, 9));
        let mut row = sent.as_object().cloned().unwrap_or_default();
        row.insert("_id".into(), id.clone().into());
        row.insert("_rev".into(), rev.clone().into());
        match at {
            Some(at) => self.rows[at] = row,
            None => self.rows.push(row),
        }
        (201, json!({"ok": true, "id": id, "rev": rev}))
    }

    fn say(&mut self, (method, target, body): &Asked<'_>) -> Said {
        match (*method, *target) {
            ("POST", "/docs") => self.write(body),
            ("POST", "/docs/_bulk") => {
                let items = body["docs"].as_array().cloned().unwrap_or_default();
                (201, items.iter().map(|item| self.write(item).1).collect())
            }
            ("POST", "/docs/_find") => {
                let wanted = body["where"].as_object().cloned().unwrap_or_default();
                let fits = |row: &&Map<String, Value>| {
                    wanted.iter().all(|(name, value)| row.get(name) == Some(value))
                };
                (200, json!({"docs": self.rows.iter().filter(fits).collect::<Vec<_>>()}))
            }
            ("GET", "/docs") => (200, json!({"docs": self.rows})),
            _ => {
                let id = target.trim_start_matches("/docs/");
                let row = self.rows.iter().find(|row| row["_id"] == json!(id));
                row.map_or((404, json!({"error": "missing"})), |row| (200, json!(row)))
            }
        }
    }
}

fn documents() -> Site {
    let (mut dice, mut backend, mut recording) = (Dice(9), Documents::default(), Recording::new());
    for n in 0..30 {
        let mut send = |asked: Asked<'_>| {
            let said = backend.say(&asked);
            recording.note(&asked, &said);
            said.1
        };
        let doc = |dice: &mut Dice, id: &str| {
            let doc = json!({"title": format!("text {n} {}", dice.below(900)),
                "kind": *dice.of(&KINDS), "n": dice.below(40)});
            let mut doc = doc.as_object().cloned().unwrap_or_default();
            if !id.is_empty() {
                doc.insert("_id".into(), id.into());
            }
            Value::Object(doc)
        };
        send(("GET", "/docs", Value::Null));
        let made = send(("POST", "/docs", doc(&mut dice, "")));
        send(("GET", &format!("/docs/{}", made["id"].as_str().unwrap()), Value::Null));
        let own = format!("own-{n}-{}", dice.below(999));
        send(("POST", "/docs", doc(&mut dice, &own)));
        send(("GET", &format!("/docs/{own}"), Value::Null));
        send(("POST", "/docs", doc(&mut dice, &own)));
        send(("GET", &format!("/docs/none-{n}"), Value::Null));
        let two = [format!("first-{n}"), format!("second-{n}")];
        let docs = two.each_ref().map(|id| doc(&mut dice, id));
        let answers = send(("POST", "/docs/_bulk", json!({"docs": docs})));
        send(("GET", &format!("/docs/{}", two[0]), Value::Null));
        send(("GET", &format!("/docs/{}", two[1]), Value::Null));
        let mut newer = doc(&mut dice, &two[0]);
        newer["_rev"] = answers[0]["rev"].clone();
        let stale = doc(&mut dice, &two[1]);
        send(("POST", "/docs/_bulk", json!({"docs": [newer, stale]})));
        send(("GET", &format!("/docs/{}", two[0]), Value::Null));
        send(("POST", "/docs/_find", json!({"where": {"kind": *dice.of(&KINDS)}})));
    }
    recording.learn()
}

#[test]
fn several_written_at_once_are_answered_and_remembered_one_by_one() {
    let site = documents();
    let mut world = World::over(Arc::clone(&site.base));
    let item = |id: &str, title: &str| json!({"_id": id, "title": title, "kind": "open", "n": 1});
    let sent = json!({"docs": [item("a-1", "one"), item("a-2", "two"), item("a-3", "three")]});
    let (status, answers) = ask(&site, &mut world, ("POST", "/docs/_bulk", sent));
    assert_eq!(status, 201);
    let ids: Vec<&Value> =
        answers.as_array().expect("an answer each").iter().map(|a| &a["id"]).collect();
    assert_eq!(ids, ["a-1", "a-2", "a-3"], "{answers}");
    let (status, read) = ask(&site, &mut world, ("GET", "/docs/a-2", Value::Null));
    assert_eq!((status, &read["title"], &read["_rev"]), (200, &json!("two"), &answers[1]["rev"]));
    let mut newer = item("a-1", "newer");
    newer["_rev"] = answers[0]["rev"].clone();
    let sent = json!({"docs": [newer, item("a-2", "stale"), item("a-4", "four")]});
    let (_, answers) = ask(&site, &mut world, ("POST", "/docs/_bulk", sent));
    assert_eq!(answers[0]["ok"], true, "{answers}");
    assert_eq!((&answers[1]["error"], &answers[1]["id"]), (&json!("conflict"), &json!("a-2")));
    assert_eq!(answers[2]["ok"], true, "{answers}");
    let title = |world: &mut World, id: &str| {
        ask(&site, world, ("GET", &format!("/docs/{id}"), Value::Null)).1["title"].clone()
    };
    assert_eq!(title(&mut world, "a-1"), "newer");
    assert_eq!(title(&mut world, "a-2"), "two");
    assert_eq!(title(&mut world, "a-4"), "four");
}

#[test]
fn an_id_that_the_body_chooses_is_the_id() {
    let site = documents();
    let mut world = World::over(Arc::clone(&site.base));
    let sent = json!({"_id": "mine", "title": "of mine", "kind": "open", "n": 3});
    let (status, made) = ask(&site, &mut world, ("POST", "/docs", sent.clone()));
    assert_eq!((status, &made["id"]), (201, &json!("mine")), "{made}");
    let (status, read) = ask(&site, &mut world, ("GET", "/docs/mine", Value::Null));
    assert_eq!((status, &read["title"]), (200, &json!("of mine")), "{read}");
    assert_eq!(ask(&site, &mut world, ("POST", "/docs", sent)).0, 409);
    let sent = json!({"title": "of nobody", "kind": "open", "n": 3});
    let (status, made) = ask(&site, &mut world, ("POST", "/docs", sent));
    assert!(status == 201 && made["id"] != "mine", "{made}");
}

#[test]
fn a_list_that_is_asked_for_by_post_is_filtered_by_its_body() {
    let site = documents();
    let mut world = World::over(Arc::clone(&site.base));
    let sent = json!({"_id": "found", "title": "to be found", "kind": "draft", "n": 77});
    ask(&site, &mut world, ("POST", "/docs", sent));
    let find = |world: &mut World, wanted: Value| -> Vec<String> {
        let (_, said) = ask(&site, world, ("POST", "/docs/_find", json!({"where": wanted})));
        let rows = said["docs"].as_array().expect("rows").iter();
        rows.map(|row| row["_id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert!(find(&mut world, json!({"kind": "draft"})).contains(&"found".to_owned()));
    assert!(!find(&mut world, json!({"kind": "open"})).contains(&"found".to_owned()));
    // A member that nobody ever asked by is one like the others.
    assert_eq!(find(&mut world, json!({"title": "to be found"})), ["found"]);
    assert!(find(&mut world, json!({"kind": "none"})).is_empty());
}
