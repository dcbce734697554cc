//! Which document it is, by its first bytes.

use std::str::FromStr;

use super::log_line;

/// A document that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// The own file, as [`PortableModel`](crate::domain::portable::portable_model::PortableModel)
    /// writes it.
    Model,
    /// OpenAPI 3.x and Swagger 2, as JSON or YAML.
    Openapi,
    /// HTTP Archive: exchanges with their bodies.
    Har,
    /// A Postman collection: requests, and the example answers saved with them.
    Postman,
    /// WireMock stub mappings, which become overrides.
    Wiremock,
    /// Lines of a web server's log: methods, paths and statuses without bodies.
    AccessLog,
}

/// Bytes of a document in which its marks are looked for.
pub const HEAD_BYTES: usize = 64 << 10;

impl ImportFormat {
    /// Every format with its name.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("model", Self::Model),
        ("openapi", Self::Openapi),
        ("har", Self::Har),
        ("postman", Self::Postman),
        ("wiremock", Self::Wiremock),
        ("access-log", Self::AccessLog),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = Self::NAMED.iter().find(|(_, format)| *format == self);
        found.map_or("model", |(name, _)| name)
    }

    /// What the beginning of a document says that it is; `None` when it says nothing.
    #[must_use]
    pub fn of_head(head: &[u8]) -> Option<Self> {
        let head = head.get(..HEAD_BYTES).unwrap_or(head);
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let has = |mark: &str| text.contains(mark);
        if !text.starts_with('{') {
            let yaml = |line: &str| {
                ["openapi:", "swagger:", "\"openapi\":", "'openapi':", "\"swagger\":", "'swagger':"]
                    .iter()
                    .any(|key| line.starts_with(key))
            };
            if text.lines().any(yaml) {
                return Some(Self::Openapi);
            }
            let mut lines = text.lines().take(10);
            return lines.any(|line| log_line::parse(line).is_some()).then_some(Self::AccessLog);
        }
        if has("\"stunt-double-model\"") {
            Some(Self::Model)
        } else if has("schema.getpostman.com") || has("\"_postman_id\"") {
            Some(Self::Postman)
        } else if has("\"openapi\"") || has("\"swagger\"") {
            Some(Self::Openapi)
        } else if has("\"log\"") && (has("\"entries\"") || has("\"creator\"")) {
            Some(Self::Har)
        } else if has("\"mappings\"") || (has("\"request\"") && has("\"response\"")) {
            Some(Self::Wiremock)
        } else {
            let first = text.lines().next().unwrap_or_default();
            log_line::parse(first).map(|_line| Self::AccessLog)
        }
    }
}

impl FromStr for ImportFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMED.iter().find(|(name, _)| *name == text);
        found.map(|(_, format)| *format).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMED.iter().map(|(name, _)| *name).collect();
            format!("expected one of {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_known_by_their_first_bytes() {
        let of = |text: &str| ImportFormat::of_head(text.as_bytes());
        assert_eq!(of("{\"openapi\": \"3.1.0\""), Some(ImportFormat::Openapi));
        assert_eq!(of("# note\nswagger: '2.0'\n"), Some(ImportFormat::Openapi));
        assert_eq!(of("{\"log\":{\"version\":\"1.2\",\"entries\":[]}}"), Some(ImportFormat::Har));
        assert_eq!(of("{\"mappings\": []}"), Some(ImportFormat::Wiremock));
        let line = "10.0.0.1 - - [10/Oct/2025:13:55:36 +0000] \"GET /a HTTP/1.1\" 200 5\n";
        assert_eq!(of(line), Some(ImportFormat::AccessLog));
        assert_eq!(of("{\"method\":\"GET\",\"path\":\"/a\",\"status\":200}"), {
            Some(ImportFormat::AccessLog)
        });
        assert_eq!(of("hello"), None);
    }
}
