//! Randomness as a value: hashes that never change, and draws that hang on what they are for.
//!
//! Nothing here keeps state between calls or asks the system. A draw is a function of a seed and
//! of names: the same answer comes out on any worker, in any order, after a restart.
//!
//! - [`hash`]: hashes of bytes and numbers that are stored and compared;
//! - [`seed`]: seeds mixed with what must vary, and uniform numbers from them;
//! - [`keyed_rng`]: a short stream of numbers for a seed and a key;
//! - [`entity_seed`]: the seed of an entity and of its fields;
//! - [`choice`]: which of several learned alternatives an entity takes.

pub mod choice;
pub mod entity_seed;
pub mod hash;
pub mod keyed_rng;
pub mod seed;
