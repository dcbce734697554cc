//! The tree of templates as readers hold it: immutable, shared, walked without waiting.
//!
//! ```text
//! template   a template as text, and its parameters       trie       nodes, and the walk
//! capture    the values a path gives to a template        path_tree  the snapshot: identify, guess
//! pin        a template that a person gave                explain    why a path reads as it does
//!                                                         nearest    did you mean
//! ```

pub mod capture;
pub mod explain;
mod nearest;
pub mod path_tree;
pub mod pin;
pub mod segment_reason;
pub mod template;
pub mod trie;
