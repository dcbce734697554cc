//! Is it still faithful?

use clap::{Args, Subcommand};

use crate::shell::{Failure, script, tool};

/// Is it still faithful? One command for each of the figures of `docs/FIDELITY.md`.
#[derive(Args)]
pub struct Fidelity {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Drawn against true latencies: prints the tables, and draws the curves into a folder.
    Latency {
        /// Folder of the curves, e.g. `docs`; none are drawn unless given.
        folder: Option<String>,
    },
    /// Learned templates of recorded request logs, for their scorer; or `flood`.
    Paths {
        /// `LOGS_DIR PREDICTIONS_DIR [SIZE,SIZE…]`, or `flood`.
        #[arg(required = true)]
        arguments: Vec<String>,
    },
    /// Schemas and drawn bodies of recorded bodies, for their scorer.
    Bodies {
        /// `TRAIN_DIR OUT_DIR [RUNS]`.
        #[arg(required = true)]
        arguments: Vec<String>,
    },
    /// Proxies and plays httpbin from PyPI and compares both with the original.
    Httpbin {
        /// Passed on; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Plays Kinto from PyPI and lets its own OpenAPI document judge.
    Kinto {
        /// Passed on; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

impl Fidelity {
    pub fn run(self) -> Result<(), Failure> {
        match self.what {
            What::Latency { folder } => {
                let folder: Vec<String> = folder.into_iter().collect();
                tool("latency_fidelity", &folder)
            }
            What::Paths { arguments } => tool("path_fidelity", &arguments),
            What::Bodies { arguments } => tool("body_fidelity", &arguments),
            What::Httpbin { arguments } => script("fidelity_httpbin", &arguments),
            What::Kinto { arguments } => script("kinto_conformance", &arguments),
        }
    }
}
