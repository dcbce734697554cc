//! The admin API over a real port, as people and scripts use it.

mod access;
mod docs;
mod endpoints;
mod explain;
mod health;
mod input;
mod metrics;
mod openapi;
mod reasons;
mod requests;
mod resources;
mod sessions;
mod settings;
mod start;
mod templates;

use serde_json::Value;

use crate::support::client::RawAnswer;
use crate::support::double::Double;

/// Requests of the sample traffic: every route of the sample backend is met several times.
const TRAFFIC: usize = 300;

/// A double that has learned the sample backend.
fn learned() -> Double {
    let double = Double::in_front_of_demo();
    double.learn_demo(TRAFFIC);
    double
}

/// Asserts that `answer` is a problem document of this kind, and returns it.
#[track_caller]
fn problem(answer: &RawAnswer, status: u16, slug: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.get("content-type"), Some("application/problem+json"));
    assert_eq!(answer.get("x-mock-error"), Some(slug));
    let document = answer.json();
    assert_eq!(document["type"], format!("urn:stunt-double:problem:{slug}"));
    assert_eq!(document["status"], status);
    document
}

/// Asserts that `answer` refuses a field, and returns what is wrong with it.
#[track_caller]
fn refused_field(answer: &RawAnswer, status: u16, field: &str) -> String {
    let slug = if status == 422 { "unprocessable" } else { "malformed" };
    let document = problem(answer, status, slug);
    assert_eq!(document["errors"][0]["field"], field, "{document}");
    document["errors"][0]["problem"].as_str().expect("a text").to_owned()
}
