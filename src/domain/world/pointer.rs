//! Places inside JSON documents, and walks over them.

use serde_json::{Map, Value};

/// Items of one array that a walk looks at.
const ITEMS_MAX: usize = 50;

/// Leaves of one document that a walk looks at.
const LEAVES_MAX: usize = 2_000;

/// One step from a document towards a place in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PointerStep {
    /// A member of an object.
    Member(Box<str>),
    /// An item of an array.
    Item(usize),
    /// Any item of an array.
    Each,
}

impl PointerStep {
    /// The member's name, or nothing for items.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        match self {
            Self::Member(name) => Some(name),
            Self::Item(_) | Self::Each => None,
        }
    }
}

/// A place in a document.
pub type Pointer = Vec<PointerStep>;

/// A pointer of one member.
#[must_use]
pub fn member(name: &str) -> Pointer {
    vec![PointerStep::Member(name.into())]
}

/// A pointer written for people, e.g. `data.title`.
#[must_use]
pub fn dotted(pointer: &[PointerStep]) -> String {
    let step = |step: &PointerStep| match step {
        PointerStep::Member(name) => name.to_string(),
        PointerStep::Item(at) => at.to_string(),
        PointerStep::Each => "[]".to_owned(),
    };
    pointer.iter().map(step).collect::<Vec<_>>().join(".")
}

/// The name of the last member on the way to a place.
#[must_use]
pub fn last_member(pointer: &[PointerStep]) -> Option<&str> {
    pointer.iter().rev().find_map(PointerStep::member)
}

/// What stands directly in a value, each with the step to it; of an array the first items.
fn children(value: &Value) -> impl Iterator<Item = (PointerStep, &Value)> {
    let member = |(name, inner): (&String, _)| (PointerStep::Member(name.as_str().into()), inner);
    let item = |(n, inner)| (PointerStep::Item(n), inner);
    let members = value.as_object().into_iter().flatten().map(member);
    members.chain(value.as_array().into_iter().flatten().take(ITEMS_MAX).enumerate().map(item))
}

/// Every scalar of a document with its place; empty arrays and objects have none.
#[must_use]
pub fn leaves(value: &Value) -> Vec<(Pointer, &Value)> {
    fn walk<'v>(value: &'v Value, at: &mut Pointer, found: &mut Vec<(Pointer, &'v Value)>) {
        if found.len() >= LEAVES_MAX {
            return;
        }
        if !value.is_object() && !value.is_array() {
            found.push((at.clone(), value));
        }
        for (step, inner) in children(value) {
            at.push(step);
            walk(inner, at, found);
            at.pop();
        }
    }
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut found);
    found
}

/// Every member of a document with its place; the items of an array share one.
#[must_use]
pub fn members(value: &Value) -> Vec<(Pointer, &Value)> {
    fn walk<'v>(value: &'v Value, at: &mut Pointer, found: &mut Vec<(Pointer, &'v Value)>) {
        if found.len() >= LEAVES_MAX {
            return;
        }
        for (step, inner) in children(value) {
            at.push(if matches!(step, PointerStep::Item(_)) { PointerStep::Each } else { step });
            found.push((at.clone(), inner));
            walk(inner, at, found);
            at.pop();
        }
    }
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut found);
    found
}

/// What stands at a place.
#[must_use]
pub fn at<'v>(value: &'v Value, pointer: &[PointerStep]) -> Option<&'v Value> {
    pointer.iter().try_fold(value, |value, step| match step {
        PointerStep::Member(name) => value.as_object()?.get(&**name),
        PointerStep::Item(n) => value.as_array()?.get(*n),
        PointerStep::Each => None,
    })
}

/// The document with another value at a place; objects on the way are made where they lack.
#[must_use]
pub fn put_at(document: Value, pointer: &[PointerStep], new: Value) -> Value {
    let Some((step, rest)) = pointer.split_first() else { return new };
    match (step, document) {
        (PointerStep::Item(n), Value::Array(mut items)) => {
            if let Some(item) = items.get_mut(*n) {
                *item = put_at(item.take(), rest, new);
            }
            Value::Array(items)
        }
        (PointerStep::Member(name), document) => {
            let mut members = match document {
                Value::Object(members) => members,
                _ => Map::new(),
            };
            let inner = members.get_mut(&**name).map_or(Value::Null, Value::take);
            members.insert(name.to_string(), put_at(inner, rest, new));
            Value::Object(members)
        }
        (_, document) => document,
    }
}

/// The JSON types that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array.
    List,
    /// An object.
    Object,
}

/// Whether an array or an object has nothing in it.
#[must_use]
pub fn is_bare(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

/// The type of a value.
#[must_use]
pub const fn kind(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Bool,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::Text,
        Value::Array(_) => Kind::List,
        Value::Object(_) => Kind::Object,
    }
}

/// A text or a whole number as it is written in a path; nothing for other values.
#[must_use]
pub fn as_segment(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// The id that a member says, or that stands in an object that it is.
#[must_use]
pub fn named_id(value: &Value) -> Option<String> {
    match value {
        Value::Object(object) => as_segment(object.get("id").or_else(|| object.get("_id"))?),
        value => as_segment(value),
    }
}

/// Whether a value is written like this in a path.
#[must_use]
pub fn is_written(value: &Value, segment: &str) -> bool {
    match value {
        Value::String(text) => text == segment,
        Value::Number(_) => as_segment(value).is_some_and(|text| text == segment),
        _ => false,
    }
}

/// `segment` with the type that `like` has.
#[must_use]
pub fn typed_like(segment: &str, like: Option<&Value>) -> Value {
    match (like, segment.parse::<i64>()) {
        (Some(Value::Number(_)), Ok(number)) => number.into(),
        _ => segment.into(),
    }
}

/// Whether a value is a flag or a short text: one of a few that tell things apart.
#[must_use]
pub fn is_word(value: &Value, bytes_max: usize) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::String(text) => text.len() <= bytes_max,
        _ => false,
    }
}

/// Arrays of objects in a document, at most two levels deep.
#[must_use]
pub fn arrays(document: &Value) -> Vec<(Pointer, &[Value])> {
    fn walk<'v>(value: &'v Value, at: &mut Pointer, found: &mut Vec<(Pointer, &'v [Value])>) {
        match value {
            Value::Array(items) if items.iter().all(Value::is_object) => {
                found.push((at.clone(), items));
            }
            Value::Object(members) if at.len() < 2 => {
                for (name, inner) in members {
                    at.push(PointerStep::Member(name.as_str().into()));
                    walk(inner, at, found);
                    at.pop();
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(document, &mut Vec::new(), &mut found);
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_put_somewhere_is_found_there() {
        let place = vec![PointerStep::Member("data".into()), PointerStep::Member("id".into())];
        let document = put_at(json!({"data": {"title": "a"}}), &place, json!(7));
        assert_eq!(at(&document, &place), Some(&json!(7)));
        assert_eq!(document["data"]["title"], "a");
        assert_eq!(dotted(&place), "data.id");
    }

    #[test]
    fn arrays_of_objects_are_found_in_envelopes() {
        let found = json!({"data": [{"id": 1}], "tags": ["a"], "deep": {"rows": [{}]}});
        let places: Vec<String> = arrays(&found).iter().map(|(at, _)| dotted(at)).collect();
        assert_eq!(places, ["data", "deep.rows"]);
    }
}
