//! What can go wrong at rest, told apart by what the caller can do about it.
//!
//! Every message is one line and names the database by its display form, which never holds a
//! password. At start each of these ends the process; later the caller keeps its data and tries
//! again, because none of them loses what was already stored.

use thiserror::Error;

/// An error of the database, by kind. `database` is its path or its URL without secrets, `reason`
/// and `lock` continue the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The file or schema belongs to something else. It was left untouched.
    #[error("`{database}` is not a database of stunt-double: {reason}")]
    Foreign {
        /// Path, or URL without secrets.
        database: String,
        /// What tells that it is something else's.
        reason: String,
    },
    /// A newer stunt-double wrote it. It was left untouched.
    #[error(
        "`{database}` has schema {found}, and this stunt-double knows schemas up to {known}: \
         run a newer stunt-double, or name another database"
    )]
    Newer {
        /// Path, or URL without secrets.
        database: String,
        /// Of the database.
        found: u32,
        /// The newest of this build.
        known: u32,
    },
    /// Another process holds the advisory lock.
    #[error("`{database}` is in use by another stunt-double: {lock}")]
    Locked {
        /// Path, or URL without secrets.
        database: String,
        /// What is locked, and by whom if that is known.
        lock: String,
    },
    /// The file, its folder or the server refuses writes.
    #[error("`{database}` cannot be written: {reason}")]
    ReadOnly {
        /// Path, or URL without secrets.
        database: String,
        /// What the database or the system said.
        reason: String,
    },
    /// It cannot be reached now: no such folder, server away, file deleted, busy for too long.
    #[error("`{database}` is unavailable: {reason}")]
    Unavailable {
        /// Path, or URL without secrets.
        database: String,
        /// What the database or the system said.
        reason: String,
    },
    /// No space is left. The same batch succeeds once there is space again.
    #[error("`{database}` is full: {reason}")]
    Full {
        /// Path, or URL without secrets.
        database: String,
        /// What the database or the system said.
        reason: String,
    },
    /// The database is damaged. It was left as found.
    #[error("`{database}` is damaged: {reason}")]
    Corrupt {
        /// Path, or URL without secrets.
        database: String,
        /// What does not fit.
        reason: String,
    },
    /// Anything else that kept a statement from succeeding.
    #[error("`{database}` refused a statement: {reason}")]
    Write {
        /// Path, or URL without secrets.
        database: String,
        /// What the database said.
        reason: String,
    },
}

impl StoreError {
    /// Whether it says that the database cannot be written for now, and may be later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::ReadOnly { .. } | Self::Full { .. } => true,
            // A disk without space for the file that SQLite shares memory by, or a limit on the
            // size of files.
            Self::Unavailable { reason, .. } => reason.contains("disk I/O error"),
            _ => false,
        }
    }

    /// Whether it says that the server of the database is not there or not ready, so that asking
    /// again may find it; one that refuses what it is asked for is none of these.
    #[must_use]
    pub fn server_is_away(&self) -> bool {
        match self {
            Self::Unavailable { database, reason } => {
                // A file that the URL names and nobody finds is no server.
                let of_server = ["connection to server", "could not translate host name"];
                database.starts_with("postgres://")
                    && of_server.iter().any(|words| reason.contains(words))
                    && AWAY.iter().any(|words| reason.contains(words))
            }
            _ => false,
        }
    }
}

/// What libpq and a server say when there is, for now, nobody who answers: not there yet, not
/// reached, or not ready. A server that refuses a password or a database says none of it.
const AWAY: &[&str] = &[
    "Connection refused",
    "Connection reset by peer",
    "Connection timed out",
    "Host is down",
    "Network is unreachable",
    "No route to host",
    "No such file or directory", // its Unix socket
    "could not translate host name",
    "is shutting down",
    "is starting up",
    "in recovery mode",
    "not yet accepting connections",
    "server closed the connection unexpectedly",
    "timeout expired",
];

/// The kind of a [`StoreError`] before the database it happened to is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Foreign,
    ReadOnly,
    Unavailable,
    Full,
    Corrupt,
    Write,
}

impl Kind {
    /// The error of this kind about `database`; `reason` is folded into one line.
    pub(super) fn of(self, database: impl ToString, reason: impl ToString) -> StoreError {
        let (database, reason) = (database.to_string(), one_line(&reason.to_string()));
        match self {
            Self::Foreign => StoreError::Foreign { database, reason },
            Self::ReadOnly => StoreError::ReadOnly { database, reason },
            Self::Unavailable => StoreError::Unavailable { database, reason },
            Self::Full => StoreError::Full { database, reason },
            Self::Corrupt => StoreError::Corrupt { database, reason },
            Self::Write => StoreError::Write { database, reason },
        }
    }
}

/// Server messages come in several lines, with tabs; a log line and a start-up error are one.
fn one_line(text: &str) -> String {
    text.split(char::is_whitespace).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line_whatever_the_server_says() {
        let error = Kind::Unavailable.of("postgres://h/db", "connection refused\n\tIs it up?\r\n");
        assert_eq!(
            error.to_string(),
            "`postgres://h/db` is unavailable: connection refused Is it up?"
        );
    }

    #[test]
    fn a_server_that_is_away_is_told_from_one_that_refuses() {
        let check = |reason: &str, expected: bool| {
            let error = Kind::Unavailable.of("postgres://u@h/db", reason);
            assert_eq!(error.server_is_away(), expected, "{reason}");
            let file = Kind::Unavailable.of("sqlite://h.db", reason);
            assert!(!file.server_is_away(), "{reason}");
        };
        let at = "connection to server at \"h\" (10.0.0.1), port 5432 failed:";
        check(&format!("{at} Connection refused\n\tIs the server running?"), true);
        check(&format!("{at} timeout expired"), true);
        check(&format!("{at} FATAL: the database system is starting up"), true);
        check("could not translate host name \"db\" to address: Name or service not known", true);
        check(&format!("{at} FATAL: password authentication failed for user \"u\""), false);
        check(&format!("{at} FATAL: database \"db\" does not exist"), false);
        check(&format!("{at} fe_sendauth: no password supplied"), false);
        check("`sslrootcert` ca.pem: No such file or directory", false);
        check("invalid connection option \"unknown\"", false);
    }
}
