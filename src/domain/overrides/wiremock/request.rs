//! Request matchers of WireMock as the conditions of an override.

use serde_json::{Map, Value, json};

use super::Notes;
use crate::domain::matching::jayway::JaywayPath;

/// What a mapping is called that has no name.
pub fn name(request: &Value) -> String {
    let method = request.get("method").and_then(Value::as_str).unwrap_or("ANY");
    let urls = ["url", "urlPath", "urlPathTemplate", "urlPathPattern", "urlPattern"];
    let url = urls.iter().find_map(|name| request.get(*name)?.as_str()).unwrap_or("/");
    format!("{method} {url}").chars().take(120).collect()
}

/// The conditions; what has none here is noted.
pub fn conditions(request: &Value, notes: &mut Notes) -> Value {
    let mut whom = Map::new();
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for (name, value) in request.as_object().into_iter().flatten() {
        match name.as_str() {
            "method" => match value.as_str() {
                Some("ANY") | None => {}
                Some(method) => {
                    whom.insert("methods".to_owned(), json!([method]));
                }
            },
            "url" | "urlPath" | "urlPattern" | "urlPathPattern" | "urlPathTemplate" => {
                let url = value.as_str().unwrap_or_default();
                if let Some(path) = path(name, url, &mut query, notes) {
                    whom.insert("paths".to_owned(), json!([path]));
                }
            }
            "queryParameters" => named(value, "query parameter", &mut query, notes),
            "headers" => named(value, "header", &mut headers, notes),
            "cookies" => cookies(value, &mut headers, notes),
            "basicAuthCredentials" | "basicAuth" => {
                let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
                let pair = format!("{}:{}", part("username"), part("password"));
                let expected = format!("Basic {}", encoded(&pair));
                headers.push(json!({"name": "authorization", "equals": expected}));
            }
            "bodyPatterns" => {
                let patterns = value.as_array().into_iter().flatten();
                let tests: Vec<Value> =
                    patterns.filter_map(|pattern| body_test(pattern, notes)).collect();
                if !tests.is_empty() {
                    whom.insert("body".to_owned(), json!(tests));
                }
            }
            other => {
                notes.blocking.push(format!("request matcher `{other}`: it cannot be asked for"));
            }
        }
    }
    if !query.is_empty() {
        whom.insert("query".to_owned(), json!(query));
    }
    if !headers.is_empty() {
        whom.insert("headers".to_owned(), json!(headers));
    }
    if whom.is_empty() {
        // A stub for every request.
        whom.insert("paths".to_owned(), json!(["/**"]));
    }
    Value::Object(whom)
}

fn path(kind: &str, url: &str, query: &mut Vec<Value>, notes: &mut Notes) -> Option<Value> {
    let literal = |path: &str| match path.contains(['*', '{']) {
        true => json!({"regex": format!("^{}$", regex::escape(path))}),
        false => json!(path),
    };
    Some(match kind {
        "urlPath" => literal(url),
        "url" => {
            let (path, rest) = url.split_once('?').unwrap_or((url, ""));
            for (name, value) in crate::domain::request::form_pairs(rest) {
                query.push(json!({"name": name, "equals": value}));
            }
            literal(path)
        }
        "urlPathTemplate" => {
            let is_parameter = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
            let segments = url.split('/');
            let segments = segments.map(|one| if is_parameter(one) { "*" } else { one });
            json!(segments.collect::<Vec<_>>().join("/"))
        }
        _ if url.contains("\\?") || url.contains("[?]") => {
            notes.blocking.push(format!("`{kind}`: an expression over path and query together"));
            return None;
        }
        _ => json!({"regex": anchored(url)}),
    })
}

/// WireMock's expressions match whole texts.
fn anchored(expression: &str) -> String {
    format!("^(?:{expression})$")
}

fn named(value: &Value, what: &str, tests: &mut Vec<Value>, notes: &mut Notes) {
    for (name, matcher) in value.as_object().into_iter().flatten() {
        match text_test(matcher) {
            Some(mut test) => {
                test.insert("name".to_owned(), json!(name));
                tests.push(Value::Object(test));
            }
            None => notes.blocking.push(format!("{what} `{name}`: {}", unknown(matcher))),
        }
    }
}

/// A test of a text under a name.
fn text_test(matcher: &Value) -> Option<Map<String, Value>> {
    let matcher = matcher.as_object()?;
    let has_other = matcher.keys().any(|key| key != "caseInsensitive");
    let ignores_case = matcher.get("caseInsensitive") == Some(&Value::Bool(true));
    let (kind, value) = matcher.iter().find(|(key, _)| *key != "caseInsensitive")?;
    if !has_other || matcher.keys().filter(|key| *key != "caseInsensitive").count() != 1 {
        return None;
    }
    let mut test = Map::new();
    let (key, said) = match (kind.as_str(), value) {
        ("equalTo", Value::String(text)) if ignores_case => {
            ("regex", json!(format!("(?i)^{}$", regex::escape(text))))
        }
        ("equalTo", Value::String(text)) => ("equals", json!(text)),
        ("contains", Value::String(text)) => ("regex", json!(regex::escape(text))),
        ("matches", Value::String(text)) => ("regex", json!(anchored(text))),
        ("absent", Value::Bool(true)) => ("present", json!(false)),
        _ => return None,
    };
    test.insert(key.to_owned(), said);
    Some(test)
}

fn cookies(value: &Value, headers: &mut Vec<Value>, notes: &mut Notes) {
    for (name, matcher) in value.as_object().into_iter().flatten() {
        let said = |kind: &str| matcher.get(kind).and_then(Value::as_str);
        let text = match (said("equalTo"), said("contains"), said("matches")) {
            (Some(text), _, _) => regex::escape(text),
            (_, Some(text), _) => format!("[^;]*{}[^;]*", regex::escape(text)),
            (_, _, Some(expression)) => format!("(?:{})", expression.replace(".*", "[^;]*")),
            _ => {
                notes.blocking.push(format!("cookie `{name}`: {}", unknown(matcher)));
                continue;
            }
        };
        let expression = format!("(?:^|;\\s*){}={text}(?:;|$)", regex::escape(name));
        headers.push(json!({"name": "cookie", "regex": expression}));
    }
}

fn body_test(pattern: &Value, notes: &mut Notes) -> Option<Value> {
    let test = body_test_of(pattern);
    if test.is_none() {
        notes.blocking.push(format!("body pattern: {}", unknown(pattern)));
    }
    test
}

fn body_test_of(pattern: &Value) -> Option<Value> {
    let matcher = pattern.as_object()?;
    if let Some(wanted) = matcher.get("equalToJson") {
        return json_test(matcher, wanted).map(Value::Object);
    }
    match matcher.get("matchesJsonPath")? {
        Value::String(path) => {
            let mut test = json_path(path)?;
            test.insert("present".to_owned(), json!(true));
            Some(Value::Object(test))
        }
        Value::Object(inner) => {
            let place = json_path(inner.get("expression")?.as_str()?)?;
            let mut matchers = inner.clone();
            matchers.remove("expression");
            let mut test = match matchers.get("equalToJson") {
                Some(wanted) => json_test(&matchers, wanted)?,
                None => text_test(&Value::Object(matchers))?,
            };
            test.extend(place);
            Some(Value::Object(test))
        }
        _ => None,
    }
}

/// What is asked of a document, or of a part of it, that is to equal `wanted`: JSON, or a text that
/// holds it.
fn json_test(matcher: &Map<String, Value>, wanted: &Value) -> Option<Map<String, Value>> {
    let wanted = match wanted {
        Value::String(text) => serde_json::from_str(text).ok()?,
        json => json.clone(),
    };
    let is_on = |name: &str| matcher.get(name) == Some(&Value::Bool(true));
    let kind = match (is_on("ignoreExtraElements"), is_on("ignoreArrayOrder")) {
        (true, _) => "contains",
        (false, false) => "equals",
        // Any order, and nothing beside: no test here says that.
        (false, true) => return None,
    };
    Some(Map::from_iter([(kind.to_owned(), wanted)]))
}

/// A path as a test takes it: as RFC 9535 reads it where that is the same, and otherwise as
/// WireMock's library does.
fn json_path(path: &str) -> Option<Map<String, Value>> {
    let has_filter = path.contains("[?");
    let mut place = Map::from_iter([("json_path".to_owned(), json!(path))]);
    if has_filter || serde_json_path::JsonPath::parse(path).is_err() {
        JaywayPath::parse(path)?;
        place.insert("dialect".to_owned(), json!("jayway"));
    }
    Some(place)
}

fn unknown(matcher: &Value) -> String {
    let names: Vec<String> = matcher
        .as_object()
        .map(|matcher| matcher.keys().map(|name| format!("`{name}`")).collect())
        .unwrap_or_default();
    format!("{} cannot be asked for", names.join(", "))
}

fn encoded(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
