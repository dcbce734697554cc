//! Was it called? Asked of the journal.

use std::thread;

use serde_json::{Value, json};

use super::{learned, said};
use crate::support::client::RawClient;
use crate::support::double::Double;

fn count(double: &Double, query: &str) -> u64 {
    let counted = double.admin("GET", &format!("/requests/count?{query}"));
    assert_eq!(counted.status, 200, "{}", counted.text());
    counted.json()["count"].as_u64().expect("a number")
}

#[test]
fn exchanges_are_counted_by_every_condition() {
    let double = learned();
    let id = said(&double, json!({"paths": ["/said"]}), json!({"type": "exactly", "status": 201}));
    double.mock_with("/said", &[("x-mock-session", "s")]);
    double.mock("/users/7");
    let missing = double.get("/users/999999");
    assert_eq!(count(&double, "override=said"), 1);
    assert_eq!(count(&double, &format!("override={id}&session=s&status=201&source=override")), 1);
    assert_eq!(count(&double, "session=other"), 0);
    assert_eq!(count(&double, "path=/users/7&source=mock"), 1);
    assert_eq!(count(&double, "path=/users/{id}&source=upstream"), 41);
    assert_eq!(count(&double, "method=post"), 0);
    let status = format!("status={}&path=/users/*", missing.status);
    assert!(count(&double, &status) >= 1, "{status}");
    assert_eq!(count(&double, "since=2099-01-01T00:00:00Z"), 0);
    assert_eq!(double.admin("GET", "/requests/count?status=9").status, 422);
    assert_eq!(double.admin("GET", "/requests/count?since=yesterday").status, 422);
    let listed = double.admin("GET", "/requests?override=said&limit=5").json();
    assert_eq!(listed["items"][0]["reason"], format!("override;id={id}"));
}

#[test]
fn a_verification_waits_for_what_is_on_its_way_and_tells_what_came_near() {
    let double = learned();
    let verify = |body: Value| double.admin_json("POST", "/requests/verify", &body);
    let whom = json!({"method": "GET", "path": "/users/7", "source": "mock"});
    let unmet = verify(json!({"match": whom, "exactly": 1}));
    assert_eq!((unmet.status, unmet.get("x-mock-error")), (417, Some("expectation-unmet")));
    let nearest = unmet.json()["nearest"][0].clone();
    assert_eq!(nearest["because"], json!(["the source differs"]), "{nearest}");
    assert_eq!(nearest["request"]["path"], "/users/7");
    let waited = thread::scope(|scope| {
        let waiting =
            scope.spawn(|| verify(json!({"match": whom, "at_least": 2, "within_ms": 60_000})));
        double.mock("/users/7");
        double.mock("/users/7");
        waiting.join().expect("answered")
    });
    assert_eq!((waited.status, waited.json()["count"].clone()), (200, json!(2)));
    assert_eq!(verify(json!({"match": whom, "at_most": 2})).status, 200);
    // More cannot help, so nobody waits.
    assert_eq!(verify(json!({"match": whom, "exactly": 1, "within_ms": 60_000})).status, 417);
    assert_eq!(verify(json!({"match": whom, "exactly": 1, "at_most": 2})).status, 422);
    assert_eq!(verify(json!({"match": {"headers": []}})).status, 400);
}

#[test]
fn one_consumers_exchanges_are_forgotten_and_no_others() {
    let double = learned();
    double.mock_with("/users/1", &[("x-mock-session", "a")]);
    double.mock_with("/users/2", &[("x-mock-session", "b")]);
    let before = count(&double, "");
    assert_eq!(double.admin("DELETE", "/requests").status, 400);
    assert_eq!(double.admin("DELETE", "/requests?session=a").json()["forgotten"], json!(1));
    assert_eq!((count(&double, "session=a"), count(&double, "session=b")), (0, 1));
    assert_eq!(count(&double, ""), before - 1);
}

#[test]
fn a_scope_is_tried_on_past_traffic_and_the_last_hour_is_kept() {
    let double = learned();
    double.mock_with("/users/1", &[("x-mock-session", "a")]);
    let scope = json!({"scope": {"session": "a", "headers": [{"name": "x", "present": true}]}});
    let preview = double.admin_json("POST", "/chaos/preview", &scope).json();
    assert_eq!((&preview["matched"], &preview["not_judged"]), (&json!(1), &json!(["headers"])));
    assert_eq!(preview["endpoints"], json!([{"name": "GET /users/{id}", "count": 1}]));
    assert_eq!(double.admin_json("POST", "/chaos/preview", &json!({"scope": {}})).status, 422);
    let id = double.endpoint_id("GET /users/{id}");
    let series = double.admin("GET", &format!("/endpoints/{id}/series")).json();
    let minutes = series["items"].as_array().expect("minutes");
    let seen: u64 = minutes.iter().map(|minute| minute["count"].as_u64().expect("a number")).sum();
    assert!((1..=41).contains(&seen), "{series}");
    // The distribution that was learned beside the one that was answered.
    let buckets = series["latency"].as_array().expect("buckets");
    let sum = |member: &str| buckets.iter().filter_map(|one| one[member].as_f64()).sum::<f64>();
    assert!((sum("learned") - 1.0).abs() < 1e-4, "{series}");
    assert!(sum("answered") >= seen as f64, "{series}");
    let last = buckets.last().expect("what is longer than all bounds");
    assert_eq!((&last["up_to_ms"], &last["answered"]), (&Value::Null, &json!(0)));
}

/// What comes until `mark` has come.
fn read_until(client: &mut RawClient, mark: &str) -> String {
    let mut text = String::new();
    while !text.contains(mark) {
        let more = client.read_some().unwrap_or_else(|| panic!("{mark} did not come: {text}"));
        text.push_str(&String::from_utf8_lossy(&more));
    }
    text
}

#[test]
fn events_tell_exchanges_and_the_state_as_they_come() {
    let double = learned();
    let mut client = RawClient::connect(double.admin_addr);
    client.send(b"GET /admin/events?session=e HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let state = read_until(&mut client, "\"requests\":{");
    assert!(state.contains("text/event-stream") && state.contains("event: state"), "{state}");
    double.mock_with("/users/3", &[("x-mock-session", "other")]);
    double.mock_with("/users/3", &[("x-mock-session", "e")]);
    let news = read_until(&mut client, "\"skipped\":0}");
    let data = news.split("event: exchanges\ndata: ").nth(1).expect("an event");
    assert!(data.contains("\"session\":\"e\"") && !data.contains("other"), "{data}");
    // A stream does not hold up the exit.
    double.stop().expect("stopped");
}
