//! From the command line to a command, and errors in one line.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches};

use super::args::{CommandArgs, CommandLine};
use super::settings::{admin_token, health_url};
use super::tool_args::{CheckArgs, DiffArgs, ExportArgs, ImportArgs, McpArgs, RunArgs};
use super::values::without_userinfo;
use super::{Settings, SettingsError};

/// What the process was asked to do.
#[derive(Debug)]
pub struct Cli {
    /// The command.
    pub command: Command,
}

/// What each command needs to run.
#[derive(Debug)]
pub enum Command {
    /// Run the double.
    Serve(Box<Settings>),
    /// Run the double in front of the sample backend, or the backend alone.
    Demo {
        /// Settings of the double; its target is replaced by the sample backend.
        settings: Box<Settings>,
        /// Port of the sample backend; 0 picks one.
        backend_port: u16,
        /// Only the sample backend, on the double's address.
        backend_only: bool,
        /// A member of its answers that has another name: (old, new).
        renamed: Option<(String, String)>,
    },
    /// Ask the double whose admin is at this base URL whether it is ready.
    Health {
        /// URL of the readiness route.
        url: String,
    },
    /// Write what was learned.
    Export(Box<ExportArgs>),
    /// Take documents in.
    Import(Box<ImportArgs>),
    /// Hold a model against traffic.
    Check(Box<CheckArgs>),
    /// Say what differs.
    Diff(Box<DiffArgs>),
    /// Run a command with a double.
    Run(Box<RunArgs>),
    /// Serve the admin to coding agents; the token stands in `admin_token`.
    Mcp(Box<McpArgs>),
}

/// Why no command came out of the command line.
#[derive(Debug)]
pub enum CliExit {
    /// `--help` or `--version`: text for stdout, exit 0.
    Shown(String),
    /// One line for stderr, exit 2.
    Invalid(String),
}

/// Reads the command line and the environment.
///
/// # Errors
/// [`CliExit`]: the help that was asked for, or what is wrong in one line.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, CliExit> {
    let matches = CommandLine::command().try_get_matches_from(args).map_err(refusal)?;
    let line = CommandLine::from_arg_matches(&matches).map_err(refusal)?;
    let sub = matches.subcommand().map_or(&matches, |(_, sub)| sub);
    let invalid = |error: SettingsError| CliExit::Invalid(error.to_string());
    let command = match line.command {
        None => Command::Serve(Box::new(Settings::resolve(line.serve, sub).map_err(invalid)?)),
        Some(CommandArgs::Serve(args)) => {
            Command::Serve(Box::new(Settings::resolve(*args, sub).map_err(invalid)?))
        }
        Some(CommandArgs::Demo(mut args)) => {
            if sub.value_source("database_url") == Some(ValueSource::DefaultValue) {
                // A tour leaves nothing behind unless it is told where.
                args.serve.database_url = "sqlite://:memory:".into();
            }
            // The sample backend alone has no admin that would need a guard.
            args.serve.insecure_admin |= args.backend_only;
            Command::Demo {
                settings: Box::new(Settings::resolve(args.serve, sub).map_err(invalid)?),
                backend_port: args.backend_port,
                backend_only: args.backend_only,
                renamed: args.rename_member,
            }
        }
        Some(CommandArgs::Health(args)) => Command::Health { url: health_url(*args) },
        Some(CommandArgs::Export(args)) => Command::Export(args),
        Some(CommandArgs::Import(args)) => Command::Import(args),
        Some(CommandArgs::Check(args)) => Command::Check(args),
        Some(CommandArgs::Diff(args)) => Command::Diff(args),
        Some(CommandArgs::Run(args)) => Command::Run(args),
        Some(CommandArgs::Mcp(mut args)) => {
            let told = (args.admin_token.take(), args.admin_token_file.take());
            args.admin_token = admin_token(told.0, told.1).map_err(invalid)?;
            Command::Mcp(args)
        }
    };
    Ok(Cli { command })
}

/// The settings of a double that another command starts: `args` as after `serve`, and the
/// environment as always.
///
/// # Errors
/// What is wrong with a setting, in one line.
pub fn settings_of(args: &[&str]) -> Result<Settings, String> {
    let line = ["stunt-double", "serve"].iter().chain(args).map(OsString::from);
    match parse(line) {
        Ok(Cli { command: Command::Serve(settings) }) => Ok(*settings),
        Ok(_) => Err("no settings of a double".to_owned()),
        Err(CliExit::Shown(line) | CliExit::Invalid(line)) => Err(line),
    }
}

/// Turns clap's error into one line that names flag, variable, value and expectation.
fn refusal(error: clap::Error) -> CliExit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return CliExit::Shown(error.render().to_string());
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let flag = text(ContextKind::InvalidArg).map(|arg| with_variable(&arg));
    let value = text(ContextKind::InvalidValue).map(|value| without_userinfo(&value));
    let line = match (error.kind(), flag, value) {
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(flag), Some(value)) => {
            let problem = std::error::Error::source(&error)
                .map(ToString::to_string)
                .or_else(|| text(ContextKind::ValidValue).map(|v| format!("expected one of {v}")))
                .unwrap_or_else(|| "see --help for what is expected".into());
            SettingsError { setting: flag, value, problem }.to_string()
        }
        _ => {
            let rendered = error.render().to_string();
            let first = rendered.lines().next().unwrap_or("unusable command line");
            let first = first.trim_start_matches("error: ");
            let meant = text(ContextKind::SuggestedArg)
                .or_else(|| text(ContextKind::SuggestedSubcommand))
                .map_or_else(String::new, |meant| format!(", did you mean `{meant}`?"));
            // clap lists what is missing in lines of its own.
            let missing = match (error.kind(), error.get(ContextKind::InvalidArg)) {
                (ErrorKind::MissingRequiredArgument, Some(ContextValue::Strings(args))) => {
                    let named: Vec<String> = args.iter().map(|arg| with_variable(arg)).collect();
                    format!(" {}", named.join(", "))
                }
                _ => String::new(),
            };
            format!("{first}{missing}{meant}; see --help")
        }
    };
    CliExit::Invalid(line)
}

/// `--listen <ADDR>` as `--listen (LISTEN)`, `--learn[=<on|off>]` as `--learn (LEARN)`.
fn with_variable(arg: &str) -> String {
    let flag = arg.split([' ', '[', '=']).next().unwrap_or(arg);
    let command = CommandLine::command();
    let variable = command
        .get_arguments()
        .find(|a| a.get_long().is_some_and(|long| flag.trim_start_matches('-') == long))
        .and_then(|a| a.get_env())
        .map(|name| name.to_string_lossy().into_owned());
    variable.map_or_else(|| flag.to_owned(), |name| format!("{flag} ({name})"))
}
