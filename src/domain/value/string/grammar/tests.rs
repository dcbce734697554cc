//! Grammars learned from strings: what is drawn, and what the regular expression accepts.

use super::cut::Cut;
use super::grammar_node::GrammarNode;
use super::regex;
use super::segment::{SegmentModel, Sighting};
use crate::domain::privacy::retention::PartRetention;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::value::time::draw_clock::DrawClock;

fn learned(texts: impl IntoIterator<Item = String>) -> SegmentModel {
    let mut model = SegmentModel::default();
    for (body, text) in texts.into_iter().enumerate() {
        let may_keep = |part: &str, bodies| PartRetention::of(&text).may_keep(part, bodies);
        let mut sighting = Sighting {
            body: body as u64,
            at_ms: 1_790_000_000_000,
            may_keep: &may_keep,
            segments_left: 96,
        };
        model.observe(&text, Cut::Fields, &mut sighting);
    }
    model
}

fn drawn(model: &SegmentModel, count: u64) -> Vec<String> {
    let node = GrammarNode::compile(model);
    let clock = DrawClock::new(1_790_000_000_000, 1_790_000_000_000);
    let draw = |seed| {
        let mut out = Vec::new();
        node.write(None, &mut KeyedRng::new(seed * 7919 + 1), clock, &mut out);
        String::from_utf8(out).unwrap()
    };
    (0..count).map(draw).collect()
}

/// Draws from what was learned match `expected`, mostly new ones, and so does the pattern.
fn check(texts: Vec<String>, expected: &str) {
    let expected = ::regex::Regex::new(expected).unwrap();
    assert!(texts.iter().all(|text| expected.is_match(text)), "{}", texts[0]);
    let model = learned(texts.iter().cloned());
    for text in drawn(&model, 60) {
        assert!(expected.is_match(&text), "{text}");
    }
    let pattern = regex::pattern(&model).unwrap();
    let accepts = ::regex::Regex::new(&pattern).unwrap();
    let refused: Vec<_> = texts.iter().filter(|text| !accepts.is_match(text)).collect();
    assert!(refused.is_empty(), "{pattern} refuses {refused:?}");
}

/// Characters of an alphabet by a number.
fn of(alphabet: &str, count: usize, seed: u64) -> String {
    let mut stream = KeyedRng::new(seed);
    let letters = alphabet.as_bytes();
    (0..count).map(|_| char::from(letters[stream.index(letters.len())])).collect()
}

const HEX: &str = "0123456789abcdef";

fn many(make: impl Fn(u64) -> String) -> Vec<String> {
    (0..50).map(make).collect()
}

#[test]
fn a_constant_head_and_an_alphabet_are_kept() {
    check(many(|n| format!("XQ{}", of(HEX, 32, n))), "^XQ[0-9a-f]{32}$");
    check(
        many(|n| format!("key-{}", of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 10, n))),
        "^key-[0-9A-HJKMNP-TV-Z]{10}$",
    );
    check(
        many(|n| {
            format!("{}{}", of("LRT", 1, n), of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 9, n + 99))
        }),
        "^[LRT][A-Z0-9]{9}$",
    );
}

#[test]
fn words_of_a_structure_stay_and_tokens_beside_them_change() {
    let region = |n: u64| ["north-1", "north-2", "south-1"][(n % 3) as usize];
    check(
        many(|n| format!("urn:{}:{:012}:item/{}", region(n), n * 7_654_321, of(HEX, 17, n))),
        "^urn:(north-1|north-2|south-1):[0-9]{12}:item/[0-9a-f]{17}$",
    );
}

#[test]
fn numbers_within_strings_stay_in_their_range() {
    check(
        many(|n| format!("{:02}:{:02}", n * 7 % 24, n * 11 % 60)),
        "^([01][0-9]|2[0-3]):[0-5][0-9]$",
    );
    check(many(|n| format!("v{}.{}", n % 9 + 1, n * 13 % 40)), r"^v[1-9]\.[1-3]?[0-9]$");
}

#[test]
fn formats_within_strings_are_drawn_by_their_own_rows() {
    let uuid = |n: u64| {
        let hex = of(HEX, 32, n);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    };
    check(
        many(|n| format!("job-{}", uuid(n))),
        "^job-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    );
    check(
        many(|n| format!("{{{}}}", uuid(n).to_uppercase())),
        r"^\{[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}\}$",
    );
    check(
        many(|n| format!("run_2025-{:02}-{:02}T{:02}:10:00Z", n % 12 + 1, n % 28 + 1, n % 24)),
        concat!(
            r"^run_20[0-9]{2}-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])",
            r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
        ),
    );
}

#[test]
fn a_check_digit_is_kept() {
    use super::check_digit::CheckDigit;
    let imei = |n: u64| {
        let mut digits = format!("35{:012}", n * 987_654_321).into_bytes();
        digits.push(CheckDigit::Luhn.digit(&digits));
        String::from_utf8(digits).unwrap()
    };
    for text in drawn(&learned((0..50).map(imei)), 40) {
        let (last, rest) = text.as_bytes().split_last().unwrap();
        assert_eq!(CheckDigit::Luhn.digit(rest), *last, "{text}");
    }
}

#[test]
fn of_a_constant_secret_nothing_but_its_alphabet_is_known() {
    let model = learned((0..60).map(|_| "tk:q7Xw93LmZk20vBn4".to_owned()));
    let stored = serde_json::to_string(&model).unwrap();
    assert!(!stored.contains("q7Xw") && !stored.contains("\"h\":[["), "{stored}");
    assert!(drawn(&model, 200).iter().all(|text| !text.ends_with("q7Xw93LmZk20vBn4")));
}

#[test]
fn merged_grammars_know_what_both_saw() {
    let texts = many(|n| format!("id_{}-{}", ["red", "blue"][(n % 2) as usize], of(HEX, 8, n)));
    let whole = learned(texts.iter().cloned());
    let mut halves = learned(texts[..25].iter().cloned());
    halves.merge(learned(texts[25..].iter().cloned()));
    assert_eq!(regex::pattern(&whole), regex::pattern(&halves));
    let shaped = ::regex::Regex::new("^id_(red|blue)-[0-9a-f]{8}$").unwrap();
    assert!(drawn(&halves, 50).iter().all(|text| shaped.is_match(text)));
}

#[test]
fn times_as_people_write_them_and_digits_that_are_dates_stay_so() {
    let (weekdays, months) = (["Mon", "Tue", "Wed", "Thu", "Fri"], ["Jan", "Feb", "Mar", "Apr"]);
    let mail = |n: u64| {
        let (day, month) = (n * 7 % 28 + 1, months[(n * 3 % 4) as usize]);
        let weekday = weekdays[(n % 5) as usize];
        let clock = format!("{:02}:{:02}:{:02}", n * 5 % 24, n * 11 % 60, n * 17 % 60);
        format!("{weekday}, {day:02} {month} {} {clock} +0{}00", 2012 + n % 14, n % 3)
    };
    let expected = concat!(
        "^(Mon|Tue|Wed|Thu|Fri), [0-3][0-9] (Jan|Feb|Mar|Apr) 20[12][0-9] ",
        r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9] \+0[0-2]00$"
    );
    check(many(mail), expected);
    let compact = |n: u64| {
        let clock = format!("{:02}{:02}{:02}", n * 5 % 24, n * 11 % 60, n * 17 % 60);
        format!("{}{:02}{:02}T{clock}Z", 2012 + n % 14, n * 5 % 12 + 1, n * 7 % 28 + 1)
    };
    let expected = concat!(
        "^20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])",
        "T([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z$"
    );
    check(many(compact), expected);
}

#[test]
fn a_character_that_stands_nowhere_stands_not_at_a_single_place() {
    let letters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
    check(many(|n| of(letters, 11, n + 1)), "^[A-HJ-NPR-Z0-9]{11}$");
}
