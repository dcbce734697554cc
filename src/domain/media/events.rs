//! Server-sent events (WHATWG HTML, section 9.2.6) as a list, one object an event.

use serde_json::{Map, Value};

/// Reads a stream; its last event may lack the empty line behind it.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let text = str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}');
    let text = text.replace("\r\n", "\n");
    let events = text.split("\n\n").filter(|event| !event.trim_matches('\n').is_empty());
    Some(events.map(event).collect())
}

fn event(text: &str) -> Value {
    let mut fields: Map<String, Value> = Map::new();
    for line in text.split('\n').filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match fields.get_mut(name) {
            // Several lines of one name are one text (the specification says so of `data`).
            Some(Value::String(old)) => {
                old.push('\n');
                old.push_str(value);
            }
            _ => {
                fields.insert(name.to_owned(), value.into());
            }
        }
    }
    if let Some(Value::String(data)) = fields.get("data")
        && data.starts_with(['{', '['])
        && let Ok(inner) = serde_json::from_str(data)
    {
        fields.insert("data".to_owned(), inner);
    }
    Value::Object(fields)
}

/// Writes one event; a comment has the empty name.
pub(super) fn write(event: &Value) -> Vec<u8> {
    let mut out = String::new();
    for (name, value) in event.as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        for line in text.split('\n') {
            out.push_str(name);
            out.push_str(": ");
            out.push_str(line);
            out.push('\n');
        }
    }
    out.push('\n');
    out.into_bytes()
}
