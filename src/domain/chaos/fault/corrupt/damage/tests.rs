use proptest::prelude::*;
use serde_json::json;
use smallvec::SmallVec;

use super::*;
use crate::domain::chaos::fault::corrupt::{CorruptionKind as K, KINDS};

const BODY: &str = r#"{ "id": 12345678901234567890123, "state": "PAID" , "price": 1.50,
  "tags": ["a", "b"], "owner": {"name": "é", "vip": false}, "note": null }"#;

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "state": {"type": "string", "enum": ["OPEN", "PAID", "UNKNOWN"]},
            "price": {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "owner": {"type": "object", "properties": {
                "name": {"type": "string"}, "vip": {"type": ["boolean", "null"]}
            }, "required": ["name"], "additionalProperties": false},
            "note": {"type": ["string", "null"]}
        },
        "required": ["id", "tags"]
    })
}

fn damage(body: &str, schema: Option<&Value>, kind: K, seed: u64) -> Option<Corrupted> {
    let corruption = Corruption { kinds: SmallVec::from_slice(&[kind]), seed };
    corrupt(body.as_bytes(), Some("application/json"), schema, &corruption)
}

/// Every place that a kind of damage can take, over many seeds.
fn places(schema: Option<&Value>, kind: K) -> Vec<String> {
    let mut places: Vec<_> =
        (0..200).filter_map(|seed| damage(BODY, schema, kind, seed)).map(|d| d.pointer).collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn damage_is_a_breach_of_the_learned_contract() {
    let schema = schema();
    let check =
        |kind, expected: &[&str]| assert_eq!(places(Some(&schema), kind), expected, "{kind:?}");
    check(K::DropField, &["/id", "/owner/name", "/tags"]);
    check(K::Null, &["/id", "/owner", "/owner/name", "/state", "/tags", "/tags/0", "/tags/1"]);
    check(K::EmptyList, &["/tags"]);
    check(K::HugeList, &["/tags"]);
    check(K::UnknownEnum, &["/state"]);
    let retyped = places(Some(&schema), K::WrongType);
    assert!(!retyped.contains(&"/note".to_owned()) && retyped.contains(&"/owner/vip".to_owned()));
}

#[test]
fn without_a_schema_the_body_is_the_contract() {
    let fields =
        ["/id", "/note", "/owner", "/owner/name", "/owner/vip", "/price", "/state", "/tags"];
    assert_eq!(places(None, K::DropField), fields);
    assert!(places(None, K::UnknownEnum).is_empty());
}

#[test]
fn only_the_damaged_place_changes() {
    let schema = schema();
    for seed in 0..100 {
        let nulled = damage(BODY, Some(&schema), K::Null, seed).expect("applies");
        let text = String::from_utf8(nulled.bytes).expect("UTF-8");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value.pointer(&nulled.pointer), Some(&Value::Null));
        let big = nulled.pointer == "/id" || text.contains("12345678901234567890123");
        assert!(big && text.contains("\"price\": 1.50"), "{text}");
    }
}

#[test]
fn a_dropped_field_leaves_valid_json() {
    let schema = schema();
    for seed in 0..100 {
        let dropped = damage(BODY, Some(&schema), K::DropField, seed).expect("applies");
        let value: Value = serde_json::from_slice(&dropped.bytes).expect("JSON");
        assert_eq!(value.pointer(&dropped.pointer), None, "{}", dropped.pointer);
    }
    for (body, left) in [(r#"{"a":1}"#, "{}"), (r#"{"a":{"b":[]}}"#, r#"{"a":{}}"#)] {
        let drops = |seed| damage(body, None, K::DropField, seed).map(|d| d.bytes);
        assert!((0..20).filter_map(drops).any(|bytes| bytes == left.as_bytes()), "{body}");
    }
}

#[test]
fn damaged_values_are_what_their_kind_says() {
    let schema = schema();
    let value = |kind, seed| {
        let damaged = damage(BODY, Some(&schema), kind, seed).expect("applies");
        let body: Value = serde_json::from_slice(&damaged.bytes).expect("JSON");
        (damaged.pointer.clone(), body.pointer(&damaged.pointer).cloned().expect("there"))
    };
    assert_eq!(value(K::EmptyList, 1).1, json!([]));
    assert!(value(K::HugeList, 1).1.as_array().expect("list").len() >= 10_000);
    assert_eq!(value(K::UnknownEnum, 1).1, json!("UNKNOWN_X"));
    for seed in 0..50 {
        let (pointer, retyped) = value(K::WrongType, seed);
        match pointer.as_str() {
            "/id" => assert_eq!(retyped, json!("12345678901234567890123")),
            "/state" | "/owner/name" => assert_eq!(retyped, json!(0)),
            "/owner/vip" => assert_eq!(retyped, json!("false")),
            "/owner" => assert_eq!(retyped, json!([])),
            "/price" => assert_eq!(retyped, json!({}), "number and text are both allowed"),
            _ => {}
        }
    }
}

#[test]
fn broken_json_never_parses() {
    for body in [BODY, "[1,2]", "7", "\"é\"", "{}", "[]", "null", "{\"a\":{\"b\":1}}"] {
        for seed in 0..50 {
            let broken = damage(body, None, K::BrokenJson, seed).expect("applies").bytes;
            assert!(serde_json::from_slice::<Value>(&broken).is_err(), "{broken:?}");
        }
    }
}

#[test]
fn a_wrong_charset_is_not_utf_8() {
    for body in [BODY, r#"{"name": "plain \n words", "word": "x"}"#] {
        let latin = damage(body, None, K::WrongCharset, 3).expect("applies").bytes;
        assert!(std::str::from_utf8(&latin).is_err());
        assert!(latin.contains(&0xE9));
    }
    assert_eq!(damage("[1, true]", None, K::WrongCharset, 3), None, "no text in it");
    let corruption = Corruption { kinds: SmallVec::from_slice(&[K::WrongCharset]), seed: 1 };
    let page = corrupt(b"<p>words</p>", Some("text/html"), None, &corruption).expect("applies");
    assert!(std::str::from_utf8(&page.bytes).is_err());
    assert_eq!(corrupt(b"words", Some("image/png"), None, &corruption), None);
}

#[test]
fn a_wrong_content_type_leaves_the_body() {
    let damaged = damage(BODY, None, K::WrongContentType, 1).expect("applies");
    assert_eq!(damaged.bytes, BODY.as_bytes());
    assert!(!is_json(&damaged.content_type.expect("changed")));
}

#[test]
fn the_next_kind_follows_where_one_does_not_apply() {
    let kinds = SmallVec::from_slice(&[K::EmptyList, K::UnknownEnum, K::Null]);
    let corruption = Corruption { kinds, seed: 1 };
    let json = Some("application/vnd.api+json; charset=utf-8");
    let damaged = corrupt(br#"{"a": 1}"#, json, None, &corruption).expect("applies");
    assert_eq!((damaged.kind, damaged.bytes.as_slice()), (K::Null, br#"{"a": null}"#.as_slice()));
    assert_eq!(corrupt(b"words", Some("text/plain"), None, &corruption), None);
    assert_eq!(corrupt(b"", json, None, &corruption), None);
    assert_eq!(corrupt(b"{\"a\": 1}", Some("text/plain"), None, &corruption), None);
}

#[test]
fn pointers_are_escaped() {
    let damaged = damage(r#"{"a/b~c": {"\u0041": 1}}"#, None, K::WrongType, 0);
    let pointers: Vec<_> = (0..20)
        .filter_map(|seed| damage(r#"{"a/b~c": {"\u0041": 1}}"#, None, K::WrongType, seed))
        .map(|damaged| damaged.pointer)
        .collect();
    assert!(damaged.is_some());
    assert!(pointers.contains(&"/a~1b~0c/A".to_owned()), "{pointers:?}");
}

#[test]
fn only_the_beginning_of_a_huge_body_is_damaged() {
    let body = format!("{{\"rows\":[{}0]}}", "{\"a\":[1]},".repeat(15_000));
    for kind in KINDS.into_iter().filter(|kind| *kind < K::BrokenJson) {
        for seed in 0..5 {
            let Some(damaged) = damage(&body, None, kind, seed) else { continue };
            assert!(serde_json::from_slice::<Value>(&damaged.bytes).is_ok(), "{kind:?}");
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn contract_damage_keeps_valid_json_and_changes_it(
        value in any_json(), pretty: bool, seed: u64, kind in 0..6_usize,
    ) {
        let text = match pretty {
            true => serde_json::to_string_pretty(&value).expect("JSON"),
            false => value.to_string(),
        };
        if let Some(damaged) = damage(&text, None, KINDS[kind], seed) {
            let after: Value = serde_json::from_slice(&damaged.bytes).expect("still JSON");
            let before: Value = serde_json::from_str(&text).expect("JSON");
            prop_assert_ne!(after, before);
            prop_assert_eq!(damage(&text, None, KINDS[kind], seed), Some(damaged));
        }
    }

    #[test]
    fn any_bytes_are_survived(body: Vec<u8>, seed: u64, kind in 0..9_usize) {
        let corruption = Corruption { kinds: SmallVec::from_slice(&[KINDS[kind]]), seed };
        let _damaged = corrupt(&body, None, None, &corruption);
        let _damaged = corrupt(&body, Some("text/html"), None, &corruption);
    }
}
