//! Laws of a backend that changes its mind: what it refuses is followed after few exchanges, and
//! what it refuses somebody odd is no reason for others.

use std::sync::Arc;

use serde_json::{Value, json};

use super::learn::Site;
use super::tests::{Asked, Recording, Said, ask, ask_as};
use crate::domain::world::World;

/// Exchanges after which a change must be followed.
const EXCHANGES: usize = 30;

/// Exchanges of each kind before it.
const BEFORE: usize = 60;

/// A door that is opened by a token, or by anybody; beside it a search that refuses quotes.
struct Door {
    is_open: bool,
}

impl Door {
    fn say(&self, token: Option<&str>, (method, path, body): &Asked<'_>) -> Said {
        match (*method, *path) {
            ("POST", "/login") => {
                let name = body["name"].as_str().unwrap_or_default();
                (200, json!({ "token": format!("tk-7f3a9c-{name}-51d0") }))
            }
            ("GET", "/status") => {
                let is_known = token.is_some_and(|token| token.starts_with("tk-7f3a9c-"));
                match self.is_open || is_known {
                    true => (200, json!({"state": "fine"})),
                    false => (401, json!({"error": "a token is needed"})),
                }
            }
            (_, path) if path.starts_with("/search?q=") => {
                let odd = path.contains("%27");
                let refused = (403, json!({"error": "forbidden"}));
                if odd { refused } else { (200, json!({"hits": path.len()})) }
            }
            _ => (404, json!({"error": "nothing here"})),
        }
    }
}

/// A recording that goes on while its backend changes.
struct Story {
    door: Door,
    recording: Recording,
}

impl Story {
    fn begin() -> Self {
        Self { door: Door { is_open: false }, recording: Recording::new() }
    }

    fn say(&mut self, token: Option<&str>, asked: Asked<'_>) -> Said {
        let said = self.door.say(token, &asked);
        self.recording.note_as(token, &asked, &said);
        said
    }

    fn log_in(&mut self, n: usize) -> String {
        let said = self.say(None, ("POST", "/login", json!({ "name": format!("user{n:02}") })));
        said.1["token"].as_str().expect("a token").to_owned()
    }
}

fn world_of(site: &Site) -> World {
    World::over(Arc::clone(&site.base))
}

const STATUS: (&str, &str, Value) = ("GET", "/status", Value::Null);

#[test]
fn a_token_that_is_needed_no_more_is_followed() {
    let mut story = Story::begin();
    for n in 0..BEFORE {
        let token = story.log_in(n);
        story.say(Some(&token), STATUS);
        story.say(None, STATUS);
    }
    let site = story.recording.learn();
    assert_eq!(ask(&site, &mut world_of(&site), STATUS).0, 401);
    story.door.is_open = true;
    (0..EXCHANGES).for_each(|_| _ = story.say(None, STATUS));
    let site = story.recording.learn();
    assert_eq!(ask(&site, &mut world_of(&site), STATUS).0, 200);
}

#[test]
fn a_thousand_odd_requests_of_one_are_no_reason_for_others() {
    let mut story = Story::begin();
    let names: Vec<String> = (0..8).map(|n| story.log_in(n)).collect();
    for n in 0..BEFORE {
        let path = format!("/search?q=word{}", n % 17);
        story.say(Some(&names[n % names.len()]), ("GET", &path, Value::Null));
    }
    let attacker = story.log_in(66);
    for n in 0..1_000 {
        let path = format!("/search?q=%27+or+{n}%3D{n}+--");
        story.say(Some(&attacker), ("GET", &path, Value::Null));
    }
    let site = story.recording.learn();
    let mut world = world_of(&site);
    for (n, query) in ["word3", "word40", "something", "two+words"].into_iter().enumerate() {
        let path = format!("/search?q={query}");
        let told = ask_as(Some(&names[n]), &site, &mut world, ("GET", &path, Value::Null));
        assert_eq!(told.0, 200, "{query}");
    }
}
