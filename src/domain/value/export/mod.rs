//! What was learned, in the notations of others.

pub mod json_schema;
