//! Answers below an item that show what the item names or holds, and rows that stand in items.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::pointer::{Pointer, as_segment, at, put_at};
use super::template::SiteTemplate;

/// What stands below an item's path (`/articles/7/author`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartView {
    /// Those rows of a list whose ids stand in an array of the item.
    Rows(Pointer),
    /// The entity of a kind that a member of the item names.
    Entity(Pointer, SiteTemplate),
    /// A part of the item, and where it stands in the answer.
    Part(Pointer, Pointer),
}

/// Rows of another kind that stand in an array of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedRows {
    /// Their kind.
    pub item: SiteTemplate,
    /// The member in which they name the item; without one they lie below its path.
    pub by: Option<Box<str>>,
    /// Whether the newest stands first.
    pub is_reversed: bool,
    /// The members of a row; none where the array holds bare ids.
    pub members: FxHashSet<Box<str>>,
    /// The word of an item that has such rows, where others of its kind have none.
    pub told_by: Option<(Box<str>, Value)>,
}

impl EmbeddedRows {
    /// Whether an item has such rows.
    #[must_use]
    pub fn stand_in(&self, object: &Map<String, Value>, name: &str) -> bool {
        match &self.told_by {
            Some((member, word)) => object.get(&**member) == Some(word),
            None => object.get(name).is_some_and(Value::is_array),
        }
    }
}

/// The collection of what lies below an entity: the literals of `child` behind its last variable
/// but one.
#[must_use]
pub fn below(parent: &EntityKey, child: &SiteTemplate) -> Box<str> {
    let literals = &child.0[..child.0.len().saturating_sub(1)];
    let tail = literals.iter().rev().take_while(|segment| segment.is_some()).count();
    let mut path = match &*parent.collection {
        "" => parent.id.to_string(),
        collection => format!("{collection}\u{1f}{}", parent.id),
    };
    for literal in literals[literals.len() - tail..].iter().flatten() {
        path.push('\u{1f}');
        path.push_str(literal);
    }
    path.into()
}

/// The ids in an array: of bare ids, or of objects with an `id` of that name.
#[must_use]
pub fn ids_in(rows: &Value, id: &str) -> Option<Vec<String>> {
    let own = |row: &Value| match row {
        Value::Object(members) => as_segment(members.get(id)?),
        other => as_segment(other),
    };
    rows.as_array()?.iter().map(own).collect()
}

/// An item after a write to a part of it: PUT and PATCH set it, POST adds to an array, DELETE takes
/// from one, or takes all.
#[must_use]
pub fn with_part(
    object: &Map<String, Value>,
    (part, sent): (&Pointer, Option<&Value>),
    method: &str,
) -> Option<Map<String, Value>> {
    if part.is_empty() {
        // The item itself: what it has and was sent is changed, whatever the method.
        let sent = sent?.as_object().filter(|_| method != "DELETE")?;
        let mut object = object.clone();
        for (name, value) in &mut object {
            if let Some(new) = sent.get(name) {
                *value = new.clone();
            }
        }
        return Some(object);
    }
    let whole = Value::Object(object.clone());
    let held = at(&whole, part)?;
    let items = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    };
    let new = match (method, held, sent) {
        ("PUT" | "PATCH", _, Some(sent)) => sent.clone(),
        ("POST", Value::Array(held), Some(sent)) => {
            let mut all = held.clone();
            all.extend(items(sent).into_iter().filter(|item| !held.contains(item)));
            Value::Array(all)
        }
        ("DELETE", Value::Array(held), Some(sent)) => {
            let gone = items(sent);
            held.iter().filter(|item| !gone.contains(item)).cloned().collect()
        }
        ("DELETE", Value::Array(_), None) => Value::Array(Vec::new()),
        ("DELETE", _, None) => Value::Null,
        _ => return None,
    };
    match put_at(whole, part, new) {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
