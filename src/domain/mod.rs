//! What is known and decided: pure rules and models.
//!
//! Nothing here knows actix, diesel, tokio, a clock or a global random source: time, randomness
//! and limits come in as arguments, so that every rule can be tested as a value.

pub mod body;
pub mod chaos;
pub mod circuit_breaker;
pub mod conversation;
pub mod cors;
pub mod endpoint;
pub mod files;
pub mod formats;
pub mod headers;
pub mod json;
pub mod latency;
pub mod matching;
pub mod media;
pub mod mode;
pub mod outcome;
pub mod overrides;
pub mod path;
pub mod portable;
pub mod privacy;
pub mod random;
pub mod request;
pub mod route_pattern;
pub mod site;
pub mod sketch;
pub mod status;
pub mod validation;
pub mod value;
pub mod variants;
pub mod words;
pub mod world;
