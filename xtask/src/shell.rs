//! Running other programs from the root of the repository.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

/// What went wrong, for a person: which program, and how it ended.
pub type Failure = String;

/// The root of the repository.
pub fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or(own.clone(), PathBuf::from)
}

/// Runs a program in the root of the repository and waits for it.
///
/// # Errors
/// It is not there, or it ended with another code than 0.
pub fn run<I, S>(program: &str, arguments: I) -> Result<(), Failure>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    execute(Command::new(program).args(arguments))
}

/// Runs a prepared program in the root of the repository and waits for it.
///
/// # Errors
/// It is not there, or it ended with another code than 0.
pub fn execute(command: &mut Command) -> Result<(), Failure> {
    let shown = format!("{command:?}").replace('"', "");
    println!("$ {shown}");
    match command.current_dir(root()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` failed with {status}")),
        Err(error) => Err(format!("`{shown}` does not start: {error}")),
    }
}

/// Runs `xtask/scripts/NAME.py` with further arguments.
///
/// # Errors
/// Python is not there, or the script found something wrong.
pub fn script(name: &str, arguments: &[String]) -> Result<(), Failure> {
    let path = format!("xtask/scripts/{name}.py");
    run("python3", [path].iter().chain(arguments))
}

/// Runs a program of `tools/`, built optimised (profile `fast`), with further arguments.
///
/// # Errors
/// It does not build, or it found something wrong.
pub fn tool(name: &str, arguments: &[String]) -> Result<(), Failure> {
    let fixed = ["run", "--profile", "fast", "--package", "stunt-double-tools", "--bin", name];
    run("cargo", fixed.into_iter().chain(["--"]).chain(arguments.iter().map(String::as_str)))
}
