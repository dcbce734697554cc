//! This test binary as another process: one that opens, holds or writes a database.
//!
//! A child runs the test [`child_process`] alone, which does nothing unless the environment names
//! its role. It answers in lines; see [`Child::line`].

use std::fs;
use std::io::{BufRead, BufReader, Lines, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use stunt_double::store::{Batch, DatabaseUrl, open};

use super::crash;
use super::database::unprivileged_user;

const ROLE: &str = "STUNT_DOUBLE_TEST_STORE_ROLE";
const URL: &str = "STUNT_DOUBLE_TEST_STORE_URL";
/// Marks the lines of the child among those of the test harness.
const MARK: &str = "child: ";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Opens the database, says `opened` or why not, and waits until its input ends.
    Hold,
    /// Opens the database, says `opened`, then writes for ever and says the number of each batch
    /// that was acknowledged.
    Write,
}

/// A running child; killed on drop.
pub struct Child {
    process: std::process::Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Child {
    pub fn start(role: Role, url: &DatabaseUrl) -> Self {
        Self::run(Self::command(&std::env::current_exe().unwrap(), role, url)).unwrap()
    }

    /// As a user who cannot write what others own. `folder` can be read by everybody.
    pub fn start_unprivileged(role: Role, url: &DatabaseUrl, folder: &Path) -> Self {
        let exe = std::env::current_exe().unwrap();
        let Some(user) = unprivileged_user() else { return Self::start(role, url) };
        let mut command = Self::command(&exe, role, url);
        command.uid(user);
        Self::run(command).unwrap_or_else(|_| {
            // The build folder may be closed to others.
            let copy = folder.join("child");
            fs::copy(&exe, &copy).unwrap();
            let mut command = Self::command(&copy, role, url);
            command.uid(user);
            Self::run(command).unwrap()
        })
    }

    fn command(exe: &Path, role: Role, url: &DatabaseUrl) -> Command {
        let mut command = Command::new(exe);
        command
            .args(["store::child::child_process", "--exact", "--nocapture", "--test-threads=1"])
            .env(ROLE, format!("{role:?}"))
            .env(URL, crash::url_with_password(url))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    fn run(mut command: Command) -> std::io::Result<Self> {
        let mut process = command.spawn()?;
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Ok(Self { process, lines })
    }

    /// The next line of the child; none once it has ended.
    pub fn line(&mut self) -> Option<String> {
        self.lines.find_map(|line| Some(line.ok()?.strip_prefix(MARK)?.to_owned()))
    }

    /// Kills it as `kill -9` does, and gives the lines it had written.
    pub fn kill(&mut self) -> Vec<String> {
        self.process.kill().unwrap();
        let rest = std::iter::from_fn(|| self.line()).collect();
        self.process.wait().unwrap();
        rest
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            self.kill();
        }
    }
}

fn say(line: impl std::fmt::Display) {
    println!("\n{MARK}{line}");
}

#[test]
fn child_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let url: DatabaseUrl = std::env::var(URL).unwrap().parse().unwrap();
    say("opening");
    let mut store = match open(&url) {
        Ok(store) => store,
        Err(error) => return say(format!("{error:?} {error}")),
    };
    say("opened");
    if role == format!("{:?}", Role::Hold) {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    let last = crash::last_batch(&store.load().unwrap());
    for number in last + 1.. {
        let batch: Batch = crash::numbered_batch(number);
        store.write(&batch).unwrap();
        say(number);
    }
}
