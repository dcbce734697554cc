//! Start and memory.

use clap::Args;

use crate::shell::{Failure, script};

/// What does it cost to have around? Cold start and memory, idle and loaded (needs `wrk`).
#[derive(Args)]
pub struct Footprint {
    /// Passed on to `xtask/scripts/footprint.py`; `-- --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Footprint {
    pub fn run(self) -> Result<(), Failure> {
        script("footprint", &self.arguments)
    }
}
