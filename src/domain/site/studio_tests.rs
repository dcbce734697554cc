//! Laws of a site whose answers show one thing in another: rows that stand in items, parts of items
//! below their path, one thing under two addresses, truths told in the body, tokens that end.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::learn::Site;
use super::tests::{Asked, Recording, Said, ask, ask_as};
use crate::domain::random::seed::mix;
use crate::domain::world::World;

/// A studio: boards with cards, people who log in and out.
#[derive(Default)]
struct Studio {
    boards: BTreeMap<u64, Value>,
    cards: BTreeMap<u64, Value>,
    tokens: Vec<String>,
    last: u64,
    logins: u64,
}

const COLOURS: [&str; 3] = ["red", "green", "blue"];

fn person(id: u64) -> Value {
    json!({"id": id, "nick": format!("p{}", mix(id, 4) % 90_000)})
}

impl Studio {
    fn board(&self, id: u64) -> Value {
        let mut board = self.boards[&id].clone();
        let cards = self.cards.values().filter(|card| card["board"] == json!(id));
        let card = |card: &Value| json!({"id": card["id"], "text": card["text"]});
        board["cards"] = cards.map(card).collect();
        board
    }

    fn make_board(&mut self, sent: &Value) -> Said {
        let Some(title) = sent["title"].as_str() else {
            return (422, json!({"error": "title is missing"}));
        };
        let id = sent["id"].as_u64().filter(|id| self.boards.contains_key(id));
        let id = id.unwrap_or_else(|| {
            self.last += 1;
            self.last
        });
        let labels = json!([COLOURS[(id % 3) as usize], format!("l{}", id % 5)]);
        let board = json!({"id": id, "title": title, "owner": id % 7 + 1, "labels": labels});
        self.boards.insert(id, board);
        (200, self.board(id))
    }

    fn make_card(&mut self, board: u64, sent: &Value) -> Said {
        self.last += 1;
        let card = json!({"id": self.last, "text": sent["text"], "board": board});
        self.cards.insert(self.last, card.clone());
        (201, card)
    }

    fn card(&mut self, method: &str, id: u64) -> Said {
        let Some(card) = self.cards.get(&id).cloned() else {
            return (404, json!({"error": "no such card"}));
        };
        if method == "DELETE" {
            self.cards.remove(&id);
            return (204, Value::Null);
        }
        (200, card)
    }

    fn account(&mut self, token: Option<&str>, target: &str) -> Said {
        if target == "/login" {
            self.logins += 1;
            let token = format!("t{:016x}{:015x}", mix(self.logins, 9), self.logins);
            self.tokens.push(token.clone());
            return (200, json!({ "token": token }));
        }
        let known = self.tokens.iter().position(|known| token == Some(known));
        match (target, known) {
            ("/logout", Some(at)) => {
                self.tokens.remove(at);
                (204, Value::Null)
            }
            (_, Some(_)) => (200, json!({"plan": "small"})),
            (_, None) => (401, json!({"error": "log in first"})),
        }
    }

    fn say(&mut self, token: Option<&str>, (method, target, body): &Asked<'_>) -> Said {
        let path: Vec<&str> = target.trim_matches('/').split('/').collect();
        let number = |at: usize| path.get(at).and_then(|id| id.parse::<u64>().ok());
        match (*method, &path[..]) {
            (_, ["login" | "logout" | "plan"]) => self.account(token, target),
            ("GET", ["people", _]) => (200, person(number(1).unwrap_or(0))),
            ("GET", ["boards"]) => {
                let ids: Vec<u64> = self.boards.keys().copied().collect();
                (200, ids.into_iter().map(|id| self.board(id)).collect())
            }
            ("PUT" | "POST", ["boards"]) => self.make_board(body),
            ("GET", ["boards", _, "exists"]) => {
                (200, json!({"exists": self.boards.contains_key(&number(1).unwrap_or(0))}))
            }
            (_, ["cards", _]) => self.card(method, number(1).unwrap_or(0)),
            ("GET", ["boards", _, "cards", _]) => self.card(method, number(3).unwrap_or(0)),
            (_, ["boards", ..]) => {
                let id = number(1).filter(|id| self.boards.contains_key(id));
                let Some(id) = id else { return (404, json!({"error": "no such board"})) };
                match (*method, path.get(2)) {
                    ("POST", Some(&"cards")) => self.make_card(id, body),
                    ("GET", Some(&"owner")) => {
                        (200, person(self.boards[&id]["owner"].as_u64().unwrap_or(0)))
                    }
                    ("GET", Some(&"labels")) => (200, self.boards[&id]["labels"].clone()),
                    ("PUT", Some(&"labels")) => {
                        self.boards.get_mut(&id).expect("there")["labels"] = body.clone();
                        (200, body.clone())
                    }
                    _ => (200, self.board(id)),
                }
            }
            _ => (404, json!({"error": "no such page"})),
        }
    }
}

fn trained() -> Site {
    let (mut studio, mut recording) = (Studio::default(), Recording::new());
    let mut go = |token: Option<&str>, asked: Asked<'_>| {
        let said = studio.say(token, &asked);
        recording.note_as(token, &asked, &said);
        said.1
    };
    (1..8).for_each(|id| _ = go(None, ("GET", &format!("/people/{id}"), Value::Null)));
    for n in 0..14_u64 {
        go(None, ("POST", "/boards", json!({"name": n})));
        let method = if n % 2 == 0 { "POST" } else { "PUT" };
        let board = go(None, (method, "/boards", json!({"title": format!("board {n}")})));
        let id = board["id"].as_u64().expect("an id");
        let path = format!("/boards/{id}");
        go(None, ("GET", &format!("{path}/exists"), Value::Null));
        go(None, ("GET", &format!("/boards/{}/exists", 900 + n), Value::Null));
        go(None, ("GET", &format!("/boards/{}", 900 + n), Value::Null));
        for k in 0..n % 4 {
            let text = json!({"text": format!("do {n} {k}")});
            let card = go(None, ("POST", &format!("{path}/cards"), text));
            let card = card["id"].clone();
            go(None, ("GET", &format!("/cards/{card}"), Value::Null));
            go(None, ("GET", &format!("{path}/cards/{card}"), Value::Null));
            go(None, ("GET", &path, Value::Null));
            if k == 1 {
                go(None, ("DELETE", &format!("/cards/{card}"), Value::Null));
                go(None, ("GET", &format!("/cards/{card}"), Value::Null));
            }
        }
        go(None, ("GET", &path, Value::Null));
        go(None, ("GET", &format!("{path}/owner"), Value::Null));
        go(None, ("GET", &format!("{path}/labels"), Value::Null));
        go(None, ("GET", "/boards", Value::Null));
        let token = go(None, ("POST", "/login", Value::Null))["token"].clone();
        go(token.as_str(), ("GET", "/plan", Value::Null));
        go(None, ("GET", "/plan", Value::Null));
        go(token.as_str(), ("POST", "/logout", Value::Null));
        go(token.as_str(), ("GET", "/plan", Value::Null));
    }
    recording.learn()
}

fn made(site: &Site, world: &mut World, title: &str) -> (Value, String) {
    let (status, board) = ask(site, world, ("POST", "/boards", json!({ "title": title })));
    assert_eq!(status, 200, "{board}");
    let path = format!("/boards/{}", board["id"]);
    (board, path)
}

#[test]
fn rows_stand_in_the_item_that_they_name() {
    let site = trained();
    let mut world = World::over(site.base.clone());
    let (board, path) = made(&site, &mut world, "of tests");
    assert_eq!(board["cards"], json!([]), "a new one has none");
    for (n, text) in ["one", "two"].into_iter().enumerate() {
        let cards = format!("{path}/cards");
        let (status, card) = ask(&site, &mut world, ("POST", &cards, json!({ "text": text })));
        assert_eq!((status, &card["text"]), (201, &json!(text)));
        let (_, read) = ask(&site, &mut world, ("GET", &path, Value::Null));
        assert_eq!(read["cards"].as_array().map(Vec::len), Some(n + 1), "{read}");
        assert_eq!(read["cards"][n], json!({"id": card["id"], "text": text}));
        let flat = format!("/cards/{}", card["id"]);
        let (_, flat) = ask(&site, &mut world, ("GET", &flat, Value::Null));
        let nested = format!("{cards}/{}", card["id"]);
        let (_, nested) = ask(&site, &mut world, ("GET", &nested, Value::Null));
        assert_eq!((&flat, &flat["text"]), (&nested, &json!(text)), "one card has two addresses");
    }
    let (_, read) = ask(&site, &mut world, ("GET", &path, Value::Null));
    let first = format!("/cards/{}", read["cards"][0]["id"]);
    assert_eq!(ask(&site, &mut world, ("DELETE", &first, Value::Null)).0, 204);
    let (_, read) = ask(&site, &mut world, ("GET", &path, Value::Null));
    assert_eq!(read["cards"].as_array().map(Vec::len), Some(1), "{read}");
    let (_, all) = ask(&site, &mut world, ("GET", "/boards", Value::Null));
    let row = all.as_array().and_then(|rows| rows.iter().find(|row| row["id"] == board["id"]));
    assert_eq!(row.map(|row| &row["cards"]), Some(&read["cards"]));
}

#[test]
fn below_an_item_stands_what_it_names_and_holds() {
    let site = trained();
    let mut world = World::over(site.base.clone());
    for title in ["first", "second", "third"] {
        let (board, path) = made(&site, &mut world, title);
        let (_, owner) = ask(&site, &mut world, ("GET", &format!("{path}/owner"), Value::Null));
        let person = format!("/people/{}", board["owner"]);
        let (_, person) = ask(&site, &mut world, ("GET", &person, Value::Null));
        assert_eq!(owner, person);
        let (_, labels) = ask(&site, &mut world, ("GET", &format!("{path}/labels"), Value::Null));
        assert_eq!(labels, board["labels"]);
    }
}

#[test]
fn a_put_to_a_list_makes_or_changes_what_its_body_names() {
    let site = trained();
    let mut world = World::over(site.base.clone());
    let sent = json!({"title": "put there"});
    let (status, board) = ask(&site, &mut world, ("PUT", "/boards", sent));
    assert_eq!((status, &board["title"]), (200, &json!("put there")));
    let path = format!("/boards/{}", board["id"]);
    let (status, read) = ask(&site, &mut world, ("GET", &path, Value::Null));
    assert_eq!((status, &read["title"]), (200, &json!("put there")));
}

#[test]
fn an_answer_tells_whether_something_is_there() {
    let site = trained();
    let mut world = World::over(site.base.clone());
    let (_, path) = made(&site, &mut world, "to be found");
    let exists = |world: &mut World, path: &str| {
        ask(&site, world, ("GET", &format!("{path}/exists"), Value::Null)).1
    };
    assert_eq!(exists(&mut world, &path), json!({"exists": true}));
    assert_eq!(exists(&mut world, "/boards/77777"), json!({"exists": false}));
}

#[test]
fn a_token_ends_with_the_logout() {
    let site = trained();
    let mut world = World::over(site.base.clone());
    let plan = |world: &mut World, token: &str| {
        ask_as(Some(token), &site, world, ("GET", "/plan", Value::Null)).0
    };
    let login = |world: &mut World| {
        let said = ask(&site, world, ("POST", "/login", Value::Null)).1;
        said["token"].as_str().expect("a token").to_owned()
    };
    let (one, other) = (login(&mut world), login(&mut world));
    assert_eq!((plan(&mut world, &one), plan(&mut world, &other)), (200, 200));
    let left = ask_as(Some(&one), &site, &mut world, ("POST", "/logout", Value::Null));
    assert_eq!(left.0, 204);
    assert_eq!((plan(&mut world, &one), plan(&mut world, &other)), (401, 200));
}
