//! Members that repeat another: `{"user_id": 7, "customer": {"id": 7, …}}`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::domain::json::Json;
use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::no_heap;
use crate::domain::sketch::invariant;
use crate::domain::sketch::invariant::Invariant;

/// The evidence that a member of an object within an object repeats a scalar beside that.
pub type EqualFields = Invariant<EqualFieldNames>;

/// Fingerprints of the names: the scalar, the object beside it, the member of that.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EqualFieldNames {
    /// Of the scalar.
    #[serde(rename = "m")]
    pub member: u32,
    /// Of the object beside it.
    #[serde(rename = "o")]
    pub object: u32,
    /// Of the member of that object.
    #[serde(rename = "i")]
    pub inner: u32,
}

no_heap!(EqualFieldNames);

/// Names of scalars that identify something end so, in lower case.
const ID_ENDS: [&str; 5] = ["id", "uuid", "slug", "key", "code"];

/// Fingerprints of the names and values of scalars.
type Ids = SmallVec<[(u32, u32); 4]>;

/// Compares the identifying scalars of an object with those of the objects in it.
pub fn observe(twins: &mut Vec<EqualFields>, members: &[(Cow<'_, str>, Json<'_>)]) {
    // Most objects hold none, and are done here.
    if !members.iter().any(|(_, value)| matches!(value, Json::Object(_))) {
        return;
    }
    let ids: Ids = ids_of(members).collect();
    if ids.is_empty() {
        return;
    }
    let objects: SmallVec<[(u32, Ids); 8]> = members
        .iter()
        .filter_map(|(name, value)| match value {
            Json::Object(inner) => Some((fingerprint(name), ids_of(inner).collect())),
            _ => None,
        })
        .collect();
    for (member, value) in ids {
        for (object, inner_ids) in &objects {
            for (inner, other) in inner_ids {
                let names = EqualFieldNames { member, object: *object, inner: *inner };
                invariant::note(twins, names, value, value == *other);
            }
        }
    }
    invariant::forget_chance(twins);
}

/// Fingerprints of the names and values of the scalars that identify something.
fn ids_of(members: &[(Cow<'_, str>, Json<'_>)]) -> impl Iterator<Item = (u32, u32)> {
    let id = |(name, value): &(Cow<'_, str>, Json<'_>)| {
        let id = id_of(name, value)?;
        Some((fingerprint(name), id))
    };
    members.iter().filter_map(id)
}

fn fingerprint(name: &str) -> u32 {
    hash::fingerprint(name.as_bytes())
}

/// The fingerprint of a scalar that identifies something.
fn id_of(name: &str, value: &Json<'_>) -> Option<u32> {
    let ends_so = |end: &str| {
        let from = name.len().checked_sub(end.len());
        let tail = from.and_then(|from| name.as_bytes().get(from..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
    };
    ID_ENDS.iter().find(|end| ends_so(end))?;
    match value {
        Json::Int(value) => Some(hash::fingerprint(itoa::Buffer::new().format(*value).as_bytes())),
        Json::Str(text) if !text.is_empty() => Some(hash::fingerprint(text.as_bytes())),
        _ => None,
    }
}
