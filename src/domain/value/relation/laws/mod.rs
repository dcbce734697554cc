//! Laws of a record: what its members have to do with each other, across the objects in it.
//!
//! A record is the document itself or an item of a list, with all objects in it; its scalars are
//! columns ([`mod@column`]). Hypotheses about them are made from the first records and die with the
//! first record that contradicts them (as in Daikon: Ernst et al., "Dynamically discovering likely
//! program invariants", 2001); what has outlived enough different ones is a law:
//!
//! - [`derivation`]: a text is made of other columns ([`transform`]): a full name, a slug, a link;
//! - [`arithmetic`]: a number follows from others: a total, a share, a count of items, nights;
//! - [`table`]: one value always goes with another: the code of a country with its name;
//! - [`order`]: one number or time is never above another.
//!
//! [`model`] learns them, [`plan`] puts those that hold into an order in which each can be kept,
//! and [`repair`] makes a drawn record keep them. No text of a single record is kept: constants of
//! a derivation are fingerprints until they have the support of any other text.

pub mod arithmetic;
pub mod column;
pub mod derivation;
pub mod model;
pub mod order;
pub mod plan;
pub mod repair;
pub mod table;
pub mod transform;

#[cfg(test)]
mod tests;
