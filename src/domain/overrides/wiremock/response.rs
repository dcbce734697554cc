//! Response definitions of WireMock as exact answers.

use regex::{Captures, Regex};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

use super::Notes;

/// Handlebars expressions, `{{…}}` and `{{{…}}}`.
static EXPRESSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\{\{\{?\s*(.*?)\s*\}?\}\}").ok());

/// The answer; what has no place in it is noted.
pub fn answer(response: &Value, notes: &mut Notes) -> Value {
    let mut answer = Map::new();
    answer.insert("type".to_owned(), json!("exactly"));
    let transformers = response.get("transformers").and_then(Value::as_array);
    let is_template = transformers
        .is_some_and(|names| names.iter().any(|name| name.as_str() == Some("response-template")));
    for (name, value) in response.as_object().into_iter().flatten() {
        let carried = match name.as_str() {
            "status" => ("status", value.clone()),
            "headers" => ("headers", headers(value, notes)),
            "body" => ("text", value.clone()),
            "jsonBody" => ("json", value.clone()),
            "base64Body" => ("base64", value.clone()),
            "fixedDelayMilliseconds" => ("latency", json!({"type": "fixed", "ms": value})),
            "delayDistribution" => match distribution(value) {
                Some(distribution) => ("latency", distribution),
                None => {
                    notes.missing.push("`delayDistribution`: of an unknown type".to_owned());
                    continue;
                }
            },
            "transformers" => {
                let others = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                for other in others.filter(|name| *name != "response-template") {
                    notes.missing.push(format!("transformer `{other}`: an extension of WireMock"));
                }
                continue;
            }
            "fault" => {
                let why = "`fault`: a chaos rule with the fault `connection` does that";
                notes.blocking.push(why.to_owned());
                continue;
            }
            "proxyBaseUrl" => {
                let why = "`proxyBaseUrl`: the double proxies to its own backends";
                notes.blocking.push(why.to_owned());
                continue;
            }
            "bodyFileName" => {
                let why = "`bodyFileName`: give the body itself; files are not read";
                notes.blocking.push(why.to_owned());
                continue;
            }
            other => {
                notes.missing.push(format!("`{other}`: the double has nothing like it"));
                continue;
            }
        };
        answer.insert(carried.0.to_owned(), carried.1);
    }
    let mut answer = Value::Object(answer);
    if is_template {
        translate(&mut answer, notes);
        answer["template"] = json!(true);
    }
    answer
}

fn headers(value: &Value, notes: &mut Notes) -> Value {
    let mut headers = value.as_object().cloned().unwrap_or_default();
    let framing = ["content-length", "transfer-encoding", "connection"];
    headers.retain(|name, _| {
        let is_framing = framing.contains(&name.to_ascii_lowercase().as_str());
        if is_framing {
            notes.missing.push(format!("header `{name}`: the double writes it itself"));
        }
        !is_framing
    });
    Value::Object(headers)
}

fn distribution(value: &Value) -> Option<Value> {
    let figure = |name: &str| value.get(name).cloned();
    Some(match value.get("type")?.as_str()? {
        "lognormal" => json!({"type": "log_normal", "median_ms": figure("median")?,
            "sigma": figure("sigma")?}),
        "uniform" => json!({"type": "uniform", "min_ms": figure("lower")?,
            "max_ms": figure("upper")?}),
        "fixed" => json!({"type": "fixed", "ms": figure("milliseconds")?}),
        _ => return None,
    })
}

/// Rewrites Handlebars in every text as Jinja.
fn translate(value: &mut Value, notes: &mut Notes) {
    match value {
        Value::String(text) => {
            let Some(expression) = EXPRESSION.as_ref() else { return };
            let written = expression.replace_all(text, |found: &Captures<'_>| {
                let inner = found.get(1).map_or("", |inner| inner.as_str());
                match jinja(inner) {
                    Some(jinja) => format!("{{{{ {jinja} }}}}"),
                    None => {
                        notes.blocking.push(format!("template `{inner}`: no such helper here"));
                        String::new()
                    }
                }
            });
            *text = written.into_owned();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| translate(item, notes)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(_, member)| translate(member, notes));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A Handlebars expression of the usual kind in Jinja.
fn jinja(expression: &str) -> Option<String> {
    let quoted = |text: &str| text.trim_matches(['\'', '"']).to_owned();
    if let Some(path) = expression.strip_prefix("jsonPath request.body ") {
        let path = quoted(path);
        let members = path.strip_prefix("$.")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._[]".contains(c);
        return members.chars().all(is_plain).then(|| format!("request.body.{members}"));
    }
    let known = match expression {
        "request.method" | "request.path" | "now" => Some(expression.to_owned()),
        "request.body" => Some("request.body | tojson".to_owned()),
        "randomValue type='UUID'" | "randomValue type=\"UUID\"" => Some("random.uuid()".to_owned()),
        _ => None,
    };
    known.or_else(|| {
        let (place, rest) = expression.strip_prefix("request.")?.split_once('.')?;
        let name = rest.trim_start_matches('[').trim_end_matches(']');
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        match place {
            "query" => Some(format!("request.query['{name}']")),
            "headers" => Some(format!("request.headers['{}']", name.to_ascii_lowercase())),
            "path" | "pathSegments" => {
                name.parse::<u8>().ok().map(|at| format!("request.segments[{at}]"))
            }
            _ => None,
        }
    })
}
