//! Does anybody wait for learning?

use clap::Args;

use crate::shell::{Failure, script};

/// Does anybody wait for learning? Stalls the learner under load and floods it (needs `wrk`).
#[derive(Args)]
pub struct Overload {
    /// Passed on to `xtask/scripts/overload.py`; `-- --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Overload {
    pub fn run(self) -> Result<(), Failure> {
        script("overload", &self.arguments)
    }
}
