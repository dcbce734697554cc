//! How much of real values may be kept.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::sketch::heap_bytes::no_heap;

/// What of real values may be kept (`--privacy`), the least first. Secrets are kept at no level.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum PrivacyLevel {
    /// Nothing but vocabulary that shows no sign of being anybody's.
    #[default]
    Strict,
    /// Short values seen in enough different bodies, names of people among them.
    Vocabulary,
    /// Bounded pools of real values, whole texts and whole records.
    Open,
}

no_heap!(PrivacyLevel);

impl FromStr for PrivacyLevel {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "strict" => Ok(Self::Strict),
            "vocabulary" => Ok(Self::Vocabulary),
            "open" => Ok(Self::Open),
            _ => Err("expected strict, vocabulary or open"),
        }
    }
}
