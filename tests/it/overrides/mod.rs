//! Overrides over real ports: people's word over the model's.

mod answers;
mod board;
mod verify;
mod wiremock;

use serde_json::{Value, json};

use crate::support::client::RawAnswer;
use crate::support::double::Double;

/// A double that has learned the sample backend.
fn learned() -> Double {
    let double = Double::in_front_of_demo();
    for n in 1..=40 {
        double.get(&format!("/users/{n}"));
    }
    double.flush();
    double
}

/// Makes an override of `whom` and an answer; gives its id.
fn said(double: &Double, whom: Value, answer: Value) -> String {
    let key = if answer.is_array() { "answers" } else { "answer" };
    let mut document = json!({"name": "said", "match": whom});
    document[key] = answer;
    let made = double.admin_json("POST", "/overrides", &document);
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["id"].as_str().expect("an id").to_owned()
}

/// Source and reason of an answer.
fn source(answer: &RawAnswer) -> (&str, &str) {
    let get = |name| answer.get(name).unwrap_or_default();
    (get("x-mock-source"), get("x-mock-reason"))
}
