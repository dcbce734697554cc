//! One difference, as people and machines read it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much a difference matters to those who use the API, as oasdiff has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Consumers go on as before.
    Info,
    /// Some consumers may not.
    Warning,
    /// Consumers that did all right no longer do.
    Breaking,
}

impl Severity {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Breaking => "breaking",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DriftFinding {
    /// What it does to those who use the API.
    pub severity: Severity,
    /// What kind of difference; the names are oasdiff's where it has one.
    #[schema(example = "response-required-property-removed")]
    pub code: &'static str,
    /// Method and path.
    #[schema(example = "GET /users/{id}")]
    pub endpoint: String,
    /// Where in it: a status and a JSON pointer in which `*` stands for any item.
    #[schema(example = "response 200 /items/*/email")]
    pub place: String,
    /// What is different, in a sentence.
    pub text: String,
}

impl DriftFinding {
    /// `breaking: GET /users/{id}: response 200 /email: removed (response-…-removed)`
    #[must_use]
    pub fn line(&self) -> String {
        let Self { severity, code, endpoint, place, text } = self;
        format!("{}: {endpoint}: {place}: {text} ({code})", severity.as_str())
    }
}
