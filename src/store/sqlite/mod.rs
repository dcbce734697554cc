//! SQLite: one file, one process, one writer.
//!
//! A new file becomes a database in one transaction of the rollback journal (application id,
//! tables, schema version) and turns to WAL afterwards, so its header alone always tells whose it
//! is and which schema it has. Every file is checked (`quick_check`) through a read-only
//! connection before anything may write to it.
//!
//! `synchronous=NORMAL` with WAL: a killed process loses nothing it committed, a power cut may
//! lose the last commits, neither can corrupt the file.

mod file;
#[path = "../statements.rs"]
#[expect(clippy::duplicate_mod, reason = "one text for two connection types, see statements.rs")]
mod statements;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::r2d2::{self, ConnectionManager, CustomizeConnection, NopErrorHandler};
use diesel::result::Error;
use diesel::sql_types::{Integer, Text};
use diesel::sqlite::Sqlite;
use diesel::{Connection as _, SqliteConnection as Connection};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use self::file::{APPLICATION_ID, DatabaseFile};
use super::error::{Kind, StoreError};
use super::migrations::{self, MigrationError};
use super::{AuditRecord, Batch, Store, Stored};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// How long a statement waits for another program (a shell, a backup) to let go of the file.
const BUSY_TIMEOUT_MS: u32 = 2_000;

/// How long to wait for the pool to open its connection: a little over what it may wait itself.
const CONNECTION_TIMEOUT: Duration = Duration::from_millis(BUSY_TIMEOUT_MS as u64 + 500);

/// A write-ahead log that one large batch has blown up is cut back to this size.
const JOURNAL_BYTES_MAX: u32 = 16 * 1024 * 1024;

type Pool = r2d2::Pool<ConnectionManager<Connection>>;
type PooledConnection = r2d2::PooledConnection<ConnectionManager<Connection>>;

pub(super) struct SqliteStore {
    pool: Pool,
    /// After the pool: the lock is let go when the last connection is closed.
    file: Option<OpenFile>,
}

struct OpenFile {
    file: DatabaseFile,
    identity: (u64, u64),
}

impl SqliteStore {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let known = migrations::known::<Sqlite>(&MIGRATIONS);
        let file = DatabaseFile::claim(path, known)?;
        if !file.is_new() && !file.has("-journal") {
            verify(&file, known)?;
        }
        let url = file.path().to_string_lossy().into_owned();
        let mut conn = Connection::establish(&url)
            .map_err(|error| Kind::Unavailable.of(file.shown(), error))?;
        bootstrap(&mut conn).map_err(|error| bootstrap_error(error, file.shown(), known))?;
        // Switched while only this connection exists: the mode is the file's from now on.
        let mode = sql::<Text>("PRAGMA journal_mode = WAL").get_result::<String>(&mut conn);
        let mode = mode.map_err(|error| classify(&error).of(file.shown(), error))?;
        if mode != "wal" {
            let shown = file.shown();
            log::warn!("`{shown}`: no write-ahead log on this file system, writes take longer");
        }
        let mut store = Self {
            pool: pool(&url, Customizer { bootstraps: false }),
            file: Some(OpenFile { identity: file.identity()?, file }),
        };
        store.connection()?;
        Ok(store)
    }

    pub(super) fn in_memory() -> Result<Self, StoreError> {
        let mut store =
            Self { pool: pool(":memory:", Customizer { bootstraps: true }), file: None };
        store.connection()?;
        Ok(store)
    }

    fn connection(&mut self) -> Result<PooledConnection, StoreError> {
        if let Some(open) = &self.file {
            match open.file.identity() {
                Ok(identity) if identity == open.identity => {}
                Ok(_other) => {
                    return Err(self.error(Kind::Unavailable, "it was replaced by another file"));
                }
                Err(_gone) => self.make_anew()?,
            }
        }
        self.pool.get().map_err(|error| self.error(Kind::Unavailable, error))
    }

    /// Copies a file of which parts cannot be read, before anything is written over them.
    fn keep_aside(&self, damaged: &[String]) {
        let Some(open) = &self.file else { return };
        let (shown, names) = (open.file.shown(), damaged.join(", "));
        let aside = file::sidecar(open.file.path(), ".damaged");
        let kept = if aside.exists() { Ok(0) } else { std::fs::copy(open.file.path(), &aside) };
        let copy = match kept {
            Ok(_bytes) => format!("a copy is kept as `{}`", aside.display()),
            Err(error) => format!("no copy could be kept: {error}"),
        };
        log::error!(
            "`{shown}` is damaged: what it holds of {names} cannot be read and is learned anew, \
             the rest is loaded; {copy}"
        );
    }

    /// Makes a file anew that somebody removed: the open connection still has all of it.
    fn make_anew(&mut self) -> Result<(), StoreError> {
        let Some(open) = &self.file else { return Ok(()) };
        let path = open.file.path().to_path_buf();
        let anew = file::sidecar(&path, ".anew");
        let lost = |kind: Kind, reason: String| {
            Err(kind.of(open.file.shown(), format!("it was removed and not made anew: {reason}")))
        };
        // Left by an attempt that failed half-way; that there is none is as good.
        let _left = std::fs::remove_file(&anew);
        let copied = self.pool.get().map_err(|error| error.to_string()).and_then(|mut conn| {
            let copy = format!("VACUUM INTO '{}'", anew.to_string_lossy().replace('\'', "''"));
            conn.batch_execute(&copy).map_err(|error| error.to_string())
        });
        if let Err(reason) = copied {
            return lost(Kind::Unavailable, reason);
        }
        // The connection is closed first: it takes its write-ahead log with it by name.
        close(&self.pool);
        for suffix in ["-wal", "-shm", "-journal"] {
            let _none = std::fs::remove_file(file::sidecar(&path, suffix));
        }
        if let Err(error) = std::fs::rename(&anew, &path) {
            return lost(file::io_kind(&error), error.to_string());
        }
        let shown = open.file.shown().to_owned();
        log::warn!("`{shown}` was removed while in use; it was made anew with all it held");
        // The old lock first: a process may not take the lock of a file twice.
        self.file = None;
        let mut anew = Self::open(Path::new(&shown))?;
        std::mem::swap(&mut self.pool, &mut anew.pool);
        std::mem::swap(&mut self.file, &mut anew.file);
        Ok(())
    }

    fn error(&self, kind: Kind, reason: impl ToString) -> StoreError {
        kind.of(self.file.as_ref().map_or(":memory:", |open| open.file.shown()), reason)
    }

    fn failed(&self, error: &Error) -> StoreError {
        self.error(classify(error), error)
    }
}

impl Drop for SqliteStore {
    /// Closes the connection here and now, before the lock is let go.
    ///
    /// The pool's worker may still hold the pool for a moment after it has opened the connection,
    /// and would then close it later. A connection that comes back with an open transaction is
    /// closed by the pool at once.
    fn drop(&mut self) {
        close(&self.pool);
    }
}

/// Closes the connection of the pool, here and now.
fn close(pool: &Pool) {
    if let Some(mut conn) = pool.try_get()
        && let Err(error) = AnsiTransactionManager::begin_transaction(&mut *conn)
    {
        log::debug!("closing the database: {error}");
    }
}

/// Reads a file that cannot be written, as it was when its last write-ahead log was folded in;
/// nothing is created beside it.
pub(super) fn read(path: &Path) -> Result<Stored, StoreError> {
    let shown = path.display().to_string();
    if !path.exists() {
        return Ok(Stored::default());
    }
    let known = migrations::known::<Sqlite>(&MIGRATIONS);
    let name = utf8_percent_encode(&path.to_string_lossy(), URI_PATH).to_string();
    let failed = |error: Error| classify(&error).of(&shown, error);
    let mut conn = Connection::establish(&format!("file:{name}?mode=ro&immutable=1"))
        .map_err(|error| Kind::Unavailable.of(&shown, error))?;
    if pragma(&mut conn, "user_version").map_err(failed)?.cast_unsigned() != known {
        return Err(Kind::Unavailable.of(&shown, "it has an older schema and cannot be migrated"));
    }
    statements::load(&mut conn).map_err(failed)
}

impl Store for SqliteStore {
    fn load(&mut self) -> Result<Stored, StoreError> {
        let mut conn = self.connection()?;
        let stored = (*conn).transaction(statements::load).map_err(|error| self.failed(&error))?;
        drop(conn);
        if !stored.damaged.is_empty() {
            self.keep_aside(&stored.damaged);
        }
        Ok(stored)
    }

    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut conn = self.connection()?;
        // The first error is the cause. SQLite ends a transaction by itself when the disk is
        // full, and then the rollback fails too and is what diesel reports.
        let mut cause = None;
        conn.immediate_transaction(|conn| {
            statements::write(conn, batch).inspect_err(|error| cause = Some(self.failed(error)))
        })
        .map_err(|error| cause.unwrap_or_else(|| self.failed(&error)))?;
        if batch.reset || !batch.forgotten.is_empty() {
            // The batch is durable already, and what is in the way of this only puts it off until
            // the next time.
            let _erased = erase(&mut conn);
        }
        Ok(())
    }

    fn check(&mut self) -> Result<(), StoreError> {
        let mut conn = self.connection()?;
        pragma(&mut conn, "user_version").map(drop).map_err(|error| self.failed(&error))
    }

    fn audit(&mut self, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        let mut conn = self.connection()?;
        statements::read_audit(&mut conn, limit).map_err(|error| self.failed(&error))
    }
}

/// One connection: there is one writer, and SQLite would make a second one wait.
fn pool(url: &str, customizer: Customizer) -> Pool {
    r2d2::Pool::builder()
        .max_size(1)
        .min_idle(Some(0))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_on_check_out(false)
        .connection_timeout(CONNECTION_TIMEOUT)
        .error_handler(Box::new(NopErrorHandler)) // reported by whoever waits for the connection
        .connection_customizer(Box::new(customizer))
        .build_unchecked(ConnectionManager::new(url))
}

#[derive(Debug)]
struct Customizer {
    /// Every connection to `:memory:` is a database of its own and starts empty.
    bootstraps: bool,
}

impl CustomizeConnection<Connection, r2d2::Error> for Customizer {
    fn on_acquire(&self, conn: &mut Connection) -> Result<(), r2d2::Error> {
        // Each its own statement and this one first, or the others fail at once on a busy file.
        conn.batch_execute(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"))?;
        conn.batch_execute("PRAGMA synchronous = NORMAL")?;
        conn.batch_execute("PRAGMA foreign_keys = ON")?;
        // What is forgotten must not be readable in the file.
        conn.batch_execute("PRAGMA secure_delete = ON")?;
        conn.batch_execute(&format!("PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}"))?;
        if self.bootstraps {
            bootstrap(conn).map_err(|error| {
                let MigrationError::Failed(error) = error else {
                    return Error::NotFound.into(); // a database in memory is never newer
                };
                r2d2::Error::QueryError(Error::QueryBuilderError(error))
            })?;
        }
        Ok(())
    }
}

/// Creates the tables or brings them to the newest schema, all in one transaction.
fn bootstrap(conn: &mut Connection) -> Result<(), MigrationError> {
    let known = migrations::known::<Sqlite>(&MIGRATIONS);
    conn.batch_execute(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"))?;
    let version = pragma(conn, "user_version")?;
    if version.cast_unsigned() == known {
        return Ok(());
    }
    conn.immediate_transaction(|conn| {
        migrations::run(conn, MIGRATIONS)?;
        conn.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
        conn.batch_execute(&format!("PRAGMA user_version = {known}"))?;
        Ok(())
    })
}

fn bootstrap_error(error: MigrationError, shown: &str, known: u32) -> StoreError {
    match error {
        MigrationError::Newer { found } => {
            StoreError::Newer { database: shown.to_owned(), found, known }
        }
        MigrationError::Failed(error) => match error.downcast_ref::<Error>() {
            Some(query) => classify(query).of(shown, query),
            None => Kind::Write.of(shown, error),
        },
    }
}

/// Checks the file through a connection that cannot write.
///
/// Without a write-ahead log the file is opened as immutable, which creates nothing beside it.
/// With one (after a crash) it has to be read through the log, whose newer header may also tell
/// of a newer schema.
fn verify(file: &DatabaseFile, known: u32) -> Result<(), StoreError> {
    let path = utf8_percent_encode(&file.path().to_string_lossy(), URI_PATH).to_string();
    let immutable = if file.has("-wal") { "" } else { "&immutable=1" };
    let mut conn = Connection::establish(&format!("file:{path}?mode=ro{immutable}"))
        .map_err(|error| Kind::Unavailable.of(file.shown(), error))?;
    let failed = |error: Error| classify(&error).of(file.shown(), error);
    let verdict = sql::<Text>("PRAGMA quick_check(1)").get_result::<String>(&mut conn);
    match verdict.map_err(failed)?.as_str() {
        "ok" => {}
        damage => return Err(Kind::Corrupt.of(file.shown(), damage)),
    }
    match pragma(&mut conn, "user_version").map_err(failed)?.cast_unsigned() {
        found if found > known => {
            Err(StoreError::Newer { database: file.shown().to_owned(), found, known })
        }
        _ => Ok(()),
    }
}

/// What ends the path in a URI file name of SQLite, and the escape itself.
const URI_PATH: &AsciiSet = &CONTROLS.add(b'?').add(b'#').add(b'%');

/// Largest database that is written anew to erase what was forgotten: some 100 ms of work, a few
/// times while an API is learned. In a larger one, rows that were moved before they were deleted
/// may leave copies in unused parts of pages.
const ERASED_BYTES_MAX: i64 = 16 << 20;

/// Makes what was deleted unreadable: `secure_delete` overwrites rows where they stood last, and
/// the write-ahead log still has the pages as they were.
fn erase(conn: &mut Connection) -> QueryResult<()> {
    let bytes = i64::from(pragma(conn, "page_count")?) * i64::from(pragma(conn, "page_size")?);
    if bytes <= ERASED_BYTES_MAX {
        conn.batch_execute("VACUUM")?;
    }
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
}

fn pragma(conn: &mut Connection, name: &str) -> QueryResult<i32> {
    sql::<Integer>(&format!("PRAGMA {name}")).get_result(conn)
}

/// diesel keeps the message of SQLite and not its code. The texts are constants of the bundled
/// library (`sqlite3ErrStr`), so they can be relied on.
fn classify(error: &Error) -> Kind {
    let message = match error {
        Error::RollbackErrorOnCommit { commit_error, .. } => commit_error.to_string(),
        other => other.to_string(),
    };
    let is = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if is(&["database or disk is full"]) {
        Kind::Full
    } else if is(&["attempt to write a readonly database"]) {
        Kind::ReadOnly
    } else if is(&["is malformed", "malformed database schema", "file is not a database"]) {
        Kind::Corrupt
    } else if is(&["I/O error", "unable to open database", "is locked", "locking protocol"]) {
        Kind::Unavailable
    } else {
        Kind::Write
    }
}
