//! The model as a HAR 1.2 archive of exchanges that nobody had.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ExportOptions;
use super::operation::{operations, request_media};
use crate::domain::portable::portable_model::{PortableEndpoint, PortableModel};
use crate::domain::portable::synthesizer::{DrawnExchange, Synthesizer};

/// The archive: exchanges of all endpoints, as often as they came.
pub fn document(model: &PortableModel, options: &ExportOptions) -> Value {
    let tree = model.tree();
    let known = operations(model);
    let weights: Vec<f64> =
        known.iter().map(|known| known.endpoint.model.observations.max(1) as f64).collect();
    let total: f64 = weights.iter().sum();
    let mut drawings: Vec<Synthesizer<'_>> =
        known.iter().map(|known| Synthesizer::new(known.endpoint, &tree, &options.seed)).collect();
    // Whoever is furthest behind its share comes next: the mix is exact, and needs no dice.
    let mut given = vec![0.0_f64; known.len()];
    let mut entries = Vec::new();
    let mut at_ms = options.at_ms;
    for number in 1..=options.exchanges {
        let behind = |at: usize| weights[at] / total * number as f64 - given[at];
        let next = (0..known.len()).max_by(|a, b| behind(*a).total_cmp(&behind(*b)));
        let Some(next) = next else { break };
        given[next] += 1.0;
        let Some(drawn) = drawings[next].draw() else { continue };
        entries.push(entry(known[next].endpoint, &drawn, at_ms, options));
        at_ms += (drawn.total_us / 1_000) as i64 + 1;
    }
    json!({"log": {
        "version": "1.2",
        "creator": {"name": "stunt-double", "version": env!("CARGO_PKG_VERSION")},
        "entries": entries,
    }})
}

fn entry(
    endpoint: &PortableEndpoint,
    drawn: &DrawnExchange,
    at_ms: i64,
    options: &ExportOptions,
) -> Value {
    let started = Timestamp::from_millisecond(at_ms).unwrap_or_default().to_string();
    let line = |(name, value): &(String, String)| json!({"name": name, "value": value});
    let (wait, total) = (drawn.first_byte_us as f64 / 1e3, drawn.total_us as f64 / 1e3);
    let mut request = json!({
        "method": endpoint.method,
        "url": format!("{}{}", options.server.trim_end_matches('/'), drawn.path),
        "httpVersion": "HTTP/1.1",
        "cookies": [], "headers": [], "queryString": [],
        "headersSize": -1,
        "bodySize": drawn.request_body.as_ref().map_or(0, Vec::len),
    });
    if let Some(body) = &drawn.request_body {
        let media = request_media(&endpoint.model.request).unwrap_or("application/octet-stream");
        let text = String::from_utf8_lossy(body);
        request["postData"] = json!({"mimeType": media, "text": text});
        request["headers"] = json!([{"name": "content-type", "value": media}]);
    }
    let media = drawn.header("content-type").unwrap_or_default();
    let mut content = json!({"size": drawn.body.len(), "mimeType": media});
    match std::str::from_utf8(&drawn.body) {
        Ok(text) => content["text"] = json!(text),
        Err(_binary) => {
            content["text"] = json!(BASE64_STANDARD.encode(&drawn.body));
            content["encoding"] = json!("base64");
        }
    }
    json!({
        "startedDateTime": started,
        "time": total,
        "request": request,
        "response": {
            "status": drawn.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": drawn.headers.iter().map(line).collect::<Vec<_>>(),
            "content": content,
            "redirectURL": drawn.header("location").unwrap_or_default(),
            "headersSize": -1,
            "bodySize": drawn.body.len(),
        },
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": (total - wait).max(0.0)},
    })
}
