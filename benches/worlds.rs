//! What answering from reasons and a consumer's world costs: `cargo bench --bench worlds`.
//!
//! Rows: an item read by its id, the list of 10,000 entities of the consumer's own with a filter,
//! a sort order and a page, and learning a site from its tape.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that fails ends")]

use std::sync::Arc;

use divan::Bencher;
use serde_json::{Map, Value, json};
use stunt_double::domain::site::corrections::SiteCorrections;
use stunt_double::domain::site::{Site, Turn};
use stunt_double::domain::world::{Request, SiteExchange, World};

const KINDS: [&str; 3] = ["open", "done", "draft"];
const NOW_MS: i64 = 1_790_000_000_000;

fn main() {
    divan::main();
}

fn request(method: &str, target: &str, body: &Value) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let headers = vec![("content-type".into(), "application/json".to_owned())];
    Request::read((method, path, query), headers, &bytes, NOW_MS)
}

/// A backend of notes that filters by `kind`, sorts by `size` and answers pages.
#[derive(Default)]
struct Notes(Vec<Map<String, Value>>);

impl Notes {
    fn say(&mut self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if method == "POST" {
            let mut row = body.as_object().cloned().unwrap_or_default();
            row.insert("id".into(), json!(self.0.len() + 1));
            self.0.push(row.clone());
            return (201, Value::Object(row));
        }
        if let Some(id) = path.strip_prefix("/notes/") {
            let row = self.0.iter().find(|row| row["id"].as_u64() == id.parse().ok());
            return row.map_or((404, json!({"error": "no such note"})), |row| (200, json!(row)));
        }
        let get = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let mut rows: Vec<_> = self.0.iter().collect();
        rows.retain(|row| get("kind").is_none_or(|kind| row["kind"] == kind));
        if get("sort").is_some() {
            rows.sort_by_key(|row| row["size"].as_i64());
        }
        let total = rows.len();
        let number = |name: &str| get(name).and_then(|text| text.parse().ok());
        let limit = number("limit").unwrap_or(usize::MAX);
        let from = (number("page").unwrap_or(1) - 1).saturating_mul(limit);
        let rows: Vec<_> = rows.into_iter().skip(from).take(limit).collect();
        (200, json!({"items": rows, "total": total}))
    }
}

fn note(n: usize) -> Value {
    json!({"title": format!("note {n}"), "kind": KINDS[n % 3], "size": n * 7 % 97})
}

fn tape(exchanges: usize) -> Vec<Arc<SiteExchange>> {
    let (mut backend, mut tape) = (Notes::default(), Vec::new());
    for n in 0..exchanges {
        let id = 1 + n * 5 % (n / 4 + 2);
        let (method, target, body) = match n % 8 {
            0 | 1 => ("POST", "/notes".to_owned(), note(n)),
            2 => ("GET", format!("/notes?kind={}", KINDS[n / 8 % 3]), Value::Null),
            3 => ("GET", "/notes?sort=size".to_owned(), Value::Null),
            4 => ("GET", format!("/notes?page={}&limit=5", 1 + n / 8 % 4), Value::Null),
            5 => ("GET", format!("/notes/{}", 90_000 + n), Value::Null),
            _ => ("GET", format!("/notes/{id}"), Value::Null),
        };
        let (status, said) = backend.say(method, &target, &body);
        let headers = vec![("content-type".into(), "application/json".to_owned())];
        let asked = Arc::new(request(method, &target, &body));
        tape.push(Arc::new(SiteExchange::read(
            asked,
            status,
            headers,
            said.to_string().as_bytes(),
        )));
    }
    tape
}

fn learned() -> Site {
    Site::learn(&tape(300), 7, &SiteCorrections::default())
}

/// One whole turn: what it is about, its status, its answer, what is remembered of it.
fn ask(site: &Site, world: &mut World, request: Request) -> (u16, Option<Value>) {
    let mut turn = Turn::begin(site, world, request, NOW_MS, 11).expect("learned");
    let status = turn.decide(200).map_or(200, |decided| decided.status);
    let answer = turn.answer(status).unwrap_or_default();
    turn.observe(status, Vec::new(), &answer);
    (status, answer.document)
}

fn world_of(site: &Site, entities: usize) -> World {
    let mut world = World::over(Arc::clone(&site.base));
    for n in 0..entities {
        let (status, _) = ask(site, &mut world, request("POST", "/notes", &note(n)));
        assert_eq!(status, 201);
    }
    world
}

#[divan::bench]
fn read_of_an_own_entity(bencher: Bencher<'_, '_>) {
    let site = learned();
    let mut world = world_of(&site, 1);
    let made = ask(&site, &mut world, request("POST", "/notes", &note(1))).1.expect("an object");
    let target = format!("/notes/{}", made["id"]);
    assert_eq!(ask(&site, &mut world, request("GET", &target, &Value::Null)).0, 200);
    bencher
        .with_inputs(|| request("GET", &target, &Value::Null))
        .bench_local_values(|request| ask(&site, &mut world, request));
}

#[divan::bench(args = [10, 1_000, 10_000])]
fn page_of_a_filtered_and_sorted_list(bencher: Bencher<'_, '_>, entities: usize) {
    let site = learned();
    let mut world = world_of(&site, entities);
    let target = "/notes?kind=open&sort=size&page=2&limit=5";
    let (status, page) = ask(&site, &mut world, request("GET", target, &Value::Null));
    let page = page.expect("a page");
    assert_eq!(status, 200);
    assert!(page["total"].as_u64().is_some_and(|total| total >= entities as u64 / 3), "{page}");
    bencher
        .with_inputs(|| request("GET", target, &Value::Null))
        .bench_local_values(|request| ask(&site, &mut world, request));
}

#[divan::bench(args = [300, 2_000], sample_count = 5, sample_size = 1)]
fn learn_a_site(bencher: Bencher<'_, '_>, exchanges: usize) {
    let tape = tape(exchanges);
    bencher.bench_local(|| Site::learn(&tape, 7, &SiteCorrections::default()));
}
