//! Tests of a JSON body: what stands at a pointer or a path, or somewhere in the whole.
//!
//! ```json
//! [{"pointer": "/customer/kind", "equals": "gold"},
//!  {"json_path": "$.items[*].sku", "regex": "^A-"},
//!  {"contains": {"currency": "EUR"}}]
//! ```

use regex::bytes::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::jayway::JaywayPath;
use super::value_test::regex;
use crate::domain::validation::{FieldErrors, ObjectReader};

/// One test of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BodyTest {
    /// JSON Pointer (RFC 6901) to the value; the whole body unless this or `json_path` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// JSONPath (RFC 9535): one of the values that it finds must pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_path: Option<String>,
    /// How `json_path` is read, unless it is as RFC 9535 says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<PathDialect>,
    /// What the value, or one of the values, must be like.
    #[serde(flatten)]
    pub test: BodyValueTest,
}

/// A way to read paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathDialect {
    /// As the library of WireMock does ([`JaywayPath`]).
    Jayway,
}

/// What a value must be like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyValueTest {
    /// The same value; numbers by what they count, so that `1` is `1.0`.
    Equals(Value),
    /// Every member asked for is there, and every item in some item, as PostgreSQL's `@>`.
    Contains(Value),
    /// Of a text, or of a number or boolean as it is written.
    Regex(String),
    /// Whether there is one at all.
    Present(bool),
}

/// Longest pointer or path: hand-written ones are short.
const PATH_BYTES_MAX: usize = 1024;
/// Longest expression.
const REGEX_SOURCE_BYTES_MAX: usize = 1024;
const FIELDS: [&str; 7] =
    ["pointer", "json_path", "dialect", "equals", "contains", "regex", "present"];
/// Those of them that say where.
const PLACE_FIELDS: usize = 3;

impl BodyTest {
    /// Reads it at `path`; `None` unless exactly one test is given. What is wrong is added to
    /// `problems`.
    pub fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        let reader = ObjectReader::open(value, path, &FIELDS, problems)?;
        let given = |name: &str| value.get(name);
        if FIELDS.iter().skip(PLACE_FIELDS).filter(|field| given(field).is_some()).count() != 1 {
            problems.add(path, "expected exactly one of `equals`, `contains`, `regex`, `present`");
            return None;
        }
        // The empty pointer is the whole body, which `text` would refuse.
        let pointer = match given("pointer").and_then(Value::as_str) {
            Some("") => None,
            _ => reader.text("pointer", PATH_BYTES_MAX),
        };
        if pointer.is_some_and(|pointer| !pointer.starts_with('/')) {
            reader.problem("pointer", "expected a JSON Pointer such as `/customer/name`");
        }
        let json_path = reader.text("json_path", PATH_BYTES_MAX);
        let dialect = match reader.text("dialect", PATH_BYTES_MAX) {
            Some("jayway") => Some(PathDialect::Jayway),
            Some(_) => {
                reader.problem("dialect", "expected `jayway`");
                None
            }
            None => None,
        };
        match (json_path, dialect) {
            (Some(path), None) => {
                if let Err(error) = JsonPath::parse(path) {
                    reader.problem("json_path", format!("no JSONPath: {error}"));
                }
            }
            (Some(path), Some(PathDialect::Jayway)) if JaywayPath::parse(path).is_none() => {
                reader.problem("json_path", "cannot be read");
            }
            (None, Some(_)) => reader.problem("dialect", "is of a `json_path`, and there is none"),
            (None, None) | (Some(_), Some(PathDialect::Jayway)) => {}
        }
        if pointer.is_some() && json_path.is_some() {
            reader.problem("json_path", "contradicts `pointer`: give one of them");
        }
        let test = match (given("equals"), given("contains")) {
            (Some(value), _) => BodyValueTest::Equals(value.clone()),
            (_, Some(value)) => BodyValueTest::Contains(value.clone()),
            _ if reader.has("regex") => {
                let source = reader.text("regex", REGEX_SOURCE_BYTES_MAX)?;
                regex(source).map_err(|error| reader.problem("regex", error)).ok()?;
                BodyValueTest::Regex(source.to_owned())
            }
            _ => BodyValueTest::Present(reader.boolean("present")?),
        };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(Self { pointer: owned(pointer), json_path: owned(json_path), dialect, test })
    }
}

/// A test ready to run.
#[derive(Debug)]
pub struct CompiledBodyTest {
    place: Place,
    test: CompiledValueTest,
    /// What it is called when it does not hold.
    name: Box<str>,
}

#[derive(Debug)]
enum Place {
    Pointer(Box<str>),
    Path(JsonPath),
    Jayway(JaywayPath),
}

#[derive(Debug)]
enum CompiledValueTest {
    Equals(Value),
    Contains(Value),
    Regex(Box<Regex>),
    Present(bool),
}

impl CompiledBodyTest {
    /// `None` only for what `parse` refuses.
    pub fn new(test: &BodyTest) -> Option<Self> {
        let place = match (&test.json_path, &test.pointer) {
            (Some(path), _) if test.dialect.is_some() => Place::Jayway(JaywayPath::parse(path)?),
            (Some(path), _) => Place::Path(JsonPath::parse(path).ok()?),
            (None, pointer) => Place::Pointer(pointer.clone().unwrap_or_default().into()),
        };
        let name = match (&test.json_path, &test.pointer) {
            (Some(at), _) | (_, Some(at)) => format!("body at `{at}` differs"),
            _ => "the body differs".to_owned(),
        };
        let test = match &test.test {
            BodyValueTest::Equals(value) => CompiledValueTest::Equals(value.clone()),
            BodyValueTest::Contains(value) => CompiledValueTest::Contains(value.clone()),
            BodyValueTest::Regex(source) => CompiledValueTest::Regex(Box::new(regex(source).ok()?)),
            BodyValueTest::Present(present) => CompiledValueTest::Present(*present),
        };
        Some(Self { place, test, name: name.into() })
    }

    /// Whether `body` passes; a body that is no JSON passes only tests of absence.
    pub fn holds(&self, body: Option<&Value>) -> bool {
        let Some(body) = body else {
            return matches!(self.test, CompiledValueTest::Present(false));
        };
        match &self.place {
            Place::Pointer(pointer) => self.any_passes(body.pointer(pointer).into_iter()),
            Place::Path(path) => self.any_passes(path.query(body).iter().copied()),
            Place::Jayway(path) => self.any_passes(path.query(body).into_iter()),
        }
    }

    fn any_passes<'v>(&self, mut values: impl Iterator<Item = &'v Value>) -> bool {
        match &self.test {
            CompiledValueTest::Equals(wanted) => values.any(|value| is_same(value, wanted)),
            CompiledValueTest::Contains(wanted) => values.any(|value| contains(value, wanted)),
            CompiledValueTest::Regex(regex) => values.any(|value| match value {
                Value::String(text) => regex.is_match(text.as_bytes()),
                Value::Number(_) | Value::Bool(_) => regex.is_match(value.to_string().as_bytes()),
                Value::Null | Value::Array(_) | Value::Object(_) => false,
            }),
            CompiledValueTest::Present(present) => values.next().is_some() == *present,
        }
    }

    /// What does not hold, in words: no value of the request.
    pub fn unmet(&self) -> &str {
        &self.name
    }
}

/// Equal, whatever the order of members and the spelling of numbers.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(left), Value::Object(right)) => {
            let held = |(name, wanted): (&String, &Value)| {
                left.get(name).is_some_and(|value| is_same(value, wanted))
            };
            left.len() == right.len() && right.iter().all(held)
        }
        _ => left == right,
    }
}

/// Whether `whole` has everything that `part` has.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(name, wanted)| whole.get(name).is_some_and(|value| contains(value, wanted))),
        (Value::Array(whole), Value::Array(part)) => {
            part.iter().all(|wanted| whole.iter().any(|item| contains(item, wanted)))
        }
        _ => is_same(whole, part),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(test: Value, expected: bool) {
        let body = json!({"customer": {"name": "Ann", "age": 30, "tags": ["a", "b"]},
            "items": [{"sku": "A-1", "n": 2}, {"sku": "B-2", "n": 1}], "note": null, "a/b": 1});
        let problems = FieldErrors::default();
        let parsed = BodyTest::parse(&test, "body[0]", &problems);
        let parsed = problems.or(parsed).expect("valid");
        let compiled = CompiledBodyTest::new(&parsed).expect("compiles");
        assert_eq!(compiled.holds(Some(&body)), expected, "{test}");
        let stored = serde_json::to_value(&parsed).expect("stored");
        assert_eq!(serde_json::from_value::<BodyTest>(stored).expect("read"), parsed);
    }

    #[test]
    fn a_value_is_found_by_pointer_or_path_and_tested() {
        check(json!({"pointer": "/customer/name", "equals": "Ann"}), true);
        check(json!({"pointer": "/customer/name", "equals": "ann"}), false);
        check(json!({"pointer": "/customer/age", "equals": 30.0}), true);
        check(json!({"pointer": "/note", "equals": null}), true);
        check(json!({"pointer": "/a~1b", "equals": 1}), true);
        check(json!({"pointer": "/items/1/sku", "regex": "^B"}), true);
        check(json!({"pointer": "/customer/age", "regex": "^3\\d$"}), true);
        check(json!({"pointer": "/customer", "regex": "Ann"}), false);
        check(json!({"pointer": "/none", "present": true}), false);
        check(json!({"pointer": "/none", "present": false}), true);
        check(json!({"pointer": "/note", "present": true}), true);
        check(json!({"json_path": "$.items[*].sku", "equals": "B-2"}), true);
        check(json!({"json_path": "$.items[?@.n > 1].sku", "equals": "B-2"}), false);
        check(json!({"json_path": "$..sku", "regex": "^A"}), true);
        check(json!({"json_path": "$.none", "present": true}), false);
        let itself = "$.customer[?(@.name == 'Ann')]";
        check(json!({"json_path": itself, "present": true}), false);
        check(json!({"json_path": itself, "dialect": "jayway", "present": true}), true);
    }

    #[test]
    fn a_part_is_contained_whatever_stands_beside_it() {
        check(json!({"contains": {"customer": {"name": "Ann"}}}), true);
        check(json!({"contains": {"customer": {"name": "Bob"}}}), false);
        check(json!({"contains": {"items": [{"n": 1}]}}), true);
        check(json!({"contains": {"items": [{"n": 3}]}}), false);
        check(json!({"pointer": "/customer/tags", "contains": ["b"]}), true);
        check(json!({"pointer": "/customer/tags", "equals": ["b", "a"]}), false);
        check(json!({"equals": {}}), false);
        check(json!({"pointer": "", "contains": {}}), true);
    }

    #[test]
    fn a_body_that_is_no_json_has_nothing() {
        let compiled = |test: BodyValueTest| {
            CompiledBodyTest::new(&BodyTest { pointer: None, json_path: None, dialect: None, test })
                .expect("compiles")
        };
        assert!(!compiled(BodyValueTest::Contains(json!({}))).holds(None));
        assert!(compiled(BodyValueTest::Present(false)).holds(None));
    }

    #[test]
    fn mistakes_are_named() {
        for (test, field) in [
            (json!({"pointer": "/a"}), "b"),
            (json!({"equals": 1, "present": true}), "b"),
            (json!({"pointer": "a", "equals": 1}), "b.pointer"),
            (json!({"json_path": "items", "equals": 1}), "b.json_path"),
            (json!({"json_path": "$.a", "dialect": "xpath", "equals": 1}), "b.dialect"),
            (json!({"dialect": "jayway", "equals": 1}), "b.dialect"),
            (json!({"json_path": "$[?(", "dialect": "jayway", "equals": 1}), "b.json_path"),
            (json!({"regex": "("}), "b.regex"),
            (json!({"pointer": "/a", "json_path": "$.a", "present": true}), "b.json_path"),
        ] {
            let problems = FieldErrors::default();
            let parsed = BodyTest::parse(&test, "b", &problems);
            let errors = problems.or(parsed).expect_err("refused");
            assert_eq!(errors[0].field, field, "{test}");
        }
    }
}
