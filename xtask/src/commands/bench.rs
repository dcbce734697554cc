//! Is it still fast?

use clap::{Args, Subcommand};

use crate::shell::{Failure, run, script, tool};

/// Is it still fast? Ratios against reference servers, or one part alone.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    /// Passed on, e.g. `--quick` (a minute) or `--profile fast`; `--help` lists all of them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

#[derive(Subcommand)]
enum What {
    /// The parts: identifying a path, learning, publishing, drawing (`cargo bench`).
    Parts {
        /// One of `benches/`, e.g. `observe`; all of them unless given.
        name: Option<String>,
    },
    /// How late simulated and injected delays come, beside a handler that sleeps with tokio.
    Delays {
        /// Rounds of both delays.
        #[arg(default_value = "3")]
        rounds: String,
    },
    /// What the way to the backend costs beside bare awc (needs `wrk`).
    Transport {
        /// Rounds, and seconds a round.
        arguments: Vec<String>,
    },
}

impl Bench {
    pub fn run(self) -> Result<(), Failure> {
        match self.what {
            None => script("bench", &self.arguments),
            Some(What::Parts { name: None }) => run("cargo", ["bench", "--benches"]),
            Some(What::Parts { name: Some(name) }) => run("cargo", ["bench", "--bench", &name]),
            Some(What::Delays { rounds }) => tool("delay_accuracy", &[rounds]),
            Some(What::Transport { arguments }) => tool("transport_bench", &arguments),
        }
    }
}
