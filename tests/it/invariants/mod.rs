//! The invariants of `docs/ARCHITECTURE.md`, a test each, named after them.

mod chaos;
mod conservation;
mod determinism;
mod learning;
mod lifecycle;
mod memory;
mod persistence;
mod sick_disks;
mod worlds;
