//! The way to a member of a row, split once and not for every row.
//!
//! An array of objects that are told apart by a word is read as an object: of
//! `matchers: [{"name": "host", "value": "a"}]` the member `matchers.name:host.value` is `a`.

use serde_json::{Map, Value};
use smallvec::SmallVec;

/// Objects one in another that are looked into.
pub const DEPTH_MAX: usize = 4;

/// The way to a member; behind each dot one of an object in it.
#[derive(Debug, Clone)]
pub struct MemberPath<'m> {
    whole: &'m str,
    steps: SmallVec<[&'m str; DEPTH_MAX]>,
}

impl<'m> MemberPath<'m> {
    /// Splits a dotted name.
    #[must_use]
    pub fn new(whole: &'m str) -> Self {
        Self { whole, steps: whole.splitn(DEPTH_MAX, '.').collect() }
    }

    /// What stands there; names may have dots themselves.
    #[must_use]
    pub fn get<'r>(&self, row: &'r Map<String, Value>) -> Option<&'r Value> {
        let Some((last, above)) = self.steps.split_last().filter(|(_, above)| !above.is_empty())
        else {
            return found(row, self.whole);
        };
        let inner = above.iter().try_fold(row, |row, step| found(row, step)?.as_object());
        inner.and_then(|inner| found(inner, last)).or_else(|| row.get(self.whole))
    }

    /// Whether something holds for what stands there, or for an item of an array on the way.
    pub fn any(&self, row: &Map<String, Value>, holds: impl Fn(&Value) -> bool) -> bool {
        fn walk(value: &Value, steps: &[&str], holds: &impl Fn(&Value) -> bool) -> bool {
            match (value, steps.split_first()) {
                (Value::Array(items), Some((step, others))) => match keyed(step) {
                    Some((name, word)) => items
                        .iter()
                        .filter(|item| item.get(name).and_then(Value::as_str) == Some(word))
                        .any(|item| walk(item, others, holds)),
                    None => items.iter().any(|item| walk(item, steps, holds)),
                },
                (Value::Array(items), None) => items.iter().any(|item| walk(item, steps, holds)),
                (Value::Object(object), Some((step, others))) => {
                    found(object, step).is_some_and(|inner| walk(inner, others, holds))
                }
                (_, Some(_)) => false,
                (value, None) => holds(value),
            }
        }
        let first = self.steps.first().and_then(|first| found(row, first));
        match (first, self.steps.get(1..)) {
            (Some(value), Some(others)) => walk(value, others, &holds),
            _ => row.get(self.whole).is_some_and(|value| walk(value, &[], &holds)),
        }
    }
}

/// A step to the item of an array whose member is a word.
fn keyed(step: &str) -> Option<(&str, &str)> {
    step.split_once(KEYED).filter(|(name, word)| !name.is_empty() && !word.is_empty())
}

/// Stands between the member that tells items apart and its word.
const KEYED: char = ':';

/// The word of the last step that has one, and the way with another word in its place.
#[must_use]
pub fn with_word<'m>(member: &'m str, other: &str) -> Option<(&'m str, String)> {
    let mut at = member.len();
    for step in member.rsplit('.') {
        at -= step.len();
        if let Some((name, word)) = keyed(step) {
            let begins = at + name.len() + KEYED.len_utf8();
            let ends = begins + word.len();
            return Some((word, format!("{}{other}{}", &member[..begins], &member[ends..])));
        }
        at = at.saturating_sub(1);
    }
    None
}

/// Members up to which it is quicker to look at each than to hash a name.
const FEW_MEMBERS: usize = 16;

/// A member of an object.
fn found<'r>(object: &'r Map<String, Value>, name: &str) -> Option<&'r Value> {
    if object.len() > FEW_MEMBERS {
        return object.get(name);
    }
    object.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Ways to the members of a row, objects opened; arrays of objects too, as filters look into them.
pub fn member_paths(row: &Map<String, Value>, note: &mut dyn FnMut(&str)) {
    fn walk(row: &Map<String, Value>, depth: usize, name: &mut String, note: &mut dyn FnMut(&str)) {
        let end = name.len();
        // A row of the list itself may have many members, objects in it are looked at in part.
        let most = if depth == 1 { usize::MAX } else { NESTED_MEMBERS_MAX };
        for (own, value) in row.iter().take(most) {
            if depth > 1 {
                name.push('.');
            }
            name.push_str(own);
            let first = match value {
                Value::Array(items) => items.first().filter(|item| item.is_object()),
                value => Some(value),
            };
            match first {
                Some(Value::Object(inner)) if depth < DEPTH_MAX => {
                    if let Value::Array(items) = value {
                        words(items, name, note);
                    }
                    walk(inner, depth + 1, name, note);
                }
                Some(Value::Object(_)) => {}
                _ => note(name),
            }
            name.truncate(end);
        }
    }
    walk(row, 1, &mut String::new(), note);
}

/// Ways into the items of an array that a word tells apart: each has it and one other scalar.
fn words(items: &[Value], name: &mut String, note: &mut dyn FnMut(&str)) {
    let is_word = |text: &str| {
        let is_sign = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        (1..=WORD_BYTES_MAX).contains(&text.len()) && text.chars().all(is_sign)
    };
    let end = name.len();
    for item in items.iter().take(WORDS_MAX).filter_map(Value::as_object) {
        let scalars = || item.iter().filter(|(_, value)| value.is_string() || value.is_number());
        if scalars().count() != 2 {
            continue;
        }
        for (by, word) in scalars().filter_map(|(by, word)| Some((by, word.as_str()?))) {
            let Some((other, _)) = scalars().find(|(other, _)| *other != by) else { continue };
            if is_word(word) {
                name.extend([".", by, ":", word, ".", other]);
                note(name);
                name.truncate(end);
            }
        }
    }
}

/// Items of one array whose words are noted, and bytes of a word.
const WORDS_MAX: usize = 8;
const WORD_BYTES_MAX: usize = 32;

/// Members of one object in a row that are looked at.
const NESTED_MEMBERS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_opens_arrays_where_any_item_will_do() {
        let row = json!({"a": {"b": {"c": {"d": 1}}}, "x.y": 2, "t": [{"k": "m"}, {"k": "n"}]});
        let row = row.as_object().expect("an object");
        assert_eq!(MemberPath::new("a.b.c.d").get(row), Some(&json!(1)));
        assert_eq!(MemberPath::new("x.y").get(row), Some(&json!(2)));
        assert_eq!(MemberPath::new("a.x").get(row), None);
        assert!(MemberPath::new("t.k").any(row, |value| *value == json!("n")));
        let mut names = Vec::new();
        member_paths(row, &mut |name| names.push(name.to_owned()));
        assert_eq!(names, ["a.b.c.d", "x.y", "t.k"]);
    }

    #[test]
    fn items_that_a_word_tells_apart_are_members_of_it() {
        let row = json!({"m": [{"name": "a", "value": "x y"}, {"name": "b", "value": "z"}]});
        let row = row.as_object().expect("an object");
        let is = |path: &str, wanted: &str| {
            MemberPath::new(path).any(row, |value| *value == json!(wanted))
        };
        assert!(is("m.name:a.value", "x y") && !is("m.name:a.value", "z"));
        assert!(!is("m.name:c.value", "z"));
        let mut names = Vec::new();
        member_paths(row, &mut |name| names.push(name.to_owned()));
        assert!(names.contains(&"m.name:b.value".to_owned()), "{names:?}");
        assert_eq!(with_word("m.name:a.value", "q"), Some(("a", "m.name:q.value".to_owned())));
        assert_eq!(with_word("m.value", "q"), None);
    }
}
