//! Texts of an answer that are written for each request: Jinja templates (`minijinja`).
//!
//! | name | what it is |
//! | --- | --- |
//! | `request.method`, `.path`, `.segments`, `.session` | of the request; the path as sent |
//! | `request.params.NAME` | parameters of the learned template |
//! | `request.query.NAME`, `.headers.NAME` | first value, decoded; headers in lower case |
//! | `request.body` | the JSON body |
//! | `entity` | body of the learned answer that is changed |
//! | `now`, `now_ms` | RFC 3339, Unix milliseconds |
//! | `random.int(a, b)`, `.float()`, `.uuid()`, `.hex(n)`, `.pick(list)` | drawn by the seed |
//!
//! Inside JSON a text that is one expression alone (`"{{ request.params.id | int }}"`) becomes the
//! value of that expression, whatever its type. What a template may cost is bounded: steps, bytes
//! and depth.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use minijinja::value::{Object, Serde};
use minijinja::{Environment, ErrorKind, State, UndefinedBehavior, Value as Dynamic};
use serde_json::{Map, Value, json};

use crate::domain::chaos::lease::rfc3339;
use crate::domain::formats;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::request::RequestView;

/// Instructions of one text: some thousand rounds of a loop, below a millisecond.
const FUEL: u64 = 50_000;
/// Bytes that one text may become: what a learned body has at most, by default.
const OUTPUT_BYTES_MAX: usize = 1 << 20;
/// Digits of one `random.hex`.
const HEX_DIGITS_MAX: u64 = 1024;

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_fuel(Some(FUEL));
    // What is not there is empty: an optional parameter is no mistake.
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine.set_auto_escape_callback(|_name| minijinja::AutoEscape::None);
    engine
});

/// Why a text cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template: {0}")]
pub struct TemplateError(String);

impl TemplateError {
    fn of(error: &minijinja::Error) -> Self {
        let kind = error.kind();
        match (error.detail(), error.line()) {
            (Some(detail), Some(line)) => Self(format!("{kind}: {detail} (line {line})")),
            (Some(detail), None) => Self(format!("{kind}: {detail}")),
            (None, _) => Self(kind.to_string()),
        }
    }
}

/// Whether `text` is a template.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &str) -> Result<(), TemplateError> {
    if !text.contains('{') {
        return Ok(());
    }
    let parsed = ENGINE.template_from_named_str("text", text).map(drop);
    parsed.map_err(|error| TemplateError::of(&error))
}

/// Whether every text in `value` is a template.
///
/// # Errors
/// What is wrong with the first that is none.
pub fn check_json(value: &Value) -> Result<(), TemplateError> {
    match value {
        Value::String(text) => check(text),
        Value::Array(items) => items.iter().try_for_each(check_json),
        Value::Object(members) => members.values().try_for_each(check_json),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// What texts are written from.
pub struct Writer {
    context: Dynamic,
}

impl Writer {
    /// `body` and `entity`: JSON of the request and of the learned answer, where there is any.
    pub fn new(
        request: &RequestView<'_>,
        body: Option<&Value>,
        entity: Option<&Value>,
        draws: KeyedRng,
    ) -> Self {
        let first = |map: &mut Map<String, Value>, name: &str, value: String| {
            map.entry(name.to_owned()).or_insert(Value::String(value));
        };
        let (mut params, mut query, mut headers) = (Map::new(), Map::new(), Map::new());
        request.params.iter().for_each(|(name, value)| {
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
            first(&mut params, name, value.into_owned());
        });
        request.query_pairs().for_each(|(name, value)| first(&mut query, name, value.to_owned()));
        request.headers.iter().for_each(|(name, value)| {
            first(&mut headers, name, String::from_utf8_lossy(value).into_owned());
        });
        let segments: Vec<&str> = request.path.split('/').skip(1).collect();
        let facts = json!({
            "request": {
                "method": request.method,
                "path": request.path,
                "segments": segments,
                "session": request.session,
                "params": params,
                "query": query,
                "headers": headers,
                "body": body,
            },
            "entity": entity,
            "now": rfc3339::format(request.at_ms),
            "now_ms": request.at_ms,
        });
        let random = Dynamic::from_object(Random { draws, drawn: AtomicU64::new(0) });
        let context = minijinja::context! { random, ..Dynamic::from(Serde(facts)) };
        Self { context }
    }

    /// The text that `template` becomes.
    ///
    /// # Errors
    /// When it asks for what cannot be done, or for too much.
    pub fn text(&self, template: &str) -> Result<String, TemplateError> {
        if !template.contains('{') {
            return Ok(template.to_owned());
        }
        let written = || {
            let template = ENGINE.template_from_named_str("text", template)?;
            let mut out = Bounded(Vec::new());
            template.render_captured_to(self.context.clone(), &mut out)?;
            Ok(out.0)
        };
        let bytes = written().map_err(|error: minijinja::Error| TemplateError::of(&error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The value that `value` becomes, text by text.
    ///
    /// # Errors
    /// See [`Self::text`].
    pub fn json(&self, value: &Value) -> Result<Value, TemplateError> {
        Ok(match value {
            Value::String(text) => match sole_expression(text) {
                Some(expression) => self.value(expression)?,
                None => Value::String(self.text(text)?),
            },
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.json(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    Ok::<_, TemplateError>((name.clone(), self.json(value)?))
                };
                Value::Object(members.iter().map(member).collect::<Result<_, _>>()?)
            }
            plain => plain.clone(),
        })
    }

    fn value(&self, expression: &str) -> Result<Value, TemplateError> {
        let value = || ENGINE.compile_expression_owned(expression)?.eval(self.context.clone());
        let value = value().map_err(|error| TemplateError::of(&error))?;
        if value.is_undefined() {
            return Ok(Value::Null);
        }
        serde_json::to_value(&value).map_err(|error| TemplateError(error.to_string()))
    }
}

/// The expression in a text that is nothing else.
fn sole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}")).then(|| inner.trim())
}

/// Takes bytes until there are too many.
struct Bounded(Vec<u8>);

impl io::Write for &mut Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_BYTES_MAX {
            return Err(io::Error::other(format!("more than {OUTPUT_BYTES_MAX} bytes")));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Draws for templates: each call takes the next of a stream of its own.
struct Random {
    draws: KeyedRng,
    drawn: AtomicU64,
}

impl fmt::Debug for Random {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("random")
    }
}

impl Random {
    fn next(&self) -> KeyedRng {
        let seed = self.draws.clone().word();
        KeyedRng::keyed(seed, self.drawn.fetch_add(1, Ordering::Relaxed))
    }
}

impl Object for Random {
    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Dynamic],
    ) -> Result<Dynamic, minijinja::Error> {
        let wrong = |expected: &'static str| {
            minijinja::Error::new(ErrorKind::InvalidOperation, format!("expected {expected}"))
        };
        let whole = |at: usize| args.get(at).and_then(|value| i64::try_from(value.clone()).ok());
        let mut draws = self.next();
        Ok(match method {
            "int" => {
                let (Some(low), Some(high)) = (whole(0), whole(1)) else {
                    return Err(wrong("random.int(low, high)"));
                };
                let span = high.abs_diff(low).saturating_add(1);
                let drawn = (u128::from(draws.word()) * u128::from(span)) >> 64;
                Dynamic::from(low.saturating_add(i64::try_from(drawn).unwrap_or(0)))
            }
            "float" => Dynamic::from(draws.uniform()),
            "hex" => {
                let digits = whole(0).map_or(0, i64::unsigned_abs).min(HEX_DIGITS_MAX);
                let digit = |_| char::from_digit(draws.below(16), 16).unwrap_or('0');
                Dynamic::from((0..digits).map(digit).collect::<String>())
            }
            "pick" => {
                let list = args.first().ok_or_else(|| wrong("random.pick(list)"))?;
                let length = list.len().filter(|length| *length > 0);
                let length = length.ok_or_else(|| wrong("random.pick(list)"))?;
                list.get_item(&Dynamic::from(draws.index(length)))?
            }
            other => {
                // Formats by their names: `random.uuid()`, `random.email()`.
                let format = formats::named(&other.replace('_', "-"));
                let format =
                    format.ok_or_else(|| minijinja::Error::from(ErrorKind::UnknownMethod))?;
                Dynamic::from(formats::make_up(format, &mut draws, 0))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> Writer {
        let headers: [(&str, &[u8]); 1] = [("x-team", b"web")];
        let request = RequestView {
            method: "POST",
            path: "/orders/7",
            params: &[("id", "7")],
            query: "page=2&q=a+b",
            headers: &headers,
            session: Some("ci"),
            at_ms: 1_700_000_000_000,
            ..RequestView::default()
        };
        let (body, entity) = (json!({"sku": "A-1"}), json!({"total": 12.5}));
        Writer::new(&request, Some(&body), Some(&entity), KeyedRng::keyed(1, 2))
    }

    #[track_caller]
    fn written(template: &str, expected: &str) {
        assert_eq!(writer().text(template).as_deref(), Ok(expected), "{template}");
    }

    #[test]
    fn a_text_is_written_from_the_request() {
        written("plain", "plain");
        written("{{ request.method }} {{ request.path }}", "POST /orders/7");
        written("{{ request.params.id }}-{{ request.query.q }}", "7-a b");
        written("{{ request.headers['x-team'] }}/{{ request.session }}", "web/ci");
        written(
            "{{ request.body.sku }} {{ entity.total }} {{ now }}",
            "A-1 12.5 2023-11-14T22:13:20Z",
        );
        written("{{ request.query.none }}|{{ request.none.deeper }}", "|");
        written("{% for n in range(3) %}{{ n }}{% endfor %}", "012");
    }

    #[test]
    fn inside_json_a_sole_expression_keeps_its_type() {
        let written = writer().json(&json!({
            "id": "{{ request.params.id | int }}", "all": "{{ request.body }}",
            "text": "n{{ request.params.id }}", "none": "{{ request.query.none }}", "n": 1}));
        let expected = json!({"id": 7, "all": {"sku": "A-1"}, "text": "n7", "none": null, "n": 1});
        assert_eq!(written, Ok(expected));
    }

    #[test]
    fn what_is_drawn_repeats_with_its_seed() {
        let template = "{{ random.int(1, 6) }} {{ random.uuid() }} {{ random.hex(4) }} \
                        {{ random.pick(['a', 'b']) }} {{ random.float() }}";
        let once = writer().text(template).expect("written");
        assert_eq!(writer().text(template).as_deref(), Ok(once.as_str()));
        let drawn = |n: u64| {
            let request = RequestView::default();
            let writer = Writer::new(&request, None, None, KeyedRng::keyed(n, 0));
            writer.text("{{ random.int(1, 6) }}").expect("written").parse::<u64>().expect("number")
        };
        let mut seen = [false; 6];
        (0..200).for_each(|n| seen[drawn(n) as usize - 1] = true);
        assert_eq!(seen, [true; 6]);
    }

    #[test]
    fn what_a_template_may_cost_is_bounded() {
        for endless in [
            "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}",
            "{% for a in range(2000) %}{{ 'x' * 10000 }}{% endfor %}",
        ] {
            assert!(writer().text(endless).is_err(), "{endless}");
        }
        assert!(check("{{ request.").is_err() && check("{{ ok }}").is_ok());
        assert!(check_json(&json!({"a": ["{% if %}"]})).is_err());
        assert!(writer().text("{{ random.none() }}").is_err());
    }
}
