//! Where the database is: `sqlite://PATH`, `sqlite://:memory:` or `postgres://…`.
//!
//! Parsed once, when the settings are read. Nothing prints a password: `Display` and `Debug`
//! hide it, and so do the messages of [`DatabaseUrlError`]. PostgreSQL's URIs are taken apart
//! here and handed on as quoted keywords, because libpq quotes a URI it cannot read, password
//! and all, in its message.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use thiserror::Error;

use super::ssl::{SslError, SslSettings};

const EXPECTED: &str = "expected `sqlite://PATH`, `sqlite://:memory:` or `postgres://…`";

/// The place of the database. `Display` is safe to log.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub(super) Place);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    Memory,
    File(PathBuf),
    Postgres(PostgresParameters),
}

/// Connection parameters of libpq, in the order given.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PostgresParameters {
    given: Vec<(String, String)>,
    /// What they say about TLS, which is not among them any more.
    ssl: SslSettings,
}

/// Why a text is no [`DatabaseUrl`]; continues "…: " and never repeats the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DatabaseUrlError {
    /// Neither `sqlite://` nor `postgres://`.
    #[error("{EXPECTED}")]
    Scheme,
    /// Nothing stands behind `sqlite://`.
    #[error("the path after `sqlite://` is empty: {EXPECTED}")]
    EmptyPath,
    /// A `?` in a SQLite URL: its connection is set up by the store alone.
    #[error("parameters after `?` are not supported in `sqlite://` URLs")]
    SqliteParameters,
    /// Which part it is.
    #[error("the {0} of the URL holds an invalid percent escape or U+0000")]
    Escape(&'static str),
    /// What stands behind the host's colon: not a number up to 65535.
    #[error("`{0}` is not a port")]
    Port(String),
    /// The whole parameter.
    #[error("the parameter `{0}` has no value: expected `name=value`")]
    Parameter(String),
    /// Words about TLS that cannot be followed.
    #[error(transparent)]
    Ssl(#[from] SslError),
}

impl DatabaseUrl {
    /// The parameters of a PostgreSQL database.
    #[cfg(test)]
    pub(super) fn postgres(&self) -> Option<&PostgresParameters> {
        match &self.0 {
            Place::Postgres(parameters) => Some(parameters),
            Place::Memory | Place::File(_) => None,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(url: &str) -> Result<Self, DatabaseUrlError> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            return sqlite_place(path).map(Self);
        }
        let postgres =
            url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = postgres.ok_or(DatabaseUrlError::Scheme)?;
        PostgresParameters::parse(rest).map(|parameters| Self(Place::Postgres(parameters)))
    }
}

fn sqlite_place(path: &str) -> Result<Place, DatabaseUrlError> {
    match path {
        "" => Err(DatabaseUrlError::EmptyPath),
        ":memory:" => Ok(Place::Memory),
        _ if path.contains('?') => Err(DatabaseUrlError::SqliteParameters),
        _ if path.contains('\0') => Err(DatabaseUrlError::Escape("path")),
        _ => Ok(Place::File(Path::new(path).to_owned())),
    }
}

impl PostgresParameters {
    /// Parses what follows the scheme: `user:password@host:port,host:port/database?name=value`,
    /// every part optional (PostgreSQL 18, section 32.1.1.2).
    fn parse(rest: &str) -> Result<Self, DatabaseUrlError> {
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (userinfo, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));

        let (names, ports) = hosts_and_ports(hosts)?;
        let mut given: Vec<(String, String)> = Vec::new();
        let mut put = |name: &str, value: String| {
            given.retain(|(earlier, _)| earlier != name);
            if !value.is_empty() {
                given.push((name.to_owned(), value));
            }
        };
        put("user", decoded("user", user)?);
        put("password", decoded("password", password)?);
        put("host", decoded("host", &names)?);
        put("port", ports);
        put("dbname", decoded("database name", database)?);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(DatabaseUrlError::Parameter(pair.to_owned()));
            };
            put(&decoded("query", name)?, decoded("query", value)?);
        }
        let ssl = SslSettings::take(&mut given, |variable| std::env::var(variable).ok())?;
        Ok(Self { given, ssl })
    }

    /// What they say about TLS.
    pub(super) fn ssl(&self) -> &SslSettings {
        &self.ssl
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The connection string of libpq: `instead` of what was given (an empty value takes it out),
    /// with `defaults` for what the URL leaves open.
    pub(super) fn connection_string(
        &self,
        instead: &[(&str, &str)],
        defaults: &[(&str, &str)],
    ) -> String {
        let replaced = |name: &str| instead.iter().any(|(other, _)| *other == name);
        let given = self.given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let given = given.filter(|(name, _)| !replaced(name));
        let instead = instead.iter().copied().filter(|(_, value)| !value.is_empty());
        let defaults = defaults.iter().filter(|(name, _)| self.get(name).is_none()).copied();
        let mut text = String::new();
        for (name, value) in given.chain(instead).chain(defaults) {
            text.push_str(name);
            text.push_str("='");
            for character in value.chars() {
                if matches!(character, '\'' | '\\') {
                    text.push('\\');
                }
                text.push(character);
            }
            text.push_str("' ");
        }
        text
    }

    /// Takes every secret of the parameters out of a message, should one have got into it.
    pub(super) fn scrub(&self, message: &str) -> String {
        let secrets = self.given.iter().filter(|(name, _)| is_secret(name));
        secrets.fold(message.to_owned(), |text, (_, secret)| text.replace(secret, "***"))
    }
}

fn is_secret(name: &str) -> bool {
    name.contains("password") || name.contains("secret")
}

fn decoded(part: &'static str, text: &str) -> Result<String, DatabaseUrlError> {
    let bytes = text.as_bytes();
    let escapes_are_whole = bytes.iter().enumerate().all(|(index, byte)| {
        let digits = bytes.get(index + 1..index + 3).unwrap_or_default();
        *byte != b'%' || (digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit))
    });
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) if escapes_are_whole && !decoded.contains('\0') => Ok(decoded.into_owned()),
        _ => Err(DatabaseUrlError::Escape(part)),
    }
}

/// Splits `a:1,b,[::1]:2` into `a,b,::1` and `1,,2`.
fn hosts_and_ports(hosts: &str) -> Result<(String, String), DatabaseUrlError> {
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, rest)) => (address, rest.strip_prefix(':').unwrap_or(rest)),
            None => host.rsplit_once(':').unwrap_or((host, "")),
        };
        if !port.is_empty() && port.parse::<u16>().is_err() {
            return Err(DatabaseUrlError::Port(port.to_owned()));
        }
        names.push(name);
        ports.push(port);
    }
    let ports = if ports.iter().all(|port| port.is_empty()) { vec![] } else { ports };
    Ok((names.join(","), ports.join(",")))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Memory => f.write_str("sqlite://:memory:"),
            Place::File(path) => write!(f, "sqlite://{}", path.display()),
            Place::Postgres(parameters) => parameters.fmt(f),
        }
    }
}

impl fmt::Display for PostgresParameters {
    /// User, hosts and database; never the password or other parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.get("user") {
            write!(f, "{user}@")?;
        }
        f.write_str(self.get("host").unwrap_or_default())?;
        if let Some(port) = self.get("port") {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", self.get("dbname").unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, shown: &str) {
        let parsed: DatabaseUrl = url.parse().unwrap();
        assert_eq!(parsed.to_string(), shown, "{url}");
        assert_eq!(format!("{parsed:?}"), format!("DatabaseUrl({shown})"), "{url}");
    }

    #[test]
    fn urls_are_shown_without_their_password() {
        check("sqlite://:memory:", "sqlite://:memory:");
        check("sqlite://stunt-double.db", "sqlite://stunt-double.db");
        check("sqlite:///var/lib/a b.db", "sqlite:///var/lib/a b.db");
        check("postgres://", "postgres:///");
        check("postgres://u:hunter2@h:5433/db", "postgres://u@h:5433/db");
        check("postgresql://u:hunter2%40@h/db", "postgres://u@h/db");
        check("postgres://h/db?user=u&password=hunter2", "postgres://u@h/db");
        check("postgres:///db?host=/run/postgresql", "postgres:///run/postgresql/db");
        check("postgres://u:p@[::1]:1,b:2/db", "postgres://u@::1,b:1,2/db");
        check("postgres://u:hunter@2@h/db", "postgres://u@h/db");
    }

    #[test]
    fn connection_strings_are_quoted_and_take_defaults_for_what_is_open() {
        let check = |url: &str, expected: &str| {
            let parsed: DatabaseUrl = url.parse().unwrap();
            let parameters = parsed.postgres().unwrap();
            let defaults = [("application_name", "stunt-double")];
            assert_eq!(parameters.connection_string(&[], &defaults), expected, "{url}");
        };
        let tail = "application_name='stunt-double' ";
        check("postgres://h", &format!("host='h' {tail}"));
        check("postgres://%2Frun:5/d", &format!("host='/run' port='5' dbname='d' {tail}"));
        check(
            "postgres://u:a%27b%5Cc%20d@h",
            &format!(r"user='u' password='a\'b\\c d' host='h' {tail}"),
        );
        check("postgres://h?application_name=x", "host='h' application_name='x' ");
        check("postgres://u:first@?password=second", &format!("user='u' password='second' {tail}"));
        check("postgres://h?sslmode=require&sslcert=c&sslkey=k", &format!("host='h' {tail}"));
    }

    #[test]
    fn wrong_urls_are_explained_without_their_password() {
        let check = |url: &str, expected: DatabaseUrlError| {
            let error = url.parse::<DatabaseUrl>().unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{url}: {error}");
            assert_eq!(error, expected, "{url}");
        };
        check("", DatabaseUrlError::Scheme);
        check("mysql://u:hunter2@h/db", DatabaseUrlError::Scheme);
        check("stunt-double.db", DatabaseUrlError::Scheme);
        check("sqlite://", DatabaseUrlError::EmptyPath);
        check("sqlite://x.db?mode=ro", DatabaseUrlError::SqliteParameters);
        check("sqlite://x\0.db", DatabaseUrlError::Escape("path"));
        check("postgres://u:hunter2%zz@h", DatabaseUrlError::Escape("password"));
        check("postgres://u:hunter2%00@h", DatabaseUrlError::Escape("password"));
        check("postgres://u:hunter2%@h", DatabaseUrlError::Escape("password"));
        check("postgres://u:hunter2@h:70000/db", DatabaseUrlError::Port("70000".into()));
        check("postgres://h/db?sslmode", DatabaseUrlError::Parameter("sslmode".into()));
        check("postgres://h/db?sslmode=verify-full", DatabaseUrlError::Ssl(SslError::NoRoots));
    }

    #[test]
    fn a_secret_is_taken_out_of_messages() {
        let url: DatabaseUrl = "postgres://u:hunter2@h".parse().unwrap();
        let parameters = url.postgres().unwrap();
        assert_eq!(parameters.scrub("bad value: hunter2"), "bad value: ***");
    }
}
