//! The model as an OpenAPI 3.1 document.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ExportOptions;
use super::operation::{NamedOperation, operations, request_media, schema_of};
use crate::domain::path::PathTree;
use crate::domain::portable::portable_model::PortableModel;
use crate::domain::portable::synthesizer::{DrawnExchange, Synthesizer};
use crate::domain::value::relation::echo::EchoOrigin;

/// Statuses that an OpenAPI document can name.
const STATUSES: std::ops::RangeInclusive<u16> = 100..=599;

/// The document.
pub fn document(model: &PortableModel, options: &ExportOptions) -> Value {
    let tree = model.tree();
    let (mut paths, mut schemes) = (Map::new(), Map::new());
    let mut tags: BTreeSet<String> = BTreeSet::new();
    for operation in operations(model) {
        let method = operation.endpoint.method.to_lowercase();
        let described = describe(&operation, &tree, options, &mut schemes);
        tags.insert(tag(&operation.path));
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        item[method] = described;
    }
    let tags: Vec<Value> = tags.into_iter().map(|name| json!({"name": name})).collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Learned API",
            "version": "1.0.0",
            "description": format!(
                "Learned by {} from {} exchanges at privacy level {}; examples are made up.",
                model.made_by, model.observations(), model.privacy,
            ),
            "license": {"name": "None", "identifier": "0BSD"},
        },
        "servers": [{"url": options.server}],
        "security": [],
        "tags": tags,
        "paths": paths,
    });
    if !schemes.is_empty() {
        document["components"] = json!({"securitySchemes": schemes});
    }
    document
}

/// The first literal of a path.
fn tag(path: &str) -> String {
    let literal = path.split('/').find(|part| !part.is_empty() && !part.contains('{'));
    literal.unwrap_or("root").to_owned()
}

fn describe(
    operation: &NamedOperation<'_>,
    tree: &PathTree,
    options: &ExportOptions,
    schemes: &mut Map<String, Value>,
) -> Value {
    let endpoint = operation.endpoint;
    let mut drawing = Synthesizer::new(endpoint, tree, &options.seed);
    let mut described = json!({
        "operationId": operation.name,
        "summary": format!("{} {}", endpoint.method, operation.path),
        "tags": [tag(&operation.path)],
    });
    let parameters = parameters(operation, tree);
    if !parameters.is_empty() {
        described["parameters"] = Value::Array(parameters);
    }
    if let Some(credential) = credential(operation, &mut drawing) {
        schemes.entry(credential.0.to_owned()).or_insert(credential.1);
        described["security"] = json!([{credential.0: []}]);
    }
    let takes_body = matches!(endpoint.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE");
    if let (true, Some(media)) = (takes_body, request_media(&endpoint.model.request)) {
        let schema = schema_of(&endpoint.model.request).unwrap_or_else(|| json!({}));
        let mut content = json!({"schema": schema});
        let made = drawing.draw().and_then(|exchange| exchange.request_body);
        if let Some(example) = made.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) {
            content["example"] = example;
        }
        described["requestBody"] = json!({"content": {media: content}});
    }
    described["responses"] = responses(operation, &mut drawing);
    described
}

fn parameters(operation: &NamedOperation<'_>, tree: &PathTree) -> Vec<Value> {
    let looks = tree.parameter_looks(&operation.endpoint.template);
    let mut shown: Vec<Value> = Vec::new();
    for (at, name) in operation.parameters.iter().enumerate() {
        let whole = looks.get(at).is_some_and(|look| {
            !look.kinds.is_empty() && look.kinds.iter().all(|kind| *kind == "integer")
        });
        let example = looks.get(at).map_or("value", |look| look.example);
        let number = example.parse::<i64>().ok().filter(|_| whole);
        let (schema, example) = match number {
            Some(number) => (json!({"type": "integer"}), json!(number)),
            None => (json!({"type": "string"}), json!(example)),
        };
        shown.push(json!({
            "name": name, "in": "path", "required": true, "schema": schema, "example": example,
        }));
    }
    let mut queries: BTreeSet<String> = BTreeSet::new();
    for answer in operation.endpoint.model.answers.values() {
        for echo in answer.body.echoes() {
            if echo.origin == EchoOrigin::Query && echo.active {
                queries.insert(echo.name);
            }
        }
    }
    let query = |name| json!({"name": name, "in": "query", "schema": {"type": "string"}});
    shown.extend(queries.into_iter().map(query));
    shown
}

/// The security scheme of an endpoint that answers both with and without a 401.
fn credential(
    operation: &NamedOperation<'_>,
    drawing: &mut Synthesizer<'_>,
) -> Option<(&'static str, Value)> {
    let answers = &operation.endpoint.model.answers;
    if !answers.contains_key(&401) || !answers.keys().any(|status| *status < 400) {
        return None;
    }
    let challenge = drawing.draw_status(401)?;
    let challenge = challenge.header("www-authenticate").unwrap_or("Bearer");
    let scheme = challenge.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    Some(match scheme.as_str() {
        "basic" => ("basic", json!({"type": "http", "scheme": "basic"})),
        "digest" => ("digest", json!({"type": "http", "scheme": "digest"})),
        _ => ("bearer", json!({"type": "http", "scheme": "bearer"})),
    })
}

fn responses(operation: &NamedOperation<'_>, drawing: &mut Synthesizer<'_>) -> Value {
    let model = &operation.endpoint.model;
    let mut shown = Map::new();
    let mut statuses: Vec<u16> = model.answers.keys().copied().collect();
    if let Some(prior) = &model.prior {
        statuses.extend(prior.model.answers.keys().filter(|s| !model.answers.contains_key(s)));
    }
    for status in statuses.into_iter().filter(|status| STATUSES.contains(status)) {
        let learned = model.answers.get(&status);
        let prior = model.prior.as_ref().and_then(|prior| prior.model.answers.get(&status));
        let seen = learned.map_or(0, |answer| answer.observations);
        let mut response = json!({
            "description": if seen > 0 {
                format!("Answer with status {status}, seen {seen} times")
            } else {
                format!("Answer with status {status}, known by a document alone")
            },
        });
        let drawn = drawing.draw_status(status);
        let body = learned.or(prior).map(|answer| &answer.body);
        if let (Some(drawn), Some(body)) = (&drawn, body)
            && !drawn.body.is_empty()
            && operation.endpoint.method != "HEAD"
        {
            let content = content(drawn, schema_of(body));
            response["content"] = json!({drawn.media().unwrap_or("application/json"): content});
        }
        if let Some(headers) = drawn.as_ref().and_then(headers) {
            response["headers"] = headers;
        }
        shown.insert(status.to_string(), response);
    }
    if shown.is_empty() {
        shown.insert("default".to_owned(), json!({"description": "Nothing is known"}));
    }
    Value::Object(shown)
}

fn content(drawn: &DrawnExchange, schema: Option<Value>) -> Value {
    let example = serde_json::from_slice::<Value>(&drawn.body).ok();
    match (schema, example) {
        (Some(schema), Some(example)) => json!({"schema": schema, "example": example}),
        (Some(schema), None) => json!({"schema": schema}),
        (None, _) => json!({"schema": {"type": "string"}}),
    }
}

/// The headers of one answer that say something of their own.
fn headers(drawn: &DrawnExchange) -> Option<Value> {
    const TOLD_ELSEWHERE: [&str; 8] = [
        "content-type",
        "content-length",
        "content-encoding",
        "transfer-encoding",
        "connection",
        "date",
        "server",
        "set-cookie",
    ];
    let told = |name: &str| TOLD_ELSEWHERE.contains(&name);
    let mut shown = Map::new();
    for (name, _) in drawn.headers.iter().filter(|(name, _)| !told(name)) {
        shown.insert(name.clone(), json!({"schema": {"type": "string"}}));
    }
    (!shown.is_empty()).then_some(Value::Object(shown))
}
