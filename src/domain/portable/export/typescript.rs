//! The model as TypeScript types: one for each body, and a table of all operations.

use std::fmt::Write;

use serde_json::Value;

use super::operation::{operations, schema_of};
use crate::domain::portable::portable_model::PortableModel;

/// Depth beyond which a type is `unknown`.
const DEPTH_MAX: usize = 32;

/// The module.
pub fn text(model: &PortableModel) -> String {
    let mut out = format!(
        "// Types of a learned API, written by {}. Do not edit.\n\n",
        model.made_by.replace(['\n', '\r'], " ")
    );
    let mut table = String::from(
        "/** Every operation, by method and path. */\nexport interface Operations {\n",
    );
    for operation in operations(model) {
        let mut name = operation.name.clone();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let endpoint = operation.endpoint;
        let mut answers = String::new();
        for (status, answer) in &endpoint.model.answers {
            let schema = schema_of(&answer.body);
            let shape = schema.map_or_else(|| "unknown".to_owned(), |schema| type_of(&schema, 0));
            let _ = writeln!(out, "export type {name}{status} = {shape};\n");
            let _ = writeln!(answers, "      {status}: {name}{status};");
        }
        let request = match schema_of(&endpoint.model.request) {
            Some(schema) => {
                let _ = writeln!(out, "export type {name}Request = {};\n", type_of(&schema, 0));
                format!("{name}Request")
            }
            None => "undefined".to_owned(),
        };
        let parameters: String = operation
            .parameters
            .iter()
            .map(|name| format!("{}: string | number; ", quoted(name)))
            .collect();
        let label = format!("{} {}", endpoint.method, operation.path);
        let _ = writeln!(
            table,
            "  {}: {{\n    parameters: {{ {parameters}}};\n    request: {request};\n    \
             responses: {{\n{answers}    }};\n  }};",
            quoted(&label)
        );
    }
    out + &table + "}\n"
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn type_of(schema: &Value, depth: usize) -> String {
    if depth > DEPTH_MAX {
        return "unknown".to_owned();
    }
    if let Some(Value::Array(values)) = schema.get("enum") {
        let values: Vec<String> = values.iter().map(Value::to_string).collect();
        return values.join(" | ");
    }
    if let Some(Value::Array(alternatives)) = schema.get("anyOf") {
        let types: Vec<String> =
            alternatives.iter().map(|schema| type_of(schema, depth + 1)).collect();
        return format!("({})", types.join(" | "));
    }
    match schema.get("type") {
        Some(Value::String(name)) => plain(name, schema, depth),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            let types: Vec<String> = names.map(|name| plain(name, schema, depth)).collect();
            format!("({})", types.join(" | "))
        }
        _ => "unknown".to_owned(),
    }
}

fn plain(name: &str, schema: &Value, depth: usize) -> String {
    match name {
        "null" => "null".to_owned(),
        "boolean" => "boolean".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "string" => "string".to_owned(),
        "array" => {
            let item = schema.get("items");
            let item = item.map_or_else(|| "unknown".to_owned(), |item| type_of(item, depth + 1));
            format!("Array<{item}>")
        }
        "object" => object(schema, depth),
        _ => "unknown".to_owned(),
    }
}

fn object(schema: &Value, depth: usize) -> String {
    let Some(Value::Object(members)) = schema.get("properties") else {
        let values = schema.get("additionalProperties").filter(|values| values.is_object());
        let values =
            values.map_or_else(|| "unknown".to_owned(), |values| type_of(values, depth + 1));
        return format!("Record<string, {values}>");
    };
    let required: Vec<&str> = match schema.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let indent = "  ".repeat(depth + 1);
    let mut out = String::from("{\n");
    for (name, member) in members {
        let mark = if required.contains(&name.as_str()) { "" } else { "?" };
        let _ = writeln!(out, "{indent}{}{mark}: {};", quoted(name), type_of(member, depth + 1));
    }
    out + &"  ".repeat(depth) + "}"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_become_types() {
        let schema = json!({
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "integer"},
                "tags": {"type": ["array", "null"], "items": {"enum": ["a", "b"]}},
                "more": {"type": "object", "additionalProperties": {"type": "boolean"}},
            },
        });
        let text = type_of(&schema, 0);
        assert!(text.contains("\"id\": number;"), "{text}");
        assert!(text.contains("\"tags\"?: (Array<\"a\" | \"b\"> | null);"), "{text}");
        assert!(text.contains("\"more\"?: Record<string, boolean>;"), "{text}");
    }
}
