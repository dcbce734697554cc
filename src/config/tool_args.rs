//! The commands that work with models and documents, as they are said.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::domain::portable::ExportFormat;
use crate::domain::portable::import::ImportFormat;

/// Where the model is that a command works with.
#[derive(Debug, Clone, Args)]
pub struct ToolPlaceArgs {
    /// Base URL of a running double; without it the database is opened.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// Path prefix of its admin.
    #[arg(long, env = "ADMIN_PREFIX", default_value = "/admin", value_name = "P")]
    pub admin_prefix: String,

    /// Bearer token of its admin [default: unset].
    #[arg(long, env = "ADMIN_TOKEN", value_name = "T", hide_env_values = true)]
    pub admin_token: Option<String>,

    /// Database of a double that does not run now.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://stunt-double.db")]
    #[arg(value_name = "U", hide_env_values = true)]
    pub database_url: String,
}

/// What is written.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// model, openapi, har, json-schema, typescript, wiremock or k6.
    #[arg(long, default_value = "model", value_name = "F")]
    pub format: ExportFormat,

    /// Model file to write from instead of a double or a database.
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub model: Option<PathBuf>,

    /// File to write to; by default stdout.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Exchanges of a HAR.
    #[arg(long, default_value_t = 100, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub count: u64,

    /// Seed of what is made up.
    #[arg(long, default_value = "export", value_name = "S")]
    pub seed: String,

    /// Without `model`: where the learned state is taken from.
    #[command(flatten)]
    pub place: ToolPlaceArgs,
}

/// What is read.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// Models, OpenAPI documents, HAR archives, Postman collections, WireMock mappings, access
    /// logs.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// model, openapi, har, postman, wiremock or access-log; by default what each file says.
    #[arg(long, value_name = "F")]
    pub format: Option<ImportFormat>,

    /// Reports as JSON on stdout.
    #[arg(long)]
    pub json: bool,

    /// What takes the documents in: a running double, or the database of one that is stopped.
    #[command(flatten)]
    pub place: ToolPlaceArgs,
}

/// Which differences let a check fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriftGate {
    /// Those that break a consumer.
    Breaking,
    /// All.
    Any,
}

/// A gate for builds.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The model file that is checked.
    #[arg(long, value_name = "M")]
    pub model: PathBuf,

    /// Least fidelity, 0 to 1, with which the model predicts the traffic.
    #[arg(long, value_name = "F", value_parser = parse_share)]
    pub min_fidelity: Option<f64>,

    /// Least exchanges that the model has learned, for each endpoint that traffic reaches.
    #[arg(long, value_name = "N")]
    pub min_observations: Option<u64>,

    /// Which differences between model and traffic fail: `drift=breaking` or `drift=any`.
    #[arg(long, value_name = "drift=…", default_value = "drift=breaking")]
    #[arg(value_parser = parse_gate)]
    pub fail_on: DriftGate,

    /// HAR archive of exchanges with the backend as it is now.
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    pub traffic: Option<PathBuf>,

    /// The backend as it is now.
    #[arg(long, value_name = "URL", requires = "requests")]
    pub target: Option<String>,

    /// What is asked of it: lines such as `GET /users/7`, or a HAR archive.
    #[arg(long, value_name = "FILE", requires = "target")]
    pub requests: Option<PathBuf>,

    /// JUnit XML report.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Markdown report.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,

    /// The result as JSON on stdout instead of lines.
    #[arg(long)]
    pub json: bool,
}

/// What differs.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// The older side: a model, or an OpenAPI document.
    #[arg(value_name = "A")]
    pub older: PathBuf,

    /// The newer side.
    #[arg(value_name = "B")]
    pub newer: PathBuf,

    /// Exit with 1 on these differences: `drift=breaking` or `drift=any` [default: never].
    #[arg(long, value_name = "drift=…", value_parser = parse_gate)]
    pub fail_on: Option<DriftGate>,

    /// The findings as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A double for the time of a command.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// The model file that it plays.
    #[arg(long, value_name = "M")]
    pub model: PathBuf,

    /// Seed of everything drawn, so that each run sees the same.
    #[arg(long, default_value = "run", value_name = "S")]
    pub seed: String,

    /// Factor on simulated latency; 0 answers at once.
    #[arg(long, default_value = "0", value_name = "F")]
    pub latency_scale: String,

    /// The command, after `--`; it finds the double's address in STUNT_DOUBLE_URL.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<std::ffi::OsString>,
}

/// The admin for coding agents.
#[derive(Debug, Clone, Args)]
pub struct McpArgs {
    /// URL of the admin of a running double, its prefix included.
    #[arg(long, env = "ADMIN_URL", default_value = "http://127.0.0.1:8000/admin")]
    #[arg(value_name = "URL", value_parser = parse_admin_url)]
    pub admin: String,

    /// Bearer token of that admin [default: unset].
    #[arg(long, env = "ADMIN_TOKEN", value_name = "T", hide_env_values = true)]
    pub admin_token: Option<String>,

    /// File that holds the bearer token of that admin [default: unset].
    #[arg(long, env = "ADMIN_TOKEN_FILE", value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,

    /// Lets agents change the double: modes, chaos, overrides, sessions. Without it they may look
    /// only. No variable sets it, so that no environment allows it by accident.
    #[arg(long)]
    pub allow_changes: bool,
}

fn parse_admin_url(text: &str) -> Result<String, String> {
    let expected = "expected a URL such as http://127.0.0.1:8000/admin";
    let url = url::Url::parse(text).map_err(|_| expected)?;
    let is_http = ["http", "https"].contains(&url.scheme());
    let usable = is_http && url.has_host() && url.query().is_none();
    if usable { Ok(text.to_owned()) } else { Err(expected.to_owned()) }
}

fn parse_share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".into()),
    }
}

fn parse_gate(text: &str) -> Result<DriftGate, String> {
    match text {
        "drift=breaking" => Ok(DriftGate::Breaking),
        "drift=any" => Ok(DriftGate::Any),
        _ => Err("expected drift=breaking or drift=any".into()),
    }
}
