//! Is anything lost?

use clap::Args;

use crate::shell::{Failure, script};

/// Is anything lost? Learns under load, kills the double, and checks what is left, again and again.
#[derive(Args)]
pub struct CrashLoop {
    /// Passed on to `xtask/scripts/crash_loop.py`; `-- --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl CrashLoop {
    pub fn run(self) -> Result<(), Failure> {
        script("crash_loop", &self.arguments)
    }
}
