//! Settings and limits: every flag, its variable, its default and the reason for it.
//!
//! Flag beats environment beats default. A value that cannot be used ends the start with one line
//! that names the setting, the value and what was expected ([`SettingsError`]).
//! What may change while the double runs (`mode`, `learn`, `latency_scale`) starts here and then
//! lives in the actors' settings board.

mod cli;
mod limits;
mod values;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::domain::decide::Mode;

pub use cli::{Cli, CliExit, Command, parse};
pub use limits::Limits;
pub use values::{AdminPrefix, Cidrs, LogFormat, Seed, TargetUrl};

/// What is wrong with a setting, as one line for the person who started the process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: `{value}` is not usable: {problem}")]
pub struct SettingsError {
    /// The flag and its variable, e.g. `--listen (LISTEN)`.
    pub setting: String,
    /// The value as given; a secret is never repeated here.
    pub value: String,
    /// What was expected.
    pub problem: String,
}

impl SettingsError {
    /// An error about `setting`, which had `value`; `problem` says what was expected.
    #[must_use]
    pub fn new(setting: &str, value: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { setting: setting.into(), value: value.into(), problem: problem.into() }
    }
}

/// Everything a running double is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The real backend.
    pub target: TargetUrl,
    /// Address of the public listener; port 0 picks one.
    pub listen: SocketAddr,
    /// How the admin is reached and guarded.
    pub admin: AdminSettings,
    /// Where learned state is kept, as given; the store parses it.
    pub database_url: String,
    /// Mode at the first start; later the stored one, unless given explicitly.
    pub mode: Explicit<Mode>,
    /// Seed of everything drawn.
    pub seed: Seed,
    /// Factor on simulated latency; 0 answers at once.
    pub latency_scale: Explicit<f64>,
    /// Whether proxied traffic teaches.
    pub learn: Explicit<bool>,
    /// Whether `X-Chaos-Level` from clients counts.
    pub allow_chaos_headers: bool,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Named bounds on everything traffic can grow or delay.
    pub limits: Limits,
    /// How requests are passed on.
    pub forwarding: ForwardingSettings,
}

/// A value, and whether a person gave it: a given one beats what was stored by an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explicit<T> {
    /// The value in force at the start.
    pub value: T,
    /// True when it came from a flag or a variable.
    pub given: bool,
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

/// How requests are passed on to the backend.
#[derive(Debug, Clone, Default)]
pub struct ForwardingSettings {
    /// Keeps the client's `Host` instead of the target's.
    pub preserve_host: bool,
    /// Peers whose `X-Forwarded-*` are believed and extended.
    pub trusted_proxies: Cidrs,
    /// Rewrites `Location` and cookie domains of the backend to the double's own.
    pub rewrite_location: bool,
    /// Extra certificate authorities for the target, PEM.
    pub target_ca: Option<PathBuf>,
    /// Accepts any certificate of the target.
    pub target_insecure: bool,
}
