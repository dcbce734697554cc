//! Schema versions: the embedded migrations, and which version a database has.
//!
//! A migration folder is named `NNNN_what`, or by the moment at which it was made,
//! `YYYY-MM-DD-HHMMSS_what`; the schema version that errors name is how many there are.
//! diesel runs what is pending without minding what it does not know; a database with a migration
//! this build does not know is refused here instead.

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

/// The schema version of this build: how many migrations it knows.
pub(super) fn known<DB: Backend>(source: &impl MigrationSource<DB>) -> u32 {
    u32::try_from(versions(source).len()).unwrap_or(u32::MAX)
}

fn versions<DB: Backend>(source: &impl MigrationSource<DB>) -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().unwrap_or_default();
    migrations.iter().map(|migration| migration.name().version().to_string()).collect()
}

/// Brings the database to the newest known schema; the caller holds the advisory lock.
pub(super) fn run<DB: Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: impl MigrationSource<DB>,
) -> Result<(), MigrationError> {
    let (known, versions) = (known(&source), versions(&source));
    let applied = harness.applied_migrations()?;
    let foreign = applied.iter().map(ToString::to_string).filter(|v| !versions.contains(v));
    if let Some(found) = foreign.map(|version| newer(&version, known)).max() {
        return Err(MigrationError::Newer { found });
    }
    harness.run_pending_migrations(source)?;
    Ok(())
}

/// The schema version of a migration that this build does not know: its number, where it has one
/// of its own, and in any case more than what is known.
fn newer(version: &str, known: u32) -> u32 {
    version.parse::<u32>().unwrap_or_default().max(known.saturating_add(1))
}
