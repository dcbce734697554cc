//! `corrupt`: the body is damaged, as valid JSON that breaks the contract or as no JSON at all.
//!
//! The damage itself is done by [`corrupt`], once the body is there.

pub mod damage;
mod contract;
mod document;
mod encoding;

use serde::{Deserialize, Serialize};

pub use damage::{Corrupted, corrupt};

use super::{Decision, FaultDescriptor, Plan, PlanContext, optional};
use crate::domain::chaos::plan::{Corruption, ChaosPlan};
use crate::domain::validation::{ObjectReader, word_at};

/// A body that is damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrupt {
    /// How; the first that applies to the body is used.
    pub kinds: Vec<CorruptionKind>,
}

/// One way to damage a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorruptionKind {
    /// A field that has always been there is missing.
    DropField,
    /// A value is null.
    Null,
    /// A value has another type.
    WrongType,
    /// A list is empty.
    EmptyList,
    /// A list has thousands of members.
    HugeList,
    /// A word is outside its vocabulary.
    UnknownEnum,
    /// The JSON does not parse.
    BrokenJson,
    /// The text is not in the charset it claims.
    WrongCharset,
    /// The content type is not that of the body.
    WrongContentType,
}

/// Every kind: first those that keep valid JSON (contract chaos), then those that do not.
pub const KINDS: [CorruptionKind; 9] = [
    CorruptionKind::DropField,
    CorruptionKind::Null,
    CorruptionKind::WrongType,
    CorruptionKind::EmptyList,
    CorruptionKind::HugeList,
    CorruptionKind::UnknownEnum,
    CorruptionKind::BrokenJson,
    CorruptionKind::WrongCharset,
    CorruptionKind::WrongContentType,
];
/// How many of [`KINDS`] keep valid JSON.
const CONTRACT_KINDS: usize = 6;

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "corrupt",
    summary: "damages the body: by default as valid JSON that breaks the learned contract",
    fields: &[optional(
        "kinds",
        "list of `drop_field`, `null`, `wrong_type`, `empty_list`, `huge_list`, `unknown_enum` \
         (the default: one of these), `broken_json`, `wrong_charset`, `wrong_content_type`; \
         one is drawn for each answer, another follows where it does not apply",
    )],
    example: r#"{"type": "corrupt", "kinds": ["drop_field", "null", "wrong_type"]}"#,
};

impl Corrupt {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        if !fault.has("kinds") {
            return Some(Self { kinds: KINDS.iter().take(CONTRACT_KINDS).copied().collect() });
        }
        let members = fault.list("kinds", KINDS.len());
        let kinds = members.iter().filter_map(|(value, at)| word_at(value, at, fault.problems()));
        let kinds: Vec<_> = kinds.collect();
        (!kinds.is_empty()).then_some(Self { kinds })
    }
}

impl CorruptionKind {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::DropField => "drop_field",
            Self::Null => "null",
            Self::WrongType => "wrong_type",
            Self::EmptyList => "empty_list",
            Self::HugeList => "huge_list",
            Self::UnknownEnum => "unknown_enum",
            Self::BrokenJson => "broken_json",
            Self::WrongCharset => "wrong_charset",
            Self::WrongContentType => "wrong_content_type",
        }
    }
}

impl Plan for Corrupt {
    fn decides(&self) -> Option<Decision> {
        Some(Decision::Corruption)
    }

    fn applies(&self, _: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        effects.corrupt.is_none() && !self.kinds.is_empty()
    }

    fn plan(&self, context: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        // The drawn kind first, the others as fallbacks in their order.
        let mut kinds: smallvec::SmallVec<[_; 4]> = self.kinds.iter().copied().collect();
        kinds.rotate_left(context.draws.index(self.kinds.len()));
        effects.corrupt = Some(Corruption { kinds, seed: context.draws.word() });
    }
}
