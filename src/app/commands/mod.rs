//! What each command does, from the first line it prints to its exit code: one file a command.

mod admin_client;
mod check;
mod check_report;
mod demo;
mod diff;
mod export;
mod health;
mod import;
mod mcp;
mod run;
mod serve;

use std::io::Write;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use super::{App, EXIT_FAILURE, EXIT_USAGE, StartError, announcement, logging};
use crate::config::{Command, LogFormat, Settings};

/// Runs a command to its end.
#[must_use]
pub fn run(command: Command) -> ExitCode {
    match command {
        Command::Serve(settings) => {
            logging::start(settings.log_format);
            finish(actix::System::new().block_on(serve::run(*settings)))
        }
        Command::Demo { settings, backend_port, backend_only, renamed } => {
            logging::start(settings.log_format);
            let system = actix::System::new();
            if backend_only {
                finish(system.block_on(demo::backend_alone(settings.listen, renamed)))
            } else {
                finish(system.block_on(demo::tour(*settings, backend_port, renamed)))
            }
        }
        Command::Health { url } => health::run(&url),
        Command::Export(args) => finish(export::run(&args)),
        Command::Import(args) => finish(import::run(*args)),
        Command::Check(args) => check::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Run(args) => run::run(*args),
        Command::Mcp(args) => {
            logging::start(LogFormat::Text);
            finish(mcp::run(*args))
        }
    }
}

/// How a command ended early: its line and its exit code.
struct Ended {
    line: String,
    code: u8,
}

impl Ended {
    /// Something failed while it ran.
    fn failed(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: EXIT_FAILURE }
    }

    /// Something was asked for that cannot be.
    fn usage(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: EXIT_USAGE }
    }
}

impl From<StartError> for Ended {
    fn from(error: StartError) -> Self {
        Self { line: error.to_string(), code: error.exit_code() }
    }
}

impl From<std::io::Error> for Ended {
    fn from(error: std::io::Error) -> Self {
        Self { line: error.to_string(), code: EXIT_FAILURE }
    }
}

fn finish(outcome: Result<(), Ended>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended { line, code }) => {
            eprintln!("stunt-double: {line}");
            ExitCode::from(code)
        }
    }
}

/// Starts the double and says on stdout what it is and where.
async fn start(settings: Settings) -> Result<App, Ended> {
    let told = settings.clone();
    let app = App::start(settings).await?;
    // At once, so that whoever reads only the first line does not end the process.
    let mut out = std::io::stdout();
    out.write_all(announcement::text(&told, &app.facts()).as_bytes())?;
    out.flush()?;
    Ok(app)
}

async fn stop(app: App) -> Result<(), Ended> {
    log::info!("stopping");
    app.stop().await.map_err(|line| Ended { line, code: EXIT_FAILURE })?;
    log::info!("stopped");
    Ok(())
}

/// SIGTERM and SIGINT, caught from the start on, so that an early one is not lost.
struct StopSignals {
    term: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

/// Lets a write beyond the limit on the size of files (a container's quota, systemd's `LimitFSIZE`)
/// fail like one on a full disk: with a handler in place SIGXFSZ no longer ends the process, and it
/// stays in place when its receiver is dropped.
fn survive_file_limits() -> std::io::Result<()> {
    // POSIX gives the signal a name and no number; on Linux and macOS it is this one.
    const SIGXFSZ: i32 = 25;
    signal(SignalKind::from_raw(SIGXFSZ)).map(drop)
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        survive_file_limits()?;
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
