//! What a body is, by what its content type declares.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::json::unreadable::Unreadable;
use crate::domain::sketch::heap_bytes::no_heap;

/// What a body is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum BodyKind {
    /// No bytes at all; never declared, told by the length.
    Empty,
    /// `application/json`, `text/json` and every `+json` (RFC 6839).
    Json,
    /// Any other `text/…`, JavaScript and NDJSON: learned by size and by few whole texts.
    Text,
    /// `text/html` and XHTML.
    Html,
    /// Any `…/xml` and every `+xml` (RFC 6839) but XHTML.
    Xml,
    /// `application/x-www-form-urlencoded`: learned as an object of its fields.
    Form,
    /// Anything else; also what an unknown name reads back as.
    #[default]
    #[serde(other)]
    Binary,
}

no_heap!(BodyKind, Unreadable);

impl BodyKind {
    /// The kind a content type declares; `None` for an empty one.
    pub fn declared_by(content_type: &str) -> Option<Self> {
        let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Some(match media.as_str() {
            "" => return None,
            "application/x-www-form-urlencoded" => Self::Form,
            "text/html" | "application/xhtml+xml" => Self::Html,
            "text/json" => Self::Json,
            _ if media.ends_with("/json") || media.ends_with("+json") => Self::Json,
            _ if media.ends_with("/xml") || media.ends_with("+xml") => Self::Xml,
            _ if media.starts_with("text/") => Self::Text,
            "application/javascript" | "application/x-ndjson" => Self::Text,
            _ => Self::Binary,
        })
    }
}
