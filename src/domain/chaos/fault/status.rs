//! `status`: an error is answered instead; the backend is not asked.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use smallvec::SmallVec;

use super::headers::{NamedValue, content_type};
use super::{Decision, FaultDescriptor, Plan, PlanContext, optional, required};
use crate::domain::chaos::plan::{ChaosPlan, ReplacedBody, ReplacedResponse};
use crate::domain::validation::ObjectReader;

/// A status in the place of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The status code, 200 to 599.
    pub status: u16,
    /// Seconds of `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// What comes with it.
    #[serde(default)]
    pub body: StatusBody,
    /// Headers that come with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<NamedValue>,
}

/// Where the body of the error comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StatusBody {
    /// RFC 9457, naming the rule.
    #[default]
    Problem,
    /// As this endpoint answers this status; a problem document where it never did.
    Learned,
    /// Nothing.
    Empty,
    /// A JSON document.
    Json {
        /// Sent as `application/json`.
        value: Value,
    },
    /// Text of a media type.
    Text {
        /// The body as it is sent, UTF-8.
        text: String,
        /// Field value of `Content-Type`; `text/plain` unless given.
        #[serde(default = "text_plain")]
        content_type: String,
    },
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "status",
    summary: "answers with an error of its own; the backend is not asked",
    fields: &[
        required("status", "status code, 200 to 599"),
        optional("retry_after_s", "seconds for `Retry-After`, 0 to 86400"),
        optional(
            "body",
            "`problem` (default), `learned`, `empty`, `json` {value}, `text` {text, content_type}",
        ),
        optional("headers", "list of {name, value}"),
    ],
    example: r#"{"type": "status", "status": 503, "retry_after_s": 5}"#,
};

/// A day: clients that wait longer have given up.
const RETRY_AFTER_S_MAX: i64 = 86_400;
/// Error bodies are small, and a copy of this stays with each rule.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// A rule imitates an error, not a header flood.
const HEADERS_MAX: usize = 16;

impl Status {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let status = fault.integer("status", 200..=599);
        let retry_after_s = fault.integer("retry_after_s", 0..=RETRY_AFTER_S_MAX);
        let headers: Vec<_> = fault.list("headers", HEADERS_MAX);
        let headers = headers
            .iter()
            .filter_map(|(value, at)| NamedValue::parse(value, at, fault.problems()))
            .collect();
        let body = match fault.value("body") {
            Some(value) => parse_body(value, fault)?,
            None => StatusBody::Problem,
        };
        Some(Self {
            status: u16::try_from(status?).ok()?,
            retry_after_s: retry_after_s.and_then(|seconds| u32::try_from(seconds).ok()),
            body,
            headers,
        })
    }

    /// The answer under a rule of this name: the same for each hit, so a book prepares it once.
    fn answer(&self, rule_name: &str) -> ReplacedResponse {
        let mut headers: SmallVec<[_; 2]> = SmallVec::new();
        if let Some(seconds) = self.retry_after_s {
            headers.push((Cow::Borrowed("retry-after"), Cow::Owned(seconds.to_string())));
        }
        let given = self.headers.iter().cloned();
        headers.extend(given.map(|header| (Cow::Owned(header.name), Cow::Owned(header.value))));
        let body = match &self.body {
            StatusBody::Problem => problem_body(self.status, rule_name),
            StatusBody::Learned => {
                ReplacedBody::Learned { otherwise: problem(self.status, rule_name) }
            }
            StatusBody::Empty => ReplacedBody::Empty,
            StatusBody::Json { value } => ReplacedBody::Given {
                content_type: Cow::Borrowed("application/json"),
                bytes: value.to_string().into(),
            },
            StatusBody::Text { text, content_type } => ReplacedBody::Given {
                content_type: Cow::Owned(content_type.clone()),
                bytes: text.clone().into(),
            },
        };
        ReplacedResponse { cause: DESCRIPTOR.name, status: self.status, headers, body }
    }
}

fn parse_body(value: &Value, fault: &ObjectReader<'_>) -> Option<StatusBody> {
    let (at, problems) = (fault.at("body"), fault.problems());
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let fields: &[&'static str] = match kind {
        "problem" | "learned" | "empty" => &["type"],
        "json" => &["type", "value"],
        "text" => &["type", "text", "content_type"],
        _ => {
            let expected = "`problem`, `learned`, `empty`, `json`, `text`";
            problems.add(format!("{at}.type"), format!("expected one of {expected}"));
            return None;
        }
    };
    let body = ObjectReader::open(value, &at, fields, problems)?;
    match kind {
        "learned" => Some(StatusBody::Learned),
        "empty" => Some(StatusBody::Empty),
        "json" => {
            // `null` is a body too, so the field is looked up past the reader.
            let Some(value) = value.get("value") else {
                body.problem("value", "is required");
                return None;
            };
            if value.to_string().len() > BODY_BYTES_MAX {
                body.problem("value", format!("is longer than {BODY_BYTES_MAX} bytes"));
                return None;
            }
            Some(StatusBody::Json { value: value.clone() })
        }
        "text" => {
            body.require("text");
            let content_type = match body.has("content_type") {
                true => content_type(&body, "content_type")?,
                false => text_plain(),
            };
            let text = body.text("text", BODY_BYTES_MAX)?.to_owned();
            Some(StatusBody::Text { text, content_type })
        }
        _ => Some(StatusBody::Problem),
    }
}

fn text_plain() -> String {
    "text/plain; charset=utf-8".to_owned()
}

impl Plan for Status {
    fn decides(&self) -> Option<Decision> {
        Some(Decision::Response)
    }

    fn prepare(&self, rule_name: &str) -> Option<ReplacedResponse> {
        Some(self.answer(rule_name))
    }

    fn applies(&self, _: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        effects.answer.is_none()
    }

    fn plan(&self, context: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        effects.answer = Some(match context.prepared {
            Some(answer) => Arc::clone(answer),
            None => Arc::new(self.answer(context.rule_name)),
        });
    }
}

/// A problem document (RFC 9457) that says whose doing it is.
pub fn problem_body(status: u16, rule_name: &str) -> ReplacedBody {
    let content_type = Cow::Borrowed("application/problem+json");
    ReplacedBody::Given { content_type, bytes: problem(status, rule_name) }
}

fn problem(status: u16, rule_name: &str) -> Bytes {
    let detail = format!("injected by the chaos rule `{rule_name}`");
    let title = title(status);
    let document =
        json!({"type": "about:blank", "title": title, "status": status, "detail": detail});
    document.to_string().into()
}

/// Reason phrases of the statuses that faults usually imitate (RFC 9110, 15; RFC 6585).
fn title(status: u16) -> &'static str {
    match status {
        200..=299 => "Success",
        300..=399 => "Redirection",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        423 => "Locked",
        425 => "Too Early",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        _ if status < 500 => "Client Error",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        507 => "Insufficient Storage",
        _ => "Server Error",
    }
}
