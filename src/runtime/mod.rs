//! Who owns what, and when it runs.

pub mod budget;
pub mod catalog;
pub mod chaos;
pub mod clock;
pub mod directory;
pub mod endpoint;
pub mod handle;
pub mod histogram;
pub mod journal;
pub mod learning;
pub mod observation_queue;
pub mod pending;
pub mod persistence;
pub mod settings;
pub mod snapshot;
