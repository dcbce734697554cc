//! The recipes of `docs/CHAOS.md`, carried out as they are written.

use serde_json::Value;

use crate::support::client::RawClient;
use crate::support::double::Double;

/// One request of a recipe and what it is to lead to; no status means no answer.
#[derive(Debug, Default)]
struct Entry {
    request: String,
    headers: Vec<(String, String)>,
    body: String,
    status: Option<u16>,
    fields: Vec<(String, String)>,
    asserts: Vec<(String, Value)>,
}

/// Reads the part of Hurl's format that the recipes are written in.
fn entries(recipe: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut asserting = false;
    for line in recipe.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let method = line.split(' ').next().unwrap_or_default();
        if ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method) {
            entries.push(Entry { request: line.to_owned(), ..Entry::default() });
            asserting = false;
            continue;
        }
        let Some(entry) = entries.last_mut() else { continue };
        if let Some(status) = line.strip_prefix("HTTP ") {
            entry.status = Some(status.parse().expect("a status"));
        } else if line == "[Asserts]" {
            asserting = true;
        } else if asserting && !line.is_empty() {
            let rest = line.strip_prefix("jsonpath \"$").expect("a JSON path");
            let (path, value) = rest.split_once("\" == ").expect("an equation");
            let pointer = path.replace(['.', '['], "/").replace(']', "");
            entry.asserts.push((pointer, serde_json::from_str(value).expect("JSON")));
        } else if line.starts_with('{') || !entry.body.is_empty() && entry.status.is_none() {
            entry.body.push_str(line);
        } else if let Some((name, value)) = line.split_once(": ") {
            let field = (name.to_owned(), value.to_owned());
            if entry.status.is_some() { &mut entry.fields } else { &mut entry.headers }.push(field);
        }
    }
    entries
}

fn carry_out(double: &Double, entry: &Entry, recipe: &str) {
    let (method, url) = entry.request.split_once(' ').expect("a request line");
    let path = url.strip_prefix("{{double}}").expect("a path of the double");
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in &entry.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !entry.body.is_empty() {
        // As Hurl does with a JSON body.
        head.push_str("content-type: application/json\r\n");
    }
    head.push_str(&format!("content-length: {}\r\n\r\n{}", entry.body.len(), entry.body));
    let mut client = RawClient::connect(double.addr);
    client.send(head.as_bytes());
    let answer = client.answer();
    let Some(status) = entry.status else {
        assert!(answer.is_none(), "{recipe}: {entry:?} is answered");
        return;
    };
    let answer = answer.unwrap_or_else(|| panic!("{recipe}: {entry:?} is not answered"));
    assert_eq!(answer.status, status, "{recipe}: {entry:?}\n{}", answer.text());
    for (name, value) in &entry.fields {
        assert_eq!(answer.get(name), Some(value.as_str()), "{recipe}: {name}\n{}", answer.head);
    }
    for (pointer, value) in &entry.asserts {
        assert_eq!(answer.json().pointer(pointer), Some(value), "{recipe}: {pointer}");
    }
}

#[test]
fn every_recipe_does_what_it_says() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CHAOS.md"))
        .expect("readable");
    let double = Double::in_front_of_demo();
    double.learn_demo(300);
    let mut carried_out = 0;
    for section in text.split("\n## ").skip(1) {
        let title = section.lines().next().unwrap_or_default();
        for recipe in section.split("```hurl\n").skip(1) {
            let recipe = recipe.split("```").next().unwrap_or_default();
            let entries = entries(recipe);
            assert!(!entries.is_empty(), "{title} says nothing");
            entries.iter().for_each(|entry| carry_out(&double, entry, title));
            carried_out += entries.len();
            clear(&double);
        }
    }
    assert!(carried_out > 25, "the recipes were found: {carried_out}");
}

/// Takes all rules away, so that recipes do not depend on each other.
fn clear(double: &Double) {
    let rules = double.admin("GET", "/chaos/rules?per_page=500").json();
    for rule in rules["items"].as_array().expect("rules") {
        let id = rule["id"].as_str().expect("an id");
        let gone = super::change(double, "DELETE", id, Some("*"), &Value::Null);
        assert_eq!(gone.status, 204, "{}", gone.text());
    }
}
