//! What a PostgreSQL URL says about TLS: libpq's names and meanings (PostgreSQL 18, section
//! 34.19), taken out of the parameters because libpq is built without TLS.

use std::path::PathBuf;

use thiserror::Error;

/// How much of TLS is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslMode {
    Disable,
    /// Without it first, with it where the server wants it.
    Allow,
    /// With it first, without it where the server does not speak it.
    Prefer,
    /// Always, whoever the server is; with given roots as [`Self::VerifyCa`].
    Require,
    /// Always, with a certificate that leads to the roots.
    VerifyCa,
    /// Always, with such a certificate for the host's name.
    VerifyFull,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SslRoots {
    /// `sslrootcert=system`.
    Public,
    File(PathBuf),
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SslSettings {
    pub mode: SslMode,
    /// Given by name: what is verified, is verified by them.
    pub roots: Option<SslRoots>,
    /// Certificate and key by which the server knows the double.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// TLS from the first byte on, without asking for it (`sslnegotiation=direct`).
    pub is_direct: bool,
}

/// Why the words about TLS cannot be followed; continues "…: ".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SslError {
    /// Its value is none that is known; it may be a secret that went astray.
    #[error("`{0}` is none of {1}")]
    Value(&'static str, &'static str),
    /// A parameter that would be ignored, though somebody relies on it.
    #[error("the parameter `{0}` is not supported: leave it out")]
    Unsupported(&'static str),
    /// Nothing to verify against.
    #[error("`sslmode=verify-ca` and `verify-full` need `sslrootcert=FILE`, or `system`")]
    NoRoots,
    /// Anybody can get a certificate that leads to a public root.
    #[error("`sslrootcert=system` needs `sslmode=verify-full`")]
    WeakMode,
    /// One without the other.
    #[error("`sslcert` and `sslkey` go together")]
    Identity,
}

/// Of libpq's other words about TLS, those that somebody would rely on.
const UNSUPPORTED: [&str; 5] =
    ["sslcrl", "sslcrldir", "sslpassword", "ssl_min_protocol_version", "ssl_max_protocol_version"];

const MODES: &str = "disable, allow, prefer, require, verify-ca, verify-full";

impl SslSettings {
    /// Takes the words about TLS out of `parameters`; `variable` tells what the environment says,
    /// as libpq would ask it.
    pub(super) fn take(
        parameters: &mut Vec<(String, String)>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SslError> {
        let mut taken = |name: &str| {
            let at = parameters.iter().position(|(other, _)| other == name)?;
            Some(parameters.remove(at).1)
        };
        if let Some(name) = UNSUPPORTED.iter().find(|name| taken(name).is_some()) {
            return Err(SslError::Unsupported(name));
        }
        // A server's certificate bound into the password's proof needs libpq's own TLS.
        match taken("channel_binding").as_deref() {
            None | Some("disable" | "prefer") => {}
            Some("require") => return Err(SslError::Unsupported("channel_binding=require")),
            Some(_) => {
                return Err(SslError::Value("channel_binding", "disable, prefer"));
            }
        }
        let is_direct = match taken("sslnegotiation").as_deref() {
            None | Some("postgres") => false,
            Some("direct") => true,
            Some(_) => return Err(SslError::Value("sslnegotiation", "postgres, direct")),
        };
        let roots = taken("sslrootcert").or_else(|| variable("PGSSLROOTCERT"));
        let roots = roots.map(|place| match &*place {
            "system" => SslRoots::Public,
            _ => SslRoots::File(place.into()),
        });
        let mode = taken("sslmode").or_else(|| variable("PGSSLMODE"));
        let mode = match mode.as_deref() {
            Some("disable") => SslMode::Disable,
            Some("allow") => SslMode::Allow,
            Some("prefer") => SslMode::Prefer,
            Some("require") if roots.is_some() => SslMode::VerifyCa,
            Some("require") => SslMode::Require,
            Some("verify-ca") => SslMode::VerifyCa,
            Some("verify-full") => SslMode::VerifyFull,
            Some(_) => return Err(SslError::Value("sslmode", MODES)),
            None if roots == Some(SslRoots::Public) => SslMode::VerifyFull,
            None => SslMode::Prefer,
        };
        let verifies = matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull);
        if verifies && roots.is_none() {
            return Err(SslError::NoRoots);
        }
        if roots == Some(SslRoots::Public) && mode != SslMode::VerifyFull {
            return Err(SslError::WeakMode);
        }
        let identity = match (taken("sslcert"), taken("sslkey")) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (None, None) => None,
            _ => return Err(SslError::Identity),
        };
        Ok(Self { mode, roots, identity, is_direct })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(query: &str, environment: &[(&str, &str)]) -> Result<SslSettings, SslError> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut parameters =
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let settings = SslSettings::take(&mut parameters, |name| {
            let found = environment.iter().find(|(other, _)| *other == name)?;
            Some(found.1.to_owned())
        })?;
        assert!(!parameters.iter().any(|(name, _)| name.starts_with("ssl")), "{parameters:?}");
        Ok(settings)
    }

    #[test]
    fn modes_mean_what_they_mean_to_libpq() {
        let check = |query: &str, environment: &[(&str, &str)], expected: SslMode| {
            assert_eq!(taken(query, environment).unwrap().mode, expected, "{query}");
        };
        check("", &[], SslMode::Prefer);
        check("sslmode=disable", &[("PGSSLMODE", "require")], SslMode::Disable);
        check("", &[("PGSSLMODE", "require")], SslMode::Require);
        check("sslmode=allow", &[], SslMode::Allow);
        check("sslmode=require&connect_timeout=5", &[], SslMode::Require);
        check("sslmode=require&sslrootcert=ca.pem", &[], SslMode::VerifyCa);
        check("sslmode=verify-full&sslrootcert=ca.pem", &[], SslMode::VerifyFull);
        check("sslmode=verify-ca", &[("PGSSLROOTCERT", "ca.pem")], SslMode::VerifyCa);
        check("sslrootcert=system", &[], SslMode::VerifyFull);
        assert!(taken("sslmode=require&sslnegotiation=direct", &[]).unwrap().is_direct);
        let identity = taken("sslcert=c.pem&sslkey=k.pem", &[]).unwrap().identity;
        assert_eq!(identity, Some(("c.pem".into(), "k.pem".into())));
    }

    #[test]
    fn what_cannot_be_followed_is_refused_and_not_ignored() {
        let check = |query: &str, expected: SslError| {
            assert_eq!(taken(query, &[]), Err(expected), "{query}");
        };
        check("sslmode=verify-full", SslError::NoRoots);
        check("sslmode=verify-ca&sslrootcert=system", SslError::WeakMode);
        check("sslmode=hunter2", SslError::Value("sslmode", MODES));
        check("sslcrl=x", SslError::Unsupported("sslcrl"));
        check("channel_binding=require", SslError::Unsupported("channel_binding=require"));
        check("sslcert=c.pem", SslError::Identity);
    }
}
