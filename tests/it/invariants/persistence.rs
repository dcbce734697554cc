//! Invariants 3 and 10: the database is written by one, loses nothing, and is not trusted.

use stunt_double::store::{FailOn, FailingStore};

use crate::support::backend::Backend;
use crate::support::double::Double;
use crate::support::eventually;

fn answering() -> Backend {
    Backend::start(|connection| {
        while connection.read_request().is_some() {
            connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    })
}

#[test]
fn invariant_3_a_failing_write_keeps_the_data_retries_and_shows() {
    let backend = answering();
    let store = FailingStore::new([FailOn::WritesFrom(1)]);
    let recording = store.recording();
    let double =
        Double::with(&["--flush-interval-ms", "10"]).target(backend.url()).store(store).start();
    assert_eq!(double.get("/users").status, 200, "the service goes on");
    assert_eq!(double.admin("POST", "/flush").status, 503, "and says so");
    eventually("readiness says so", || double.get("/admin/health/ready").status == 503);
    assert_eq!(double.get("/admin/health/live").status, 200);
    assert!(recording.stored().endpoints.is_empty());
    recording.heal();
    eventually("what was kept is written", || recording.stored().endpoints.len() == 1);
    eventually("readiness recovers", || double.get("/admin/health/ready").status == 200);
    assert_eq!(recording.stored().endpoints[0].observations, 1);
}

#[test]
fn invariant_3_a_panic_in_the_database_layer_costs_nothing() {
    let backend = answering();
    let store = FailingStore::new([FailOn::PanicOnWrite(1)]);
    let recording = store.recording();
    let double =
        Double::with(&["--flush-interval-ms", "10"]).target(backend.url()).store(store).start();
    double.get("/users");
    eventually("the next attempt writes it", || double.admin("POST", "/flush").status == 200);
    assert_eq!(recording.stored().endpoints.len(), 1);
}

#[test]
fn invariant_3_a_batch_keeps_the_newest_snapshot_of_each_endpoint() {
    let backend = answering();
    let store = FailingStore::new([FailOn::WritesFrom(1)]);
    let recording = store.recording();
    let double =
        Double::with(&["--flush-interval-ms", "10"]).target(backend.url()).store(store).start();
    for round in 1..=5 {
        double.get("/users");
        double.get("/orders");
        assert_eq!(double.admin("POST", "/flush").status, 503, "round {round}");
    }
    recording.heal();
    double.flush();
    let written = recording.stored().endpoints;
    assert_eq!(written.len(), 2);
    assert!(written.iter().all(|endpoint| endpoint.observations == 5), "{written:?}");
}

#[test]
fn invariant_3_what_was_flushed_is_there_after_a_restart() {
    let backend = answering();
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let options = ["--database-url", database.as_str()];
    let double = Double::with(&options).target(backend.url()).start();
    for id in 1..=30 {
        double.get(&format!("/users/{id}/posts"));
    }
    double.flush();
    double.stop().expect("stops in good order");
    let again = Double::with(&options).target(backend.url()).start();
    assert_eq!(again.observations("GET /users/{id}/posts"), 30);
    assert_eq!(again.mock("/users/31/posts").body.len(), 2);
    again.get("/users/31/posts");
    again.flush();
    assert_eq!(again.observations("GET /users/{id}/posts"), 31, "and it learns on");
}
