//! Postman collections (2.0 and 2.1): each saved answer is an exchange that was had.

use bytes::Bytes;
use serde_json::Value;

use super::har::split_url;
use super::{DocumentReport, ImportError, Taker};
use crate::domain::endpoint::{BackendId, Body, ExchangeSample, Observation, Provenance};

/// Depth of folders.
const DEPTH_MAX: usize = 32;

/// Reads a collection.
///
/// # Errors
/// [`ImportError`] when it is none.
pub fn read(
    text: &[u8],
    now_ms: i64,
    report: &mut DocumentReport,
    take: &mut Taker<'_>,
) -> Result<(), ImportError> {
    let document: Value = serde_json::from_slice(text)
        .map_err(|error| ImportError::Unreadable(format!("no Postman collection: {error}")))?;
    // An export of the API wraps the collection.
    let collection = document.get("collection").unwrap_or(&document);
    let items = collection.get("item").and_then(Value::as_array);
    let items = items.ok_or_else(|| {
        ImportError::Unreadable("no Postman collection: no list `item`".to_owned())
    })?;
    folder(items, now_ms, 0, report, take);
    Ok(())
}

/// Reads the items of a folder; false when the taker wants no more.
fn folder(
    items: &[Value],
    now_ms: i64,
    depth: usize,
    report: &mut DocumentReport,
    take: &mut Taker<'_>,
) -> bool {
    for item in items {
        if let Some(Value::Array(inner)) = item.get("item") {
            if depth >= DEPTH_MAX {
                report.leave(format!("a folder deeper than {DEPTH_MAX}"));
            } else if !folder(inner, now_ms, depth + 1, report, take) {
                return false;
            }
            continue;
        }
        let answers = item.get("response").and_then(Value::as_array);
        let answers = answers.map_or(&[][..], Vec::as_slice);
        if answers.is_empty() {
            report.leave("a request without a saved answer");
        }
        for answer in answers {
            // The request that was sent, which is not always the one that is shown now.
            let request = answer.get("originalRequest").or_else(|| item.get("request"));
            match request.and_then(|request| observation(request, answer, now_ms)) {
                Some(observation) => {
                    report.take("exchanges", 1);
                    if !take(observation) {
                        return false;
                    }
                }
                None => report.leave("a saved answer without status, method or path"),
            }
        }
    }
    true
}

fn observation(request: &Value, answer: &Value, now_ms: i64) -> Option<Observation> {
    let status = answer.get("code").and_then(Value::as_u64);
    let status = u16::try_from(status?).ok().filter(|status| (100..1000).contains(status))?;
    let method = request.get("method").and_then(Value::as_str).unwrap_or("GET");
    let (path, query) = address(request.get("url")?)?;
    let total_ms = answer.get("responseTime").and_then(Value::as_f64).unwrap_or_default();
    let total_us = (total_ms.clamp(0.0, 86_400e3) * 1e3) as u64;
    let raw = request.pointer("/body/raw").and_then(Value::as_str).unwrap_or_default();
    let said = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    let request_headers = lines(request.get("header"));
    let response_headers = lines(answer.get("header"));
    Some(Observation {
        at_ms: now_ms,
        provenance: Provenance::Upstream,
        backend: BackendId::ONLY,
        method: method.to_ascii_uppercase().into(),
        path: path.into(),
        status,
        first_byte_us: total_us,
        total_us,
        sample: Some(Box::new(ExchangeSample {
            query: query.into(),
            request_body: body(raw, &request_headers),
            response_body: body(said, &response_headers),
            request_headers,
            response_headers,
            conversation: None,
        })),
    })
}

/// Path and query of `{{base}}/users/:id?x=1`, with the values that are given for variables.
fn address(url: &Value) -> Option<(String, String)> {
    let raw = url.as_str().or_else(|| url.get("raw").and_then(Value::as_str))?;
    let (path, query) = match raw.strip_prefix("{{").and_then(|rest| rest.split_once("}}")) {
        Some((_base, rest)) => {
            let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
            (path, query)
        }
        None => {
            let (_, path, query) = split_url(raw);
            (path, query)
        }
    };
    let variable = |name: &str| -> String {
        let listed = url.get("variable").and_then(Value::as_array).into_iter().flatten();
        let mut listed = listed.filter(|v| v.get("key").and_then(Value::as_str) == Some(name));
        let value = listed.find_map(|v| v.get("value").and_then(Value::as_str));
        value.filter(|value| !value.is_empty()).unwrap_or("1").to_owned()
    };
    let segments = path.split('/').map(|segment| match segment.strip_prefix(':') {
        Some(name) => variable(name),
        None if segment.starts_with("{{") => "1".to_owned(),
        None => segment.to_owned(),
    });
    let mut path = segments.collect::<Vec<_>>().join("/");
    if path.is_empty() {
        path.push('/');
    }
    let plain = path.starts_with('/') && path.bytes().all(|byte| byte > b' ');
    plain.then(|| (path, query.to_owned()))
}

fn lines(headers: Option<&Value>) -> Vec<(Box<str>, Bytes)> {
    const LEFT: [&str; 4] =
        ["content-encoding", "content-length", "transfer-encoding", "connection"];
    let listed = headers.and_then(Value::as_array).into_iter().flatten();
    let line = |header: &Value| {
        let name = header.get("key")?.as_str()?.to_ascii_lowercase();
        let value = header.get("value")?.as_str()?.to_owned();
        (!LEFT.contains(&name.as_str())).then(|| (name.into(), Bytes::from(value)))
    };
    listed.filter_map(line).collect()
}

fn body(text: &str, headers: &[(Box<str>, Bytes)]) -> Body {
    let declared = headers.iter().find(|(name, _)| &**name == "content-type");
    let declared = declared.and_then(|(_, value)| std::str::from_utf8(value).ok());
    Body {
        is_endless: false,
        content_type: declared.map(Into::into),
        content_encoding: None,
        bytes: text.as_bytes().to_vec(),
        complete: true,
        total_bytes: text.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_answers_are_exchanges() {
        let text = br#"{"info":{"_postman_id":"x"},"item":[{"name":"users","item":[{"name":"one",
            "request":{"method":"GET","url":{"raw":"{{base}}/users/:id?a=b",
            "variable":[{"key":"id","value":"7"}]}},
            "response":[{"code":200,"header":[{"key":"Content-Type","value":"application/json"}],
            "body":"{\"id\":7}","responseTime":12}]},{"name":"two","request":{"url":"/x"}}]}]}"#;
        let (mut report, mut taken) = (DocumentReport::of("postman"), Vec::new());
        let done = read(text, 5, &mut report, &mut |observation| {
            taken.push(observation);
            true
        });
        assert_eq!((done, taken.len(), report.left_out.len()), (Ok(()), 1, 1));
        assert_eq!((&*taken[0].path, taken[0].total_us), ("/users/7", 12_000));
    }
}
