//! Overrides are kept, edited, explained and listed.

use serde_json::{Value, json};

use super::{learned, said};
use crate::support::double::{Double, request};

#[test]
fn an_override_survives_a_restart_with_what_it_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("double.db").display());
    let double = Double::with(&[]).database(&url).start();
    let answer = json!({"type": "exactly", "status": 418});
    let id = said(&double, json!({"paths": ["/said"]}), answer);
    assert_eq!(double.mock("/said").status, 418);
    double.stop().expect("saved");
    let double = Double::with(&[]).database(&url).start();
    let shown = double.admin("GET", &format!("/overrides/{id}")).json();
    assert_eq!((&shown["hits"], &shown["state"]), (&json!(1), &json!("active")));
    assert!(shown.get("expires_at").is_none(), "{shown}");
    assert_eq!(double.mock("/said").status, 418);
    let audit = double.admin("GET", "/audit?search=overrides").json();
    assert_eq!(audit["items"][0]["subject"], format!("overrides/{id}"));
}

#[test]
fn edits_need_the_revision_and_take_effect_at_once() {
    let double = Double::in_front_of_demo();
    let id = said(&double, json!({"paths": ["/said"]}), json!({"type": "exactly", "status": 201}));
    let path = format!("/admin/overrides/{id}");
    let shown = double.admin("GET", &format!("/overrides/{id}"));
    let etag = shown.get("etag").expect("a tag").to_owned();
    let edit = |method: &str, tag: Option<&str>, body: &Value| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        request(double.admin_addr, method, &path, &headers, body.as_bytes())
    };
    let patch = json!({"answer": {"type": "exactly", "status": 202}});
    assert_eq!(edit("PATCH", None, &patch).status, 428);
    let edited = edit("PATCH", Some(&etag), &patch);
    assert_eq!(edited.status, 200, "{}", edited.text());
    assert_eq!(double.mock("/said").status, 202);
    assert_eq!(edit("PATCH", Some(&etag), &patch).status, 412);
    assert_eq!(edit("PUT", Some("*"), &edited.json()).status, 200, "an answer can be sent back");
    assert_eq!(edit("PATCH", Some("*"), &json!({"enabled": false})).status, 200);
    assert_eq!(double.mock("/said").status, 404);
    assert_eq!(edit("DELETE", Some("*"), &Value::Null).status, 204);
    assert_eq!(edit("GET", None, &Value::Null).status, 404);
    let odd = json!({"name": "x", "match": {"path": "/a"}, "answer": {"type": "exact"}});
    let refused = double.admin_json("POST", "/overrides", &odd);
    assert_eq!(refused.status, 422);
    let fields: Vec<Value> = refused.json()["errors"].as_array().expect("errors").clone();
    assert!(fields.iter().any(|error| error["field"] == "match.path"), "{fields:?}");
    assert!(fields.iter().any(|error| error["field"] == "answer.type"), "{fields:?}");
}

#[test]
fn the_one_that_answers_is_explained_and_the_one_that_never_did_tells_why() {
    let double = learned();
    let near = json!({"paths": ["/users/{id}"], "methods": ["GET"],
        "headers": [{"name": "x-team", "equals": "mobile"}]});
    let never = said(&double, near, json!({"type": "pass"}));
    let first = said(&double, json!({"paths": ["/users/{id}"]}), json!({"type": "exactly"}));
    let explained = double.admin("GET", "/explain?path=/users/7&mock=true").json();
    assert_eq!(explained["override"], json!(first));
    let other = double.admin("GET", "/explain?path=/users/7&mock=false").json();
    assert_eq!(other["override"], Value::Null);
    double.mock_with("/users/7", &[("x-team", "web")]);
    // The newer one answered before the older was asked.
    let shown = double.admin("GET", &format!("/overrides/{never}")).json();
    assert_eq!(shown["nearest_miss"], Value::Null);
    let path = format!("/admin/overrides/{first}");
    request(double.admin_addr, "DELETE", &path, &[("if-match", "*")], b"");
    double.mock_with("/users/7", &[("x-team", "web")]);
    let shown = double.admin("GET", &format!("/overrides/{never}")).json();
    let miss = &shown["nearest_miss"];
    assert_eq!(miss["because"], json!(["header `x-team` differs"]), "{shown}");
    assert_eq!((&miss["method"], &miss["path"]), (&json!("GET"), &json!("/users/{id}")));
}
