//! Laws of a site where people log in by a form and find themselves at `/users/me`: what they make
//! is theirs, what others made is not.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::learn::Site;
use super::tests::{Asked, Recording, Said, ask, ask_as};
use crate::domain::random::seed::mix;
use crate::domain::world::World;

/// An office: accounts, and things that each account keeps for itself.
#[derive(Default)]
struct Office {
    users: Vec<Map<String, Value>>,
    words: Vec<String>,
    tokens: Vec<(String, usize)>,
    things: Vec<Map<String, Value>>,
}

pub(super) fn id_of(n: usize, salt: u64) -> String {
    let (a, b) = (mix(n as u64, salt), mix(n as u64, salt + 1));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a & 0xffff,
        (a >> 20) & 0xfff,
        b & 0xfff,
        b >> 16
    )
}

impl Office {
    fn who(&self, token: Option<&str>) -> Option<usize> {
        self.tokens.iter().find(|(known, _)| token == Some(known)).map(|(_, who)| *who)
    }

    fn say(&mut self, token: Option<&str>, (method, target, body): &Asked<'_>) -> Said {
        match (*method, *target) {
            ("POST", "/users/signup") => return self.sign_up(body),
            ("POST", "/login") => return self.login(body),
            _ => {}
        }
        let Some(who) = self.who(token) else { return (401, json!({"error": "who are you"})) };
        if *target == "/users/me" {
            if *method == "PATCH" {
                self.users[who].extend(body.as_object().cloned().expect("an object"));
            }
            return (200, Value::Object(self.users[who].clone()));
        }
        if let Some(id) = target.strip_prefix("/users/") {
            let found = self.users.iter().position(|user| user["id"] == id);
            return match found {
                Some(found) if found == who => (200, Value::Object(self.users[found].clone())),
                Some(_) => (403, json!({"error": "not yours"})),
                None => (404, json!({"error": "no such user"})),
            };
        }
        let own = self.users[who]["id"].clone();
        if let Some(id) = target.strip_prefix("/things/") {
            let found = self.things.iter().find(|thing| thing["id"] == id);
            return match found {
                Some(thing) if thing["owner_id"] == own => (200, Value::Object(thing.clone())),
                Some(_) => (403, json!({"error": "not yours"})),
                None => (404, json!({"error": "no such thing"})),
            };
        }
        if *method == "POST" {
            let mut thing = body.as_object().cloned().expect("an object");
            thing.insert("id".into(), id_of(self.things.len(), 50).into());
            thing.insert("owner_id".into(), own);
            self.things.push(thing.clone());
            return (201, Value::Object(thing));
        }
        let mine = self.things.iter().filter(|thing| thing["owner_id"] == own);
        let mine: Vec<Value> = mine.cloned().map(Value::Object).collect();
        (200, json!({"count": mine.len(), "data": mine}))
    }

    fn sign_up(&mut self, sent: &Value) -> Said {
        let id = id_of(self.users.len(), 10);
        let user =
            json!({"email": sent["email"], "name": sent["name"], "is_boss": false, "id": id});
        self.users.push(user.as_object().cloned().expect("an object"));
        self.words.push(sent["password"].as_str().unwrap_or_default().to_owned());
        (200, user)
    }

    fn login(&mut self, sent: &Value) -> Said {
        let found = (0..self.users.len()).find(|n| {
            self.users[*n]["email"] == sent["username"] && sent["password"] == *self.words[*n]
        });
        let Some(who) = found else { return (400, json!({"error": "wrong mail or password"})) };
        let token = format!("tk{:016x}{:016x}", mix(self.tokens.len() as u64, 77), who);
        self.tokens.push((token.clone(), who));
        (200, json!({"access_token": token, "token_type": "bearer"}))
    }
}

fn mail(n: usize) -> String {
    format!("{}{n}@office.example", ["ada", "bob", "cleo", "dan"][n % 4])
}

fn login(n: usize, password: &str) -> Value {
    json!({"grant_type": "password", "username": mail(n), "password": password})
}

fn learned() -> Site {
    let mut office = Office::default();
    let mut recording = Recording::new();
    let mut say = |token: Option<&str>, asked: Asked<'_>| -> Value {
        let said = office.say(token, &asked);
        recording.note_as(token, &asked, &said);
        said.1
    };
    let mut others: Option<String> = None;
    for n in 0..9 {
        let word = format!("secret-word-{n}{}", mix(n as u64, 4) % 1_000);
        let sent = json!({"email": mail(n), "name": format!("Name {n}"), "password": word});
        let user = say(None, ("POST", "/users/signup", sent));
        say(None, ("POST", "/login", login(n, "not-the-word")));
        say(None, ("POST", "/login", login(n + 100, &word)));
        let told = say(None, ("POST", "/login", login(n, &word)));
        let token = told["access_token"].as_str().map(ToOwned::to_owned);
        say(token.as_deref(), ("GET", "/users/me", Value::Null));
        say(None, ("GET", "/users/me", Value::Null));
        say(Some("forged-0123456789"), ("GET", "/users/me", Value::Null));
        let path = format!("/users/{}", user["id"].as_str().expect("an id"));
        say(token.as_deref(), ("GET", &path, Value::Null));
        say(others.as_deref(), ("GET", &path, Value::Null));
        say(token.as_deref(), ("PATCH", "/users/me", json!({"name": format!("New {n}")})));
        say(token.as_deref(), ("GET", "/users/me", Value::Null));
        for k in 0..2 {
            let thing =
                say(token.as_deref(), ("POST", "/things", json!({"title": format!("t{n}{k}")})));
            let path = format!("/things/{}", thing["id"].as_str().expect("an id"));
            say(token.as_deref(), ("GET", &path, Value::Null));
            say(others.as_deref(), ("GET", &path, Value::Null));
            let unknown = format!("/things/{}", id_of(n * 2 + k, 900));
            say(token.as_deref(), ("GET", &unknown, Value::Null));
            say(token.as_deref(), ("GET", "/things", Value::Null));
        }
        others = token;
    }
    recording.learn()
}

fn join(site: &Site, world: &mut World, n: usize) -> (String, Value) {
    let sent =
        json!({"email": mail(n), "name": format!("Own {n}"), "password": format!("own-{n}-word")});
    let (_, user) = ask(site, world, ("POST", "/users/signup", sent));
    let (status, told) = ask(site, world, ("POST", "/login", login(n, &format!("own-{n}-word"))));
    assert_eq!(status, 200, "{told}");
    (told["access_token"].as_str().expect("a token").to_owned(), user)
}

#[test]
fn whoever_logs_in_by_a_form_finds_themselves_and_nobody_else() {
    let site = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let (ann, user) = join(&site, &mut world, 201);
    let (ben, other) = join(&site, &mut world, 202);
    assert_ne!(ann, ben);
    let wrong = ask(&site, &mut world, ("POST", "/login", login(201, "never-this-one")));
    assert_eq!(wrong.0, 400, "{wrong:?}");
    for (token, user) in [(&ann, &user), (&ben, &other)] {
        let me = ask_as(Some(token), &site, &mut world, ("GET", "/users/me", Value::Null));
        assert_eq!((me.0, &me.1), (200, user));
    }
    assert_eq!(ask(&site, &mut world, ("GET", "/users/me", Value::Null)).0, 401);
    let path = format!("/users/{}", user["id"].as_str().expect("an id"));
    assert_eq!(ask_as(Some(&ann), &site, &mut world, ("GET", &path, Value::Null)).0, 200);
    assert_eq!(ask_as(Some(&ben), &site, &mut world, ("GET", &path, Value::Null)).0, 403);
    let named = json!({"name": "Ann herself"});
    let patched = ask_as(Some(&ann), &site, &mut world, ("PATCH", "/users/me", named));
    assert_eq!(patched.1["name"], "Ann herself");
    let read = ask_as(Some(&ann), &site, &mut world, ("GET", &path, Value::Null));
    assert_eq!(read.1["name"], "Ann herself");
    assert_eq!(read.1["id"], user["id"]);
}

#[test]
fn what_somebody_makes_names_them_and_is_theirs() {
    let site = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let (ann, user) = join(&site, &mut world, 301);
    let (ben, _) = join(&site, &mut world, 302);
    let made = ask_as(Some(&ann), &site, &mut world, ("POST", "/things", json!({"title": "mine"})));
    assert_eq!((made.0, &made.1["owner_id"]), (201, &user["id"]));
    let path = format!("/things/{}", made.1["id"].as_str().expect("an id"));
    assert_eq!(ask_as(Some(&ann), &site, &mut world, ("GET", &path, Value::Null)).0, 200);
    assert_eq!(ask_as(Some(&ben), &site, &mut world, ("GET", &path, Value::Null)).0, 403);
    let listed = ask_as(Some(&ann), &site, &mut world, ("GET", "/things", Value::Null)).1;
    assert_eq!((&listed["count"], &listed["data"][0]["title"]), (&json!(1), &json!("mine")));
    let listed = ask_as(Some(&ben), &site, &mut world, ("GET", "/things", Value::Null)).1;
    assert_eq!(listed["data"], json!([]));
}
