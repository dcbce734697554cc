//! What is answered.

use serde_json::json;

use super::{learned, said, source};
use crate::support::double::Double;

#[test]
fn an_exact_answer_stands_in_the_place_of_the_models() {
    let double = learned();
    let answer = json!({"type": "exactly", "status": 418, "json": {"tea": true},
        "headers": {"x-pot": ["a", "b"], "Content-Type": "application/tea+json"}});
    let id = said(&double, json!({"methods": ["GET"], "paths": ["/users/{id}"]}), answer);
    let got = double.mock("/users/7");
    assert_eq!((got.status, got.text().as_str()), (418, r#"{"tea":true}"#));
    assert_eq!(source(&got), ("override", format!("override;id={id}").as_str()));
    assert_eq!(got.get("content-type"), Some("application/tea+json"));
    assert_eq!(got.all("x-pot"), ["a", "b"]);
    assert_eq!(got.get("x-mock-endpoint"), Some("GET /users/{id}"));
    // Neither the backend nor a request that asks for it is overridden.
    assert_eq!(source(&double.get("/users/7")).0, "upstream");
    let headers = [("x-mock-enabled", "false")];
    assert_eq!(source(&double.request("GET", "/users/7", &headers, b"")).0, "upstream");
    let head = double.request("HEAD", "/users/7", &[("x-mock-enabled", "true")], b"");
    assert_eq!(source(&head).0, "mock", "a GET was named");
}

#[test]
fn what_was_never_learned_can_be_said() {
    let double = Double::in_front_of_demo();
    let answer = json!({"type": "exactly", "text": "id {{ request.query.id }}", "template": true});
    said(&double, json!({"paths": ["/never/seen"]}), answer);
    let got = double.mock("/never/seen?id=a%20b");
    assert_eq!((got.status, got.text().as_str()), (200, "id a b"));
    assert_eq!(got.get("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(double.mock("/never/else").status, 404);
}

#[test]
fn the_learned_answer_is_changed() {
    let double = learned();
    let plain = double.mock("/users/7").json();
    let answer = json!({"type": "changed", "status": 203, "headers": {"x-said": "1"},
        "merge_patch": {"name": "As said", "email": null}, "template": true,
        "json_patch": [{"op": "add", "path": "/more", "value": [1]}],
        "members": [{"at": "/id", "value": "fixed"}]});
    said(&double, json!({"paths": ["/users/{id}"]}), answer);
    let got = double.mock("/users/7");
    assert_eq!((got.status, source(&got).0), (203, "override"));
    assert_eq!(got.get("x-said"), Some("1"));
    let mut expected = plain;
    let members = expected.as_object_mut().expect("an object");
    members.remove("email");
    for (name, value) in [("name", json!("As said")), ("more", json!([1])), ("id", json!("fixed"))]
    {
        members.insert(name.to_owned(), value);
    }
    assert_eq!(got.json(), expected);
}

#[test]
fn hints_correct_the_model_and_it_stays_the_models_answer() {
    let double = learned();
    let hints = json!({"type": "hints", "members": [
        {"at": "/name", "one_of": ["gold", "silver"]}, {"at": "/email", "absent": true}]});
    said(&double, json!({"endpoints": [double.endpoint_id("GET /users/{id}")]}), hints);
    let got = double.mock("/users/7");
    assert_eq!(source(&got).0, "mock");
    let body = got.json();
    assert!(["gold", "silver"].contains(&body["name"].as_str().expect("a name")), "{body}");
    assert!(body.get("email").is_none(), "{body}");
    assert_eq!(double.mock("/users/7").json()["name"], body["name"], "an entity stays the same");
    // They outlive learning.
    for n in 41..=60 {
        double.get(&format!("/users/{n}"));
    }
    double.flush();
    assert!(double.mock("/users/8").json().get("email").is_none());
}

#[test]
fn a_sequence_is_each_consumers_own() {
    let double = learned();
    let bad = json!([{"type": "exactly", "status": 503, "times": 2}]);
    said(&double, json!({"paths": ["/users/{id}"]}), bad);
    let calls = |session: &str| -> Vec<bool> {
        let ask = || double.mock_with("/users/7", &[("x-mock-session", session)]);
        (0..4).map(|_| source(&ask()).0 == "override").collect()
    };
    assert_eq!(calls("a"), [true, true, false, false]);
    assert_eq!(calls("b"), [true, true, false, false]);
}

#[test]
fn the_backends_answer_is_touched_only_where_that_is_said() {
    let double = learned();
    let real = double.get("/users/7").json();
    double.flush();
    let seen = double.observations("GET /users/{id}");
    let whom = json!({"paths": ["/users/{id}"], "sources": ["upstream"], "session": "s"});
    said(&double, whom, json!({"type": "changed", "merge_patch": {"name": "changed"}}));
    let session = [("x-mock-session", "s")];
    let got = double.request("GET", "/users/7", &session, b"");
    let mut expected = real.clone();
    expected["name"] = json!("changed");
    assert_eq!((source(&got).0, got.json()), ("override", expected));
    let left_alone = [("x-mock-session", "s"), ("x-mock-enabled", "false")];
    assert_eq!(double.request("GET", "/users/7", &left_alone, b"").json(), real);
    let whom = json!({"paths": ["/users/9"], "sources": ["upstream"]});
    said(&double, whom, json!({"type": "exactly", "status": 410}));
    assert_eq!(double.get("/users/9").status, 410);
    double.flush();
    assert_eq!(double.observations("GET /users/{id}"), seen, "what was overridden teaches nothing");
}

#[test]
fn a_body_is_asked_for_and_a_template_that_fails_says_so() {
    let double = Double::in_front_of_demo();
    let whom = json!({"methods": ["POST"], "paths": ["/said"],
        "body": [{"pointer": "/kind", "equals": "gold"}]});
    let answer = json!({"type": "exactly", "status": 201, "template": true,
        "json": {"id": "{{ random.int(1, 9) }}", "kind": "{{ request.body.kind }}"}});
    said(&double, whom, answer);
    let post = |body: &[u8]| {
        let headers = [("x-mock-enabled", "true"), ("content-type", "application/json")];
        double.request("POST", "/said", &headers, body)
    };
    let made = post(br#"{"kind": "gold", "n": 1}"#).json();
    assert!(made["id"].as_u64().is_some_and(|id| (1..=9).contains(&id)), "{made}");
    assert_eq!(made["kind"], "gold");
    assert_eq!(post(br#"{"kind": "silver"}"#).status, 404);
    assert_eq!(post(b"no JSON").status, 404);
    let failing = json!({"type": "exactly", "text": "{{ random.none() }}", "template": true});
    said(&double, json!({"paths": ["/fails"]}), failing);
    let failed = double.mock("/fails");
    assert_eq!((failed.status, failed.get("x-mock-error")), (500, Some("override-failed")));
}
