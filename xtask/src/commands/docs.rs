//! The documentation that is made from code.

use std::process::Command;

use clap::Args;

use crate::shell::{Failure, execute};

/// Writes the tables that are made from code (`docs/REFERENCE.md`), and builds the documentation of
/// the crate with warnings denied.
#[derive(Args)]
pub struct Docs {}

impl Docs {
    #[expect(clippy::unused_self, reason = "every command is run like this")]
    pub fn run(self) -> Result<(), Failure> {
        // The test that compares the tables writes them when it is told to.
        execute(Command::new("cargo").env("WRITE_DOCS", "1").args([
            "test",
            "--test",
            "it",
            "--",
            "architecture::reference",
        ]))?;
        let strict = "-D warnings";
        execute(Command::new("cargo").env("RUSTDOCFLAGS", strict).args([
            "doc",
            "--no-deps",
            "--document-private-items",
            "--lib",
        ]))
    }
}
