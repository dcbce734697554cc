//! The double as users start it: a process of its own, killed on drop.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

pub struct Process {
    child: Child,
    pub addr: SocketAddr,
    stderr: tempfile::NamedTempFile,
}

impl Process {
    /// Starts it on a free port, with a database in memory and these arguments and variables.
    pub fn start_with<'a>(
        args: &[&str],
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let stderr = tempfile::NamedTempFile::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_stunt-double"))
            .env_clear()
            .args(["--listen", "127.0.0.1:0", "--database-url", "sqlite://:memory:"])
            .args(args)
            .envs(variables)
            .stdout(Stdio::piped())
            .stderr(stderr.reopen().unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addr = line.trim().rsplit('/').next().unwrap().parse();
        let addr = addr.unwrap_or_else(|_| {
            panic!("no address in {line:?}: {}", std::fs::read_to_string(stderr.path()).unwrap())
        });
        Self { child, addr, stderr }
    }

    /// What it wrote to stderr so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.stderr.path()).unwrap()).into_owned()
    }

    /// Id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
