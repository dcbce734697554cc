//! Lists and writes as a client expects them.

use serde_json::{Value, json};

use crate::support::double::Double;

fn taught() -> Double {
    let double = Double::in_front_of_demo();
    double.learn_demo(600);
    double
}

fn ok(double: &Double, path: &str) -> Value {
    let steering = [("x-mock-enabled", "true"), ("x-mock-status", "200")];
    let answer = double.request("GET", path, &steering, b"");
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[test]
fn a_page_has_as_many_items_as_asked_for_and_the_next_page_has_others() {
    let double = taught();
    let page = |query: &str| ok(&double, &format!("/users?{query}"));
    let (three, ten) = (page("page=1&per_page=3"), page("page=1&per_page=10"));
    let items = |list: &Value| list["items"].as_array().expect("items").clone();
    assert_eq!(items(&three).len(), 3);
    assert_eq!(items(&ten).len(), 10);
    assert_eq!((&three["page"], &three["per_page"]), (&json!(1), &json!(3)));
    assert_eq!(page("page=2&per_page=3")["page"], 2);
    assert_ne!(items(&page("page=2&per_page=10")), items(&ten));
    assert_eq!(page("per_page=10&page=1"), ten, "the order of the query makes no difference");
    assert_eq!(three["total"], ten["total"]);
}

#[test]
fn the_location_of_what_was_created_names_the_id_in_the_body() {
    let double = taught();
    let steering = [
        ("x-mock-enabled", "true"),
        ("x-mock-status", "201"),
        ("content-type", "application/json"),
    ];
    let draft = json!({ "name": "Zoe", "email": "zoe@example.com" }).to_string();
    let answer = double.request("POST", "/users", &steering, draft.as_bytes());
    assert_eq!(answer.status, 201);
    let user = answer.json();
    assert_eq!(user["name"], "Zoe");
    assert_eq!(answer.get("location"), Some(format!("/users/{}", user["id"]).as_str()));
}
