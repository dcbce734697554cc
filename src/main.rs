//! The binary: reads the command line, runs the command, ends with its exit code.

use std::process::ExitCode;

use stunt_double::app;
use stunt_double::config::{self, CliExit};

fn main() -> ExitCode {
    match config::parse(std::env::args_os()) {
        Ok(cli) => app::run(cli.command),
        Err(CliExit::Shown(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(CliExit::Invalid(line)) => {
            eprintln!("stunt-double: {line}");
            ExitCode::from(app::EXIT_USAGE)
        }
    }
}
