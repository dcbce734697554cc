//! Laws of a site that is called by procedures: the verb is in the path, the id in the query or in
//! the body.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::learn::Site;
use super::office_tests::id_of;
use super::tests::{Asked, Recording, Said, ask};
use crate::domain::world::World;

/// Books by id, in the order in which they were made.
#[derive(Default)]
struct Shelf {
    books: Vec<Map<String, Value>>,
    made: usize,
}

fn refused(status: u16, why: &str) -> Said {
    (status, json!({ "message": why }))
}

impl Shelf {
    fn say(&mut self, (method, target, body): &Asked<'_>) -> Said {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let asked = query.split_once("bookId=").map(|(_, id)| json!(id));
        let id = asked.or_else(|| body.get("bookId").cloned());
        let at = || self.books.iter().position(|book| Some(&book["bookId"]) == id.as_ref());
        match (*method, path) {
            ("POST", "/v1/book/add") => {
                let Some(title) = body["title"].as_str() else {
                    return refused(400, "title is missing");
                };
                self.made += 1;
                let book = json!({"bookId": id_of(self.made, 77), "title": title, "lent": false});
                self.books.push(book.as_object().cloned().expect("an object"));
                (200, book)
            }
            ("POST", "/v1/book/list") => {
                let lent = |book: &&Map<String, Value>| {
                    body["lent"].is_null() || body["lent"] == book["lent"]
                };
                let rows: Vec<Value> =
                    self.books.iter().filter(lent).map(|book| json!(book)).collect();
                (200, json!({ "books": rows }))
            }
            (_, "/v1/book/get" | "/v1/book/update" | "/v1/book/remove" | "/v1/book/lend")
                if id.is_none() =>
            {
                refused(400, "bookId is missing")
            }
            ("GET", "/v1/book/get") => match at() {
                Some(at) => (200, json!(self.books[at])),
                None => refused(404, "no such book"),
            },
            ("POST", "/v1/book/update") => match at() {
                Some(at) => {
                    self.books[at].insert("title".into(), body["title"].clone());
                    (200, json!(self.books[at]))
                }
                None => refused(404, "no such book"),
            },
            ("POST", "/v1/book/lend") => match at() {
                Some(at) => {
                    self.books[at].insert("lent".into(), true.into());
                    (200, json!({}))
                }
                None => refused(404, "no such book"),
            },
            ("POST", "/v1/book/remove") => match at() {
                Some(at) => {
                    self.books.remove(at);
                    (200, json!({}))
                }
                None => refused(404, "no such book"),
            },
            _ => refused(404, "nothing here"),
        }
    }
}

/// What was learned of the shelf.
static SITE: LazyLock<Site> = LazyLock::new(|| {
    let mut shelf = Shelf::default();
    let mut recording = Recording::new();
    let mut say = |asked: Asked<'_>| {
        let said = shelf.say(&asked);
        recording.note(&asked, &said);
        said.1
    };
    for n in 0..14 {
        let made = say(("POST", "/v1/book/add", json!({"title": format!("book {n}")})));
        let id = made["bookId"].as_str().expect("an id").to_owned();
        let get = format!("/v1/book/get?bookId={id}");
        let named = |more: Value| {
            let mut body = json!({ "bookId": id });
            body.as_object_mut()
                .expect("an object")
                .extend(more.as_object().cloned().expect("one"));
            body
        };
        say(("GET", &get, Value::Null));
        say(("GET", "/v1/book/get", Value::Null));
        say(("GET", &format!("/v1/book/get?bookId={}", id_of(n, 901)), Value::Null));
        say(("POST", "/v1/book/add", json!({"pages": n})));
        say(("POST", "/v1/book/list", json!({})));
        say(("POST", "/v1/book/update", named(json!({"title": format!("renamed {n}")}))));
        say(("POST", "/v1/book/update", json!({"title": "nobody's"})));
        let unknown = json!({"bookId": id_of(n, 902), "title": "nobody's"});
        say(("POST", "/v1/book/update", unknown));
        say(("GET", &get, Value::Null));
        say(("POST", "/v1/book/lend", named(json!({}))));
        say(("GET", &get, Value::Null));
        for lent in [true, false] {
            say(("POST", "/v1/book/list", json!({ "lent": lent })));
        }
        if n % 2 == 0 {
            say(("POST", "/v1/book/remove", named(json!({}))));
            say(("GET", &get, Value::Null));
            say(("POST", "/v1/book/remove", named(json!({}))));
            say(("POST", "/v1/book/list", json!({})));
        }
    }
    recording.learn()
});

#[test]
fn what_is_called_is_remembered() {
    let mut world = World::over(Arc::clone(&SITE.base));
    let mut say = |asked: Asked<'_>| ask(&SITE, &mut world, asked);
    let (status, made) = say(("POST", "/v1/book/add", json!({"title": "own"})));
    assert_eq!((status, &made["title"]), (200, &json!("own")), "{made}");
    let id = made["bookId"].as_str().expect("an id").to_owned();
    let get = format!("/v1/book/get?bookId={id}");
    assert_eq!(say(("GET", &get, Value::Null)), (200, made.clone()));
    let update = json!({"bookId": id, "title": "anew"});
    assert_eq!(say(("POST", "/v1/book/update", update)).0, 200);
    assert_eq!(say(("POST", "/v1/book/lend", json!({ "bookId": id }))).0, 200);
    let now = json!({"bookId": id, "title": "anew", "lent": true});
    assert_eq!(say(("GET", &get, Value::Null)), (200, now.clone()));
    let ids = |said: Said| -> Vec<Value> {
        let rows = said.1["books"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| row["bookId"].clone()).collect()
    };
    assert!(ids(say(("POST", "/v1/book/list", json!({})))).contains(&json!(id)));
    assert!(ids(say(("POST", "/v1/book/list", json!({"lent": true})))).contains(&json!(id)));
    assert!(!ids(say(("POST", "/v1/book/list", json!({"lent": false})))).contains(&json!(id)));
    assert_eq!(say(("POST", "/v1/book/remove", json!({ "bookId": id }))).0, 200);
    assert_eq!(say(("GET", &get, Value::Null)).0, 404);
    assert_eq!(say(("POST", "/v1/book/remove", json!({ "bookId": id }))).0, 404);
    assert!(!ids(say(("POST", "/v1/book/list", json!({})))).contains(&json!(id)));
}

#[test]
fn a_call_without_an_id_or_with_an_unknown_one_is_refused() {
    let mut world = World::over(Arc::clone(&SITE.base));
    let mut status = |asked: Asked<'_>| ask(&SITE, &mut world, asked).0;
    assert_eq!(status(("GET", "/v1/book/get", Value::Null)), 400);
    assert_eq!(status(("POST", "/v1/book/update", json!({"title": "x"}))), 400);
    assert_eq!(status(("POST", "/v1/book/add", json!({"pages": 3}))), 400);
    let unknown = id_of(5, 999);
    let get = format!("/v1/book/get?bookId={unknown}");
    assert_eq!(status(("GET", &get, Value::Null)), 404);
    let update = json!({"bookId": unknown, "title": "x"});
    assert_eq!(status(("POST", "/v1/book/update", update)), 404);
}

#[test]
fn a_procedure_is_named_as_it_is_called() {
    for (method, path) in [
        ("GET", "/v1/book/get"),
        ("POST", "/v1/book/add"),
        ("POST", "/v1/book/update"),
        ("POST", "/v1/book/list"),
        ("POST", "/v1/book/lend"),
    ] {
        let segments = crate::domain::world::segments(path);
        let (place, _) = SITE.find(method, &segments).expect("it is known");
        let shown = SITE.resources.shown_place(place);
        assert_eq!((&*shown.method, shown.template.to_string()), (method, path.to_owned()));
    }
}
