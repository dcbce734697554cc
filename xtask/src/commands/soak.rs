//! Does it stay well?

use clap::Args;

use crate::shell::{Failure, script};

/// Does it stay well? Mixed load for a quarter of an hour, with figures of memory, latency and drops.
#[derive(Args)]
pub struct Soak {
    /// Passed on to `xtask/scripts/soak.py`; `-- --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Soak {
    pub fn run(self) -> Result<(), Failure> {
        script("soak", &self.arguments)
    }
}
