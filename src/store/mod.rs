//! What survives a restart: the only room that knows diesel.
//!
//! One owner (the persistence actor) holds one [`Store`]: it loads at start and writes
//! [`Batch`]es, each in one transaction. Nothing here is on the path of a request.
//!
//! ```text
//! open(url) ─▶ refuse what is not ours ─▶ lock ─▶ migrate ─▶ Box<dyn Store>
//!                                                    load · write(batch) · check · audit
//! ```
//!
//! `sqlite` (the default, bundled) and `postgres` differ in how they are opened, locked and how
//! their errors are read; the statements (`statements.rs`) are one text compiled for both, and one
//! test suite runs on both. `FailingStore` (feature `test-util`) is the third implementation: in
//! memory, and failing by a named plan, for the tests of those who write here.
//!
//! A batch is written with upserts, so writing it twice is harmless, and a failed write leaves
//! nothing behind: the caller keeps the batch and tries again.

mod batch;
mod endpoint_rows;
mod error;
#[cfg(any(test, feature = "test-util"))]
mod failing_store;
mod late_store;
mod migrations;
mod nul;
mod postgres;
mod records;
mod rows;
mod schema;
mod sqlite;
mod ssl;
mod url;

use std::time::Duration;

pub use error::StoreError;
#[cfg(any(test, feature = "test-util"))]
pub use failing_store::{FailOn, FailingStore, Recording};
pub use records::{
    AuditRecord, BaselineRecord, Batch, Change, ChaosRecord, ChaosRuleRecord, DocumentRecord,
    EndpointRecord, MODES, OverrideRecord, PinRecord, StatusRecord, Stored,
};
pub use ssl::SslError;
pub use url::{DatabaseUrl, DatabaseUrlError};

/// The longest id, setting name or pinned template, in bytes.
///
/// An entry of PostgreSQL's B-tree holds 2,704 bytes; an entry with a longer key is left out of a
/// batch and reported in the log, so callers refuse longer ones where they come in.
pub const KEY_BYTES_MAX: usize = 2_048;

/// Entries of the audit trail that are kept: weeks of busy use, in a few megabytes.
pub const AUDIT_ROWS_MAX: i64 = 10_000;

/// Redirects of folded endpoints that are kept, newest first: a few megabytes, for readers who
/// hold them in memory, and more merges than a path learner makes once it knows a backend.
pub const REDIRECTS_MAX: i64 = 20_000;

/// A database that is open, checked, migrated and locked.
pub trait Store: Send {
    /// Reads everything back. At start only; names this version does not know are skipped with a
    /// warning.
    ///
    /// # Errors
    /// When the database cannot be read; single records that cannot are among `damaged` instead.
    fn load(&mut self) -> Result<Stored, StoreError>;

    /// Writes the batch in one transaction: all of it or nothing.
    ///
    /// # Errors
    /// When the transaction fails; the same batch may be written again.
    fn write(&mut self, batch: &Batch) -> Result<(), StoreError>;

    /// Whether the database can be reached and is still the one that was opened; cheap enough
    /// for every readiness probe.
    ///
    /// # Errors
    /// When it cannot be reached, or is another one by now.
    fn check(&mut self) -> Result<(), StoreError>;

    /// The last `limit` entries of the audit trail (at most [`AUDIT_ROWS_MAX`]), newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn audit(&mut self, limit: usize) -> Result<Vec<AuditRecord>, StoreError>;
}

/// How long [`open`] waits for a predecessor on PostgreSQL to let go of the lock: containers are
/// killed 10 s after they were told to stop, and their session ends with them.
pub const PREDECESSOR_WAIT: Duration = Duration::from_secs(12);

/// Opens the database at `url`: refuses what is not ours and leaves it untouched, takes the
/// advisory lock, runs pending migrations.
///
/// # Errors
/// Each kind of [`StoreError`]: see there for what is left untouched.
pub fn open(url: &DatabaseUrl) -> Result<Box<dyn Store>, StoreError> {
    open_waiting(url, PREDECESSOR_WAIT)
}

/// Asks once whether the server of the database answers and lets this user in. A file is always
/// there.
///
/// # Errors
/// [`StoreError::Unavailable`]; [`StoreError::server_is_away`] tells whether to ask again.
pub fn reach(url: &DatabaseUrl) -> Result<(), StoreError> {
    match &url.0 {
        url::Place::Memory | url::Place::File(_) => Ok(()),
        url::Place::Postgres(parameters) => postgres::ask(parameters),
    }
}

/// As [`open`], but a file that cannot be written for now (a full disk, a read-only file or folder)
/// is no reason not to start: what it holds is served, and it is opened once it can be written.
///
/// # Errors
/// As [`open`], for everything else.
pub fn open_or_wait(url: &DatabaseUrl) -> Result<Box<dyn Store>, StoreError> {
    match open(url) {
        Err(cause) if cause.may_pass() => {
            log::error!("database: {cause}; the double starts with what can be read of it");
            let stored = match &url.0 {
                url::Place::File(path) => sqlite::read(path).unwrap_or_else(|error| {
                    log::warn!("database: {error}; the double starts with nothing learned");
                    Stored::default()
                }),
                url::Place::Memory | url::Place::Postgres(_) => Stored::default(),
            };
            Ok(Box::new(late_store::LateStore::new(url.clone(), stored)))
        }
        outcome => outcome,
    }
}

/// As [`open`], with a bound of its own on the wait for a predecessor.
///
/// The wait is for PostgreSQL alone, where processes come and go on different machines. A file in
/// use is refused at once: the other process is on this machine and will not go away by itself.
///
/// # Errors
/// As [`open`].
pub fn open_waiting(url: &DatabaseUrl, wait: Duration) -> Result<Box<dyn Store>, StoreError> {
    match &url.0 {
        url::Place::Memory => Ok(Box::new(sqlite::SqliteStore::in_memory()?)),
        url::Place::File(path) => Ok(Box::new(sqlite::SqliteStore::open(path)?)),
        url::Place::Postgres(parameters) => {
            Ok(Box::new(postgres::PostgresStore::open(parameters, wait)?))
        }
    }
}
