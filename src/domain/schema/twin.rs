//! Members that repeat another: `{"user_id": 7, "customer": {"id": 7, …}}`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::agreement::{self, Agreement};
use super::hash;
use super::json::Json;

/// The evidence that a member of an object within an object repeats a scalar beside that.
pub type Twin = Agreement<TwinNames>;

/// Fingerprints of the names: the scalar, the object beside it, the member of that.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TwinNames {
    #[serde(rename = "m")]
    pub member: u32,
    #[serde(rename = "o")]
    pub object: u32,
    #[serde(rename = "i")]
    pub inner: u32,
}

/// Names of scalars that identify something end so, in lower case.
const ID_ENDS: [&str; 5] = ["id", "uuid", "slug", "key", "code"];

/// Compares the identifying scalars of an object with those of the objects in it.
pub fn observe(twins: &mut Vec<Twin>, members: &[(Cow<'_, str>, Json<'_>)]) {
    // Most objects hold none, and are done here.
    if !members.iter().any(|(_, value)| matches!(value, Json::Object(_))) {
        return;
    }
    let mut ids = members.iter().filter_map(|(name, value)| Some((name, id_of(name, value)?)));
    let Some(first) = ids.next() else { return };
    for (member, value) in std::iter::once(first).chain(ids) {
        for (object, inner_members) in members {
            let Json::Object(inner_members) = inner_members else { continue };
            for (inner, other) in inner_members {
                let Some(other) = id_of(inner, other) else { continue };
                let [member, object, inner] =
                    [member, object, inner].map(|name| hash::fingerprint(name.as_bytes()));
                agreement::note(twins, TwinNames { member, object, inner }, value, value == other);
            }
        }
    }
    agreement::forget_chance(twins);
}

/// The fingerprint of a scalar that identifies something.
fn id_of(name: &str, value: &Json<'_>) -> Option<u32> {
    let ends_so = |end: &str| {
        let from = name.len().checked_sub(end.len());
        from.and_then(|from| name.get(from..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    ID_ENDS.iter().find(|end| ends_so(end))?;
    match value {
        Json::Int(value) => Some(hash::fingerprint(itoa::Buffer::new().format(*value).as_bytes())),
        Json::Str(text) if !text.is_empty() => Some(hash::fingerprint(text.as_bytes())),
        _ => None,
    }
}
