//! What the settings mean: the arguments brought together, checked against each other.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::domain::cors::CorsPolicy;
use crate::domain::mode::Mode;
use crate::domain::privacy::privacy_level::PrivacyLevel;

use super::args::{HealthArgs, ServeArgs};
use super::{
    AdminPrefix, AllowedTargets, Cidrs, ConsumerFrom, Limits, LogFormat, RouteSpec, Seed,
    SessionStore, SettingsError, TargetUrl, WebhookUrl,
};

/// Everything a running double is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The real backend; not given, it is a public echo service.
    pub target: Explicit<TargetUrl>,
    /// Further backends, which answer for some hosts or paths; each has a name of its own.
    pub routes: Vec<RouteSpec>,
    /// Where a running admin may let routes lead, beside the hosts named here.
    pub allow_targets: AllowedTargets,
    /// Address of the public listener; port 0 picks one.
    pub listen: SocketAddr,
    /// How the listeners speak.
    pub listener_tls: ListenerTlsSettings,
    /// How the admin is reached and guarded.
    pub admin: AdminSettings,
    /// Where learned state is kept, as given; the store parses it.
    pub database_url: String,
    /// How long the start waits for a database server that is away.
    pub database_wait: Duration,
    /// Mode at the first start; later the stored one, unless given explicitly.
    pub mode: Explicit<Mode>,
    /// Whether a database that cannot be written keeps the double from starting.
    pub require_writable: bool,
    /// Seed of everything drawn at the first start; later the stored one, unless given explicitly.
    pub seed: Explicit<Seed>,
    /// Who a consumer is that names no session.
    pub consumer_from: ConsumerFrom,
    /// Where what consumers wrote is kept.
    pub sessions: SessionStore,
    /// How long an unused session is kept.
    pub session_ttl: Duration,
    /// Factor on simulated latency; 0 answers at once.
    pub latency_scale: Explicit<f64>,
    /// Whether proxied traffic teaches.
    pub learn: Explicit<bool>,
    /// What of real values may be kept.
    pub privacy: PrivacyLevel,
    /// Whether `X-Chaos-Level` from clients counts.
    pub allow_chaos_headers: bool,
    /// Whether mocks say how far they can be believed.
    pub confidence_header: bool,
    /// Whether each request is logged with a line.
    pub log_requests: bool,
    /// Whether and how drift is looked for while the double runs.
    pub drift: DriftSettings,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Named bounds on everything traffic can grow or delay.
    pub limits: Limits,
    /// How requests are passed on.
    pub forwarding: ForwardingSettings,
}

/// What it means that no target was set, and what to do about it.
pub const NO_TARGET: &str = "no target is set, so requests go to the public echo service \
     https://httpbin.org: set --target (TARGET_URL) to your backend, or try `stunt-double demo`";

/// A value, and whether a person gave it: a given one beats what was stored by an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explicit<T> {
    /// The value in force at the start.
    pub value: T,
    /// True when it came from a flag or a variable.
    pub given: bool,
}

/// How the listeners speak.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ListenerTlsSettings {
    /// Plain HTTP.
    #[default]
    Off,
    /// HTTPS with a certificate, PEM.
    Files {
        /// The certificate and those that lead to its issuer.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// HTTPS with a certificate made at the start.
    SelfSigned,
}

impl ListenerTlsSettings {
    /// How URLs of the listeners begin.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if *self == Self::Off { "http" } else { "https" }
    }
}

/// How the admin is reached and guarded.
#[derive(Clone)]
pub struct AdminSettings {
    /// Path prefix of every admin route, such as `/admin`.
    pub prefix: AdminPrefix,
    /// A listener of its own; the public one then has no admin.
    pub listen: Option<SocketAddr>,
    /// Bearer token; `None` leaves the admin open, which needs a loopback address.
    pub token: Option<String>,
    /// Allows an open admin on any address.
    pub insecure: bool,
}

impl std::fmt::Debug for AdminSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminSettings")
            .field("prefix", &self.prefix)
            .field("listen", &self.listen)
            .field("token", &self.token.as_ref().map(|_| "(set)"))
            .field("insecure", &self.insecure)
            .finish()
    }
}

/// How drift is looked for while the double runs.
#[derive(Debug, Clone, Default)]
pub struct DriftSettings {
    /// Name of the baseline; `None` looks for none.
    pub against: Option<String>,
    /// Who is told.
    pub webhook: Option<WebhookUrl>,
    /// Time between two looks.
    pub interval: Duration,
}

/// How requests are passed on to the backend.
#[derive(Debug, Clone, Default)]
pub struct ForwardingSettings {
    /// Keeps the client's `Host` instead of the target's.
    pub preserve_host: bool,
    /// Peers whose `X-Forwarded-*` are believed and extended.
    pub trusted_proxies: Cidrs,
    /// Rewrites `Location` and cookie domains of the backend to the double's own.
    pub rewrite_location: bool,
    /// What stands behind the CORS headers of answers.
    pub cors: CorsPolicy,
    /// Whether answers keep how long they are fresh.
    pub keep_freshness: bool,
    /// Extra certificate authorities for the target, PEM.
    pub target_ca: Option<PathBuf>,
    /// Certificate and key by which the target knows the double, PEM.
    pub target_identity: Option<(PathBuf, PathBuf)>,
    /// Accepts any certificate of the target.
    pub target_insecure: bool,
}

impl Settings {
    /// What the arguments mean; `matches` tells what was given from what is a default.
    ///
    /// # Errors
    /// [`SettingsError`] about settings that do not go together.
    pub(super) fn resolve(args: ServeArgs, matches: &ArgMatches) -> Result<Self, SettingsError> {
        let given =
            |id: &str| matches.value_source(id).is_some_and(|s| s != ValueSource::DefaultValue);
        let token = admin_token(args.admin_token, args.admin_token_file)?;
        let admin_address = args.place.admin_listen.unwrap_or(args.place.listen);
        if token.is_none() && !args.insecure_admin && !admin_address.ip().is_loopback() {
            return Err(SettingsError::new(
                if args.place.admin_listen.is_some() {
                    "--admin-listen (ADMIN_LISTEN)"
                } else {
                    "--listen (LISTEN)"
                },
                admin_address.to_string(),
                "it would open the admin to others without a token; set --admin-token \
                 (ADMIN_TOKEN), \
             or --admin-listen (ADMIN_LISTEN) on a loopback address, or allow it with \
             --insecure-admin (INSECURE_ADMIN)",
            ));
        }
        Ok(Self {
            target: Explicit { value: args.target, given: given("target") },
            routes: distinct(args.routes.into_iter().flat_map(|routes| routes.0).collect())?,
            allow_targets: args.allow_targets.unwrap_or_default(),
            listen: args.place.listen,
            listener_tls: args.place.tls.resolved(),
            admin: AdminSettings {
                prefix: args.place.admin_prefix,
                listen: args.place.admin_listen,
                token,
                insecure: args.insecure_admin,
            },
            database_url: args.database_url,
            database_wait: Duration::from_secs(args.database_wait_s),
            mode: Explicit { value: args.mode, given: given("mode") },
            require_writable: args.require_writable,
            seed: Explicit {
                given: args.seed.is_some(),
                value: args.seed.unwrap_or_else(random_seed),
            },
            consumer_from: args.consumer_from,
            sessions: args.sessions,
            session_ttl: Duration::from_secs(args.session_ttl_s),
            latency_scale: Explicit { value: args.latency_scale, given: given("latency_scale") },
            learn: Explicit { value: args.learn, given: given("learn") },
            privacy: args.privacy,
            allow_chaos_headers: args.allow_chaos_headers,
            confidence_header: args.confidence_header,
            log_requests: args.log_requests,
            drift: DriftSettings {
                against: args.drift.drift_against,
                webhook: args.drift.drift_webhook,
                interval: Duration::from_secs(args.drift.drift_interval_s),
            },
            log_format: args.log_format,
            limits: args.limits,
            forwarding: ForwardingSettings {
                preserve_host: args.manners.preserve_host,
                trusted_proxies: args.manners.trusted_proxies.unwrap_or_default(),
                rewrite_location: args.manners.rewrite_location,
                cors: args.manners.cors,
                keep_freshness: args.manners.keep_freshness,
                target_ca: args.manners.target_ca,
                target_identity: args.manners.target_cert.zip(args.manners.target_key),
                target_insecure: args.manners.target_insecure,
            },
        })
    }
}

/// Routes whose names and patterns differ, so that each request has one backend only.
fn distinct(routes: Vec<RouteSpec>) -> Result<Vec<RouteSpec>, SettingsError> {
    for (at, route) in routes.iter().enumerate() {
        let earlier = &routes[..at];
        let refused = |problem: String| {
            Err(SettingsError::new("--route (ROUTES)", route.pattern.to_string(), problem))
        };
        if earlier.iter().any(|other| other.pattern == route.pattern) {
            return refused("two routes mean the same requests".into());
        }
        if earlier.iter().any(|other| other.name == route.name) {
            let problem = format!("two routes are called `{}`; add `;name=NAME`", route.name);
            return refused(problem);
        }
    }
    Ok(routes)
}

/// The token of the admin, given itself or in a file.
pub(super) fn admin_token(
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

/// A seed that differs from one new database to the next; it is told, so that a run can be
/// repeated.
fn random_seed() -> Seed {
    use std::hash::{BuildHasher, Hasher};
    // `RandomState` is the standard library's own source of process-wide randomness.
    let word = std::collections::hash_map::RandomState::new().build_hasher().finish();
    Seed(format!("{word:016x}"))
}

/// Where the readiness of a double with these settings is answered, seen from its own machine.
pub(super) fn health_url(args: HealthArgs) -> String {
    let prefix = args.place.admin_prefix.as_str();
    if let Some(url) = args.url {
        return format!("{}{prefix}/health/ready", url.trim_end_matches('/'));
    }
    let scheme = args.place.tls.resolved().scheme();
    let mut address = args.place.admin_listen.unwrap_or(args.place.listen);
    if address.ip().is_unspecified() {
        let loopback: std::net::IpAddr = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(loopback);
    }
    format!("{scheme}://{address}{prefix}/health/ready")
}
