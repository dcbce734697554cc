//! What a person says of one member of a body: a value, one of these, a format, or never.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::formats::{self, FORMATS};
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::random::seed::{mix, mix_text};
use crate::domain::validation::{FieldErrors, ObjectReader};

/// A word about a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberHint {
    /// JSON Pointer (RFC 6901), in which `*` is every item of a list and every member of an object.
    pub at: String,
    /// The value, the choice, the format, or its absence.
    #[serde(flatten)]
    pub says: MemberSays,
}

/// What is said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberSays {
    /// Always this; put there where the object before it is there.
    Value(Value),
    /// One of these, wherever it is there.
    OneOf(Vec<Value>),
    /// A string of this format, wherever it is there.
    Format(String),
    /// Never sent.
    Absent(bool),
}

const FIELDS: [&str; 5] = ["at", "value", "one_of", "format", "absent"];
const POINTER_BYTES_MAX: usize = 1024;
/// Values that a person lists by hand.
const VALUES_MAX: usize = 256;

/// From what members are drawn: the same learned value becomes the same one said, so that an entity
/// is the same wherever it is shown.
#[derive(Clone, Copy, Debug)]
pub struct MemberSeed {
    /// The seed of the answer; the learned value is mixed in.
    pub seed: u64,
    /// Unix seconds from which made-up times are counted.
    pub now_s: i64,
}

impl MemberHint {
    /// Reads it at `path`; `None` unless exactly one thing is said. What is wrong is added to
    /// `problems`.
    pub fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        let reader = ObjectReader::open(value, path, &FIELDS, problems)?;
        reader.require("at");
        let at = reader.text("at", POINTER_BYTES_MAX);
        if at.is_some_and(|at| !at.starts_with('/')) {
            reader.problem("at", "expected a JSON Pointer such as `/items/*/email`");
        }
        let given = |name: &&str| value.get(*name).is_some();
        if FIELDS.iter().skip(1).filter(|name| given(name)).count() != 1 {
            problems.add(path, "expected exactly one of `value`, `one_of`, `format`, `absent`");
            return None;
        }
        let says = match value.get("value") {
            Some(value) => MemberSays::Value(value.clone()),
            None if reader.has("one_of") => {
                let values = reader.list("one_of", VALUES_MAX);
                MemberSays::OneOf(values.into_iter().map(|(value, _)| value.clone()).collect())
            }
            None if reader.has("format") => {
                let name = reader.text("format", POINTER_BYTES_MAX)?;
                if formats::named(name).is_none() {
                    let known: Vec<&str> = FORMATS.iter().map(|(_, row)| row.name).collect();
                    reader.problem("format", format!("expected one of {}", known.join(", ")));
                }
                MemberSays::Format(name.to_owned())
            }
            None => {
                if reader.boolean("absent")? {
                    MemberSays::Absent(true)
                } else {
                    reader.problem("absent", "can only be true");
                    return None;
                }
            }
        };
        Some(Self { at: at?.to_owned(), says })
    }

    /// Makes `body` what is said.
    pub fn apply(&self, body: &mut Value, from: MemberSeed) {
        let steps: Vec<String> = self.at.split('/').skip(1).map(unescaped).collect();
        self.descend(body, &steps, from);
    }

    fn descend(&self, place: &mut Value, steps: &[String], from: MemberSeed) {
        let Some((step, rest)) = steps.split_first() else { return };
        let is_every = step == "*";
        match place {
            Value::Object(members) if rest.is_empty() => self.say(members, step, from),
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    if is_every || name == step {
                        self.descend(value, rest, from);
                    }
                }
            }
            Value::Array(items) if is_every => {
                for item in items {
                    match rest.is_empty() {
                        true => self.replace(item, from),
                        false => self.descend(item, rest, from),
                    }
                }
            }
            Value::Array(items) => {
                let Some(item) = step.parse().ok().and_then(|at: usize| items.get_mut(at)) else {
                    return;
                };
                match rest.is_empty() {
                    true => self.replace(item, from),
                    false => self.descend(item, rest, from),
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn say(&self, members: &mut Map<String, Value>, name: &str, from: MemberSeed) {
        if name == "*" {
            match self.says {
                MemberSays::Absent(_) => members.clear(),
                _ => members.iter_mut().for_each(|(_, value)| self.replace(value, from)),
            }
            return;
        }
        match &self.says {
            MemberSays::Absent(_) => {
                members.shift_remove(name);
            }
            MemberSays::Value(said) => {
                members.insert(name.to_owned(), said.clone());
            }
            MemberSays::OneOf(_) | MemberSays::Format(_) => {
                if let Some(value) = members.get_mut(name) {
                    self.replace(value, from);
                }
            }
        }
    }

    fn replace(&self, value: &mut Value, from: MemberSeed) {
        // By the member's own name, so that it is the same in a list and alone.
        let name = self.at.rsplit('/').next().unwrap_or_default();
        let key = mix_text(mix_text(from.seed, name), &value.to_string());
        match &self.says {
            MemberSays::Value(said) => *value = said.clone(),
            MemberSays::OneOf(values) => {
                let at = KeyedRng::new(mix(key, 1)).index(values.len());
                if !values.contains(value)
                    && let Some(one) = values.get(at)
                {
                    *value = one.clone();
                }
            }
            MemberSays::Format(name) => {
                let Some(format) = formats::named(name) else { return };
                if value.as_str().is_some_and(|text| formats::detect(text) == format) {
                    return;
                }
                let mut draws = KeyedRng::new(mix(key, 2));
                let text = formats::make_up(format, &mut draws, from.now_s);
                *value = Value::String(text);
            }
            MemberSays::Absent(_) => *value = Value::Null,
        }
    }
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SEED: MemberSeed = MemberSeed { seed: 7, now_s: 1_700_000_000 };

    fn member(document: Value) -> MemberHint {
        let problems = FieldErrors::default();
        let parsed = MemberHint::parse(&document, "members[0]", &problems);
        problems.or(parsed).expect("valid")
    }

    #[track_caller]
    fn check(says: Value, mut body: Value, expected: Value) {
        member(says).apply(&mut body, SEED);
        assert_eq!(body, expected);
    }

    #[test]
    fn a_member_is_fixed_or_taken_away_wherever_it_stands() {
        let body = json!({"a": 1, "items": [{"n": 1, "x": 2}, {"n": 3}], "b~/c": 4});
        check(json!({"at": "/a", "value": null}), json!({"a": 1}), json!({"a": null}));
        check(json!({"at": "/z", "value": 9}), json!({"a": 1}), json!({"a": 1, "z": 9}));
        check(
            json!({"at": "/items/*/n", "value": 0}),
            body.clone(),
            json!({"a": 1, "items": [{"n": 0, "x": 2}, {"n": 0}], "b~/c": 4}),
        );
        check(
            json!({"at": "/items/1/n", "absent": true}),
            body.clone(),
            json!({"a": 1, "items": [{"n": 1, "x": 2}, {}], "b~/c": 4}),
        );
        check(json!({"at": "/b~0~1c", "absent": true}), json!({"b~/c": 4}), json!({}));
        check(json!({"at": "/none/x", "value": 1}), json!({"a": 1}), json!({"a": 1}));
        check(json!({"at": "/*", "value": 1}), json!({"a": 0, "b": 0}), json!({"a": 1, "b": 1}));
    }

    #[test]
    fn the_same_value_becomes_the_same_word_and_others_differ() {
        let hint = member(json!({"at": "/*/mail", "format": "email"}));
        let mut body = json!([{"mail": "abc"}, {"mail": "abd"}, {"mail": "abc"}, {"x": 1}]);
        hint.apply(&mut body, SEED);
        let mail = |at: usize| body[at]["mail"].as_str().expect("a text").to_owned();
        assert_eq!(mail(0), mail(2));
        assert_ne!(mail(0), mail(1));
        assert!(mail(0).ends_with("@example.com"), "{}", mail(0));
        assert_eq!(body[3], json!({"x": 1}), "nothing is put where nothing was");
        let one = member(json!({"at": "/kind", "one_of": ["gold", "silver"]}));
        for drawn in 0..20 {
            let mut body = json!({"kind": format!("k{drawn}")});
            one.apply(&mut body, SEED);
            assert!(["gold", "silver"].contains(&body["kind"].as_str().expect("a text")));
        }
        let mut kept = json!({"kind": "silver"});
        one.apply(&mut kept, SEED);
        assert_eq!(kept, json!({"kind": "silver"}));
    }

    #[test]
    fn every_format_that_can_be_named_is_made() {
        for (format, row) in FORMATS {
            for seed in 0..50 {
                let text = formats::make_up(*format, &mut KeyedRng::new(seed), 1_700_000_000);
                assert_eq!(formats::detect(&text), *format, "{}: {text}", row.name);
            }
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (says, field) in [
            (json!({"at": "a", "value": 1}), "m.at"),
            (json!({"value": 1}), "m.at"),
            (json!({"at": "/a"}), "m"),
            (json!({"at": "/a", "format": "mail"}), "m.format"),
            (json!({"at": "/a", "one_of": []}), "m.one_of"),
            (json!({"at": "/a", "absent": false}), "m.absent"),
        ] {
            let problems = FieldErrors::default();
            let parsed = MemberHint::parse(&says, "m", &problems);
            let errors = problems.or(parsed).expect_err("refused");
            assert_eq!(errors[0].field, field, "{says}");
        }
    }
}
