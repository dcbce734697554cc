//! From model to bytes: a model compiled into a program that writes values.
//!
//! The program is immutable and shared by all workers. It keeps no tree of values: it walks its
//! nodes once and appends to the output. Each draw hangs on the seed of the entity and the path of
//! the field, never on what was written before.

pub mod column_values;
pub mod compile;
pub mod entity;
pub mod write;
