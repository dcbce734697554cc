//! Rules over the admin: made, looked at, changed by one of many, started as profiles, audited.

use std::thread;

use serde_json::{Value, json};

use super::{change, make, rule, shown, status};
use crate::support::double::Double;

#[test]
fn a_rule_acts_from_the_moment_it_is_made_until_it_is_deleted() {
    let double = Double::in_front_of_demo();
    let made = double.admin_json("POST", "/chaos/rules", &rule(status(503)));
    assert_eq!(made.status, 201, "{}", made.text());
    let document = made.json();
    assert_eq!((&document["id"], &document["state"]), (&json!("under-test"), &json!("active")));
    assert_eq!((&document["matched"], &document["stored"]), (&json!(0), &json!(true)));
    assert_eq!(made.get("location"), Some("/admin/chaos/rules/under-test"));
    let hit = double.get("/users/7");
    assert_eq!((hit.status, hit.get("x-mock-source")), (503, Some("chaos")));
    assert_eq!(hit.get("x-mock-chaos"), Some("status;code=503"));
    let after = shown(&double, "under-test");
    assert_eq!((&after["matched"], &after["hits"]), (&json!(1), &json!(1)));
    assert_eq!((&after["requested_rate"], &after["achieved_rate"]), (&json!(1.0), &json!(1.0)));
    assert!(after["achieved_interval"]["low"].as_f64().is_some_and(|low| low < 1.0), "{after}");
    assert_eq!(after["last_hits_at"].as_array().map(Vec::len), Some(1));
    assert_eq!(change(&double, "DELETE", "under-test", Some("*"), &json!({})).status, 204);
    assert_eq!(double.get("/users/7").status, 200);
    assert_eq!(double.admin("GET", "/chaos/rules/under-test").status, 404);
}

#[test]
fn changes_need_the_revision_they_are_based_on() {
    let double = Double::in_front_of_demo();
    let made = double.admin_json("POST", "/chaos/rules", &rule(status(503)));
    let tag = made.get("etag").expect("a tag").to_owned();
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let patch = json!({"enabled": false});
    for method in ["PUT", "PATCH", "DELETE"] {
        let answer = change(&double, method, &id, None, &patch);
        assert_eq!(answer.get("x-mock-error"), Some("precondition-required"), "{method}");
        let answer = change(&double, method, &id, Some("\"1\""), &patch);
        assert_eq!((answer.status, answer.get("x-mock-error")), (412, Some("precondition-failed")));
        assert_eq!(change(&double, method, &id, Some("1"), &patch).status, 400, "{method}");
        assert_eq!(change(&double, method, "nobody", Some("*"), &patch).status, 404, "{method}");
    }
    assert_eq!(shown(&double, &id)["enabled"], true, "nothing has changed");
    let amended = change(&double, "PATCH", &id, Some(&tag), &patch);
    assert_eq!((amended.status, amended.json()["state"].clone()), (200, json!("disabled")));
    assert_eq!(double.get("/users/7").status, 200);
    let newer = amended.get("etag").expect("a tag").to_owned();
    assert_ne!(newer, tag);
    assert_eq!(change(&double, "PATCH", &id, Some(&tag), &patch).status, 412);
    assert_eq!(double.admin("GET", &format!("/chaos/rules/{id}")).get("etag"), Some(&*newer));
}

#[test]
fn an_answer_can_be_edited_and_sent_back_and_its_lease_goes_on() {
    let double = Double::in_front_of_demo();
    let id = make(&double, &rule(status(503)));
    double.get("/users/7");
    let mut document = shown(&double, &id);
    let (created, expires) = (document["created_at"].clone(), document["expires_at"].clone());
    document["faults"] = json!([status(500)]);
    let replaced = change(&double, "PUT", &id, Some("*"), &document);
    assert_eq!(replaced.status, 200, "{}", replaced.text());
    let document = replaced.json();
    assert_eq!((&document["created_at"], &document["expires_at"]), (&created, &expires));
    assert_eq!(document["hits"], 1, "the counters go on with the lease");
    assert_eq!(double.get("/users/7").status, 500);
    let renewed = change(&double, "PATCH", &id, Some("*"), &json!({"ttl_s": 5})).json();
    assert_eq!(renewed["hits"], 0, "a new lease begins to count anew");
    assert_eq!(renewed["faults"][0]["status"], 500);
}

#[test]
fn of_fifty_edits_of_one_revision_one_wins() {
    let double = Double::in_front_of_demo();
    let made = double.admin_json("POST", "/chaos/rules", &rule(status(503)));
    let tag = made.get("etag").expect("a tag").to_owned();
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let edit = |n: u32| {
            let patch = json!({"reason": format!("edit {n}")});
            let (double, id, tag) = (&double, &id, &tag);
            scope.spawn(move || change(double, "PATCH", id, Some(tag), &patch).status)
        };
        let edits: Vec<_> = (0..50).map(edit).collect();
        edits.into_iter().map(|edit| edit.join().expect("answered")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 49, "{statuses:?}");
}

#[test]
fn rules_are_listed_in_the_order_in_which_they_act() {
    let double = Double::in_front_of_demo();
    for (name, priority) in [("late", -1), ("b", 0), ("a", 0), ("early", 5)] {
        let mut rule = rule(status(503));
        rule["name"] = json!(name);
        rule["priority"] = json!(priority);
        make(&double, &rule);
    }
    let ids = |query: &str| {
        let list = double.admin("GET", &format!("/chaos/rules{query}")).json();
        let items = list["items"].as_array().expect("items").clone();
        items.iter().map(|rule| rule["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(""), ["early", "b", "a", "late"]);
    assert_eq!(ids("?per_page=2&page=2"), ["a", "late"]);
    assert_eq!(ids("?search=LATE"), ["late"]);
    let explained = double.admin("GET", "/explain?path=/users/7").json();
    assert_eq!(explained["chaos"], json!(["early", "b", "a", "late"]));
    assert_eq!(explained["chaos_rules"][0]["faults"], json!(["status"]));
    assert_eq!(explained["chaos_rules"][1]["shadowed"], json!(["status"]), "the first one wins");
}

#[test]
fn a_profile_starts_with_one_call_where_it_is_told() {
    let double = Double::in_front_of_demo();
    let list = double.admin("GET", "/chaos/profiles").json();
    assert_eq!(list["total"], 8);
    let start = json!({"scope": {"session": "ci-42"}, "ttl_s": 60, "owner": "web-team"});
    for profile in list["items"].as_array().expect("items") {
        let name = profile["name"].as_str().expect("a name");
        let started = double.admin_json("POST", &format!("/chaos/profiles/{name}/start"), &start);
        assert_eq!(started.status, 201, "{name}: {}", started.text());
        let rules = started.json()["items"].as_array().expect("rules").len();
        assert_eq!(rules, profile["rules"].as_array().expect("rules").len());
    }
    let explained = |query: &str| double.admin("GET", &format!("/explain?path=/x{query}")).json();
    assert_eq!(explained("")["chaos"], json!([]));
    assert_eq!(explained("&session=ci-42")["chaos"].as_array().map(Vec::len), Some(11));
    let unknown = double.admin_json("POST", "/chaos/profiles/apocalypse/start", &start);
    assert_eq!(unknown.status, 404);
    let refused = double.admin_json("POST", "/chaos/profiles/mobile-3g/start", &json!({}));
    assert_eq!((refused.status, &refused.json()["errors"][0]["field"]), (422, &json!("scope")));
}

#[test]
fn every_change_is_audited() {
    let double = Double::in_front_of_demo();
    double.get("/health");
    double.flush();
    let id = make(&double, &rule(status(503)));
    change(&double, "PATCH", &id, Some("*"), &json!({"probability": 0.5}));
    double.admin("POST", "/chaos/stop");
    change(&double, "DELETE", &id, Some("*"), &json!({}));
    let endpoint = double.endpoint_id("GET /health");
    let level = json!({"level": 5, "active": true});
    double.admin_json("POST", &format!("/endpoints/{endpoint}/chaos"), &level);
    let audit = double.admin("GET", "/audit").json();
    let actions: Vec<&Value> =
        audit["items"].as_array().expect("items").iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["create", "create", "delete", "stop", "amend", "create"], "newest first");
    let amended = &audit["items"][4];
    assert_eq!(amended["actor"], "127.0.0.1");
    assert_eq!(amended["subject"], "chaos/rules/under-test");
    assert_eq!(amended["change"]["before"]["probability"], 1.0);
    assert_eq!(amended["change"]["after"]["probability"], 0.5);
    assert_eq!(double.admin("GET", "/audit?search=stop").json()["total"], 1);
}

#[test]
fn ended_rules_make_room_when_the_board_is_full_and_living_ones_do_not() {
    let double = Double::in_front_of_demo();
    for _ in 0..256 {
        make(&double, &rule(status(503)));
    }
    let full = double.admin_json("POST", "/chaos/rules", &rule(status(503)));
    assert_eq!((full.status, full.get("x-mock-error")), (503, Some("overloaded")));
    double.admin("POST", "/chaos/stop");
    make(&double, &rule(status(418)));
    assert_eq!(double.get("/users/7").status, 418);
    assert_eq!(double.admin("GET", "/chaos/rules").json()["total"], 256);
    assert_eq!(double.admin("GET", "/chaos/rules/under-test").status, 200, "the new one");
}

#[test]
fn the_catalogue_names_every_fault_with_an_example_that_is_one() {
    let double = Double::in_front_of_demo();
    let catalogue = double.admin("GET", "/chaos/faults").json();
    for fault in catalogue["items"].as_array().expect("items") {
        let mut rule = rule(fault["example"].clone());
        rule["name"] = fault["name"].clone();
        make(&double, &rule);
    }
    assert_eq!(double.admin("GET", "/chaos/rules").json()["total"], catalogue["total"]);
}

#[test]
fn an_endpoint_says_whether_chaos_may_touch_it() {
    let double = Double::in_front_of_demo();
    for path in ["/users/7", "/health"] {
        double.get(path);
    }
    double.flush();
    let active = |label: &str| {
        let id = double.endpoint_id(label);
        double.admin("GET", &format!("/endpoints/{id}")).json()["chaos_active"].clone()
    };
    let mut rule = rule(status(503));
    rule["scope"] = json!({"paths": ["/health"], "methods": ["GET"]});
    let id = make(&double, &rule);
    assert_eq!((active("GET /health"), active("GET /users/{id}")), (json!(true), json!(false)));
    change(&double, "PATCH", &id, Some("*"), &json!({"enabled": false}));
    assert_eq!(active("GET /health"), json!(false));
}
