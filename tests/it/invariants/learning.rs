//! Invariants 1, 2, 5, 6 and 7: what teaches, what is bounded, what survives a panic.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::*;
use stunt_double::domain::endpoint::{
    BackendId, Body, EndpointModel, ExchangeSample, ModelLimits, Observation, Provenance,
};
use stunt_double::runtime::learning::PlannedFaults;

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;
use crate::support::eventually;

const USER: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{\"id\":1}";

#[test]
fn invariant_1_only_real_undisturbed_complete_answers_teach() {
    let backend = Backend::start(|connection| {
        while let Some((head, _body)) = connection.read_request() {
            if head.path().starts_with("/cut") {
                connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this");
                return;
            }
            connection.write(USER.as_bytes());
        }
    });
    let double = Double::with(&["--latency-scale", "0", "--allow-chaos-headers"])
        .target(backend.url())
        .start();
    for _ in 0..3 {
        assert_eq!(double.get("/users").status, 200);
    }
    double.flush();
    assert_eq!(double.observations("GET /users"), 3);
    for steering in [
        ("x-mock-enabled", "true"),
        ("x-mock-enabled", "false"),
        ("x-mock-status", "200"),
        ("x-mock-seed", "7"),
        ("x-mock-latency", "off"),
    ] {
        assert_eq!(double.request("GET", "/users", &[steering], b"").status, 200, "{steering:?}");
    }
    let mut cut = RawClient::connect(double.addr);
    cut.send(b"GET /cut HTTP/1.1\r\nhost: double\r\n\r\n");
    assert!(cut.answer().is_none_or(|answer| !answer.complete), "a broken answer shows as one");
    let mut leaving = RawClient::connect(double.addr);
    leaving.send(b"GET /users HTTP/1.1\r\nhost: double\r\n");
    drop(leaving);
    double.flush();
    assert_eq!(double.observations("GET /users"), 3, "nothing of that was learned");
    assert_eq!(double.observations("GET /cut"), 0);
    // A session only says who asks.
    double.request("GET", "/users", &[("x-mock-session", "ci")], b"");
    double.flush();
    assert_eq!(double.observations("GET /users"), 4);
}

#[test]
fn invariant_1_failover_answers_do_not_teach() {
    let backend = Backend::start(|connection| {
        while connection.read_request().is_some() {
            connection.write(USER.as_bytes());
        }
    });
    let url = backend.url();
    let double = Double::with(&["--latency-scale", "0", "--mode", "failover"]).target(&url).start();
    double.get("/users");
    double.flush();
    drop(backend);
    for _ in 0..5 {
        let answer = double.get("/users");
        assert_eq!(answer.get("x-mock-source"), Some("failover"), "{}", answer.head);
    }
    let unknown = double.get("/orders");
    assert_eq!(unknown.status, 502);
    assert_eq!(unknown.get("x-mock-error"), Some("upstream-refused"));
    double.flush();
    assert_eq!(double.observations("GET /users"), 1);
}

#[test]
fn invariant_2_replies_never_wait_for_learning_and_the_queue_is_bounded() {
    let body = "x".repeat(64 << 10);
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let backend = Backend::start(move |connection| {
        while connection.read_request().is_some() {
            connection.write(answer.as_bytes());
        }
    });
    // Learning one exchange takes a minute: whoever waited for it would time out.
    let faults = PlannedFaults { stall: Some(Duration::from_secs(60)), ..PlannedFaults::default() };
    let budget = 1 << 20;
    let double = Double::with(&["--learn-queue-max-bytes", "1048576"])
        .target(backend.url())
        .faults(faults)
        .start();
    let mut client = RawClient::connect(double.addr);
    for n in 0..5_000 {
        if n < 100 {
            assert_eq!(client.get("/blob").body.len(), 64 << 10);
        } else {
            client.send(b"HEAD /blob HTTP/1.1\r\nhost: double\r\n\r\n");
            assert_eq!(client.answer_to(true).expect("an answer").status, 200);
        }
        assert!(double.learning().bytes_waiting() <= budget);
    }
    let counters = double.learning().counters();
    assert!(counters.bodies_unsampled.load(Ordering::Relaxed) > 0, "bodies are spared first");
    assert!(counters.dropped_budget.load(Ordering::Relaxed) > 0, "then observations are dropped");
    // The stalled learner keeps its thread: the double is not asked to stop in good order.
    std::mem::forget(double);
}

#[test]
fn what_a_person_changes_acts_while_learning_is_busy() {
    let backend = Backend::start(|connection| {
        while connection.read_request().is_some() {
            connection.write(USER.as_bytes());
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let double = Double::with(&[]).target(backend.url()).database(&database).start();
    double.get("/users");
    double.flush();
    let path = format!("/endpoints/{}", double.endpoint_id("GET /users"));
    double.stop().expect("stops in good order");

    // Learning an exchange takes a minute: whoever waited behind it would time out.
    let faults = PlannedFaults { stall: Some(Duration::from_secs(60)), ..PlannedFaults::default() };
    let double = Double::with(&[]).target(backend.url()).database(&database).faults(faults).start();
    double.get("/users");
    let chaos = |active: bool| {
        let told = serde_json::json!({"level": 100, "active": active});
        double.admin_json("POST", &format!("{path}/chaos"), &told).status
    };
    assert_eq!(chaos(true), 200);
    assert!(double.get("/users").status >= 500);
    assert_eq!(chaos(false), 200);
    assert_eq!(double.get("/users").status, 200, "switched off at once");
    let mock = serde_json::json!({"mode": "mock"});
    assert_eq!(double.admin_json("PATCH", &path, &mock).json()["stored"], true);
    assert_eq!(double.get("/users").get("x-mock-source"), Some("mock"));
    // The stalled learner keeps its thread: the double is not asked to stop in good order.
    std::mem::forget(double);
}

#[test]
fn invariant_5_a_panicking_actor_is_replaced_from_its_last_snapshot() {
    let backend = Backend::start(|connection| {
        while connection.read_request().is_some() {
            connection.write(USER.as_bytes());
        }
    });
    let faults =
        PlannedFaults { panic_on_path: Some("/users/666".into()), ..PlannedFaults::default() };
    let double =
        Double::with(&["--latency-scale", "0"]).target(backend.url()).faults(faults).start();
    for id in 1..=20 {
        double.get(&format!("/users/{id}"));
    }
    double.flush();
    assert_eq!(double.observations("GET /users/{id}"), 20);
    assert_eq!(double.get("/users/666").status, 200, "the client notices nothing");
    let counters = double.learning().counters();
    eventually("the actor is replaced", || {
        double.get("/users/7");
        double.flush();
        counters.actors_replaced.load(Ordering::Relaxed) == 1
    });
    let learned = double.observations("GET /users/{id}");
    let lost = counters.lost_in_panics.load(Ordering::Relaxed);
    let accepted = counters.accepted.load(Ordering::Relaxed);
    assert!(lost >= 1, "what ended with the actor is counted");
    assert_eq!(learned + lost, accepted, "nothing is lost without a count");
    double.get("/users/8");
    double.flush();
    assert_eq!(double.observations("GET /users/{id}"), learned + 1, "it learns on");
    assert!(learned >= 20, "nothing published is lost");
    assert_eq!(double.mock("/users/5").status, 200);
    assert_eq!(double.learning().bytes_waiting(), 0, "what died with it gave its room back");
}

#[test]
fn invariant_6_endpoints_stay_below_their_limit_and_known_ones_learn_on() {
    let backend = Backend::start(|connection| {
        while connection.read_request().is_some() {
            connection.write(USER.as_bytes());
        }
    });
    let double = Double::with(&["--endpoints-max", "20"]).target(backend.url()).start();
    double.get("/users");
    double.flush();
    let mut client = RawClient::connect(double.addr);
    for n in 0..200_u32 {
        let (a, b) = (n.wrapping_mul(2_654_435_761), n.wrapping_mul(40_503));
        client.get(&format!("/w{a:x}/v{b:x}/u{n}"));
    }
    client.get("/users");
    double.flush();
    assert!(double.learning().catalog().len() <= 20);
    assert_eq!(double.observations("GET /users"), 2);
}

/// The `name` in the body that [`observation`] gives the user of a path.
fn name_of(path: &str) -> String {
    let id: u32 = path.trim_start_matches("/users/").parse().unwrap();
    format!("n{}", id % 3)
}

fn observation(status: u16, total_us: u64, id: u32, at_ms: i64) -> Observation {
    let path = format!("/users/{id}");
    let name = name_of(&path);
    Observation {
        at_ms,
        provenance: Provenance::Upstream,
        backend: BackendId::ONLY,
        method: "GET".into(),
        path: path.into(),
        status,
        first_byte_us: total_us / 2,
        total_us,
        sample: Some(Box::new(ExchangeSample {
            response_headers: vec![("content-type".into(), "application/json".into())],
            response_body: Body {
                content_type: Some("application/json".into()),
                bytes: format!(r#"{{"id":{id},"name":"{name}","ok":true}}"#).into(),
                complete: true,
                ..Body::default()
            },
            ..ExchangeSample::default()
        })),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariant_7_merged_models_equal_the_model_of_the_joined_stream(
        stream in prop::collection::vec((0_u8..10, 500_u64..500_000, 1_u32..1_000), 2..120),
        cut in 0.0_f64..1.0,
    ) {
        let limits = ModelLimits::new(64 << 10);
        let observations: Vec<_> = stream
            .iter()
            .enumerate()
            .map(|(at, (kind, us, id))| {
                let status = if *kind == 0 { 503 } else { 200 };
                observation(status, *us, *id, 1_700_000_000_000 + at as i64 * 10)
            })
            .collect();
        let learn = |part: &[Observation]| {
            let mut model = EndpointModel::default();
            for one in part {
                let id = one.path.trim_start_matches("/users/").to_owned();
                prop_assert!(model.observe(one, &[("id", &id)], &limits));
            }
            Ok(model)
        };
        let at = (cut * observations.len() as f64) as usize;
        let (first, second) = observations.split_at(at);
        let mut merged = learn(first)?;
        merged.merge(&learn(second)?, &limits);
        let joined = learn(&observations)?;
        prop_assert_eq!(merged.observations, joined.observations);
        prop_assert_eq!(merged.first_seen_at_ms, joined.first_seen_at_ms);
        prop_assert_eq!(merged.last_seen_at_ms, joined.last_seen_at_ms);
        for (status, answer) in &joined.answers {
            let other = &merged.answers[status];
            prop_assert_eq!(other.observations, answer.observations);
            prop_assert_eq!(other.body.observations(), answer.body.observations());
            // A literal (a key, a word) is kept from its second body on, because it might be
            // somebody's: halves that saw one of them once each know less than the whole.
            let once = |half: &[Observation]| {
                let mut seen = BTreeMap::new();
                for one in half.iter().filter(|one| one.status == *status) {
                    *seen.entry(name_of(&one.path)).or_insert(0) += 1;
                }
                seen.values().any(|count| *count == 1)
            };
            if !once(first) && !once(second) {
                prop_assert_eq!(other.body.json_schema(), answer.body.json_schema());
            }
            for q in [0.1, 0.5, 0.9] {
                let (a, b) = (other.total.compile().quantile_us(q), answer.total.compile().quantile_us(q));
                prop_assert!(a.abs_diff(b) as f64 <= 0.05 * b as f64 + 1_000.0, "{a} {b} at {q}");
            }
        }
    }
}
