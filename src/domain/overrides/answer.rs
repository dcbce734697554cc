//! What an override answers: exactly this, or the learned answer changed.

use json_patch::Patch;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::member::MemberHint;
use super::template;
use crate::domain::chaos::distribution::Distribution;
use crate::domain::matching::request_pattern::members;
use crate::domain::matching::value_test::is_token_byte;
use crate::domain::validation::{FieldErrors, ObjectReader};

/// What is done with a request that an override means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OverrideAnswer {
    /// This answer and nothing else.
    Exactly(ExactAnswer),
    /// The answer that would have been given, changed.
    Changed(ChangedAnswer),
    /// What the model says of these members is corrected, for whatever answer it gives.
    Hints(Hints),
    /// The request is answered as if there was no override; the call is counted.
    Pass,
}

/// An answer in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExactAnswer {
    /// 200 to 599.
    pub status: u16,
    /// Headers, latency, and whether texts are templates.
    #[serde(flatten)]
    pub common: AnswerParts,
    /// The body as JSON; at most one of `json`, `text` and `base64` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// The body as text, at most [`BODY_BYTES_MAX`]; `text/plain` unless a header says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The body as bytes, in standard base64 (RFC 4648, section 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

/// Changes to an answer, carried out in the order of the fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangedAnswer {
    /// 200 to 599; `None` leaves the learned one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Names of headers that are taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_headers: Vec<String>,
    /// Headers to set, latency, and whether texts are templates.
    #[serde(flatten)]
    pub common: AnswerParts,
    /// JSON Merge Patch (RFC 7396).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_patch: Option<Value>,
    /// JSON Patch (RFC 6902).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_patch: Option<Patch>,
    /// What is said of single members, after the patches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberHint>,
}

/// What both kinds of answers may say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnswerParts {
    /// Name to value, or to a list of values; they replace those of the same name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
    /// Whether texts are templates (see [`template`]).
    #[serde(default, skip_serializing_if = "is_false")]
    pub template: bool,
    /// How long the answer takes; at once for exact answers, as learned for changed ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Distribution>,
}

/// Corrections of what was learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hints {
    /// At least what one of them says is changed in each answer that has the member.
    pub members: Vec<MemberHint>,
}

/// An answer, and how many of a consumer's calls get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerStep {
    /// What is done with a call on this step.
    #[serde(flatten)]
    pub answer: OverrideAnswer,
    /// The last step without `times` endures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// Longest text of a body: what a request to the admin can carry.
const BODY_BYTES_MAX: usize = 256 << 10;
/// Headers of one answer; proxies refuse far fewer.
const HEADERS_MAX: usize = 64;
const HEADER_BYTES_MAX: usize = 8 << 10;
const TIMES_MAX: i64 = 1_000_000;

impl AnswerStep {
    /// Reads it at `path`; `None` for an unknown `type` or parts that cannot be read. `hints` take
    /// no `times`.
    pub fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        const PASS: &[&str] = &["type", "times"];
        const HINTS: &[&str] = &["type", "members"];
        const EXACTLY: &[&str] = &[
            "type", "times", "status", "headers", "template", "latency", "json", "text", "base64",
        ];
        const CHANGED: &[&str] = &[
            "type",
            "times",
            "status",
            "headers",
            "template",
            "latency",
            "remove_headers",
            "merge_patch",
            "json_patch",
            "members",
        ];
        let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
        let fields = match kind {
            "exactly" => EXACTLY,
            "changed" => CHANGED,
            "hints" => HINTS,
            "pass" => PASS,
            _ => {
                let expected = "expected one of `exactly`, `changed`, `hints`, `pass`";
                problems.add(format!("{path}.type"), expected);
                return None;
            }
        };
        let reader = ObjectReader::open(value, path, fields, problems)?;
        let answer = match kind {
            "exactly" => OverrideAnswer::Exactly(ExactAnswer::read(&reader)?),
            "changed" => OverrideAnswer::Changed(ChangedAnswer::read(&reader)?),
            "hints" => {
                reader.require("members");
                OverrideAnswer::Hints(Hints { members: read_members(&reader) })
            }
            _ => OverrideAnswer::Pass,
        };
        let counted = (kind != "hints").then(|| reader.integer("times", 1..=TIMES_MAX));
        let times = counted.flatten().map(i64::unsigned_abs);
        Some(Self { answer, times })
    }
}

impl ExactAnswer {
    fn read(reader: &ObjectReader<'_>) -> Option<Self> {
        let status = reader.integer("status", 200..=599).unwrap_or(200);
        let common = AnswerParts::read(reader)?;
        let bodies = ["json", "text", "base64"].iter().filter(|field| reader.has(field));
        if bodies.count() > 1 {
            reader.problem("json", "expected at most one of `json`, `text`, `base64`");
        }
        let text = |name| reader.text(name, BODY_BYTES_MAX).map(str::to_owned);
        let answer = Self {
            status: u16::try_from(status).ok()?,
            json: reader.value("json").cloned(),
            text: text("text"),
            base64: text("base64"),
            common,
        };
        if answer.base64.as_deref().is_some_and(|text| decoded(text).is_none()) {
            reader.problem("base64", "is no base64 (RFC 4648)");
        }
        if answer.common.template {
            check_templates(reader, "json", answer.json.as_ref());
            if let Some(Err(error)) = answer.text.as_deref().map(template::check) {
                reader.problem("text", error.to_string());
            }
        }
        Some(answer)
    }

    /// The bytes of a `base64` body.
    pub fn decoded(&self) -> Option<Vec<u8>> {
        self.base64.as_deref().and_then(decoded)
    }
}

impl ChangedAnswer {
    fn read(reader: &ObjectReader<'_>) -> Option<Self> {
        let status = reader.integer("status", 200..=599);
        let removed = members(reader, "remove_headers", |value, at| {
            let text = crate::domain::validation::text_at(value, at, 256, reader.problems())?;
            Some(text.to_ascii_lowercase())
        });
        let json_patch = reader.value("json_patch").map(|patch| {
            serde_json::from_value::<Patch>(patch.clone())
                .map_err(|error| reader.problem("json_patch", format!("no JSON Patch: {error}")))
        });
        let changed = Self {
            status: status.and_then(|status| u16::try_from(status).ok()),
            remove_headers: removed,
            common: AnswerParts::read(reader)?,
            merge_patch: reader.value("merge_patch").cloned(),
            json_patch: json_patch.transpose().ok()?,
            members: read_members(reader),
        };
        if changed.common.template {
            check_templates(reader, "merge_patch", changed.merge_patch.as_ref());
        }
        Some(changed)
    }

    /// Whether the body stays as it is.
    pub fn keeps_body(&self) -> bool {
        self.merge_patch.is_none() && self.json_patch.is_none() && self.members.is_empty()
    }
}

impl AnswerParts {
    fn read(reader: &ObjectReader<'_>) -> Option<Self> {
        let template = reader.boolean("template").unwrap_or(false);
        let latency = match reader.value("latency") {
            Some(value) => {
                Some(Distribution::parse(value, &reader.at("latency"), reader.problems())?)
            }
            None => None,
        };
        let headers = match reader.value("headers") {
            Some(Value::Object(headers)) => {
                check_headers(headers, &reader.at("headers"), template, reader.problems());
                headers.clone()
            }
            Some(_) => {
                reader.problem("headers", "expected an object of names and values");
                return None;
            }
            None => Map::new(),
        };
        Some(Self { headers, template, latency })
    }

    /// Name and value of each header, in order.
    pub fn header_lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().flat_map(|(name, value)| {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                single => std::slice::from_ref(single),
            };
            values.iter().filter_map(|value| Some((name.as_str(), value.as_str()?)))
        })
    }
}

/// The framing of an answer is the server's, and the double's own headers are its own.
fn is_reserved(name: &str) -> bool {
    matches!(name, "content-length" | "transfer-encoding" | "connection" | "upgrade")
        || name.starts_with("x-mock-") && name != "x-mock-hint"
}

fn check_headers(headers: &Map<String, Value>, path: &str, template: bool, problems: &FieldErrors) {
    if headers.len() > HEADERS_MAX {
        problems.add(path, format!("expected at most {HEADERS_MAX} headers"));
    }
    for (name, value) in headers {
        let at = format!("{path}.{name}");
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            problems.add(at, "is no name of a header");
        } else if is_reserved(&name.to_ascii_lowercase()) {
            problems.add(at, "is written by the double itself");
        } else {
            let single = std::slice::from_ref(value);
            let values = value.as_array().map_or(single, Vec::as_slice);
            let text = |value: &Value| {
                value.as_str().is_some_and(|text| {
                    text.len() <= HEADER_BYTES_MAX && !text.bytes().any(|b| b < b' ' && b != b'\t')
                })
            };
            if !values.iter().all(text) {
                problems.add(at, "expected text without line breaks, or a list of such");
            } else if template {
                let mut texts = values.iter().filter_map(Value::as_str);
                if let Some(error) = texts.find_map(|text| template::check(text).err()) {
                    problems.add(at, error.to_string());
                }
            }
        }
    }
}

fn check_templates(reader: &ObjectReader<'_>, name: &str, value: Option<&Value>) {
    if let Some(Err(error)) = value.map(template::check_json) {
        reader.problem(name, error.to_string());
    }
}

fn read_members(reader: &ObjectReader<'_>) -> Vec<MemberHint> {
    members(reader, "members", |value, at| MemberHint::parse(value, at, reader.problems()))
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "`serde` passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
