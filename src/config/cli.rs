//! The command line: flags, variables, help, and errors in one line.

use std::ffi::OsString;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::domain::decide::Mode;

use super::{
    AdminPrefix, AdminSettings, Cidrs, Explicit, ForwardingSettings, Limits, LogFormat, Seed,
    Settings, SettingsError, TargetUrl,
};

/// A digital stunt double for backend APIs: proxies, learns, and plays the backend's part.
///
/// Every setting is a flag and an environment variable; flag beats variable beats default.
#[derive(Debug, Parser)]
#[command(name = "stunt-double", version, args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<CommandArgs>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum CommandArgs {
    /// Runs the double (the default).
    Serve(Box<ServeArgs>),
    /// Runs the double in front of a built-in sample backend and sends it a little traffic.
    Demo(Box<DemoArgs>),
    /// Exits with 0 when the double at the URL is ready, with 1 when it is not.
    Health(Box<HealthArgs>),
    /// Not available yet: will write models, OpenAPI, HAR and types.
    #[command(hide = true)]
    Export,
    /// Not available yet: will read models, OpenAPI and HAR.
    #[command(hide = true)]
    Import,
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// Port of the sample backend; 0 picks one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    backend_port: u16,
    /// Runs only the sample backend, on the address of --listen.
    #[arg(long)]
    backend_only: bool,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Args)]
struct HealthArgs {
    /// Base URL of the double whose readiness is asked for; by default what LISTEN,
    /// ADMIN_LISTEN and ADMIN_PREFIX say.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Clone, Args)]
struct ServeArgs {
    /// The real backend: http or https, optional base path.
    #[arg(long = "target", env = "TARGET_URL", default_value = "https://httpbin.org")]
    #[arg(value_name = "URL")]
    target: TargetUrl,

    /// Public listener; port 0 picks one. The bound address is the first line on stdout.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8000", value_name = "ADDR")]
    #[arg(value_parser = parse_address)]
    listen: SocketAddr,

    /// Path prefix of the admin; everything else belongs to the backend.
    #[arg(long, env = "ADMIN_PREFIX", default_value = "/admin", value_name = "P")]
    admin_prefix: AdminPrefix,

    /// Serves the admin on a listener of its own and removes it from the public one
    /// [default: unset].
    #[arg(long, env = "ADMIN_LISTEN", value_name = "ADDR", value_parser = parse_address)]
    admin_listen: Option<SocketAddr>,

    /// Bearer token for the admin [default: unset].
    #[arg(long, env = "ADMIN_TOKEN", value_name = "T", hide_env_values = true)]
    admin_token: Option<String>,

    /// File that holds the bearer token for the admin [default: unset].
    #[arg(long, env = "ADMIN_TOKEN_FILE", value_name = "FILE")]
    admin_token_file: Option<PathBuf>,

    /// Allows an admin without token on a non-loopback address [default: off].
    #[arg(long, env = "INSECURE_ADMIN", action = ArgAction::SetTrue)]
    #[arg(value_parser = BoolishValueParser::new())]
    insecure_admin: bool,

    /// Where learned state is kept: sqlite://PATH, sqlite://:memory: or postgres://….
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://stunt-double.db")]
    #[arg(value_name = "U", hide_env_values = true)]
    database_url: String,

    /// Who answers: proxy, mock, or failover (proxy, but mock while the backend is down).
    #[arg(long, env = "MODE", default_value = "proxy", value_name = "M")]
    mode: Mode,

    /// Seed of everything drawn [default: random, logged].
    #[arg(long, env = "SEED", value_name = "S")]
    seed: Option<Seed>,

    /// Factor on simulated latency; 0 answers at once.
    #[arg(long, env = "LATENCY_SCALE", default_value = "1.0", value_name = "F")]
    #[arg(value_parser = parse_scale, allow_negative_numbers = true)]
    latency_scale: f64,

    /// Whether proxied traffic teaches.
    #[arg(long, env = "LEARN", default_value = "on", value_name = "on|off")]
    #[arg(value_parser = BoolishValueParser::new(), action = ArgAction::Set)]
    learn: bool,

    /// Honours X-Chaos-Level from clients [default: off].
    #[arg(long, env = "ALLOW_CHAOS_HEADERS", action = ArgAction::SetTrue)]
    #[arg(value_parser = BoolishValueParser::new())]
    allow_chaos_headers: bool,

    /// How log lines look; RUST_LOG sets how much is logged [default of RUST_LOG: info].
    #[arg(long, env = "LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    log_format: LogFormat,

    #[command(flatten)]
    manners: MannerArgs,

    #[command(flatten)]
    limits: Limits,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Proxy manners")]
struct MannerArgs {
    /// Keeps the client's Host header instead of the target's [default: off].
    #[arg(long, env = "PRESERVE_HOST", action = ArgAction::SetTrue)]
    #[arg(value_parser = BoolishValueParser::new())]
    preserve_host: bool,

    /// Peers whose X-Forwarded-* headers are believed, as CIDR list [default: none].
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "CIDR,…")]
    trusted_proxies: Option<Cidrs>,

    /// Rewrites Location and cookie domains of the backend to the double's own [default: off].
    #[arg(long, env = "REWRITE_LOCATION", action = ArgAction::SetTrue)]
    #[arg(value_parser = BoolishValueParser::new())]
    rewrite_location: bool,

    /// Extra certificate authorities for the target, PEM file [default: unset].
    #[arg(long, env = "TARGET_CA", value_name = "FILE")]
    target_ca: Option<PathBuf>,

    /// Accepts any certificate of the target: for test set-ups only [default: off].
    #[arg(long, env = "TARGET_INSECURE", action = ArgAction::SetTrue)]
    #[arg(value_parser = BoolishValueParser::new())]
    target_insecure: bool,
}

/// What the process was asked to do.
#[derive(Debug)]
pub struct Cli {
    /// The command.
    pub command: Command,
}

/// The commands of the binary.
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
    },
    /// Ask the double whose admin is at this base URL whether it is ready.
    Health {
        /// URL of the readiness route.
        url: String,
    },
    /// A command of a later version, by name.
    Unavailable(&'static str),
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
        None => Command::Serve(Box::new(settings(line.serve, sub).map_err(invalid)?)),
        Some(CommandArgs::Serve(args)) => {
            Command::Serve(Box::new(settings(*args, sub).map_err(invalid)?))
        }
        Some(CommandArgs::Demo(mut args)) => {
            if sub.value_source("database_url") == Some(ValueSource::DefaultValue) {
                // A tour leaves nothing behind unless it is told where.
                args.serve.database_url = "sqlite://:memory:".into();
            }
            // The sample backend alone has no admin that would need a guard.
            args.serve.insecure_admin |= args.backend_only;
            Command::Demo {
                settings: Box::new(settings(args.serve, sub).map_err(invalid)?),
                backend_port: args.backend_port,
                backend_only: args.backend_only,
            }
        }
        Some(CommandArgs::Health(args)) => Command::Health { url: health_url(*args) },
        Some(CommandArgs::Export) => Command::Unavailable("export"),
        Some(CommandArgs::Import) => Command::Unavailable("import"),
    };
    Ok(Cli { command })
}

fn settings(args: ServeArgs, matches: &ArgMatches) -> Result<Settings, SettingsError> {
    let given = |id: &str| matches.value_source(id).is_some_and(|s| s != ValueSource::DefaultValue);
    let token = admin_token(args.admin_token, args.admin_token_file)?;
    let admin_address = args.admin_listen.unwrap_or(args.listen);
    if token.is_none() && !args.insecure_admin && !admin_address.ip().is_loopback() {
        return Err(SettingsError::new(
            if args.admin_listen.is_some() {
                "--admin-listen (ADMIN_LISTEN)"
            } else {
                "--listen (LISTEN)"
            },
            admin_address.to_string(),
            "it would open the admin to others without a token; set --admin-token (ADMIN_TOKEN), \
             or --admin-listen (ADMIN_LISTEN) on a loopback address, or allow it with \
             --insecure-admin (INSECURE_ADMIN)",
        ));
    }
    Ok(Settings {
        target: args.target,
        listen: args.listen,
        admin: AdminSettings {
            prefix: args.admin_prefix,
            listen: args.admin_listen,
            token,
            insecure: args.insecure_admin,
        },
        database_url: args.database_url,
        mode: Explicit { value: args.mode, given: given("mode") },
        seed: args.seed.unwrap_or_else(random_seed),
        latency_scale: Explicit { value: args.latency_scale, given: given("latency_scale") },
        learn: Explicit { value: args.learn, given: given("learn") },
        allow_chaos_headers: args.allow_chaos_headers,
        log_format: args.log_format,
        limits: args.limits,
        forwarding: ForwardingSettings {
            preserve_host: args.manners.preserve_host,
            trusted_proxies: args.manners.trusted_proxies.unwrap_or_default(),
            rewrite_location: args.manners.rewrite_location,
            target_ca: args.manners.target_ca,
            target_insecure: args.manners.target_insecure,
        },
    })
}

fn admin_token(
    token: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<String>, SettingsError> {
    let (setting, text) = match (token, file) {
        (Some(token), _) => ("--admin-token (ADMIN_TOKEN)", token),
        (None, Some(path)) => {
            let setting = "--admin-token-file (ADMIN_TOKEN_FILE)";
            let text = std::fs::read_to_string(&path).map_err(|error| {
                let problem = format!("expected a readable file with a token ({error})");
                SettingsError::new(setting, path.display().to_string(), problem)
            })?;
            (setting, text.trim_end_matches(['\r', '\n']).to_owned())
        }
        (None, None) => return Ok(None),
    };
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(Some(text))
    } else {
        // The value is a secret, so only its kind is told.
        let problem = "expected at least one visible ASCII character, without spaces";
        Err(SettingsError::new(setting, "(hidden)", problem))
    }
}

/// A seed that differs from start to start; it is logged, so that a run can be repeated.
fn random_seed() -> Seed {
    use std::hash::{BuildHasher, Hasher};
    // `RandomState` is the standard library's own source of process-wide randomness.
    let word = std::collections::hash_map::RandomState::new().build_hasher().finish();
    Seed(format!("{word:016x}"))
}

/// Where the readiness of a double with these settings is answered, seen from its own machine.
fn health_url(args: HealthArgs) -> String {
    let prefix = args.serve.admin_prefix.as_str();
    if let Some(url) = args.url {
        return format!("{}{prefix}/health/ready", url.trim_end_matches('/'));
    }
    let mut address = args.serve.admin_listen.unwrap_or(args.serve.listen);
    if address.ip().is_unspecified() {
        let loopback: std::net::IpAddr = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(loopback);
    }
    format!("http://{address}{prefix}/health/ready")
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected an address such as 127.0.0.1:8000, [::1]:8000 or localhost:8000";
    text.parse()
        .ok()
        .or_else(|| text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next()))
        .ok_or_else(|| expected.to_owned())
}

fn parse_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.0..=1_000.0).contains(&scale) => Ok(scale),
        _ => Err("expected a number from 0 to 1000".into()),
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
    let value = text(ContextKind::InvalidValue);
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
            format!("{}; see --help", first.trim_start_matches("error: "))
        }
    };
    CliExit::Invalid(line)
}

/// `--listen <ADDR>` as `--listen (LISTEN)`.
fn with_variable(arg: &str) -> String {
    let flag = arg.split_whitespace().next().unwrap_or(arg);
    let command = CommandLine::command();
    let variable = command
        .get_arguments()
        .find(|a| a.get_long().is_some_and(|long| flag.trim_start_matches('-') == long))
        .and_then(|a| a.get_env())
        .map(|name| name.to_string_lossy().into_owned());
    variable.map_or_else(|| flag.to_owned(), |name| format!("{flag} ({name})"))
}
