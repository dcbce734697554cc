//! Relations between a member of a row and the value of a parameter.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::member_path::MemberPath;

/// A relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal, or among the items of an array; of several, separated by commas, one of them.
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
    /// Is of a pattern as a whole, in any case: `*` and `%` stand for any text.
    Alike,
    /// Stands anywhere in the row, in any case.
    Anywhere,
}

impl Operator {
    /// All relations, in the order in which they are tried.
    pub const ALL: [Self; 12] = [
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
        Self::Alike,
        Self::Anywhere,
    ];
}

/// A text, and the number that it writes.
#[derive(Debug, Clone, Copy)]
struct WantedValue<'c> {
    text: &'c str,
    number: Option<f64>,
}

impl<'c> WantedValue<'c> {
    fn of(text: &'c str) -> Self {
        Self { text, number: text.parse().ok() }
    }

    fn is(&self, value: &Value) -> bool {
        match value {
            Value::String(own) => own == self.text,
            Value::Bool(own) => self.text.eq_ignore_ascii_case(if *own { "true" } else { "false" }),
            Value::Number(own) => self.number.is_some() && own.as_f64() == self.number,
            Value::Null => self.text == "null",
            _ => false,
        }
    }

    fn order(&self, value: &Value) -> Option<Ordering> {
        match value {
            Value::Number(own) => own.as_f64()?.partial_cmp(&self.number?),
            Value::String(own) => Some(own.as_str().cmp(self.text)),
            _ => None,
        }
    }
}

/// A relation with the member and the value that it is between, read once for all rows.
#[derive(Debug)]
pub struct RowFilter<'c> {
    operator: Operator,
    path: MemberPath<'c>,
    wanted: WantedValue<'c>,
    lower: String,
    each: Vec<WantedValue<'c>>,
    is_one_of: bool,
}

impl<'c> RowFilter<'c> {
    /// Reads the value.
    #[must_use]
    pub fn new(operator: Operator, member: &'c str, wanted: &'c str) -> Self {
        use Operator::{Different, Equal, OneOf};
        let is_parted = matches!(operator, Equal | Different | OneOf) && wanted.contains(',');
        let parts = wanted.split(',').filter(|_| is_parted);
        Self {
            operator,
            path: MemberPath::new(member),
            wanted: WantedValue::of(wanted),
            lower: wanted.to_lowercase(),
            each: parts.map(|part| WantedValue::of(part.trim())).collect(),
            is_one_of: operator == OneOf && is_parted,
        }
    }

    /// The same for rows: a value with commas means one of several where no row has the whole.
    #[must_use]
    pub fn among<'r>(mut self, rows: impl IntoIterator<Item = &'r Map<String, Value>>) -> Self {
        if !self.each.is_empty() && !self.is_one_of {
            let path = &self.path;
            self.is_one_of =
                !rows.into_iter().any(|row| path.any(row, |value| self.wanted.is(value)));
        }
        self
    }

    /// Whether a row stands in this relation.
    #[must_use]
    pub fn holds(&self, row: &Map<String, Value>) -> bool {
        match self.operator {
            Operator::Anywhere => row.values().any(|value| stands_in(value, &self.lower)),
            Operator::Different => !self.path.any(row, |value| self.is(value)),
            _ => self.path.any(row, |value| self.relates(value)),
        }
    }

    fn is(&self, value: &Value) -> bool {
        match self.is_one_of {
            true => self.each.iter().any(|one| one.is(value)),
            false => self.wanted.is(value),
        }
    }

    fn relates(&self, value: &Value) -> bool {
        let order = || self.wanted.order(value);
        let text = || value.as_str();
        match self.operator {
            Operator::Equal | Operator::OneOf => self.is(value),
            Operator::AtLeast => order().is_some_and(Ordering::is_ge),
            Operator::Above => order().is_some_and(Ordering::is_gt),
            Operator::AtMost => order().is_some_and(Ordering::is_le),
            Operator::Below => order().is_some_and(Ordering::is_lt),
            Operator::Contains => text().is_some_and(|text| contains(text, &self.lower)),
            Operator::Starts => text().is_some_and(|text| starts(text, &self.lower)),
            Operator::Matches => {
                let is_of = |one| text().is_some_and(|text| is_of_pattern(text, one, &[".*"]));
                self.wanted.text.split('|').any(is_of)
            }
            Operator::Alike => text().is_some_and(|text| {
                let has_case = text.bytes().any(|b| !b.is_ascii() || b.is_ascii_uppercase());
                let lower = if has_case { text.to_lowercase().into() } else { text.into() };
                let lower: std::borrow::Cow<'_, str> = lower;
                is_of_pattern(&lower, &self.lower, &["*", "%"])
            }),
            Operator::Different | Operator::Anywhere => false,
        }
    }
}

/// Whether a text is made of the parts between wildcards, in their order, from its start to its
/// end.
fn is_of_pattern(text: &str, pattern: &str, wildcards: &[&str]) -> bool {
    let next = |rest: &str| {
        let found = wildcards.iter().filter_map(|sign| Some((rest.find(sign)?, sign.len())));
        found.min()
    };
    let (mut rest, mut pattern) = (text, pattern);
    let mut is_first = true;
    while let Some((at, length)) = next(pattern) {
        let part = &pattern[..at];
        let found = if is_first { rest.starts_with(part).then_some(0) } else { rest.find(part) };
        let Some(found) = found else { return false };
        rest = &rest[found + part.len()..];
        pattern = &pattern[at + length..];
        is_first = false;
    }
    if is_first { rest == pattern } else { rest.ends_with(pattern) }
}

/// Whether a text contains another one in lower case, in any case.
fn contains(text: &str, lower: &str) -> bool {
    if !text.is_ascii() || !lower.is_ascii() {
        return text.to_lowercase().contains(lower);
    }
    let (text, lower) = (text.as_bytes(), lower.as_bytes());
    lower.is_empty() || text.windows(lower.len()).any(|part| part.eq_ignore_ascii_case(lower))
}

/// Whether a text starts with another one in lower case, in any case.
fn starts(text: &str, lower: &str) -> bool {
    match text.get(..lower.len()) {
        Some(part) if part.is_ascii() => part.eq_ignore_ascii_case(lower),
        _ => text.to_lowercase().starts_with(lower),
    }
}

fn stands_in(value: &Value, lower: &str) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => contains(text, lower),
        Value::Array(items) => items.iter().any(|item| stands_in(item, lower)),
        Value::Object(members) => members.values().any(|inner| stands_in(inner, lower)),
        other => other.to_string().contains(lower),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(operator: Operator, wanted: &str, value: Value, holds: bool) {
        let row = json!({ "of": value });
        let row = row.as_object().expect("an object");
        let condition = RowFilter::new(operator, "of", wanted).among([row]);
        assert_eq!(condition.holds(row), holds, "{operator:?} {wanted} {row:?}");
    }

    #[test]
    fn relations_hold_or_do_not() {
        check(Operator::Equal, "a,b", json!("b"), true);
        check(Operator::Equal, "a,b", json!("a,b"), true);
        check(Operator::Equal, "a,b", json!("c"), false);
        check(Operator::Equal, "2", json!([1, 2.0]), true);
        check(Operator::Different, "a,b", json!("b"), false);
        check(Operator::OneOf, "1,2", json!([2]), true);
        check(Operator::Above, "10", json!(9), false);
        check(Operator::Contains, "ärg", json!("Ein ÄRGER"), true);
        check(Operator::Contains, "rock", json!("Linux ROCKS"), true);
        check(Operator::Starts, "li", json!("Linux"), true);
        check(Operator::Matches, "a.*|b", json!("b"), true);
        check(Operator::Alike, "*Lin*ck%", json!("my linux ROCK here"), true);
        check(Operator::Alike, "lin%", json!("my linux"), false);
        check(Operator::Anywhere, "deep", json!({"a": ["so DEEP"]}), true);
    }

    #[test]
    fn a_value_with_commas_is_one_where_a_row_has_it() {
        let rows = [json!({"of": "a,b"}), json!({"of": "a"})];
        let rows: Vec<_> = rows.iter().filter_map(Value::as_object).collect();
        let whole = RowFilter::new(Operator::Equal, "of", "a,b").among(rows.iter().copied());
        assert!(whole.holds(rows[0]) && !whole.holds(rows[1]));
    }
}
