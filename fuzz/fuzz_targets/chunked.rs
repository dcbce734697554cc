//! `cargo fuzz run chunked` (nightly), or `cargo fuzz run -s none chunked` on stable; what is checked stands
//! in `checks`, which the ordinary tests run as well.
#![no_main]

#[path = "../checks/chunked.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::check(input));
