//! What a request says, read so that every failure is a problem document naming the field.
//!
//! Malformed input (a wrong type, an unknown name, broken JSON) is a 400, input that is well
//! formed and not acceptable (out of range, unknown word) a 422, a body that is too long a 413.

use std::future::{Ready, ready};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value, json};

use super::Admin;
use crate::domain::endpoint::EndpointId;
use crate::domain::validation::{FieldError, FieldErrors, Mistake, ObjectReader};
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// Longest body of an admin request. 256 KiB: a set of chaos rules for a hundred endpoints fits
/// several times.
pub const BODY_BYTES_MAX: usize = 256 << 10;

/// Time a body may take to arrive; a few KiB from a person's machine take milliseconds.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A JSON body, read as a form.
pub struct JsonBody<T>(pub T);

impl<T: JsonForm> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let document = JsonDocument::from_request(request, payload);
        Box::pin(async move { read_form(&document.await?.0).map(Self) })
    }
}

/// A JSON body as it is: an object that the domain reads.
pub struct JsonDocument(pub Value);

impl FromRequest for JsonDocument {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let is_json = is_json(request);
        Box::pin(async move {
            // A type that a page may send without asking (a preflight) is never taken for JSON.
            if !is_json {
                let detail = "the body needs `Content-Type: application/json`";
                return Err(Problem::new(ProblemKind::NotJson, detail));
            }
            if length.is_some_and(|length| length > BODY_BYTES_MAX as u64) {
                return Err(too_large());
            }
            let read = tokio::time::timeout(BODY_TIMEOUT, read(payload)).await;
            let bytes = read.map_err(|_elapsed| {
                let detail = format!("the body did not arrive within {BODY_TIMEOUT:?}");
                Problem::new(ProblemKind::ClientGone, detail)
            })??;
            parse(&bytes).map(Self)
        })
    }
}

/// Whether the body is declared as JSON: `application/json`, or a type that ends in `+json`.
fn is_json(request: &HttpRequest) -> bool {
    let declared = request.headers().get(header::CONTENT_TYPE);
    let declared = declared.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media == "application/json" || media.starts_with("application/") && media.ends_with("+json")
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|error| {
            Problem::new(ProblemKind::ClientGone, format!("the body was broken off: {error}"))
        })?;
        if bytes.len() + piece.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn too_large() -> Problem {
    let detail = format!("the body is longer than {BODY_BYTES_MAX} bytes");
    Problem::new(ProblemKind::TooLarge, detail)
}

/// Reads a JSON object.
fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let json: Map<String, Value> = serde_json::from_slice(bytes).map_err(|error| {
        let problem = format!("the body is no JSON object: {error}");
        match valueless_field(bytes, &error) {
            Some(field) => Problem::field(ProblemKind::Malformed, field, problem),
            None => Problem::new(ProblemKind::Malformed, problem),
        }
    })?;
    Ok(Value::Object(json))
}

/// A body that is read member by member.
pub trait JsonForm: Sized + 'static {
    /// The names of its members; others are refused.
    const FIELDS: &'static [&'static str];

    /// Takes its members; mistakes are reported to the reader.
    fn read(form: &ObjectReader<'_>) -> Option<Self>;
}

fn read_form<T: JsonForm>(document: &Value) -> Result<T, Problem> {
    let problems = FieldErrors::default();
    // A member may be left out but, when it is there, has a value: `null` is neither.
    let members = document.as_object().into_iter().flatten();
    for (name, _null) in
        members.filter(|(name, value)| value.is_null() && T::FIELDS.contains(&name.as_str()))
    {
        problems.add_malformed(name, "expected a value, got null; leave it out to keep what is");
    }
    let form =
        ObjectReader::open(document, "", T::FIELDS, &problems).and_then(|form| T::read(&form));
    problems.or(form).map_err(|errors| problem_of(&errors))
}

/// The problem document of mistakes in a body: 400 when one is of form, else 422.
pub fn problem_of(errors: &[FieldError]) -> Problem {
    let malformed = errors.iter().any(|error| error.mistake == Mistake::Malformed);
    let kind = if malformed { ProblemKind::Malformed } else { ProblemKind::Unprocessable };
    problem_of_kind(kind, errors)
}

/// As [`problem_of`], with this status for all mistakes.
pub fn problem_of_kind(kind: ProblemKind, errors: &[FieldError]) -> Problem {
    let detail = errors.first().map_or_else(String::new, ToString::to_string);
    let shown: Vec<_> = errors
        .iter()
        .map(|error| json!({"field": error.field, "problem": error.problem}))
        .collect();
    Problem::new(kind, detail).with("errors", json!(shown))
}

/// The member whose value is none in JSON (`NaN`, `.5`, `1e999`), as far as the text before the
/// error tells.
fn valueless_field<'b>(bytes: &'b [u8], error: &serde_json::Error) -> Option<&'b str> {
    let text = error.to_string();
    let about_value = ["expected value", "expected ident", "invalid number", "number out of range"];
    if !about_value.iter().any(|words| text.starts_with(words)) {
        return None;
    }
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let line_at: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    let before = bytes.get(..line_at + error.column().saturating_sub(1))?;
    let colon = before.iter().rposition(|byte| *byte == b':')?;
    let name = std::str::from_utf8(before.get(..colon)?).ok()?.trim_end().strip_suffix('"')?;
    name.rsplit('"').next().filter(|name| !name.is_empty())
}

/// The query parameters of a request.
pub struct Query<T>(pub T);

/// A set of query parameters that can be read from a request.
pub trait QueryForm: Sized {
    /// Takes its parameters; what it does not take is refused.
    ///
    /// # Errors
    /// A problem naming the parameter.
    fn read(fields: &mut QueryFields) -> Result<Self, Problem>;
}

impl<T: QueryForm> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let mut fields = QueryFields::new(request.query_string());
        let form = T::read(&mut fields);
        ready(form.and_then(|form| fields.finish().map(|()| Self(form))))
    }
}

/// Query parameters by name, until somebody takes them.
pub struct QueryFields {
    given: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl QueryFields {
    fn new(query: &str) -> Self {
        let given = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { given, known: Vec::new() }
    }

    /// The text of `name`; an empty one counts as not given.
    ///
    /// # Errors
    /// 400 when it stands more than once.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        self.known.push(name);
        let mut values = self.given.extract_if(.., |(given, _)| given == name);
        let first = values.next();
        if values.count() > 0 {
            return Err(Problem::field(ProblemKind::Malformed, name, "stands more than once"));
        }
        Ok(first.map(|(_, value)| value).filter(|value| !value.is_empty()))
    }

    /// The whole number of `name`.
    ///
    /// # Errors
    /// 400 when it is no whole number, 422 when it is out of `range`.
    pub fn whole(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let expected = format!("expected a whole number from {} to {}", range.start(), range.end());
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Problem::field(ProblemKind::Malformed, name, expected));
        }
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(Problem::field(ProblemKind::Unprocessable, name, expected)),
        }
    }

    /// The word of `name`, which must be one of `words`.
    ///
    /// # Errors
    /// 422 when it is another.
    pub fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            let expected = format!("expected one of {}", words.join(", "));
            Problem::field(ProblemKind::Unprocessable, name, expected)
        })
    }

    /// The switch of `name`.
    ///
    /// # Errors
    /// 422 when it is neither `true` nor `false`.
    pub fn switch(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        self.word(name, &[("true", true), ("false", false)])
    }

    fn finish(self) -> Result<(), Problem> {
        let Some((name, _)) = self.given.first() else { return Ok(()) };
        let problem = match self.known.as_slice() {
            [] => "unknown parameter; this route takes none".to_owned(),
            known => format!("unknown parameter; this route takes {}", known.join(", ")),
        };
        Err(Problem::field(ProblemKind::Malformed, name, problem))
    }
}

/// For routes without parameters.
pub struct NoQuery;

impl QueryForm for NoQuery {
    fn read(_fields: &mut QueryFields) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// The endpoint whose id, or the id of an endpoint folded into it, stands in the path.
pub struct KnownEndpoint(pub Arc<EndpointHandle>);

impl FromRequest for KnownEndpoint {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default();
        let found = request
            .app_data::<web::Data<Admin>>()
            .and_then(|admin| admin.routes.endpoint(&EndpointId::from_text(id)));
        ready(found.map(|(endpoint, _route)| Self(endpoint)).ok_or_else(|| unknown_endpoint(id)))
    }
}

/// The problem for an id that names no endpoint.
pub fn unknown_endpoint(id: &str) -> Problem {
    // 64 characters show what was meant; an id has 20.
    let shown: String = id.chars().take(64).collect();
    let detail = format!("no endpoint has the id `{shown}`");
    Problem::new(ProblemKind::NotFound, detail).with("id", json!(shown))
}
