//! Arrays: lengths, the model of the items and their order, and arrays drawn.

pub mod draw;
pub mod drawn_ids;
pub mod model;
pub mod sorted;
