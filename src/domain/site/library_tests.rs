//! Laws of a site whose entities depend on each other: what is computed, counted, hidden, moved.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::learn::Site;
use super::tests::{Asked, Recording, Said, ask};
use crate::domain::world::World;

/// A library: books name their author, reviews lie below a book, documents have a name.
#[derive(Default)]
struct Library {
    writers: BTreeMap<u64, Value>,
    books: BTreeMap<u64, Value>,
    reviews: BTreeMap<(u64, u64), Value>,
    pages: BTreeMap<String, String>,
    users: Vec<String>,
    last: [u64; 3],
}

const NAMES: [&str; 6] =
    ["Amber Quill", "Bo Tern", "Cy Moss", "Dora Finch", "Eli Stone", "Fay Reed"];

impl Library {
    fn seeded() -> Self {
        let mut library = Self::default();
        for name in NAMES {
            library.say(&("POST", "/writers", json!({ "name": name })));
        }
        for n in 0..12 {
            let (title, by) = (format!("Book {n}"), n % 6 + 1);
            library.say(&("POST", "/books", json!({"title": title, "writer": by, "state": "new"})));
        }
        library
    }

    fn writer(&self, id: u64) -> Value {
        let mut writer = self.writers[&id].clone();
        let books = self.books.values().filter(|book| book["writer"] == json!(id)).count();
        writer["books"] = json!(books);
        writer
    }

    fn book(&self, id: u64) -> Value {
        let mut book = self.books[&id].clone();
        let writer = book["writer"].as_u64().and_then(|id| self.writers.get(&id));
        book["writer_name"] = writer.map_or(Value::Null, |writer| writer["name"].clone());
        book
    }

    fn page(name: &str, text: &str) -> Value {
        json!({"name": name, "text": text, "size": text.len()})
    }

    fn register(&mut self, sent: &Value) -> Said {
        let said = |name: &str, text: &str| (400, json!({ name: [text] }));
        let (Some(name), Some(key)) = (sent["name"].as_str(), sent["key"].as_str()) else {
            let name = if sent["name"].is_string() { "key" } else { "name" };
            return said(name, "This field is required.");
        };
        if key.len() < 8 {
            return said("key", "Ensure that key has at least 8 characters.");
        }
        if self.users.iter().any(|user| user == name) {
            return said("name", "A user with that name already exists.");
        }
        self.users.push(name.to_owned());
        (201, json!({"id": self.users.len(), "name": name}))
    }

    fn make(&mut self, kind: usize, sent: &Value) -> (u64, Value) {
        self.last[kind] += 1;
        let mut made = sent.clone();
        made["id"] = json!(self.last[kind]);
        (self.last[kind], made)
    }

    fn page_said(&mut self, method: &str, name: &str, query: &str, sent: &Value) -> Said {
        let lost = || (404, json!({"error": "not found"}));
        match method {
            "PUT" => {
                let text = sent["text"].as_str().unwrap_or_default().to_owned();
                let is_new = self.pages.insert(name.to_owned(), text.clone()).is_none();
                let mut shown = Self::page(name, &text);
                shown["text"] = Value::Null;
                (if is_new { 201 } else { 200 }, shown)
            }
            "GET" => self.pages.get(name).map_or_else(lost, |text| {
                let mut shown = Self::page(name, text);
                if query == "text=0" {
                    shown["text"] = Value::Null;
                }
                (200, shown)
            }),
            "PATCH" => match self.pages.remove(name) {
                Some(text) => {
                    let new = sent["name"].as_str().unwrap_or_default().to_owned();
                    self.pages.insert(new.clone(), text.clone());
                    (200, Self::page(&new, &text))
                }
                None => lost(),
            },
            _ => lost(),
        }
    }

    fn say(&mut self, (method, target, sent): &Asked<'_>) -> Said {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let number = segments.get(1).and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
        let lost = || (404, json!({"error": "not found"}));
        match (*method, segments.as_slice()) {
            ("POST", ["users"]) => self.register(sent),
            ("GET", ["summary"]) => {
                let sold = self.books.values().filter(|book| book["state"] == "sold").count();
                (200, json!({"books": self.books.len(), "sold": sold}))
            }
            ("POST", ["writers"]) => {
                let (id, made) = self.make(0, sent);
                self.writers.insert(id, made);
                (201, self.writer(id))
            }
            ("GET", ["writers"]) => (200, self.writers.keys().map(|id| self.writer(*id)).collect()),
            ("GET", ["writers", _]) if self.writers.contains_key(&number) => {
                (200, self.writer(number))
            }
            ("DELETE", ["writers", _]) if self.writers.remove(&number).is_some() => {
                self.books.retain(|_, book| book["writer"] != json!(number));
                (204, Value::Null)
            }
            ("POST", ["books"]) => match sent["writer"].as_u64() {
                Some(writer) if !self.writers.contains_key(&writer) => {
                    (400, json!({"writer": [format!("Invalid key {writer}, there is none.")]}))
                }
                _ => {
                    let (id, made) = self.make(1, sent);
                    self.books.insert(id, made);
                    (201, self.book(id))
                }
            },
            ("GET", ["books"]) => (200, self.books.keys().map(|id| self.book(*id)).collect()),
            ("GET", ["books", _]) if self.books.contains_key(&number) => (200, self.book(number)),
            ("PATCH", ["books", _]) if self.books.contains_key(&number) => {
                let own = self.books.get_mut(&number).expect("looked up");
                let sent = sent.as_object().into_iter().flatten();
                sent.for_each(|(name, value)| own[name.as_str()] = value.clone());
                (200, self.book(number))
            }
            ("POST", ["books", _, "reviews"]) if self.books.contains_key(&number) => {
                let (id, made) = self.make(2, sent);
                self.reviews.insert((number, id), made.clone());
                (201, made)
            }
            ("GET", ["books", _, "reviews", id]) => {
                let key = (number, id.parse().unwrap_or(0));
                self.reviews.get(&key).map_or_else(lost, |review| (200, review.clone()))
            }
            ("GET", ["books", _, "reviews"]) => {
                let own = self.reviews.iter().filter(|((book, _), _)| *book == number);
                (200, own.map(|(_, review)| review.clone()).collect())
            }
            (_, ["pages", name]) => self.page_said(method, name, query, sent),
            _ => lost(),
        }
    }
}

/// The library and the site learned from it.
fn learned() -> (Library, Site) {
    let mut library = Library::seeded();
    let mut recording = Recording::new();
    let mut tell = |method: &str, target: &str, sent: Value| {
        let asked = (method, target, sent);
        let said = library.say(&asked);
        recording.note(&asked, &said);
        said.1
    };
    for n in 0..12_u64 {
        let good = json!({"name": format!("reader{n}"), "key": format!("{n}-is-my-secret")});
        if n < 6 {
            tell("POST", "/users", good.clone());
        }
        tell(
            "POST",
            "/users",
            json!({"name": format!("reader{}", n % 3), "key": "another-secret"}),
        );
        tell("POST", "/users", json!({"name": format!("short{n}"), "key": "short"}));
        tell("POST", "/users", json!({"name": format!("keyless{n}")}));
        tell("POST", "/users", json!({"key": format!("{n}-nameless-key")}));
        tell("GET", "/books", Value::Null);
        tell("GET", "/writers", Value::Null);
        tell("GET", "/summary", Value::Null);
        let name = format!("Writer {}", (b'a' + n as u8) as char);
        let writer = tell("POST", "/writers", json!({ "name": name }))["id"].clone();
        for by in [writer.clone(), json!(n % 6 + 1)] {
            let sent = json!({"title": format!("New {n}"), "writer": by, "state": "new"});
            let book = tell("POST", "/books", sent)["id"].clone();
            tell("GET", &format!("/books/{book}"), Value::Null);
            tell("PATCH", &format!("/books/{book}"), json!({"state": "sold"}));
            tell("GET", &format!("/books/{book}"), Value::Null);
            tell("GET", "/summary", Value::Null);
            for text in ["fine", "dull"] {
                let sent = json!({"text": format!("{text} {n}")});
                let review = tell("POST", &format!("/books/{book}/reviews"), sent)["id"].clone();
                tell("GET", &format!("/books/{book}/reviews/{review}"), Value::Null);
                tell("GET", &format!("/books/{book}/reviews"), Value::Null);
            }
            if by == writer {
                tell("GET", &format!("/writers/{writer}"), Value::Null);
                tell("DELETE", &format!("/writers/{writer}"), Value::Null);
                tell("GET", &format!("/books/{book}"), Value::Null);
            }
        }
        tell("GET", &format!("/writers/{}", n % 6 + 1), Value::Null);
        tell("POST", "/books", json!({"title": "Lost", "writer": 500 + n, "state": "new"}));
        let page = format!("/pages/page{n}");
        tell("PUT", &page, json!({"text": "word ".repeat(n as usize + 2)}));
        tell("GET", &page, Value::Null);
        tell("GET", &format!("{page}?text=0"), Value::Null);
        tell("PUT", &page, json!({"text": "other ".repeat(n as usize + 1)}));
        tell("GET", &page, Value::Null);
        tell("PATCH", &page, json!({"name": format!("moved{n}")}));
        tell("GET", &page, Value::Null);
        tell("GET", &format!("/pages/moved{n}"), Value::Null);
    }
    (library, recording.learn())
}

/// Asks both for the same; the site must answer as the library does.
fn same(library: &mut Library, site: &Site, world: &mut World, asked: Asked<'_>) -> Value {
    let expected = library.say(&asked);
    let found = ask(site, world, asked.clone());
    assert_eq!(found, expected, "{asked:?}");
    expected.1
}

#[test]
fn what_is_computed_from_other_entities_follows_them() {
    let (mut library, site) = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let mut both = |method: &str, target: &str, sent: Value| {
        same(&mut library, &site, &mut world, (method, target, sent))
    };
    let writer = both("POST", "/writers", json!({"name": "Gus Marlow"}))["id"].clone();
    let sent = json!({"title": "Mine", "writer": writer, "state": "new"});
    let book = both("POST", "/books", sent)["id"].clone();
    both("GET", &format!("/books/{book}"), Value::Null);
    both("GET", &format!("/writers/{writer}"), Value::Null);
    both("GET", "/summary", Value::Null);
    let other = both("POST", "/writers", json!({"name": "Ivy Marsh"}))["id"].clone();
    both("PATCH", &format!("/books/{book}"), json!({ "writer": other }));
    both("GET", &format!("/books/{book}"), Value::Null);
    both("GET", &format!("/writers/{writer}"), Value::Null);
    both("GET", &format!("/writers/{other}"), Value::Null);
    both("PATCH", &format!("/books/{book}"), json!({"state": "sold"}));
    both("GET", "/summary", Value::Null);
}

#[test]
fn what_names_a_deleted_entity_goes_with_it_where_it_did() {
    let (mut library, site) = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let mut both = |method: &str, target: &str, sent: Value| {
        same(&mut library, &site, &mut world, (method, target, sent))
    };
    let writer = both("POST", "/writers", json!({"name": "Hal Birch"}))["id"].clone();
    let sent = json!({"title": "Doomed", "writer": writer, "state": "new"});
    let book = both("POST", "/books", sent)["id"].clone();
    both("DELETE", &format!("/writers/{writer}"), Value::Null);
    both("GET", &format!("/books/{book}"), Value::Null);
}

#[test]
fn one_counter_serves_the_collections_below_all_items() {
    let (mut library, site) = learned();
    let mut world = World::over(Arc::clone(&site.base));
    for book in [3, 5, 3] {
        let target = format!("/books/{book}/reviews");
        let asked = ("POST", target.as_str(), json!({"text": "again"}));
        let made = same(&mut library, &site, &mut world, asked);
        let read = format!("{target}/{}", made["id"]);
        same(&mut library, &site, &mut world, ("GET", &read, Value::Null));
    }
}

#[test]
fn a_parameter_hides_a_member_and_the_answer_to_a_write_does_too() {
    let (mut library, site) = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let mut both = |method: &str, target: &str, sent: Value| {
        same(&mut library, &site, &mut world, (method, target, sent))
    };
    both("PUT", "/pages/mine", json!({"text": "my own words"}));
    both("GET", "/pages/mine", Value::Null);
    both("GET", "/pages/mine?text=0", Value::Null);
    both("GET", "/pages/mine", Value::Null);
    both("PUT", "/pages/mine", json!({"text": "shorter"}));
    both("GET", "/pages/mine", Value::Null);
}

#[test]
fn an_item_moves_to_the_name_that_it_is_given() {
    let (mut library, site) = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let mut both = |method: &str, target: &str, sent: Value| {
        same(&mut library, &site, &mut world, (method, target, sent))
    };
    both("PUT", "/pages/here", json!({"text": "on the move"}));
    both("PATCH", "/pages/here", json!({"name": "there"}));
    both("GET", "/pages/here", Value::Null);
    both("GET", "/pages/there", Value::Null);
}

#[test]
fn few_good_bodies_among_many_bad_ones_are_told_apart() {
    let (_, site) = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let mut status = |sent: Value| ask(&site, &mut world, ("POST", "/users", sent)).0;
    assert_eq!(status(json!({"name": "newcomer", "key": "a-long-secret"})), 201);
    assert_eq!(status(json!({"name": "newcomer", "key": "a-long-secret"})), 400);
    assert_eq!(status(json!({"name": "other", "key": "tiny"})), 400);
    assert_eq!(status(json!({"name": "other"})), 400);
    assert_eq!(status(json!({"name": "other", "key": "again-a-long-one"})), 201);
    assert_eq!(status(json!({})), 400);
    assert_eq!(status(json!({"colour": "red"})), 400);
}

#[test]
fn an_error_names_the_number_that_was_sent() {
    let (mut library, site) = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let sent = json!({"title": "Nobody's", "writer": 7321, "state": "new"});
    same(&mut library, &site, &mut world, ("POST", "/books", sent));
}
