//! `cargo fuzz run paths` (nightly), or `cargo fuzz run -s none paths` on stable; what is checked stands
//! in `checks`, which the ordinary tests run as well.
#![no_main]

#[path = "../checks/paths.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::check(input));
