//! Members that are computed: from others of the same entity, or from other entities.

use serde_json::{Map, Value};

use super::template::SiteTemplate;

/// How a member is computed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Computation {
    /// The length of another member: characters of a text, items of an array.
    Length(Box<str>),
    /// Another member with something around it: `/items/7` of `7`.
    Around(Box<str>, Box<str>, Box<str>),
    /// How many entities of a kind name this one in a member.
    Naming(SiteTemplate, Box<str>),
    /// A member of the entity that another member names.
    Of {
        /// The member that names it.
        by: Box<str>,
        /// Its kind.
        item: SiteTemplate,
        /// Its member.
        member: Box<str>,
    },
    /// Members of other entities as they are now, in an object or an array of objects that each
    /// hold the id of theirs: `{"author": {"id": 7, "name": "Ada"}}`.
    Views {
        /// Their kind.
        item: SiteTemplate,
        /// The member of such an object that is the id.
        id: Box<str>,
    },
}

/// A number of an answer that counts entities of a kind, all or those with one value of a member.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// The kind of the entities.
    pub item: SiteTemplate,
    /// A member and its value.
    pub with: Option<(Box<str>, Value)>,
    /// Whether those count alone that whoever asks has made.
    pub own: bool,
}

/// The objects in a member that may be views of other entities.
pub fn objects(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    items.iter().filter_map(Value::as_object)
}

/// The length of a text or an array.
#[must_use]
pub fn length_of(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => Some(text.chars().count() as u64),
        Value::Array(items) => Some(items.len() as u64),
        _ => None,
    }
}
