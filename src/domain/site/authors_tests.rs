//! A backend whose writers sign in: drafts, slugs, versions, and numbers that count one's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Turn;
use super::corrections::SiteCorrections;
use super::learn::Site;
use crate::domain::world::form::slug;
use crate::domain::world::{Request, SiteExchange, World};

type Said = (u16, Value);

/// Posts that only their authors see until they are open.
#[derive(Default)]
struct Journal {
    people: Vec<String>,
    posts: Vec<Value>,
}

impl Journal {
    fn say(&mut self, method: &str, path: &str, who: &str, body: &Value) -> Said {
        if path == "/join" {
            let name = body["name"].as_str().unwrap_or_default().to_owned();
            self.people.push(name.clone());
            let user = json!({ "id": self.people.len(), "name": name });
            return (201, json!({ "token": token(&name), "user": user }));
        }
        let Some(n) = self.people.iter().position(|name| token(name) == who) else {
            return (401, json!({ "code": "not signed in" }));
        };
        let me = json!(n + 1);
        let sees = |post: &Value| post["state"] == "open" || post["author"] == me;
        if path == "/me" {
            let own = self.posts.iter().filter(|post| post["author"] == me).count();
            return (200, json!({ "id": me, "name": self.people[n], "posts": own }));
        }
        if path == "/posts" && method == "GET" {
            let seen: Vec<&Value> = self.posts.iter().filter(|post| sees(post)).collect();
            return (200, json!({ "items": seen, "total": seen.len() }));
        }
        if path == "/posts" {
            let title = body["title"].as_str().unwrap_or_default();
            let slug = slug(title);
            self.posts.push(json!({
                "slug": slug, "title": title, "state": "draft", "author": me, "version": 1,
                "url": format!("/posts/{slug}"),
            }));
            return (201, self.posts.last().cloned().unwrap_or_default());
        }
        let slug = path.trim_start_matches("/posts/").trim_end_matches("/open");
        let Some(post) = self.posts.iter_mut().find(|post| post["slug"] == slug && sees(post))
        else {
            return (404, json!({ "code": "no such post" }));
        };
        if method == "PUT" || path.ends_with("/open") {
            if method == "PUT" && body["version"] != post["version"] {
                return (409, json!({ "code": "old version" }));
            }
            match method {
                "PUT" => post["title"] = body["title"].clone(),
                _ => post["state"] = "open".into(),
            }
            post["version"] = json!(post["version"].as_i64().unwrap_or(0) + 1);
        }
        (200, post.clone())
    }
}

fn token(name: &str) -> String {
    format!("session-of-{name}-0123456789")
}

fn request(method: &str, path: &str, who: &str, body: &Value, at_ms: i64) -> Request {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let headers = vec![
        ("content-type".into(), "application/json".to_owned()),
        ("authorization".into(), format!("Bearer {who}")),
    ];
    Request::read((method, path, ""), headers, &bytes, at_ms)
}

fn learned() -> Site {
    let mut journal = Journal::default();
    let mut exchanges = Vec::new();
    let mut now_ms = 1_790_000_000_000;
    let mut ask = |method: &str, path: &str, who: &str, body: Value| {
        now_ms += 1_000;
        let (status, said) = journal.say(method, path, who, &body);
        let request = Arc::new(request(method, path, who, &body, now_ms));
        let headers = vec![("content-type".into(), "application/json".to_owned())];
        let bytes = said.to_string().into_bytes();
        exchanges.push(Arc::new(SiteExchange::read(request, status, headers, &bytes)));
        said
    };
    let nouns = ["lamp", "kettle", "atlas", "drill", "bowl", "clock"];
    for round in 0..5 {
        let (ann, ben) = (format!("ann{round}"), format!("ben{round}"));
        for name in [&ann, &ben] {
            ask("POST", "/join", "", json!({ "name": name, "password": format!("pw-{name}") }));
        }
        let (ann, ben) = (token(&ann), token(&ben));
        ask("GET", "/me", &ann, Value::Null);
        ask("GET", "/posts", "nobody-0123456789", Value::Null);
        for (n, noun) in nouns.iter().enumerate() {
            let title = format!("The {noun} of {round}");
            let said = ask("POST", "/posts", &ann, json!({ "title": title }));
            let path = said["url"].as_str().unwrap_or_default().to_owned();
            ask("GET", &path, &ann, Value::Null);
            ask("GET", &path, &ben, Value::Null);
            ask("GET", "/posts", &ann, Value::Null);
            ask("GET", "/posts", &ben, Value::Null);
            ask("PUT", &path, &ann, json!({ "title": format!("A {noun}"), "version": 1 }));
            ask("PUT", &path, &ann, json!({ "title": "Too late", "version": 1 }));
            ask("GET", &path, &ann, Value::Null);
            ask("GET", "/me", &ann, Value::Null);
            if n % 2 == 0 {
                ask("POST", &format!("{path}/open"), &ann, Value::Null);
                ask("GET", &path, &ben, Value::Null);
                ask("GET", "/posts", &ben, Value::Null);
            }
        }
    }
    Site::learn(&exchanges, 7, &SiteCorrections::default())
}

#[test]
fn writers_see_their_drafts_and_others_do_not() {
    let site = learned();
    let mut world = World::over(Arc::clone(&site.base));
    let mut ask = |method: &str, path: &str, who: &str, body: Value| -> Said {
        let now = world.tick(1_800_000_000_000);
        let request = request(method, path, who, &body, now);
        let mut turn = Turn::begin(&site, &mut world, request, now, 11).expect("learned");
        let statuses: BTreeMap<u16, u32> = turn.endpoint.statuses.iter().copied().collect();
        let chance = statuses.keys().copied().next().unwrap_or(404);
        let status = turn.decide(chance).map_or(chance, |decided| decided.status);
        let answer = turn.answer(status).unwrap_or_default();
        turn.observe(status, Vec::new(), &answer);
        (status, answer.document.unwrap_or(Value::Null))
    };
    let mut join = |name: &str| {
        let (status, said) =
            ask("POST", "/join", "", json!({ "name": name, "password": format!("pw-{name}") }));
        assert_eq!(status, 201, "{said}");
        (said["token"].as_str().unwrap_or_default().to_owned(), said["user"]["id"].clone())
    };
    let ((eve, eves), (kim, _)) = (join("eve77"), join("kim88"));
    let (status, made) = ask("POST", "/posts", &eve, json!({ "title": "New Ways 3" }));
    assert_eq!((status, &made["slug"]), (201, &json!("new-ways-3")), "{made}");
    assert_eq!((&made["author"], &made["url"]), (&eves, &json!("/posts/new-ways-3")), "{made}");
    let slugs = |list: &Value| -> Vec<String> {
        let rows = list["items"].as_array().into_iter().flatten();
        rows.filter_map(|row| Some(row["slug"].as_str()?.to_owned())).collect()
    };
    let own = ask("GET", "/posts", &eve, Value::Null).1;
    let others = ask("GET", "/posts", &kim, Value::Null).1;
    assert!(slugs(&own).contains(&"new-ways-3".to_owned()), "{own}");
    assert!(!slugs(&others).contains(&"new-ways-3".to_owned()), "{others}");
    assert_eq!(others["total"], slugs(&others).len());
    assert_eq!(ask("GET", "/posts/new-ways-3", &kim, Value::Null).0, 404);
    assert_eq!(ask("GET", "/me", &eve, Value::Null).1["posts"], 1);
    let edit = json!({ "title": "Other Ways", "version": 1 });
    let (status, edited) = ask("PUT", "/posts/new-ways-3", &eve, edit.clone());
    assert_eq!((status, &edited["version"]), (200, &json!(2)), "{edited}");
    assert_eq!(ask("PUT", "/posts/new-ways-3", &eve, edit).0, 409);
    let opened = ask("POST", "/posts/new-ways-3/open", &eve, Value::Null).1;
    assert_eq!((&opened["state"], &opened["version"]), (&json!("open"), &json!(3)), "{opened}");
    let others = ask("GET", "/posts", &kim, Value::Null).1;
    assert!(slugs(&others).contains(&"new-ways-3".to_owned()), "{others}");
}
