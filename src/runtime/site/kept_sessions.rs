//! What consumers wrote, as one text in the database: `--sessions stored`.

use serde_json::{Value, json};

use super::Worlds;
use crate::domain::world::{read_world, write_world};

/// The name under which it is stored.
pub const STORED_AS: &str = "site_sessions";

/// Bytes of that text: it is written as a whole, as the tape is.
const BYTES_MAX: usize = 4 << 20;

/// Sessions as a text, those used last first, as many as there is room for.
#[must_use]
pub fn write(worlds: &Worlds) -> String {
    let mut text = String::from("[");
    for session in worlds.by_use() {
        let world = write_world(&session.world());
        let times = [session.began_ms, session.used_ms()];
        let one = json!({"name": &*session.name, "times": times, "world": world}).to_string();
        if text.len() + one.len() + 2 > BYTES_MAX {
            continue;
        }
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&one);
    }
    text.push(']');
    text
}

/// Puts stored sessions back; false where the text is none.
pub fn restore(worlds: &Worlds, text: &str) -> bool {
    let Ok(Value::Array(sessions)) = serde_json::from_str(text) else { return false };
    // The one used last comes last, as it did then.
    for session in sessions.iter().rev() {
        let (Some(name), Some(world)) = (session["name"].as_str(), session.get("world")) else {
            continue;
        };
        let time = |n: usize| session["times"][n].as_i64().unwrap_or_default();
        worlds.restore(name, read_world(world), (time(0), time(1)));
    }
    true
}
