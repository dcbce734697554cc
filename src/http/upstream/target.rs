//! The backend's address as the user gave it.

use std::fmt;

use actix_web::http::header::HeaderValue;
use thiserror::Error;

/// A parsed `--target`: scheme, host, port and an optional base path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    tls: bool,
    host: String,
    port: u16,
    authority: String,
    host_header: HeaderValue,
    base_path: String,
}

/// Why a target URL is not usable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    #[error("not a URL: {0}")]
    Url(String),
    #[error("scheme `{0}` is not `http` or `https`")]
    Scheme(String),
    #[error("a host is missing")]
    Host,
    #[error("user and password do not belong into the target")]
    UserInfo,
    #[error("query and fragment do not belong into the target")]
    QueryOrFragment,
}

impl Target {
    /// Parses an `http` or `https` URL with an optional base path.
    ///
    /// # Errors
    /// A [`TargetError`] naming what is wrong.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let url = url::Url::parse(text).map_err(|error| TargetError::Url(error.to_string()))?;
        let tls = match url.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(TargetError::Scheme(other.to_owned())),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(TargetError::QueryOrFragment);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(TargetError::Host)?;
        let port = url.port_or_known_default().ok_or(TargetError::Host)?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        // A host that `url` accepted is ASCII without controls, hence always a field value.
        let host_header = HeaderValue::from_str(&authority).map_err(|_| TargetError::Host)?;
        Ok(Self {
            tls,
            host_header,
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port,
            authority,
            base_path: url.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Whether the backend is reached over TLS.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// Host name or address, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and, unless it is the scheme's own, port: what `Host` says.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The `Host` field for this target.
    pub fn host_header(&self) -> HeaderValue {
        self.host_header.clone()
    }

    /// The path put before every request path, without a slash at its end; empty when none.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.base_path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_taken_apart() {
        fn check(text: &str, host: &str, port: u16, authority: &str, base: &str) {
            let target = Target::parse(text).unwrap();
            let parts = (target.host(), target.port(), target.authority(), target.base_path());
            assert_eq!(parts, (host, port, authority, base), "{text}");
        }
        check("https://httpbin.org", "httpbin.org", 443, "httpbin.org", "");
        check("http://localhost:8080/", "localhost", 8080, "localhost:8080", "");
        check("http://a.b:80/api/v1/", "a.b", 80, "a.b", "/api/v1");
        check("http://[::1]:9000", "::1", 9000, "[::1]:9000", "");
    }

    #[test]
    fn unusable_targets_are_named() {
        fn check(text: &str, expected: TargetError) {
            assert_eq!(Target::parse(text).unwrap_err(), expected, "{text}");
        }
        check("ftp://a", TargetError::Scheme("ftp".to_owned()));
        check("http://user:secret@a", TargetError::UserInfo);
        check("http://a/?q", TargetError::QueryOrFragment);
        assert!(matches!(Target::parse("localhost"), Err(TargetError::Url(_))));
    }
}
