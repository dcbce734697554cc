//! Words: how names are cut into them, which of them are everybody's, and made-up ones.
//!
//! - [`split`]: the one splitter of names, and names compared however they are written;
//! - [`speaks_of`]: whether a sentence speaks of a member;
//! - [`public`]: words that every API uses, which say nothing about anybody;
//! - [`api`]: words that path segments are made of;
//! - [`filler`]: made-up words for text;
//! - [`names`]: names of people and places;
//! - [`given_names`]: by which people are told from places.

pub mod api;
pub mod filler;
pub mod given_names;
pub mod names;
pub mod own_address;
pub mod public;
pub mod speaks_of;
pub mod split;
