//! Settings and limits: every flag, its variable, its default and the reason for it.
//!
//! Flag beats environment beats default. A value that cannot be used ends the start with one line
//! that names the setting, the value and what was expected ([`SettingsError`]).
//!
//! | file | holds |
//! | --- | --- |
//! | `args` | what was said: flags, variables, defaults, help |
//! | `cli` | which command that is, and what is wrong with it in one line |
//! | `tool_args` | the same of the commands that work with models |
//! | `settings` | what it means |
//! | `values`, `limits`, `consumer_from`, `session_store` | single settings, valid ever after |
//! | `webhook_url` | the same of where news are posted to |
//! | `route_spec`, `allowed_targets` | further backends, and where the admin may add some |
//! | `reference` | all of them as tables, for `docs/REFERENCE.md` |
//!
//! What may change while the double runs (`mode`, `learn`, `latency_scale`) starts here and then
//! lives in `runtime::settings`.

mod allowed_targets;
mod args;
mod cli;
mod consumer_from;
mod limits;
#[cfg(any(test, feature = "test-util"))]
pub mod reference;
mod route_spec;
mod session_store;
mod settings;
mod tool_args;
mod values;
mod webhook_url;

#[cfg(test)]
mod tests;

pub use allowed_targets::AllowedTargets;
pub use cli::{Cli, CliExit, Command, parse, settings_of};
pub use consumer_from::ConsumerFrom;
pub use limits::Limits;
pub use route_spec::{RouteSpec, checked_name};
pub use session_store::SessionStore;
pub use settings::{
    AdminSettings, DriftSettings, Explicit, ForwardingSettings, ListenerTlsSettings, NO_TARGET,
    Settings,
};
pub use tool_args::{
    CheckArgs, DiffArgs, DriftGate, ExportArgs, ImportArgs, McpArgs, RunArgs, ToolPlaceArgs,
};
pub use values::{AdminPrefix, Cidrs, LogFormat, Seed, TargetCredentials, TargetUrl};
pub use webhook_url::WebhookUrl;

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
