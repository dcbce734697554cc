//! The backend's address as the user gave it.

use std::fmt;

use actix_web::http::header::HeaderValue;
use base64::Engine;
use thiserror::Error;

/// A parsed `--target`: scheme, host, port, an optional base path, and optional credentials, which
/// are sent and never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    tls: bool,
    host: String,
    port: u16,
    authority: String,
    host_header: HeaderValue,
    base_path: String,
    /// `Basic …`, marked as sensitive: its `Debug` shows nothing.
    authorization: Option<HeaderValue>,
}

/// Why a target URL is not usable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// What the parser of URLs said.
    #[error("not a URL: {0}")]
    Url(String),
    /// The scheme, in lower case.
    #[error("scheme `{0}` is not `http` or `https`")]
    Scheme(String),
    /// Host or port are missing, or no field value.
    #[error("a host is missing")]
    Host,
    /// Not text when decoded, or the user has a colon, which `Basic` cannot say (RFC 7617).
    #[error("user or password is not percent-encoded text")]
    UserInfo,
    /// There is a `?` or `#`.
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
        let authorization = basic_credentials(&url).map_err(|_| TargetError::UserInfo)?;
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
            authorization,
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

    /// The one given, or the scheme's own.
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

    /// The same target, asked with this `Authorization` instead of what stood in its URL.
    ///
    /// # Errors
    /// When it is no field value.
    pub fn with_authorization(mut self, value: &str) -> Result<Self, TargetError> {
        let mut value = HeaderValue::from_str(value).map_err(|_| TargetError::UserInfo)?;
        value.set_sensitive(true);
        self.authorization = Some(value);
        Ok(self)
    }

    /// The `Authorization` the target's credentials stand for.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
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

/// The credentials in a URL as `Basic` (RFC 7617), if there are any.
///
/// # Errors
/// When they cannot be decoded, or name a user with a colon, which `Basic` cannot say.
pub fn basic_credentials(url: &url::Url) -> Result<Option<HeaderValue>, InvalidCredentials> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decode = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let (user, password) = (decode(url.username()), decode(url.password().unwrap_or_default()));
    if user.contains(&b':') {
        return Err(InvalidCredentials);
    }
    let pair = [user.as_slice(), b":", &password].concat();
    let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let mut value = HeaderValue::from_str(&text).map_err(|_| InvalidCredentials)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Credentials that cannot be sent; what they are is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidCredentials;

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
    fn credentials_are_sent_and_never_shown() {
        let target = Target::parse("http://user:s%40cret@a:81/b").unwrap();
        let sent = target.authorization().unwrap();
        assert_eq!(sent.as_bytes(), b"Basic dXNlcjpzQGNyZXQ=");
        assert_eq!((target.authority(), target.host()), ("a:81", "a"));
        for shown in [target.to_string(), format!("{target:?}")] {
            for secret in ["user", "cret", "dXNl"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
        assert_eq!(Target::parse("http://a").unwrap().authorization(), None);
        let given = Target::parse("http://a").unwrap().with_authorization("Basic eA==").unwrap();
        assert!(given.authorization().unwrap().is_sensitive());
    }

    #[test]
    fn unusable_targets_are_named() {
        fn check(text: &str, expected: TargetError) {
            assert_eq!(Target::parse(text).unwrap_err(), expected, "{text}");
        }
        check("ftp://a", TargetError::Scheme("ftp".to_owned()));
        check("http://us%3Aer:secret@a", TargetError::UserInfo);
        check("http://a/?q", TargetError::QueryOrFragment);
        assert!(matches!(Target::parse("localhost"), Err(TargetError::Url(_))));
    }
}
