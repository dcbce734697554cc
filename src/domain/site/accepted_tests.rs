//! What a refusal confirms, and what it only mentions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::accepted::Accepted;
use super::refusal_frame::RefusalFrame;
use crate::domain::outcome::Violation;
use crate::domain::world::pointer::member;
use crate::domain::world::{Request, Seen, SiteExchange, SitePlace, SiteTemplate};

fn refusal(body: &Value, said: &Value) -> SiteExchange {
    let kind = || vec![("content-type".into(), "application/json".to_owned())];
    let sent = body.to_string().into_bytes();
    let request = Request::read(("POST", "/things", ""), kind(), &sent, 0);
    SiteExchange::read(Arc::new(request), 400, kind(), said.to_string().as_bytes())
}

fn confirm(accepted: &mut Accepted, refusal: &SiteExchange) {
    let body = refusal.request.body.tree().unwrap();
    accepted.confirm(refusal, body, &RefusalFrame::default());
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
    confirm(&mut accepted, &refusal(&body, &json!({ "code": ["Enter a valid code."] })));
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
    confirm(&mut accepted, &refusal(&body, &json!({ "detail": [missing] })));
    assert!(accepted.is_confirmed(&(Violation::Lacks, member("title"))));
    assert!(!accepted.is_confirmed(&(Violation::Shorter, member("code"))));
}

#[test]
fn the_frame_of_all_refusals_speaks_of_nothing() {
    let body = json!({ "name": "Ann", "seats": 3 });
    let said = |status: u16, text: &str| {
        let error = json!({ "statusCode": status, "name": "Error", "message": text });
        json!({ "error": error })
    };
    let place = SitePlace { method: "POST".into(), template: SiteTemplate(Vec::new()) };
    let place = Arc::new(place);
    let seen = |status: u16| {
        let exchange = SiteExchange { status, ..refusal(&body, &said(status, "no")) };
        Seen { exchange: Arc::new(exchange), place: Arc::clone(&place) }
    };
    let seen: Vec<Seen> = (0..10).map(|n| seen(if n % 2 == 0 { 404 } else { 400 })).collect();
    let frame = RefusalFrame::learn(&seen);
    let spoken = frame.spoken(&refusal(&body, &said(400, "`seats` is too high")), &body);
    assert!(spoken.contains("seats") && !spoken.contains("name"), "{spoken}");
    assert!(!spoken.bytes().any(|byte| byte.is_ascii_digit()), "no status either: {spoken}");
}

#[test]
fn what_goes_with_one_word_of_a_member_is_missed_beside_it_alone() {
    let mut accepted = Accepted::default();
    for n in 0..4 {
        accepted.observe(&json!({ "type": "file", "format": "text", "content": format!("t{n}") }));
        accepted.observe(&json!({ "type": "directory" }));
        accepted.observe(&json!({ "type": "notebook", "format": "json", "content": {"cells": n} }));
    }
    let file = json!({ "type": "file", "content": "x" });
    let lacks = (Violation::LacksBeside, member("format"));
    assert!(accepted.violations(&file, false).contains(&lacks));
    assert!(accepted.violations(&json!({ "type": "directory" }), false).is_empty());
    let text = json!({ "type": "notebook", "format": "json", "content": "no cells" });
    let other = (Violation::TypeBeside, member("content"));
    assert!(accepted.violations(&text, false).contains(&other));
    confirm(&mut accepted, &refusal(&file, &json!({ "error": "Must specify format" })));
    assert!(accepted.is_confirmed(&lacks));
}

#[test]
fn passwords_that_are_shared_are_no_vocabulary() {
    let mut accepted = Accepted::default();
    for n in 0..20 {
        let word = ["alpha-1", "beta-22", "gamma-3"][n % 3];
        accepted.observe(&json!({ "email": format!("a{n}@b.example"), "password": word }));
    }
    let body = json!({ "email": "new@b.example", "password": "delta-44" });
    let found = accepted.violations(&body, false);
    assert!(!found.contains(&(Violation::Vocabulary, member("password"))), "{found:?}");
}

#[test]
fn a_taken_value_is_disputed_though_the_body_lacks_what_all_had() {
    let mut accepted = codes();
    let body = json!({ "code": "one-1", "title": "Again" });
    confirm(&mut accepted, &refusal(&body, &json!({ "error": "`code` is taken (value: one-1)" })));
    assert!(accepted.is_disputed(&member("code")));
    assert!(!accepted.is_confirmed(&(Violation::Lacks, member("stage"))));
}
