//! What needs the connection behind the store: a full disk, settings of the connection, and how
//! SQLite's messages are read.

use std::sync::Arc;

use diesel::result::DatabaseErrorKind;

use super::*;
use crate::store::{DocumentRecord, EndpointRecord};

fn endpoints(count: i64, model_bytes: usize) -> Batch {
    let endpoint = |n: i64| EndpointRecord {
        id: n.to_string(),
        mode: "inherit".to_owned(),
        observations: count,
        model: DocumentRecord { version: 1, json: "x".repeat(model_bytes) },
        ..EndpointRecord::default()
    };
    let endpoints = (0..count).map(|n| Arc::new(endpoint(n))).collect();
    Batch { endpoints, ..Batch::default() }
}

fn sorted(batch: &Batch) -> Vec<EndpointRecord> {
    let mut records: Vec<_> = batch.endpoints.iter().map(|record| (**record).clone()).collect();
    records.sort_by(|a, b| a.id.cmp(&b.id));
    records
}

#[test]
fn a_full_disk_is_told_and_the_same_batch_succeeds_when_there_is_space_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("double.db")).unwrap();
    let (small, large) = (endpoints(3, 100), endpoints(500, 10_000));
    store.write(&small).unwrap();
    store.connection().unwrap().batch_execute("PRAGMA max_page_count = 100").unwrap();
    for _ in 0..2 {
        let error = store.write(&large).unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert_eq!(store.load().unwrap().endpoints, sorted(&small));
        store.check().unwrap();
    }
    store.connection().unwrap().batch_execute("PRAGMA max_page_count = 1000000").unwrap();
    store.write(&large).unwrap();
    assert_eq!(store.load().unwrap().endpoints, sorted(&large));
}

#[test]
fn every_connection_is_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("double.db")).unwrap();
    let mut conn = store.connection().unwrap();
    assert_eq!(pragma(&mut conn, "foreign_keys"), Ok(1));
    assert_eq!(pragma(&mut conn, "synchronous"), Ok(1)); // NORMAL
    assert_eq!(pragma(&mut conn, "busy_timeout"), Ok(BUSY_TIMEOUT_MS.cast_signed()));
    assert_eq!(pragma(&mut conn, "application_id"), Ok(APPLICATION_ID));
    let mode = sql::<Text>("PRAGMA journal_mode").get_result::<String>(&mut *conn);
    assert_eq!(mode.as_deref(), Ok("wal"));
}

#[test]
fn the_bundled_library_is_without_the_wal_reset_corruption() {
    let mut conn = Connection::establish(":memory:").unwrap();
    let version: String = sql::<Text>("SELECT sqlite_version()").get_result(&mut conn).unwrap();
    let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    assert!(numbers >= vec![3, 51, 3], "SQLite {version}");
}

#[test]
fn messages_of_sqlite_are_told_apart() {
    let check = |message: &str, expected: Kind| {
        let unknown = DatabaseErrorKind::Unknown;
        let error = Error::DatabaseError(unknown, Box::new(message.to_owned()));
        assert_eq!(classify(&error), expected, "{message}");
        let on_commit = Error::RollbackErrorOnCommit {
            rollback_error: Box::new(Error::NotFound),
            commit_error: Box::new(error),
        };
        assert_eq!(classify(&on_commit), expected, "{message}");
    };
    check("database or disk is full", Kind::Full);
    check("attempt to write a readonly database", Kind::ReadOnly);
    check("database disk image is malformed", Kind::Corrupt);
    check("file is not a database", Kind::Corrupt);
    check("disk I/O error", Kind::Unavailable);
    check("unable to open database file", Kind::Unavailable);
    check("database is locked", Kind::Unavailable);
    check("no such table: endpoints", Kind::Write);
}

#[test]
fn a_busy_file_is_unavailable_and_the_batch_succeeds_once_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("double.db");
    let mut store = SqliteStore::open(&path).unwrap();
    store.connection().unwrap().batch_execute("PRAGMA busy_timeout = 1").unwrap();
    let mut other = Connection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let batch = endpoints(1, 1);
    let error = store.write(&batch).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    other.batch_execute("ROLLBACK").unwrap();
    store.write(&batch).unwrap();
    assert_eq!(store.load().unwrap().endpoints, sorted(&batch));
}
