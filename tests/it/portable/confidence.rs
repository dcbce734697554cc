//! How far mocks say that they can be believed.

use crate::support::double::Double;

const HEADER: &str = "x-mock-confidence";

#[test]
fn mocks_say_how_far_they_can_be_believed_when_they_are_to() {
    let double = Double::with(&["--confidence-header"]).start();
    (1..=5).for_each(|n| drop(double.get(&format!("/users/{n}"))));
    double.flush();
    assert_eq!(double.mock("/users/7").get(HEADER), Some("unknown"), "five say too little");
    (1..=60).for_each(|n| drop(double.get(&format!("/users/{}", n % 30 + 1))));
    double.flush();
    let told = double.mock("/users/7");
    let told = told.get(HEADER).expect("a confidence");
    let score: f64 = told.parse().expect("a number");
    let id = double.endpoint_id("GET /users/{id}");
    let known = double.admin("GET", &format!("/endpoints/{id}/fidelity")).json();
    let known = known["fidelity"]["score"].as_f64().expect("a score");
    assert!(told.len() == 4 && (score - known).abs() < 0.006, "{told}, {known}");
    // The backend's own answers need none.
    assert_eq!(double.get("/users/7").get(HEADER), None);
}

#[test]
fn mocks_say_nothing_of_it_unless_they_are_asked_to() {
    let double = Double::in_front_of_demo();
    (1..=5).for_each(|n| drop(double.get(&format!("/users/{n}"))));
    double.flush();
    assert_eq!(double.mock("/users/7").get(HEADER), None);
}
