//! Leaves of documents with the place that they share with their like in other documents.

use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::domain::world::pointer::{Pointer, PointerStep};

/// Items of one array that are looked at; markup has a piece for each value.
const ITEMS_MAX: usize = 400;

/// Leaves of one document that are looked at.
const LEAVES_MAX: usize = 4_000;

/// A leaf: where it and its like stand, the first item on the way to it, its value.
pub type Row<'v> = (Pointer, usize, &'v Value);

/// Every scalar of a document.
#[must_use]
pub fn rows(tree: &Value) -> Vec<Row<'_>> {
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), None, &mut found);
    found
}

fn walk<'v>(value: &'v Value, at: &mut Pointer, item: Option<usize>, found: &mut Vec<Row<'v>>) {
    if found.len() >= LEAVES_MAX {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                at.push(PointerStep::Member(name.as_str().into()));
                walk(inner, at, item, found);
                at.pop();
            }
        }
        Value::Array(items) if is_vector(items) => {}
        Value::Array(items) => {
            at.push(PointerStep::Each);
            for (n, inner) in items.iter().take(ITEMS_MAX).enumerate() {
                walk(inner, at, item.or(Some(n)), found);
            }
            at.pop();
        }
        leaf => found.push((at.clone(), item.unwrap_or(0), leaf)),
    }
}

/// Numbers of an array from which it is one value, e.g. an embedding.
const VECTOR_ITEMS_MIN: usize = 32;

fn is_vector(items: &[Value]) -> bool {
    items.len() >= VECTOR_ITEMS_MIN && items.iter().all(Value::is_number)
}

/// The names of all members of a document.
pub fn member_names(tree: &Value, names: &mut FxHashSet<String>) {
    match tree {
        Value::Object(members) => {
            for (name, inner) in members {
                if !names.contains(name) {
                    names.insert(name.clone());
                }
                member_names(inner, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|inner| member_names(inner, names)),
        _ => {}
    }
}

/// Every array of a document: where it and its like stand, and how many items it has.
#[must_use]
pub fn arrays(tree: &Value) -> Vec<(Pointer, usize)> {
    fn walk(value: &Value, at: &mut Pointer, found: &mut Vec<(Pointer, usize)>) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members {
                    at.push(PointerStep::Member(name.as_str().into()));
                    walk(inner, at, found);
                    at.pop();
                }
            }
            Value::Array(items) if found.len() < ITEMS_MAX => {
                found.push((at.clone(), items.len()));
                at.push(PointerStep::Each);
                items.iter().take(ITEMS_MAX).for_each(|inner| walk(inner, at, found));
                at.pop();
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}
