//! From shape to body: a learned shape compiled into a program that writes bytes.
//!
//! The program is immutable and shared by all workers. It keeps no tree of values: it walks its
//! nodes once and appends to the output. Each draw hangs on the seed of the entity and the path of
//! the field (`draw`), never on what was written before.

pub mod calibrate;
pub mod compile;
mod entity;
pub mod items;
pub mod moments;
pub mod names;
pub mod numeric;
pub mod paging;
pub mod pattern;
pub mod program;
pub mod row;
