//! What values have to do with each other: found by evidence, kept by construction.
//!
//! - [`count_field`]: a member counts the items of an array beside it;
//! - [`equal_fields`]: a member repeats the id of an object beside it;
//! - [`time_gap`]: two times of one object keep their order and distance;
//! - [`time_order`], [`following_now`]: the times of one object drawn together;
//! - [`echo`]: a value of the request comes back;
//! - [`laws`]: what the scalars of a record have to do with each other;
//! - [`pagination`]: members say which page of a list this is;
//! - [`resource_links`]: objects of several endpoints show the same entity.

pub mod count_field;
pub mod echo;
pub mod equal_fields;
pub mod following_now;
pub mod laws;
pub mod pagination;
pub mod resource_links;
pub mod time_gap;
pub mod time_order;
