//! Documents of other tools, read: exchanges that teach like traffic, or priors beside the model.
//!
//! A reader never panics and never grows beyond its bounds, whatever it is given; what it cannot
//! use it counts by reason ([`DocumentReport`]).

pub mod access_log;
pub mod document_report;
pub mod har;
pub mod import_format;
mod log_line;
pub mod openapi;
pub mod postman;
pub mod schema_values;

pub use document_report::{DocumentReport, ImportError};
pub use import_format::ImportFormat;

use crate::domain::endpoint::Observation;

/// Bytes of a document that is read as a whole, unpacked. 64 MiB: the largest published OpenAPI
/// documents have a fifth of that.
pub const DOCUMENT_BYTES_MAX: u64 = 64 << 20;

/// Takes exchanges one by one; false ends the reading.
pub type Taker<'t> = dyn FnMut(Observation) -> bool + 't;
