//! The types of single settings: parsed once, valid ever after.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The backend's URL: http or https, a host, an optional port and base path, and optional
/// credentials, which are kept apart and never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetUrl {
    /// Without user name and password.
    url: url::Url,
    credentials: Option<TargetCredentials>,
}

/// Who the double is to the backend: sent as Basic (RFC 7617), never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct TargetCredentials {
    user: String,
    password: String,
}

impl TargetUrl {
    /// The whole URL, without credentials and without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The credentials that stood in it.
    #[must_use]
    pub fn credentials(&self) -> Option<&TargetCredentials> {
        self.credentials.as_ref()
    }
}

impl TargetCredentials {
    /// The value of `Authorization` that carries them.
    #[must_use]
    pub fn authorization(&self) -> String {
        use base64::Engine as _;
        let pair = format!("{}:{}", self.user, self.password);
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    }
}

impl fmt::Debug for TargetCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TargetCredentials(hidden)")
    }
}

impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TargetUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected an http:// or https:// URL such as https://api.example.com/v1";
        let mut url = url::Url::parse(text).map_err(|error| format!("{expected} ({error})"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(expected.into());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("{expected}, without query or fragment"));
        }
        let credentials = credentials(&url)?;
        // Neither fails for a URL with a host, which this one has.
        let _cleared = (url.set_username(""), url.set_password(None));
        Ok(Self { url, credentials })
    }
}

/// What stands before the `@`, decoded. A colon in the user name could not be told from the one
/// that ends it (RFC 7617, section 2).
fn credentials(url: &url::Url) -> Result<Option<TargetCredentials>, String> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decoded = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8();
        let text = text.map_err(|_| "expected a user name and password in UTF-8".to_owned())?;
        match text.contains(char::is_control) {
            true => Err("expected a user name and password without control characters".to_owned()),
            false => Ok(text.into_owned()),
        }
    };
    let (user, password) = (decoded(url.username())?, decoded(url.password().unwrap_or(""))?);
    if user.contains(':') {
        return Err("expected a user name without a colon".into());
    }
    Ok(Some(TargetCredentials { user, password }))
}

/// `text` with what stands between the scheme and the last `@` hidden: how a URL that could not be
/// read is shown, because what is wrong with it may be its password. Other words stay as they are.
pub(super) fn without_userinfo(text: &str) -> String {
    let Some(at) = text.rfind('@') else { return text.to_owned() };
    let begin = text.find("://").map_or(0, |scheme| scheme + 3).min(at);
    format!("{}(hidden){}", &text[..begin], &text[at..])
}

/// The path prefix of the admin: one or more literal segments, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminPrefix(String);

impl AdminPrefix {
    /// The prefix, such as `/admin`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a raw request path is the admin's: the prefix itself or something below it,
    /// compared byte by byte, so that no other spelling reaches the admin.
    #[must_use]
    pub fn owns(&self, raw_path: &str) -> bool {
        raw_path
            .strip_prefix(self.0.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for AdminPrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = text.starts_with('/')
            && text[1..].split('/').all(|segment| {
                !segment.is_empty()
                    && segment != "."
                    && segment != ".."
                    && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
            });
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err("expected a path such as /admin or /_double/admin: segments of letters, digits, \
                 `-`, `_`, `.`, `~`, no trailing slash"
                .into())
        }
    }
}

/// The seed of everything drawn. Any text; equal texts draw equal answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed(pub String);

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            Err("expected any text of at least one character".into())
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

/// Networks in CIDR notation, comma separated; a bare address stands for itself alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cidrs(Vec<ipnet::IpNet>);

impl Cidrs {
    /// Whether one of the networks holds `address`.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The networks in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[ipnet::IpNet] {
        &self.0
    }
}

impl FromStr for Cidrs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                part.parse::<ipnet::IpNet>()
                    .or_else(|_| part.parse::<IpAddr>().map(ipnet::IpNet::from))
                    .map_err(|_| {
                        format!("`{part}` is no network; expected e.g. 10.0.0.0/8,127.0.0.1")
                    })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}
