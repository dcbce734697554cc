//! Invariant 4: what mocks depend on, and what they do not.

use std::sync::atomic::{AtomicUsize, Ordering};

use stunt_double::demo;

use super::rig::Rig;
use crate::support::backend::Backend;
use crate::support::client::RawAnswer;

/// The sample backend on a port of its own, gone with the test process.
fn sample_backend() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        actix::System::new().block_on(async move {
            let backend = demo::Backend { seed: 3, latency_scale: 0.0, workers: 1 };
            let _ended = backend.serve(listener).expect("serves").await;
        });
    });
    url
}

fn teach(rig: &Rig) {
    for id in 1..=40 {
        rig.get(&format!("/users/{id}"));
        rig.get(&format!("/orders/{id}"));
    }
    for page in 1..=4 {
        rig.get(&format!("/users?page={page}&per_page=5"));
    }
    rig.flush();
}

/// A backend that fails in bursts: five of twenty answers.
fn flaky_backend() -> Backend {
    let asked = AtomicUsize::new(0);
    Backend::start(move |connection| {
        while connection.read_request().is_some() {
            let answer: &[u8] = if asked.fetch_add(1, Ordering::SeqCst) % 20 < 5 {
                b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\nno"
            } else {
                b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nyes"
            };
            connection.write(answer);
        }
    })
}

/// All that a seeded answer consists of, but for what differs by definition: the id of the
/// exchange, and the two clocks.
fn essence(answer: &RawAnswer) -> (u16, Vec<String>, Vec<u8>) {
    let mut lines: Vec<String> = answer
        .head
        .lines()
        .skip(1)
        .filter(|line| !line.starts_with("x-mock-request-id") && !line.starts_with("date"))
        .map(str::to_owned)
        .collect();
    lines.sort();
    (answer.status, lines, answer.body.clone())
}

#[test]
fn invariant_4_a_seeded_answer_is_the_same_on_any_worker_in_any_order_and_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let options = ["--database-url", &database, "--latency-scale", "0"];
    let backend = sample_backend();
    let rig = Rig::start(&backend, &options);
    teach(&rig);
    let paths = ["/users/7", "/orders/9", "/users?page=2&per_page=5", "/orders/10"];
    let ask = |rig: &Rig, seed: u32, path: &str| {
        essence(&rig.mock(path, &format!("x-mock-seed: s{seed}\r\n")))
    };
    let mut expected = Vec::new();
    for seed in 0..8 {
        for path in paths {
            expected.push((seed, path, ask(&rig, seed, path)));
        }
    }
    assert_ne!(expected[0].2, expected[4].2, "another seed gives another answer");
    // Other traffic in between, another order, connections on whichever worker takes them.
    for (seed, path, before) in expected.iter().rev() {
        rig.mock("/users/1", "");
        assert_eq!(ask(&rig, *seed, path), *before, "{path} with seed {seed}");
    }
    rig.stop();
    let again = Rig::start(&backend, &options);
    for (seed, path, before) in &expected {
        assert_eq!(ask(&again, *seed, path), *before, "{path} with seed {seed} after a restart");
    }
}

#[test]
fn invariant_4_without_a_seed_entities_depend_on_the_resource_alone() {
    let backend = sample_backend();
    let rig = Rig::start(&backend, &["--latency-scale", "0"]);
    teach(&rig);
    let user = |id: u32| rig.mock(&format!("/users/{id}"), "x-mock-status: 200\r\n").body;
    let (seven, eight) = (user(7), user(8));
    assert_ne!(seven, eight);
    for _ in 0..5 {
        assert_eq!(user(7), seven);
    }
    assert_eq!(
        rig.request("GET", "/users/7", "x-mock-enabled: 1\r\nx-mock-session: a\r\n", "").body,
        seven
    );
}

#[test]
fn invariant_4_statuses_move_on_as_learned_and_repeat_per_consumer() {
    let backend = flaky_backend();
    let statuses = |rig: &Rig, session: &str| -> Vec<u16> {
        (0..300)
            .map(|_| rig.mock("/stock", &format!("x-mock-session: {session}\r\n")).status)
            .collect()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let options = ["--database-url", &database, "--latency-scale", "0"];
    let rig = Rig::start(&backend.url(), &options);
    (0..200).for_each(|_| drop(rig.get("/stock")));
    rig.flush();
    let (ada, bob) = (statuses(&rig, "ada"), statuses(&rig, "bob"));
    assert!(ada.contains(&503) && ada.contains(&200), "errors come, and do not stay");
    assert_ne!(ada, bob, "each consumer has a sequence of its own");
    rig.stop();
    let again = Rig::start(&backend.url(), &options);
    assert_eq!(statuses(&again, "bob"), bob, "in whatever order the consumers come");
    assert_eq!(statuses(&again, "ada"), ada);
}
