//! The tests that need more than one room: black-box runs over real ports, files and databases.

mod admin;
mod architecture;
mod chaos;
mod fuzzing;
mod invariants;
mod paths;
mod realism;
mod store;
mod support;
mod transport;
