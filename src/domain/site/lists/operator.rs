//! Relations between a member of a row and the value of a parameter.

use serde_json::{Map, Value};

use crate::domain::world::pointer::leaves;

/// A relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal, or among the items of an array.
    Equal,
    /// Not equal.
    Different,
    /// Not less.
    AtLeast,
    /// Greater.
    Above,
    /// Not greater.
    AtMost,
    /// Less.
    Below,
    /// Contains, in any case.
    Contains,
    /// Starts with, in any case.
    Starts,
    /// One of several, separated by commas.
    OneOf,
    /// Is of a simple pattern as a whole: texts, `.*` and alternatives.
    Matches,
    /// Stands anywhere in the row, in any case.
    Anywhere,
}

impl Operator {
    /// All relations, in the order in which they are tried.
    pub const ALL: [Self; 11] = [
        Self::Equal,
        Self::Different,
        Self::AtLeast,
        Self::Above,
        Self::AtMost,
        Self::Below,
        Self::Contains,
        Self::Starts,
        Self::OneOf,
        Self::Matches,
        Self::Anywhere,
    ];

    /// Whether a row stands in this relation.
    #[must_use]
    pub fn holds(self, row: &Map<String, Value>, member: &str, wanted: &str) -> bool {
        if self == Self::Anywhere {
            let wanted = wanted.to_lowercase();
            return row
                .values()
                .any(|value| leaves(value).iter().any(|(_, leaf)| stands_in(leaf, &wanted)));
        }
        let value = super::looked_up(row, member);
        let text = value.and_then(Value::as_str).map(str::to_lowercase);
        let order = || compare(value?, wanted);
        match self {
            Self::Equal => match value {
                Some(Value::Array(items)) => items.iter().any(|item| is_same(item, wanted)),
                Some(value) => is_same(value, wanted),
                None => false,
            },
            Self::Different => !value.is_some_and(|value| is_same(value, wanted)),
            Self::AtLeast => order().is_some_and(std::cmp::Ordering::is_ge),
            Self::Above => order().is_some_and(std::cmp::Ordering::is_gt),
            Self::AtMost => order().is_some_and(std::cmp::Ordering::is_le),
            Self::Below => order().is_some_and(std::cmp::Ordering::is_lt),
            Self::Contains => text.is_some_and(|text| text.contains(&wanted.to_lowercase())),
            Self::Starts => text.is_some_and(|text| text.starts_with(&wanted.to_lowercase())),
            Self::OneOf => value.is_some_and(|v| wanted.split(',').any(|one| is_same(v, one))),
            Self::Matches => {
                let text = value.and_then(Value::as_str);
                text.is_some_and(|text| wanted.split('|').any(|one| is_of_pattern(text, one)))
            }
            Self::Anywhere => false,
        }
    }
}

/// Whether a text is made of the parts between `.*`, in their order, from its start to its end.
fn is_of_pattern(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split(".*");
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut others = parts.peekable();
    if others.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = others.next() {
        if others.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    false
}

fn stands_in(leaf: &Value, lower: &str) -> bool {
    match leaf {
        Value::Null => false,
        Value::String(text) => text.to_lowercase().contains(lower),
        other => other.to_string().contains(lower),
    }
}

fn is_same(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Bool(own) => text.eq_ignore_ascii_case(if *own { "true" } else { "false" }),
        Value::Number(own) => text.parse::<f64>().is_ok_and(|wanted| own.as_f64() == Some(wanted)),
        _ => false,
    }
}

fn compare(value: &Value, text: &str) -> Option<std::cmp::Ordering> {
    match value {
        Value::Number(own) => own.as_f64()?.partial_cmp(&text.parse::<f64>().ok()?),
        Value::String(own) => Some(own.as_str().cmp(text)),
        _ => None,
    }
}
