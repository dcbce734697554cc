//! One line of an access log: common, combined, or JSON.

use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::{Map, Value};

/// What a line says of an exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    pub method: String,
    /// Raw path, without query.
    pub path: String,
    pub status: u16,
    pub at_ms: Option<i64>,
    /// The time that the answer took, where the line tells.
    pub total_us: Option<u64>,
}

/// Reads a line; `None` when it is none.
pub fn parse(line: &str) -> Option<LogLine> {
    let line = line.trim();
    if line.starts_with('{') {
        let members: Map<String, Value> = serde_json::from_str(line).ok()?;
        return of_json(&members);
    }
    of_text(line)
}

/// `host ident user [10/Oct/2000:13:55:36 -0700] "GET /a?b HTTP/1.0" 200 2326 "referer" "agent" …`
fn of_text(line: &str) -> Option<LogLine> {
    let (_client, rest) = line.split_once('[')?;
    let (time, rest) = rest.split_once(']')?;
    let (_, rest) = rest.split_once('"')?;
    let (request, rest) = rest.split_once('"')?;
    let (method, path) = request_line(request)?;
    let mut fields = rest.split_whitespace();
    let status = fields.next()?.parse().ok()?;
    let at_ms = strtime::parse("%d/%b/%Y:%H:%M:%S %z", time)
        .and_then(|parsed| parsed.to_timestamp())
        .ok()
        .map(Timestamp::as_millisecond);
    // What servers append: seconds with a point (nginx), or whole microseconds (Apache's %D).
    let quoted = rest.rsplit_once('"').map_or("", |(_, rest)| rest);
    let last = quoted.split_whitespace().next_back().or_else(|| fields.nth(1));
    let total_us = last.and_then(|text| match text.parse::<f64>() {
        Ok(seconds) if text.contains('.') => micros(seconds * 1e6),
        Ok(whole) => micros(whole),
        Err(_) => None,
    });
    valid(LogLine { method, path, status, at_ms, total_us })
}

fn micros(value: f64) -> Option<u64> {
    // A day: what took longer was no answer.
    const DAY_US: f64 = 86_400e6;
    (0.0..=DAY_US).contains(&value).then_some(value as u64)
}

fn request_line(text: &str) -> Option<(String, String)> {
    let mut parts = text.split(' ');
    let (method, target) = (parts.next()?, parts.next()?);
    Some((method.to_owned(), path_of(target)))
}

/// The path of a target in origin or absolute form.
fn path_of(target: &str) -> String {
    let rest = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    rest.split(['?', '#']).next().unwrap_or_default().to_owned()
}

fn of_json(members: &Map<String, Value>) -> Option<LogLine> {
    // Some loggers put the request into an object of its own.
    let nested = ["request", "http", "httpRequest", "req"]
        .iter()
        .find_map(|name| members.get(*name).and_then(Value::as_object));
    let find = |names: &[&str]| {
        let inside = |name: &&str| nested.and_then(|nested| nested.get(*name));
        names.iter().find_map(|name| members.get(*name).or_else(|| inside(name)))
    };
    let line = find(&["request", "request_line"]).and_then(Value::as_str).and_then(request_line);
    let text = |names: &[&str]| find(names).and_then(Value::as_str).map(str::to_owned);
    let method = text(&["method", "request_method", "requestMethod", "verb"]);
    let path = text(&["path", "uri", "url", "request_uri", "requestUrl", "request_path"]);
    let (method, path) = match (method, path, line) {
        (Some(method), Some(path), _) => (method, path_of(&path)),
        (_, _, Some(line)) => line,
        _ => return None,
    };
    let status = find(&["status", "status_code", "statusCode", "response_code", "code"])?;
    let status = number(status).filter(|status| (100.0..1000.0).contains(status))? as u16;
    let at_ms = find(&["time", "timestamp", "ts", "@timestamp", "time_iso8601", "msec"]);
    let at_ms = at_ms.and_then(moment);
    let total_us = total_us(&find);
    valid(LogLine { method, path, status, at_ms, total_us })
}

/// The time taken, by the unit that its name says; seconds where it says none.
fn total_us<'v>(find: &impl Fn(&[&str]) -> Option<&'v Value>) -> Option<u64> {
    const NAMES: [(&[&str], f64); 4] = [
        (&["duration_ms", "latency_ms", "response_time_ms", "elapsed_ms", "responseTime"], 1e3),
        (&["duration_us", "latency_us", "elapsed_us"], 1.0),
        (&["duration_ns", "latency_ns"], 1e-3),
        (&["request_time", "duration", "latency", "elapsed", "upstream_response_time"], 1e6),
    ];
    NAMES.iter().find_map(|(names, unit)| micros(number(find(names)?)? * unit))
}

fn number(value: &Value) -> Option<f64> {
    let text = |text: &str| text.trim_end_matches('s').parse().ok();
    value.as_f64().or_else(|| value.as_str().and_then(text))
}

fn moment(value: &Value) -> Option<i64> {
    if let Some(text) = value.as_str()
        && let Ok(at) = text.parse::<Timestamp>()
    {
        return Some(at.as_millisecond());
    }
    // Unix seconds have ten digits for the next two hundred years, milliseconds thirteen.
    let number = number(value).filter(|number| number.is_finite() && *number > 0.0)?;
    Some(if number < 1e11 { number * 1e3 } else { number } as i64)
}

fn valid(line: LogLine) -> Option<LogLine> {
    let word = !line.method.is_empty() && line.method.bytes().all(|b| b.is_ascii_uppercase());
    (word && line.path.starts_with('/') && (100..1000).contains(&line.status)).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_usual_forms_are_read() {
        let common =
            "::1 - ann [10/Oct/2025:13:55:36 -0700] \"GET /users/7?x=1 HTTP/1.1\" 200 2326";
        let read = parse(common).unwrap();
        assert_eq!((read.path.as_str(), read.status, read.total_us), ("/users/7", 200, None));
        assert_eq!(read.at_ms, Some(1_760_129_736_000));
        let timed = format!("{common} \"-\" \"curl/8 (x)\" 0.025");
        assert_eq!(parse(&timed).unwrap().total_us, Some(25_000));
        let caddy = r#"{"ts":1760129736.5,"request":{"method":"PUT","uri":"/a?b"},"status":204,
            "duration":0.5}"#;
        let read = parse(&caddy.replace('\n', "")).unwrap();
        assert_eq!((read.path.as_str(), read.total_us), ("/a", Some(500_000)));
        assert_eq!(read.at_ms, Some(1_760_129_736_500));
        assert_eq!(parse("nonsense"), None);
    }
}
