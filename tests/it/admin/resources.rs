//! Resources that were found, and people's word over them.

use serde_json::{Value, json};

use super::{problem, refused_field};
use crate::support::double::Double;
use crate::support::notes::{TOKEN, learned, notes, send, teach};

fn notes_of(double: &Double) -> Value {
    let found = double.admin("GET", "/resources").json();
    let items = found["items"].as_array().expect("a list");
    let own = items.iter().find(|one| one["path"] == "/notes/{id}");
    own.unwrap_or_else(|| panic!("the notes in {found}")).clone()
}

/// Whether a consumer finds what it wrote.
fn remembers(double: &Double, consumer: &str) -> bool {
    let headers =
        [("x-mock-enabled", "true"), ("x-mock-session", consumer), ("authorization", TOKEN)];
    let body = json!({"title": "milk of this test", "done": true});
    let made = send(double, ("POST", "/notes"), &body, &headers);
    let path = format!("/notes/{}", made.json()["id"]);
    let read = send(double, ("GET", &path), &Value::Null, &headers);
    read.status == 200 && read.json()["title"] == "milk of this test"
}

#[test]
fn a_resource_is_shown_with_what_its_endpoints_do() {
    let double = learned(&notes());
    let found = notes_of(&double);
    assert_eq!((&found["state"], &found["stateful"]), (&json!("learned"), &json!(true)));
    assert_eq!((&found["id_member"], &found["ids"]), (&json!("id"), &json!("backend")));
    let does: Vec<&str> = found["operations"]
        .as_array()
        .expect("operations")
        .iter()
        .filter_map(|one| one["does"].as_str())
        .collect();
    for wanted in ["creates", "lists", "reads", "replaces", "deletes"] {
        assert!(does.contains(&wanted), "{found}");
    }
    assert!(found["evidence"].as_u64() >= Some(100), "{found}");
    assert!(found["confidence"].as_f64() >= Some(0.9), "{found}");
}

#[test]
fn a_resource_that_a_person_switches_off_is_not_remembered_until_they_take_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let backend = notes();
    let start = || Double::with(&[]).database(&database).target(backend.url()).start();
    let double = start();
    teach(&double);
    assert!(remembers(&double, "before"));
    let id = notes_of(&double)["id"].as_str().expect("an id").to_owned();
    let path = format!("/resources/{id}");
    let off = double.admin_json("PATCH", &path, &json!({"state": "off"}));
    assert_eq!((off.status, &off.json()["state"]), (200, &json!("off")), "{}", off.text());
    assert!(!remembers(&double, "off"));
    double.stop().expect("it ends well");

    let double = start();
    assert_eq!(notes_of(&double)["state"], "off", "people's word is stored");
    let back = double.admin_json("PATCH", &path, &json!({"state": "learned"}));
    assert_eq!(back.json()["state"], "learned", "{}", back.text());
    assert!(remembers(&double, "after"));
    let pinned = double.admin_json("PATCH", &path, &json!({"state": "pinned"}));
    assert_eq!(pinned.json()["state"], "pinned", "{}", pinned.text());
    assert!(remembers(&double, "pinned"));
}

#[test]
fn words_over_resources_that_cannot_be_are_refused() {
    let double = learned(&notes());
    let change =
        |id: &str, body: Value| double.admin_json("PATCH", &format!("/resources/{id}"), &body);
    problem(&change("no.*", json!({"state": "off"})), 404, "not-found");
    refused_field(&change("notes.*", json!({"state": "gone"})), 422, "state");
    refused_field(&change("notes.*", json!({"odd": 1})), 400, "odd");
}
