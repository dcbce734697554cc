//! A model in the notations of others: one file each.

mod har;
mod json_schemas;
mod k6;
mod openapi;
mod operation;
mod typescript;
mod wiremock;

use std::str::FromStr;

use super::portable_model::PortableModel;

/// A notation that a model can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// The own file, gzip: all that was learned, to be read back without loss.
    Model,
    /// OpenAPI 3.1 as JSON, with drawn examples.
    Openapi,
    /// HTTP Archive 1.2 with drawn exchanges.
    Har,
    /// A schema for each body, in one document.
    JsonSchema,
    /// Types of the bodies, for clients.
    Typescript,
    /// Stub mappings with drawn answers.
    Wiremock,
    /// A load test script that asks in the mix that was seen.
    K6,
}

impl ExportFormat {
    /// Every notation with its name.
    pub const NAMED: [(&'static str, Self); 7] = [
        ("model", Self::Model),
        ("openapi", Self::Openapi),
        ("har", Self::Har),
        ("json-schema", Self::JsonSchema),
        ("typescript", Self::Typescript),
        ("wiremock", Self::Wiremock),
        ("k6", Self::K6),
    ];

    /// Media type and ending of the file.
    #[must_use]
    pub const fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::Model => ("application/vnd.stunt-double.model+gzip", "model.gz"),
            Self::Openapi => ("application/vnd.oai.openapi+json", "openapi.json"),
            Self::Har => ("application/json", "har"),
            Self::JsonSchema => ("application/schema+json", "schema.json"),
            Self::Typescript => ("text/plain; charset=utf-8", "ts"),
            Self::Wiremock => ("application/json", "wiremock.json"),
            Self::K6 => ("text/javascript; charset=utf-8", "js"),
        }
    }
}

impl FromStr for ExportFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMED.iter().find(|(name, _)| *name == text);
        found.map(|(_, format)| *format).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMED.iter().map(|(name, _)| *name).collect();
            format!("expected one of {}", names.join(", "))
        })
    }
}

/// How a model is written.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// Exchanges that a HAR gets.
    pub exchanges: usize,
    /// Seed of what is made up.
    pub seed: String,
    /// Address of the API, for documents that name one.
    pub server: String,
    /// When it is written, unix ms.
    pub at_ms: i64,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self {
            exchanges: 100,
            seed: "export".to_owned(),
            server: "http://localhost:8000".to_owned(),
            at_ms: 0,
        }
    }
}

/// Writes `model`.
#[must_use]
pub fn export(model: &PortableModel, format: ExportFormat, options: &ExportOptions) -> Vec<u8> {
    match format {
        ExportFormat::Model => model.to_bytes(),
        ExportFormat::Openapi => pretty(&openapi::document(model, options)),
        ExportFormat::Har => pretty(&har::document(model, options)),
        ExportFormat::JsonSchema => pretty(&json_schemas::document(model)),
        ExportFormat::Typescript => typescript::text(model).into_bytes(),
        ExportFormat::Wiremock => pretty(&wiremock::document(model, options)),
        ExportFormat::K6 => k6::text(model, options).into_bytes(),
    }
}

fn pretty(document: &serde_json::Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}
