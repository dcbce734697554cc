//! What learning costs, and who waits for it.

use clap::Args;

use crate::shell::{Failure, script};

/// What does learning cost a request, and who waits for it under load? (needs `wrk`)
#[derive(Args)]
pub struct Busy {
    /// Passed on to `xtask/scripts/busy.py`; `-- --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Busy {
    pub fn run(self) -> Result<(), Failure> {
        script("busy", &self.arguments)
    }
}
