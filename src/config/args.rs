//! The command line as it is said: flags, variables, defaults and help, and nothing of what follows
//! from them ([`super::settings`]).

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::builder::{BoolishValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, ArgAction, Args, Command, Parser, Subcommand};

use crate::domain::cors::CorsPolicy;
use crate::domain::mode::Mode;
use crate::domain::privacy::privacy_level::PrivacyLevel;

use super::route_spec::RouteSpecs;
use super::tool_args::{CheckArgs, DiffArgs, ExportArgs, ImportArgs, McpArgs, RunArgs};
use super::{
    AdminPrefix, AllowedTargets, Cidrs, ConsumerFrom, Limits, ListenerTlsSettings, LogFormat, Seed,
    SessionStore, TargetUrl, WebhookUrl,
};

/// A digital stunt double for backend APIs: proxies, learns, and plays the backend's part.
///
/// Every setting is a flag and an environment variable; flag beats variable beats default.
#[derive(Debug, Parser)]
#[command(name = "stunt-double", version, args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub command: Option<CommandArgs>,
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// The commands of the binary.
#[derive(Debug, Subcommand)]
pub enum CommandArgs {
    /// Runs the double (the default).
    Serve(Box<ServeArgs>),
    /// Runs the double in front of a built-in sample backend and sends it a little traffic.
    Demo(Box<DemoArgs>),
    /// Exits with 0 when the double at the URL is ready, with 1 when it is not.
    Health(Box<HealthArgs>),
    /// Writes what was learned: as a model file, OpenAPI, HAR, JSON Schema, TypeScript types,
    /// WireMock mappings or a k6 script.
    Export(Box<ExportArgs>),
    /// Takes in models, OpenAPI documents, HAR archives, Postman collections, WireMock mappings
    /// and access logs.
    Import(Box<ImportArgs>),
    /// Holds a model against traffic: exits with 1 when it is not good enough, or the backend has
    /// moved away from it.
    Check(Box<CheckArgs>),
    /// Says what differs between two models, or a model and an OpenAPI document.
    Diff(Box<DiffArgs>),
    /// Runs a command with a double that plays a model, and exits with its code.
    Run(Box<RunArgs>),
    /// Serves the admin of a running double to coding agents by the Model Context Protocol, on
    /// stdin and stdout: to look only, unless changes are allowed.
    Mcp(Box<McpArgs>),
}

/// What the tour is told.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Port of the sample backend; 0 picks one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    pub backend_port: u16,
    /// Runs only the sample backend, on the address of --listen.
    #[arg(long)]
    pub backend_only: bool,
    /// Gives a member of the sample backend's answers another name: email=mail. A backend that has
    /// moved away from what was learned of it, to see `check` and drift at work.
    #[arg(long, value_name = "OLD=NEW", value_parser = parse_renamed)]
    pub rename_member: Option<(String, String)>,
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// What the question for readiness is told.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Base URL of the double whose readiness is asked for; by default what LISTEN,
    /// ADMIN_LISTEN and ADMIN_PREFIX say.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Where the double is reached: what runs it and what asks it for its health say it alike.
#[derive(Debug, Clone, Args)]
pub struct PlaceArgs {
    /// Public listener; port 0 picks one. The bound address is the first line on stdout.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8000", value_name = "ADDR")]
    #[arg(value_parser = parse_address)]
    pub listen: SocketAddr,

    /// Path prefix of the admin; everything else belongs to the backend.
    #[arg(long, env = "ADMIN_PREFIX", default_value = "/admin", value_name = "P")]
    pub admin_prefix: AdminPrefix,

    /// Serves the admin on a listener of its own and removes it from the public one
    /// [default: unset].
    #[arg(long, env = "ADMIN_LISTEN", value_name = "ADDR", value_parser = parse_address)]
    pub admin_listen: Option<SocketAddr>,

    #[command(flatten)]
    pub tls: TlsArgs,
}

/// How the listeners speak.
#[derive(Debug, Clone, Args)]
pub struct TlsArgs {
    /// Certificate of the listeners, with those that lead to its issuer, PEM file: they speak HTTPS
    /// then. Read anew when it changes and on SIGHUP [default: unset].
    #[arg(long, env = "TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// Private key of that certificate, PEM file [default: unset].
    #[arg(long, env = "TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// HTTPS with a certificate that is made at the start, for localhost and the address of
    /// --listen: for development, since nobody trusts it.
    #[arg(long, env = "TLS_SELF_SIGNED", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub tls_self_signed: bool,
}

impl TlsArgs {
    /// What is asked for; given files count before one that is made.
    #[must_use]
    pub fn resolved(&self) -> ListenerTlsSettings {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                ListenerTlsSettings::Files { certificate: certificate.clone(), key: key.clone() }
            }
            _ if self.tls_self_signed => ListenerTlsSettings::SelfSigned,
            _ => ListenerTlsSettings::Off,
        }
    }
}

/// What the double is told at its start.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The real backend: http or https, optional base path, optional `user:password@` that is sent
    /// to it as Basic credentials and never shown. The default is a public echo service: set your
    /// own, or run the demo.
    #[arg(long = "target", env = "TARGET_URL", default_value = "https://httpbin.org")]
    #[arg(value_name = "URL", hide_env_values = true)]
    pub target: TargetUrl,

    /// A further backend, for the requests of a host (`api.shop.test`, `*.shop.test`), below a path
    /// (`/payments`), or both; may be repeated. `--target` takes the rest. A URL with a path stands
    /// in the place of the matched path, a URL without one leaves the path as it is. After the URL:
    /// `;name=NAME`, `;mode=MODE`, `;preserve-host=on`. ROUTES holds several, apart by blanks
    /// [default: none].
    #[arg(long = "route", env = "ROUTES", value_name = "MATCH=URL", hide_env_values = true)]
    pub routes: Vec<RouteSpecs>,

    /// Where a running admin may let routes lead, beside the hosts that the start names: hosts
    /// (`pay.internal`, `*.internal`) and networks, apart by commas [default: none].
    #[arg(long, env = "ALLOW_TARGETS", value_name = "HOST,CIDR,…")]
    pub allow_targets: Option<AllowedTargets>,

    #[command(flatten)]
    pub place: PlaceArgs,

    /// Bearer token for the admin [default: unset].
    #[arg(long, env = "ADMIN_TOKEN", value_name = "T", hide_env_values = true)]
    pub admin_token: Option<String>,

    /// File that holds the bearer token for the admin [default: unset].
    #[arg(long, env = "ADMIN_TOKEN_FILE", value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,

    /// Allows an admin without token on a non-loopback address.
    #[arg(long, env = "INSECURE_ADMIN", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub insecure_admin: bool,

    /// Where learned state is kept: sqlite://PATH, sqlite://:memory: or postgres://….
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://stunt-double.db")]
    #[arg(value_name = "U", hide_env_values = true)]
    pub database_url: String,

    /// Longest wait at the start for a PostgreSQL server that is away or not ready, in s; 0 waits
    /// for none. 30 s: a server that first makes its data folder takes 10 to 20.
    #[arg(long, env = "DATABASE_WAIT_S", default_value_t = 30, value_name = "S")]
    #[arg(value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub database_wait_s: u64,

    /// Who answers: proxy, mock, or failover (proxy, but mock while the backend is down).
    #[arg(long, env = "MODE", default_value = "proxy", value_name = "M")]
    pub mode: Mode,

    /// Refuses to start when the database cannot be written (full disk, read-only file); without it
    /// the double starts, serves what is learned and says that it is degraded.
    #[arg(long, env = "REQUIRE_WRITABLE", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub require_writable: bool,

    /// Seed of everything drawn [default: random, kept in the database].
    #[arg(long, env = "SEED", value_name = "S")]
    pub seed: Option<Seed>,

    /// Who a consumer is that sends no X-Mock-Session: `none` (all share one world),
    /// `credential`, `peer`, `header:NAME` or `cookie:NAME`.
    #[arg(long, env = "CONSUMER_FROM", default_value_t, value_name = "S")]
    pub consumer_from: ConsumerFrom,

    /// Where what consumers wrote is kept: in `memory`, or `stored` in the database as well, so
    /// that it is there after a restart (4 MiB of it, the sessions used last first).
    #[arg(long, env = "SESSIONS", default_value_t, value_name = "memory|stored")]
    pub sessions: SessionStore,

    /// How long an unused session is kept, in s.
    /// A day: what was written in the morning is there in the afternoon.
    #[arg(long, env = "SESSION_TTL_S", default_value_t = 86_400, value_name = "S")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub session_ttl_s: u64,

    /// Factor on simulated latency; 0 answers at once.
    #[arg(long, env = "LATENCY_SCALE", default_value = "1.0", value_name = "F")]
    #[arg(value_parser = parse_scale, allow_negative_numbers = true)]
    pub latency_scale: f64,

    /// Whether proxied traffic teaches.
    #[arg(long, env = "LEARN", default_value = "on", value_name = "on|off")]
    #[arg(value_parser = OnOff, action = ArgAction::Set)]
    pub learn: bool,

    /// What of real values may be kept: nothing but public vocabulary; short values seen in enough
    /// answers; bounded pools of real values and whole records. Secrets are kept at no level, and
    /// a start with a lower level forgets what it does not allow.
    #[arg(long, env = "PRIVACY", default_value = "strict", value_name = "LEVEL")]
    pub privacy: PrivacyLevel,

    /// Honours X-Chaos-Level from clients.
    #[arg(long, env = "ALLOW_CHAOS_HEADERS", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub allow_chaos_headers: bool,

    /// Puts X-Mock-Confidence on mocks: how well the model predicted exchanges before it learned
    /// them, 0.00 to 1.00, or `unknown` where too little was seen.
    #[arg(long, env = "CONFIDENCE_HEADER", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub confidence_header: bool,

    /// Logs a line for each request: method, template, status, source and time; never a path, a
    /// query or a body.
    #[arg(long, env = "LOG_REQUESTS", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub log_requests: bool,

    /// How log lines look; RUST_LOG sets how much is logged [default of RUST_LOG: info].
    #[arg(long, env = "LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,

    #[command(flatten)]
    pub drift: DriftArgs,

    #[command(flatten)]
    pub manners: MannerArgs,

    #[command(flatten)]
    pub limits: Limits,
}

/// Whether a backend that moves away is noticed while the double runs.
#[derive(Debug, Clone, Args)]
pub struct DriftArgs {
    /// Baseline against which drift is looked for while the double runs, by its name; it may be
    /// kept later. The findings stand in the metrics [default: none].
    #[arg(long, env = "DRIFT_AGAINST", value_name = "BASELINE")]
    pub drift_against: Option<String>,

    /// Where the document of `GET {admin}/drift` is posted to when drift that matters to consumers
    /// begins, changes its severity or ends; http or https [default: none].
    #[arg(long, env = "DRIFT_WEBHOOK", value_name = "URL", hide_env_values = true)]
    #[arg(requires = "drift_against")]
    pub drift_webhook: Option<WebhookUrl>,

    /// Time between two looks for drift, in s; two must agree. 15: a model is published after so
    /// long at the latest, and a look costs a comparison of all that was learned.
    #[arg(long, env = "DRIFT_INTERVAL_S", default_value_t = 15, value_name = "S")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub drift_interval_s: u64,
}

/// How requests are passed on.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Proxy manners")]
pub struct MannerArgs {
    /// Keeps the client's Host header instead of the target's.
    #[arg(long, env = "PRESERVE_HOST", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub preserve_host: bool,

    /// Peers whose X-Forwarded-* headers are believed, as CIDR list [default: none].
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "CIDR,…")]
    pub trusted_proxies: Option<Cidrs>,

    /// Rewrites Location and cookie domains of the backend to the double's own.
    #[arg(long, env = "REWRITE_LOCATION", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub rewrite_location: bool,

    /// CORS headers of answers: as learned from the backend (permissive where nothing is known),
    /// permissive to every origin, or off.
    #[arg(long, env = "CORS", default_value = "learned", value_name = "POLICY")]
    pub cors: CorsPolicy,

    /// Keeps Cache-Control and Expires on mocks, and for browsers on proxied answers; without it
    /// a browser asks again each time, so that its cache never hides a switch of the mode.
    #[arg(long, env = "KEEP_FRESHNESS", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub keep_freshness: bool,

    /// Extra certificate authorities for the target, PEM file [default: unset].
    #[arg(long, env = "TARGET_CA", value_name = "FILE")]
    pub target_ca: Option<PathBuf>,

    /// Certificate by which the target knows the double, PEM file [default: unset].
    #[arg(long, env = "TARGET_CERT", value_name = "FILE", requires = "target_key")]
    pub target_cert: Option<PathBuf>,

    /// Private key of that certificate, PEM file [default: unset].
    #[arg(long, env = "TARGET_KEY", value_name = "FILE", requires = "target_cert")]
    pub target_key: Option<PathBuf>,

    /// Accepts any certificate of the target: for test set-ups only.
    #[arg(long, env = "TARGET_INSECURE", default_value = "off", default_missing_value = "on")]
    #[arg(num_args = 0..=1, require_equals = true, value_parser = OnOff, value_name = "on|off")]
    #[arg(action = ArgAction::Set)]
    pub target_insecure: bool,
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected an address such as 127.0.0.1:8000, [::1]:8000 or localhost:8000";
    text.parse()
        .ok()
        .or_else(|| text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next()))
        .ok_or_else(|| expected.to_owned())
}

fn parse_renamed(text: &str) -> Result<(String, String), String> {
    let names = text.split_once('=').filter(|(old, new)| !old.is_empty() && !new.is_empty());
    names
        .map(|(old, new)| (old.to_owned(), new.to_owned()))
        .ok_or_else(|| "expected two names, such as email=mail".to_owned())
}

fn parse_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.0..=1_000.0).contains(&scale) => Ok(scale),
        _ => Err("expected a number from 0 to 1000".into()),
    }
}

/// Reads a switch: `on` or `off`, as the help says, and the other spellings in use (`true`, `1`,
/// `yes`, …).
#[derive(Debug, Clone, Copy)]
struct OnOff;

impl TypedValueParser for OnOff {
    type Value = bool;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<bool, clap::Error> {
        BoolishValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(["on", "off"].into_iter().map(PossibleValue::new)))
    }
}
