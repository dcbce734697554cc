//! Laws of a site where notes are written, one or several at once: a note shows who wrote it, is
//! shown by its deletion, goes with others of its topic, and everybody lists their own account.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::learn::Site;
use super::office_tests::id_of;
use super::stored_exchanges;
use super::tape::{Tape, TapeLimits};
use super::tests::{Asked, Recording, Said, ask, ask_as};
use crate::domain::random::seed::mix;
use crate::domain::world::World;

/// The desk.
#[derive(Default)]
struct Desk {
    users: Vec<Map<String, Value>>,
    words: Vec<String>,
    tokens: Vec<(String, usize)>,
    notes: Vec<Map<String, Value>>,
    made: usize,
}

fn refused(status: u16, why: &str) -> Said {
    (status, json!({ "error": why }))
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

/// A name with its password as a credential (RFC 7617).
fn basic(name: &str, word: &str) -> String {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{word}"));
    format!("Basic {pair}")
}

fn listed(rows: Vec<Value>) -> Said {
    (200, json!({"total": rows.len(), "data": rows}))
}

impl Desk {
    fn say(&mut self, token: Option<&str>, (method, target, body): &Asked<'_>) -> Said {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if (*method, path) == ("POST", "/users") {
            let id = id_of(self.users.len(), 310);
            let user = json!({"id": id, "email": text("email"), "name": text("name")});
            self.users.push(object(&user));
            self.words.push(text("password"));
            return (201, user);
        }
        if path == "/login" {
            let found = (0..self.users.len()).find(|n| {
                self.users[*n]["email"] == body["email"] && body["password"] == *self.words[*n]
            });
            let Some(who) = found else { return refused(401, "Invalid login") };
            let token = format!("tk{:016x}{:016x}", mix(self.tokens.len() as u64, 17), who);
            self.tokens.push((token.clone(), who));
            return (201, json!({"token": token, "user": self.users[who]}));
        }
        let known = self.tokens.iter().find(|(known, _)| token == Some(known));
        let by_name = || {
            let mail = |n: usize| self.users[n]["email"].as_str().unwrap_or_default();
            (0..self.users.len()).find(|n| token == Some(&*basic(mail(*n), &self.words[*n])))
        };
        let Some(who) = known.map(|(_, who)| *who).or_else(by_name) else {
            return refused(401, "Not authenticated");
        };
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (*method, &segments[..]) {
            ("GET", ["users"]) => listed(vec![Value::Object(self.users[who].clone())]),
            ("GET", ["users", id]) if self.users[who]["id"] == *id => {
                let mut shown = self.users[who].clone();
                if query == "include=notes" {
                    let own = self.notes.iter().filter(|note| note["authorId"] == *id);
                    let own = own.map(|note| Value::Object(note.clone()));
                    shown.insert("notes".into(), own.collect());
                }
                (200, Value::Object(shown))
            }
            ("DELETE", ["users", id]) if self.users[who]["id"] == *id => {
                self.tokens.retain(|(_, whose)| *whose != who);
                self.words[who] = "\u{0}".to_owned();
                (200, Value::Object(self.users[who].clone()))
            }
            ("PATCH", ["users", id]) if self.users[who]["id"] == *id => {
                self.users[who].extend(object(body));
                (200, Value::Object(self.users[who].clone()))
            }
            (_, ["notes", rest @ ..]) => self.notes(who, (method, query), rest, body),
            _ => refused(404, "Not found"),
        }
    }

    fn shown(&self, note: &Map<String, Value>) -> Value {
        let mut note = note.clone();
        let by = self.users.iter().find(|user| user["id"] == note["authorId"]);
        let by = by.map(|user| json!({"id": user["id"], "name": user["name"]}));
        note.insert("author".into(), by.unwrap_or_default());
        Value::Object(note)
    }

    fn notes(
        &mut self,
        who: usize,
        (method, query): (&str, &str),
        rest: &[&str],
        body: &Value,
    ) -> Said {
        let own = self.users[who]["id"].clone();
        let wished = |note: &Map<String, Value>| {
            query.split_once('=').is_none_or(|(name, value)| note[name] == *value)
        };
        match (method, rest) {
            ("POST", []) => {
                let one = std::slice::from_ref(body);
                let mut made = Vec::new();
                for sent in body.as_array().map_or(one, Vec::as_slice) {
                    if sent["text"].as_str().is_none_or(str::is_empty) {
                        return refused(400, "text is required");
                    }
                    self.made += 1;
                    let mut note = object(sent);
                    note.insert("id".into(), id_of(self.made, 330).into());
                    note.insert("authorId".into(), own.clone());
                    note.insert("status".into(), "open".into());
                    let of_topic = self.notes.iter().filter(|one| one["topic"] == note["topic"]);
                    note.insert("number".into(), (of_topic.count() + 1).into());
                    self.notes.push(note.clone());
                    made.push(self.shown(&note));
                }
                let is_one = !body.is_array();
                (201, if is_one { made.swap_remove(0) } else { Value::Array(made) })
            }
            ("GET", []) => {
                let rows = self.notes.iter().filter(|note| wished(note));
                listed(rows.map(|note| self.shown(note)).collect())
            }
            ("DELETE", []) => {
                let goes = |note: &Map<String, Value>| wished(note) && note["authorId"] == own;
                let gone = self.notes.iter().filter(|note| goes(note));
                let gone = gone.map(|note| self.shown(note)).collect();
                self.notes.retain(|note| !goes(note));
                (200, Value::Array(gone))
            }
            (_, [id]) => {
                let is_mine = |note: &Map<String, Value>| note["authorId"] == own;
                let found = self.notes.iter().position(|note| note["id"] == *id);
                let found = found.filter(|at| method == "GET" || is_mine(&self.notes[*at]));
                let Some(at) = found else { return refused(404, "No such note") };
                self.note(at, method, body)
            }
            _ => refused(404, "Not found"),
        }
    }

    fn note(&mut self, at: usize, method: &str, body: &Value) -> Said {
        let shown = self.shown(&self.notes[at]);
        match method {
            "DELETE" => {
                self.notes.remove(at);
                (200, shown)
            }
            "PATCH" if self.notes[at]["status"] == "done" && body.get("status").is_none() => {
                refused(409, "The note is done")
            }
            "PATCH" => {
                self.notes[at].extend(object(body));
                (200, self.shown(&self.notes[at]))
            }
            _ => (200, shown),
        }
    }
}

/// What was recorded of the desk.
fn recorded() -> Recording {
    let mut desk = Desk::default();
    let mut recording = Recording::new();
    let mut tokens: Vec<String> = Vec::new();
    let names = ["Ida", "Otto", "Lea", "Max", "Eva", "Tom"];
    for (n, name) in names.iter().enumerate() {
        let mut say = |own: Option<&String>, asked: Asked<'_>| {
            let said = desk.say(own.map(String::as_str), &asked);
            recording.note_as(own.map(String::as_str), &asked, &said);
            said.1
        };
        let mail = format!("{}{n}@desk.example", name.to_lowercase());
        let word = format!("{name}-word-{n}");
        let user =
            say(None, ("POST", "/users", json!({"email": mail, "name": name, "password": word})));
        let told = say(None, ("POST", "/login", json!({"email": mail, "password": word})));
        say(None, ("POST", "/login", json!({"email": mail, "password": "no-such-word"})));
        tokens.push(told["token"].as_str().expect("a token").to_owned());
        let (own, other) = (tokens.last(), tokens.first());
        let account = format!("/users/{}", user["id"].as_str().expect("an id"));
        say(own, ("GET", &account, Value::Null));
        say(own, ("GET", "/users", Value::Null));
        let (right, wrong) = (basic(&mail, &word), basic(&mail, "no-such-word"));
        for sent in [&right, &wrong, &right] {
            say(Some(sent), ("GET", &account, Value::Null));
        }
        say(own, ("PATCH", &account, json!({"name": format!("{name} {n}")})));
        say(own, ("GET", "/users", Value::Null));
        say(None, ("GET", &account, Value::Null));
        for k in 0..4 {
            let topic = format!("topic{n}{k}");
            let of_topic = format!("/notes?topic={topic}");
            let one = |k: usize| json!({"text": format!("note {n} {k}"), "topic": topic});
            let first = say(own, ("POST", "/notes", one(k)));
            say(other, ("POST", "/notes", one(k + 10)));
            let path = format!("/notes/{}", first["id"].as_str().expect("an id"));
            say(own, ("GET", &path, Value::Null));
            say(own, ("GET", &of_topic, Value::Null));
            say(own, ("GET", &format!("{account}?include=notes"), Value::Null));
            say(own, ("GET", &account, Value::Null));
            say(own, ("POST", "/notes", json!([one(k + 20), one(k + 30)][..=(k % 2)])));
            say(own, ("POST", "/notes", json!({"text": "", "topic": topic})));
            say(own, ("GET", &of_topic, Value::Null));
            say(None, ("POST", "/notes", one(k + 50)));
            finish(&mut |asked| say(own, asked), &path, (n, k));
            say(own, ("GET", &format!("/notes/{}", id_of(n * 4 + k, 390)), Value::Null));
            if n > 0 {
                say(other, ("DELETE", &path, Value::Null));
            }
            say(own, ("DELETE", &path, Value::Null));
            say(own, ("GET", &path, Value::Null));
            say(own, ("GET", &of_topic, Value::Null));
            say(own, ("DELETE", &of_topic, Value::Null));
            say(own, ("GET", &of_topic, Value::Null));
        }
        if n > 2 {
            say(own, ("DELETE", &account, Value::Null));
            say(own, ("GET", &account, Value::Null));
            say(own, ("GET", "/users", Value::Null));
            say(None, ("POST", "/login", json!({"email": mail, "password": word})));
        }
    }
    recording
}

/// A note is changed, done, not changed any more, and perhaps opened again.
fn finish(say: &mut dyn FnMut(Asked<'_>) -> Value, path: &str, (n, k): (usize, usize)) {
    say(("PATCH", path, json!({"text": format!("changed {n} {k}")})));
    say(("PATCH", path, json!({"status": "done"})));
    say(("GET", path, Value::Null));
    say(("PATCH", path, json!({"text": format!("late {n} {k}")})));
    if k % 2 == 0 {
        say(("PATCH", path, json!({"status": "open"})));
        say(("PATCH", path, json!({"text": format!("again {n} {k}")})));
        say(("GET", path, Value::Null));
    }
}

/// What was learned of the desk, once for all laws.
static SITE: LazyLock<Site> = LazyLock::new(|| recorded().learn());

/// A consumer's world, in which somebody has registered and logged in.
struct Visit {
    world: World,
    /// The account's id, and its path.
    id: Value,
    account: String,
    token: String,
}

impl Visit {
    fn of_ann() -> Self {
        let mut world = World::over(Arc::clone(&SITE.base));
        let (id, token) = join(&mut world, "Ann");
        let account = format!("/users/{}", id.as_str().expect("an id"));
        Self { world, id, account, token }
    }

    fn say(&mut self, asked: Asked<'_>) -> Said {
        ask_as(Some(&self.token), &SITE, &mut self.world, asked)
    }

    /// A new note, and its path.
    fn note(&mut self) -> (Value, String) {
        let (_, note) = self.say(("POST", "/notes", json!({"text": "buy milk", "topic": "food"})));
        let path = format!("/notes/{}", note["id"].as_str().expect("an id"));
        (note, path)
    }
}

/// Registers somebody and logs them in: the account's id, and the token.
fn join(world: &mut World, name: &str) -> (Value, String) {
    let mail = format!("{}@desk.example", name.to_lowercase());
    let word = format!("{name}-own-word");
    let sent = json!({"email": mail, "name": name, "password": word});
    let user = ask(&SITE, world, ("POST", "/users", sent));
    let told = ask(&SITE, world, ("POST", "/login", json!({"email": mail, "password": word})));
    assert_eq!((user.0, told.0), (201, 201), "{told:?}");
    (user.1["id"].clone(), told.1["token"].as_str().expect("a token").to_owned())
}

#[test]
fn an_item_shows_who_made_it_as_they_are_now() {
    let mut ann = Visit::of_ann();
    let (note, path) = ann.note();
    assert_eq!(note["author"], json!({"id": ann.id, "name": "Ann"}));
    let account = ann.account.clone();
    assert_eq!(ann.say(("PATCH", &account, json!({"name": "Anna"}))).0, 200);
    let rows = ann.say(("GET", "/notes?topic=food", Value::Null)).1;
    for shown in [&ann.say(("GET", &path, Value::Null)).1, &rows["data"][0]] {
        assert_eq!(shown["author"], json!({"id": ann.id, "name": "Anna"}));
    }
}

#[test]
fn a_parameter_adds_what_names_the_item() {
    let mut ann = Visit::of_ann();
    let account = ann.account.clone();
    let with = format!("{account}?include=notes");
    assert_eq!(ann.say(("GET", &with, Value::Null)).1["notes"], json!([]));
    let (note, _) = ann.note();
    let shown = ann.say(("GET", &with, Value::Null)).1;
    assert_eq!(shown["notes"][0]["id"], note["id"], "{shown}");
    assert_eq!(ann.say(("GET", &account, Value::Null)).1.get("notes"), None);
}

#[test]
fn one_path_takes_one_or_several_and_deletes_several() {
    let mut ann = Visit::of_ann();
    let bob = join(&mut ann.world, "Bob").1;
    let ann_token = ann.token.clone();
    let mut say = |who: &str, asked| ask_as(Some(who), &SITE, &mut ann.world, asked);
    let note = |text: &str| json!({"text": text, "topic": "food"});
    let (status, two) = say(&ann_token, ("POST", "/notes", json!([note("milk"), note("bread")])));
    assert_eq!(status, 201, "{two}");
    let texts = |rows: &Value| -> Vec<Value> {
        rows.as_array().into_iter().flatten().map(|row| row["text"].clone()).collect()
    };
    assert_eq!(texts(&two), ["milk", "bread"]);
    assert_eq!(say(&ann_token, ("POST", "/notes", json!([note("salt"), note("")]))).0, 400);
    assert_eq!(say(&bob, ("POST", "/notes", note("tea"))).0, 201);
    let of_topic = ("GET", "/notes?topic=food", Value::Null);
    assert_eq!(texts(&say(&bob, of_topic.clone()).1["data"]), ["milk", "bread", "tea"]);
    let (status, gone) = say(&ann_token, ("DELETE", "/notes?topic=food", Value::Null));
    assert_eq!((status, texts(&gone)), (200, vec![json!("milk"), json!("bread")]));
    assert_eq!(texts(&say(&bob, of_topic).1["data"]), ["tea"], "what is Bob's stays");
}

#[test]
fn notes_of_a_topic_are_numbered() {
    let mut ann = Visit::of_ann();
    let mut number = |topic: &str| {
        let sent = json!({"text": "a word", "topic": topic});
        ann.say(("POST", "/notes", sent)).1["number"].clone()
    };
    assert_eq!(["food", "food", "rent", "food", "rent"].map(&mut number), [1, 2, 1, 3, 2]);
}

#[test]
fn a_deletion_shows_what_it_deleted() {
    let mut ann = Visit::of_ann();
    let (note, path) = ann.note();
    assert_eq!(ann.say(("DELETE", &path, Value::Null)), (200, note));
    assert_eq!(ann.say(("GET", &path, Value::Null)).0, 404);
}

#[test]
fn what_is_done_is_opened_by_who_says_so() {
    let mut ann = Visit::of_ann();
    let (_, path) = ann.note();
    let mut patch = |body: Value| ann.say(("PATCH", &path, body)).0;
    assert_eq!(patch(json!({"status": "done"})), 200);
    assert_eq!(patch(json!({"text": "late"})), 409);
    assert_eq!(patch(json!({"status": "open"})), 200);
    assert_eq!(patch(json!({"text": "again"})), 200);
}

#[test]
fn a_name_with_its_password_is_a_credential() {
    let mut ann = Visit::of_ann();
    let mut read = |word: &str| {
        ann.token = basic("ann@desk.example", word);
        let account = ann.account.clone();
        ann.say(("GET", &account, Value::Null))
    };
    let (status, shown) = read("Ann-own-word");
    assert_eq!(read("another-word").0, 401);
    assert_eq!((status, &shown["id"]), (200, &ann.id));
}

#[test]
fn a_hash_of_a_password_is_not_stored() {
    let mut tape = Tape::new(TapeLimits::default());
    let recording = recorded();
    let issued: Vec<u64> =
        recording.exchanges().iter().flat_map(|one| one.issued.iter().copied()).collect();
    assert!(!issued.is_empty(), "registrations make names with passwords known");
    recording.exchanges().iter().for_each(|one| tape.record(Arc::clone(one)));
    let all = |path: &str| Some(vec![true; path.trim_matches('/').split('/').count()]);
    let text = stored_exchanges::write(&SITE, &tape, all);
    let found = issued.iter().filter(|hash| text.contains(&hash.to_string()));
    // Whoever sent such a credential is told from others by it, as by any other one.
    let sent = recording.exchanges().iter().filter_map(|one| one.request.credential.as_ref());
    let sent: Vec<u64> = sent.map(|sent| sent.token).collect();
    let kept: Vec<&u64> = found.filter(|hash| !sent.contains(hash)).collect();
    assert!(!text.is_empty() && kept.is_empty(), "{} of {}", kept.len(), issued.len());
}

#[test]
fn a_token_goes_with_its_account() {
    let mut ann = Visit::of_ann();
    let account = ann.account.clone();
    assert_eq!(ann.say(("DELETE", &account, Value::Null)).0, 200);
    assert_eq!(ann.say(("GET", &account, Value::Null)).0, 401);
    assert_eq!(ann.say(("GET", "/users", Value::Null)).0, 401);
}

#[test]
fn everybody_lists_their_own_account_and_nobody_without_one_anything() {
    let mut ann = Visit::of_ann();
    join(&mut ann.world, "Bob");
    let (_, list) = ann.say(("GET", "/users", Value::Null));
    assert_eq!((&list["total"], &list["data"][0]["id"]), (&json!(1), &ann.id), "{list}");
    // Neither list was ever asked for without a token.
    for path in ["/users", "/notes"] {
        assert_eq!(ask(&SITE, &mut ann.world, ("GET", path, Value::Null)).0, 401, "{path}");
    }
}
