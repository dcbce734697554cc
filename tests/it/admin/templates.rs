//! Templates pinned by people win over learning, at once and over restarts.

use serde_json::{Value, json};
use stunt_double::store::{FailOn, FailingStore};
use tempfile::TempDir;

use super::{problem, refused_field};
use crate::support::double::{DemoBackend, Double};

fn pin(double: &Double, path: &str) -> Value {
    let answer = double.admin_json("PUT", "/templates", &json!({ "path": path }));
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// The template a path belongs to, as the data plane and `explain` both say it.
fn template(double: &Double, path: &str) -> String {
    let explained = double.admin("GET", &format!("/explain?path={path}")).json();
    let template = explained["template"].as_str().expect("a template").to_owned();
    let label = double.get(path).get("x-mock-endpoint").map(str::to_owned);
    assert_eq!(label, Some(format!("GET {template}")));
    template
}

fn observations(double: &Double, label: &str) -> u64 {
    let id = double.endpoint_id(label);
    let endpoint = double.admin("GET", &format!("/endpoints/{id}")).json();
    endpoint["observations"].as_u64().expect("a number")
}

#[test]
fn a_pin_folds_endpoints_at_once_and_old_ids_lead_to_the_new_one() {
    let double = Double::in_front_of_demo();
    for _ in 0..3 {
        double.get("/users/7");
        double.get("/products");
    }
    double.flush();
    let old = double.endpoint_id("GET /users/{id}");
    let pinned = pin(&double, "/users/{user}");
    assert_eq!(
        (&pinned["path"], &pinned["parameters"]),
        (&json!("/users/{user}"), &json!(["user"]))
    );
    assert_eq!((&pinned["source"], &pinned["stored"]), (&json!("person"), &json!(true)));
    assert!(pinned["created_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{pinned}");
    double.flush();
    assert_eq!(observations(&double, "GET /users/{user}"), 3, "nothing learned is lost");
    let redirected = double.admin("GET", &format!("/endpoints/{old}")).json();
    assert_eq!(redirected["path"], "/users/{user}");
    assert_eq!(template(&double, "/users/7"), "/users/{user}");
    // A name no inference would have taken for a value.
    assert_eq!(template(&double, "/users/search"), "/users/{user}");
    assert_eq!(template(&double, "/products"), "/products", "others are left alone");
}

#[test]
fn a_pin_without_parameter_keeps_a_segment_literal() {
    let double = Double::in_front_of_demo();
    for id in [1, 2, 3, 7, 7] {
        double.get(&format!("/users/{id}"));
    }
    double.flush();
    let pinned = pin(&double, "/users/7");
    assert_eq!(pinned["parameters"], json!([]));
    assert_eq!(template(&double, "/users/7"), "/users/7");
    assert_eq!(template(&double, "/users/8"), "/users/{id}");
    double.flush();
    let learned = observations(&double, "GET /users/7");
    assert_eq!(learned, 3, "what was learned of it before, and from now on");
    let explained = double.admin("GET", "/explain?path=/users/7").json();
    assert_eq!(explained["segments"][1]["kind"], "literal");
    assert_eq!(explained["segments"][1]["why"], "pinned");
}

#[test]
fn an_unpinned_template_is_learned_again_and_nothing_is_lost() {
    let double = Double::in_front_of_demo();
    let pinned = pin(&double, "/{anything}/{more}");
    for id in 1..=9 {
        double.get(&format!("/users/{id}"));
    }
    double.flush();
    assert_eq!(observations(&double, "GET /{anything}/{more}"), 9);
    let path = format!("/templates/{}", pinned["id"].as_str().expect("an id"));
    assert_eq!(double.admin("GET", &path).json()["path"], "/{anything}/{more}");
    let removed = double.admin("DELETE", &path);
    assert_eq!((removed.status, &removed.json()["stored"]), (200, &json!(true)));
    assert_eq!(template(&double, "/users/7"), "/users/{id}");
    double.flush();
    assert_eq!(observations(&double, "GET /users/{id}"), 10);
    problem(&double.admin("DELETE", &path), 404, "not-found");
    problem(&double.admin("GET", &path), 404, "not-found");
    assert_eq!(double.admin("GET", "/templates").json()["total"], 0);
}

#[test]
fn pins_are_listed_and_pinning_again_changes_nothing() {
    let double = Double::in_front_of_demo();
    for path in ["/b/{x}", "/a/{x}", "/a/me"] {
        pin(&double, path);
    }
    let again = double.admin_json("PUT", "/templates", &json!({"path": "/a/{x}"}));
    assert_eq!(again.status, 200);
    let list = double.admin("GET", "/templates?search=/A/").json();
    assert_eq!((&list["total"], &list["page"]), (&json!(2), &json!(1)));
    let paths: Vec<&Value> =
        list["items"].as_array().expect("items").iter().map(|item| &item["path"]).collect();
    assert_eq!(paths, [&json!("/a/me"), &json!("/a/{x}")]);
    // A reset forgets what was learned; what people said stays.
    double.admin("POST", "/reset?confirm=true");
    assert_eq!(double.admin("GET", "/templates").json()["total"], 3);
}

#[test]
fn pins_survive_a_restart() {
    let dir = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", dir.path().join("double.db").display());
    let backend = DemoBackend::start();
    let start = || Double::with(&[]).target(backend.url()).database(&url).start();
    let double = start();
    let pinned = pin(&double, "/users/{user}");
    pin(&double, "/users/7");
    double.get("/users/8");
    double.flush();
    double.stop().expect("saved");
    let double = start();
    let shown = double.admin("GET", &format!("/templates/{}", pinned["id"].as_str().expect("id")));
    assert_eq!(shown.json()["created_at"], pinned["created_at"]);
    assert_eq!(observations(&double, "GET /users/{user}"), 1);
    assert_eq!(template(&double, "/users/9"), "/users/{user}");
    assert_eq!(template(&double, "/users/7"), "/users/7");
}

#[test]
fn a_pin_holds_while_the_database_is_down_and_says_so() {
    let store = FailingStore::new([FailOn::WritesFrom(1)]);
    let recording = store.recording();
    let double = Double::with(&[]).store(store).start();
    assert_eq!(pin(&double, "/a/{b}")["stored"], false);
    assert_eq!(template(&double, "/a/word"), "/a/{b}");
    recording.heal();
    double.flush();
    let stored = recording.stored().pins;
    assert_eq!(stored.iter().map(|pin| &*pin.template).collect::<Vec<_>>(), ["/a/{b}"]);
}

#[test]
fn unusable_pins_are_refused_and_change_nothing() {
    let double = Double::in_front_of_demo();
    pin(&double, "/teams/{name}");
    let long = format!(r#"{{"path": "/{}"}}"#, "x".repeat(4_000));
    for (body, status, field) in [
        (r#"{"path": "teams/{name}"}"#, 422, "path"),
        (r#"{"path": "/teams/{"}"#, 422, "path"),
        (r#"{"path": "/teams/{}"}"#, 422, "path"),
        (r#"{"path": "/teams/{other}"}"#, 422, "path"),
        (r#"{"path": "/a?b=c"}"#, 422, "path"),
        (r#"{"path": "/a b"}"#, 422, "path"),
        (long.as_str(), 422, "path"),
        (r#"{"path": 7}"#, 400, "path"),
        (r"{}", 400, "path"),
        (r#"{"path": "/x", "method": "GET"}"#, 400, "method"),
    ] {
        let answer = double.admin_with("PUT", "/templates", body.as_bytes());
        refused_field(&answer, status, field);
    }
    for elsewhere in ["/teams/:name", "/teams/<name>", "/teams/<int:name>"] {
        let answer = double.admin_json("PUT", "/templates", &json!({ "path": elsewhere }));
        refused_field(&answer, 422, "path");
        assert!(answer.text().contains("{name}"), "the way it is written here: {}", answer.text());
    }
    assert_eq!(double.admin("GET", "/templates").json()["total"], 1);
}

#[test]
fn a_pin_is_tried_before_it_is_made_and_does_what_was_said() {
    let double = Double::in_front_of_demo();
    for id in [1, 2, 3, 7] {
        double.get(&format!("/users/{id}"));
    }
    double.get("/products");
    double.flush();
    let preview = |path: &str| {
        let answer = double.admin_json("POST", "/templates/preview", &json!({ "path": path }));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let paths = |preview: &Value, list: &str| {
        let items = preview[list].as_array().expect("a list").clone();
        items
            .iter()
            .map(|item| item["path"].as_str().expect("a text").to_owned())
            .collect::<Vec<String>>()
    };
    let folding = preview("/{anything}/{more}");
    assert_eq!(paths(&folding, "folds"), ["/users/{id}"]);
    assert_eq!(folding["folds"][0]["observations"], 4);
    assert_eq!(folding["folds"][0]["id"], double.endpoint_id("GET /users/{id}"));
    let parting = preview("/users/7");
    assert_eq!(
        (paths(&parting, "folds"), paths(&parting, "parts")),
        (Vec::new(), vec!["/users/{id}".to_owned()])
    );
    assert_eq!(double.admin("GET", "/templates").json()["total"], 0, "nothing is pinned");
    pin(&double, "/{anything}/{more}");
    assert_eq!(template(&double, "/users/8"), "/{anything}/{more}", "as was said");
    assert_eq!(template(&double, "/products"), "/products");
    let again = paths(&preview("/users/{id}"), "folds");
    assert_eq!(again, [""; 0], "what people pinned is not taken");
    let wrong = double.admin_json("POST", "/templates/preview", &json!({"path": "users"}));
    refused_field(&wrong, 422, "path");
}
