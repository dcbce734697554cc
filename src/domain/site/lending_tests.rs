//! Laws of a site where things are lent: a loan has no address of its own, only one at which it is
//! ended; it goes with its thing, bosses see what others may not, and passwords change.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::learn::Site;
use super::office_tests::id_of;
use super::tests::{Asked, Recording, Said, ask, ask_as};
use crate::domain::random::seed::mix;
use crate::domain::world::World;

/// The place where things are lent.
#[derive(Default)]
struct Shed {
    users: Vec<Map<String, Value>>,
    words: Vec<String>,
    tokens: Vec<(String, usize)>,
    things: Vec<Map<String, Value>>,
    loans: Vec<Map<String, Value>>,
    made: usize,
}

fn refused(status: u16, why: &str) -> Said {
    (status, json!({ "detail": why }))
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn listed(rows: Vec<Value>) -> Said {
    (200, json!({"count": rows.len(), "data": rows}))
}

impl Shed {
    fn opened() -> Self {
        let mut shed = Self::default();
        shed.add("boss@shed.example", "boss-word-1", true);
        shed
    }

    fn add(&mut self, mail: &str, word: &str, is_boss: bool) -> Value {
        let id = id_of(self.users.len(), 210);
        let user = json!({"email": mail, "is_boss": is_boss, "id": id});
        self.users.push(object(&user));
        self.words.push(word.to_owned());
        user
    }

    fn say(&mut self, token: Option<&str>, (method, target, body): &Asked<'_>) -> Said {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if *target == "/users/signup" {
            return (200, self.add(&text("email"), &text("password"), false));
        }
        if *target == "/login" {
            let found = (0..self.users.len()).find(|n| {
                self.users[*n]["email"] == body["username"] && body["password"] == *self.words[*n]
            });
            let Some(who) = found else { return refused(400, "Incorrect email or password") };
            let token = format!("tk{:016x}{:016x}", mix(self.tokens.len() as u64, 7), who);
            self.tokens.push((token.clone(), who));
            return (200, json!({"access_token": token, "token_type": "bearer"}));
        }
        let known = self.tokens.iter().find(|(known, _)| token == Some(known));
        let Some(who) = known.map(|(_, who)| *who) else {
            return refused(401, "Not authenticated");
        };
        let segments: Vec<&str> = target.trim_start_matches('/').split('/').collect();
        match (*method, &segments[..]) {
            ("GET", ["users", id]) if *id != "me" => {
                let found = self.users.iter().position(|user| user["id"] == *id);
                match found {
                    Some(found) if found == who => (200, Value::Object(self.users[found].clone())),
                    Some(_) => refused(403, "Not enough permissions"),
                    None => refused(404, "User not found"),
                }
            }
            ("GET", ["users", "me"]) => (200, Value::Object(self.users[who].clone())),
            ("PATCH", ["users", "me", "password"]) => {
                self.change_word(who, &text("current_password"), &text("new_password"))
            }
            (_, ["things", ..]) => self.things(who, method, &segments[1..], body),
            (_, ["loans", ..]) => self.loans(who, method, &segments[1..], body),
            _ => refused(404, "Not Found"),
        }
    }

    fn change_word(&mut self, who: usize, old: &str, new: &str) -> Said {
        if self.words[who] != old {
            return refused(400, "Incorrect password");
        }
        if old == new {
            return refused(400, "New password cannot be the same as the current one");
        }
        self.words[who] = new.to_owned();
        (200, json!({"message": "Password updated successfully"}))
    }

    fn things(&mut self, who: usize, method: &str, rest: &[&str], body: &Value) -> Said {
        let own = self.users[who]["id"].clone();
        let [id, ..] = rest else {
            if method == "POST" {
                let mut thing = object(body);
                self.made += 1;
                thing.insert("id".into(), id_of(self.made, 230).into());
                thing.insert("owner_id".into(), own);
                self.things.push(thing.clone());
                return (201, Value::Object(thing));
            }
            let mine = self.things.iter().filter(|thing| thing["owner_id"] == own);
            return listed(mine.cloned().map(Value::Object).collect());
        };
        let Some(at) = self.things.iter().position(|thing| thing["id"] == *id) else {
            return refused(404, "Thing not found");
        };
        if self.things[at]["owner_id"] != own && self.users[who]["is_boss"] == false {
            return refused(403, "Not enough permissions");
        }
        if rest.get(1) == Some(&"loans") {
            let rows = self.loans.iter().filter(|loan| loan["thing_id"] == *id);
            return listed(rows.cloned().map(Value::Object).collect());
        }
        if method == "DELETE" {
            self.loans.retain(|loan| loan["thing_id"] != *id);
            self.things.remove(at);
            return (200, json!({"message": "Thing deleted"}));
        }
        (200, Value::Object(self.things[at].clone()))
    }

    fn loans(&mut self, who: usize, method: &str, rest: &[&str], body: &Value) -> Said {
        let own = self.users[who]["id"].clone();
        match (method, rest) {
            ("POST", []) => {
                let of = |loan: &&Map<String, Value>| loan["thing_id"] == body["thing_id"];
                if self.loans.iter().filter(of).any(|loan| loan["returned"] == false) {
                    return refused(409, "Thing is on loan");
                }
                self.made += 1;
                let loan = json!({"id": id_of(self.made, 250), "returned": false,
                    "thing_id": body["thing_id"], "borrower_id": own, "days": body["days"]});
                self.loans.push(object(&loan));
                (201, loan)
            }
            ("POST", [id, "return"]) => {
                let Some(loan) = self.loans.iter_mut().find(|loan| loan["id"] == *id) else {
                    return refused(404, "Loan not found");
                };
                if loan["borrower_id"] != own {
                    return refused(403, "Not enough permissions");
                }
                if loan["returned"] == true {
                    return refused(409, "Loan is already returned");
                }
                loan.insert("returned".into(), true.into());
                (200, Value::Object(loan.clone()))
            }
            _ => {
                let mine = self.loans.iter().filter(|loan| loan["borrower_id"] == own);
                listed(mine.cloned().map(Value::Object).collect())
            }
        }
    }
}

fn login(mail: &str, word: &str) -> Value {
    json!({"grant_type": "password", "username": mail, "password": word})
}

fn learned() -> Site {
    let mut shed = Shed::opened();
    let mut recording = Recording::new();
    let mut say = |token: Option<&str>, asked: Asked<'_>| -> Value {
        let said = shed.say(token, &asked);
        recording.note_as(token, &asked, &said);
        said.1
    };
    let text = |said: &Value, name: &str| said[name].as_str().map(ToOwned::to_owned);
    let boss = say(None, ("POST", "/login", login("boss@shed.example", "boss-word-1")));
    let boss = text(&boss, "access_token");
    say(boss.as_deref(), ("GET", "/users/me", Value::Null));
    let mut borrowers = Vec::new();
    for n in 0..2 {
        let (mail, word) = (format!("lender{n}@shed.example"), format!("lend-{n}-word"));
        say(None, ("POST", "/users/signup", json!({"email": mail, "password": word})));
        let told = say(None, ("POST", "/login", login(&mail, &word)));
        borrowers.push(text(&told, "access_token").expect("a token"));
        say(Some(&borrowers[n]), ("GET", "/loans", Value::Null));
    }
    for n in 0..5 {
        let mail = format!("{}{n}@shed.example", ["ada", "bob", "cleo"][n % 3]);
        let word = format!("secret-{n}{}", mix(n as u64, 3) % 1_000);
        let user = say(None, ("POST", "/users/signup", json!({"email": mail, "password": word})));
        say(None, ("POST", "/login", login(&mail, "not-the-word")));
        say(None, ("POST", "/login", login(&format!("nobody{n}@shed.example"), &word)));
        let told = say(None, ("POST", "/login", login(&mail, &word)));
        let own = text(&told, "access_token");
        let own = own.as_deref();
        say(own, ("GET", "/users/me", Value::Null));
        say(None, ("GET", "/users/me", Value::Null));
        let path = format!("/users/{}", user["id"].as_str().expect("an id"));
        say(own, ("GET", &path, Value::Null));
        say(Some(&borrowers[n % 2]), ("GET", &path, Value::Null));
        let changes = |old: &str, new: &str| {
            let body = json!({"current_password": old, "new_password": new});
            ("PATCH", "/users/me/password", body)
        };
        say(own, changes(&format!("never-{n}"), &format!("{word}-b")));
        say(own, changes(&word, &word));
        say(own, changes(&word, &format!("{word}-b")));
        say(None, ("POST", "/login", login(&mail, &word)));
        say(None, ("POST", "/login", login(&mail, &format!("{word}-b"))));
        lends(&mut say, (own, boss.as_deref(), &borrowers), n);
    }
    recording.learn()
}

/// Things of one account: made, read by others, lent, returned and deleted.
fn lends(
    say: &mut dyn FnMut(Option<&str>, Asked<'_>) -> Value,
    (own, boss, borrowers): (Option<&str>, Option<&str>, &[String]),
    n: usize,
) {
    let text = |said: &Value, name: &str| said[name].as_str().map(ToOwned::to_owned);
    let mut ids = Vec::new();
    for k in 0..6 {
        let thing = say(own, ("POST", "/things", json!({"title": format!("thing {n}{k}")})));
        let id = text(&thing, "id").expect("an id");
        let path = format!("/things/{id}");
        say(own, ("GET", &path, Value::Null));
        say(own, ("GET", "/things", Value::Null));
        say(boss, ("GET", &path, Value::Null));
        let who = &borrowers[(n + k) % 4 / 2];
        say(Some(&borrowers[(n + k) % 2]), ("GET", &path, Value::Null));
        let unknown = format!("/things/{}", id_of(n * 6 + k, 900));
        say(own, ("GET", &unknown, Value::Null));
        let lend = |days: usize| ("POST", "/loans", json!({"thing_id": id, "days": days}));
        let loan = say(Some(who), lend(n + k + 2));
        say(Some(who), lend(3));
        say(own, ("GET", &format!("{path}/loans"), Value::Null));
        say(Some(who), ("GET", "/loans", Value::Null));
        if k % 2 == 1 {
            let path = format!("/loans/{}/return", text(&loan, "id").expect("an id"));
            say(own, ("POST", &path, Value::Null));
            say(Some(who), ("POST", &path, Value::Null));
            say(Some(who), ("POST", &path, Value::Null));
            say(Some(who), lend(n + k + 9));
            let unknown = format!("/loans/{}/return", id_of(n * 6 + k, 901));
            say(Some(who), ("POST", &unknown, Value::Null));
        }
        ids.push(path);
    }
    for path in &ids[..2] {
        say(own, ("DELETE", path, Value::Null));
        say(own, ("GET", path, Value::Null));
        say(own, ("GET", "/things", Value::Null));
    }
}

/// Somebody new who is logged in.
fn join(site: &Site, world: &mut World, name: &str) -> String {
    let mail = format!("{name}@shed.example");
    let sent = json!({"email": mail, "password": format!("{name}-own-word")});
    assert_eq!(ask(site, world, ("POST", "/users/signup", sent)).0, 200);
    let told = ask(site, world, ("POST", "/login", login(&mail, &format!("{name}-own-word"))));
    assert_eq!(told.0, 200, "{told:?}");
    told.1["access_token"].as_str().expect("a token").to_owned()
}

#[test]
fn what_only_an_action_addresses_is_made_listed_and_ended() {
    let site = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let (ann, ben) = (join(&site, &mut world, "ann"), join(&site, &mut world, "ben"));
    let mut say = |who: &str, asked| ask_as(Some(who), &site, &mut world, asked);
    let made = say(&ann, ("POST", "/things", json!({"title": "a barrow"}))).1;
    let id = made["id"].as_str().expect("an id");
    let lend = |days: u32| ("POST", "/loans", json!({"thing_id": id, "days": days}));
    assert_eq!(say(&ben, ("GET", "/loans", Value::Null)).1["data"], json!([]));
    let (status, loan) = say(&ben, lend(4));
    assert_eq!((status, &loan["thing_id"], &loan["returned"]), (201, &json!(id), &json!(false)));
    assert_eq!(say(&ben, lend(4)).0, 409);
    assert_eq!(say(&ben, ("GET", "/loans", Value::Null)).1["data"], json!([loan]));
    assert_eq!(say(&ann, ("GET", "/loans", Value::Null)).1["data"], json!([]));
    let below = format!("/things/{id}/loans");
    assert_eq!(say(&ann, ("GET", &below, Value::Null)).1["data"], json!([loan]));
    let end = format!("/loans/{}/return", loan["id"].as_str().expect("an id"));
    assert_eq!(say(&ann, ("POST", &end, Value::Null)).0, 403);
    let (status, ended) = say(&ben, ("POST", &end, Value::Null));
    assert_eq!((status, &ended["returned"], &ended["id"]), (200, &json!(true), &loan["id"]));
    assert_eq!(say(&ben, ("POST", &end, Value::Null)).0, 409);
    assert_eq!(say(&ben, lend(9)).0, 201, "it is free again");
    let unknown = format!("/loans/{}/return", id_of(1, 77));
    assert_eq!(say(&ben, ("POST", &unknown, Value::Null)).0, 404);
}

#[test]
fn others_may_not_read_it_though_a_boss_does() {
    let site = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let (ann, ben) = (join(&site, &mut world, "ann"), join(&site, &mut world, "ben"));
    let told =
        ask(&site, &mut world, ("POST", "/login", login("boss@shed.example", "boss-word-1")));
    let boss = told.1["access_token"].as_str().expect("a token").to_owned();
    let mut say = |who: &str, asked| ask_as(Some(who), &site, &mut world, asked);
    let made = say(&ann, ("POST", "/things", json!({"title": "a barrow"}))).1;
    let path = format!("/things/{}", made["id"].as_str().expect("an id"));
    let asked = || ("GET", &*path, Value::Null);
    assert_eq!([&ann, &ben, &boss].map(|who| say(who, asked()).0), [200, 403, 200]);
    assert_eq!(say(&boss, ("GET", "/users/me", Value::Null)).1["email"], "boss@shed.example");
}

#[test]
fn a_password_changes_for_who_knows_the_old_one() {
    let site = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let ann = join(&site, &mut world, "ann");
    let mut change = |old: &str, new: &str| {
        let body = json!({"current_password": old, "new_password": new});
        ask_as(Some(&ann), &site, &mut world, ("PATCH", "/users/me/password", body))
    };
    let wrong = change("not-it-at-all", "quite-another");
    assert_eq!((wrong.0, &wrong.1["detail"]), (400, &json!("Incorrect password")));
    assert_eq!(change("ann-own-word", "ann-own-word").0, 400);
    assert_eq!(change("ann-own-word", "quite-another").0, 200);
    let mail = "ann@shed.example";
    assert_eq!(ask(&site, &mut world, ("POST", "/login", login(mail, "ann-own-word"))).0, 400);
    assert_eq!(ask(&site, &mut world, ("POST", "/login", login(mail, "quite-another"))).0, 200);
}
