//! Documents held against the JSON Schemas that the double writes, by a validator of others.

use jsonschema::ValidationError;
use serde_json::Value;

/// What of `value` breaks `schema`, one line each: where, and how. Formats count, though JSON Schema
/// leaves that open (2020-12, section 7.2.1 of validation).
///
/// # Panics
/// When `schema` is none itself, by the meta-schema that it names.
pub fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap_or_else(|error| panic!("no JSON Schema: {error}: {schema}"));
    let told = |error: ValidationError<'_>| format!("{}: {error}", error.instance_path());
    validator.iter_errors(value).map(told).collect()
}
