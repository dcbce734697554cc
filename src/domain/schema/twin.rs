//! Members that repeat another: `{"user_id": 7, "customer": {"id": 7, …}}`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::hash;
use super::json::Json;

/// The evidence that a member of an object within an object repeats a scalar beside that.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Twin {
    /// Fingerprints of the names: the scalar, the object beside it, the member of that.
    #[serde(rename = "m")]
    pub member: u32,
    #[serde(rename = "o")]
    pub object: u32,
    #[serde(rename = "i")]
    pub inner: u32,
    #[serde(rename = "h")]
    hits: u32,
    #[serde(rename = "t")]
    trials: u32,
    /// The first value that agreed, and whether another one did.
    #[serde(rename = "f")]
    first: u32,
    #[serde(rename = "d")]
    varied: bool,
}

/// Agreements of different values before the members are kept equal.
const HITS_MIN: u32 = 5;

/// Trials after which a pair that ever disagreed often is forgotten.
const TRIALS_JUDGED: u32 = 8;

/// Pairs one object remembers.
const TWINS_MAX: usize = 4;

/// Names of scalars that identify something end so, in lower case.
const ID_ENDS: [&str; 5] = ["id", "uuid", "slug", "key", "code"];

impl Twin {
    pub fn is_active(&self) -> bool {
        // Equal means equal: one exception in fifty is a coincidence of values, not of rules.
        self.varied && self.hits >= HITS_MIN && self.hits * 50 >= self.trials * 49
    }
}

/// Compares the identifying scalars of an object with those of the objects in it.
pub fn observe(twins: &mut Vec<Twin>, members: &[(Cow<'_, str>, Json<'_>)]) {
    let mut ids = members.iter().filter_map(|(name, value)| Some((name, id_of(name, value)?)));
    let Some(first) = ids.next() else { return };
    for (member, value) in std::iter::once(first).chain(ids) {
        for (object, inner_members) in members {
            let Json::Object(inner_members) = inner_members else { continue };
            for (inner, other) in inner_members {
                let Some(other) = id_of(inner, other) else { continue };
                compare(twins, (member, object, inner), value, value == other);
            }
        }
    }
    twins.retain(|twin| twin.trials < TRIALS_JUDGED || twin.hits * 2 >= twin.trials);
}

fn compare(twins: &mut Vec<Twin>, names: (&str, &str, &str), value: u32, hit: bool) {
    let print = |name: &str| hash::fingerprint(name.as_bytes());
    let (member, object, inner) = (print(names.0), print(names.1), print(names.2));
    let same = |t: &&mut Twin| t.member == member && t.object == object && t.inner == inner;
    if let Some(twin) = twins.iter_mut().find(same) {
        twin.trials = twin.trials.saturating_add(1);
        twin.hits = twin.hits.saturating_add(u32::from(hit));
        twin.varied |= hit && twin.first != value;
    } else if hit && twins.len() < TWINS_MAX {
        twins.push(Twin { member, object, inner, hits: 1, trials: 1, first: value, varied: false });
    }
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

/// Adds the evidence of another model.
pub fn merge(twins: &mut Vec<Twin>, others: Vec<Twin>) {
    for other in others {
        let room = twins.len() < TWINS_MAX;
        let same = |t: &&mut Twin| {
            (t.member, t.object, t.inner) == (other.member, other.object, other.inner)
        };
        match twins.iter_mut().find(same) {
            Some(own) => {
                own.hits = own.hits.saturating_add(other.hits);
                own.trials = own.trials.saturating_add(other.trials);
                own.varied |= other.varied || own.first != other.first;
            }
            None if room => twins.push(other),
            None => {}
        }
    }
}
