//! Liveness and readiness, for probes.

use std::sync::mpsc;

use serde_json::json;
use stunt_double::store::{FailOn, FailingStore};

use super::problem;
use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;
use crate::support::eventually;

#[test]
fn a_working_double_is_live_and_ready() {
    let double = Double::in_front_of_demo();
    assert_eq!(double.admin("GET", "/health/live").json(), json!({"status": "live"}));
    let ready = double.admin("GET", "/health/ready");
    assert_eq!(ready.status, 200);
    let expected =
        json!({"status": "ready", "reasons": [], "backend": {"up": true}, "notices": []});
    assert_eq!(ready.json(), expected);
    assert_eq!(ready.get("cache-control"), Some("no-store"));
}

#[test]
fn a_double_without_a_target_says_so() {
    // No request is sent, so nothing goes to the public echo service.
    let double = Double::without_target();
    let ready = double.admin("GET", "/health/ready");
    assert_eq!(ready.status, 200);
    let notice = &ready.json()["notices"][0];
    assert_eq!(notice["notice"], "no-target");
    assert!(notice["detail"].as_str().is_some_and(|hint| hint.contains("--target")), "{notice}");
}

#[test]
fn a_failing_database_makes_it_unready_without_telling_where_it_is() {
    let store = FailingStore::new([FailOn::WritesFrom(1)]);
    let recording = store.recording();
    let double = Double::with(&[]).store(store).start();
    double.get("/users/7");
    let flushed = problem(&double.admin("POST", "/flush"), 503, "store-unavailable");
    assert!(!flushed.to_string().contains("failing store"), "{flushed}");
    let unready = double.admin("GET", "/health/ready");
    assert_eq!(unready.status, 503);
    let document = unready.json();
    assert_eq!(document["status"], "unready");
    assert_eq!(document["reasons"][0]["reason"], "database-failing");
    assert!(document["reasons"][0]["since"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert!(!unready.text().contains("failing store"), "{document}");
    assert_eq!(double.admin("GET", "/health/live").status, 200);
    assert_eq!(double.get("/users/7").status, 200, "the service goes on");
    recording.heal();
    double.flush();
    assert_eq!(double.admin("GET", "/health/ready").status, 200);
}

#[test]
fn a_dead_backend_is_told_and_leaves_it_ready() {
    // Port 9 (discard) of loopback has no listener.
    let double = Double::in_front_of("http://127.0.0.1:9");
    eventually("the backend counts as down", || {
        double.get("/users/7");
        double.admin("GET", "/health/ready").json()["backend"]["up"] == false
    });
    assert_eq!(double.admin("GET", "/health/ready").status, 200);
}

#[test]
fn a_stopping_double_is_unready() {
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let backend = Backend::start(move |connection| {
        while connection.read_request().is_some() {
            connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no");
            begun.send(()).expect("the test waits");
            let _released = released.lock().expect("one at a time").recv();
            connection.write(b"k");
        }
    });
    let mut double = Double::in_front_of(backend.url());
    // Connections made before the shutdown are served to its end.
    let mut probe = RawClient::connect(double.addr);
    assert_eq!(probe.get("/admin/health/ready").status, 200);
    let mut client = RawClient::connect(double.addr);
    client.send(b"GET /slow HTTP/1.1\r\nhost: double\r\n\r\n");
    begins.recv().expect("under way");
    double.begin_stop();
    let probe = std::cell::RefCell::new(probe);
    let reason = || {
        let document = probe.borrow_mut().get("/admin/health/ready").json();
        document["reasons"][0]["reason"].clone()
    };
    eventually("the shutdown shows", || reason() == "stopping");
    release.send(()).expect("the backend waits");
    assert_eq!(client.answer().expect("finished").body, b"ok");
}
