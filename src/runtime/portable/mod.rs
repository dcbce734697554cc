//! What leaves and enters a running double as files and documents.
//!
//! Owns what was imported (so that nothing is imported twice) and the named models that drift is
//! measured against; both are read by the admin and the command line alone.

pub mod baselines;
pub mod drift;
pub mod drift_watch;
pub mod exports;
pub mod imports;
