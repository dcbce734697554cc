//! The model as one JSON Schema document: a definition for each body that was seen.

use serde_json::{Map, Value, json};

use super::operation::{operations, schema_of};
use crate::domain::portable::portable_model::PortableModel;

/// The document; `$defs` holds `getUsersById.200` and `postUsers.request`.
pub fn document(model: &PortableModel) -> Value {
    let mut definitions = Map::new();
    for operation in operations(model) {
        let label = operation.endpoint.label();
        let mut add = |part: String, schema: Option<Value>| {
            if let Some(mut schema) = schema {
                schema["title"] = json!(format!("{label}: {part}"));
                definitions.insert(format!("{}.{part}", operation.name), schema);
            }
        };
        add("request".to_owned(), schema_of(&operation.endpoint.model.request));
        for (status, answer) in &operation.endpoint.model.answers {
            add(status.to_string(), schema_of(&answer.body));
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bodies of a learned API",
        "$defs": definitions,
    })
}
