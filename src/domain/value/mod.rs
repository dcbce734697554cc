//! Values as learned and drawn, a folder for each kind of value.
//!
//! A [`model::ValueModel`] is what one position of a document has held: counts per kind and, per
//! kind, a bounded sketch. Models nest as documents do, merge (`merge(a, b)` = having seen both
//! streams) and hold no text that was not seen in several bodies.
//!
//! ```text
//! {"id": 7, "tags": ["x"]}      ValueModel: object
//!                                ├─ "id"    number: histogram, decimals, categories
//!                                ├─ "tags"  array: lengths ─ items: string: patterns, …
//!                                └─ rows    which members came together, and with what values
//! ```
//!
//! The same five verbs stand in each folder:
//!
//! | verb | takes | where |
//! | --- | --- | --- |
//! | observe | one value of one body | `<kind>/model` |
//! | merge | what another model learned | `<kind>/model` |
//! | compile | the model, into nodes of a program | [`program::compile`], `<kind>/draw` |
//! | draw | a seed and a place, into bytes | `<kind>/draw`, [`program::write`] |
//! | export | the model, as JSON Schema | [`export`] |
//!
//! What members have to do with each other and with the request is in [`relation`]. What a string
//! may be (a UUID, a time) is a row of [`formats`](crate::domain::formats).

pub mod array;
pub mod export;
pub mod limits;
pub mod model;
pub mod number;
pub mod object;
pub mod observe_context;
pub mod program;
pub mod relation;
pub mod string;
mod tighten;
pub mod time;
