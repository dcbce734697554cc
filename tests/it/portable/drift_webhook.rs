//! A backend that moves away while the double runs, and who is told.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::backend::Backend;
use crate::support::double::Double;
use crate::support::eventually;

/// Users whose member `email` can be renamed.
fn users(renamed: &Arc<AtomicBool>) -> Backend {
    let renamed = Arc::clone(renamed);
    Backend::start(move |connection| {
        while let Some((head, _)) = connection.read_request() {
            let id = head.path().rsplit('/').next().unwrap_or_default().to_owned();
            let member = if renamed.load(Ordering::SeqCst) { "mail" } else { "email" };
            let body = format!("{{\"id\":{id},\"{member}\":\"ann.{id}@private.example\"}}");
            let length = body.len();
            connection.write(
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                )
                .as_bytes(),
            );
        }
    })
}

/// Request lines and documents that a webhook was told.
type Told = Arc<Mutex<Vec<(String, Value)>>>;

/// A webhook that fails at first, and what it was told.
fn webhook() -> (Backend, Told) {
    let told = Told::default();
    let (kept, asked) = (Arc::clone(&told), AtomicUsize::new(0));
    let backend = Backend::start(move |connection| {
        while let Some((head, body)) = connection.read_request() {
            let document = serde_json::from_slice(&body).expect("JSON");
            kept.lock().expect("no panic").push((head.line.clone(), document));
            let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
            let line = if first { "503 Busy" } else { "200 OK" };
            connection.write(format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n").as_bytes());
        }
    });
    (backend, told)
}

#[test]
fn who_asked_for_it_is_told_once_when_drift_begins_and_once_when_it_ends() {
    let renamed = Arc::new(AtomicBool::new(false));
    let backend = users(&renamed);
    let (hook, told) = webhook();
    let url = format!("{}/hooks/T1?key=s3cret", hook.url());
    let double = Double::with(&[
        "--drift-against",
        "release",
        "--drift-webhook",
        &url,
        "--drift-interval-s",
        "1",
    ]);
    let double = double.target(backend.url()).start();
    let metrics = |line: &str| double.admin("GET", "/metrics").text().contains(line);
    let learn = || {
        (1..=60).for_each(|n| drop(double.get(&format!("/users/{n}"))));
        double.flush();
    };
    learn();
    assert!(!metrics("stunt_double_drift{"), "there is no such baseline yet");
    let keep = || assert_eq!(double.admin_with("POST", "/baselines/release", b"").status, 201);
    keep();
    eventually("the watch has looked", || {
        metrics("stunt_double_drift{baseline=\"release\",severity=\"breaking\"} 0")
    });
    renamed.store(true, Ordering::SeqCst);
    learn();
    let news = || told.lock().expect("no panic").len();
    eventually("the webhook is told, and again after it failed", || news() == 2);
    let (line, document) = told.lock().expect("no panic")[1].clone();
    assert_eq!(line, "POST /hooks/T1?key=s3cret HTTP/1.1");
    assert_eq!(document, double.admin("GET", "/drift?against=release").json());
    assert_eq!(document["severity"], "breaking", "{document}");
    let text = document.to_string();
    assert!(text.contains("email") && !text.contains("private.example"), "{text}");
    eventually("the news counts as posted", || {
        metrics("stunt_double_drift_webhook_total{result=\"posted\"} 1")
    });
    assert!(!metrics("stunt_double_drift{baseline=\"release\",severity=\"breaking\"} 0"));
    // What has become the rule is kept as the new baseline: the drift has ended.
    keep();
    eventually("the webhook is told of the end", || news() == 3);
    assert_eq!(told.lock().expect("no panic")[2].1["severity"], Value::Null);
    learn();
    eventually("the watch has looked again", || {
        metrics("stunt_double_drift{baseline=\"release\",severity=\"breaking\"} 0")
    });
    assert_eq!(news(), 3, "each is said once");
}
