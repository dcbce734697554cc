//! The model as a k6 script: the learned mix of requests, with the learned latencies as thresholds.

use serde_json::{Value, json};

use super::ExportOptions;
use super::operation::{main_status, operations};
use crate::domain::portable::portable_model::PortableModel;
use crate::domain::portable::synthesizer::Synthesizer;

/// The part of the script that is the same for every model.
const RUN: &str = r"const total = requests.reduce((sum, r) => sum + r.weight, 0);

export default function () {
  let at = Math.random() * total;
  const r = requests.find((r) => (at -= r.weight) < 0) || requests[0];
  const params = { headers: r.headers, tags: { name: r.name } };
  const answer = http.request(r.method, BASE_URL + r.path, r.body, params);
  check(answer, { 'status was learned': (a) => r.statuses.includes(a.status) }, { name: r.name });
}
";

/// The script.
pub fn text(model: &PortableModel, options: &ExportOptions) -> String {
    let tree = model.tree();
    let (mut requests, mut thresholds) = (Vec::new(), serde_json::Map::new());
    for operation in operations(model) {
        let endpoint = operation.endpoint;
        let mut drawing = Synthesizer::new(endpoint, &tree, &options.seed);
        let drawn = main_status(endpoint).and_then(|status| drawing.draw_status(status));
        let Some(drawn) = drawn else { continue };
        let name = endpoint.label();
        let body = drawn.request_body.and_then(|bytes| String::from_utf8(bytes).ok());
        let headers =
            if body.is_some() { json!({"Content-Type": "application/json"}) } else { json!({}) };
        let p95 = endpoint.model.latency.summary().p95_ms;
        if p95 > 0.0 {
            // Half as much again: a threshold, and not the figure itself.
            let limit = format!("p(95)<{}", (p95 * 1.5).ceil());
            let metric = format!("http_req_duration{{name:{}}}", name.replace(['{', '}'], "_"));
            thresholds.insert(metric, json!([limit]));
        }
        requests.push(json!({
            "name": name.replace(['{', '}'], "_"),
            "weight": endpoint.model.observations.max(1),
            "method": endpoint.method,
            "path": drawn.path,
            "headers": headers,
            "body": body,
            "statuses": endpoint.model.answers.keys().collect::<Vec<_>>(),
        }));
    }
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    format!(
        "import http from 'k6/http';\nimport {{ check }} from 'k6';\n\n\
         const BASE_URL = __ENV.BASE_URL || {};\n\n\
         export const options = {};\n\nconst requests = {};\n\n{RUN}",
        Value::from(options.server.as_str()),
        pretty(&json!({"vus": 1, "duration": "30s", "thresholds": thresholds})),
        pretty(&Value::Array(requests)),
    )
}
