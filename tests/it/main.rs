//! The tests that need more than one room: black-box runs over real ports, files and databases.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by them")]
#![allow(clippy::disallowed_types, reason = "a lock that is poisoned by a panic fails the test")]

mod admin;
mod architecture;
mod chaos;
mod console;
mod fuzzing;
mod http2;
mod invariants;
mod overrides;
mod paths;
mod portable;
mod readme;
mod realism;
mod routes;
mod store;
mod support;
mod transport;
