//! What a refusal confirms, and what it only mentions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::accepted::Accepted;
use crate::domain::outcome::Violation;
use crate::domain::world::pointer::member;
use crate::domain::world::{Request, SiteExchange};

fn refusal(body: &Value, said: &Value) -> SiteExchange {
    let kind = || vec![("content-type".into(), "application/json".to_owned())];
    let sent = body.to_string().into_bytes();
    let request = Request::read(("POST", "/things", ""), kind(), &sent, 0);
    SiteExchange::read(Arc::new(request), 400, kind(), said.to_string().as_bytes())
}

fn codes() -> Accepted {
    let mut accepted = Accepted::default();
    for code in ["one-1", "two-2", "six-6", "ten-10", "red-3", "sea-4"] {
        accepted.observe(&json!({ "code": code, "title": "A thing", "stage": "idea" }));
    }
    accepted
}

#[test]
fn a_refusal_that_speaks_of_one_member_says_nothing_of_another() {
    let mut accepted = codes();
    let body = json!({ "code": "has space", "title": "A thing" });
    accepted.confirm(&refusal(&body, &json!({ "code": ["Enter a valid code."] })));
    assert!(!accepted.is_confirmed(&(Violation::Lacks, member("stage"))));
    assert!(accepted.is_confirmed(&(Violation::Sign, member("code"))));
    let other = json!({ "code": "x y", "title": "A thing", "stage": "idea" });
    assert!(accepted.violations(&other, false).contains(&(Violation::Sign, member("code"))));
    let good = json!({ "code": "new-77", "title": "A thing", "stage": "idea" });
    assert!(!accepted.violations(&good, false).contains(&(Violation::Sign, member("code"))));
}

#[test]
fn what_a_refusal_repeats_of_the_body_it_does_not_speak_of() {
    let mut accepted = codes();
    let body = json!({ "code": "a-1", "stage": "idea" });
    let missing = json!({ "loc": ["body", "title"], "msg": "Field required", "input": body });
    accepted.confirm(&refusal(&body, &json!({ "detail": [missing] })));
    assert!(accepted.is_confirmed(&(Violation::Lacks, member("title"))));
    assert!(!accepted.is_confirmed(&(Violation::Shorter, member("code"))));
}
