//! The way to a member of a row, split once and not for every row.

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
                (Value::Array(items), _) => items.iter().any(|item| walk(item, steps, holds)),
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
}
