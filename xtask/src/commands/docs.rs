//! The documentation that is made from code.

use std::process::Command;

use clap::Args;

use crate::shell::{Failure, execute};

/// Builds the documentation of the crate with warnings denied.
#[derive(Args)]
pub struct Docs {}

impl Docs {
    pub fn run(self) -> Result<(), Failure> {
        let strict = "-D warnings";
        execute(Command::new("cargo").env("RUSTDOCFLAGS", strict).args([
            "doc",
            "--no-deps",
            "--document-private-items",
            "--lib",
        ]))
    }
}
