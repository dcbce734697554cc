//! Bounded summaries of what was seen: how often, which few values, whether it always holds.
//!
//! - [`priority_sample`]: distinct keys with their counts, unbiased however many there are;
//! - [`categories`]: the few values of a position, as long as they are few;
//! - [`invariant`]: evidence that something always holds;
//! - [`heap_bytes`]: what a model holds in memory;
//! - [`number_code`]: numbers by their first three digits.

pub mod categories;
pub mod heap_bytes;
pub mod invariant;
pub mod number_code;
pub mod priority_sample;
