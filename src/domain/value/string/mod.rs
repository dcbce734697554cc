//! Strings: formats, character patterns, constant tokens, and strings drawn from them.
//!
//! - [`model`]: the strings of one position;
//! - [`pattern`]: a string without its content, class by class;
//! - [`constant_tokens`]: words that stand in nearly all of them;
//! - [`grammar`]: what stands in each part of strings that are no sentences;
//! - [`name_kind`]: members that hold names of people and places;
//! - [`pieces`]: the pieces that strings drawn from patterns are made of;
//! - [`structure`]: which strings have parts that are worth learning;
//! - [`draw`]: strings written by what was learned.

pub mod constant_tokens;
pub mod draw;
pub mod grammar;
pub mod model;
pub mod name_kind;
pub mod pattern;
pub mod pieces;
pub mod structure;

#[cfg(test)]
mod tests;
