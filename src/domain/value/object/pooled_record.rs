//! A kept record as it is written.

use crate::domain::json::Json;
use crate::domain::random::hash;
use crate::domain::value::object::record_pool::HOLE;
use crate::domain::value::relation::laws::column;

/// A record whose members are ready to be written.
#[derive(Debug, Clone, Default)]
pub(in crate::domain::value) struct PooledRecord {
    pub(in crate::domain::value) members: Box<[PooledMember]>,
}

#[derive(Debug, Clone)]
pub(in crate::domain::value) struct PooledMember {
    pub(in crate::domain::value) path: u32,
    /// `"name":`, escaped.
    pub(in crate::domain::value) name: Box<[u8]>,
    pub(in crate::domain::value) json: Box<[u8]>,
    pub(in crate::domain::value) has_hole: bool,
}

impl PooledRecord {
    pub(in crate::domain::value) fn read(json: &str) -> Option<Self> {
        let Some(Json::Object(members)) = Json::parse(json.as_bytes()) else { return None };
        let member = |(name, value): &(std::borrow::Cow<'_, str>, Json<'_>)| {
            let mut own = serde_json::to_vec(name.as_ref()).ok()?;
            own.push(b':');
            Some(PooledMember {
                path: column::short(column::step(hash::ROOT, name)),
                name: own.into(),
                json: serde_json::to_vec(value).ok()?.into(),
                has_hole: holds_hole(value),
            })
        };
        Some(Self { members: members.iter().map(member).collect::<Option<_>>()? })
    }

    pub(in crate::domain::value) fn member(&self, path: u32) -> Option<&PooledMember> {
        self.members.iter().find(|member| member.path == path)
    }
}

pub(in crate::domain::value) fn holds_hole(value: &Json<'_>) -> bool {
    match value {
        Json::Str(text) => text == HOLE,
        Json::Array(items) => items.iter().any(holds_hole),
        Json::Object(members) => members.iter().any(|(_, value)| holds_hole(value)),
        _ => false,
    }
}
