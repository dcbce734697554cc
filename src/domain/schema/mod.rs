//! The shape of JSON as learned: everything that went by at each position, merged.
//!
//! A [`shape::Shape`] is what one position of a document has held: counts per type and, per type,
//! a bounded sketch. Shapes nest as the documents do, merge (`merge(a, b)` = having seen both
//! streams) and hold no value that was not seen in several bodies (`vocabulary`, `gate`).
//!
//! ```text
//! {"id": 7, "tags": ["x"]}      Shape object
//!                                ├─ "id"    Shape number: histogram, decimals, vocabulary
//!                                ├─ "tags"  Shape array: lengths ─ item Shape text: masks, …
//!                                └─ rows    which members came together, and with what values
//! ```

pub mod array;
pub mod counter;
pub mod epoch;
pub mod export;
pub mod lapse;
pub mod mask;
pub mod number;
pub mod object;
pub mod observe;
pub mod paging;
pub mod row;
pub mod shape;
pub mod standing;
pub mod text;
pub mod twin;
