//! The model as WireMock stub mappings: the usual answer of each endpoint.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::ExportOptions;
use super::operation::{main_status, operations};
use crate::domain::portable::portable_model::PortableModel;
use crate::domain::portable::synthesizer::Synthesizer;

/// The mappings; more literal paths win, as they do here.
pub fn document(model: &PortableModel, options: &ExportOptions) -> Value {
    let tree = model.tree();
    let mut mappings = Vec::new();
    for operation in operations(model) {
        let endpoint = operation.endpoint;
        let mut drawing = Synthesizer::new(endpoint, &tree, &options.seed);
        let drawn = main_status(endpoint).and_then(|status| drawing.draw_status(status));
        let Some(drawn) = drawn else { continue };
        let mut headers = Map::new();
        for (name, value) in &drawn.headers {
            // Lengths and framing are the server's own.
            if !matches!(name.as_str(), "content-length" | "transfer-encoding" | "connection") {
                headers.insert(name.clone(), json!(value));
            }
        }
        let mut response = json!({"status": drawn.status, "headers": headers});
        if let Ok(body) = serde_json::from_slice::<Value>(&drawn.body) {
            response["jsonBody"] = body;
        } else if let Ok(text) = std::str::from_utf8(&drawn.body) {
            response["body"] = json!(text);
        } else {
            response["base64Body"] = json!(BASE64_STANDARD.encode(&drawn.body));
        }
        let latency = endpoint.model.latency.summary();
        let (median, p95) = (latency.p50_ms, latency.p95_ms);
        if median > 0.0 {
            // 1.645: the 95th percentile of the normal distribution.
            let sigma = ((p95 / median).max(1.0).ln() / 1.645).min(2.0);
            response["delayDistribution"] =
                json!({"type": "lognormal", "median": median, "sigma": sigma});
        }
        let parameters = operation.parameters.len();
        let address = if parameters == 0 { "urlPath" } else { "urlPathTemplate" };
        mappings.push(json!({
            "name": endpoint.label(),
            "priority": 5 + parameters.min(90),
            "request": {"method": endpoint.method, address: operation.path},
            "response": response,
        }));
    }
    json!({"mappings": mappings})
}
