//! A validator for the part of JSON Schema 2020-12 that the double writes.
//!
//! A keyword that it does not know fails the test, so that what is written is really checked.

use serde_json::Value;

/// Keywords that say nothing about validity.
const ANNOTATIONS: [&str; 4] = ["$schema", "title", "description", "format"];

/// What of `value` breaks `schema`, one line each.
pub fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

fn check(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = match schema {
        Value::Bool(true) => return,
        Value::Object(schema) => schema,
        other => return found.push(format!("{at}: refused by {other}")),
    };
    for (keyword, rule) in schema {
        let holds = match keyword.as_str() {
            "type" => is_of_type(rule, value),
            "enum" => rule.as_array().is_some_and(|values| values.contains(value)),
            "minimum" => bound(rule, value, |number, limit| number >= limit),
            "maximum" => bound(rule, value, |number, limit| number <= limit),
            "minLength" => value
                .as_str()
                .is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().expect("a length")),
            "pattern" => value.as_str().is_none_or(|text| {
                let pattern = rule.as_str().expect("a pattern");
                regex::Regex::new(pattern).expect("a valid pattern").is_match(text)
            }),
            "required" => value.as_object().is_none_or(|members| {
                let names = rule.as_array().expect("names").iter();
                names.map(|name| name.as_str().expect("a name")).all(|n| members.contains_key(n))
            }),
            "anyOf" => {
                let mut options = rule.as_array().expect("schemas").iter();
                options.any(|option| violations(option, value).is_empty())
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(rule, item, &format!("{at}/{index}"), found);
                }
                true
            }
            "properties" | "additionalProperties" => {
                check_members(schema, keyword, value, at, found);
                true
            }
            other => ANNOTATIONS.contains(&other),
        };
        if !holds {
            found.push(format!("{at}: `{keyword}: {rule}` does not hold for {value}"));
        }
    }
}

fn check_members(
    schema: &serde_json::Map<String, Value>,
    keyword: &str,
    value: &Value,
    at: &str,
    found: &mut Vec<String>,
) {
    let known = schema.get("properties").and_then(Value::as_object);
    for (name, member) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        match (known.and_then(|known| known.get(name)), keyword) {
            (Some(rule), "properties") => check(rule, member, &at, found),
            (None, "additionalProperties") => check(&schema[keyword], member, &at, found),
            _ => {}
        }
    }
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().expect("a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("`{other}` is no type"),
    };
    match rule {
        Value::Array(names) => names.iter().any(is),
        name => is(name),
    }
}

fn bound(rule: &Value, value: &Value, holds: impl Fn(f64, f64) -> bool) -> bool {
    value.as_f64().is_none_or(|number| holds(number, rule.as_f64().expect("a number")))
}
