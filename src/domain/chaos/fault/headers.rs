//! `headers`: response headers are dropped, changed or repeated.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FaultDescriptor, Plan, PlanContext, required};
use crate::domain::chaos::plan::{ChaosPlan, HeaderEdit};
use crate::domain::matching::value_test::is_token_byte;
use crate::domain::validation::{FieldErrors, ObjectReader};

/// Response headers that are dropped, changed or repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headers {
    /// What is done, in this order.
    pub edits: Vec<HeaderEdit>,
}

/// A header of an answer that chaos makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// Its name, lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "headers",
    summary: "drops, changes or repeats response headers; framing headers are refused",
    fields: &[required(
        "edits",
        "list of {action: `drop`, name}, {action: `set`, name, value} or {action: `duplicate`, \
         name, value (optional)}",
    )],
    example: r#"{"type": "headers", "edits": [{"action": "drop", "name": "etag"}]}"#,
};

/// More edits than this are a different answer.
const EDITS_MAX: usize = 16;
const NAME_BYTES_MAX: usize = 128;
/// Larger heads are refused by common servers and clients (8 KiB in all).
const VALUE_BYTES_MAX: usize = 4096;
/// What frames the message or belongs to the connection (RFC 9112; RFC 9110, 7.6.1): the double's
/// own. To break framing there are `connection` and `truncate`, which leave it in a known state.
const OWN: [&str; 9] = [
    "connection",
    "content-length",
    "transfer-encoding",
    "keep-alive",
    "upgrade",
    "trailer",
    "te",
    "proxy-connection",
    "date",
];

impl Headers {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let members = fault.list("edits", EDITS_MAX);
        let edits = members.iter().filter_map(|(value, at)| edit(value, at, fault.problems()));
        let edits: Vec<_> = edits.collect();
        (!edits.is_empty()).then_some(Self { edits })
    }
}

fn edit(value: &Value, at: &str, problems: &FieldErrors) -> Option<HeaderEdit> {
    let action = value.get("action").and_then(Value::as_str).unwrap_or_default();
    let fields: &[&'static str] = match action {
        "drop" => &["action", "name"],
        "set" | "duplicate" => &["action", "name", "value"],
        _ => {
            let expected = "expected one of `drop`, `set`, `duplicate`";
            problems.add(format!("{at}.action"), expected);
            return None;
        }
    };
    let edit = ObjectReader::open(value, at, fields, problems)?;
    let name = name(&edit)?;
    match action {
        "drop" => Some(HeaderEdit::Drop { name }),
        "set" => {
            edit.require("value");
            Some(HeaderEdit::Set { name, value: header_value(&edit, "value")? })
        }
        _ if edit.has("value") => {
            let value = Some(header_value(&edit, "value")?);
            Some(HeaderEdit::Duplicate { name, value })
        }
        _ => Some(HeaderEdit::Duplicate { name, value: None }),
    }
}

impl NamedValue {
    /// Reads it at `at`; `None` when something is wrong, which `problems` then holds.
    pub fn parse(value: &Value, at: &str, problems: &FieldErrors) -> Option<Self> {
        let header = ObjectReader::open(value, at, &["name", "value"], problems)?;
        header.require("value");
        let (name, value) = (name(&header), header_value(&header, "value"));
        let name = name?;
        if name == "content-type" {
            header.problem("name", "`content-type` goes with the body: say it there");
            return None;
        }
        Some(Self { name, value: value? })
    }
}

/// The field `name`: a token that is not the double's own.
fn name(reader: &ObjectReader<'_>) -> Option<String> {
    reader.require("name");
    let name = reader.text("name", NAME_BYTES_MAX)?.to_ascii_lowercase();
    if !name.bytes().all(is_token_byte) {
        reader.problem("name", "expected a header name");
        return None;
    }
    if OWN.contains(&name.as_str()) || name.starts_with("x-mock-") {
        reader.problem("name", format!("`{name}` is the double's own"));
        return None;
    }
    Some(name)
}

/// A header value: visible characters, spaces and tabs, so that no second header can be smuggled.
fn header_value(reader: &ObjectReader<'_>, field: &str) -> Option<String> {
    let value = reader.text(field, VALUE_BYTES_MAX)?;
    let allowed = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
    if !value.bytes().all(allowed) {
        reader.problem(field, "expected visible ASCII characters and spaces");
        return None;
    }
    Some(value.to_owned())
}

/// A media type in the field of that name.
pub fn content_type(reader: &ObjectReader<'_>, field: &str) -> Option<String> {
    let value = header_value(reader, field)?;
    let (kind, rest) = value.split_once('/').unwrap_or_default();
    let subtype = rest.split(';').next().unwrap_or_default().trim_end();
    let token = |text: &str| !text.is_empty() && text.bytes().all(is_token_byte);
    if !token(kind) || !token(subtype) {
        reader.problem(field, "expected a media type such as `text/html`");
        return None;
    }
    Some(value)
}

impl Plan for Headers {
    fn applies(&self, _: &PlanContext<'_>, _: &ChaosPlan) -> bool {
        true
    }

    fn plan(&self, _: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        effects.header_edits.extend(self.edits.iter().cloned());
    }
}
