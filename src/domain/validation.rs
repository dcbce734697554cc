//! Reading JSON a person wrote: every mistake is reported, each with the path of its field.
//!
//! `serde` stops at the first mistake and cannot say where it stood; someone who writes a rule by
//! hand deserves the whole list. This reader is for input only; what is stored is read by `serde`.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// One mistake in a document: where, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("`{field}`: {problem}")]
pub struct FieldError {
    /// JSON path from the document's root, e.g. `scope.headers[0].regex`; empty for the root.
    pub field: String,
    /// A fragment that reads after the name of the field: `is required`.
    pub problem: String,
    /// What sort of mistake it is.
    #[serde(skip)]
    pub mistake: Mistake,
}

/// How a document fails: whoever answers over HTTP tells the two apart by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mistake {
    /// Not of the expected form: a wrong type, an unknown name, a missing member.
    Malformed,
    /// Of the right form, and not acceptable: out of range, an unknown word, a contradiction.
    #[default]
    Unacceptable,
}

impl FieldError {
    /// A mistake in the document as a whole.
    pub fn of_document(problem: impl Into<String>) -> Self {
        Self { field: String::new(), problem: problem.into(), mistake: Mistake::default() }
    }
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub struct FieldErrors(RefCell<Vec<FieldError>>);

impl FieldErrors {
    /// Notes what is not acceptable.
    pub fn add(&self, field: impl Into<String>, problem: impl Into<String>) {
        self.note(field.into(), problem.into(), Mistake::Unacceptable);
    }

    /// Notes what is not of the expected form.
    pub fn add_malformed(&self, field: impl Into<String>, problem: impl Into<String>) {
        self.note(field.into(), problem.into(), Mistake::Malformed);
    }

    fn note(&self, field: String, problem: String, mistake: Mistake) {
        self.0.borrow_mut().push(FieldError { field, problem, mistake });
    }

    /// `value` when nothing was wrong.
    ///
    /// # Errors
    /// Everything noted; at least one mistake when there is no `value`.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        let mut problems = self.0.into_inner();
        match value {
            Some(value) if problems.is_empty() => Ok(value),
            Some(_) => Err(problems),
            None => {
                if problems.is_empty() {
                    problems.push(FieldError::of_document("cannot be read"));
                }
                Err(problems)
            }
        }
    }
}

/// A JSON object being read, at a path. `null` counts as absent.
pub struct ObjectReader<'a> {
    object: &'a Map<String, Value>,
    path: String,
    fields: &'a [&'static str],
    problems: &'a FieldErrors,
}

impl<'a> ObjectReader<'a> {
    /// Reports a value that is no object, and every field that is not among `fields`.
    pub fn open(
        value: &'a Value,
        path: &str,
        fields: &'a [&'static str],
        problems: &'a FieldErrors,
    ) -> Option<Self> {
        let Value::Object(object) = value else {
            problems.add_malformed(path, format!("expected an object, got {}", kind(value)));
            return None;
        };
        let reader = Self { object, path: path.to_owned(), fields, problems };
        for name in object.keys().filter(|name| !fields.contains(&name.as_str())) {
            let expected = fields.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ");
            problems.add_malformed(
                reader.at(name),
                format!("unknown field, expected one of {expected}"),
            );
        }
        Some(reader)
    }

    /// The field's value; `None` when it is absent or null.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        debug_assert!(self.fields.contains(&name), "`{name}` is read but not declared");
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is given, and not null.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The path of a field of this object.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// JSON path from the document's root; empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Reports what is not acceptable in a field of the right form.
    pub fn problem(&self, name: &str, problem: impl Into<String>) {
        self.problems.add(self.at(name), problem);
    }

    fn wrong_type(&self, name: &str, expected: &str, value: &Value) {
        let problem = format!("expected {expected}, got {}", kind(value));
        self.problems.add_malformed(self.at(name), problem);
    }

    /// All mistakes found so far, shared by the readers of one document.
    pub fn problems(&self) -> &'a FieldErrors {
        self.problems
    }

    /// Reports an absent field.
    pub fn require(&self, name: &str) -> bool {
        let present = self.has(name);
        if !present {
            self.problems.add_malformed(self.at(name), "is required");
        }
        present
    }

    /// A string of 1 to `bytes_max` bytes.
    pub fn text(&self, name: &str, bytes_max: usize) -> Option<&'a str> {
        let value = self.value(name)?;
        text_at(value, &self.at(name), bytes_max, self.problems)
    }

    /// A field that is true or false; another type is reported and gives `None`.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        if let Value::Bool(boolean) = value {
            return Some(*boolean);
        }
        self.wrong_type(name, "true or false", value);
        None
    }

    /// A number within `range`, bounds included; anything else is reported and gives `None`.
    pub fn number(&self, name: &str, range: RangeInclusive<f64>) -> Option<f64> {
        let value = self.value(name)?;
        match value.as_f64() {
            Some(number) if range.contains(&number) => return Some(number),
            Some(_) => {
                let (low, high) = (range.start(), range.end());
                self.problem(name, format!("expected a number from {low} to {high}, got {value}"));
            }
            None => self.wrong_type(name, "a number", value),
        }
        None
    }

    /// A whole number; `5.0` is one.
    pub fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.value(name)?;
        let (low, high) = (range.start(), range.end());
        if !value.is_number() {
            self.wrong_type(name, "a whole number", value);
            return None;
        }
        match value.as_i64().or_else(|| whole(value.as_f64()?)) {
            Some(integer) if range.contains(&integer) => Some(integer),
            _ => {
                let expected = format!("expected a whole number from {low} to {high}");
                self.problem(name, format!("{expected}, got {value}"));
                None
            }
        }
    }

    /// One word of a closed set, as `serde` knows it.
    pub fn word<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let value = self.value(name)?;
        word_at(value, &self.at(name), self.problems)
    }

    /// The members of a list of 1 to `members_max`, each with its path. An empty list would match
    /// nothing and is reported: leaving the field out says "any".
    pub fn list(&self, name: &str, members_max: usize) -> Vec<(&'a Value, String)> {
        let Some(value) = self.value(name) else { return Vec::new() };
        let Value::Array(members) = value else {
            self.wrong_type(name, "a list", value);
            return Vec::new();
        };
        if members.is_empty() || members.len() > members_max {
            let count = members.len();
            self.problem(name, format!("expected 1 to {members_max} members, got {count}"));
            return Vec::new();
        }
        let path = self.at(name);
        members.iter().enumerate().map(|(at, member)| (member, format!("{path}[{at}]"))).collect()
    }
}

/// A string of 1 to `bytes_max` bytes at `path`.
pub fn text_at<'a>(
    value: &'a Value,
    path: &str,
    bytes_max: usize,
    problems: &FieldErrors,
) -> Option<&'a str> {
    match value {
        Value::String(text) if (1..=bytes_max).contains(&text.len()) => Some(text),
        Value::String(text) => {
            let expected = format!("expected text of 1 to {bytes_max} bytes");
            problems.add(path, format!("{expected}, got {} bytes", text.len()));
            None
        }
        other => {
            problems.add_malformed(path, format!("expected text, got {}", kind(other)));
            None
        }
    }
}

/// One word of a closed set at `path`, as `serde` knows it.
pub fn word_at<T: DeserializeOwned>(
    value: &Value,
    path: &str,
    problems: &FieldErrors,
) -> Option<T> {
    let Value::String(word) = value else {
        problems.add_malformed(path, format!("expected text, got {}", kind(value)));
        return None;
    };
    let reader = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word);
    T::deserialize(reader).map_err(|error| problems.add(path, error.to_string())).ok()
}

fn whole(number: f64) -> Option<i64> {
    // Beyond 2^53 an f64 no longer tells neighbouring integers apart.
    let exact = number.fract() == 0.0 && number.abs() <= (1u64 << 53) as f64;
    exact.then_some(number as i64)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
