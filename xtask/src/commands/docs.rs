//! The documentation that is made from code.

use std::process::Command;

use clap::Args;

use crate::shell::{Failure, execute};

/// Writes the settings tables of `docs/REFERENCE.md` from the command line's definition, and builds
/// the documentation of the crate with warnings denied.
#[derive(Args)]
pub struct Docs {
    /// Only the tables.
    #[arg(long)]
    tables: bool,
}

impl Docs {
    pub fn run(self) -> Result<(), Failure> {
        // The test that compares the page with the code writes it when it is asked to.
        execute(Command::new("cargo").env("UPDATE_DOCS", "1").args([
            "test",
            "--quiet",
            "--test",
            "it",
            "--",
            "documentation::settings_tables",
        ]))?;
        if self.tables {
            return Ok(());
        }
        let strict = "-D warnings";
        execute(Command::new("cargo").env("RUSTDOCFLAGS", strict).args([
            "doc",
            "--no-deps",
            "--document-private-items",
            "--lib",
        ]))
    }
}
