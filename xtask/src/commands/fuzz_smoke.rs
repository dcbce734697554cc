//! A short run of every fuzz target.

use std::process::Command;

use clap::Args;

use crate::shell::{Failure, execute, root, run};

/// Every fuzz target for some seconds (needs `cargo install cargo-fuzz`); with 0 it only builds
/// them.
#[derive(Args)]
pub struct FuzzSmoke {
    /// Seconds for each target.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
}

impl FuzzSmoke {
    pub fn run(self) -> Result<(), Failure> {
        if self.seconds == 0 {
            return run("cargo", ["check", "--package", "stunt-double-fuzz", "--bins"]);
        }
        for target in targets()? {
            // The stable compiler takes the flags of fuzzing when it is told to.
            execute(
                Command::new("cargo")
                    .env("RUSTC_BOOTSTRAP", "1")
                    // A fuzz run wants to start soon; the release profile links for minutes.
                    .env("CARGO_PROFILE_RELEASE_LTO", "off")
                    .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                    .args(["fuzz", "run", &target, "--sanitizer", "none", "--"])
                    .arg(format!("-max_total_time={}", self.seconds)),
            )?;
        }
        Ok(())
    }
}

/// The names of the targets: the files of their folder.
fn targets() -> Result<Vec<String>, Failure> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rs").map(ToOwned::to_owned))
        .collect();
    names.sort();
    Ok(names)
}
