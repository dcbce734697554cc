//! A database that cannot be written yet: a full disk, a read-only file or folder.
//!
//! The double starts all the same, with what could be read; every write tries to open the database
//! again, so the caller keeps what it has until there is space.

use std::time::Duration;

use super::error::StoreError;
use super::{AuditRecord, Batch, DatabaseUrl, Store, Stored, open_waiting};

/// Stands in for a database until it can be written.
pub(super) struct LateStore {
    url: DatabaseUrl,
    stored: Stored,
    opened: Option<Box<dyn Store>>,
}

impl LateStore {
    /// The database at `url`, of which `stored` could be read.
    pub(super) fn new(url: DatabaseUrl, stored: Stored) -> Self {
        Self { url, stored, opened: None }
    }

    fn opened(&mut self) -> Result<&mut Box<dyn Store>, StoreError> {
        // Taken out, so that a store is there on every way out of here but the failed one.
        let store = match self.opened.take() {
            Some(store) => store,
            None => open_waiting(&self.url, Duration::ZERO)?,
        };
        Ok(self.opened.insert(store))
    }
}

impl Store for LateStore {
    fn load(&mut self) -> Result<Stored, StoreError> {
        Ok(self.stored.clone())
    }

    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.opened()?.write(batch)
    }

    fn check(&mut self) -> Result<(), StoreError> {
        self.opened()?.check()
    }

    fn audit(&mut self, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        self.opened()?.audit(limit)
    }
}
