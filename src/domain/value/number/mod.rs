//! Numbers: a histogram with range and decimals, and numbers drawn from it.

pub mod draw;
pub mod model;
