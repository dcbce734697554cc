//! `run`: a double on a free port for the time of a command.

use std::process::ExitCode;

use super::{App, Ended, finish};
use crate::app::EXIT_FAILURE;
use crate::config::{RunArgs, settings_of};
use crate::runtime::portable::imports::ImportSource;

/// Runs the command; its exit code is the process's.
pub fn run(args: RunArgs) -> ExitCode {
    match actix::System::new().block_on(beside(args)) {
        Ok(code) => ExitCode::from(code),
        Err(ended) => finish(Err(ended)),
    }
}

async fn beside(args: RunArgs) -> Result<u8, Ended> {
    let settings = settings_of(&[
        "--listen",
        "127.0.0.1:0",
        "--database-url",
        "sqlite://:memory:",
        "--mode",
        "mock",
        "--learn",
        "off",
        "--target",
        // Nobody listens there: what is not in the model must not reach a real backend.
        "http://127.0.0.1:9",
        "--seed",
        &args.seed,
        "--latency-scale",
        &args.latency_scale,
    ]);
    let app = App::start(settings.map_err(Ended::usage)?).await?;
    let played = app.imports().import(ImportSource::File(args.model.clone()), None, "run").await;
    let report = match played {
        Ok(report) => report,
        Err(error) => {
            let _stopped = app.stop().await;
            return Err(Ended::usage(format!("{}: {error}", args.model.display())));
        }
    };
    let url = format!("http://{}", app.address());
    eprintln!("stunt-double: {} plays {}", url, report.line());
    let (program, rest) = args.command.split_first().ok_or_else(|| Ended::usage("no command"))?;
    let mut command = std::process::Command::new(program);
    command.args(rest).env("STUNT_DOUBLE_URL", &url);
    // Waited for on a thread of its own: the double answers on this one.
    let status = tokio::task::spawn_blocking(move || command.status()).await;
    let code = match status {
        Ok(Ok(status)) => Ok(exit_code(status)),
        Ok(Err(error)) => Err(Ended::usage(format!("{}: {error}", program.display()))),
        Err(error) => Err(Ended::failed(error.to_string())),
    };
    app.stop().await.map_err(Ended::failed)?;
    code
}

/// The command's exit code; of one that a signal ended 128 and its number, as shells say it.
fn exit_code(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(EXIT_FAILURE)
}
