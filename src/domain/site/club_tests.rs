//! Laws of a site where people log in: who a request is from follows from what it says.

use serde_json::{Value, json};

use super::learn::Site;
use super::tests::{Asked, Recording, Said, ask, ask_as};
use crate::domain::random::seed::mix;
use crate::domain::world::World;

/// A club whose members log in by their mail address, all with the same password.
struct Club {
    members: Vec<Value>,
    logins: u64,
    tokens: Vec<(String, usize)>,
}

const PASSWORD: &str = "swordfish";

fn mail(n: usize) -> String {
    format!("member{}.{}@club.example", mix(n as u64, 5) % 9_000 + 1_000, n)
}

impl Club {
    fn founded() -> Self {
        let member = |n: usize| {
            let (email, level) = (mail(n), n % 4);
            json!({"id": n, "email": email, "level": level, "active": true, "note": "none"})
        };
        Self { members: (0..40).map(member).collect(), logins: 0, tokens: Vec::new() }
    }

    fn login(&mut self, sent: &Value) -> Said {
        let Some(password) = sent["password"].as_str() else {
            return (422, json!({"error": "password is missing"}));
        };
        let who = self.members.iter().position(|member| member["email"] == sent["email"]);
        match who.filter(|_| password == PASSWORD) {
            Some(who) => {
                self.logins += 1;
                let token = format!("t{:016x}{:015x}", mix(self.logins, 9), who);
                self.tokens.push((token.clone(), who));
                let user = json!({"id": who, "level": self.members[who]["level"]});
                (200, json!({"token": token, "user": user}))
            }
            None => (401, json!({"error": "who are you"})),
        }
    }

    fn say(&mut self, token: Option<&str>, (method, target, body): &Asked<'_>) -> Said {
        if *target == "/login" {
            return self.login(body);
        }
        if *target == "/me" {
            let known = self.tokens.iter().find(|(known, _)| token == Some(known));
            return known.map_or((401, json!({"error": "who are you"})), |(_, who)| {
                (200, self.members[*who].clone())
            });
        }
        let id = target.strip_prefix("/members/").and_then(|id| id.parse::<usize>().ok());
        let Some(id) = id else {
            let from = target.split_once("page=").and_then(|(_, n)| n.parse().ok()).unwrap_or(0);
            let rows: Vec<Value> = self.members.iter().skip(from * 10).take(10).cloned().collect();
            return (200, json!({"rows": rows, "total": self.members.len()}));
        };
        let Some(member) = self.members.get_mut(id) else {
            return (404, json!({"error": "no such member"}));
        };
        match *method {
            "PATCH" => {
                let sent = body.as_object().cloned().unwrap_or_default();
                member.as_object_mut().expect("an object").extend(sent);
            }
            "PUT" => {
                *member = json!({"id": id, "email": body["email"], "level": body["level"],
                    "active": true, "note": "none"});
            }
            _ => {}
        }
        (200, member.clone())
    }
}

fn trained() -> Site {
    let mut club = Club::founded();
    let mut recording = Recording::new();
    let mut go = |token: Option<&str>, asked: Asked<'_>| {
        let said = club.say(token, &asked);
        recording.note_as(token, &asked, &said);
        said.1
    };
    for page in 0..4 {
        go(None, ("GET", &format!("/members?page={page}"), Value::Null));
    }
    for n in 0..14 {
        let who = (n * 5) % 40;
        let body = |password: &str| json!({"email": mail(who), "password": password});
        let token = go(None, ("POST", "/login", body(PASSWORD)))["token"].clone();
        go(None, ("POST", "/login", body(&format!("guess{n}"))));
        go(None, ("POST", "/login", json!({"email": mail(900 + n), "password": PASSWORD})));
        go(None, ("POST", "/login", json!({"email": mail(who)})));
        go(token.as_str(), ("GET", "/me", Value::Null));
        go(None, ("GET", "/me", Value::Null));
        go(Some(&format!("t{:016x}{:015x}", mix(n as u64, 77), who)), ("GET", "/me", Value::Null));
        let path = format!("/members/{who}");
        go(None, ("PATCH", &path, json!({"active": false})));
        go(None, ("GET", &path, Value::Null));
        go(None, ("PUT", &path, json!({"email": mail(who), "level": n % 3})));
        go(None, ("GET", &path, Value::Null));
        go(None, ("GET", &format!("/members/{}", 500 + n), Value::Null));
    }
    recording.learn()
}

#[test]
fn who_logs_in_is_who_asks_afterwards() {
    let site = trained();
    let mut world = World::over(site.base.clone());
    for n in [3_usize, 11, 22, 37] {
        let page =
            ask(&site, &mut world, ("GET", &format!("/members?page={}", n / 10), Value::Null));
        let row = page.1["rows"][n % 10].clone();
        let login = |password: &str| json!({"email": row["email"], "password": password});
        let (status, said) = ask(&site, &mut world, ("POST", "/login", login(PASSWORD)));
        assert_eq!(status, 200, "{n}: {said}");
        assert_eq!(said["user"]["id"], row["id"], "{said}");
        let token = said["token"].as_str().expect("a token");
        let (status, me) = ask_as(Some(token), &site, &mut world, ("GET", "/me", Value::Null));
        assert_eq!((status, &me), (200, &row));
        // The password of nobody, nobody's address, and a token that nobody gave.
        assert_eq!(ask(&site, &mut world, ("POST", "/login", login("swordfisch"))).0, 401);
        let stranger = json!({"email": mail(2_000 + n), "password": PASSWORD});
        assert_eq!(ask(&site, &mut world, ("POST", "/login", stranger)).0, 401);
        assert_eq!(ask(&site, &mut world, ("GET", "/me", Value::Null)).0, 401);
        let forged = format!("t{:016x}{:015x}", mix(n as u64, 78), n);
        let forged = ask_as(Some(&forged), &site, &mut world, ("GET", "/me", Value::Null));
        assert_eq!(forged.0, 401);
    }
}

#[test]
fn what_a_put_does_not_name_falls_back_as_it_did() {
    let site = trained();
    let mut world = World::over(site.base.clone());
    for n in [4_u32, 17, 30] {
        let path = format!("/members/{n}");
        let (_, changed) = ask(&site, &mut world, ("PATCH", &path, json!({"active": false})));
        assert_eq!(changed["active"], false);
        let whole = json!({"email": changed["email"], "level": 2});
        let (_, replaced) = ask(&site, &mut world, ("PUT", &path, whole));
        assert_eq!((&replaced["active"], &replaced["level"]), (&json!(true), &json!(2)));
        let (_, read) = ask(&site, &mut world, ("GET", &path, Value::Null));
        assert_eq!(read, replaced);
    }
}
