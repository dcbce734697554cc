//! Writes that merge, and lists that are asked for by POST below an item.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::tests::{Asked, Recording, Said, ask};
use crate::domain::world::World;

/// Boxes of documents; labels of a document are merged by their name.
#[derive(Default)]
struct Boxes(BTreeMap<String, BTreeMap<String, Map<String, Value>>>);

impl Boxes {
    fn say(&mut self, (method, path, body): &Asked<'_>) -> Said {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (*method, &parts[..]) {
            ("PUT", ["boxes", one]) => {
                self.0.entry((*one).to_owned()).or_default();
                (201, json!({ "name": one }))
            }
            ("GET", ["boxes", one]) if self.0.contains_key(*one) => (200, json!({ "name": one })),
            ("POST", ["boxes", one, "pick"]) => {
                let Some(own) = self.0.get(*one) else { return (404, json!({ "error": "none" })) };
                let wanted = body["names"].as_array().into_iter().flatten();
                let rows = wanted.filter_map(|name| own.get(name.as_str()?));
                (200, json!({ "docs": rows.collect::<Vec<_>>() }))
            }
            (method, ["boxes", one, "docs", name]) if self.0.contains_key(*one) => {
                let own = self.0.entry((*one).to_owned()).or_default();
                let mut new = body.as_object().cloned().unwrap_or_default();
                let old = own.get(*name).cloned();
                match (method, old) {
                    ("PUT", _) => {
                        new.insert("name".into(), (*name).into());
                        own.insert((*name).to_owned(), new);
                    }
                    ("PATCH", Some(mut old)) => {
                        let mut labels = old["labels"].as_array().cloned().unwrap_or_default();
                        for label in body["labels"].as_array().into_iter().flatten() {
                            labels.retain(|known| known["key"] != label["key"]);
                            labels.push(label.clone());
                        }
                        old.insert("labels".into(), labels.into());
                        own.insert((*name).to_owned(), old);
                    }
                    ("GET", Some(_)) => {}
                    _ => return (404, json!({ "error": "none" })),
                }
                (200, own.get(*name).cloned().map_or(Value::Null, Value::Object))
            }
            _ => (404, json!({ "error": "none" })),
        }
    }
}

fn label(key: &str, value: usize) -> Value {
    json!({ "key": key, "value": value })
}

#[test]
fn labels_are_merged_by_their_key_and_picked_documents_come_in_the_order_of_the_picking() {
    let (mut boxes, mut recording) = (Boxes::default(), Recording::new());
    let mut tell = |asked: Asked<'_>| {
        let said = boxes.say(&asked);
        recording.note(&asked, &said);
    };
    for (round, one) in ["oak", "elm", "ash", "yew", "fir"].iter().enumerate() {
        let path = format!("/boxes/{one}");
        tell(("PUT", &path, json!({ "size": round })));
        tell(("GET", &path, Value::Null));
        let names: Vec<String> = (0..4).map(|n| format!("doc-{round}{n}-{one}")).collect();
        for (n, name) in names.iter().enumerate() {
            let path = format!("{path}/docs/{name}");
            tell(("PUT", &path, json!({ "labels": [label("a", n), label("b", 7 * n)] })));
            tell(("GET", &path, Value::Null));
            tell(("PATCH", &path, json!({ "labels": [label("b", 50 + n), label("c", n)] })));
            tell(("GET", &path, Value::Null));
            tell(("GET", &format!("{path}-none"), Value::Null));
        }
        for (a, b) in [(3, 0), (1, 2), (2, 0), (0, 3)] {
            let body = json!({ "names": [names[a], names[b]] });
            tell(("POST", &format!("{path}/pick"), body));
        }
    }
    let site = recording.learn();
    let mut world = World::over(Arc::clone(&site.base));
    let mut ask = |asked: Asked<'_>| ask(&site, &mut world, asked);
    ask(("PUT", "/boxes/new", json!({ "size": 3 })));
    for name in ["alpha-one", "bravo-two", "delta-six"] {
        let body = json!({ "labels": [label("a", 1), label("b", 2)] });
        ask(("PUT", &format!("/boxes/new/docs/{name}"), body));
    }
    let path = "/boxes/new/docs/bravo-two";
    ask(("PATCH", path, json!({ "labels": [label("b", 9), label("z", 4)] })));
    let (status, said) = ask(("GET", path, Value::Null));
    let labels = said["labels"].as_array().cloned().unwrap_or_default();
    assert_eq!(status, 200);
    for wanted in [label("a", 1), label("b", 9), label("z", 4)] {
        assert!(labels.contains(&wanted), "{said}");
    }
    assert_eq!(labels.len(), 3, "{said}");
    let body = json!({ "names": ["delta-six", "alpha-one"] });
    let (_, said) = ask(("POST", "/boxes/new/pick", body));
    let names: Vec<&Value> =
        said["docs"].as_array().into_iter().flatten().map(|row| &row["name"]).collect();
    assert_eq!(names, ["delta-six", "alpha-one"], "{said}");
}
