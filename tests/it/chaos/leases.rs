//! Every rule ends, stays dead, and can be ended at once.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stunt_double::store::{FailOn, FailingStore};

use super::{change, delay, make, rule, shown, status};
use crate::support::double::Double;
use crate::support::eventually;

#[test]
fn an_exhausted_rule_stays_dead_over_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("double.db").display());
    let double = Double::with(&[]).database(&url).start();
    let mut twice = rule(status(503));
    twice["max_hits"] = json!(2);
    let id = make(&double, &twice);
    let statuses: Vec<u16> = (0..4).map(|_| double.get("/users/7").status).collect();
    assert_eq!(statuses, [503, 503, 200, 200]);
    assert_eq!(shown(&double, &id)["state"], "exhausted");
    double.stop().expect("saved");
    let again = Double::with(&[]).database(&url).start();
    let rule = shown(&again, &id);
    assert_eq!((&rule["state"], &rule["hits"]), (&json!("exhausted"), &json!(2)));
    assert_eq!(again.get("/users/7").status, 200);
}

#[test]
fn counters_are_saved_while_the_double_runs() {
    let store = FailingStore::new([]);
    let recording = store.recording();
    let flags = ["--flush-interval-ms", "10"];
    let double = Double::with(&flags).store(store).start();
    make(&double, &rule(status(503)));
    double.get("/users/7");
    // No flush and no edit: a kill would come unannounced, too.
    eventually("the hit is saved", || {
        recording.stored().chaos_rules.iter().any(|rule| rule.hits == 1)
    });
}

#[test]
fn stop_ends_rules_for_good_and_delays_in_flight_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("double.db").display());
    let double = Double::with(&[]).database(&url).start();
    let id = make(&double, &rule(delay(600_000)));
    let waiting = in_flight(&double, &id);
    let began = Instant::now();
    let stopped = double.admin("POST", "/chaos/stop").json();
    assert_eq!((&stopped["stopped"], &stopped["stored"]), (&json!([id]), &json!(true)));
    let answer = waiting.join().expect("answered");
    assert!(began.elapsed() < Duration::from_secs(60), "the delay was ten minutes");
    assert_eq!((answer.status, answer.get("x-mock-source")), (200, Some("upstream")));
    assert_eq!(double.get("/users/7").get("x-mock-chaos"), None);
    assert_eq!(shown(&double, &id)["state"], "stopped");
    assert_eq!(double.admin("POST", "/chaos/stop").json()["stopped"], json!([]));
    double.stop().expect("saved");
    let again = Double::with(&[]).database(&url).start();
    assert_eq!(shown(&again, &id)["state"], "stopped");
    assert_eq!(again.get("/users/7").get("x-mock-chaos"), None);
}

#[test]
fn deleting_a_rule_ends_its_delays_and_leaves_those_of_others() {
    let double = Double::in_front_of_demo();
    let mut one = rule(delay(600_000));
    one["scope"] = json!({"session": "one"});
    let mut other = rule(delay(600_000));
    other["scope"] = json!({"session": "other"});
    let (one, other) = (make(&double, &one), make(&double, &other));
    let waiting = in_flight_as(&double, &one, Some("one"));
    let staying = in_flight_as(&double, &other, Some("other"));
    assert_eq!(change(&double, "DELETE", &one, Some("*"), &json!({})).status, 204);
    assert_eq!(waiting.join().expect("answered").status, 200);
    assert!(!staying.is_finished());
    // Disabling ends what is in flight, too.
    change(&double, "PATCH", &other, Some("*"), &json!({"enabled": false}));
    assert_eq!(staying.join().expect("answered").status, 200);
}

#[test]
fn stop_works_while_the_database_is_down() {
    let store = FailingStore::new([FailOn::WritesFrom(1)]);
    let double = Double::with(&[]).store(store).start();
    let id = make(&double, &rule(delay(600_000)));
    let waiting = in_flight(&double, &id);
    let stopped = double.admin("POST", "/chaos/stop").json();
    assert_eq!((&stopped["stopped"], &stopped["stored"]), (&json!([id]), &json!(false)));
    assert_eq!(waiting.join().expect("answered").status, 200);
    assert_eq!(double.get("/users/7").get("x-mock-chaos"), None);
}

#[test]
fn a_rule_expires_by_itself_stays_visible_and_needs_a_new_lease() {
    let double = Double::in_front_of_demo();
    let mut short = rule(status(503));
    short["ttl_s"] = json!(1);
    let id = make(&double, &short);
    eventually("it expires", || shown(&double, &id)["state"] == "expired");
    assert_eq!(double.get("/users/7").status, 200);
    let ended = change(&double, "PATCH", &id, Some("*"), &json!({"reason": "still dead"}));
    assert_eq!(ended.status, 422, "an ended rule needs a new lease: {}", ended.text());
    change(&double, "PATCH", &id, Some("*"), &json!({"ttl_s": 60}));
    assert_eq!(double.get("/users/7").status, 503);
}

/// A request that waits for the delay of rule `id`.
fn in_flight(double: &Double, id: &str) -> thread::JoinHandle<crate::support::client::RawAnswer> {
    in_flight_as(double, id, None)
}

fn in_flight_as(
    double: &Double,
    id: &str,
    session: Option<&'static str>,
) -> thread::JoinHandle<crate::support::client::RawAnswer> {
    let addr = double.addr;
    let waiting = thread::spawn(move || {
        let headers: Vec<_> =
            session.map(|session| ("x-mock-session", session)).into_iter().collect();
        crate::support::double::request(addr, "GET", "/users/7", &headers, b"")
    });
    eventually("it is hit", || shown(double, id)["hits"] == 1);
    waiting
}
