//! The previous version of a synthesised entity: what a cache would still hold.
//!
//! A mock remembers nothing, so there is no earlier version to look up. But there is another draw
//! from the same model, and an entity that differs from the present one in some of its mutable
//! fields, with values that this model gives, is exactly what an earlier version looks like. What
//! identifies the entity stays; what tells its version (`updated_at`, `version`) never gets newer.
//! Which fields are older depends on their names alone: the same stale answer comes out each time.

use serde_json::Value;

use crate::domain::random::seed::hash_text;

/// The previous version of the `current` body, with values of an`other` draw; `None` when they are
/// no JSON or nothing in them can have been different.
#[must_use]
pub fn previous_version(current: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut current: Value = serde_json::from_slice(current).ok()?;
    let other: Value = serde_json::from_slice(other).ok()?;
    if !age(&mut current, &other, "", Choice::Half) && !age(&mut current, &other, "", Choice::All) {
        return None;
    }
    serde_json::to_vec(&current).ok()
}

/// Which mutable fields take the other value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// About half of them, by name.
    Half,
    /// All of them: small entities may have nothing in the half.
    All,
}

/// Ages `value`, which stands under `name`; true when something changed.
fn age(value: &mut Value, other: &Value, name: &str, choice: Choice) -> bool {
    match (value, other) {
        (Value::Object(members), Value::Object(others)) => {
            let mut changed = false;
            for (name, member) in members.iter_mut().filter(|(name, _)| !identifies(name)) {
                if let Some(other) = others.get(name) {
                    changed |= age(member, other, name, choice);
                }
            }
            changed
        }
        (Value::Array(items), Value::Array(others)) => {
            let pairs = items.iter_mut().zip(others);
            // Elements that are no objects are a value of their own: tags, coordinates.
            let pairs = pairs.filter(|(item, _)| item.is_object());
            pairs.fold(false, |changed, (item, other)| age(item, other, name, choice) | changed)
        }
        (value, other) if same_type(value, other) && value != other => {
            let takes = match tells_version(name) {
                true => is_older(other, value),
                false => choice == Choice::All || hash_text(name.as_bytes()).is_multiple_of(2),
            };
            if takes {
                *value = other.clone();
            }
            takes
        }
        _ => false,
    }
}

/// Names of what an entity keeps through all its versions.
fn identifies(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let whole = ["id", "uuid", "guid", "key", "slug", "self", "href", "url", "uri", "type", "kind"];
    whole.contains(&lower.as_str())
        || lower.starts_with("created")
        || ["_id", "-id", "_uuid", "_url", "_key"].iter().any(|end| lower.ends_with(end))
        || name.ends_with("Id")
}

/// Names of what grows with each version.
fn tells_version(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["updated", "modified", "changed", "version", "revision"].iter().any(|w| lower.contains(w))
}

fn same_type(one: &Value, other: &Value) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other) && !one.is_null()
}

/// RFC 3339 times of one zone are ordered as their texts are.
fn is_older(one: &Value, than: &Value) -> bool {
    match (one, than) {
        (Value::String(one), Value::String(than)) => one < than,
        (one, than) => match (one.as_f64(), than.as_f64()) {
            (Some(one), Some(than)) => one < than,
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn previous(current: &Value, other: &Value) -> Option<Value> {
        let bytes = previous_version(current.to_string().as_bytes(), other.to_string().as_bytes())?;
        // The same again: a cache does not change its mind.
        let again = previous_version(current.to_string().as_bytes(), other.to_string().as_bytes());
        assert_eq!(again.as_deref(), Some(bytes.as_slice()));
        serde_json::from_slice(&bytes).ok()
    }

    #[test]
    fn identity_stays_and_versions_never_get_newer() {
        let current = json!({"id": 7, "owner_id": 1, "name": "Ann", "email": "a@b", "age": 30,
            "city": "Rome", "plan": "free", "updated_at": "2026-05-02", "version": 4,
            "created_at": "2025-01-01"});
        let other = json!({"id": 8, "owner_id": 2, "name": "Bob", "email": "b@b", "age": 40,
            "city": "Oslo", "plan": "paid", "updated_at": "2026-05-01", "version": 9,
            "created_at": "2025-02-02"});
        let stale = previous(&current, &other).expect("something is older");
        for kept in ["id", "owner_id", "created_at", "version"] {
            assert_eq!(stale[kept], current[kept], "{kept}");
        }
        assert_eq!(stale["updated_at"], other["updated_at"]);
        let mutable = ["name", "email", "age", "city", "plan"];
        let changed = mutable.iter().filter(|name| stale[**name] != current[**name]).count();
        assert!((1..mutable.len()).contains(&changed), "some of it: {stale}");
    }

    #[test]
    fn small_and_nested_entities_and_lists_are_aged_too() {
        for name in ["a", "b", "c", "d"] {
            let (current, other) = (json!({"id": 1, name: 1}), json!({"id": 2, name: 2}));
            assert_eq!(previous(&current, &other), Some(json!({"id": 1, name: 2})));
        }
        let current = json!({"items": [{"id": 1, "n": 1}, {"id": 2, "n": 2}], "tags": ["x"]});
        let other = json!({"items": [{"id": 3, "n": 3}], "tags": ["y", "z"]});
        let stale = json!({"items": [{"id": 1, "n": 3}, {"id": 2, "n": 2}], "tags": ["x"]});
        assert_eq!(previous(&current, &other), Some(stale));
    }

    #[test]
    fn what_cannot_have_been_different_is_not() {
        assert_eq!(previous(&json!({"id": 1}), &json!({"id": 2})), None);
        assert_eq!(previous(&json!({"a": 1}), &json!({"a": "1"})), None);
        assert_eq!(previous(&json!({"version": 1}), &json!({"version": 2})), None);
        assert_eq!(previous_version(b"text", b"other"), None);
    }
}
