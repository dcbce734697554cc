//! Invariant 4: what mocks depend on, and what they do not.

use std::sync::atomic::{AtomicUsize, Ordering};

use stunt_double::demo;

use crate::support::backend::Backend;
use crate::support::client::RawAnswer;
use crate::support::double::Double;

/// The sample backend on a port of its own, gone with the test process.
fn sample_backend() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        actix::System::new().block_on(async move {
            let backend = demo::Backend { latency_scale: 0.0, ..demo::Backend::seeded(3) };
            let _ended = backend.serve(listener).expect("serves").await;
        });
    });
    url
}

fn teach(double: &Double) {
    for id in 1..=40 {
        double.get(&format!("/users/{id}"));
        double.get(&format!("/orders/{id}"));
    }
    for page in 1..=4 {
        double.get(&format!("/users?page={page}&per_page=5"));
    }
    double.flush();
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
/// exchange, the two clocks, and whether its session is a new one.
fn essence(answer: &RawAnswer) -> (u16, Vec<String>, Vec<u8>) {
    let mut lines: Vec<String> = answer
        .head
        .lines()
        .skip(1)
        .filter(|line| !line.starts_with("x-mock-request-id") && !line.starts_with("date"))
        .filter(|line| !line.starts_with("x-mock-session-state"))
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
    let double = Double::with(&options).target(&backend).start();
    teach(&double);
    let paths = ["/users/7", "/orders/9", "/users?page=2&per_page=5", "/orders/10"];
    let ask = |double: &Double, seed: u32, path: &str| {
        essence(&double.mock_with(path, &[("x-mock-seed", &format!("s{seed}"))]))
    };
    let mut expected = Vec::new();
    for seed in 0..8 {
        for path in paths {
            expected.push((seed, path, ask(&double, seed, path)));
        }
    }
    assert_ne!(expected[0].2, expected[4].2, "another seed gives another answer");
    // Other traffic in between, another order, connections on whichever worker takes them.
    for (seed, path, before) in expected.iter().rev() {
        double.mock("/users/1");
        assert_eq!(ask(&double, *seed, path), *before, "{path} with seed {seed}");
    }
    double.stop().expect("stops in good order");
    let again = Double::with(&options).target(&backend).start();
    for (seed, path, before) in &expected {
        assert_eq!(ask(&again, *seed, path), *before, "{path} with seed {seed} after a restart");
    }
}

#[test]
fn invariant_4_without_a_seed_entities_depend_on_the_resource_alone() {
    let backend = sample_backend();
    let double = Double::with(&["--latency-scale", "0"]).target(&backend).start();
    teach(&double);
    let user =
        |id: u32| double.mock_with(&format!("/users/{id}"), &[("x-mock-status", "200")]).body;
    let (seven, eight) = (user(7), user(8));
    assert_ne!(seven, eight);
    for _ in 0..5 {
        assert_eq!(user(7), seven);
    }
    assert_eq!(
        double
            .request("GET", "/users/7", &[("x-mock-enabled", "1"), ("x-mock-session", "a")], b"")
            .body,
        seven
    );
}

#[test]
fn invariant_4_statuses_move_on_as_learned_and_repeat_per_consumer() {
    let backend = flaky_backend();
    let statuses = |double: &Double, session: &str| -> Vec<u16> {
        (0..300)
            .map(|_| double.mock_with("/stock", &[("x-mock-session", session)]).status)
            .collect()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let options = ["--database-url", &database, "--latency-scale", "0"];
    let double = Double::with(&options).target(backend.url()).start();
    (0..200).for_each(|_| drop(double.get("/stock")));
    double.flush();
    let (ada, bob) = (statuses(&double, "ada"), statuses(&double, "bob"));
    assert!(ada.contains(&503) && ada.contains(&200), "errors come, and do not stay");
    assert_ne!(ada, bob, "each consumer has a sequence of its own");
    double.stop().expect("stops in good order");
    let again = Double::with(&options).target(backend.url()).start();
    assert_eq!(statuses(&again, "bob"), bob, "in whatever order the consumers come");
    assert_eq!(statuses(&again, "ada"), ada);
}
