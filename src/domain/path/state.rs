//! What a learner keeps over a restart.

use serde::{Deserialize, Serialize};

use super::shape::BodyShape;

/// The persistent form of a learner. Its size is bounded by the limits of the learner it came
/// from: at most `evidence_bytes_max` of path text and twice as much JSON around it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PathState {
    pub paths: Vec<PathSeen>,
}

/// One kept path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PathSeen {
    pub path: String,
    pub hits: u32,
    pub methods: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<BodyShape>,
}
