//! One file per command. To add one: its file, and a line in each of the two lists below.

mod bench;
mod busy;
mod ci;
mod crash_loop;
mod docs;
mod fidelity;
mod footprint;
mod fuzz_smoke;
mod overload;
mod soak;

use clap::Subcommand;

use crate::shell::Failure;

/// The commands, as `cargo xtask --help` shows them.
#[derive(Subcommand)]
pub enum Command {
    Ci(ci::Ci),
    Bench(bench::Bench),
    Busy(busy::Busy),
    Fidelity(fidelity::Fidelity),
    Footprint(footprint::Footprint),
    FuzzSmoke(fuzz_smoke::FuzzSmoke),
    Docs(docs::Docs),
    CrashLoop(crash_loop::CrashLoop),
    Overload(overload::Overload),
    Soak(soak::Soak),
}

impl Command {
    /// Carries the command out.
    ///
    /// # Errors
    /// What a program it ran found wrong.
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::Ci(command) => command.run(),
            Self::Bench(command) => command.run(),
            Self::Busy(command) => command.run(),
            Self::Fidelity(command) => command.run(),
            Self::Footprint(command) => command.run(),
            Self::FuzzSmoke(command) => command.run(),
            Self::Docs(command) => command.run(),
            Self::CrashLoop(command) => command.run(),
            Self::Overload(command) => command.run(),
            Self::Soak(command) => command.run(),
        }
    }
}
