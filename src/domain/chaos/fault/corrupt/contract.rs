//! Damage that keeps valid JSON: what a careless deployment does to its consumers.

use std::ops::Range;

use serde_json::Value;

use super::document::{ParsedDocument, Kind, ParsedValue, allows};
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::chaos::fault::corrupt::CorruptionKind;

/// Members of a huge list: past every page size, far from exhausting a client.
const HUGE_LIST_MEMBERS: usize = 10_000;
/// A huge list stops growing here.
const HUGE_LIST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The damaged text and where it was damaged; `None` when no value offers itself.
pub fn breach(
    document: &ParsedDocument<'_>,
    kind: CorruptionKind,
    draws: &mut KeyedRng,
) -> Option<(Vec<u8>, String)> {
    let places = document.nodes.iter().enumerate();
    let places: Vec<_> =
        places.filter_map(|(at, node)| offers(document, node, kind).then_some(at)).collect();
    let at = *places.get(draws.index(places.len()))?;
    let node = document.nodes.get(at)?;
    let bytes = match kind {
        CorruptionKind::DropField => document.replaced(&member_span(document, node), ""),
        CorruptionKind::Null => document.replaced(&node.span, "null"),
        CorruptionKind::WrongType => document.replaced(&node.span, &wrong_type(document, node)?),
        CorruptionKind::EmptyList => document.replaced(&node.span, "[]"),
        CorruptionKind::HugeList => document.replaced(&node.span, &huge_list(document, node)),
        CorruptionKind::UnknownEnum => {
            document.replaced(&node.span, &unknown_word(document, node)?)
        }
        _ => return None,
    };
    Some((bytes, document.pointer(at)))
}

/// Whether this kind of damage to this value would be a breach.
fn offers(document: &ParsedDocument<'_>, node: &ParsedValue<'_>, kind: CorruptionKind) -> bool {
    if node.span.is_empty() {
        return false;
    }
    let inner = node.parent.is_some();
    match kind {
        CorruptionKind::DropField => is_required(document, node),
        CorruptionKind::Null => {
            let nullable = node.schema.is_some_and(|schema| allows(schema, Kind::Null));
            inner && node.kind != Kind::Null && !nullable
        }
        CorruptionKind::WrongType => inner && wrong_type(document, node).is_some(),
        CorruptionKind::EmptyList | CorruptionKind::HugeList => {
            node.kind == Kind::Array && node.children > 0
        }
        CorruptionKind::UnknownEnum => inner && unknown_word(document, node).is_some(),
        _ => false,
    }
}

/// A member that its object's schema requires; without a schema every member counts.
fn is_required(document: &ParsedDocument<'_>, node: &ParsedValue<'_>) -> bool {
    let Some(name) = document.name(node) else { return false };
    let parent = node.parent.and_then(|parent| document.nodes.get(parent));
    let Some(schema) = parent.and_then(|parent| parent.schema) else { return true };
    let Some(Value::Array(required)) = schema.get("required") else { return false };
    required.iter().any(|required| required.as_str() == Some(&*name))
}

/// A member with its name and one of the commas beside it.
fn member_span(document: &ParsedDocument<'_>, node: &ParsedValue<'_>) -> Range<usize> {
    let bytes = document.text.as_bytes();
    let start = node.name.as_ref().map_or(node.span.start, |name| name.start);
    let space = |byte: &&u8| b" \t\r\n".contains(byte);
    let after = bytes.iter().skip(node.span.end).take_while(space).count() + node.span.end;
    if bytes.get(after) == Some(&b',') {
        let next = bytes.iter().skip(after + 1).take_while(space).count() + after + 1;
        return start..next;
    }
    let before = bytes.iter().take(start).rev().take_while(space).count();
    let comma = (start - before).saturating_sub(1);
    if bytes.get(comma) == Some(&b',') { comma..node.span.end } else { start..node.span.end }
}

/// The value as a type that is not allowed here: first what a sloppy serialiser would make of it.
fn wrong_type(document: &ParsedDocument<'_>, node: &ParsedValue<'_>) -> Option<String> {
    let quoted = || format!("\"{}\"", document.slice(&node.span));
    let options: [(Kind, String); 2] = match node.kind {
        Kind::Null => return None,
        Kind::Number | Kind::Boolean => [(Kind::String, quoted()), (Kind::Object, "{}".into())],
        Kind::String => [(Kind::Number, "0".into()), (Kind::Object, "{}".into())],
        Kind::Object => [(Kind::Array, "[]".into()), (Kind::String, "\"\"".into())],
        Kind::Array => [(Kind::Object, "{}".into()), (Kind::String, "\"\"".into())],
    };
    let allowed = |kind: Kind| node.schema.is_some_and(|schema| allows(schema, kind));
    options.into_iter().find(|(kind, _)| !allowed(*kind)).map(|(_, text)| text)
}

/// The list's members over and over.
fn huge_list(document: &ParsedDocument<'_>, node: &ParsedValue<'_>) -> String {
    let inside = node.span.start + 1..node.span.end - 1;
    let members = document.slice(&inside).trim();
    let times = (HUGE_LIST_MEMBERS.div_ceil(node.children))
        .min(HUGE_LIST_BYTES_MAX / (members.len() + 1))
        .max(2);
    let mut list = String::with_capacity(times * (members.len() + 1) + 1);
    for time in 0..times {
        list.push(if time == 0 { '[' } else { ',' });
        list.push_str(members);
    }
    list.push(']');
    list
}

/// A word that the vocabulary does not know, in the style of the one that stood there.
fn unknown_word(document: &ParsedDocument<'_>, node: &ParsedValue<'_>) -> Option<String> {
    let Some(Value::Array(known)) = vocabulary(node.schema?) else { return None };
    let word: String = serde_json::from_str(document.slice(&node.span)).ok()?;
    let shouted = word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase);
    let mut unknown = String::from(if shouted { "UNKNOWN" } else { "unknown" });
    // Ends, since the vocabulary does.
    while known.iter().any(|known| known.as_str() == Some(&unknown)) {
        unknown.push_str(if shouted { "_X" } else { "_x" });
    }
    Some(format!("\"{unknown}\""))
}

/// The schema's `enum`, of itself or of the alternative for text.
fn vocabulary(schema: &Value) -> Option<&Value> {
    let of_text = |alternatives: &'_ Value| {
        alternatives.as_array()?.iter().position(|schema| allows(schema, Kind::String))
    };
    schema.get("enum").or_else(|| {
        let alternatives = schema.get("anyOf")?;
        alternatives.get(of_text(alternatives)?)?.get("enum")
    })
}
