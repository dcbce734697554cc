//! PostgreSQL: a schema named `stunt_double` in the given database, held by one process.
//!
//! The advisory lock belongs to a session, so there is one connection, and whoever gets a new
//! one (the server was restarted, the network cut) takes the lock again before it writes. While
//! the server is away every call fails as unavailable after a bounded wait; the first call after
//! it is back succeeds.

mod greeting;
mod relay_place;
mod server_line;
#[path = "../statements.rs"]
#[expect(clippy::duplicate_mod, reason = "one text for two connection types, see statements.rs")]
mod statements;
#[cfg(test)]
mod tests;
mod tls;
mod tls_relay;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::r2d2::{self, ConnectionManager, CustomizeConnection, NopErrorHandler};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{BigInt, Bool};
use diesel::{Connection as _, PgConnection as Connection};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::error::{Kind, StoreError};
use super::migrations::{self, MigrationError};
use super::url::PostgresParameters;
use super::{AuditRecord, Batch, Store, Stored};

use self::server_line::ServerLine;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Key of the advisory lock: "stuntdbl". Locks are per database.
const LOCK_KEY: i64 = 0x7374_756e_7464_626c;

/// How long a call waits for a connection while the server is away. It is waited on the
/// persistence actor's own thread, and must leave room within the 8 s of a shutdown.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);

/// The same for a readiness probe, which by default is given a second (Kubernetes,
/// `timeoutSeconds`).
const CHECK_TIMEOUT: Duration = Duration::from_millis(500);

/// The longest a statement may take, rows come by the hundred.
const STATEMENT_TIMEOUT_MS: u32 = 5_000;

/// What the URL may set otherwise. A peer that is gone without a word is noticed within seconds:
/// libpq waits without limit by itself.
const PARAMETER_DEFAULTS: &[(&str, &str)] = &[
    ("application_name", "stunt-double"),
    ("connect_timeout", "2"), // seconds, and the least that libpq takes
    ("tcp_user_timeout", "5000"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "3"),
    ("keepalives_count", "3"),
];

/// Statements for every new connection. The keepalives are the server's side: they end the
/// session, and with it the lock, of a process whose host has vanished.
const SESSION: &[&str] = &[
    "SET search_path TO stunt_double",
    "SET client_min_messages TO warning",
    "SET tcp_keepalives_idle TO 10",
    "SET tcp_keepalives_interval TO 3",
    "SET tcp_keepalives_count TO 3",
];

type Pool = r2d2::Pool<ConnectionManager<Connection>>;
type PooledConnection = r2d2::PooledConnection<ConnectionManager<Connection>>;

pub(super) struct PostgresStore {
    pool: Pool,
    parameters: PostgresParameters,
    /// Set by the pool for each new connection, whose session does not hold the lock yet.
    unlocked: Arc<AtomicBool>,
    /// Behind the pool, whose connections lead over it.
    line: ServerLine,
}

impl PostgresStore {
    pub(super) fn open(
        parameters: &PostgresParameters,
        wait: Duration,
    ) -> Result<Self, StoreError> {
        // Tried by itself first: the pool would retry a wrong password until its time is up.
        let line = reach(parameters, wait)?;
        let unlocked = Arc::new(AtomicBool::new(true));
        let pool = pool(&line.connection_string, Session { unlocked: unlocked.clone() });
        let store = Self { pool, parameters: parameters.clone(), unlocked, line };
        let timeout = wait.max(CONNECTION_TIMEOUT);
        let mut conn = store.pool.get_timeout(timeout).map_err(|error| store.unavailable(error))?;
        store.await_lock(&mut conn, wait)?;
        store.migrate(&mut conn)?;
        Ok(store)
    }

    /// Takes the lock for this session, waiting for a predecessor that is about to exit.
    fn await_lock(&self, conn: &mut Connection, wait: Duration) -> Result<(), StoreError> {
        let wait_ms = wait.as_millis().max(1); // 0 would wait for ever
        let bounded = |conn: &mut Connection| {
            conn.batch_execute("SET statement_timeout TO 0")?;
            conn.batch_execute(&format!("SET lock_timeout TO {wait_ms}"))?;
            conn.batch_execute(&format!("SELECT pg_advisory_lock({LOCK_KEY})"))
        };
        bounded(conn).map_err(|error| match error.to_string().contains("lock timeout") {
            true => self.locked(),
            false => self.failed(&error),
        })?;
        self.unlocked.store(false, Ordering::Release);
        let timeouts = format!("SET lock_timeout TO 0; {}", statement_timeout());
        conn.batch_execute(&timeouts).map_err(|error| self.failed(&error))
    }

    /// Creates the schema or brings it to the newest version; the lock is held.
    fn migrate(&self, conn: &mut Connection) -> Result<(), StoreError> {
        if is_foreign(conn).map_err(|error| self.failed(&error))? {
            let reason = "its schema `stunt_double` belongs to another program";
            return Err(Kind::Foreign.of(&self.parameters, reason));
        }
        let migrated = conn.transaction(|conn| {
            conn.batch_execute("CREATE SCHEMA IF NOT EXISTS stunt_double")?;
            migrations::run(conn, MIGRATIONS)
        });
        migrated.map_err(|error| match error {
            MigrationError::Newer { found } => StoreError::Newer {
                database: self.parameters.to_string(),
                found,
                known: migrations::known::<Pg>(&MIGRATIONS),
            },
            MigrationError::Failed(error) => match error.downcast_ref::<Error>() {
                Some(query) => self.failed(query),
                None => Kind::Write.of(&self.parameters, error),
            },
        })
    }

    /// The connection, with the lock held by its session.
    fn connection(&self, timeout: Duration) -> Result<PooledConnection, StoreError> {
        let mut conn = self.pool.get_timeout(timeout).map_err(|error| self.unavailable(error))?;
        if self.unlocked.load(Ordering::Acquire) {
            let taken = sql::<Bool>(&format!("SELECT pg_try_advisory_lock({LOCK_KEY})"));
            match taken.get_result::<bool>(&mut *conn) {
                Ok(true) => self.unlocked.store(false, Ordering::Release),
                Ok(false) => return Err(self.locked()),
                Err(error) => return Err(self.failed(&error)),
            }
        }
        Ok(conn)
    }

    fn locked(&self) -> StoreError {
        let lock = "its session holds the advisory lock of this database".to_owned();
        StoreError::Locked { database: self.parameters.to_string(), lock }
    }

    fn unavailable(&self, error: impl ToString) -> StoreError {
        let told = self.line.told(&self.parameters, &error.to_string());
        Kind::Unavailable.of(&self.parameters, told)
    }

    fn failed(&self, error: &Error) -> StoreError {
        classify(error).of(&self.parameters, self.parameters.scrub(&error.to_string()))
    }
}

impl Drop for PostgresStore {
    /// Lets go of the lock, so that a successor need not wait for the server to end the session.
    fn drop(&mut self) {
        if let Some(mut conn) = self.pool.try_get()
            && let Err(error) = conn.batch_execute("SELECT pg_advisory_unlock_all()")
        {
            log::debug!("letting go of the lock: {}", self.parameters.scrub(&error.to_string()));
        }
    }
}

impl Store for PostgresStore {
    fn load(&mut self) -> Result<Stored, StoreError> {
        let mut conn = self.connection(CONNECTION_TIMEOUT)?;
        let mut snapshot = conn.build_transaction().repeatable_read().read_only();
        snapshot.run(statements::load).map_err(|error| self.failed(&error))
    }

    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut conn = self.connection(CONNECTION_TIMEOUT)?;
        // The first error is the cause: when the server is gone the rollback fails as well.
        let mut cause = None;
        (*conn)
            .transaction(|conn| {
                statements::write(conn, batch).inspect_err(|error| cause = Some(self.failed(error)))
            })
            .map_err(|error| cause.unwrap_or_else(|| self.failed(&error)))
    }

    fn check(&mut self) -> Result<(), StoreError> {
        self.connection(CHECK_TIMEOUT).map(drop) // the pool has just asked the server
    }

    fn audit(&mut self, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        let mut conn = self.connection(CONNECTION_TIMEOUT)?;
        statements::read_audit(&mut conn, limit).map_err(|error| self.failed(&error))
    }
}

/// Connects once, and no more.
pub(super) fn ask(parameters: &PostgresParameters) -> Result<(), StoreError> {
    ServerLine::reach(parameters, PARAMETER_DEFAULTS).map(drop)
}

/// Connects once. A server that refuses is taken at its word; one that is merely slow to answer (a
/// loaded machine, a start in the same moment) is asked again until `wait` is over.
fn reach(parameters: &PostgresParameters, wait: Duration) -> Result<ServerLine, StoreError> {
    let began = Instant::now();
    loop {
        let error = match ServerLine::reach(parameters, PARAMETER_DEFAULTS) {
            Err(error) => error,
            reached => return reached,
        };
        // libpq's words for its `connect_timeout`; diesel keeps no code.
        let is_slow = error.to_string().contains("timeout expired");
        if !is_slow || began.elapsed() >= wait {
            return Err(error);
        }
        log::info!("PostgreSQL takes its time to answer; asking again");
    }
}

/// One connection, because the lock belongs to its session; kept for as long as it works.
fn pool(url: &str, session: Session) -> Pool {
    r2d2::Pool::builder()
        .max_size(1)
        .min_idle(Some(0))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_on_check_out(true)
        .connection_timeout(CONNECTION_TIMEOUT)
        .error_handler(Box::new(NopErrorHandler)) // reported by whoever waits for the connection
        .connection_customizer(Box::new(session))
        .build_unchecked(ConnectionManager::new(url))
}

#[derive(Debug)]
struct Session {
    unlocked: Arc<AtomicBool>,
}

impl CustomizeConnection<Connection, r2d2::Error> for Session {
    fn on_acquire(&self, conn: &mut Connection) -> Result<(), r2d2::Error> {
        for statement in SESSION {
            conn.batch_execute(statement)?;
        }
        conn.batch_execute(&statement_timeout())?;
        self.unlocked.store(true, Ordering::Release);
        Ok(())
    }
}

fn statement_timeout() -> String {
    format!("SET statement_timeout TO {STATEMENT_TIMEOUT_MS}")
}

/// Whether the schema has tables and none of them is the record of our migrations.
fn is_foreign(conn: &mut Connection) -> QueryResult<bool> {
    let count = |condition: &str| {
        sql::<BigInt>(&format!(
            "SELECT count(*) FROM pg_catalog.pg_tables \
             WHERE schemaname = 'stunt_double' AND {condition}"
        ))
    };
    let tables: i64 = count("true").get_result(conn)?;
    let ours: i64 = count("tablename = '__diesel_schema_migrations'").get_result(conn)?;
    Ok(tables > 0 && ours == 0)
}

/// By diesel's kind where it has one. It keeps no SQLSTATE, so the rest is told by the server's
/// English text; with another language set on the server a full disk is reported as refused.
fn classify(error: &Error) -> Kind {
    match error {
        Error::RollbackErrorOnCommit { commit_error, .. } => classify(commit_error),
        Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => Kind::ReadOnly,
        Error::DatabaseError(
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
            _,
        )
        | Error::BrokenTransactionManager => Kind::Unavailable,
        other => classify_text(&other.to_string()),
    }
}

fn classify_text(message: &str) -> Kind {
    let is = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if is(&["No space left on device", "disk full"]) {
        Kind::Full
    } else if is(&["permission denied"]) {
        Kind::ReadOnly
    } else if is(&["invalid page in block", "could not read block"]) {
        Kind::Corrupt
    } else if is(&["terminating connection", "statement timeout", "is starting up"]) {
        Kind::Unavailable
    } else {
        Kind::Write
    }
}
