//! What leaves this machine and what comes from others: models as files, documents of other tools,
//! and what differs between them.
//!
//! ```text
//! EndpointModels ─▶ PortableModel ─▶ export: model, openapi, har, json-schema, typescript, …
//! documents ─▶ import ─▶ exchanges (as traffic) | priors (beside the model) | models (merged)
//! PortableModel, OpenAPI ─▶ Contract ─▶ diff ─▶ findings, by severity
//! ```
//!
//! All of it is pure: readers and bytes in, values out (docs/decisions/portable.md).

pub mod diff;
pub mod export;
pub mod import;
pub mod portable_model;
pub mod synthesizer;

pub use export::{ExportFormat, ExportOptions, export};
pub use portable_model::{MODEL_VERSION, PortableEndpoint, PortableError, PortableModel};
