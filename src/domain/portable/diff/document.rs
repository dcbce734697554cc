//! What an OpenAPI document promises.

use serde_json::Value;

use super::contract::{
    Contract, MemberContract, OperationContract, PROMISED, PlaceContract, StatusContract,
};
use crate::domain::body::BodyKind;
use crate::domain::portable::import::ImportError;
use crate::domain::portable::import::openapi::parse;
use crate::domain::portable::import::schema_values::resolve;
use crate::domain::portable::portable_model::shape_of_path;

/// Depth of schemas that is looked at.
const DEPTH_MAX: usize = 12;

impl Contract {
    /// What a document, JSON or YAML, promises.
    ///
    /// # Errors
    /// [`ImportError`] when it is none.
    pub fn of_document(text: &[u8]) -> Result<Self, ImportError> {
        let document = parse(text)?;
        let paths = document.get("paths").and_then(Value::as_object);
        let paths = paths
            .ok_or_else(|| ImportError::Unreadable("no OpenAPI document: no `paths`".into()))?;
        let mut contract = Self { is_complete: true, ..Self::default() };
        for (path, item) in paths {
            let item = resolve(&document, item).and_then(Value::as_object);
            for (method, operation) in item.into_iter().flatten() {
                let method = method.to_ascii_uppercase();
                if operation.get("responses").is_some() {
                    let label = format!("{method} {path}");
                    let promised = operation_of(&document, label, operation);
                    contract.operations.insert((method, shape_of_path(path)), promised);
                }
            }
        }
        Ok(contract)
    }
}

fn operation_of(document: &Value, label: String, operation: &Value) -> OperationContract {
    let mut promised = OperationContract { label, ..OperationContract::default() };
    let body = operation.get("requestBody").and_then(|body| resolve(document, body));
    promised.request = body.and_then(|body| schema_of(document, body));
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let in_body = parameters.into_iter().flatten().filter_map(|p| resolve(document, p));
    for parameter in in_body.filter(|p| p.get("in") == Some(&Value::from("body"))) {
        promised.request = parameter.get("schema").map(|schema| place_of(document, schema, 0));
    }
    let responses = operation.get("responses").and_then(Value::as_object);
    for (name, response) in responses.into_iter().flatten() {
        let (Ok(status), Some(response)) = (name.parse(), resolve(document, response)) else {
            continue;
        };
        // How often each comes is nothing that a document tells.
        let told = StatusContract { seen: PROMISED, body: schema_of(document, response) };
        promised.statuses.insert(status, told);
    }
    promised
}

fn schema_of(document: &Value, described: &Value) -> Option<PlaceContract> {
    let content = described.get("content").and_then(Value::as_object);
    let mut json = content.into_iter().flatten().filter(|(media, _)| {
        BodyKind::declared_by(media) == Some(BodyKind::Json) || media.contains('*')
    });
    let schema = json.next().and_then(|(_, content)| content.get("schema"));
    let schema = schema.or_else(|| described.get("schema"));
    schema.map(|schema| place_of(document, schema, 0))
}

fn place_of(document: &Value, schema: &Value, depth: usize) -> PlaceContract {
    let mut place = PlaceContract { seen: PROMISED, ..PlaceContract::default() };
    let schema = resolve(document, schema).filter(|_| depth < DEPTH_MAX);
    let Some(schema) = schema else {
        place.is_open = true;
        return place;
    };
    let mut kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ if schema.get("properties").is_some() => vec!["object"],
        _ => Vec::new(),
    };
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        kinds.push("null");
    }
    for kind in kinds {
        let known = ["null", "boolean", "number", "integer", "string", "array", "object"];
        if let Some(kind) = known.into_iter().find(|known| *known == kind) {
            place.kinds.insert(kind, PROMISED);
        }
    }
    for word in ["allOf", "oneOf", "anyOf"] {
        let parts = schema.get(word).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            join(&mut place, place_of(document, part, depth + 1), word != "allOf");
        }
    }
    if let Some(items) = schema.get("items") {
        place.items = Some(Box::new(place_of(document, items, depth + 1)));
    }
    let required = schema.get("required").and_then(Value::as_array);
    let must = |name: &str| required.is_some_and(|all| all.iter().any(|known| known == name));
    let members = schema.get("properties").and_then(Value::as_object);
    for (name, member) in members.into_iter().flatten() {
        let shape = place_of(document, member, depth + 1);
        let told = MemberContract { present: PROMISED, is_optional: !must(name), shape };
        place.members.insert(name.clone(), told);
    }
    place.objects = if place.kinds.contains_key("object") { PROMISED } else { 0 };
    // An object without members may have any, and a schema without a type allows all.
    place.is_open |= place.members.is_empty();
    place
}

/// Adds what an alternative or a part says.
fn join(place: &mut PlaceContract, part: PlaceContract, is_alternative: bool) {
    place.kinds.extend(part.kinds);
    for (name, mut member) in part.members {
        member.is_optional |= is_alternative;
        place.members.entry(name).or_insert(member);
    }
    place.items = place.items.take().or(part.items);
    place.is_open |= part.is_open && is_alternative;
}
