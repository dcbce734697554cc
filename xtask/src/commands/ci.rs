//! What a reviewer runs.

use clap::Args;

use crate::shell::{Failure, run};

/// Format, lints, documentation, licences, then all tests: what `.ci/run` does on a fresh machine.
#[derive(Args)]
pub struct Ci {
    /// Stops before the tests and the documentation: two minutes instead of ten.
    #[arg(long)]
    quick: bool,
}

impl Ci {
    pub fn run(self) -> Result<(), Failure> {
        if !self.quick {
            return run("bash", [".ci/run"]);
        }
        run("cargo", ["fmt", "--all", "--check"])?;
        run("cargo", ["clippy", "--all-targets", "--locked", "--", "-D", "warnings"])?;
        run("cargo", ["test", "--test", "it", "--", "architecture"])
    }
}
