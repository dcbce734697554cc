//! The habits of this project, one command each.
//!
//! `cargo xtask --help` lists them; a command is a file in `commands/`.
//! What a command needs besides cargo (Python, `wrk`, `cargo-fuzz`) stands in its help.

mod commands;
mod shell;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// What developers of the double run, one command a habit.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
