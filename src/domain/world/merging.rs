//! Members that a write merges into what is there, and does not replace: objects member by member,
//! arrays by a key of their items.

use serde_json::{Map, Value};

/// Members of one item that may be its key.
const KEYS_MAX: usize = 8;

/// How a member of a write meets what is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Merging {
    /// Members of an object are added to those that are there; `null` takes one away (RFC 7396).
    Members,
    /// Items of an array replace those with the same key, and others are added.
    ByKey(Box<str>),
}

impl Merging {
    /// What is there after a value was written.
    #[must_use]
    pub fn merged(&self, before: &Value, sent: &Value) -> Value {
        match (self, before, sent) {
            (Self::Members, Value::Object(before), Value::Object(sent)) => {
                let mut all = before.clone();
                for (name, value) in sent {
                    match (all.get(name), value) {
                        (_, Value::Null) => _ = all.remove(name),
                        (Some(old @ Value::Object(_)), Value::Object(_)) => {
                            let merged = self.merged(old, value);
                            all.insert(name.clone(), merged);
                        }
                        _ => _ = all.insert(name.clone(), value.clone()),
                    }
                }
                Value::Object(all)
            }
            (Self::ByKey(key), Value::Array(before), Value::Array(sent)) => {
                let mut all = before.clone();
                for item in sent {
                    let is_same = |old: &&mut Value| {
                        item.get(&**key).is_some() && old.get(&**key) == item.get(&**key)
                    };
                    match (all.iter_mut().find(is_same), item) {
                        (Some(Value::Object(old)), Value::Object(new)) => {
                            old.extend(new.iter().map(|(name, v)| (name.clone(), v.clone())));
                        }
                        (Some(old), new) => *old = new.clone(),
                        (None, new) => all.push(new.clone()),
                    }
                }
                Value::Array(all)
            }
            _ => sent.clone(),
        }
    }

    /// The ways in which a value may be merged.
    pub fn all(sent: &Value) -> Vec<Self> {
        match sent {
            Value::Object(members) if !members.is_empty() => vec![Self::Members],
            Value::Array(items) => {
                let first = items.first().and_then(Value::as_object);
                let names = first.into_iter().flat_map(Map::keys).take(KEYS_MAX);
                names.map(|name| Self::ByKey(name.as_str().into())).collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_with_a_known_key_are_changed_and_others_are_added() {
        let by_key = Merging::ByKey("k".into());
        let before = json!([{ "k": "a", "v": 1 }, { "k": "b", "v": 2 }]);
        let sent = json!([{ "k": "b", "v": 3 }, { "k": "c", "v": 4 }]);
        let all = json!([{ "k": "a", "v": 1 }, { "k": "b", "v": 3 }, { "k": "c", "v": 4 }]);
        assert_eq!(by_key.merged(&before, &sent), all);
    }

    #[test]
    fn members_are_added_and_null_takes_one_away() {
        let before = json!({ "a": 1, "b": { "c": 2, "d": 3 } });
        let sent = json!({ "a": null, "b": { "d": 4 } });
        assert_eq!(Merging::Members.merged(&before, &sent), json!({ "b": { "c": 2, "d": 4 } }));
    }
}
