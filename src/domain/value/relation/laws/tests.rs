//! Laws learned from records, and records made to keep them.

use std::borrow::Cow;

use super::column::{self, Scalar};
use super::model::LawModel;
use super::plan::{KnownColumns, LawPlan};
use crate::domain::json::Json;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::value::time::draw_clock::DrawClock;

/// Learns the records that `make` makes; gives `broken` as it is put right.
fn repaired(
    make: impl Fn(u64) -> serde_json::Value,
    broken: serde_json::Value,
) -> serde_json::Value {
    let mut laws = LawModel::default();
    let mut paths: Vec<u32> = Vec::new();
    let mut values: Vec<(u32, u32, Scalar<'static>)> = Vec::new();
    for body in 0..60 {
        let text = serde_json::to_vec(&make(body)).unwrap();
        let Some(Json::Object(members)) = Json::parse(&text) else { panic!("no record") };
        laws.observe(&members, body);
        for column in column::columns(&members) {
            if column.stands && !paths.contains(&column.path) {
                paths.push(column.path);
            }
            if let Scalar::Text(text) = &column.value {
                let fingerprint = column.value.fingerprint();
                let text = Scalar::Text(Cow::Owned(text.to_string()));
                values.push((column.path, fingerprint, text));
            }
        }
    }
    let stored = serde_json::to_string(&laws).unwrap();
    let laws: LawModel = serde_json::from_str(&stored).unwrap();
    let known = KnownColumns {
        paths: &paths,
        value: &|path, fingerprint| {
            let found = values.iter().find(|value| (value.0, value.1) == (path, fingerprint));
            found.map(|value| value.2.clone())
        },
        is_decided: &|_| false,
        is_timed: &|_| false,
    };
    let plan = LawPlan::compile(&laws, &known).unwrap();
    let mut out = serde_json::to_vec(&broken).unwrap();
    let clock = DrawClock::new(0, 0);
    plan.repair(None, &mut KeyedRng::new(1), clock, 0, &mut out);
    serde_json::from_slice(&out).unwrap()
}

const NAMES: [&str; 7] = ["Ada", "Berta", "Carla", "Dora", "Edda", "Frieda", "Gerda"];
const OTHERS: [&str; 5] = ["Lovelace", "Meitner", "Noether", "Hopper", "Curie"];

fn name(n: u64) -> (&'static str, &'static str) {
    (NAMES[(n % 7) as usize], OTHERS[(n % 5) as usize])
}

#[test]
fn texts_made_of_others_are_made_of_them_again() {
    let make = |n: u64| {
        let (first, last) = name(n);
        let id = 1000 + n * 37;
        serde_json::json!({
            "first": first, "last": last, "full": format!("{first} {last}"),
            "initials": format!("{}{}", &first[..1], &last[..1]),
            "id": id, "_links": {"self": {"href": format!("/people/{id}/card")}},
            "day": format!("2025-{:02}-{:02}", n % 12 + 1, n % 28 + 1), "month": n % 12 + 1,
        })
    };
    let broken = serde_json::json!({
        "first": "Ida", "last": "Rhodes", "full": "x", "initials": "yy", "id": 77,
        "_links": {"self": {"href": "z"}}, "day": "2025-04-09", "month": 11,
    });
    let fixed = repaired(make, broken);
    assert_eq!(fixed["full"], "Ida Rhodes");
    assert_eq!(fixed["initials"], "IR");
    assert_eq!(fixed["_links"]["self"]["href"], "/people/77/card");
    assert_eq!(fixed["month"], 4);
}

#[test]
fn numbers_follow_from_others_and_from_lists() {
    let make = |n: u64| {
        let items: Vec<_> = (0..=(n % 4))
            .map(|at| {
                let (count, price) = (at + n % 5 + 1, (n * 7 + at * 31) % 90 + 5);
                serde_json::json!({"count": count, "price": price, "total": count * price})
            })
            .collect();
        let sum: u64 = items.iter().map(|item| item["total"].as_u64().unwrap()).sum();
        let tax = (sum as f64 * 19.0).round() / 100.0;
        let all = (sum as f64 * 100.0 + tax * 100.0).round() / 100.0;
        serde_json::json!({
            "items": items, "lines": items.len(), "net": sum, "rate": 19, "tax": tax, "gross": all,
        })
    };
    let broken = serde_json::json!({
        "items": [{"count": 2, "price": 50, "total": 100}, {"count": 1, "price": 11, "total": 11}],
        "lines": 9, "net": 5, "rate": 19, "tax": 1.5, "gross": 3.25,
    });
    let fixed = repaired(make, broken);
    assert_eq!(fixed["lines"], 2);
    assert_eq!(fixed["net"], 111);
    assert_eq!(fixed["tax"], 21.09);
    assert_eq!(fixed["gross"], 132.09);
}

#[test]
fn what_goes_with_a_value_stays_with_it() {
    let places = [("de", "Germany", "EUR"), ("fr", "France", "EUR"), ("se", "Sweden", "SEK")];
    let make = |n: u64| {
        let (code, name, currency) = places[(n % 3) as usize];
        serde_json::json!({"n": n, "code": code, "place": {"name": name, "currency": currency}})
    };
    let broken = serde_json::json!(
        {"n": 99, "code": "se", "place": {"name": "France", "currency": "EUR"}}
    );
    let fixed = repaired(make, broken);
    assert_eq!(fixed["place"], serde_json::json!({"name": "Sweden", "currency": "SEK"}));
}

#[test]
fn no_text_of_a_single_record_is_stored() {
    let mut laws = LawModel::default();
    let text = br#"{"id": 7, "note": "zqvxjw7qjxkzv 7", "kind": "kwzxqy"}"#;
    let Some(Json::Object(members)) = Json::parse(text) else { panic!("no record") };
    laws.observe(&members, 0);
    let stored = serde_json::to_string(&laws).unwrap();
    assert!(
        !stored.contains("zqvx") && !stored.contains("qjxk") && !stored.contains("kwzx"),
        "{stored}"
    );
}

#[test]
fn halves_that_agree_give_the_law_of_the_whole() {
    let record = |n: u64| {
        let text = serde_json::json!({"a": n, "b": n * 3 + 1, "sum": n * 4 + 1}).to_string();
        text.into_bytes()
    };
    let learned = |bodies: std::ops::Range<u64>| {
        let mut laws = LawModel::default();
        for body in bodies {
            let text = record(body);
            let Some(Json::Object(members)) = Json::parse(&text) else { panic!("no record") };
            laws.observe(&members, body);
        }
        laws
    };
    let mut halves = learned(0..20);
    halves.merge(learned(20..40));
    let laws = |model: &LawModel| model.arithmetic.iter().filter(|law| law.is_law()).count();
    assert_eq!(laws(&halves), laws(&learned(0..40)));
}

#[test]
fn the_parts_of_a_version_make_it() {
    let make = |n: u64| {
        let (major, minor, patch) = (n % 3 + 1, n * 7 % 20, n * 11 % 30);
        let tail = if n.is_multiple_of(4) { format!("-rc.{}", n % 5) } else { String::new() };
        let version = format!("{major}.{minor}.{patch}{tail}");
        serde_json::json!({"version": version, "major": major, "minor": minor, "patch": patch})
    };
    let broken = serde_json::json!({"version": "9.9.9", "major": 2, "minor": 17, "patch": 5});
    let fixed = repaired(make, broken)["version"].as_str().unwrap().to_owned();
    assert!(fixed.starts_with("2.17.5"), "{fixed}");
}

#[test]
fn a_rate_and_the_greater_of_two_are_found() {
    let make = |n: u64| {
        let (grams, size) = (n * 137 % 5000 + 200, n * 211 % 4000 + 100);
        serde_json::json!({
            "grams": grams, "size": size, "billed": grams.max(size),
            "pounds": (grams as f64 * 0.002_204_62 * 1000.0).round() / 1000.0,
        })
    };
    let broken = serde_json::json!({"grams": 4000, "size": 900, "billed": 7, "pounds": 1.234});
    let fixed = repaired(make, broken);
    assert_eq!(fixed["billed"], 4000);
    assert_eq!(fixed["pounds"], 8.818);
}

#[test]
fn a_mailbox_is_made_of_a_whole_name_and_a_length_of_seconds() {
    let make = |n: u64| {
        let (first, last) = name(n);
        let seconds = n * 37 % 400 + 60;
        serde_json::json!({
            "name": format!("{first} {last}"), "seconds": seconds,
            "email": format!("{first}.{last}@example.org").to_lowercase(),
            "length": format!("{}:{:02}", seconds / 60, seconds % 60),
        })
    };
    let broken = serde_json::json!({
        "name": "Ada Curie", "seconds": 187, "email": "x@example.org", "length": "9:99",
    });
    let fixed = repaired(make, broken);
    assert_eq!(fixed["email"], "ada.curie@example.org");
    assert_eq!(fixed["length"], "3:07");
}

#[test]
fn what_is_a_part_of_its_own_copy_is_made_of_something_else() {
    let make = |n: u64| {
        let (net, code) = (["us", "ak", "nc"][(n % 3) as usize], format!("{:06}", n * 7919));
        serde_json::json!({
            "id": format!("{net}{code}"), "ids": format!(",{net}{code},"), "net": net, "code": code,
        })
    };
    let broken = serde_json::json!({"id": "zz1", "ids": ",x,", "net": "nc", "code": "004711"});
    let fixed = repaired(make, broken);
    assert_eq!(fixed["id"], "nc004711");
    assert_eq!(fixed["ids"], ",nc004711,");
}
