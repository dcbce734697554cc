//! Tests of a named value: a header or a query parameter.

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::validation::{FieldErrors, ObjectReader};

/// A test of the value under a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedTest {
    /// The name of the header or parameter.
    pub name: String,
    /// What its value must be.
    #[serde(flatten)]
    pub test: ValueTest,
}

/// What a value must be like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueTest {
    /// This text.
    Equals(String),
    /// Begins with this text.
    Prefix(String),
    /// Found anywhere in the value, unless anchored.
    Regex(String),
    /// Whether the name is there at all.
    Present(bool),
}

/// Names and values of headers and parameters that identify traffic are short.
const TEXT_BYTES_MAX: usize = 1024;
/// A compiled expression may take this much memory: enough for hand-written ones with Unicode
/// classes, while 256 rules of them stay within a few MiB.
const REGEX_BYTES_MAX: usize = 256 * 1024;

impl NamedTest {
    /// Reads it at `path`; `None` when something is wrong, which `problems` then holds.
    pub fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        const FIELDS: [&str; 5] = ["name", "equals", "prefix", "regex", "present"];
        let reader = ObjectReader::open(value, path, &FIELDS, problems)?;
        reader.require("name");
        let name = reader.text("name", TEXT_BYTES_MAX);
        if FIELDS.iter().skip(1).filter(|field| reader.has(field)).count() != 1 {
            problems.add(path, "expected exactly one of `equals`, `prefix`, `regex`, `present`");
            return None;
        }
        // `equals` may be the empty text, which `text` refuses.
        let test = match value.get("equals").and_then(Value::as_str) {
            Some("") => ValueTest::Equals(String::new()),
            _ if reader.has("equals") => {
                ValueTest::Equals(reader.text("equals", TEXT_BYTES_MAX)?.to_owned())
            }
            _ if reader.has("prefix") => {
                ValueTest::Prefix(reader.text("prefix", TEXT_BYTES_MAX)?.to_owned())
            }
            _ if reader.has("regex") => {
                let source = reader.text("regex", TEXT_BYTES_MAX)?;
                regex(source).map_err(|error| reader.problem("regex", error)).ok()?;
                ValueTest::Regex(source.to_owned())
            }
            _ => ValueTest::Present(reader.boolean("present")?),
        };
        Some(Self { name: name?.to_owned(), test })
    }

    /// Header names are compared in lower case.
    #[must_use]
    pub fn lowercase(self) -> Self {
        Self { name: self.name.to_ascii_lowercase(), ..self }
    }
}

/// A test ready to run. `None` from [`CompiledTest::new`] never happens for parsed rules.
#[derive(Debug)]
pub enum CompiledTest {
    /// These bytes.
    Equals(Box<[u8]>),
    /// Begins with these bytes.
    Prefix(Box<[u8]>),
    /// A regular expression over its bytes.
    Regex(Box<Regex>),
    /// Is there, or is not.
    Present(bool),
}

impl CompiledTest {
    /// The test, compiled; `None` when its expression is none.
    pub fn new(test: &ValueTest) -> Option<Self> {
        Some(match test {
            ValueTest::Equals(text) => Self::Equals(text.as_bytes().into()),
            ValueTest::Prefix(text) => Self::Prefix(text.as_bytes().into()),
            ValueTest::Regex(source) => Self::Regex(Box::new(regex(source).ok()?)),
            ValueTest::Present(present) => Self::Present(*present),
        })
    }

    /// `any` tells whether one of the values under the name passes.
    pub fn holds(&self, any: impl FnOnce(&mut dyn FnMut(&[u8]) -> bool) -> bool) -> bool {
        match self {
            Self::Equals(text) => any(&mut |value| *value == **text),
            Self::Prefix(text) => any(&mut |value| value.starts_with(text)),
            Self::Regex(regex) => any(&mut |value| regex.is_match(value)),
            Self::Present(present) => any(&mut |_| true) == *present,
        }
    }
}

/// Compiles an expression within a memory bound; the crate's engine is linear in the text.
///
/// # Errors
/// What is wrong with the expression, as the crate says it, or that it would take too much memory.
pub fn regex(source: &str) -> Result<Regex, String> {
    RegexBuilder::new(source).size_limit(REGEX_BYTES_MAX).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "regular expression is too large".to_owned(),
        // The crate draws a picture over several lines; its last line says what is wrong.
        other => {
            let text = other.to_string();
            let reason = text.lines().last().unwrap_or("cannot be read");
            format!("bad regular expression: {}", reason.trim_start_matches("error: "))
        }
    })
}

/// `tchar` of RFC 9110, 5.6.2.
pub fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
