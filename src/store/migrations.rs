//! Schema versions: the embedded migrations, and which version a database has.
//!
//! A migration folder is named `NNNN_what`, and its number is the schema version that errors
//! name. diesel runs what is pending without minding what it does not know; a database with a
//! migration this build does not know is refused here instead.

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::MigrationHarness;

/// What stands between a database and this build's schema.
pub(super) enum MigrationError {
    /// The database is at `found`, above what is known.
    Newer { found: u32 },
    /// A statement failed.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl From<diesel::result::Error> for MigrationError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<Box<dyn std::error::Error + Send + Sync>> for MigrationError {
    fn from(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Failed(error)
    }
}

/// The newest schema version among the embedded migrations.
pub(super) fn known<DB: Backend>(source: &impl MigrationSource<DB>) -> u32 {
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().unwrap_or_default();
    migrations.iter().map(|m| number(&m.name().version().to_string())).max().unwrap_or_default()
}

/// Brings the database to the newest known schema; the caller holds the advisory lock.
pub(super) fn run<DB: Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: impl MigrationSource<DB>,
) -> Result<(), MigrationError> {
    let known = known(&source);
    let applied = harness.applied_migrations()?;
    let found = applied.iter().map(|v| number(&v.to_string())).max().unwrap_or_default();
    if found > known {
        return Err(MigrationError::Newer { found });
    }
    harness.run_pending_migrations(source)?;
    Ok(())
}

/// A version that is not a number was not given by this project: it counts as newest of all.
fn number(version: &str) -> u32 {
    version.parse().unwrap_or(u32::MAX)
}
