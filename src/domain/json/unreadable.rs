//! Why a body teaches nothing but its type and size.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a body that should be JSON cannot be read as it.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Unreadable {
    /// Longer than what is looked at (`--learn-body-max-bytes`), or cut short.
    TooLong,
    /// Its content coding is unknown or damaged.
    ContentCoding,
    /// Its charset is unknown.
    Charset,
    /// Nested deeper than a reader follows.
    TooDeep,
    /// It is no JSON; also what an unknown name reads back as.
    #[default]
    #[serde(other)]
    Syntax,
}
